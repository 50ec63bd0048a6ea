/**
 * Comments of frames until they are written: texts in one buffer, those of a frame in a chain, so that hundreds of thousands take a few
 * megabytes. Texts beyond the bound are counted.
 */
import { MAX_FRAME_COMMENTS } from '../limits.js';
import { ByteWriter } from '../xdr/byte-writer.js';

const NONE: readonly string[] = [];

export class FrameComments {
  /** Comments that were too many. */
  dropped = 0;
  /** By frame: its last comment. */
  private readonly last = new Map<number, number>();
  private readonly text = new ByteWriter(1 << 16);
  /** Of each comment: where its text ends, and the one before it of the same frame (-1: none). */
  private readonly ends: number[] = [];
  private readonly earlier: number[] = [];

  /** `text` is only asked for where there is room. */
  add(frame: number, text: () => string): void {
    if (this.ends.length >= MAX_FRAME_COMMENTS) {
      this.dropped++;
      return;
    }
    this.text.utf8(text());
    this.earlier.push(this.last.get(frame) ?? -1);
    this.last.set(frame, this.ends.length);
    this.ends.push(this.text.length);
  }

  /** Those of a frame, in order. */
  of(frame: number): readonly string[] {
    const last = this.last.get(frame);
    if (last === undefined) return NONE;
    const found: string[] = [];
    for (let at = last; at >= 0; at = this.earlier[at]) {
      found.unshift(this.text.bytes.toString('utf8', at === 0 ? 0 : this.ends[at - 1], this.ends[at]));
    }
    return found;
  }
}
