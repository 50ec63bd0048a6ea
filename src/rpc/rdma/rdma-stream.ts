/**
 * RPC in one reliable connection of RDMA (RFC 8166): the SENDs of each direction are put together to messages, whose
 * header says what the RPC message behind it is. A connection counts as RPC-over-RDMA once such a header and the RPC
 * message agree, and is given up when `MAX_RDMA_STRIKES` SENDs came without any.
 */
import { MAX_RDMA_STRIKES } from '../../limits.js';
import { type Direction, type Flow, opposite } from '../../network/flow.js';
import type { RdmaPacket } from '../../network/rdma/base-transport.js';
import type { RdmaSink, Transfer } from '../../network/rdma/rdma-sink.js';
import type { Stamp } from '../../network/stamp.js';
import { read32 } from '../../xdr/bytes.js';
import type { BufferPool } from '../buffer-pool.js';
import { Carriers } from '../carriers.js';
import { isCall, isReply, isReplyToKnownCall } from '../evidence.js';
import type { Messages } from '../messages.js';
import { CallStream } from '../outcome.js';
import { RecordStore } from '../record-store.js';
import { RDMA_ERROR, RDMA_MSG, type RdmaHeader, readRdmaHeader } from './rdma-header.js';

/** The SEND of one direction that is being put together. */
class Side {
  readonly store: RecordStore;
  readonly carriers = new Carriers();
  /** Length on the wire so far. */
  length = 0;
  isOpen = false;
  /** Anything came in this direction. */
  isSeen = false;

  constructor(pool: BufferPool) {
    this.store = new RecordStore(pool);
  }

  drop(): void {
    this.isOpen = false;
    this.store.release();
  }
}

export class RdmaStream implements RdmaSink {
  /** The calls of each direction. */
  readonly calls: readonly [CallStream, CallStream];
  /** 0: no message was found so far. */
  connection = 0;
  private readonly sides: readonly [Side, Side];
  /** The connection carries RPC. */
  private isProven = false;
  /** SENDs without RPC-over-RDMA. */
  private strikes = 0;

  /** @param id Number of the connection among all that are no datagrams; see RpcStream. */
  constructor(
    private readonly messages: Messages,
    pool: BufferPool,
    public flow: Flow,
    id: number,
  ) {
    this.calls = [new CallStream(id * 4), new CallStream(id * 4 + 2)];
    this.sides = [new Side(pool), new Side(pool)];
  }

  /** Messages that were passed on without the number of their queue pair keep their connection number to themselves. */
  paired(flow: Flow): void {
    this.flow = flow;
    this.connection = 0;
  }

  send(direction: Direction, packet: RdmaPacket, carrier: Stamp): void {
    const side = this.sides[direction];
    side.isSeen = true;
    if (this.isOther) return;
    const { opcode, bytes, start, end, length } = packet;
    const isWhole = opcode.isFirst && opcode.isLast;
    if (opcode.isFirst) {
      side.drop();
      side.carriers.restart();
    } else if (!side.isOpen) return;
    if (isWhole) {
      side.carriers.setOnly(carrier);
      this.message(direction, bytes, start, end, length);
      return;
    }
    this.keep(side, packet, carrier);
    if (!opcode.isLast) return;
    const { store } = side;
    if (store.bytes !== null) this.message(direction, store.bytes, 0, store.length, side.length);
    side.drop();
  }

  transfer(_transfer: Transfer, _packet: RdmaPacket, _carrier: Stamp): void {}

  skip(direction: Direction): void {
    this.sides[direction].drop();
    this.messages.exchanges.repliesLost(this.calls[opposite(direction)]);
  }

  isAnsweredBy(direction: Direction, { bytes, start, end }: RdmaPacket): boolean {
    return readRdmaHeader(bytes, start, end) !== null && this.isKnownXid(direction, read32(bytes, start));
  }

  isAnswer(call: RdmaPacket, reply: RdmaPacket): boolean {
    const [called, replied] = [call, reply].map(({ bytes, start, end }) => readRdmaHeader(bytes, start, end));
    return called !== null && replied !== null && called.xid === replied.xid;
  }

  end(): void {
    const { exchanges, now, counts } = this.messages;
    if (!this.isProven) counts.notRpc++;
    for (const direction of [0, 1] as const) {
      this.sides[direction].drop();
      const end = {
        isConnectionEnd: false,
        sawReplies: this.sides[opposite(direction)].isSeen,
        state: 'open',
      } as const;
      const client = this.flow.source(direction);
      exchanges.ended(this.calls[direction], client, this.flow.destination(direction), end, now.seconds);
    }
  }

  /** The connection carries something else. */
  private get isOther(): boolean {
    return !this.isProven && this.strikes > MAX_RDMA_STRIKES;
  }

  private keep(side: Side, { opcode, bytes, start, end, length }: RdmaPacket, carrier: Stamp): void {
    const { store } = side;
    if (opcode.isFirst) {
      side.isOpen = true;
      side.length = 0;
      store.open();
    }
    side.carriers.note(carrier);
    side.length += length;
    store.keep(bytes, start, end - start, end - start);
    if (end - start < length) store.isHoled = true;
  }

  /** Takes a SEND of `length` bytes, of which `bytes[start..end)` are there. */
  private message(direction: Direction, bytes: Uint8Array, start: number, end: number, length: number): void {
    const header = readRdmaHeader(bytes, start, end);
    if (header === null || !this.isBelievable(direction, header, bytes, end, start + length)) {
      this.refuse(direction);
      return;
    }
    this.isProven = true;
    if (header.procedure !== RDMA_MSG) return;
    const { carriers } = this.sides[direction];
    if (this.connection === 0) this.connection = this.messages.nextConnection();
    this.messages.transferred(this, direction, carriers, bytes, header.end, end, start + length - header.end);
  }

  private refuse(direction: Direction): void {
    this.strikes++;
    if (!this.isProven) return;
    this.messages.counts.headlessRecords++;
    this.messages.exchanges.repliesLost(this.calls[opposite(direction)]);
  }

  /** True where what lies behind the header agrees with it. */
  private isBelievable(
    direction: Direction,
    header: RdmaHeader,
    bytes: Uint8Array,
    end: number,
    limit: number,
  ): boolean {
    const { xid, procedure, end: at } = header;
    if (procedure !== RDMA_MSG) return this.isProven || (procedure !== RDMA_ERROR && at === limit);
    if (at + 8 > end || read32(bytes, at) !== xid) return false;
    if (this.isProven) return read32(bytes, at + 4) <= 1;
    const length = limit - at;
    if (isCall(bytes, at, end, length) || isReply(bytes, at, end, length)) return true;
    return isReplyToKnownCall(bytes, at, end) && this.isKnownXid(opposite(direction), xid);
  }

  private isKnownXid(direction: Direction, xid: number): boolean {
    const calls = this.calls[direction];
    return this.messages.exchanges.has(calls.owner, xid, calls);
  }
}
