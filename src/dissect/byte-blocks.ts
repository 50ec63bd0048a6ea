/**
 * Memory for bytes that outlive their message, in blocks that are used again.
 * Small blocks share pages of 64 KiB with others of their size; a large one is a
 * page of its own. An empty page serves any size. All pages together are bounded.
 */
const PAGE = 1 << 16;
/** Blocks are multiples of STEP bytes, up to LARGEST_SHARED; a larger one has a page of its own. */
const STEP = 128;
const LARGEST_SHARED = 1 << 14;

export class Page {
  /** Offsets of blocks that were given back; behind `fresh` none was taken yet. */
  private readonly free: number[] = [];
  private fresh = 0;
  used = 0;
  /** Bytes of a block; 0: one block takes the whole page. */
  size = 0;

  constructor(readonly bytes: Buffer) {}

  reset(size: number): void {
    this.free.length = 0;
    this.fresh = 0;
    this.size = size;
  }

  get isFull(): boolean {
    const { size, fresh } = this;
    return this.free.length === 0 && (size === 0 ? this.used > 0 : fresh + size > this.bytes.length);
  }

  take(): number {
    this.used++;
    const known = this.free.pop();
    if (known !== undefined || this.size === 0) return known ?? 0;
    this.fresh += this.size;
    return this.fresh - this.size;
  }

  release(offset: number): void {
    this.used--;
    if (this.size > 0) this.free.push(offset);
  }
}

export class ByteBlocks {
  /** Pages with room, by the size of their blocks, in steps. */
  private readonly roomy: Page[][] = Array.from({ length: LARGEST_SHARED / STEP + 1 }, () => []);
  private readonly empty: Page[] = [];
  /** Bytes of all pages. */
  private total = 0;
  /** Where the block lies that was last taken, in its page. */
  offset = 0;

  constructor(private readonly bound: number) {}

  /** A page with a block of `length` bytes, at `offset`; null when there is no room for it. */
  take(length: number): Page | null {
    if (length > LARGEST_SHARED) return this.takeLarge(length);
    const steps = stepsOf(length);
    const pages = this.roomy[steps];
    if (pages.length === 0) {
      const page = this.emptyPage(PAGE);
      if (page === null) return null;
      page.reset(steps * STEP);
      pages.push(page);
    }
    const page = pages[pages.length - 1];
    this.offset = page.take();
    if (page.isFull) pages.pop();
    return page;
  }

  release(page: Page, offset: number): void {
    const wasFull = page.isFull;
    page.release(offset);
    if (page.size === 0) {
      this.empty.push(page);
      return;
    }
    const pages = this.roomy[page.size / STEP];
    if (wasFull) pages.push(page);
    // The last page of a size stays: its next block is taken soon.
    if (page.used > 0 || pages.length === 1) return;
    pages.splice(pages.indexOf(page), 1);
    this.empty.push(page);
  }

  private takeLarge(length: number): Page | null {
    const page = this.emptyPage(Math.ceil(length / PAGE) * PAGE);
    if (page === null) return null;
    page.reset(0);
    this.offset = page.take();
    return page;
  }

  /** A page of at least `size` bytes, and not many more, that nothing is in. */
  private emptyPage(size: number): Page | null {
    const { empty } = this;
    const fits = ({ bytes }: Page) => bytes.length >= size && bytes.length <= (size === PAGE ? size : 2 * size);
    const index = empty.findLastIndex(fits);
    if (index >= 0) return empty.splice(index, 1)[0];
    while (this.total + size > this.bound && empty.length > 0) this.total -= empty.pop()!.bytes.length;
    if (this.total + size > this.bound) return null;
    this.total += size;
    return new Page(Buffer.allocUnsafeSlow(size));
  }
}

/** How many steps a block of `length` bytes takes: above eight, by eighths of a power of two, so that not many pages are begun. */
function stepsOf(length: number): number {
  const steps = Math.max(1, Math.ceil(length / STEP));
  const unit = steps <= 8 ? 1 : 1 << (28 - Math.clz32(steps - 1));
  return Math.ceil(steps / unit) * unit;
}
