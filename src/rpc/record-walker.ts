/**
 * Record marking (RFC 5531 §11) over one direction of a TCP connection: bytes and holes in, records out.
 *
 * A record is one or more fragments, each behind a mark of four bytes: the last-fragment bit and a length. The walker
 * of a direction is in one of these states:
 *
 *   in step   It knows how many bytes of the current fragment are left. A record that lies whole in one segment is passed on
 *             in place; one that spans segments or fragments is copied together. A hole inside a fragment costs only the
 *             missing bytes: those before the record's first hole are kept, the rest is counted, and the record is passed
 *             on truncated when its last byte has passed. Nothing inside a record is ever searched for headers.
 *   scanning  A hole crossed a record boundary, or the capture began in mid-stream: it looks for the next record at any
 *             offset (record-scan.ts).
 *   given up  Nothing like RPC came within `SCAN_BUDGET`. Each record of the other direction grants another budget.
 *   stopped   What follows is TLS: no more bytes are looked at.
 *
 * The first record of a stream must look like RPC (`proven`); later ones only must not contradict it.
 *
 * Some peers never set the last-fragment bit. Such a peer is recognised by its fragments: each begins with a message's
 * header, and none was ever marked last; or a call was answered before anything came behind it. From then on each
 * fragment that is a message is a record.
 */
import { MAX_EMPTY_FRAGMENTS, MAX_RECORD, SCAN_BUDGET } from '../limits/rpc.js';
import type { Rest } from '../network/rest.js';
import { copyStamp, newStamp, type Stamp } from '../network/stamp.js';
import { read32, readInt32 } from '../xdr/bytes.js';
import type { BufferPool } from './buffer-pool.js';
import { Carriers } from './carriers.js';
import { EVIDENCE_BYTES, isChained, LEAST_HEADER, MIN_REPLY } from './evidence.js';
import { FragmentPlaces } from './fragment-places.js';
import { RecordMark } from './record-mark.js';
import { RecordScan } from './record-scan.js';
import { isMessage, looksLikeRpc, type RecordSink, type WalkerCounts } from './record-sink.js';
import { RecordStore } from './record-store.js';

const STATES = ['step', 'scan', 'idle', 'stopped'] as const;
type State = (typeof STATES)[number];

export class RecordWalker {
  /** The frames that carried the record that is being passed on. */
  readonly carriers = new Carriers();
  /** Where its fragments lie; null: nobody asks. */
  readonly places: FragmentPlaces | null;
  /** True when no fragment of the record was marked as the last. */
  unterminated = false;
  /** False: the mark of the record's last fragment was not seen, so its length is a minimum. */
  isLengthKnown = true;

  private state: State = 'scan';
  private proven = false;
  private sawLastBit = false;
  private emptyFragments = 0;

  /** The mark of the current fragment, or the next one while that is being read. */
  private readonly mark = new RecordMark();
  /** Length of the current fragment, bytes left of it, and whether it is the last of its record. */
  private fragmentLength = 0;
  private fragmentLeft = 0;
  private isLast = false;
  /** Offset in `store` of a fragment that may begin a record of its own; -1: there is none. */
  private boundary = -1;
  private boundaryCarrier: Stamp | null = null;
  /** The peer is known to never mark a last fragment. */
  private isUnmarked = false;

  /** The record being put together. `expected` is the sum of its fragments' lengths so far. */
  private readonly store: RecordStore;
  private expected = 0;
  private inRecord = false;
  /**
   * A scan found the record, and what follows it was not in sight. `rescanned`: bytes of such records
   * that were contradicted since one was not.
   */
  private isUnconfirmed = false;
  private rescanned = 0;

  /** Made when the first bytes are scanned; null in all other states. */
  private scan: RecordScan | null = null;
  /**
   * Position in the direction behind the last byte (missing bytes count); and the position of a
   * byte being walked less its index.
   */
  passed = 0;
  private ahead = 0;
  /** Position where the record being passed on ends. One that was put together ended somewhere in the last segment. */
  recordEnd = 0;

  constructor(
    readonly sink: RecordSink,
    pool: BufferPool,
    private readonly counts: WalkerCounts,
    notesPlaces = false,
  ) {
    this.store = new RecordStore(pool);
    this.places = notesPlaces ? new FragmentPlaces() : null;
  }

  /** The stream begins. `fromStart`: its first byte begins a mark, so the walker is in step. */
  begin(fromStart: boolean): void {
    this.state = fromStart ? 'step' : 'scan';
  }

  data(segment: Uint8Array, start: number, stop: number, carrier: Stamp): void {
    this.ahead = this.passed - start;
    this.passed += stop - start;
    if (this.state === 'scan' && this.isTls(segment, start, stop)) return this.sink.tls();
    let bytes = segment;
    let at = start;
    let end = stop;
    while (at < end && (this.state === 'step' || this.state === 'scan')) {
      if (this.state === 'step') {
        at = this.walk(bytes, at, end, carrier);
        continue;
      }
      this.scan ??= new RecordScan();
      const { parts } = this.scan;
      let carried = 0;
      if (this.scan.hasCarry) {
        const carry = this.scan.takeCarry();
        carried = carry.length;
        bytes = Buffer.concat([carry, bytes.subarray(at, end)]);
        this.ahead += at - carried;
        at = 0;
        end = bytes.length;
      }
      at = this.search(bytes, at, end, false);
      if (this.scan?.hasCarry) this.scan.noteCarrier(carrier, end);
      // A record that was found may begin in earlier segments.
      else if (at < carried && at + 4 + (read32(bytes, at) & 0x7fffffff) > carried)
        for (const part of parts) if (at < part.end) at = this.walk(bytes, at, part.end, part.carrier);
    }
  }

  /** `length` bytes of the stream are missing. */
  skip(length: number): void {
    if (this.state === 'scan') this.decideOnCarry();
    this.scan?.skip(length);
    const isInStep = this.state === 'step';
    const inFragment = Math.min(length, this.fragmentLeft);
    const beyond = length - inFragment;
    this.passed += inFragment;
    if (isInStep && inFragment > 0) this.skipInFragment(inFragment);
    this.passed += beyond;
    if (isInStep && beyond > 0) this.lose(beyond);
  }

  private skipInFragment(length: number): void {
    this.store.isHoled = true;
    this.fragmentLeft -= length;
    if (this.fragmentLeft === 0 && this.isLast) this.finishRecord();
  }

  /** A record came in the other direction, so a direction that was given up is scanned again. */
  wake(): void {
    if (this.state === 'idle') this.startScan();
  }

  /** TLS follows. */
  stop(): void {
    this.leaveScan('stopped');
  }

  /** True when bytes of the record being handed on were captured but not kept, to bound memory. */
  get isKeptInPart(): boolean {
    return this.store.isKeptInPart;
  }

  /** A reply to `xid` came, so the call was complete, although none of its fragments was marked as the last. */
  answered(xid: number): void {
    if (this.fragmentLeft > 0 || this.mark.bytesRead > 0 || !this.mayBeUnmarked || !this.isWholeMessage()) return;
    if (read32(this.store.bytes!, 0) === xid) this.finishUnmarked();
  }

  /** True within a record of a peer that has not marked a last fragment so far. */
  get mayBeUnmarked(): boolean {
    return this.inRecord && !this.sawLastBit && this.state === 'step';
  }

  /** True between records. */
  get isQuiet(): boolean {
    return !this.inRecord && this.mark.bytesRead === 0;
  }

  /** Writes or reads what is kept at rest. */
  keepAtRest(rest: Rest): void {
    this.state = STATES[rest.integer(STATES.indexOf(this.state))];
    this.proven = rest.flag(this.proven);
    this.sawLastBit = rest.flag(this.sawLastBit);
    this.isUnmarked = rest.flag(this.isUnmarked);
    this.emptyFragments = rest.integer(this.emptyFragments);
    this.isUnconfirmed = rest.flag(this.isUnconfirmed);
    this.rescanned = rest.integer(this.rescanned);
    this.passed = rest.integer(this.passed);
    if (rest.flag(this.scan !== null)) {
      this.scan ??= new RecordScan();
      this.scan.keepAtRest(rest);
    }
  }

  /** No more bytes come: passes on what there is of an unfinished record. `isCaptureEnd`: the stream may have gone on. */
  end(isCaptureEnd: boolean): void {
    if (this.state === 'scan') this.decideOnCarry();
    if (this.inRecord && this.state !== 'stopped') {
      if (isCaptureEnd && this.store.length < LEAST_HEADER) this.sink.lost(this);
      this.abandonRecord();
    }
    this.store.release();
  }

  // In step

  /** Walks records until the bytes end or a record is doubtful. Returns where it stopped. */
  private walk(bytes: Uint8Array, start: number, end: number, carrier: Stamp): number {
    let at = start;
    while (at < end && this.state === 'step') {
      if (this.fragmentLeft > 0) {
        at = this.take(bytes, at, end, carrier);
      } else if (this.mark.bytesRead === 0 && !this.inRecord && end - at >= 4) {
        at = this.walkFromMark(bytes, at, end, carrier);
      } else {
        at = this.readMark(bytes, at, end, carrier);
      }
    }
    return at;
  }

  /** Reads a record's first mark of which all four bytes are there. Fast path: passes on a whole record in place. */
  private walkFromMark(bytes: Uint8Array, at: number, end: number, carrier: Stamp): number {
    const mark = readInt32(bytes, at);
    const length = mark & 0x7fffffff;
    if (mark >= 0 || length > end - at - 4 || length === 0) return this.readMark(bytes, at, end, carrier);
    const message = at + 4;
    if (!this.isBelievable(bytes, message, message + length, length)) return this.doubt(at);
    this.sawLastBit = true;
    this.isUnmarked = false;
    this.carriers.setOnly(carrier);
    this.confirm();
    this.unterminated = false;
    this.proven = true;
    if (this.places !== null) {
      this.places.restart();
      this.places.note(this.expected, this.ahead + message, mark);
    }
    this.recordEnd = this.ahead + message + length;
    this.sink.record(this, bytes, message, message + length, length);
    return message + length;
  }

  private readMark(bytes: Uint8Array, at: number, end: number, carrier: Stamp): number {
    // If the peer never marks a last fragment, these bytes already belong to the next record.
    if (this.mark.bytesRead === 0 && this.mayBeUnmarked) this.carriers.remember();
    this.carriers.note(carrier);
    const fragment = this.mark.read(bytes, at, end);
    return fragment < 0 ? end : this.openFragment(fragment, carrier);
  }

  private openFragment(at: number, carrier: Stamp): number {
    const { word } = this.mark;
    const length = word & 0x7fffffff;
    const last = word < 0;
    if (length === 0 && !last && ++this.emptyFragments > MAX_EMPTY_FRAGMENTS) return this.doubt(at, this.mark.bytes);
    if (this.expected + length > MAX_RECORD) return this.doubt(at, this.mark.bytes);
    if (!this.inRecord) this.openRecord();
    else if (!last && !this.sawLastBit && this.isWholeMessage()) this.openBoundary(carrier);
    if (length > 0) this.emptyFragments = 0;
    this.places?.note(this.expected, this.ahead + at, word);
    this.fragmentLength = length;
    this.fragmentLeft = length;
    this.isLast = last;
    this.expected += length;
    if (last) this.sawLastBit = true;
    if (length === 0 && last) this.finishRecord();
    return at;
  }

  /** True when the fragments so far are a message, as far as can be told. */
  private isWholeMessage(): boolean {
    const { bytes, length, isHoled } = this.store;
    return bytes !== null && !isHoled && length >= MIN_REPLY && isMessage(this, bytes, 0, length, this.expected);
  }

  private openBoundary(carrier: Stamp): void {
    this.boundary = this.store.length;
    this.boundaryCarrier ??= newStamp();
    copyStamp(carrier, this.boundaryCarrier);
  }

  /**
   * At the first bytes of a fragment behind a whole message. If they begin a message too, the peer never marks the last
   * fragment, and the bytes before them are a record.
   */
  private splitAtBoundary(): void {
    const { store, boundary } = this;
    const { bytes, length } = store;
    if (bytes === null || (length - boundary < EVIDENCE_BYTES && this.fragmentLeft > 0)) return;
    this.boundary = -1;
    if (store.isHoled || !isMessage(this, bytes, boundary, length, this.fragmentLength)) return;
    this.isUnmarked = true;
    this.unterminated = true;
    this.proven = true;
    this.recordEnd = this.passed;
    this.carriers.recall();
    this.sink.record(this, bytes, 0, boundary, this.expected - this.fragmentLength);
    store.dropFirst(boundary);
    this.expected = this.fragmentLength;
    this.places?.splitAtLast();
    this.carriers.restart();
    this.carriers.note(this.boundaryCarrier!);
  }

  private openRecord(): void {
    this.inRecord = true;
    this.store.open();
    this.expected = 0;
    this.places?.restart();
    this.unterminated = this.isUnmarked;
    this.boundary = -1;
  }

  /** Takes bytes of the current fragment. */
  private take(bytes: Uint8Array, at: number, end: number, carrier: Stamp): number {
    const length = Math.min(this.fragmentLeft, end - at);
    this.carriers.note(carrier);
    const before = this.store.length;
    this.store.keep(bytes, at, length, this.fragmentLeft);
    this.fragmentLeft -= length;
    if (!this.proven && before < EVIDENCE_BYTES && this.isRefuted()) return this.rescan(at, before);
    if (this.boundary >= 0) this.splitAtBoundary();
    if (this.fragmentLeft === 0) {
      if (this.isUnconfirmed && !this.isConfirmed(bytes, at + length, end)) return this.rescanFound(at + length);
      if (this.isLast) this.finishRecord();
      else if (this.isUnmarked && this.mayBeUnmarked && this.isWholeMessage()) this.finishUnmarked();
    }
    return at + length;
  }

  private finishUnmarked(): void {
    this.isUnmarked = true;
    this.unterminated = true;
    this.finishRecord();
  }

  private finishRecord(): void {
    const { store, expected } = this;
    const { bytes, length } = store;
    this.inRecord = false;
    this.carriers.restart();
    this.expected = 0;
    this.confirm();
    if (bytes === null || length < LEAST_HEADER) {
      if (expected > 0) this.counts.headlessRecords++;
      if (store.isHoled) this.sink.lost(this);
    } else if (this.isBelievable(bytes, 0, length, expected)) {
      this.proven = true;
      this.recordEnd = this.passed;
      this.sink.record(this, bytes, 0, length, expected);
    } else {
      this.startScan();
    }
    store.release();
  }

  /**
   * Passes on what there is of a record whose end will not be seen. Its length is known if its last fragment had begun.
   */
  private abandonRecord(): void {
    const length = this.expected;
    this.fragmentLeft = 0;
    // Without the last fragment's mark the length is a minimum; one byte more keeps the message marked as truncated.
    if (!this.isLast && length === this.store.length && !this.isUnmarked) this.expected = length + 1;
    this.isLengthKnown = this.isLast || this.isUnmarked;
    this.finishRecord();
    this.isLengthKnown = true;
  }

  /** `length` bytes are missing from a mark on: between records, or behind the fragment that was read last. */
  private lose(length: number): void {
    const mark = this.inRecord ? undefined : this.mark.presume(length);
    if (this.inRecord) this.abandonRecord();
    this.sink.lost(this);
    this.startScan(mark);
  }

  // Belief

  private confirm(): void {
    this.isUnconfirmed = false;
    this.rescanned = 0;
  }

  private isBelievable(bytes: Uint8Array, at: number, end: number, length: number): boolean {
    if (this.proven) return end - at < 8 || read32(bytes, at + 4) <= 1;
    return looksLikeRpc(this, bytes, at, end, length);
  }

  /** True when the first bytes of an unproven record contradict RPC. */
  private isRefuted(): boolean {
    const { bytes, length } = this.store;
    if (bytes === null || length < EVIDENCE_BYTES) return false;
    return !looksLikeRpc(this, bytes, 0, length, MAX_RECORD) && !looksLikeRpc(this, bytes, 0, length, this.expected);
  }

  /** Gives up an unproven record: its bytes from earlier segments will be scanned together with what follows. */
  private rescan(at: number, before: number): number {
    const kept = Buffer.from(this.store.bytes!.subarray(0, before));
    this.drop();
    this.startScan(kept);
    return at;
  }

  /**
   * True unless what follows a record that a scan found contradicts it. Data that hold messages, as a capture of NFS that
   * is copied by NFS, have other bytes behind each of them.
   */
  private isConfirmed(bytes: Uint8Array, behind: number, end: number): boolean {
    const { store, fragmentLength, expected } = this;
    const isOneFragment = this.isLast && fragmentLength === expected && store.length === expected;
    return !isOneFragment || this.rescanned > SCAN_BUDGET || isChained(bytes, behind, end, true);
  }

  /** Scans the bytes of a contradicted record again, from behind the first byte of its mark. */
  private rescanFound(at: number): number {
    const { bytes, length } = this.store;
    this.counts.resynchronisations--;
    this.rescanned += length;
    const kept = Buffer.concat([this.mark.bytes.subarray(1), bytes!.subarray(0, length)]);
    this.drop();
    this.startScan(kept);
    return at;
  }

  /** @param carry The bytes before `at` that are to be scanned too: a mark, within which another may begin. */
  private doubt(at: number, carry?: Buffer): number {
    if (this.inRecord && this.proven) this.abandonRecord();
    else this.drop();
    this.startScan(carry);
    return at;
  }

  private drop(): void {
    this.inRecord = false;
    this.carriers.restart();
    this.fragmentLeft = 0;
    this.expected = 0;
    this.store.release();
  }

  // Out of step

  private isTls(bytes: Uint8Array, start: number, end: number): boolean {
    if (!this.sink.mayBeTls()) return false;
    this.scan ??= new RecordScan();
    return this.scan.isTls(bytes, start, end);
  }

  private startScan(carry?: Buffer): void {
    this.state = 'scan';
    this.carriers.restart();
    this.mark.bytesRead = 0;
    this.fragmentLeft = 0;
    this.emptyFragments = 0;
    this.scan = new RecordScan(carry);
  }

  /** Scans for a record. Returns where it begins, or `end`. */
  private search(bytes: Uint8Array, start: number, end: number, isAll: boolean): number {
    const { sink } = this;
    this.scan ??= new RecordScan();
    const found = this.scan.find(bytes, start, end, isAll, sink.scanContext(this));
    if (found >= 0) {
      this.counts.resynchronisations++;
      this.isUnconfirmed = true;
      this.leaveScan('step');
      return found;
    }
    if (!this.proven && this.scan.isSpent) {
      this.leaveScan('idle');
      sink.lost(this);
    }
    return end;
  }

  private leaveScan(state: State): void {
    this.state = state;
    this.scan = null;
  }

  /** The bytes behind those put aside are missing, so these are scanned as they are. */
  private decideOnCarry(): void {
    if (this.scan === null) return;
    const carrier = this.scan.parts.at(-1)?.carrier;
    const carry = this.scan.takeCarry();
    this.ahead = this.passed - carry.length;
    let at = 0;
    while (at < carry.length && this.state !== 'stopped') {
      const isInStep = this.state === 'step';
      at = isInStep ? this.walk(carry, at, carry.length, carrier!) : this.search(carry, at, carry.length, true);
    }
  }
}
