/**
 * Bytes that outlive their message, in blocks that are used again: small ones share pages of 64 KiB with others of their size, a large
 * one is a page of its own. A page that is empty serves any size. All pages together are bounded.
 */
const PAGE = 1 << 16;
const SMALLEST_BITS = 8;
/** Larger ones have a page of their own. */
const LARGEST_SHARED_BITS = 14;

export class Page {
  /** Offsets of blocks that were given back; behind `fresh` none was taken yet. */
  private readonly free: number[] = [];
  private fresh = 0;
  used = 0;
  /** Bits of a block's size; 0: one block takes it all. */
  bits = 0;

  constructor(readonly bytes: Buffer) {}

  reset(bits: number): void {
    this.free.length = 0;
    this.fresh = 0;
    this.bits = bits;
  }

  get isFull(): boolean {
    return this.free.length === 0 && (this.bits === 0 ? this.used > 0 : this.fresh === this.bytes.length);
  }

  take(): number {
    this.used++;
    const known = this.free.pop();
    if (known !== undefined || this.bits === 0) return known ?? 0;
    this.fresh += 1 << this.bits;
    return this.fresh - (1 << this.bits);
  }

  release(offset: number): void {
    this.used--;
    if (this.bits > 0) this.free.push(offset);
  }
}

export class ByteBlocks {
  /** Pages with room, by the bits of their blocks' size. */
  private readonly roomy: Page[][] = Array.from({ length: LARGEST_SHARED_BITS + 1 }, () => []);
  private readonly empty: Page[] = [];
  /** Bytes of all pages. */
  private total = 0;
  /** Where the block lies that was last taken, in its page. */
  offset = 0;

  constructor(private readonly bound: number) {}

  /** A page with a block of `length` bytes, at `offset`; null when there is no room for it. */
  take(length: number): Page | null {
    const bits = Math.max(SMALLEST_BITS, 32 - Math.clz32(length - 1));
    if (bits > LARGEST_SHARED_BITS) return this.takeLarge(length);
    const pages = this.roomy[bits];
    if (pages.length === 0) {
      const page = this.emptyPage(PAGE);
      if (page === null) return null;
      page.reset(bits);
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
    if (page.bits === 0) {
      this.empty.push(page);
      return;
    }
    const pages = this.roomy[page.bits];
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
