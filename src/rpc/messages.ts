/**
 * Payloads → messages: the transport sink that finds RPC in datagrams and streams, reads headers and matches calls and
 * replies. It emits one reused `Message` for each, in the order in which they became complete.
 */
import { MAX_KNOWN_ENDPOINTS } from '../limits.js';
import type { Direction, Endpoint, Flow } from '../network/flow.js';
import type { IcmpError } from '../network/icmp.js';
import type { Carriage, TransportSink } from '../network/network.js';
import type { Stamp } from '../network/stamp.js';
import type { EndReason, StreamSink } from '../network/tcp.js';
import { read32 } from '../xdr/bytes.js';
import { BufferPool } from './buffer-pool.js';
import { isCall, isCallOfAnyVersion, isReply, isReplyToKnownCall } from './evidence.js';
import { ExchangeTable } from './exchanges.js';
import { readHeader } from './header.js';
import { CALL, Message } from './message.js';
import { type RecordSink, RecordWalker, type WalkerCounts } from './record-walker.js';

const TCP = 6;
const UDP = 17;

export interface RpcCounts extends WalkerCounts {
  messages: number;
  calls: number;
  replies: number;
  repliesWithoutCall: number;
  truncated: number;
  /** TCP or UDP payloads without RPC: datagrams, and connections that were given up or ended without a message. */
  otherDatagrams: number;
  /** ICMP errors about packets of flows that are known. */
  icmpErrors: number;
}

export class Messages implements TransportSink {
  readonly exchanges = new ExchangeTable();
  readonly counts: RpcCounts = {
    messages: 0,
    calls: 0,
    replies: 0,
    repliesWithoutCall: 0,
    truncated: 0,
    otherDatagrams: 0,
    icmpErrors: 0,
    resynchronisations: 0,
    headlessRecords: 0,
  };
  private readonly message = new Message();
  private readonly pool = new BufferPool();
  private readonly servers = new Set<Endpoint>();
  /** The frame that opened the connection whose record is being emitted. */
  opening = -1;
  private connections = 0;
  private streams = 0;

  /**
   * @param now The stamp of the frame being read.
   * @param emit Takes each message; it and its bytes hold until the call returns.
   */
  constructor(
    private readonly now: Stamp,
    private readonly emit: (message: Message) => void,
  ) {}

  datagram(
    flow: Flow,
    direction: Direction,
    bytes: Uint8Array,
    start: number,
    end: number,
    length: number,
    carriage: Carriage,
  ): void {
    const source = flow.endpoints[direction];
    const destination = flow.endpoints[direction ^ 1];
    if (!this.isRpcDatagram(bytes, start, end, length, source, destination)) {
      this.counts.otherDatagrams++;
      return;
    }
    const message = this.message;
    message.firstFrame = carriage.firstFrame;
    message.frameCount = carriage.frames;
    message.carriers = carriage.orders;
    message.opening = -1;
    if (flow.connection === 0) flow.connection = ++this.connections;
    message.connection = flow.connection;
    message.protocol = UDP;
    this.place(bytes, start, end, length, source, destination, this.now);
    if (!readHeader(message)) return;
    if (carriage.duplicate) message.notes.push('this frame was captured before');
    if (message.type === CALL) this.exchanges.call(message, source.id * 2 + 1, destination);
    else this.exchanges.reply(message, destination.id * 2 + 1, !carriage.lost);
    this.deliver();
  }

  /** A quoted packet is never a message; what became of it belongs to the exchange of its call. */
  quoted(
    _flow: Flow,
    _direction: Direction,
    _bytes: Uint8Array,
    _start: number,
    _end: number,
    _error: IcmpError,
  ): void {
    this.counts.icmpErrors++;
  }

  open(flow: Flow): StreamSink {
    return new RpcStream(this, flow, ++this.streams, this.now.order);
  }

  newWalker(sink: RecordSink): RecordWalker {
    return new RecordWalker(sink, this.pool, this.counts);
  }

  isServer(endpoint: Endpoint): boolean {
    return this.servers.has(endpoint);
  }

  /** Emits a record of a stream. `owner` and `peer` are the exchange owners of the calls of this direction and the other. */
  record(
    walker: RecordWalker,
    connection: number,
    source: Endpoint,
    destination: Endpoint,
    owner: number,
    peer: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    length: number,
  ): void {
    const message = this.message;
    message.firstFrame = walker.firstFrame;
    message.frameCount = walker.frameCount;
    message.carriers = walker.carriers;
    message.opening = this.opening;
    message.connection = connection;
    message.protocol = TCP;
    this.place(bytes, start, end, length, source, destination, walker.newest);
    if (!readHeader(message)) return;
    if (walker.unterminated) message.notes.push('no fragment of this record was marked as the last');
    if (message.type === CALL) this.exchanges.call(message, owner, destination);
    else this.exchanges.reply(message, peer, true);
    this.deliver();
  }

  nextConnection(): number {
    return ++this.connections;
  }

  private place(
    bytes: Uint8Array,
    start: number,
    end: number,
    length: number,
    source: Endpoint,
    destination: Endpoint,
    newest: Stamp,
  ): void {
    const { message } = this;
    message.bytes = bytes;
    message.start = start;
    message.end = end;
    // A datagram whose last fragment was lost is longer than what came; by how much nobody knows.
    message.length = length < 0 ? end - start + 1 : length;
    message.frame = newest.frame;
    message.order = newest.order;
    message.seconds = newest.seconds;
    message.nanoseconds = newest.nanoseconds;
    message.file = newest.file;
    message.interfaceIndex = newest.interfaceIndex;
    message.source = source;
    message.destination = destination;
  }

  private deliver(): void {
    const { message, counts } = this;
    message.number = ++counts.messages;
    if (message.isTruncated) counts.truncated++;
    if (message.type === CALL) counts.calls++;
    else {
      counts.replies++;
      if (message.exchange < 0) counts.repliesWithoutCall++;
      else this.learnServer(message.source);
    }
    this.emit(message);
  }

  private learnServer(endpoint: Endpoint): void {
    if (this.servers.size < MAX_KNOWN_ENDPOINTS) this.servers.add(endpoint);
  }

  private isRpcDatagram(
    bytes: Uint8Array,
    start: number,
    end: number,
    length: number,
    source: Endpoint,
    destination: Endpoint,
  ): boolean {
    if (end - start < 12) return false;
    const announced = length < 0 ? 65_535 : length;
    if (isCall(bytes, start, end, announced)) return true;
    if (this.servers.has(destination) && isCallOfAnyVersion(bytes, start, end, announced)) return true;
    if (isReplyToKnownCall(bytes, start, end) && this.exchanges.has(destination.id * 2 + 1, read32(bytes, start)))
      return true;
    return !this.servers.has(destination) && isReply(bytes, start, end, announced) && source !== destination;
  }
}

/** One incarnation of a TCP connection: a walker for each direction. */
class RpcStream implements StreamSink, RecordSink {
  private readonly walkers: [RecordWalker | null, RecordWalker | null] = [null, null];
  private connection = 0;

  constructor(
    private readonly messages: Messages,
    private readonly flow: Flow,
    private readonly id: number,
    private readonly opening: number,
  ) {}

  begin(direction: Direction, fromStart: boolean): void {
    this.walker(direction).begin(fromStart);
  }

  data(direction: Direction, bytes: Uint8Array, start: number, end: number, carrier: Stamp): void {
    this.walkers[direction]!.data(bytes, start, end, carrier);
  }

  skip(direction: Direction, length: number): void {
    this.walkers[direction]!.skip(length);
  }

  retransmission(): void {}

  end(_reason: EndReason): void {
    this.walkers[0]?.end();
    this.walkers[1]?.end();
  }

  record(walker: RecordWalker, bytes: Uint8Array, start: number, end: number, length: number): void {
    const direction = walker === this.walkers[0] ? 0 : 1;
    if (this.connection === 0) {
      this.connection = this.messages.nextConnection();
      this.walkers[direction ^ 1]?.wake();
    }
    const [source, destination] = [this.flow.endpoints[direction], this.flow.endpoints[direction ^ 1]];
    this.messages.opening = this.opening;
    const owner = this.owner(direction);
    const peer = this.owner(direction ^ 1);
    this.messages.record(walker, this.connection, source, destination, owner, peer, bytes, start, end, length);
  }

  isKnownXid(walker: RecordWalker, xid: number): boolean {
    return this.messages.exchanges.has(this.owner(walker === this.walkers[0] ? 1 : 0), xid);
  }

  isKnownServer(): boolean {
    return this.messages.isServer(this.flow.endpoints[0]) || this.messages.isServer(this.flow.endpoints[1]);
  }

  /** The exchange owner of the calls that one direction carries: unique over incarnations, apart from UDP's odd numbers. */
  private owner(direction: number): number {
    return (this.id * 2 + direction) * 2;
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
