/**
 * The queue between the code that reads a capture file and the code that parses its frames: one buffer, filled
 * at its end and consumed at its start. It refuses to hold more than MAX_QUEUED unread bytes, so that no parser
 * can wait for gigabytes by mistake.
 */
import { MAX_QUEUED } from '../limits/capture.js';

const SMALLEST_BUFFER = 16 * 1024;

export class ByteQueue {
  /** The unread bytes are `bytes[position..limit)`. A view of them is valid until the next `reserve` or `append`. */
  bytes: Buffer = Buffer.alloc(0);
  /** Readers advance this as they consume bytes. */
  position = 0;
  limit = 0;
  /** Offset in the file of `bytes[0]`. */
  private base = 0;

  /** Offset in the (uncompressed) file of `position`, in bytes. */
  get consumed(): number {
    return this.base + this.position;
  }

  get unread(): number {
    return this.limit - this.position;
  }

  /** Returns a view of `length` bytes to write into; `commit` then makes the written bytes readable. */
  reserve(length: number): Uint8Array {
    if (this.position === this.limit) this.compact();
    if (this.bytes.length - this.limit < length) this.makeRoom(length);
    return this.bytes.subarray(this.limit, this.limit + length);
  }

  commit(length: number): void {
    this.limit += length;
  }

  append(chunk: Uint8Array): void {
    this.reserve(chunk.length).set(chunk);
    this.commit(chunk.length);
  }

  private makeRoom(length: number): void {
    if (this.unread > MAX_QUEUED) throw new RangeError(`${this.unread} bytes are queued and none are read`);
    const needed = this.unread + length;
    if (needed > this.bytes.length) this.grow(needed);
    else this.compact();
  }

  private grow(needed: number): void {
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.bytes.length, SMALLEST_BUFFER));
    this.bytes.copy(grown, 0, this.position, this.limit);
    this.bytes = grown;
    this.rebase();
  }

  private compact(): void {
    this.bytes.copyWithin(0, this.position, this.limit);
    this.rebase();
  }

  private rebase(): void {
    this.base += this.position;
    this.limit -= this.position;
    this.position = 0;
  }
}
