/**
 * A record that spans segments or fragments, put together in a buffer of the pool, up to its first missing byte. Bytes
 * are also missing when the bound on all records left no room for them, at once or later: then the record is kept in part.
 */
import { MAX_RECORD_KEPT } from '../limits/rpc.js';
import type { BufferHolder, BufferPool } from './buffer-pool.js';

/** A record that announces no more than this gets all its room at once. */
const MODEST = 64 * 1024;
/** The same for a record that outgrows its first buffer: a READ or a WRITE of 1 MiB. What came so far makes it likely. */
const USUAL = 1024 * 1024 + 1024;
/** The bytes that a record keeps when it gives up its buffer, or finds no room: more than its header. */
const LEAST = 4096;
/**
 * The same where the pool has no room even for that, with ten thousand unfinished records: a header with an AUTH_SYS
 * credential and the beginning of the body. It is not the pool's; the flows that are kept as objects bound how many.
 */
const BARE = 512;

export class RecordStore implements BufferHolder {
  /** null: no byte was kept yet. */
  bytes: Buffer | null = null;
  length = 0;
  /** Bytes are missing; no bytes behind them are kept. */
  isHoled = false;
  /** Bytes that were captured are among the missing ones, because the bound on all records left no room for them. */
  isKeptInPart = false;
  /** `bytes` is the pool's. */
  private isPooled = true;

  constructor(private readonly pool: BufferPool) {}

  /** Begins a record. */
  open(): void {
    this.length = 0;
    this.isHoled = false;
    this.isKeptInPart = false;
  }

  /** Keeps `length` bytes; the fragment has `left` more, these included. */
  keep(bytes: Uint8Array, at: number, length: number, left: number): void {
    if (length === 0 || this.isHoled) return;
    const needed = this.length + length;
    if (needed <= MAX_RECORD_KEPT && this.reserve(needed, this.length + left)) this.append(bytes, at, length);
    else {
      this.isHoled = true;
      this.isKeptInPart = true;
      if (this.bytes === null) this.reserveLeast();
      this.append(bytes, at, Math.min(length, this.room));
    }
  }

  /** Drops the first `length` bytes. */
  dropFirst(length: number): void {
    this.bytes!.copyWithin(0, length, this.length);
    this.length -= length;
  }

  /** Returns the buffer to the pool and drops all bytes. */
  release(): void {
    if (this.bytes !== null && this.isPooled) this.pool.release(this.bytes, this);
    this.bytes = null;
    this.isPooled = true;
    this.length = 0;
    this.isKeptInPart = false;
  }

  giveUp(): void {
    const { bytes, length } = this;
    if (bytes === null) return;
    this.release();
    this.isHoled = true;
    this.isKeptInPart = true;
    this.reserveLeast();
    this.append(bytes, 0, Math.min(length, LEAST, this.room));
  }

  private reserveLeast(): void {
    const least = this.pool.take(LEAST, this);
    this.isPooled = least !== null;
    this.bytes = least ?? Buffer.allocUnsafeSlow(BARE);
  }

  /** Bytes that the buffer still has room for. */
  private get room(): number {
    return Math.min(this.bytes!.length, MAX_RECORD_KEPT) - this.length;
  }

  private append(bytes: Uint8Array, at: number, length: number): void {
    // Not `subarray`: for a Buffer that is code of Node, as much again for V8 to compile.
    this.bytes!.set(new Uint8Array(bytes.buffer, bytes.byteOffset + at, length), this.length);
    this.length += length;
  }

  private reserve(needed: number, announced: number): boolean {
    const { bytes, length } = this;
    if (bytes !== null && needed <= bytes.length) return true;
    // Room for the whole fragment if it is usual; otherwise the buffer grows with the bytes that really came.
    const isUsual = announced <= (bytes === null ? MODEST : USUAL);
    const wanted = isUsual ? announced : Math.min(announced, Math.max(needed, length * 2));
    const grown = this.pool.take(Math.max(needed, Math.min(wanted, MAX_RECORD_KEPT)), this);
    if (grown === null) return false;
    if (bytes !== null) {
      bytes.copy(grown, 0, 0, length);
      this.pool.recycle(bytes);
    }
    this.bytes = grown;
    return true;
  }
}
