/**
 * The scan for the next record of a stream that is out of step: behind a hole that crossed a record
 * boundary, in a capture that begins in mid-stream, or where a mark cannot be one. Every offset is tried;
 * evidence.ts says which bytes must be there.
 *
 * A decision may need bytes that have not come. The undecided bytes at the end of a segment are put aside and
 * scanned again together with the next segment. A stream without RPC may be TLS, so the headers of TLS
 * records are followed meanwhile (tls.ts).
 */
import { MAX_SCANNED_SEGMENTS, SCAN_BUDGET } from '../limits/rpc.js';
import type { Rest } from '../network/rest.js';
import { copyStamp, keepStampAtRest, newStamp, type Stamp } from '../network/stamp.js';
import { read32 } from '../xdr/bytes.js';
import { EVIDENCE_BYTES, isRecord, MIN_REPLY, NO, type ScanContext, YES } from './evidence.js';
import { TlsHeaders } from './tls.js';

const NOTHING = Buffer.alloc(0);

/** A segment of undecided bytes, and where it ends, counted from the first of them. */
interface Part {
  readonly carrier: Stamp;
  end: number;
}

export class RecordScan {
  /** The segments of the undecided bytes, in the order of the stream; none of those given to the constructor. */
  readonly parts: Part[] = [];
  private scanned = 0;
  private tlsHeaders: TlsHeaders | null = null;

  /** @param carry Undecided bytes of earlier segments. */
  constructor(private carry: Buffer = NOTHING) {}

  /**
   * The offset of a record's mark in `bytes[start..end)`; -1: there is none, and the undecided bytes were put aside.
   * `isAll`: no more bytes follow these, so none are undecided.
   */
  find(bytes: Uint8Array, start: number, end: number, isAll: boolean, context: ScanContext): number {
    scanForRecord(bytes, start, end, isAll, context, result);
    const { found, at } = result;
    this.scanned += at - start;
    if (found < 0) this.carry = Buffer.from(bytes.subarray(at, end));
    return found;
  }

  /** So many bytes were scanned in vain that a stream without any record is given up. */
  get isSpent(): boolean {
    return this.scanned > SCAN_BUDGET;
  }

  get hasCarry(): boolean {
    return this.carry.length > 0;
  }

  /** Removes and returns the bytes that were put aside. `parts` are theirs until others are noted. */
  takeCarry(): Buffer {
    const { carry } = this;
    this.carry = NOTHING;
    return carry;
  }

  /**
   * Notes the segment that ended the bytes just put aside. They are the last ones of `end` bytes: those that were
   * carried, and behind them the segment's.
   */
  noteCarrier(carrier: Stamp, end: number): void {
    const { parts } = this;
    const decided = end - this.carry.length;
    let last: Part | undefined = parts.length === MAX_SCANNED_SEGMENTS ? parts.pop() : undefined;
    for (const part of parts) part.end -= decided;
    while (parts.length > 0 && parts[0].end <= 0) last = parts.shift();
    last ??= { carrier: newStamp(), end: 0 };
    last.end = this.carry.length;
    copyStamp(carrier, last.carrier);
    parts.push(last);
  }

  /** Follows the headers of TLS records through the next bytes. True: they are TLS. */
  isTls(bytes: Uint8Array, start: number, end: number): boolean {
    this.tlsHeaders ??= new TlsHeaders();
    return this.tlsHeaders.take(bytes, start, end);
  }

  /** `length` bytes of the stream are missing. No undecided bytes are left. */
  skip(length: number): void {
    this.parts.length = 0;
    this.tlsHeaders?.skip(length);
  }

  /** Writes or reads what is kept at rest. */
  keepAtRest(rest: Rest): void {
    this.scanned = rest.integer(this.scanned);
    this.carry = rest.bytes(this.carry);
    const count = rest.integer(this.hasCarry ? this.parts.length : 0);
    this.parts.length = count;
    for (let index = 0; index < count; index++) {
      this.parts[index] ??= { carrier: newStamp(), end: 0 };
      const part = this.parts[index];
      keepStampAtRest(part.carrier, rest);
      part.end = rest.integer(part.end);
    }
    if (rest.flag(this.tlsHeaders !== null)) {
      this.tlsHeaders ??= new TlsHeaders();
      this.tlsHeaders.keepAtRest(rest);
    }
  }
}

/**
 * The result of a scan: the offset of a record's mark or -1, and the first offset that is undecided for want of bytes.
 */
interface Scan {
  found: number;
  at: number;
}

const result: Scan = { found: -1, at: 0 };

/**
 * Looks for a record mark with a message behind it, at any offset. If there is none (`found` is -1), the bytes
 * before `at` are not needed again.
 */
function scanForRecord(
  bytes: Uint8Array,
  from: number,
  end: number,
  isAll: boolean,
  context: ScanContext,
  result: Scan,
): void {
  const last = isAll ? end : end - 4 - EVIDENCE_BYTES;
  result.found = -1;
  for (let at = from; at <= end - 4 - MIN_REPLY; at++) {
    // Cheap first: words 2 and 3 behind the mark are the type (0 or 1) and rpcvers 2 or a reply_stat.
    if (bytes[at + 8] !== 0 || bytes[at + 9] !== 0 || bytes[at + 10] !== 0 || bytes[at + 11] > 1) continue;
    if (bytes[at + 12] !== 0 || bytes[at + 13] !== 0 || bytes[at + 14] !== 0 || bytes[at + 15] > 2) continue;
    // A short message is decided on once all of it is there.
    if (at > last && (read32(bytes, at) & 0x7fffffff) > end - at - 4) continue;
    const verdict = isRecord(bytes, at, end, isAll, context);
    if (verdict === NO) continue;
    if (verdict === YES) result.found = at;
    result.at = at;
    return;
  }
  result.at = isAll ? end : Math.max(from, last + 1);
}
