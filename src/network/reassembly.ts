/**
 * The bytes of a TCP connection in their order: what came before its turn waits, what stays missing becomes a hole.
 *
 * Each direction is a sequence space with one next expected number. A segment ahead of it waits (copied) in a bounded, sorted
 * buffer; bytes behind it were seen before and are dropped and counted. A hole is handed on as `skip(n)`, when
 *   - the frame itself was cut by a snaplen (its length is in the headers),
 *   - the peer acknowledged bytes that stay unseen for a grace of packets or time: the receiver had them, the capture
 *     did not (the grace is there because frames swap, and interfaces of one capture interleave),
 *   - a bound of the buffer is reached, or the peer was never seen and cannot acknowledge,
 *   - the connection or the input ends.
 * A direction whose SYN was not seen begins with the first segment that is known to follow what the peer has: its own earlier numbers
 * or the peer's acknowledgements tell. Until then segments wait, because frames swap at the beginning of a capture too.
 * Where nothing was seen behind a hole and its bytes come after all, the directions were captured apart, by clocks that differ: they are handed on, and
 * from then on the grace is one of time.
 * While acknowledged bytes are missing, what the other direction sends waits too, so that no reply overtakes its call.
 * A segment far outside of any window is kept, and believed only when the next one continues it, or the peer acknowledges it to its last byte: it
 * comes behind a hole of GiBs, or on a new connection of the same ports whose SYN was not captured. Sequence numbers wrap; all comparisons are differences modulo 2^32.
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
} from '../limits.js';
import { copyBytes } from '../xdr/bytes.js';
import { type Direction, opposite } from './flow.js';
import type { Rest } from './rest.js';
import { precedes, SequenceSpace, type WaitingSegment } from './sequence-space.js';
import { copyStamp, newStamp, type Stamp } from './stamp.js';
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

  /** True where time makes a hole of what is missing. */
  get isTimed(): boolean {
    return this.sides.some((side) => side.gapPacket >= 0 && (!side.started || side.acknowledgedGap > 0));
  }

  /** What is known at rest. */
  keepAtRest(rest: Rest): void {
    this.packets = rest.integer(this.packets);
    for (const side of this.sides) side.keepAtRest(rest);
  }

  /** A direction begins; `fromStart`: with its first byte. */
  start(direction: Direction, side: SequenceSpace, next: number, fromStart: boolean): void {
    side.start(next);
    this.sink.begin(direction, fromStart);
  }

  /** `side` is the direction whose bytes are acknowledged; `by` the one that acknowledges. */
  acknowledge(direction: Direction, side: SequenceSpace, acknowledgement: number, by: SequenceSpace): void {
    if (!side.started) {
      // The first acknowledgement of a connection whose other SYN was seen fixes where the unseen SYN's bytes begin.
      if (by.initial !== null && !side.seen) this.start(direction, side, acknowledgement, true);
      else this.acknowledgeUnstarted(direction, side, acknowledgement);
      return;
    }
    const ahead = (acknowledgement - side.next) | 0;
    // Who did not answer the SYN yet acknowledges what went before it, on the connection that it takes the ports of (RFC 5961 §4).
    if (ahead <= 0 || ahead > (side.initial !== null && !by.started ? MAX_FIRST_WINDOW : MAX_SEQUENCE_JUMP)) return;
    side.acknowledge(acknowledgement);
    if (side.acknowledgedGap > 0) this.noteGap(side);
  }

  /** True for a segment outside of any window: by its number, or by what it acknowledges where it seems to be sent again. */
  isFar(direction: Direction, { sequence, acknowledgement }: Segment): boolean {
    const side = this.sides[direction];
    if (side.isFar(sequence)) return true;
    const isBehind = side.started && ((sequence - side.next) | 0) < 0;
    return isBehind && !this.sides[direction ^ 1].mayHave(acknowledgement);
  }

  /** @param isFar As it was known before what the segment acknowledges was believed. */
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

  /** What was given up comes after all, from `sequence` on: one side of the capture lags behind the other, and is waited for from now on. */
  private goBack(side: SequenceSpace, sequence: number): void {
    const behind = (side.next - sequence) | 0;
    this.context.counts.missingBytes -= behind;
    if (behind === side.unseen) this.context.counts.holes--;
    this.context.lags = true;
    side.next = sequence;
    side.unseen = 0;
    this.noteNextGap(side);
  }

  /** Begins a direction without its SYN where it is known that nothing earlier comes; else the segment waits. */
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

  /** What the peer has of a segment that waits, it can only have with all that was before it. */
  private acknowledgeUnstarted(direction: Direction, side: SequenceSpace, acknowledgement: number): void {
    side.reach(acknowledgement);
    const first = side.waiting[0];
    if (first !== undefined && ((acknowledgement - first.sequence) | 0) >= 0) this.startWaiting(direction, side);
  }

  /** Begins a direction with the first of its segments that wait. */
  private startWaiting(direction: Direction, side: SequenceSpace): void {
    this.start(direction, side, side.waiting[0].sequence, false);
    this.noteNextGap(side);
    this.drain();
  }

  /**
   * True for a segment that acknowledges bytes of the other direction that are missing: a reply would overtake its call, so what
   * answers waits until the gap is filled or a hole.
   */
  private isHeld(direction: Direction, acknowledgement: number): boolean {
    const peer = this.sides[direction ^ 1];
    if (peer.gapPacket < 0 || ((acknowledgement - peer.next) | 0) <= 0) return false;
    return peer.acknowledgedGap > 0;
  }

  /** A segment of which the first `seen` bytes, or all, passed before. */
  private receiveDue(direction: Direction, side: SequenceSpace, segment: Segment, seen: number): void {
    if (seen >= segment.length) {
      this.context.counts.retransmittedSegments++;
      this.sink.retransmission(direction, seen, segment.length);
      return;
    }
    const start = Math.min(segment.start + seen, segment.end);
    this.deliver(direction, side, segment.bytes, start, segment.end, segment.length - seen, this.context.now);
  }

  /** A segment outside of any window: the second one, if it continues the first, or one to keep. */
  private receiveFar(direction: Direction, side: SequenceSpace, segment: Segment): void {
    if (!this.believeFar(direction, side, segment.sequence)) return this.keepFar(side, segment);
    this.deliver(direction, side, segment.bytes, segment.start, segment.end, segment.length, this.context.now);
  }

  /** Hands on the one that was kept if it ends at `end`: who knows that continues it, or has it. False: it does not. */
  believeFar(direction: Direction, side: SequenceSpace, end: number): boolean {
    const { far } = side;
    if (far === null || ((far.sequence + far.length) | 0) !== end) return false;
    this.forgetFar(side);
    while (side.waiting.length > 0) this.giveUpFirst(direction);
    // What it answers comes before it.
    const { waiting } = this.sides[direction ^ 1];
    if (waiting.length > 0 && ((far.acknowledgement - waiting[0].sequence) | 0) > 0)
      this.giveUpFirst(opposite(direction));
    this.context.counts.holes++;
    this.sink.skip(direction, MAX_SEQUENCE_JUMP);
    side.next = far.sequence;
    side.hasAcknowledgement = false;
    this.deliver(direction, side, far.bytes, 0, far.bytes.length, far.length, far.carrier);
    return true;
  }

  /** Without room for its bytes they are missing, as those that a snaplen cut. */
  private keepFar(side: SequenceSpace, segment: Segment): void {
    this.forgetFar(side);
    const hasRoom = this.context.waitingBytes < MAX_WAITING_TOTAL;
    side.far = this.copy(hasRoom ? segment : { ...segment, end: segment.start });
    this.noteGap(side);
  }

  private forgetFar(side: SequenceSpace): void {
    if (side.far !== null) this.context.waitingBytes -= side.far.bytes.length + WAITING_OVERHEAD;
    side.far = null;
  }

  /** Hands on the next bytes of a direction: `length` on the wire, of which `bytes[start..end)` were captured. */
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
    if (cut > 0) this.skip(direction, cut);
    if (side.gapPacket < 0) return;
    // What was missing came: what still is has a grace of its own.
    this.noteNextGap(side);
    this.drain();
  }

  private skip(direction: Direction, length: number): void {
    this.context.counts.holes++;
    this.context.counts.missingBytes += length;
    this.sink.skip(direction, length);
  }

  /** Keeps a segment that came before its turn, without the bytes that passed or wait already. */
  private wait(direction: Direction, side: SequenceSpace, segment: Segment): void {
    const sequence = side.firstNew(segment.sequence);
    const seen = (sequence - segment.sequence) | 0;
    const length = segment.length - seen;
    if (length <= 0) {
      this.context.counts.retransmittedSegments++;
      return;
    }
    const start = Math.min(segment.start + seen, segment.end);
    side.keep(this.copy({ ...segment, sequence, start, length }));
    this.noteGap(side);
    while (this.isOverBound(side)) this.giveUpFirst(direction);
  }

  /** A segment with bytes of its own, which count among those that wait. */
  private copy({ sequence, acknowledgement, bytes, start, end, length }: Segment): WaitingSegment {
    const { now, origins } = this.context;
    const carrier = newStamp();
    copyStamp(now, carrier);
    const own = copyBytes(bytes, start, end);
    this.context.waitingBytes += own.length + WAITING_OVERHEAD;
    origins?.copied(bytes, start, end, own);
    return { sequence, acknowledgement, bytes: own, length, carrier, packet: this.packets };
  }

  /** Waits no longer for what keeps the first waiting segment of a direction: a gap before it, or one of the other direction. */
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
      side.waiting.length > 0 &&
      (side.waitingBytes > MAX_WAITING_BYTES ||
        side.waiting.length > MAX_WAITING_SEGMENTS ||
        this.context.waitingBytes > MAX_WAITING_TOTAL)
    );
  }

  private noteGap(side: SequenceSpace): void {
    if (side.gapPacket >= 0) return;
    side.gapPacket = this.packets;
    side.gapSeconds = this.context.now.seconds;
  }

  /** Declares the hole of a direction whose bytes are missing for their grace. */
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

  /** Declares the bytes before the first waiting segment missing; unless `all`, only those the peer acknowledged. */
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
      this.skip(direction, length);
      if (goesOn) this.context.counts.holes--;
    }
    this.noteNextGap(side);
    this.drain();
  }

  /** The gap behind the one that was filled or given up is as old as the segment that showed it. What was far then came from somebody else. */
  private noteNextGap(side: SequenceSpace): void {
    this.forgetFar(side);
    side.gapPacket = -1;
    const first = side.waiting[0];
    if (first !== undefined) {
      side.gapPacket = first.packet;
      side.gapSeconds = first.carrier.seconds;
    } else if (side.acknowledgedGap > 0) {
      this.noteGap(side);
    }
  }

  /** Hands on waiting segments that are due. */
  drain(): void {
    if (this.isDraining) return;
    this.isDraining = true;
    for (let direction = this.nextDue(); direction !== null; direction = this.nextDue()) {
      this.deliverWaiting(direction, this.sides[direction]);
    }
    this.isDraining = false;
  }

  /** The direction whose first waiting segment can be handed on; null when there is none. */
  private nextDue(): Direction | null {
    const [one, other] = this.sides;
    // Nothing is missing before either, whatever they acknowledge.
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

  /** A direction's bytes end at `sequence`; the FIN's own number, where the peer acknowledged it before, is none that is missing. */
  noteFinish(side: SequenceSpace, sequence: number): void {
    const isMissing = side.acknowledgedGap > 0;
    side.noteFinish(sequence);
    if (!isMissing || side.acknowledgedGap > 0) return;
    this.noteNextGap(side);
    this.drain();
  }

  /** The bytes that are missing for their grace are a hole now, if all that are missing are. */
  giveUpLate(): void {
    const { seconds } = this.context.now;
    const isLate = (side: SequenceSpace) => side.gapPacket < 0 || seconds - side.gapSeconds > GAP_GRACE_SECONDS;
    if (this.sides.every(isLate)) this.giveUpAll();
  }

  /** No more segments come: declares what is still missing, and hands on what waited. */
  finish(): void {
    this.giveUpAll();
    for (const direction of [0, 1] as const) {
      const side = this.sides[direction];
      this.forgetFar(side);
      if (!side.started) continue;
      // A FIN tells of all bytes before it, as an acknowledgement would.
      if (side.finish !== null) side.acknowledge(side.finish);
      if (side.acknowledgedGap > 0) this.declareHole(direction, side, true);
    }
  }

  /** Waits for nothing any longer. */
  private giveUpAll(): void {
    for (let direction = this.oldestGap(); direction !== null; direction = this.oldestGap()) {
      this.giveUpFirst(direction);
    }
  }

  /** The direction whose first waiting segment came first; null when nothing waits. */
  private oldestGap(): Direction | null {
    const [a, b] = this.sides.map((side) => side.waiting[0]?.carrier.order ?? Number.POSITIVE_INFINITY);
    if (a === Number.POSITIVE_INFINITY && b === Number.POSITIVE_INFINITY) return null;
    return a <= b ? 0 : 1;
  }
}
