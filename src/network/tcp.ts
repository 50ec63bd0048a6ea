/**
 * TCP (RFC 9293): segments of a flow become, for each incarnation of the connection and each direction, a run of bytes
 * with declared holes (reassembly.ts). Here is what is said of the connection: where it begins (SYN), ends (FIN, RST) and begins again.
 *
 * Frames swap, and a reply that comes behind its connection's RST was sent before it: who was reset is listened to for some frames more, fewer where
 * another connection begins. Nor is each RST the end: one that is far from the window is believed by nobody (RFC 9293 §3.5.2), and who sends more
 * behind its own has not ended.
 *
 * In order is the fast path: the segment's bytes are handed on as they lie in the frame. Checksums are not verified: offload leaves them
 * wrong in honest captures.
 */
import {
  GAP_GRACE_PACKETS,
  GAP_GRACE_SECONDS,
  MAX_FIRST_WINDOW,
  MAX_WAITING_BYTES,
  RESET_GRACE_FRAMES,
} from '../limits.js';
import { type Direction, type Flow, opposite } from './flow.js';
import type { Origins } from './origins.js';
import { Reassembly } from './reassembly.js';
import { Rest } from './rest.js';
import type { SequenceSpace } from './sequence-space.js';
import type { Stamp } from './stamp.js';
import type { EndReason, StreamSink } from './stream.js';

export const FIN = 1;
export const SYN = 2;
const RST = 4;
const ACK = 16;

/** A TCP segment as the IP layer gives it. One object is reused. */
export interface Segment {
  sequence: number;
  acknowledgement: number;
  flags: number;
  /** As it stands in the header, not scaled. */
  window: number;
  bytes: Uint8Array;
  /** The captured payload, and its length on the wire. */
  start: number;
  end: number;
  length: number;
}

/** What all connections share: the frame being read, the sinks' maker and the total of what waits. */
export interface TcpContext {
  readonly now: Stamp;
  open(flow: Flow): StreamSink;
  /** null: sinks cannot be put to rest. */
  reopen: ((flow: Flow, rest: Rest) => StreamSink) | null;
  waitingBytes: number;
  /** Directions were captured apart, and one lags behind the other: missing bytes have their grace in time alone. */
  lags: boolean;
  /** Connections that were reset and are still listened to; and the frame that opened the newest of all. */
  readonly resets: Set<TcpConnection>;
  opened: number;
  /** Those in which bytes are missing that will be a hole in time, whether or not something more comes. */
  readonly missing: Set<TcpConnection>;
  /** Counters for the account of the capture. */
  readonly counts: { retransmittedSegments: number; missingBytes: number; holes: number };
  /** Is told where segments that wait come from. */
  readonly origins: Origins | null;
}

/** An RST: who sent it, and after which frame something was last heard of its connection. */
interface Reset {
  direction: Direction;
  sequence: number;
  order: number;
  seconds: number;
}

/** One incarnation of a TCP connection. */
export class TcpConnection {
  private readonly reassembly: Reassembly;
  private ended = false;
  /** The RST that ends it soon. */
  private reset: Reset | null = null;

  private constructor(private readonly context: TcpContext) {
    this.reassembly = new Reassembly(context);
  }

  static open(flow: Flow, context: TcpContext): TcpConnection {
    const connection = new TcpConnection(context);
    context.opened = context.now.order;
    connection.reassembly.sink = context.open(flow);
    return connection;
  }

  /** The connection that `rest` gave. */
  static wake(flow: Flow, context: TcpContext, text: string): TcpConnection {
    const connection = new TcpConnection(context);
    const rest = new Rest(text);
    connection.keepAtRest(rest);
    if (!connection.ended && context.reopen !== null) connection.reassembly.sink = context.reopen(flow, rest);
    return connection;
  }

  /** All that is known of it, as `wake` takes it; null while something is pending. What was missing for its grace is a hole now. */
  rest(): string | null {
    if (this.reset !== null) this.end('reset');
    const { reassembly, ended } = this;
    const { sink } = reassembly;
    reassembly.giveUpLate();
    if (!(ended || (reassembly.isQuiet && sink.isQuiet))) return null;
    this.context.missing.delete(this);
    const rest = new Rest();
    this.keepAtRest(rest);
    if (!ended) sink.rest?.(rest);
    return rest.toString();
  }

  private keepAtRest(rest: Rest): void {
    this.ended = rest.flag(this.ended);
    this.reassembly.keepAtRest(rest);
  }

  /** True when this segment opens another incarnation of the same addresses and ports. */
  isReplacedBy(direction: Direction, segment: Segment): boolean {
    const side = this.reassembly.sides[direction];
    if ((segment.flags & SYN) === 0) return this.reset !== null && segment.length > 0 && side.isFar(segment.sequence);
    if (side.initial !== null) return side.initial !== segment.sequence;
    const begins = (segment.sequence + 1) | 0;
    // Without its SYN on record, a direction that already carried bytes cannot begin again within its window; or this is it, overtaken.
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
    // What resets says nothing of its window.
    if ((segment.flags & RST) === 0) side.isFull = segment.window === 0;
    if (this.isInOrder(side, peer, segment)) {
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
    if ((segment.flags & SYN) !== 0) this.synchronize(direction, segment);
    const isFar = (segment.flags & SYN) === 0 && reassembly.isFar(direction, segment);
    if ((segment.flags & ACK) !== 0) {
      reassembly.believeFar(other, peer, segment.acknowledgement | 0);
      // Who is out of the window is not believed (RFC 9293 §3.10.7.4).
      if (!isFar) reassembly.acknowledge(other, peer, segment.acknowledgement | 0, side);
    }
    // What an RST carries says why (RFC 9293 §3.5.3); it is none of the stream's bytes.
    if (segment.length > 0 && (segment.flags & RST) === 0) reassembly.receive(direction, side, segment, isFar);
    else if (!side.started) side.reach(segment.sequence);
    if ((segment.flags & FIN) !== 0) reassembly.noteFinish(side, (segment.sequence + segment.length) | 0);
    if (side.gapPacket >= 0) reassembly.checkGap(direction, side);
    if (peer.gapPacket >= 0) reassembly.checkGap(other, peer);
    if (this.isClosed) this.end('closed');
    else if ((segment.flags & RST) !== 0 && this.reset === null) this.noteReset(direction, side, segment);
    if (!this.ended && reassembly.isTimed) this.context.missing.add(this);
  }

  /** Time went by, in which nothing may have come. */
  giveUpMissing(): void {
    const { reassembly } = this;
    for (const direction of [0, 1] as const) reassembly.checkGap(direction, reassembly.sides[direction]);
    if (this.isClosed) this.end('closed');
    else if (!reassembly.isTimed) this.context.missing.delete(this);
  }

  private noteReset(direction: Direction, side: SequenceSpace, { sequence, length }: Segment): void {
    const end = (sequence + length) | 0;
    if (side.started && Math.abs((end - side.next) | 0) > MAX_WAITING_BYTES) return;
    const { order, seconds } = this.context.now;
    this.reset = { direction, sequence: end, order, seconds };
    this.context.resets.add(this);
  }

  /** A segment came behind the RST: one that it overtook, or one that shows that the connection goes on. */
  private heardBehind(reset: Reset, direction: Direction, side: SequenceSpace, segment: Segment): void {
    const isNew = segment.length > 0 && ((segment.sequence + segment.length - side.next) | 0) > 0;
    if (!isNew) return;
    reset.order = this.context.now.order;
    reset.seconds = this.context.now.seconds;
    if (direction === reset.direction && ((segment.sequence - reset.sequence) | 0) >= 0) this.reset = null;
  }

  /** Ends a connection that was reset once its grace is over, or for want of room. @returns False while it goes on. */
  endReset(isCrowded: boolean): boolean {
    const { reset, reassembly } = this;
    if (reset === null || this.ended) return true;
    const isMissing = reassembly.sides.some((side) => side.started && side.acknowledgedGap > 0);
    // Who connects anew will ask again for what was not answered.
    const isAwaited = isMissing || this.context.opened < reset.order - GAP_GRACE_PACKETS;
    const grace = isAwaited ? GAP_GRACE_PACKETS : RESET_GRACE_FRAMES;
    const { order, seconds } = this.context.now;
    const isPassed = order - reset.order > grace && !(isMissing && this.context.lags);
    if (!isCrowded && !isPassed && seconds - reset.seconds <= GAP_GRACE_SECONDS) return false;
    this.end('reset');
    return true;
  }

  /** The segment that most are: nothing is missing in either direction, and it is what comes next, or only acknowledges. */
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

  /** True when both sides said that they are done, and all of theirs has passed. */
  private get isClosed(): boolean {
    const [one, other] = this.reassembly.sides;
    return one.isFinished && other.isFinished;
  }

  /** True for a segment that arrives after the end and has nothing new to tell. */
  isAfterEnd(direction: Direction, segment: Segment): boolean {
    const side = this.reassembly.sides[direction];
    if ((segment.flags & SYN) !== 0) return isCopiedSyn(side, segment);
    return (
      segment.length === 0 || (((segment.sequence - side.next) | 0) < 0 && !this.reassembly.isFar(direction, segment))
    );
  }

  /** Declares what is still missing, hands on what waited and ends the stream. */
  end(reason: EndReason): void {
    if (this.ended) return;
    const { reassembly } = this;
    reassembly.finish();
    this.ended = true;
    this.context.missing.delete(this);
    const why = this.reset === null ? reason : 'reset';
    reassembly.sink.end(this.isClosed ? 'closed' : why, reassembly.sides);
  }

  private synchronize(direction: Direction, segment: Segment): void {
    const { reassembly } = this;
    const side = reassembly.sides[direction];
    side.initial = segment.sequence;
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
 * Behind the end: a SYN that was captured twice, where no identification tells (IPv6; Linux' answers to SYNs have none). Until the connection carried
 * something its client may have tried again with the same number.
 */
function isCopiedSyn({ initial, next }: SequenceSpace, { sequence, flags }: Segment): boolean {
  return sequence === initial && ((flags & ACK) !== 0 || next !== ((sequence + 1) | 0));
}
