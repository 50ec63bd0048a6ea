/**
 * Reusable buffers for records that span segments: a capture has millions of such records. The sizes are powers of two
 * with room for a header, because the data of a READ or a WRITE is mostly a power of two. When all records together need
 * more than the bound, records that have not grown for long give up their buffers: their connection is silent, or their
 * length was a lie. Where all records grow, the newest gets no more, so that the oldest can be completed. Large buffers
 * leave a part of the bound to small ones, so that every record keeps at least its header.
 */
import { MAX_FREE_RECORDS, MAX_RECORDS_TOTAL, SILENT_RECORD } from '../limits/rpc.js';

const SMALLEST_BITS = 12;
const LARGEST_BITS = 23;
/** Holders of smaller buffers are never asked to give up: there is little to gain, and many to look at. */
const LARGE_BITS = 16;
/** Room beside the power of two, for the RPC header and what else surrounds the data of a READ or a WRITE. */
const HEADER_ROOM = 1024;
/** The part of the bound that is left to small buffers, as a divisor. */
const SMALL_SHARE = 16;
/** The number of buffers taken after which free buffers that none of them needed are dropped. */
const TRIM_INTERVAL = 256;

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
  /** Free bytes that none of the last `takes` buffers needed. */
  private unusedBytes = 0;
  private takes = 0;

  /** @param bound Bytes of all buffers together, free ones included. */
  constructor(private readonly bound = MAX_RECORDS_TOTAL) {}

  /**
   * A buffer of at least `length` bytes (at most 8 MiB); null when the bound does not allow it. A buffer that
   * `holder` already has stays its own.
   */
  take(length: number, holder: BufferHolder): Buffer | null {
    const bits = Math.max(SMALLEST_BITS, 32 - Math.clz32(Math.max(0, length - HEADER_ROOM - 1)));
    if (bits > LARGEST_BITS) return null;
    const size = (1 << bits) + HEADER_ROOM;
    const isLarge = bits >= LARGE_BITS;
    const bound = isLarge ? this.bound - this.bound / SMALL_SHARE : this.bound;
    const isCrowded = this.taken + size > bound;
    if (isLarge || isCrowded) this.asked++;
    if (isCrowded && !this.makeRoom(size, bound, holder)) return null;
    if (++this.takes === TRIM_INTERVAL) this.trim();
    this.taken += size;
    if (isLarge) {
      this.holders.delete(holder);
      this.holders.set(holder, this.asked);
    }
    const free = this.free[bits].pop();
    if (free !== undefined) {
      this.freeBytes -= size;
      this.unusedBytes = Math.min(this.unusedBytes, this.freeBytes);
      return free;
    }
    this.dropFree(this.taken + this.freeBytes - this.bound);
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
    this.freeBytes += length;
    this.free[31 - Math.clz32(length - HEADER_ROOM)].push(buffer);
  }

  private makeRoom(size: number, bound: number, forWhom: BufferHolder): boolean {
    for (const [holder, since] of this.holders) {
      if (this.taken + size <= bound || this.asked - since < SILENT_RECORD) break;
      if (holder !== forWhom) holder.giveUp();
    }
    return this.taken + size <= bound;
  }

  /** Drops what was free all the time since the last trim, down to what is kept for the next records. */
  private trim(): void {
    this.dropFree(this.unusedBytes - MAX_FREE_RECORDS);
    this.takes = 0;
    this.unusedBytes = this.freeBytes;
  }

  /** Drops free buffers of at least so many bytes, the smallest first: they cost least to make again. */
  private dropFree(bytes: number): void {
    let left = bytes;
    for (const buffers of this.free) {
      while (left > 0 && buffers.length > 0) {
        const { length } = buffers.pop()!;
        left -= length;
        this.freeBytes -= length;
      }
    }
    this.unusedBytes = Math.min(this.unusedBytes, this.freeBytes);
  }
}
