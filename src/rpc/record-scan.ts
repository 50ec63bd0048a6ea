/**
 * The scan for the next record of a stream that is out of step: behind a hole that crossed a record's boundary, in a capture that begins
 * in mid-stream, or where a mark cannot be one. Every offset is looked at; what must stand there says evidence.ts.
 *
 * A decision may take bytes that have not come: what is undecided at the end of a segment is put aside, and looked at again with what
 * follows it. A stream in which no RPC is found may be TLS, whose record headers are followed meanwhile (tls.ts).
 */
import { SCAN_BUDGET } from '../limits.js';
import type { Rest } from '../network/rest.js';
import { copyStamp, keepStampAtRest, newStamp, type Stamp } from '../network/stamp.js';
import { read32 } from '../xdr/bytes.js';
import { EVIDENCE_BYTES, isRecord, MIN_REPLY, NO, type ScanContext, YES } from './evidence.js';
import { TlsHeaders } from './tls.js';

/** What undecided bytes may take at rest: those of one segment are fewer, unless their mark is short of a record. */
const MOST_CARRIED = 1024;

const NOTHING = Buffer.alloc(0);

export class RecordScan {
  /** Of the segment that ended the undecided bytes; made with the first ones. */
  carrier: Stamp | null = null;
  private scanned = 0;
  private tlsHeaders: TlsHeaders | null = null;

  /** @param carry Bytes of earlier segments that are not decided on. */
  constructor(private carry: Buffer = NOTHING) {}

  /** Where in `bytes[start..end)` a record's mark is; -1: nowhere, and what is undecided was put aside. */
  find(bytes: Uint8Array, start: number, end: number, context: ScanContext): number {
    scanForRecord(bytes, start, end, context, result);
    const { found, at } = result;
    this.scanned += at - start;
    if (found < 0) this.carry = Buffer.from(bytes.subarray(at, end));
    return found;
  }

  /** So much was searched in vain that a stream without a record is worth no more. */
  get isSpent(): boolean {
    return this.scanned > SCAN_BUDGET;
  }

  get hasCarry(): boolean {
    return this.carry.length > 0;
  }

  /** Takes the bytes that were put aside; there are none then. */
  takeCarry(): Buffer {
    const { carry } = this;
    this.carry = NOTHING;
    return carry;
  }

  /** The segment whose bytes were last put aside. */
  noteCarrier(carrier: Stamp): void {
    this.carrier ??= newStamp();
    copyStamp(carrier, this.carrier);
  }

  /** Follows the record headers of TLS through the next bytes. True: that is what they are. */
  isTls(bytes: Uint8Array, start: number, end: number): boolean {
    this.tlsHeaders ??= new TlsHeaders();
    return this.tlsHeaders.take(bytes, start, end);
  }

  /** Bytes are missing. */
  skip(length: number): void {
    this.tlsHeaders?.skip(length);
  }

  /** True where few bytes are undecided. */
  get isQuiet(): boolean {
    return this.carry.length <= MOST_CARRIED;
  }

  /** What is known at rest. */
  keepAtRest(rest: Rest): void {
    this.scanned = rest.integer(this.scanned);
    this.carry = rest.bytes(this.carry);
    if (this.hasCarry) {
      this.carrier ??= newStamp();
      keepStampAtRest(this.carrier, rest);
    }
    if (rest.flag(this.tlsHeaders !== null)) {
      this.tlsHeaders ??= new TlsHeaders();
      this.tlsHeaders.keepAtRest(rest);
    }
  }
}

/** Where a record may begin; `at` is the first offset that is not decided, for want of bytes. */
interface Scan {
  found: number;
  at: number;
}

const result: Scan = { found: -1, at: 0 };

/**
 * Looks for a record mark with a message behind it, at any offset. `found` is the mark's offset or -1; then what lies before `at` can
 * be forgotten.
 */
function scanForRecord(bytes: Uint8Array, from: number, end: number, context: ScanContext, result: Scan): void {
  const last = context.isAll ? end : end - 4 - EVIDENCE_BYTES;
  result.found = -1;
  for (let at = from; at <= end - 4 - MIN_REPLY; at++) {
    // Cheap first: words 2 and 3 behind the mark are the type (0 or 1) and rpcvers 2 or a reply_stat.
    if (bytes[at + 8] !== 0 || bytes[at + 9] !== 0 || bytes[at + 10] !== 0 || bytes[at + 11] > 1) continue;
    if (bytes[at + 12] !== 0 || bytes[at + 13] !== 0 || bytes[at + 14] !== 0 || bytes[at + 15] > 2) continue;
    // A short message is decided on when all of it is there.
    if (at > last && (read32(bytes, at) & 0x7fffffff) > end - at - 4) continue;
    const verdict = isRecord(bytes, at, end, context);
    if (verdict === NO) continue;
    if (verdict === YES) result.found = at;
    result.at = at;
    return;
  }
  result.at = context.isAll ? end : Math.max(from, last + 1);
}
