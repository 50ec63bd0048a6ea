/**
 * Payloads → messages: the transport sink that finds RPC in datagrams and streams, reads headers, and matches calls and
 * replies. It emits messages in the order in which they became complete, all in one reused `Message`.
 */

import { MAX_EXCHANGES, MAX_KNOWN_ENDPOINTS, MAX_RECORD } from '../limits/rpc.js';
import { type Direction, type Endpoint, type Flow, opposite } from '../network/flow.js';
import type { IcmpError } from '../network/icmp.js';
import type { Carriage, TransportSink } from '../network/network.js';
import { RDMA, TCP, UDP } from '../network/protocols.js';
import type { RdmaSink } from '../network/rdma/rdma-sink.js';
import type { Rest } from '../network/rest.js';
import { firstPlace, nanosecondsBetween, type Place, type Stamp } from '../network/stamp.js';
import type { StreamSink } from '../network/stream.js';
import { read32 } from '../xdr/bytes.js';
import { isTlsProbe, offersTls, TlsNegotiation } from './auth/tls.js';
import { BufferPool } from './buffer-pool.js';
import type { Carriers } from './carriers.js';
import { isCall, isCallOfAnyVersion, isReply, isReplyToKnownCall, LEAST_HEADER } from './evidence.js';
import { ExchangeTable } from './exchanges.js';
import { readHeader } from './header.js';
import { KnownPrograms } from './known-programs.js';
import { CALL, KEPT_IN_PART, Message, UNFINISHED } from './message.js';
import type { UnansweredOutcome } from './outcome.js';
import type { Extent } from './rdma/assembly.js';
import { ChunkBound } from './rdma/chunked-calls.js';
import { RdmaStream } from './rdma/rdma-stream.js';
import { Recent } from './recent.js';
import type { RecordSink, WalkerCounts } from './record-sink.js';
import { RecordWalker } from './record-walker.js';
import { RpcStream } from './rpc-stream.js';
import { isDtls } from './tls.js';
import { UnopenedConnections } from './unopened-connections.js';

export interface RpcCounts extends WalkerCounts {
  messages: number;
  calls: number;
  replies: number;
  repliesWithoutCall: number;
  /** Messages of which bytes are missing; and those of them whose missing bytes were captured, but found no memory. */
  truncated: number;
  keptInPart: number;
  /** The frame of the first truncated message whose missing bytes were not captured. */
  firstTruncated: Place | null;
  /** TCP or UDP payloads without RPC: datagrams, and connections that were given up or ended without a message. */
  notRpc: number;
  /** UDP datagrams that are IPsec's (RFC 3948). */
  encryptedDatagrams: number;
  /** ICMP errors about packets of known flows. */
  icmpErrors: number;
  /** Errors of RPC-over-RDMA (RFC 8166 §4.5), with which a peer refuses a message. */
  rdmaErrors: number;
  /**
   * Connections and UDP endpoint pairs that turned to TLS or DTLS after STARTTLS, or whose record headers show that
   * they are.
   */
  tlsConnections: number;
  /** Those of them in which RPC was found before. */
  startTls: number;
}

export interface MessagesOptions {
  /** Exchanges that are known at a time. */
  capacity?: number | undefined;
  /** Bytes kept of unfinished records. */
  recordBytes?: number | undefined;
  /** False: nobody asks for `Message.sameBytes`. */
  comparesReplies?: boolean;
  /** True: somebody asks for `Message.places`. */
  notesPlaces?: boolean;
  /** Called with the number of a connection, and the order of a frame that ends it: a FIN or an RST. */
  onClosing?: ((connection: number, order: number) => void) | undefined;
}

const NO_PLACES: readonly number[] = [];

export class Messages implements TransportSink {
  readonly knownPrograms = new KnownPrograms();
  readonly unopened = new UnopenedConnections();
  readonly exchanges: ExchangeTable;
  readonly counts: RpcCounts = {
    messages: 0,
    calls: 0,
    replies: 0,
    repliesWithoutCall: 0,
    truncated: 0,
    keptInPart: 0,
    firstTruncated: null,
    notRpc: 0,
    encryptedDatagrams: 0,
    icmpErrors: 0,
    tlsConnections: 0,
    startTls: 0,
    resynchronisations: 0,
    headlessRecords: 0,
    rdmaErrors: 0,
  };
  private readonly message = new Message();
  private readonly pool: BufferPool;
  /** Of the flows over UDP that asked for TLS, or seemed to be offered it; and those that have turned to DTLS. */
  private readonly negotiations = new WeakMap<Flow, TlsNegotiation>();
  private readonly dtls = new WeakSet<Flow>();
  private readonly servers = new Recent<true, Endpoint>(MAX_KNOWN_ENDPOINTS);
  /** The last one added to `servers`. */
  private newestServer: Endpoint | null = null;
  readonly chunkBound = new ChunkBound();
  private connections = 0;
  private streams = 0;
  private readonly notesPlaces: boolean;
  private readonly onClosing: NonNullable<MessagesOptions['onClosing']>;

  /**
   * @param now The stamp of the frame being read.
   * @param emit Receives each message; it and its bytes are valid until the call returns.
   * @param onUnanswered Receives each exchange without a reply once its outcome is known.
   */
  constructor(
    readonly now: Stamp,
    private readonly emit: (message: Message) => void,
    onUnanswered?: (slot: number, outcome: UnansweredOutcome) => void,
    {
      capacity = MAX_EXCHANGES,
      recordBytes,
      comparesReplies = true,
      notesPlaces = false,
      onClosing = () => {},
    }: MessagesOptions = {},
  ) {
    this.notesPlaces = notesPlaces;
    this.onClosing = onClosing;
    this.pool = new BufferPool(recordBytes);
    this.exchanges = new ExchangeTable(capacity, onUnanswered, comparesReplies);
  }

  closing(connection: number): void {
    this.onClosing(connection, this.now.order);
  }

  datagram(
    flow: Flow,
    direction: Direction,
    bytes: Uint8Array,
    start: number,
    end: number,
    length: number,
    carriage: Carriage,
  ): boolean {
    const source = flow.source(direction);
    const destination = flow.destination(direction);
    if (!this.isRpcDatagram(bytes, start, end, length, destination)) {
      if (isEncapsulatedEsp(bytes, start, end, source, destination)) this.counts.encryptedDatagrams++;
      else this.counts.notRpc++;
      if (isDtls(bytes, start, end, length)) this.countDtls(flow);
      return false;
    }
    const message = this.message;
    message.firstFrame = carriage.firstFrame;
    message.firstFile = carriage.firstFile;
    message.frameCount = carriage.frames;
    message.transfer = nanosecondsBetween(
      carriage.seconds,
      carriage.nanoseconds,
      this.now.seconds,
      this.now.nanoseconds,
    );
    message.carriers = carriage.orders;
    message.opening = -1;
    if (flow.connection === 0) flow.connection = ++this.connections;
    message.connection = flow.connection;
    message.protocol = UDP;
    this.place(bytes, start, end, length, source, destination, this.now);
    message.mostLength = 0;
    if (!readHeader(message)) return false;
    if (carriage.duplicate) message.notes.push('this frame was captured before');
    if (message.type === CALL) this.exchanges.call(message, source.id * 2 + 1, destination);
    else this.exchanges.reply(message, destination.id * 2 + 1, !carriage.lost);
    if (message.type !== CALL && message.exchange < 0 && carriage.mayWait) return true;
    const isTls = (isTlsProbe(message) || offersTls(message)) && this.followTls(flow, message);
    if (isTls && this.countDtls(flow)) this.counts.startTls++;
    this.deliver();
    return false;
  }

  /** Notes on the exchange of a quoted call what became of it. A quoted packet is never a message. */
  quoted(flow: Flow, direction: Direction, bytes: Uint8Array, start: number, end: number, error: IcmpError): void {
    this.counts.icmpErrors++;
    if (flow.protocol !== UDP || end - start < 8 || read32(bytes, start + 4) !== CALL) return;
    const { type, code } = error;
    const owner = flow.source(direction).id * 2 + 1;
    const server = flow.destination(direction);
    this.exchanges.icmpError(owner, read32(bytes, start), server, {
      frame: this.now.frame,
      file: this.now.file,
      type,
      code,
    });
  }

  /** Follows what is said over UDP about DTLS. True: it follows. */
  private followTls(flow: Flow, message: Message): boolean {
    const negotiation = this.negotiations.get(flow) ?? new TlsNegotiation();
    this.negotiations.set(flow, negotiation);
    return negotiation.follow(message, 'between these ports is DTLS');
  }

  /** @returns False: the flow was counted before. */
  private countDtls(flow: Flow): boolean {
    if (this.dtls.has(flow)) return false;
    this.dtls.add(flow);
    this.counts.tlsConnections++;
    return true;
  }

  open(flow: Flow): StreamSink {
    return new RpcStream(this, flow, ++this.streams, this.now.order);
  }

  reopen(flow: Flow, rest: Rest): StreamSink {
    const stream = new RpcStream(this, flow, rest.integer(0), rest.integer(0));
    stream.keepAtRest(rest);
    return stream;
  }

  newWalker(sink: RecordSink): RecordWalker {
    return new RecordWalker(sink, this.pool, this.counts, this.notesPlaces);
  }

  isServer(endpoint: Endpoint): boolean {
    return this.servers.has(endpoint);
  }

  /** No more payloads come: decides the outcome of all that is unanswered. */
  finish(): void {
    for (const _ of this.finishing());
  }

  /**
   * The same in steps, each of which reports at most one exchange.
   * @param endAfter Given a time in seconds, when the capture that covers it ended; null: with the last frame.
   */
  finishing(endAfter: (time: number) => number | null = () => null): Generator<undefined> {
    return this.exchanges.finish(this.now.seconds, endAfter);
  }

  /**
   * Emits a record of `length` bytes that one direction of a stream carried; `bytes[start..end)` are there. True: what
   * follows is TLS.
   */
  record(
    stream: RpcStream,
    direction: Direction,
    walker: RecordWalker,
    bytes: Uint8Array,
    start: number,
    end: number,
    length: number,
  ): boolean {
    const { message } = this;
    const { flow } = stream;
    const destination = flow.destination(direction);
    message.places = walker.places?.numbers ?? NO_PLACES;
    message.opening = stream.opening;
    message.connection = stream.connection;
    message.protocol = TCP;
    this.placeCarried(walker.carriers, bytes, start, end, length, flow.source(direction), destination);
    message.mostLength = walker.isLengthKnown ? 0 : MAX_RECORD;
    if (!readHeader(message)) return false;
    if (walker.unterminated) message.notes.push('no fragment of this record was marked as the last');
    if (stream.isEnding && message.isTruncated) message.notes.push(UNFINISHED);
    if (walker.isKeptInPart) {
      message.notes.push(KEPT_IN_PART);
      this.counts.keptInPart++;
    }
    const isCall = message.type === CALL;
    if (isCall) {
      const calls = stream.calls[direction];
      if (message.hasProgram) calls.program = message.program;
      this.exchanges.call(message, calls.owner, destination, calls);
    } else {
      const calls = stream.calls[direction ^ 1];
      // Records that are unfinished when the stream ends were not sent to their end.
      this.exchanges.reply(message, calls.owner, !stream.isEnding, calls);
    }
    this.exchanges.setPosition(message, isCall, walker.recordEnd);
    const resent = stream.takeResent(direction, walker.recordEnd - length);
    if (resent > 0) this.exchanges.resentWithin(message, resent);
    const isTls = stream.negotiation.follow(message, 'on this connection is TLS');
    this.deliver();
    return isTls;
  }

  nextConnection(): number {
    return ++this.connections;
  }

  rdma(flow: Flow): RdmaSink {
    return new RdmaStream(this, this.pool, flow, ++this.streams);
  }

  /** Emits a message that a reliable connection of RDMA carried. */
  transferred(
    stream: RdmaStream,
    direction: Direction,
    carriers: Carriers,
    { bytes, start, end, length }: Extent,
    notes: readonly string[],
  ): void {
    const { message } = this;
    const { flow } = stream;
    const destination = flow.destination(direction);
    message.places = NO_PLACES;
    message.opening = -1;
    message.connection = stream.connection;
    message.protocol = RDMA;
    message.mostLength = 0;
    this.placeCarried(carriers, bytes, start, end, length, flow.source(direction), destination);
    if (!readHeader(message)) return;
    message.notes.push(...notes);
    if (message.isKeptInPart) this.counts.keptInPart++;
    if (message.type === CALL) {
      const calls = stream.calls[direction];
      this.exchanges.call(message, calls.owner, destination, calls);
    } else {
      const calls = stream.calls[opposite(direction)];
      this.exchanges.reply(message, calls.owner, true, calls);
    }
    this.deliver();
  }

  /** Places a message with the frames that carried it. */
  private placeCarried(
    { firstFrame, firstFile, firstSeconds, firstNanoseconds, newest, count, orders }: Carriers,
    bytes: Uint8Array,
    start: number,
    end: number,
    length: number,
    source: Endpoint,
    destination: Endpoint,
  ): void {
    const { message } = this;
    message.firstFrame = firstFrame;
    message.firstFile = firstFile;
    message.frameCount = count;
    message.carriers = orders;
    message.transfer =
      count === 1 ? 0 : nanosecondsBetween(firstSeconds, firstNanoseconds, newest.seconds, newest.nanoseconds);
    this.place(bytes, start, end, length, source, destination, newest);
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
    message.length = length;
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
    if (message.isTruncated) {
      counts.truncated++;
      if (!message.isKeptInPart) counts.firstTruncated = firstPlace(counts.firstTruncated, message);
    }
    if (message.type === CALL) counts.calls++;
    else {
      counts.replies++;
      if (message.exchange < 0) counts.repliesWithoutCall++;
      else this.learnServer(message.source);
    }
    this.emit(message);
  }

  private learnServer(endpoint: Endpoint): void {
    if (endpoint === this.newestServer) return;
    this.newestServer = endpoint;
    if (!this.servers.has(endpoint)) this.servers.set(endpoint, true);
  }

  private isRpcDatagram(bytes: Uint8Array, start: number, end: number, length: number, destination: Endpoint): boolean {
    if (end - start < LEAST_HEADER) return false;
    if (isCall(bytes, start, end, length)) return true;
    const isAnyCall = this.servers.has(destination) && isCallOfAnyVersion(bytes, start, end, length);
    // The first record of a DTLS handshake has numbers as small as those of a call.
    if (isAnyCall && !isDtls(bytes, start, end, length)) return true;
    if (isReplyToKnownCall(bytes, start, end) && this.exchanges.has(destination.id * 2 + 1, read32(bytes, start)))
      return true;
    return isReply(bytes, start, end, length);
  }
}

/** IPsec's port for packets behind network address translation, which begin with an index that is not 0 (RFC 3948). */
const IPSEC_PORT = 4500;

function isEncapsulatedEsp(bytes: Uint8Array, start: number, end: number, source: Endpoint, peer: Endpoint): boolean {
  return (source.port === IPSEC_PORT || peer.port === IPSEC_PORT) && end - start >= 8 && read32(bytes, start) !== 0;
}
