/**
 * RPC in one incarnation of a TCP connection: a walker and the calls of each direction. The stream gets its
 * connection number with its first record, and answers what a walker asks about the other direction. It ends as
 * TLS, or with the outcomes of its calls.
 */
import type { Direction, Flow } from '../network/flow.js';
import type { Rest } from '../network/rest.js';
import { copyStamp, newStamp, type Stamp } from '../network/stamp.js';
import type { EndReason, SideStates, StreamSink } from '../network/stream.js';
import { read32 } from '../xdr/bytes.js';
import { TlsNegotiation } from './auth/tls.js';
import { connectionState } from './connection-state.js';
import type { ScanContext } from './evidence.js';
import { REPLY } from './message.js';
import type { Messages } from './messages.js';
import { CallStream } from './outcome.js';
import type { RecordSink } from './record-sink.js';
import type { RecordWalker } from './record-walker.js';

export class RpcStream implements StreamSink, RecordSink {
  private readonly walkers: [RecordWalker | null, RecordWalker | null] = [null, null];
  /** The calls of each direction. */
  readonly calls: readonly [CallStream, CallStream];
  /** 0: no record was found so far. */
  connection = 0;
  /** No more bytes come. */
  isEnding = false;
  private isTls = false;
  /** The first SYN, while nothing else was captured of the connection than SYNs of one side. */
  private attempt: Stamp | null = null;
  /** Segments of the record in progress that were sent again, and where the last of them ended: by direction. */
  private readonly resent: [number, number] = [0, 0];
  private readonly resentEnd: [number, number] = [0, 0];
  readonly negotiation = new TlsNegotiation();

  /**
   * @param id Number of this incarnation. Owners made of it are unique, and even, because those of UDP are odd.
   * @param opening Order of the frame that opened the connection.
   */
  constructor(
    private readonly messages: Messages,
    readonly flow: Flow,
    private readonly id: number,
    readonly opening: number,
  ) {
    this.calls = [new CallStream(id * 4), new CallStream(id * 4 + 2)];
  }

  get isQuiet(): boolean {
    const { exchanges } = this.messages;
    const isQuiet = this.walkers.every((walker) => walker?.isQuiet !== false);
    return isQuiet && !this.calls.some((calls) => exchanges.awaitsAdopted(calls));
  }

  rest(rest: Rest): void {
    // A SYN that was not answered while thousands of other flows were heard of will not be.
    if (this.attempt !== null) this.endAttempt(this.attempt, false);
    rest.integer(this.id);
    rest.integer(this.opening);
    this.keepAtRest(rest);
  }

  keepAtRest(rest: Rest): void {
    this.connection = rest.integer(this.connection);
    this.isTls = rest.flag(this.isTls);
    this.negotiation.keepAtRest(rest);
    for (const calls of this.calls) calls.keepAtRest(rest);
    for (const direction of [0, 1] as const) {
      if (rest.flag(this.walkers[direction] !== null)) this.walker(direction).keepAtRest(rest);
    }
  }

  begin(direction: Direction, fromStart: boolean): void {
    this.noteAttempt(direction, fromStart);
    const walker = this.walker(direction);
    if (this.isTls) walker.stop();
    else walker.begin(fromStart);
  }

  private noteAttempt(direction: Direction, fromStart: boolean): void {
    const isFirst = fromStart && this.walkers[direction ^ 1] === null;
    this.attempt = isFirst ? newStamp() : null;
    if (this.attempt !== null) copyStamp(this.messages.now, this.attempt);
  }

  data(direction: Direction, bytes: Uint8Array, start: number, end: number, carrier: Stamp): void {
    this.walkers[direction]!.data(bytes, start, end, carrier);
  }

  skip(direction: Direction, length: number): void {
    this.walkers[direction]!.skip(length);
  }

  retransmission(direction: Direction, behind: number, length: number): void {
    const walker = this.walkers[direction]!;
    const start = (walker.passed - behind) | 0;
    const end = (start + length) | 0;
    const { exchanges } = this.messages;
    exchanges.resent(this.calls[direction], true, start, end);
    exchanges.resent(this.calls[direction ^ 1], false, start, end);
    if (walker.isQuiet || ((end - walker.recordEnd) | 0) <= 0) return;
    this.resent[direction]++;
    this.resentEnd[direction] = end;
  }

  /** How many segments of the record from position `start` on were sent again before it was complete. */
  takeResent(direction: Direction, start: number): number {
    const count = this.resent[direction];
    if (count === 0) return 0;
    this.resent[direction] = 0;
    return ((this.resentEnd[direction] - start) | 0) > 0 ? count : 0;
  }

  closing(): void {
    if (this.connection > 0) this.messages.closing(this.connection);
  }

  end(reason: EndReason, sides: SideStates): void {
    this.isEnding = true;
    const isConnectionEnd = reason === 'closed' || reason === 'reset' || reason === 'replaced';
    for (const walker of this.walkers) walker?.end(!isConnectionEnd);
    if (this.connection === 0 && !this.isTls) this.messages.counts.notRpc++;
    if (this.attempt !== null) this.endAttempt(this.attempt, reason === 'reset' && sides[0].seen && sides[1].seen);
    this.endCalls(reason, sides, isConnectionEnd);
  }

  private endAttempt(attempt: Stamp, isRefused: boolean): void {
    const { flow, messages, walkers } = this;
    const direction = walkers[0] === null ? 1 : 0;
    if (walkers[direction]!.passed !== 0) return;
    messages.unopened.add(flow.source(direction).address, flow.destination(direction), isRefused, attempt);
  }

  /** The walkers go on: a record that was on its way may still become whole. */
  ending(reason: EndReason, sides: SideStates): void {
    this.endCalls(reason, sides, true);
  }

  private endCalls(reason: EndReason, sides: SideStates, isConnectionEnd: boolean): void {
    const { exchanges, now } = this.messages;
    for (const direction of [0, 1] as const) {
      const state = connectionState(reason, sides, direction);
      const end = { isConnectionEnd, sawReplies: sides[direction ^ 1].seen, state };
      const client = this.flow.source(direction);
      const server = this.flow.destination(direction);
      exchanges.ended(this.calls[direction], client, server, end, now.seconds);
    }
  }

  record(walker: RecordWalker, bytes: Uint8Array, start: number, end: number, length: number): void {
    const direction = this.directionOf(walker);
    if (this.connection === 0) this.connection = this.messages.nextConnection();
    const peer = this.walkers[direction ^ 1];
    peer?.wake();
    if (peer?.mayBeUnmarked && read32(bytes, start + 4) === REPLY) peer.answered(read32(bytes, start));
    if (this.messages.record(this, direction, walker, bytes, start, end, length)) this.tls();
  }

  lost(walker: RecordWalker): void {
    this.messages.exchanges.repliesLost(this.calls[this.directionOf(walker) ^ 1]);
  }

  isKnownXid(walker: RecordWalker, xid: number): boolean {
    const calls = this.calls[this.directionOf(walker) ^ 1];
    return this.messages.exchanges.has(calls.owner, xid, calls);
  }

  scanContext(walker: RecordWalker): ScanContext {
    const direction = this.directionOf(walker);
    const { program } = this.calls[direction];
    const answered = this.calls[direction ^ 1];
    const hasAnswered = answered.answeredSeconds > Number.NEGATIVE_INFINITY;
    return {
      isKnownXid: (xid) => this.isKnownXid(walker, xid),
      program,
      answeredProgram: hasAnswered ? answered.program : -1,
      mayAnswer: program < 0 || answered.program >= 0,
    };
  }

  /** What follows in both directions is TLS. */
  tls(): void {
    this.isTls = true;
    this.messages.counts.tlsConnections++;
    if (this.connection !== 0) this.messages.counts.startTls++;
    this.walkers[0]?.stop();
    this.walkers[1]?.stop();
  }

  /** A stream in which RPC was found becomes TLS only if it was asked for. */
  mayBeTls(): boolean {
    return this.connection === 0 || this.negotiation.isAskedFor;
  }

  isKnownServer(): boolean {
    return this.messages.isServer(this.flow.source(0)) || this.messages.isServer(this.flow.source(1));
  }

  private directionOf(walker: RecordWalker): Direction {
    return walker === this.walkers[0] ? 0 : 1;
  }

  private walker(direction: Direction): RecordWalker {
    let walker = this.walkers[direction];
    if (walker === null) {
      walker = this.messages.newWalker(this);
      this.walkers[direction] = walker;
    }
    return walker;
  }
}
