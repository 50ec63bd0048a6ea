/**
 * The queue pairs of all reliable connections, by the addresses of a packet and the queue pair it goes to. Which two
 * belong together is learnt from their packets:
 *
 *   response  its sequence number is that of a request that was sent to the other queue pair a short time ago
 *   answer    a SEND that answers a call of the other direction, as the layer above knows
 *
 * While this is not known, packets wait as long as for missing ones; then their source has the port 0. The table is
 * bounded (`MAX_QUEUE_PAIRS`): the queue pair that was silent longest leaves, and its connection with it.
 */
import { MAX_QUEUE_PAIR_CANDIDATES, MAX_QUEUE_PAIRS, MAX_WAITING_QUEUE_PAIRS } from '../../limits/network.js';
import { readAddress } from '../../xdr/address.js';
import type { NetworkCounts } from '../counts.js';
import type { Endpoints } from '../endpoints.js';
import { opposite } from '../flow.js';
import type { IpPacket } from '../ip.js';
import type { Stamp } from '../stamp.js';
import type { TransportSink } from '../transport-sink.js';
import type { RdmaPacket } from './base-transport.js';
import { RdmaConnection, type RdmaContext } from './connection.js';
import { isFirstOfSend, QueuePair } from './queue-pair.js';

/** The addresses of a packet: the source's `addressLength` bytes at `addresses`, and behind them the destination's. */
type Addresses = Pick<IpPacket, 'bytes' | 'addresses' | 'addressLength'>;

export class QueuePairs {
  /** By addresses and number, the one that was silent longest first. */
  private readonly queuePairs = new Map<string, QueuePair>();
  /** Those without a partner, by the addresses of their packets, the newest last. */
  private readonly alone = new Map<string, QueuePair[]>();
  /** Those with packets that wait, in the order in which they began to. */
  private readonly waiting = new Set<QueuePair>();
  private readonly context: RdmaContext | null;
  /** Connections that were forgotten. */
  evicted = 0;

  constructor(
    sink: TransportSink,
    private readonly endpoints: Endpoints,
    private readonly now: Stamp,
    counts: NetworkCounts,
  ) {
    const open = sink.rdma?.bind(sink);
    this.context =
      open === undefined ? null : { open, resent: () => counts.resentPackets++, hole: () => counts.rdmaHoles++ };
  }

  /** Takes the packet of the frame being read. */
  packet(addresses: Addresses, packet: RdmaPacket): void {
    if (this.context === null) return;
    if (this.waiting.size > 0) this.giveUpLate();
    const { operation } = packet.opcode;
    if (operation === 'acknowledge' || operation === 'readResponse') this.response(addresses, packet);
    else this.request(addresses, packet);
  }

  /** Ends the connections, one at each step. */
  *finishing(): Generator<undefined> {
    for (const queuePair of this.queuePairs.values()) {
      queuePair.connection.end();
      yield;
    }
  }

  private request(addresses: Addresses, packet: RdmaPacket): void {
    const queuePair = this.find(addresses, packet) ?? this.open(addresses, packet);
    if (this.isAlone(queuePair) && isFirstOfSend(packet)) {
      const caller = this.alone.get(hostsBehind(addresses))?.find((other) => other.isAnsweredBy(packet));
      if (caller !== undefined) this.pair(caller, queuePair);
    }
    queuePair.connection.learnPacketLength(packet);
    queuePair.request(packet, this.now);
    this.noteWaiting(queuePair);
  }

  private response(addresses: Addresses, packet: RdmaPacket): void {
    let queuePair = this.find(addresses, packet);
    if (queuePair === undefined || this.isAlone(queuePair)) {
      const requested = this.alone.get(hostsBehind(addresses))?.filter((other) => other.isRecent(packet.sequence));
      if (requested?.length !== 1) return;
      queuePair ??= this.open(addresses, packet);
      this.pair(requested[0], queuePair);
    }
    const { connection, direction } = queuePair;
    const requested = connection.queuePairs[opposite(direction)]!;
    connection.learnPacketLength(packet);
    if (packet.isPositive) requested.acknowledged(packet.sequence);
    if (packet.opcode.operation === 'readResponse') requested.response(packet, this.now);
    this.noteWaiting(requested);
  }

  private isAlone({ connection, direction }: QueuePair): boolean {
    return connection.queuePairs[opposite(direction)] === null;
  }

  private find(addresses: Addresses, { queuePair }: RdmaPacket): QueuePair | undefined {
    const key = hostsOf(addresses) + String.fromCharCode(queuePair >> 12, queuePair & 0xfff);
    const found = this.queuePairs.get(key);
    if (found === undefined) return undefined;
    this.queuePairs.delete(key);
    this.queuePairs.set(key, found);
    return found;
  }

  private open(addresses: Addresses, { queuePair: number }: RdmaPacket): QueuePair {
    if (this.queuePairs.size >= MAX_QUEUE_PAIRS) this.evictOldest();
    const { bytes, addresses: at, addressLength: length } = addresses;
    const source = this.endpoints.get(readAddress(bytes, at, length), 0);
    const endpoint = this.endpoints.get(readAddress(bytes, at + length, length), number);
    const connection = new RdmaConnection(this.context!, source, endpoint);
    const hosts = hostsOf(addresses);
    const key = hosts + String.fromCharCode(number >> 12, number & 0xfff);
    const queuePair = new QueuePair(connection, key, hosts, endpoint);
    connection.queuePairs[0] = queuePair;
    this.queuePairs.set(key, queuePair);
    const others = this.alone.get(hosts) ?? [];
    this.alone.set(hosts, others);
    others.push(queuePair);
    if (others.length > MAX_QUEUE_PAIR_CANDIDATES) others.shift();
    return queuePair;
  }

  /** Makes one connection of two queue pairs: that of the first. */
  private pair(first: QueuePair, second: QueuePair): void {
    const { connection } = first;
    const { connection: former } = second;
    former.queuePairs[second.direction] = null;
    former.end();
    this.endpoints.release(former.source);
    second.connection = connection;
    second.direction = opposite(first.direction);
    connection.queuePairs[second.direction] = second;
    const [toFirst, toSecond] = connection.queuePairs;
    connection.paired(toSecond!.endpoint, toFirst!.endpoint);
    for (const queuePair of [first, second]) {
      this.noLongerAlone(queuePair);
      queuePair.settle();
      this.noteWaiting(queuePair);
    }
  }

  private noLongerAlone(queuePair: QueuePair): void {
    const others = this.alone.get(queuePair.hosts)?.filter((other) => other !== queuePair) ?? [];
    if (others.length > 0) this.alone.set(queuePair.hosts, others);
    else this.alone.delete(queuePair.hosts);
  }

  private evictOldest(): void {
    const [oldest] = this.queuePairs.values();
    const { connection } = oldest;
    connection.end();
    this.evicted++;
    this.endpoints.release(connection.source);
    for (const queuePair of connection.queuePairs) {
      if (queuePair === null) continue;
      this.queuePairs.delete(queuePair.key);
      this.waiting.delete(queuePair);
      this.noLongerAlone(queuePair);
      this.endpoints.release(queuePair.endpoint);
    }
  }

  // Packets that wait

  private noteWaiting(queuePair: QueuePair): void {
    if (!queuePair.isWaiting) this.waiting.delete(queuePair);
    else if (!this.waiting.has(queuePair)) {
      this.waiting.add(queuePair);
      if (this.waiting.size > MAX_WAITING_QUEUE_PAIRS) this.giveUpFirst();
    }
  }

  private giveUpLate(): void {
    for (const queuePair of this.waiting) {
      if (!queuePair.isLate(this.now)) return;
      this.giveUpFirst();
    }
  }

  private giveUpFirst(): void {
    const [queuePair] = this.waiting;
    this.waiting.delete(queuePair);
    queuePair.giveUpMissing();
  }
}

/** The addresses of a packet as text that tells them from others, and those of a packet in the other direction. */
function hostsOf({ bytes, addresses: at, addressLength: length }: Addresses): string {
  return latin1(bytes, at, at + 2 * length);
}

function hostsBehind({ bytes, addresses: at, addressLength: length }: Addresses): string {
  return latin1(bytes, at + length, at + 2 * length) + latin1(bytes, at, at + length);
}

function latin1(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');
}
