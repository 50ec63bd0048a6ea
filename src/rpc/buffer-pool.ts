/** Buffers for records that span segments, in powers of two, used again: a capture makes millions of such records. */
import { MAX_FREE_RECORDS, MAX_RECORDS_TOTAL } from '../limits.js';

const SMALLEST_BITS = 12;
const LARGEST_BITS = 23;

export class BufferPool {
  private readonly free: Buffer[][] = Array.from({ length: LARGEST_BITS + 1 }, () => []);
  private taken = 0;
  private freeBytes = 0;

  /** A buffer of at least `length` bytes (at most 8 MiB), or null when the bound of all records together is reached. */
  take(length: number): Buffer | null {
    const bits = Math.max(SMALLEST_BITS, 32 - Math.clz32(length - 1));
    const size = 1 << bits;
    if (bits > LARGEST_BITS || this.taken + size > MAX_RECORDS_TOTAL) return null;
    this.taken += size;
    const free = this.free[bits].pop();
    if (free === undefined) return Buffer.allocUnsafeSlow(size);
    this.freeBytes -= size;
    return free;
  }

  release(buffer: Buffer): void {
    const { length } = buffer;
    this.taken -= length;
    if (this.freeBytes + length > MAX_FREE_RECORDS) return;
    this.freeBytes += length;
    this.free[31 - Math.clz32(length)].push(buffer);
  }
}
