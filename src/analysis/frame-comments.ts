/**
 * Comments of frames until they are written: found by a hash over their frames in plain arrays of numbers, so that hundreds of
 * thousands take a few megabytes beside their text. That lies in pages: one buffer would be twice as large as it grows. Texts beyond the bound are counted.
 */
import { MAX_FRAME_COMMENTS } from '../limits.js';
import { ByteWriter } from '../xdr/byte-writer.js';

const NONE: readonly string[] = [];
/** A third of the comments there may be. A power of two. */
const BUCKETS = 1 << 16;
/** Comments of a page: some 200 KiB of text. */
const PAGE_BITS = 12;
const PAGE_MASK = (1 << PAGE_BITS) - 1;
const PAGE_BYTES = 1 << 16;

export class FrameComments {
  /** Comments that were too many. */
  dropped = 0;
  /** The last comment of each bucket (-1: none). */
  private readonly last = new Int32Array(BUCKETS).fill(-1);
  private readonly pages: ByteWriter[] = [];
  /** Of each comment: its frame, where its text ends in its page, and the one before it in its bucket (-1: none). */
  private readonly frames: number[] = [];
  private readonly ends: number[] = [];
  private readonly earlier: number[] = [];

  /** `text` is only asked for where there is room. */
  add(frame: number, text: () => string): void {
    if (this.ends.length >= MAX_FRAME_COMMENTS) {
      this.dropped++;
      return;
    }
    const index = this.ends.length;
    if ((index & PAGE_MASK) === 0) this.pages.push(new ByteWriter(PAGE_BYTES));
    const page = this.pages[index >> PAGE_BITS];
    page.utf8(text());
    const bucket = bucketOf(frame);
    this.frames.push(frame);
    this.earlier.push(this.last[bucket]);
    this.last[bucket] = index;
    this.ends.push(page.length);
  }

  /** Those of a frame, in order. */
  of(frame: number): readonly string[] {
    let found: string[] | null = null;
    for (let at = this.last[bucketOf(frame)]; at >= 0; at = this.earlier[at]) {
      if (this.frames[at] === frame) {
        found ??= [];
        found.unshift(this.textOf(at));
      }
    }
    return found ?? NONE;
  }

  private textOf(index: number): string {
    const start = (index & PAGE_MASK) === 0 ? 0 : this.ends[index - 1];
    return this.pages[index >> PAGE_BITS].bytes.toString('utf8', start, this.ends[index]);
  }
}

function bucketOf(frame: number): number {
  return frame & (BUCKETS - 1);
}
