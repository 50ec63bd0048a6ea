/**
 * Reused buffers, in powers of two, for records that span segments: a capture has millions of such records. When
 * all buffers together reach the bound, records that have not grown for long must give up theirs: their
 * connection is silent, or their length was a lie. If all records grow, the newest gets no more memory, so that
 * those that began first are completed.
 */
import { MAX_FREE_RECORDS, MAX_RECORDS_TOTAL, SILENT_RECORD } from '../limits.js';

const SMALLEST_BITS = 12;
const LARGEST_BITS = 23;
/** Holders of smaller buffers are never asked to give up: there is little to gain, and many to look at. */
const LARGE_BITS = 16;

/** Holds a buffer of the pool. */
export interface BufferHolder {
  /** Releases the buffer and makes do with less. */
  giveUp(): void;
}

export class BufferPool {
  private readonly free: Buffer[][] = Array.from({ length: LARGEST_BITS + 1 }, () => []);
  /** Holders of a large buffer, the one that took it longest ago first, with the value of `asked` at that time. */
  private readonly holders = new Map<BufferHolder, number>();
  private asked = 0;
  private taken = 0;
  private freeBytes = 0;

  /** @param bound Bytes of all buffers together, free ones included. */
  constructor(private readonly bound = MAX_RECORDS_TOTAL) {}

  /**
   * A buffer of at least `length` bytes (at most 8 MiB); null when the bound does not allow it. A buffer that
   * `holder` already has stays its own.
   */
  take(length: number, holder: BufferHolder): Buffer | null {
    const bits = Math.max(SMALLEST_BITS, 32 - Math.clz32(length - 1));
    if (bits > LARGEST_BITS) return null;
    const size = 1 << bits;
    const isLarge = bits >= LARGE_BITS;
    const isCrowded = this.taken + size > this.bound;
    if (isLarge || isCrowded) this.asked++;
    if (isCrowded && !this.makeRoom(size, holder)) return null;
    this.taken += size;
    if (isLarge) {
      this.holders.delete(holder);
      this.holders.set(holder, this.asked);
    }
    const free = this.free[bits].pop();
    if (free !== undefined) {
      this.freeBytes -= size;
      return free;
    }
    if (this.taken + this.freeBytes > this.bound) this.dropFree();
    return Buffer.allocUnsafeSlow(size);
  }

  /** Takes back the only buffer of a holder. */
  release(buffer: Buffer, holder: BufferHolder): void {
    this.holders.delete(holder);
    this.recycle(buffer);
  }

  /** Takes back a buffer whose holder has a larger one now. */
  recycle(buffer: Buffer): void {
    const { length } = buffer;
    this.taken -= length;
    if (this.freeBytes + length > MAX_FREE_RECORDS) return;
    this.freeBytes += length;
    this.free[31 - Math.clz32(length)].push(buffer);
  }

  private makeRoom(size: number, forWhom: BufferHolder): boolean {
    for (const [holder, since] of this.holders) {
      if (this.taken + size <= this.bound || this.asked - since < SILENT_RECORD) break;
      if (holder !== forWhom) holder.giveUp();
    }
    return this.taken + size <= this.bound;
  }

  private dropFree(): void {
    for (const buffers of this.free) buffers.length = 0;
    this.freeBytes = 0;
  }
}
