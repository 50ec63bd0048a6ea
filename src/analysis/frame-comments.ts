/**
 * Comments of frames, kept until the frames are written: the number of each message that a frame
 * completed, and its summary. They are found by a hash of the frame, in pages of plain numbers, so
 * that hundreds of thousands take a few megabytes beside their texts. A text that recurs is stored
 * once: without file names a capture has a few dozen texts. Comments beyond the bound are counted.
 */
import { MAX_FRAME_COMMENTS } from '../limits/export.js';
import { ByteWriter } from '../xdr/byte-writer.js';

const NONE: readonly string[] = [];
/** About a third of MAX_FRAME_COMMENTS. A power of two. */
const BUCKETS = 1 << 16;
/** Comments, or texts, of a page. A single array or buffer would double its size as it grows. */
const PAGE_BITS = 12;
const PAGE_MASK = (1 << PAGE_BITS) - 1;
const PAGE_BYTES = 1 << 16;
/** How many recent texts are searched for one that is the same. */
const RECENT_TEXTS = 1024;

// Words of a comment.
const WORDS = 4;
const FRAME = 0;
const MESSAGE = 1;
const TEXT = 2;
/** The previous comment of the same bucket, counted from 1; 0: none. */
const EARLIER = 3;

export class FrameComments {
  /** Comments beyond the bound. */
  dropped = 0;
  private count = 0;
  /** The last comment of each bucket, counted from 1; 0: none. */
  private readonly last = new Uint32Array(BUCKETS);
  private readonly pages: Uint32Array[] = [];
  private readonly texts = new PagedTexts();

  /** @param text Returns the message's summary; called only if there is room. */
  add(frame: number, message: number, text: () => string): void {
    if (this.count >= MAX_FRAME_COMMENTS) {
      this.dropped++;
      return;
    }
    const index = this.count++;
    if ((index & PAGE_MASK) === 0) this.pages.push(new Uint32Array(WORDS << PAGE_BITS));
    const bucket = frame & (BUCKETS - 1);
    const words = [frame, message, this.texts.add(text()), this.last[bucket]];
    this.pages[index >> PAGE_BITS].set(words, WORDS * (index & PAGE_MASK));
    this.last[bucket] = index + 1;
  }

  /** The comments of a frame, in order: `message 7: NFS v3 call LOOKUP a.txt`. */
  of(frame: number): readonly string[] {
    let found: string[] | null = null;
    for (let next = this.last[frame & (BUCKETS - 1)]; next > 0; ) {
      const page = this.pages[(next - 1) >> PAGE_BITS];
      const at = WORDS * ((next - 1) & PAGE_MASK);
      if (page[at + FRAME] === frame) {
        found ??= [];
        found.unshift(`message ${page[at + MESSAGE]}: ${this.texts.get(page[at + TEXT])}`);
      }
      next = page[at + EARLIER];
    }
    return found ?? NONE;
  }
}

/** Texts, found by their number. */
class PagedTexts {
  private readonly pages: ByteWriter[] = [];
  /** Where each text ends in its page. */
  private readonly ends: number[] = [];
  private readonly recent = new Map<string, number>();

  /** Returns the text's number. */
  add(text: string): number {
    const known = this.recent.get(text);
    if (known !== undefined) return known;
    const index = this.ends.length;
    if ((index & PAGE_MASK) === 0) this.pages.push(new ByteWriter(PAGE_BYTES));
    const page = this.pages[index >> PAGE_BITS];
    page.utf8(text);
    this.ends.push(page.length);
    if (this.recent.size >= RECENT_TEXTS) this.recent.clear();
    this.recent.set(text, index);
    return index;
  }

  get(index: number): string {
    const start = (index & PAGE_MASK) === 0 ? 0 : this.ends[index - 1];
    return this.pages[index >> PAGE_BITS].bytes.toString('utf8', start, this.ends[index]);
  }
}
