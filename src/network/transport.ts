/**
 * Packets → payloads: assigns UDP datagrams (RFC 768) and TCP segments to their flows, and ICMP errors to the flow of
 * the packet they quote. Other protocols, RDMA and cut headers are counted.
 */
import { GAP_GRACE_PACKETS, MAX_AWAKE_FLOWS } from '../limits/network.js';
import { read16, viewOf } from '../xdr/bytes.js';
import type { NetworkCounts } from './counts.js';
import { EarlyDatagrams } from './early-datagrams.js';
import { FLOW_BOUNDS, type Flow, FlowTable } from './flow.js';
import { type Datagram, isWhole } from './fragments.js';
import { ICMP, ICMPV6, type IcmpError, readQuoted } from './icmp.js';
import { type IpPacket, newIpPacket } from './ip.js';
import type { Origins } from './origins.js';
import { TCP, UDP } from './protocols.js';
import { isRdma, newRdmaPacket, ROCE_PORT, readRdmaPacket } from './rdma/base-transport.js';
import { QueuePairs } from './rdma/queue-pairs.js';
import type { Stamp } from './stamp.js';
import { FIN, type Segment, TcpConnection, type TcpContext } from './tcp.js';
import type { Carriage, TransportSink } from './transport-sink.js';

const ESP = 50;
export const UDP_HEADER = 8;
export const TCP_HEADER = 20;

/** For a datagram in one frame, which needs no list. */
const ONE_FRAME: readonly number[] = [];

export class Transport {
  readonly flows: FlowTable;
  private readonly tcp: TcpContext;
  private readonly early: EarlyDatagrams;
  /**
   * Fuller copies of cut packets were seen, so the bytes that a snaplen cut off are waited
   * for like other missing bytes.
   */
  expectsFuller = false;
  /** The second of the capture in which missing bytes were last given up, and the order of that frame. */
  private second = -1;
  private lookedAt = 0;
  private readonly quoted = newIpPacket();
  private readonly icmpError: IcmpError = { version: 4, type: 0, code: 0 };
  private readonly carriage: Carriage = {
    firstFrame: 0,
    firstFile: 0,
    frames: 0,
    orders: ONE_FRAME,
    seconds: 0,
    nanoseconds: 0,
    lost: false,
    duplicate: false,
    mayWait: true,
  };
  private readonly segment: Segment = {
    sequence: 0,
    acknowledgement: 0,
    flags: 0,
    window: 0,
    bytes: new Uint8Array(0),
    start: 0,
    end: 0,
    length: 0,
    isFuller: false,
  };

  readonly queuePairs: QueuePairs;
  private readonly rdmaPacket = newRdmaPacket();

  constructor(
    private readonly sink: TransportSink,
    private readonly counts: NetworkCounts,
    private readonly now: Stamp,
    private readonly onCut: () => void,
    origins: Origins | null,
    awake = MAX_AWAKE_FLOWS,
  ) {
    const owner = { evict: (flow: Flow) => this.evict(flow), rest: (flow: Flow) => this.rest(flow) };
    this.flows = new FlowTable(owner, { ...FLOW_BOUNDS, awake });
    this.early = new EarlyDatagrams(sink, now, origins);
    this.queuePairs = new QueuePairs(sink, this.flows.endpoints, now, counts);
    const reopen = sink.reopen?.bind(sink) ?? null;
    this.tcp = {
      now,
      open: (flow) => sink.open(flow),
      reopen,
      waitingBytes: 0,
      lags: false,
      resets: new Set(),
      opened: 0,
      missing: new Set(),
      waiting: new Set(),
      counts,
      origins,
    };
  }

  /** Takes a packet; `fragments` is the datagram in which it came, of several frames; null for a packet in one frame. */
  deliver(packet: IpPacket, fragments: Datagram | null, isDuplicate: boolean, isFuller: boolean): void {
    if (this.early.any) this.early.giveUpLate();
    switch (packet.protocol) {
      case TCP:
        this.tcpSegment(packet, fragments, isFuller);
        return;
      case UDP:
        this.udpDatagram(packet, fragments, isDuplicate, isFuller);
        return;
      case ICMP:
      case ICMPV6:
        this.icmpMessage(packet);
        return;
      case ESP:
        this.counts.encrypted++;
        return;
      default:
        this.counts.otherProtocols++;
    }
  }

  /**
   * Passes on datagrams that wait, then ends the open connections, one at each step, because
   * each may have much to pass on.
   */
  *finishing(): Generator<undefined> {
    this.early.finish();
    yield;
    for (const flow of this.flows.values()) {
      if (flow.protocol !== TCP) continue;
      this.known(flow)?.end('input_end');
      flow.state = null;
      yield;
    }
    yield* this.queuePairs.finishing();
  }

  private evict(flow: Flow): void {
    if (flow.protocol !== TCP) return;
    this.known(flow)?.end('evicted');
    flow.state = null;
  }

  private rest(flow: Flow): boolean {
    // Connections whose sinks cannot be put to rest stay awake.
    if (!(flow.state instanceof TcpConnection) || this.tcp.reopen === null) return true;
    const rest = flow.state.rest();
    if (rest !== null) flow.state = rest;
    return rest !== null;
  }

  /** The newest connection of a TCP flow, woken if it was at rest. */
  private known(flow: Flow): TcpConnection | null {
    if (typeof flow.state === 'string') flow.state = TcpConnection.wake(flow, this.tcp, flow.state);
    return flow.state as TcpConnection | null;
  }

  private udpDatagram(packet: IpPacket, fragments: Datagram | null, isDuplicate: boolean, isFuller: boolean): void {
    const { bytes, start: at, end } = packet;
    const length = read16(bytes, at + 4);
    if (end - at < UDP_HEADER || (length < UDP_HEADER && length !== 0)) {
      this.refuse(packet, fragments, UDP_HEADER);
      return;
    }
    const stop = length === 0 ? end : Math.min(end, at + length);
    if (read16(bytes, at + 2) === ROCE_PORT && isRdma(bytes, at + UDP_HEADER, stop)) {
      this.counts.roceV2++;
      this.rdma(packet, at + UDP_HEADER, stop, length === 0 ? stop : at + length);
      return;
    }
    const flow = this.flows.lookup(packet);
    const { direction } = this.flows;
    const carriage = this.carriage;
    carriage.firstFrame = fragments?.firstFrame ?? this.now.frame;
    carriage.firstFile = fragments?.firstFile ?? this.now.file;
    carriage.frames = fragments?.frames ?? 1;
    carriage.orders = fragments?.orders ?? ONE_FRAME;
    carriage.seconds = fragments?.seconds ?? this.now.seconds;
    carriage.nanoseconds = fragments?.nanoseconds ?? this.now.nanoseconds;
    carriage.lost = fragments !== null && !isWhole(fragments);
    carriage.duplicate = isDuplicate && !isFuller;
    const payload = at + UDP_HEADER;
    const payloadLength = length === 0 ? stop - payload : length - UDP_HEADER;
    if (isFuller && !this.early.giveWay(flow, direction, bytes, payload, payloadLength)) return;
    const isCut = stop - payload < payloadLength && this.awaitsFuller(packet, isFuller);
    if (isCut || this.sink.datagram(flow, direction, bytes, payload, stop, payloadLength, carriage)) {
      this.early.keep(isCut, flow, direction, bytes, payload, stop, payloadLength, carriage);
    } else if (this.early.any) this.early.offer(flow.source(direction));
  }

  /**
   * Takes an RDMA packet whose base transport header is at `start`; it was captured up to `end`, and `wireEnd` is where
   * its invariant checksum ended.
   */
  rdma(packet: IpPacket, start: number, end: number, wireEnd: number): void {
    if (readRdmaPacket(packet.bytes, start, end, wireEnd, this.rdmaPacket))
      this.queuePairs.packet(packet, this.rdmaPacket);
  }

  /** Counts a packet without a transport header: it was cut within it, or it contradicts itself. */
  private refuse({ start, end, length }: IpPacket, fragments: Datagram | null, headerLength: number): void {
    if (fragments === null && end - start < headerLength && length >= headerLength) this.onCut();
    else this.counts.damaged++;
  }

  private tcpSegment(packet: IpPacket, fragments: Datagram | null, isFuller: boolean): void {
    const { bytes, start: at, end } = packet;
    const length = packet.length < 0 ? end - at : packet.length;
    const headerLength = end - at >= TCP_HEADER ? (bytes[at + 12] >> 4) * 4 : 0;
    if (headerLength < TCP_HEADER || headerLength > length) {
      this.refuse(packet, fragments, TCP_HEADER);
      return;
    }
    const flow = this.flows.lookup(packet);
    const segment = this.segment;
    const view = viewOf(bytes);
    segment.sequence = view.getInt32(at + 4);
    segment.acknowledgement = view.getInt32(at + 8);
    segment.flags = bytes[at + 13];
    segment.window = read16(bytes, at + 14);
    segment.bytes = bytes;
    segment.start = Math.min(at + headerLength, end);
    segment.end = end;
    segment.length = length - headerLength;
    segment.isFuller = isFuller;
    // The receiver had nothing of a datagram that lacks a fragment, so all of it is sent again.
    const isLost = fragments !== null && !isWhole(fragments);
    const isCut = segment.end - segment.start < segment.length;
    if (isLost || (isCut && this.awaitsFuller(packet, isFuller))) {
      segment.length = segment.end - segment.start;
      segment.flags &= ~FIN;
    }
    if (this.tcp.missing.size > 0 && this.now.seconds !== this.second) this.giveUpMissing(this.tcp.missing);
    if (this.tcp.resets.size > 0) this.tellResets(this.tcp.resets);
    this.connection(flow, segment).segment(this.flows.direction, segment);
  }

  /** Only a packet with an identification can have a known copy; reassembled datagrams have none either. */
  private awaitsFuller({ identification }: IpPacket, isFuller: boolean): boolean {
    return this.expectsFuller && !isFuller && identification !== 0;
  }

  /**
   * Once a second of the capture, declares holes in connections where nothing more came. After each
   * round as many frames must pass as connections were checked, so that a clock that jumps to and fro
   * costs at most one check a frame.
   */
  private giveUpMissing(missing: ReadonlySet<TcpConnection>): void {
    const { order, seconds } = this.now;
    if (order - this.lookedAt < missing.size) return;
    this.second = seconds;
    this.lookedAt = order;
    for (const connection of missing) connection.giveUpMissing();
  }

  /**
   * Tells of the connections whose grace after an RST has passed. Of too many (as there are only while missing bytes have
   * their grace in time alone) the first is told of early.
   */
  private tellResets(resets: Set<TcpConnection>): void {
    for (const connection of resets) {
      if (connection.tellReset(resets.size > GAP_GRACE_PACKETS)) resets.delete(connection);
    }
  }

  /** The incarnation of the connection that a segment belongs to; opens it where it is new. */
  private connection(flow: Flow, segment: Segment): TcpConnection {
    const connection = this.known(flow);
    const { direction } = this.flows;
    if (connection !== null) {
      const { isEnded } = connection;
      if (isEnded ? connection.isAfterEnd(direction, segment) : !connection.isReplacedBy(direction, segment)) {
        return connection;
      }
      connection.replace(segment);
    }
    const opened = TcpConnection.open(flow, this.tcp, connection);
    flow.state = opened;
    return opened;
  }

  private icmpMessage(packet: IpPacket): void {
    const { quoted, icmpError } = this;
    if (!readQuoted(packet, quoted, icmpError)) {
      this.counts.otherProtocols++;
      return;
    }
    this.counts.icmpErrors++;
    const { bytes, start, end, protocol } = quoted;
    if (this.sink.quoted === undefined || (protocol !== TCP && protocol !== UDP)) return;
    const flow = this.flows.find(quoted);
    if (flow === null) return;
    const payload = Math.min(end, start + transportHeader(quoted));
    this.sink.quoted(flow, this.flows.direction, bytes, payload, end, icmpError);
  }
}

/** Length of the transport header of a quoted packet. */
function transportHeader({ protocol, bytes, start, end }: IpPacket): number {
  if (protocol === UDP) return UDP_HEADER;
  return start + 12 < end ? Math.max(TCP_HEADER, (bytes[start + 12] >> 4) * 4) : TCP_HEADER;
}
