/**
 * One direction of a reliable connection: the packets that go to one queue pair, in the order of their sequence
 * numbers (InfiniBand Architecture, §9.7). Numbers behind the expected one are packets sent again. A packet ahead of
 * it waits, with a copy of its bytes, until the missing ones come (a receiver asks for lost packets, and frames of a
 * capture swap), until the receiver acknowledges a number behind them (it had what the capture has not), or until the
 * grace has passed; then they are a hole. The first packets wait in the same way until the other queue pair of the
 * connection is known, because messages name both.
 */
import {
  GAP_GRACE_PACKETS,
  GAP_GRACE_SECONDS,
  MAX_RDMA_READS,
  MAX_RDMA_WAITING,
  RECENT_REQUESTS,
} from '../../limits/network.js';
import { copyBytes } from '../../xdr/bytes.js';
import type { Endpoint } from '../endpoints.js';
import { type Direction, opposite } from '../flow.js';
import { copyStamp, newStamp, type Stamp } from '../stamp.js';
import { LARGEST_PACKET, type RdmaPacket, sequenceAfter, sequenceDistance } from './base-transport.js';
import type { RdmaConnection } from './connection.js';
import type { Transfer } from './rdma-sink.js';

/** The smallest payload that the packets of a path may be limited to. */
const SMALLEST_PACKET = 256;
/** Steps beyond this are no missing packets: the queue pair's number belongs to another connection now. */
const LARGEST_STEP = 1 << 16;

interface WaitingPacket {
  packet: RdmaPacket;
  carrier: Stamp;
}

/** An RDMA READ whose response is awaited. */
interface Read {
  sequence: number;
  key: number;
  addressHigh: number;
  addressLow: number;
  size: number;
  /** How many packets of the response came. */
  received: number;
}

export class QueuePair {
  /** The next sequence number; -1: no request came. */
  private next = -1;
  /** How many numbers further the next request may be, because the length of a response is not known in packets. */
  private slack = 0;
  private waiting: WaitingPacket[] = [];
  /** Responses to this direction's READs that came before others. */
  private readonly early: WaitingPacket[] = [];
  /** The other queue pair is known, or no longer waited for. */
  private isSettled = false;
  /** Order and second of the frame that began the wait. */
  private readonly since = newStamp();
  /** The RDMA READs that were asked for in this direction, the oldest first. */
  private reads: Read[] = [];
  /** The RDMA WRITE that goes on; its key is -1 when there is none. */
  private readonly write: Transfer = { owner: 0, key: -1, addressHigh: 0, addressLow: 0, offset: 0 };
  private readonly read: Transfer = { owner: 0, key: 0, addressHigh: 0, addressLow: 0, offset: 0 };

  /** The direction of its connection that sends to it. */
  direction: Direction = 0;

  /**
   * @param key What the table finds it by.
   * @param hosts The addresses of packets to it.
   */
  constructor(
    public connection: RdmaConnection,
    readonly key: string,
    readonly hosts: string,
    readonly endpoint: Endpoint,
  ) {}

  get isWaiting(): boolean {
    return this.waiting.length + this.early.length > 0;
  }

  /** Takes a SEND, RDMA WRITE, READ request or atomic operation. */
  request(packet: RdmaPacket, carrier: Stamp): void {
    if (this.next < 0) this.next = packet.sequence;
    if (!this.isSettled) return this.wait(packet, carrier);
    const ahead = sequenceDistance(this.next, packet.sequence);
    if (Math.abs(ahead) > LARGEST_STEP) {
      this.giveUpMissing();
      this.skipTo(packet.sequence);
      this.accept(packet, carrier);
    } else if (ahead < 0) this.again(packet);
    else if (ahead <= this.slack) {
      this.accept(packet, carrier);
      this.drain();
    } else this.wait(packet, carrier);
  }

  /** The receiver has all requests up to this number. */
  acknowledged(sequence: number): void {
    while (this.waiting.length > 0 && sequenceDistance(this.next, sequence) >= 0) {
      if (sequenceDistance(this.waiting[0].packet.sequence, sequence) < -1) return;
      this.giveUpFirst();
    }
  }

  /** The other queue pair is known, or no longer waited for: passes on what waits, as far as it is in order. */
  settle(): void {
    if (this.isSettled) return;
    this.isSettled = true;
    this.drain();
  }

  /** True where a SEND in the other direction answers a call in this one. */
  isAnsweredBy(reply: RdmaPacket): boolean {
    const { sink } = this.connection;
    if (this.isSettled) return sink.isAnsweredBy(this.direction, reply);
    return this.waiting.some(({ packet }) => isFirstOfSend(packet) && sink.isAnswer(packet, reply));
  }

  /** True for a number of a request that was sent a short time ago. */
  isRecent(sequence: number): boolean {
    if (this.next < 0) return false;
    const newest = this.waiting.length > 0 ? sequenceAfter(this.waiting.at(-1)!.packet.sequence, 1) : this.next;
    const behind = sequenceDistance(sequence, newest);
    return behind > 0 && behind <= RECENT_REQUESTS;
  }

  /** True where the grace of the missing packets has passed. */
  isLate(now: Stamp): boolean {
    return now.order - this.since.order > GAP_GRACE_PACKETS || now.seconds - this.since.seconds > GAP_GRACE_SECONDS;
  }

  /** Passes on what waits; missing packets are a hole. */
  giveUpMissing(): void {
    this.settle();
    this.early.length = 0;
    while (this.waiting.length > 0) this.giveUpFirst();
  }

  /** Takes the response to one of this direction's READs. Packets ahead of those before them wait, too. */
  response(packet: RdmaPacket, carrier: Stamp): void {
    const { packetLength } = this.connection;
    const at = this.reads.findLastIndex((read) => isResponse(read, packet, packetLength));
    if (at < 0) return;
    const read = this.reads[at];
    const index = sequenceDistance(read.sequence, packet.sequence);
    if (index > read.received && this.early.length < MAX_RDMA_WAITING) {
      if (!this.isWaiting) copyStamp(carrier, this.since);
      this.early.push(ownPacket(packet, carrier));
      return;
    }
    const { key, addressHigh, addressLow, size } = read;
    const offset = index * packetLength;
    read.received = Math.max(read.received, index + 1);
    if (packet.opcode.isLast) this.reads.splice(0, at + 1);
    const owner = opposite(this.direction);
    Object.assign(this.read, { owner, key, addressHigh, addressLow, offset });
    if (offset + packet.length <= size) this.connection.transfer(this.read, packet, carrier);
    this.takeEarly();
  }

  /** Takes the early responses again; those that are still too early wait on. */
  private takeEarly(): void {
    for (const { packet, carrier } of this.early.splice(0)) this.response(packet, carrier);
  }

  private wait(packet: RdmaPacket, carrier: Stamp): void {
    const { waiting, next } = this;
    const ahead = sequenceDistance(next, packet.sequence);
    let at = waiting.length;
    while (at > 0 && sequenceDistance(next, waiting[at - 1].packet.sequence) > ahead) at--;
    if (at > 0 && waiting[at - 1].packet.sequence === packet.sequence) return;
    if (!this.isWaiting) copyStamp(carrier, this.since);
    waiting.splice(at, 0, ownPacket(packet, carrier));
    if (waiting.length <= MAX_RDMA_WAITING) return;
    if (this.isSettled) this.giveUpFirst();
    else this.settle();
  }

  private giveUpFirst(): void {
    this.skipTo(this.waiting[0].packet.sequence);
    this.drain();
  }

  private skipTo(sequence: number): void {
    this.next = sequence;
    this.slack = 0;
    this.write.key = -1;
    this.connection.skip(this.direction);
  }

  /** Passes on the waiting packets that are in order now. */
  private drain(): void {
    while (this.waiting.length > 0) {
      const { packet, carrier } = this.waiting[0];
      const ahead = sequenceDistance(this.next, packet.sequence);
      if (ahead > this.slack) return;
      this.waiting.shift();
      if (ahead >= 0) this.accept(packet, carrier);
    }
  }

  /** A request that was sent before. A READ may ask for the rest of what an earlier one asked for. */
  private again(packet: RdmaPacket): void {
    this.connection.resent();
    if (packet.opcode.operation === 'readRequest') this.addRead(packet);
  }

  private accept(packet: RdmaPacket, carrier: Stamp): void {
    const { operation } = packet.opcode;
    const { sequence } = packet;
    this.next = sequenceAfter(sequence, 1);
    this.slack = 0;
    if (operation === 'send') this.connection.send(this.direction, packet, carrier);
    else if (operation === 'write') this.writePacket(packet, carrier);
    else if (operation === 'readRequest') {
      this.addRead(packet);
      const { packetLength } = this.connection;
      const least = packetsOf(packet.size, packetLength || LARGEST_PACKET);
      this.next = sequenceAfter(sequence, least);
      this.slack = packetsOf(packet.size, packetLength || SMALLEST_PACKET) - least;
    }
  }

  private writePacket(packet: RdmaPacket, carrier: Stamp): void {
    const { write } = this;
    const { opcode, length } = packet;
    if (opcode.isFirst) {
      const { key, addressHigh, addressLow } = packet;
      Object.assign(write, { owner: opposite(this.direction), key, addressHigh, addressLow, offset: 0 });
    }
    if (write.key < 0) return;
    this.connection.transfer(write, packet, carrier);
    write.offset += length;
    if (opcode.isLast) write.key = -1;
  }

  private addRead({ sequence, key, addressHigh, addressLow, size }: RdmaPacket): void {
    this.reads.push({ sequence, key, addressHigh, addressLow, size, received: 0 });
    if (this.reads.length > MAX_RDMA_READS) this.reads.shift();
  }
}

/** True for the packet that begins a SEND. */
export function isFirstOfSend({ opcode }: RdmaPacket): boolean {
  return opcode.operation === 'send' && opcode.isFirst;
}

/** True for a packet of the response to a READ. */
function isResponse({ sequence, size }: Read, packet: RdmaPacket, packetLength: number): boolean {
  const index = sequenceDistance(sequence, packet.sequence);
  return index >= 0 && index < packetsOf(size, packetLength || SMALLEST_PACKET);
}

/** A packet with bytes of its own. */
function ownPacket(packet: RdmaPacket, carrier: Stamp): WaitingPacket {
  const bytes = copyBytes(packet.bytes, packet.start, packet.end);
  const own = newStamp();
  copyStamp(carrier, own);
  return { packet: { ...packet, bytes, start: 0, end: bytes.length }, carrier: own };
}

function packetsOf(size: number, packetLength: number): number {
  return Math.max(1, Math.ceil(size / packetLength));
}
