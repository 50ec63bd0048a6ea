/**
 * TCP (RFC 9293): turns the segments of a flow into a run of bytes with declared holes, for each incarnation of the
 * connection and each direction. This file knows where a connection begins (SYN), ends (FIN, RST) and begins again; the
 * order of the bytes is in reassembly.ts.
 *
 * Frames swap, so a reply captured behind an RST may have been sent before it. A connection that was reset is therefore
 * listened to for some more frames, fewer while another connection begins. And not every RST is the end: one far from
 * the window is ignored by its receiver (RFC 9293 §3.5.2), and a sender of more bytes behind its own RST has not ended.
 *
 * The fast path is a segment in order: its bytes are passed on where they lie in the frame. Checksums are not verified,
 * because offload leaves them wrong in honest captures.
 */

import {
  GAP_GRACE_PACKETS,
  GAP_GRACE_SECONDS,
  MAX_FIRST_WINDOW,
  MAX_SYN_SECONDS,
  MAX_WAITING_BYTES,
  MAX_WAITING_TOTAL,
  RESET_GRACE_FRAMES,
} from '../limits/network.js';
import type { NetworkCounts } from './counts.js';
import { type Direction, type Flow, opposite } from './flow.js';
import type { Origins } from './origins.js';
import { Reassembly } from './reassembly.js';
import { Rest } from './rest.js';
import type { SequenceSpace } from './sequence-space.js';
import type { Stamp } from './stamp.js';
import type { EndReason, StreamSink } from './stream.js';

export const FIN = 1;
const SYN = 2;
const RST = 4;
const ACK = 16;

/** A TCP segment as the IP layer gives it. One object is reused for all. */
export interface Segment {
  sequence: number;
  acknowledgement: number;
  flags: number;
  /** As in the header, not scaled. */
  window: number;
  bytes: Uint8Array;
  /** The captured payload is `bytes[start..end)`; `length` is the payload's length on the wire. */
  start: number;
  end: number;
  length: number;
  /** A copy of a packet that was captured before, cut by a shorter snaplen. */
  isFuller: boolean;
}

/**
 * What all connections share: the frame being read, the maker of sinks, the bytes that wait
 * in all, and the lists below.
 */
export interface TcpContext {
  readonly now: Stamp;
  open(flow: Flow): StreamSink;
  /** Makes the sink of a connection that was at rest. null: sinks cannot be put to rest. */
  reopen: ((flow: Flow, rest: Rest) => StreamSink) | null;
  waitingBytes: number;
  /**
   * True once the directions are known to be captured apart, one lagging: then the grace of
   * missing bytes is one of time alone.
   */
  lags: boolean;
  /**
   * Connections that were reset and are still listened to. `opened` is the order of the frame that
   * opened the newest connection.
   */
  readonly resets: Set<TcpConnection>;
  opened: number;
  /** Connections with missing bytes that become a hole by time alone, even if no more packets come. */
  readonly missing: Set<TcpConnection>;
  /** Connections of which segments wait, those that wait longest first. */
  readonly waiting: Set<TcpConnection>;
  /** Counters for the account of the capture. */
  readonly counts: Pick<
    NetworkCounts,
    'retransmittedSegments' | 'missingBytes' | 'holes' | 'firstHole' | 'straySegments' | 'firstStray'
  >;
  /** Is told where the bytes of waiting segments come from. */
  readonly origins: Origins | null;
}

/**
 * An RST: its sender, where its bytes end, and since when its grace runs: its own frame, or a later one with new bytes.
 */
interface Reset {
  direction: Direction;
  sequence: number;
  order: number;
  seconds: number;
}

/** What the sink was told of the end, and since when the grace of segments on their way runs. */
interface Ending {
  reason: EndReason;
  seconds: number;
}

/** One incarnation of a TCP connection. */
export class TcpConnection {
  private readonly reassembly: Reassembly;
  private ended = false;
  /** The RST whose grace is running. */
  private reset: Reset | null = null;
  /** Set once the sink knows that the connection is over. */
  private ending: Ending | null = null;
  /** The connection that had these ports before, while segments of it may still come. */
  private predecessor: TcpConnection | null = null;
  /** When its last SYN was seen, in seconds; -1: none was. */
  private synchronized = -1;

  private constructor(private readonly context: TcpContext) {
    this.reassembly = new Reassembly(context);
  }

  /** @param predecessor The connection whose ports it takes. */
  static open(flow: Flow, context: TcpContext, predecessor: TcpConnection | null): TcpConnection {
    const connection = new TcpConnection(context);
    if (predecessor?.ended === false) connection.predecessor = predecessor;
    context.opened = context.now.order;
    connection.reassembly.sink = context.open(flow);
    return connection;
  }

  /** Makes the connection again that `rest` wrote. */
  static wake(flow: Flow, context: TcpContext, text: string): TcpConnection {
    const connection = new TcpConnection(context);
    const rest = new Rest(text);
    connection.keepAtRest(rest);
    if (!connection.ended && context.reopen !== null) connection.reassembly.sink = context.reopen(flow, rest);
    return connection;
  }

  /**
   * Writes all that is known of the connection for `wake`; null while something is pending. Missing bytes whose
   * time has passed become a hole first.
   */
  rest(): string | null {
    if (this.ending !== null || this.reset !== null) this.end('reset');
    this.endPredecessor();
    const { reassembly, ended } = this;
    const { sink } = reassembly;
    reassembly.giveUpLate();
    if (!(ended || (reassembly.isQuiet && sink.isQuiet))) return null;
    this.context.missing.delete(this);
    this.context.waiting.delete(this);
    const rest = new Rest();
    this.keepAtRest(rest);
    if (!ended) sink.rest?.(rest);
    return rest.toString();
  }

  private keepAtRest(rest: Rest): void {
    this.ended = rest.flag(this.ended);
    this.synchronized = rest.integer(this.synchronized);
    this.reassembly.keepAtRest(rest);
  }

  /** True when this segment opens another incarnation with the same addresses and ports. */
  isReplacedBy(direction: Direction, segment: Segment): boolean {
    const side = this.reassembly.sides[direction];
    if ((segment.flags & SYN) === 0) return this.reset !== null && segment.length > 0 && side.isFar(segment.sequence);
    if (this.isOldAnswer(direction, segment)) return false;
    if (this.ending !== null) return !this.isCopiedSyn(side, segment);
    if (side.initial !== null) return side.initial !== segment.sequence || this.isBehindCopies;
    const begins = (segment.sequence + 1) | 0;
    // The SYN was not captured, but bytes were: then a SYN near them is this connection's, overtaken or sent again.
    if (side.started) return begins !== side.first && Math.abs((begins - side.next) | 0) > 1;
    const first = side.waiting[0];
    return first !== undefined && (first.sequence - begins) >>> 0 > MAX_FIRST_WINDOW;
  }

  segment(direction: Direction, segment: Segment): void {
    if (this.ended) return;
    const { reassembly } = this;
    const side = reassembly.sides[direction];
    const peer = reassembly.sides[direction ^ 1];
    reassembly.packets++;
    side.seen = true;
    if (this.reset !== null) this.heardBehind(this.reset, direction, side, segment);
    // The window of an RST means nothing.
    if ((segment.flags & RST) === 0) side.isFull = segment.window === 0;
    if (this.isInOrder(side, peer, segment)) {
      peer.noteAcknowledgement(segment.acknowledgement);
      if (segment.length === 0) return;
      return reassembly.deliver(
        direction,
        side,
        segment.bytes,
        segment.start,
        segment.end,
        segment.length,
        this.context.now,
      );
    }
    this.takeOther(direction, side, peer, segment);
  }

  private takeOther(direction: Direction, side: SequenceSpace, peer: SequenceSpace, segment: Segment): void {
    const { reassembly } = this;
    const other = opposite(direction);
    if (this.isStray(side, peer, segment)) return this.predecessor?.takeStray(direction, segment);
    if ((segment.flags & SYN) !== 0) this.synchronize(direction, segment);
    const isFar = (segment.flags & SYN) === 0 && reassembly.isFar(direction, segment);
    if ((segment.flags & ACK) !== 0) {
      reassembly.believeFar(other, peer, segment.acknowledgement | 0);
      // A receiver ignores the acknowledgement of a segment outside of its window (RFC 9293 §3.10.7.4).
      if (!isFar) {
        reassembly.acknowledge(other, peer, segment.acknowledgement | 0, side);
        if (peer.mayHave(segment.acknowledgement)) peer.noteAcknowledgement(segment.acknowledgement | 0);
      }
    }
    // The payload of an RST tells its reason (RFC 9293 §3.5.3) and is not part of the stream.
    if (segment.length > 0 && (segment.flags & RST) === 0) reassembly.receive(direction, side, segment, isFar);
    else if (!side.started) side.reach(segment.sequence);
    if ((segment.flags & FIN) !== 0) {
      reassembly.noteFinish(side, (segment.sequence + segment.length) | 0);
      reassembly.sink.closing?.();
    }
    if (side.gapPacket >= 0) reassembly.checkGap(direction, side);
    if (peer.gapPacket >= 0) reassembly.checkGap(other, peer);
    if (this.isClosed) this.end('closed');
    else if ((segment.flags & RST) !== 0 && this.reset === null) this.noteReset(direction, side, peer, segment);
    if (!this.ended && reassembly.isTimed) this.context.missing.add(this);
    this.noteWaiting();
    if (this.context.waitingBytes > MAX_WAITING_TOTAL) this.makeRoom();
  }

  private noteWaiting(): void {
    const { context, reassembly } = this;
    if (reassembly.isWaiting) context.waiting.add(this);
    else context.waiting.delete(this);
  }

  /**
   * Too many bytes wait in all: the connections that have waited longest give up their missing bytes, because these are
   * the least likely to come.
   */
  private makeRoom(): void {
    const { context } = this;
    for (const connection of context.waiting) {
      connection.reassembly.makeRoom();
      connection.giveUpMissing();
      if (context.waitingBytes <= MAX_WAITING_TOTAL) return;
    }
  }

  /** Declares holes whose grace has passed in time, although no packet came. */
  giveUpMissing(): void {
    const { reassembly } = this;
    for (const direction of [0, 1] as const) reassembly.checkGap(direction, reassembly.sides[direction]);
    this.noteWaiting();
    if (this.isClosed) this.end('closed');
    else if (this.ending !== null) this.endLate(this.ending);
    else if (!reassembly.isTimed) this.context.missing.delete(this);
  }

  private endLate({ reason, seconds }: Ending): void {
    if (this.context.now.seconds - seconds > GAP_GRACE_SECONDS) this.end(reason);
  }

  /**
   * Another connection takes its ports. Behind a SYN, segments of this one may still come; without a SYN they would not be
   * told apart.
   */
  replace({ flags }: Segment): void {
    this.endPredecessor();
    if ((flags & SYN) === 0) this.end('replaced');
    else if (!this.ended) this.tellEnd('replaced');
  }

  private endPredecessor(): void {
    this.predecessor?.end('replaced');
    this.predecessor = null;
  }

  private tellEnd(reason: EndReason): void {
    const { reassembly, context } = this;
    reassembly.finish();
    this.ending = { reason, seconds: context.now.seconds };
    reassembly.sink.ending?.(reason, reassembly.sides);
    context.missing.add(this);
  }

  /**
   * True for a segment that was on its way when its ports were taken by this connection: its numbers lie before this one's
   * SYNs. Later on such numbers are those of a connection whose SYN was missed.
   */
  private isStray(side: SequenceSpace, peer: SequenceSpace, { sequence, acknowledgement, flags }: Segment): boolean {
    if (this.synchronized < 0 || Math.abs(this.context.now.seconds - this.synchronized) > GAP_GRACE_SECONDS)
      return false;
    if (isBeforeSyn(sequence, side.initial, side.next)) return true;
    const isDue = side.started && sequence === side.next;
    if (isDue || (flags & ACK) === 0) return false;
    return isBeforeSyn(acknowledgement - 1, peer.initial, peer.mostAcknowledged);
  }

  /**
   * True for the answer to the SYN of a connection that had these ports before. Linux sends it with identification 0, so
   * a copy of it from another interface, in a file whose interfaces take turns, is not known by its identification.
   */
  private isOldAnswer(direction: Direction, segment: Segment): boolean {
    const { sides } = this.reassembly;
    const { initial } = sides[direction ^ 1];
    if ((segment.flags & ACK) === 0 || initial === null || ((segment.acknowledgement - initial) | 0) > 0) return false;
    return this.isStray(sides[direction], sides[direction ^ 1], segment);
  }

  /** A segment that came behind the SYN of another connection with these ports. */
  private takeStray(direction: Direction, segment: Segment): void {
    if (segment.length > 0 || (segment.flags & (FIN | RST)) !== 0) this.segment(direction, segment);
  }

  private noteReset(
    direction: Direction,
    side: SequenceSpace,
    peer: SequenceSpace,
    { sequence, length, flags }: Segment,
  ): void {
    const end = (sequence + length) | 0;
    if (side.started && Math.abs((end - side.next) | 0) > MAX_WAITING_BYTES) return;
    // A SYN is refused by an RST that acknowledges it (RFC 9293 §3.10.7.3).
    if (!side.started && peer.initial !== null && (flags & ACK) === 0) return;
    // Its receiver has these bytes, so it ignores the RST (RFC 9293 §3.10.7.4): one of an earlier connection of the ports.
    if (side.started && ((end - side.mostAcknowledged) | 0) < 0) return;
    const { order, seconds } = this.context.now;
    this.reset = { direction, sequence: end, order, seconds };
    this.context.resets.add(this);
    this.reassembly.sink.closing?.();
  }

  /** A segment behind the RST: the RST overtook it, or it shows that the connection goes on. */
  private heardBehind(reset: Reset, direction: Direction, side: SequenceSpace, segment: Segment): void {
    const isNew = segment.length > 0 && ((segment.sequence + segment.length - side.next) | 0) > 0;
    if (!isNew) return;
    reset.order = this.context.now.order;
    reset.seconds = this.context.now.seconds;
    if (this.ending !== null) this.ending.seconds = this.context.now.seconds;
    if (direction !== reset.direction || ((segment.sequence - reset.sequence) | 0) < 0) return;
    this.reset = null;
    if (this.ending?.reason === 'reset') this.ending = null;
  }

  /**
   * Tells that a connection was reset once the grace has passed, or when there are too many.
   * @returns False while the grace is running.
   */
  tellReset(isCrowded: boolean): boolean {
    const { reset, reassembly } = this;
    if (reset === null || this.ending !== null || this.ended) return true;
    const isMissing = reassembly.sides.some((side) => side.started && side.acknowledgedGap > 0);
    // A client that connects anew soon sends its unanswered calls again; by then this connection must have ended.
    const isAwaited = isMissing || this.context.opened < reset.order - GAP_GRACE_PACKETS;
    const grace = isAwaited ? GAP_GRACE_PACKETS : RESET_GRACE_FRAMES;
    const { order, seconds } = this.context.now;
    const isPassed = order - reset.order > grace && !(isMissing && this.context.lags);
    if (!isCrowded && !isPassed && seconds - reset.seconds <= GAP_GRACE_SECONDS) return false;
    this.tellEnd('reset');
    return true;
  }

  /** True for the usual segment: nothing is missing in either direction, and it has the next bytes or none. */
  private isInOrder(
    side: SequenceSpace,
    peer: SequenceSpace,
    { flags, sequence, acknowledgement, length }: Segment,
  ): boolean {
    return (
      (flags & (SYN | FIN | RST | ACK)) === ACK &&
      side.gapPacket < 0 &&
      peer.gapPacket < 0 &&
      side.started &&
      peer.started &&
      side.finish === null &&
      ((acknowledgement - peer.next) | 0) <= 0 &&
      (length === 0 || sequence === side.next)
    );
  }

  /** True when both sides sent a FIN, and all bytes before the FINs have passed. */
  private get isClosed(): boolean {
    const [one, other] = this.reassembly.sides;
    return one.isFinished && other.isFinished;
  }

  /** True for a segment behind the end that brings nothing new. */
  isAfterEnd(direction: Direction, segment: Segment): boolean {
    const side = this.reassembly.sides[direction];
    if ((segment.flags & SYN) !== 0) return this.isCopiedSyn(side, segment);
    return (
      segment.length === 0 || (((segment.sequence - side.next) | 0) < 0 && !this.reassembly.isFar(direction, segment))
    );
  }

  /**
   * True for a copy of the SYN that was captured behind the end, where no identification shows that it is a copy
   * (IPv6; Linux answers a SYN with identification 0). If the connection carried nothing, it may be the client's
   * next attempt with the same number.
   */
  private isCopiedSyn({ initial, next }: SequenceSpace, { sequence, flags }: Segment): boolean {
    if (sequence !== initial || this.isBehindCopies) return false;
    return (flags & ACK) !== 0 || next !== ((sequence + 1) | 0);
  }

  /** True once a SYN with the number of the last one is no copy of it: the traffic was recorded and is sent again. */
  private get isBehindCopies(): boolean {
    return this.synchronized >= 0 && this.context.now.seconds - this.synchronized > MAX_SYN_SECONDS;
  }

  /** Declares what is still missing as holes, passes on what waited and ends the stream. */
  end(reason: EndReason): void {
    this.endPredecessor();
    if (this.ended) return;
    const { reassembly } = this;
    reassembly.finish();
    this.ended = true;
    this.context.missing.delete(this);
    this.context.waiting.delete(this);
    const why = this.reset === null ? (this.ending?.reason ?? reason) : 'reset';
    reassembly.sink.end(this.isClosed ? 'closed' : why, reassembly.sides);
  }

  private synchronize(direction: Direction, segment: Segment): void {
    const { reassembly } = this;
    const side = reassembly.sides[direction];
    side.initial = segment.sequence;
    this.synchronized = this.context.now.seconds;
    if (!side.started) {
      reassembly.start(direction, side, (segment.sequence + 1) | 0, true);
      reassembly.drain();
    }
    segment.sequence = (segment.sequence + 1) | 0;
  }

  get isEnded(): boolean {
    return this.ended;
  }
}

/**
 * True for a number before that of a SYN, if this was captured, and nearer to it than to the newest number: behind 2 GiB
 * of bytes, the numbers of the newest ones lie before the SYN's, too, modulo 2^32.
 */
function isBeforeSyn(number: number, initial: number | null, newest: number): boolean {
  const behind = initial === null ? 0 : (initial - number) | 0;
  return behind > 0 && behind < Math.abs((newest - number) | 0);
}
