/**
 * Bytes of a waiting exchange, in blocks outside of V8's heap. On the heap they would
 * live just long enough to get into the old generation and leave holes in it. The
 * owner must release them. Where all blocks are taken they get a buffer of their own.
 */
import type { ByteBlocks, Page } from '../../dissect/byte-blocks.js';

const NOTHING = Buffer.alloc(0);

export class KeptBytes {
  private bytes: Buffer;
  private readonly at: number;
  private page: Page | null;

  constructor(
    private readonly blocks: ByteBlocks,
    readonly length: number,
  ) {
    this.page = blocks.take(length);
    this.bytes = this.page?.bytes ?? Buffer.allocUnsafe(length);
    this.at = this.page === null ? 0 : blocks.offset;
  }

  /** Copies the first `length` bytes of `source` to offset `at`. */
  write(source: Uint8Array, length: number, at: number): void {
    this.bytes.set(source.subarray(0, length), this.at + at);
  }

  /** A view of the bytes from `start` to `end`, valid until `release`. */
  part(start: number, end: number): Buffer {
    return this.bytes.subarray(this.at + start, this.at + end);
  }

  text(start: number, end: number): string {
    return this.bytes.toString('utf8', this.at + start, this.at + end);
  }

  /** True if both begin with the same `length` bytes. */
  beginsLike(other: KeptBytes, length: number): boolean {
    const { bytes, at } = this;
    return bytes.compare(other.bytes, other.at, other.at + length, at, at + length) === 0;
  }

  /** Frees the bytes; they must not be used after that. */
  release(): void {
    if (this.page !== null) this.blocks.release(this.page, this.at);
    this.page = null;
    this.bytes = NOTHING;
  }
}
