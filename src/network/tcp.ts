/**
 * TCP (RFC 9293): segments of a flow become, for each incarnation of the connection and each direction, a run of bytes
 * with declared holes (reassembly.ts). Here is what is said of the connection: where it begins (SYN), ends (FIN, RST) and begins again.
 *
 * In order is the fast path: the segment's bytes are handed on as they lie in the frame. Checksums are not verified: offload leaves them
 * wrong in honest captures.
 */
import { MAX_FIRST_WINDOW, MAX_SEQUENCE_JUMP } from '../limits.js';
import { type Direction, type Flow, opposite } from './flow.js';
import type { Origins } from './origins.js';
import { Reassembly } from './reassembly.js';
import { Rest } from './rest.js';
import type { SequenceSpace } from './sequence-space.js';
import type { Stamp } from './stamp.js';
import type { EndReason, StreamSink } from './stream.js';

const FIN = 1;
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
  /** Counters for the account of the capture. */
  readonly counts: { retransmittedSegments: number; missingBytes: number; holes: number };
  /** Is told where segments that wait come from. */
  readonly origins: Origins | null;
}

/** One incarnation of a TCP connection. */
export class TcpConnection {
  private readonly reassembly: Reassembly;
  private ended = false;

  private constructor(private readonly context: TcpContext) {
    this.reassembly = new Reassembly(context);
  }

  static open(flow: Flow, context: TcpContext): TcpConnection {
    const connection = new TcpConnection(context);
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
    const { reassembly, ended } = this;
    const { sink } = reassembly;
    reassembly.giveUpLate();
    if (!(ended || (reassembly.isQuiet && sink.isQuiet))) return null;
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
    if ((segment.flags & SYN) === 0) return false;
    const side = this.reassembly.sides[direction];
    if (side.initial !== null) return side.initial !== segment.sequence;
    const begins = (segment.sequence + 1) | 0;
    // Without its SYN on record, a direction that already carried bytes cannot begin again within its window.
    if (side.started) return Math.abs((begins - side.next) | 0) > 1;
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
    if ((segment.flags & ACK) !== 0) reassembly.acknowledge(other, peer, segment.acknowledgement | 0, side);
    if (segment.length > 0) reassembly.receive(direction, side, segment);
    else if (!side.started) side.reach(segment.sequence);
    if (side.gapPacket >= 0) reassembly.checkGap(direction, side);
    if (peer.gapPacket >= 0) reassembly.checkGap(other, peer);
    if ((segment.flags & FIN) !== 0) side.finish = (segment.sequence + segment.length) | 0;
    if ((segment.flags & RST) !== 0) this.end('reset');
    else if (this.isClosed) this.end('closed');
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
      (length === 0 || (sequence === side.next && side.waiting.length === 0))
    );
  }

  /** True when both sides said that they are done, and all of theirs has passed. */
  private get isClosed(): boolean {
    const [one, other] = this.reassembly.sides;
    return one.isFinished && other.isFinished;
  }

  /** True for a segment that arrives after the end and has nothing new to tell. */
  isAfterEnd(direction: Direction, segment: Segment): boolean {
    const ahead = (segment.sequence - this.reassembly.sides[direction].next) | 0;
    return segment.length === 0 || (ahead < 0 && ahead > -MAX_SEQUENCE_JUMP);
  }

  /** Declares what is still missing, hands on what waited and ends the stream. */
  end(reason: EndReason): void {
    if (this.ended) return;
    const { reassembly } = this;
    reassembly.finish();
    this.ended = true;
    reassembly.sink.end(this.isClosed ? 'closed' : reason, reassembly.sides);
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
