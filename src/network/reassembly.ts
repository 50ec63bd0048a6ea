/**
 * The bytes of a TCP connection in order: a segment ahead of its turn waits; bytes that stay missing become a hole.
 *
 * Each direction is a sequence space with one next expected number. A segment ahead of it is copied
 * into a bounded, sorted buffer; bytes behind it were seen before, so they are dropped and counted. A
 * hole is passed on as `skip(n)` when
 *   - the frame itself was cut by a snaplen (the length is in the headers),
 *   - the peer acknowledged bytes that stay unseen for a grace of packets or time: the receiver had them, the capture
 *     did not (the grace is needed because frames swap, and interfaces of one capture interleave),
 *   - a bound of the buffer is reached, or the peer was never seen and cannot acknowledge,
 *   - the connection or the input ends.
 * While acknowledged bytes are missing, segments of the other direction that acknowledge them wait too, so
 * that no reply overtakes its call.
 *
 * A direction whose SYN was not captured begins with the first segment known to follow what the peer has, by
 * earlier numbers of its own or by the peer's acknowledgements. Until then segments wait, because frames
 * also swap where a capture begins.
 *
 * If nothing was seen behind a hole and its bytes come after all, the directions were captured apart, by clocks that
 * differ. The bytes are then passed on, and from then on the grace is one of time alone.
 *
 * A segment far outside of any window is kept. It is believed only when the next one continues it, or the
 * peer acknowledges its last byte: it follows a hole of GiBs, or belongs to a new connection of the same
 * ports whose SYN was not captured.
 */
import {
  GAP_GRACE_PACKETS,
  GAP_GRACE_SECONDS,
  MAX_FIRST_WINDOW,
  MAX_SEQUENCE_JUMP,
  MAX_WAITING_BYTES,
  MAX_WAITING_SEGMENTS,
  MAX_WAITING_TOTAL,
  ONE_SIDED_GRACE_PACKETS,
  WAITING_OVERHEAD,
} from '../limits/network.js';
import { copyBytes } from '../xdr/bytes.js';
import { type Direction, opposite } from './flow.js';
import type { Rest } from './rest.js';
import { precedes, SequenceSpace, type WaitingSegment } from './sequence-space.js';
import { copyStamp, firstPlace, newStamp, type Stamp } from './stamp.js';
import { ENDED_SINK, type StreamSink } from './stream.js';
import type { Segment, TcpContext } from './tcp.js';

export class Reassembly {
  readonly sides: readonly [SequenceSpace, SequenceSpace] = [new SequenceSpace(), new SequenceSpace()];
  sink: StreamSink = ENDED_SINK;
  /** Packets of the connection so far. */
  packets = 0;
  private isDraining = false;

  constructor(private readonly context: TcpContext) {}

  /** True when nothing is missing and nothing waits. */
  get isQuiet(): boolean {
    return this.sides[0].isQuiet && this.sides[1].isQuiet;
  }

  get isWaiting(): boolean {
    return this.sides[0].waiting.length > 0 || this.sides[1].waiting.length > 0;
  }

  /** True when missing bytes would become a hole by time alone. */
  get isTimed(): boolean {
    return this.sides.some((side) => side.gapPacket >= 0 && (!side.started || side.acknowledgedGap > 0));
  }

  /** Writes or reads what is kept at rest. */
  keepAtRest(rest: Rest): void {
    this.packets = rest.integer(this.packets);
    for (const side of this.sides) side.keepAtRest(rest);
  }

  /** Begins a direction; `fromStart`: with its first byte. */
  start(direction: Direction, side: SequenceSpace, next: number, fromStart: boolean): void {
    side.start(next);
    this.sink.begin(direction, fromStart);
  }

  /** Notes an acknowledgement; `side` is the direction of the acknowledged bytes, `by` the one that acknowledges. */
  acknowledge(direction: Direction, side: SequenceSpace, acknowledgement: number, by: SequenceSpace): void {
    if (!side.started) {
      // The peer's SYN was captured, and this first acknowledgement shows where the bytes behind the missing SYN begin.
      if (by.initial !== null && !side.seen) this.start(direction, side, acknowledgement, true);
      else this.acknowledgeUnstarted(direction, side, acknowledgement);
      return;
    }
    const ahead = (acknowledgement - side.next) | 0;
    // Before it answers a SYN, the peer may acknowledge bytes of the earlier connection with these ports (RFC 5961 §4).
    if (ahead <= 0 || ahead > (side.initial !== null && !by.started ? MAX_FIRST_WINDOW : MAX_SEQUENCE_JUMP)) return;
    side.acknowledge(acknowledgement);
    if (side.acknowledgedGap > 0) this.noteGap(side);
  }

  /**
   * True for a segment outside of any window: by its number, or, if it looks like a resend, by what it acknowledges.
   */
  isFar(direction: Direction, { sequence, acknowledgement }: Segment): boolean {
    const side = this.sides[direction];
    if (side.isFar(sequence)) return true;
    const isBehind = side.started && ((sequence - side.next) | 0) < 0;
    return isBehind && !this.sides[direction ^ 1].mayHave(acknowledgement);
  }

  /** @param isFar What `isFar` answered before the segment's acknowledgement was taken in. */
  receive(direction: Direction, side: SequenceSpace, segment: Segment, isFar: boolean): void {
    if (!side.started && !this.join(direction, side, segment)) return;
    if (isFar || side.isFar(segment.sequence)) return this.receiveFar(direction, side, segment);
    if (side.isLagging(segment.sequence)) this.goBack(side, segment.sequence);
    const ahead = (segment.sequence - side.next) | 0;
    if (ahead + segment.length > 0 && this.isHeld(direction, segment.acknowledgement)) {
      this.wait(direction, side, segment);
      this.drain();
    } else if (ahead <= 0) {
      this.receiveDue(direction, side, segment, -ahead);
    } else {
      this.wait(direction, side, segment);
    }
  }

  /**
   * Goes back to bytes that were given up but come after all. One direction lags behind the other
   * and is waited for from now on.
   */
  private goBack(side: SequenceSpace, sequence: number): void {
    const behind = (side.next - sequence) | 0;
    this.context.counts.missingBytes -= behind;
    if (behind === side.unseen) this.withdrawHole();
    this.context.lags = true;
    side.acknowledge(side.next);
    side.next = sequence;
    side.unseen = 0;
    this.noteNextGap(side);
  }

  /**
   * Begins a direction without its SYN if nothing earlier can come; otherwise the segment waits.
   * @returns True: it has begun.
   */
  private join(direction: Direction, side: SequenceSpace, segment: Segment): boolean {
    const first = side.waiting[0];
    if (first !== undefined && Math.abs((segment.sequence - first.sequence) | 0) > MAX_SEQUENCE_JUMP) {
      this.startWaiting(direction, side);
      return true;
    }
    if (first === undefined && side.reached !== null && ((segment.sequence - side.reached) | 0) <= 0) {
      this.start(direction, side, segment.sequence, false);
      return true;
    }
    this.wait(direction, side, segment);
    return false;
  }

  /**
   * The peer acknowledges a direction that has not begun. If that covers a waiting segment, all
   * bytes before it have been sent too.
   */
  private acknowledgeUnstarted(direction: Direction, side: SequenceSpace, acknowledgement: number): void {
    side.reach(acknowledgement);
    const first = side.waiting[0];
    if (first !== undefined && ((acknowledgement - first.sequence) | 0) >= 0) this.startWaiting(direction, side);
  }

  /** Begins a direction with the first of its waiting segments. */
  private startWaiting(direction: Direction, side: SequenceSpace): void {
    this.start(direction, side, side.waiting[0].sequence, false);
    this.noteNextGap(side);
    this.drain();
  }

  /**
   * True for a segment that acknowledges missing bytes of the other direction. It waits until they came or are a hole,
   * because a reply must not overtake its call.
   */
  private isHeld(direction: Direction, acknowledgement: number): boolean {
    const peer = this.sides[direction ^ 1];
    if (peer.gapPacket < 0 || ((acknowledgement - peer.next) | 0) <= 0) return false;
    return peer.acknowledgedGap > 0;
  }

  /** Takes a segment whose first `seen` bytes, or all, passed before. */
  private receiveDue(direction: Direction, side: SequenceSpace, segment: Segment, seen: number): void {
    if (seen > 0) this.noteResent(direction, segment, seen);
    if (seen >= segment.length) return;
    const start = Math.min(segment.start + seen, segment.end);
    this.deliver(direction, side, segment.bytes, start, segment.end, segment.length - seen, this.context.now);
  }

  /**
   * Counts a segment of which bytes came before, and tells the sink of those that passed: they begin `behind` bytes before
   * the next expected one. A single such byte does not count: a keep-alive may carry one (RFC 9293 §3.8.4), and what a
   * probe of a closed window carried is sent again (§3.8.6.1).
   */
  private noteResent(direction: Direction, { length, isFuller }: Segment, behind: number): void {
    if (behind === 1 || isFuller) return;
    this.context.counts.retransmittedSegments++;
    if (behind > 0) this.sink.retransmission(direction, behind, Math.min(behind, length));
  }

  /** A segment outside of any window: passed on if it continues the one that was kept, else kept itself. */
  private receiveFar(direction: Direction, side: SequenceSpace, segment: Segment): void {
    if (!this.believeFar(direction, side, segment.sequence)) return this.keepFar(side, segment);
    this.deliver(direction, side, segment.bytes, segment.start, segment.end, segment.length, this.context.now);
  }

  /**
   * Passes on the segment that was kept if it ends at `end`, a number that its sender or the peer just
   * confirmed. False: it does not.
   */
  believeFar(direction: Direction, side: SequenceSpace, end: number): boolean {
    const { far } = side;
    if (far === null || ((far.sequence + far.length) | 0) !== end) return false;
    this.forgetFar(side);
    while (side.waiting.length > 0) this.giveUpFirst(direction);
    // What the segment answers must pass before it.
    const { waiting } = this.sides[direction ^ 1];
    if (waiting.length > 0 && ((far.acknowledgement - waiting[0].sequence) | 0) > 0)
      this.giveUpFirst(opposite(direction));
    this.countHole(far.carrier);
    this.sink.skip(direction, MAX_SEQUENCE_JUMP);
    side.next = far.sequence;
    side.hasAcknowledgement = false;
    this.deliver(direction, side, far.bytes, 0, far.bytes.length, far.length, far.carrier);
    return true;
  }

  /** Keeps a far segment; without room only its length, as if a snaplen had cut all of it. */
  private keepFar(side: SequenceSpace, segment: Segment): void {
    this.dropFar(side);
    const hasRoom = this.context.waitingBytes < MAX_WAITING_TOTAL;
    side.far = this.copy(hasRoom ? segment : { ...segment, end: segment.start });
    this.noteGap(side);
  }

  /** Counts a far segment that nothing confirmed: its bytes are not read. */
  private dropFar(side: SequenceSpace): void {
    const { counts } = this.context;
    if (side.far !== null && side.far.length > 0) {
      counts.straySegments++;
      counts.firstStray = firstPlace(counts.firstStray, side.far.carrier);
    }
    this.forgetFar(side);
  }

  private forgetFar(side: SequenceSpace): void {
    if (side.far !== null) this.context.waitingBytes -= side.far.bytes.length + WAITING_OVERHEAD;
    side.far = null;
  }

  /** Passes on the next bytes of a direction: `length` on the wire, of which `bytes[start..end)` were captured. */
  deliver(
    direction: Direction,
    side: SequenceSpace,
    bytes: Uint8Array,
    start: number,
    end: number,
    length: number,
    carrier: Stamp,
  ): void {
    side.next = (side.next + length) | 0;
    if (end > start) this.sink.data(direction, bytes, start, end, carrier);
    const cut = length - (end - start);
    if (cut > 0) this.skip(direction, cut, carrier);
    if (side.gapPacket < 0) return;
    // Missing bytes came. What is still missing has a grace of its own.
    this.noteNextGap(side);
    this.drain();
  }

  /** @param carrier The frame behind the missing bytes, or that was cut. */
  private skip(direction: Direction, length: number, carrier: Stamp): void {
    this.countHole(carrier);
    this.context.counts.missingBytes += length;
    this.sink.skip(direction, length);
  }

  private countHole(carrier: Stamp): void {
    const { counts } = this.context;
    counts.holes++;
    counts.firstHole = firstPlace(counts.firstHole, carrier);
  }

  private withdrawHole(): void {
    const { counts } = this.context;
    counts.holes--;
    if (counts.holes === 0) counts.firstHole = null;
  }

  /** Copies a segment that is ahead of its turn, without bytes that passed or wait already. */
  private wait(direction: Direction, side: SequenceSpace, segment: Segment): void {
    const sequence = side.firstNew(segment.sequence);
    const seen = (sequence - segment.sequence) | 0;
    const length = segment.length - seen;
    if (seen > 0) this.noteResent(direction, segment, side.started ? (side.next - segment.sequence) | 0 : 0);
    if (length <= 0) return;
    const start = Math.min(segment.start + seen, segment.end);
    side.keep(this.copy({ ...segment, sequence, start, length }));
    this.noteGap(side);
    while (this.isOverBound(side)) this.giveUpFirst(direction);
  }

  /** A segment with a copy of its bytes, which counts among those that wait. */
  private copy({ sequence, acknowledgement, bytes, start, end, length }: Segment): WaitingSegment {
    const { now, origins } = this.context;
    const carrier = newStamp();
    copyStamp(now, carrier);
    const own = copyBytes(bytes, start, end);
    this.context.waitingBytes += own.length + WAITING_OVERHEAD;
    origins?.copied(bytes, start, end, own);
    return { sequence, acknowledgement, bytes: own, length, carrier, packet: this.packets };
  }

  /**
   * Stops waiting for what delays the first waiting segment of a direction: a gap before it,
   * or one in the other direction.
   */
  private giveUpFirst(direction: Direction): void {
    const side = this.sides[direction];
    const first = side.waiting[0];
    const other = opposite(direction);
    this.declareHole(direction, side, true);
    if (side.waiting[0] === first) this.declareHole(other, this.sides[other], true);
    if (side.waiting[0] === first) this.deliverWaiting(direction, side);
  }

  private isOverBound(side: SequenceSpace): boolean {
    return (
      side.waiting.length > 0 && (side.waitingBytes > MAX_WAITING_BYTES || side.waiting.length > MAX_WAITING_SEGMENTS)
    );
  }

  /** Passes on waiting segments, the oldest first, while too many bytes wait over all connections. */
  makeRoom(): void {
    while (this.context.waitingBytes > MAX_WAITING_TOTAL) {
      const direction = this.oldestGap();
      if (direction === null) return;
      this.giveUpFirst(direction);
    }
  }

  private noteGap(side: SequenceSpace): void {
    if (side.gapPacket >= 0) return;
    side.gapPacket = this.packets;
    side.gapSeconds = this.context.now.seconds;
  }

  /** Declares a direction's missing bytes a hole once their grace has passed. */
  checkGap(direction: Direction, side: SequenceSpace): void {
    while (side.gapPacket >= 0) {
      const waited = this.packets - side.gapPacket;
      const isPassed = waited > GAP_GRACE_PACKETS && !this.context.lags;
      const isLate = isPassed || this.context.now.seconds - side.gapSeconds > GAP_GRACE_SECONDS;
      if (!side.started) {
        if (isLate) this.startWaiting(direction, side);
        return;
      }
      const isOneSided = !this.sides[direction ^ 1].seen && waited > ONE_SIDED_GRACE_PACKETS;
      if (side.hasNext || !((isLate && side.acknowledgedGap > 0) || (isOneSided && side.waiting.length > 0))) return;
      this.declareHole(direction, side, isOneSided);
    }
  }

  /**
   * Declares the bytes before the first waiting segment a hole; unless `all`, only those that the peer acknowledged.
   */
  private declareHole(direction: Direction, side: SequenceSpace, all: boolean): void {
    if (!side.started) {
      if (side.waiting.length > 0) this.startWaiting(direction, side);
      return;
    }
    const acknowledged = side.acknowledgedGap;
    let length = side.waiting.length > 0 ? (side.waiting[0].sequence - side.next) | 0 : acknowledged;
    if (!all && acknowledged < length) length = acknowledged;
    if (length > 0) {
      const goesOn = side.waiting.length === 0 && side.giveUpUnseen(length);
      side.next = (side.next + length) | 0;
      this.skip(direction, length, side.waiting[0]?.carrier ?? this.context.now);
      if (goesOn) this.withdrawHole();
    }
    this.noteNextGap(side);
    this.drain();
  }

  /**
   * Finds the next gap of a direction, which is as old as the segment that showed it. A far segment was
   * not confirmed, so it is forgotten.
   */
  private noteNextGap(side: SequenceSpace): void {
    this.dropFar(side);
    side.gapPacket = -1;
    const first = side.waiting[0];
    if (first !== undefined) {
      side.gapPacket = first.packet;
      side.gapSeconds = first.carrier.seconds;
    } else if (side.acknowledgedGap > 0) {
      this.noteGap(side);
    } else {
      // 2 GiB later its number would lie ahead again.
      side.hasAcknowledgement = false;
    }
  }

  /** Passes on waiting segments whose turn has come. */
  drain(): void {
    if (this.isDraining) return;
    this.isDraining = true;
    for (let direction = this.nextDue(); direction !== null; direction = this.nextDue()) {
      this.deliverWaiting(direction, this.sides[direction]);
    }
    this.isDraining = false;
  }

  /** The direction whose first waiting segment can be passed on; null: neither. */
  private nextDue(): Direction | null {
    const [one, other] = this.sides;
    // Neither has a gap before it, so neither is held; they only need an order.
    if (one.hasNext && other.hasNext) return precedes(one.waiting[0], other.waiting[0]) ? 0 : 1;
    if (this.isDue(0)) return 0;
    return this.isDue(1) ? 1 : null;
  }

  private isDue(direction: Direction): boolean {
    const side = this.sides[direction];
    return side.hasNext && !this.isHeld(direction, side.waiting[0].acknowledgement);
  }

  private deliverWaiting(direction: Direction, side: SequenceSpace): void {
    const entry = side.release();
    this.context.waitingBytes -= entry.bytes.length + WAITING_OVERHEAD;
    const seen = (side.next - entry.sequence) | 0;
    if (seen >= entry.length) return this.noteNextGap(side);
    const start = Math.min(seen, entry.bytes.length);
    this.deliver(direction, side, entry.bytes, start, entry.bytes.length, entry.length - seen, entry.carrier);
  }

  /**
   * Notes where a direction's bytes end. If only the FIN's own number was acknowledged and missing, the gap is closed.
   */
  noteFinish(side: SequenceSpace, sequence: number): void {
    const isMissing = side.acknowledgedGap > 0;
    side.noteFinish(sequence);
    if (!isMissing || side.acknowledgedGap > 0) return;
    this.noteNextGap(side);
    this.drain();
  }

  /** Declares all missing bytes a hole if the grace in time has passed for all of them. */
  giveUpLate(): void {
    const { seconds } = this.context.now;
    const isLate = (side: SequenceSpace) => side.gapPacket < 0 || seconds - side.gapSeconds > GAP_GRACE_SECONDS;
    if (this.sides.every(isLate)) this.giveUpAll();
  }

  /** Declares what is missing a hole and passes on what waited: no more segments come. */
  finish(): void {
    this.giveUpAll();
    for (const direction of [0, 1] as const) {
      const side = this.sides[direction];
      this.dropFar(side);
      if (!side.started) continue;
      // A FIN shows that all bytes before it were sent, as an acknowledgement would.
      if (side.finish !== null) side.acknowledge(side.finish);
      if (side.acknowledgedGap > 0) this.declareHole(direction, side, true);
    }
  }

  /** Passes on all waiting segments, with holes where bytes are missing. */
  private giveUpAll(): void {
    for (let direction = this.oldestGap(); direction !== null; direction = this.oldestGap()) {
      this.giveUpFirst(direction);
    }
  }

  /** The direction whose first waiting segment came first; null when none waits. */
  private oldestGap(): Direction | null {
    const [a, b] = this.sides.map((side) => side.waiting[0]?.carrier.order ?? Number.POSITIVE_INFINITY);
    if (a === Number.POSITIVE_INFINITY && b === Number.POSITIVE_INFINITY) return null;
    return a <= b ? 0 : 1;
  }
}
