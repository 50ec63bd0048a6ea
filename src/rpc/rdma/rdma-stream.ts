/**
 * RPC in one reliable connection of RDMA (RFC 8166): the SENDs of each direction are put together to messages, whose
 * header says what the RPC message behind it is. A connection counts as RPC-over-RDMA once such a header and the RPC
 * message agree, and is given up when `MAX_RDMA_STRIKES` SENDs came without any.
 */
import { GAP_GRACE_SECONDS } from '../../limits/network.js';
import { MAX_RDMA_STRIKES } from '../../limits/rpc.js';
import { type Direction, type Flow, opposite } from '../../network/flow.js';
import type { RdmaPacket } from '../../network/rdma/base-transport.js';
import type { RdmaSink, Transfer } from '../../network/rdma/rdma-sink.js';
import type { Stamp } from '../../network/stamp.js';
import { padded, read32 } from '../../xdr/bytes.js';
import { byteCount } from '../../xdr/plural.js';
import type { BufferPool } from '../buffer-pool.js';
import { Carriers } from '../carriers.js';
import { isCall, isReply, isReplyToKnownCall, LEAST_HEADER } from '../evidence.js';
import { KEPT_IN_PART, REPLY } from '../message.js';
import type { Messages } from '../messages.js';
import { CallStream } from '../outcome.js';
import { RecordStore } from '../record-store.js';
import { assemble, type Extent, extentOf, type Insertion, NO_BYTES } from './assembly.js';
import { ChunkedCall, ChunkedCalls, type ChunkOwner } from './chunked-calls.js';
import { placesOfData } from './nfs-bindings.js';
import { lengthOf, RDMA_ERROR, RDMA_MSGP, RDMA_NOMSG, type RdmaHeader, readRdmaHeader } from './rdma-header.js';

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

export class RdmaStream implements RdmaSink, ChunkOwner {
  /** The calls of each direction. */
  readonly calls: readonly [CallStream, CallStream];
  /** 0: no message was found so far. */
  connection = 0;
  private readonly sides: readonly [Side, Side];
  /** Calls that wait for their data, the oldest first. */
  private readonly held = new Set<ChunkedCall>();
  private readonly chunked = [new ChunkedCalls(), new ChunkedCalls()] as const;
  /** The connection carries RPC. */
  private isProven = false;
  /** SENDs without RPC-over-RDMA. */
  private strikes = 0;

  /** @param id Number of the connection among all that are no datagrams; see RpcStream. */
  constructor(
    private readonly messages: Messages,
    private readonly pool: BufferPool,
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
      side.carriers.note(carrier);
      this.message(direction, bytes, start, end, length);
      return;
    }
    this.keep(side, packet, carrier);
    if (!opcode.isLast) return;
    const { store } = side;
    if (store.bytes !== null) this.message(direction, store.bytes, 0, store.length, side.length);
    side.drop();
  }

  transfer(transfer: Transfer, packet: RdmaPacket, carrier: Stamp): void {
    const call = this.chunked[transfer.owner].put(transfer, packet, carrier);
    if (call?.isHeld && call.isComplete) this.emitHeld(call);
  }

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
      for (const call of this.chunked[direction].values()) this.forget(call);
    }
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
    this.emitLate(direction);
    if (header.procedure === RDMA_ERROR) this.messages.counts.rdmaErrors++;
    const sent = { bytes, start: header.end, end, length: start + length - header.end };
    if (header.procedure === RDMA_NOMSG) {
      if (header.reads.length > 0) this.chunkedCall(direction, header, sent);
      else this.chunkedReply(direction, header, sent);
    } else if (header.procedure <= RDMA_MSGP) {
      if (read32(bytes, header.end + 4) === REPLY) this.chunkedReply(direction, header, sent);
      else this.chunkedCall(direction, header, sent);
    }
  }

  /** Takes a call, most of which have no chunks. */
  private chunkedCall(direction: Direction, header: RdmaHeader, sent: Extent): void {
    const { carriers } = this.sides[direction];
    const hasChunks = header.reads.length > 0 || header.writes.length > 0 || header.reply !== null;
    if (!hasChunks) {
      this.emit(direction, carriers, sent);
      return;
    }
    const chunked = this.chunked[direction];
    const former = chunked.get(header.xid);
    if (former !== undefined) this.forget(former);
    const call = new ChunkedCall(this, direction, header, this.pool);
    chunked.add(call);
    if (header.reads.length > 0) {
      call.hold(sent, carriers);
      this.held.add(call);
    } else this.emitCall(call, carriers, sent);
    this.messages.chunkBound.add(call);
  }

  /** Takes a reply: what it left to chunks was written before. */
  private chunkedReply(direction: Direction, { xid, procedure, writes, reply }: RdmaHeader, sent: Extent): void {
    const called = opposite(direction);
    const call = this.chunked[called].get(xid);
    if (call === undefined) {
      const length = sent.length + writes.reduce((sum, segments) => sum + lengthOf(segments), 0);
      this.emit(direction, this.sides[direction].carriers, { ...sent, length });
      return;
    }
    if (call.isHeld) this.emitHeld(call);
    const carriers = new Carriers();
    let rest = sent;
    if (procedure === RDMA_NOMSG && reply !== null && call.reply !== null) {
      rest = extentOf(call.reply, Math.min(call.reply.length, lengthOf(reply)));
      carriers.add(call.reply.carriers);
    }
    const used = call.writes
      .map((chunk, i) => ({ chunk, length: Math.min(chunk.length, lengthOf(writes[i] ?? [])) }))
      .filter(({ length }) => length > 0);
    for (const { chunk } of used) carriers.add(chunk.carriers);
    carriers.add(this.sides[direction].carriers);
    const lengths = used.map(({ length }) => length);
    const places = placesOfData(rest.bytes, rest.start, rest.end, call.called, lengths);
    let inserted = 0;
    const insertions = places.map((place, i) => {
      const position = place + inserted;
      inserted += padded(lengths[i]);
      return { position, ...used[i] };
    });
    // Data of unknown place: the message goes on behind its end.
    const missing = lengths.slice(places.length).reduce((sum, length) => sum + length, 0);
    this.emitAssembled(direction, carriers, rest, insertions, missing);
    this.forget(call);
  }

  /** Passes on a call that has waited for its data, with what there is of them. */
  private emitHeld(call: ChunkedCall): void {
    call.isHeld = false;
    this.held.delete(call);
    const { carriers, store, reads } = call;
    for (const { chunk } of reads) carriers.add(chunk.carriers);
    const [first] = reads;
    const isLong = first.position === 0;
    const sent = { bytes: store.bytes ?? NO_BYTES, start: 0, end: store.length, length: call.length };
    const rest = isLong ? extentOf(first.chunk, first.chunk.length) : sent;
    const insertions = reads
      .slice(isLong ? 1 : 0)
      .map(({ position, chunk }) => ({ position, chunk, length: chunk.length }));
    this.noteCalled(call, rest);
    this.emitAssembled(call.direction, carriers, rest, insertions, 0);
    for (const { chunk } of reads) chunk.release();
    store.release();
  }

  private emitCall(call: ChunkedCall, carriers: Carriers, sent: Extent): void {
    this.noteCalled(call, sent);
    this.emit(call.direction, carriers, sent);
  }

  private noteCalled({ called }: ChunkedCall, { bytes, start, end }: Extent): void {
    if (end - start < 24) return;
    called.program = read32(bytes, start + 12);
    called.version = read32(bytes, start + 16);
    called.procedure = read32(bytes, start + 20);
  }

  /** Passes on calls that have waited too long for their data: as long as for other bytes of which a part is missing. */
  private emitLate(direction: Direction): void {
    const { seconds } = this.sides[direction].carriers.newest;
    for (const call of this.held) {
      if (seconds - call.carriers.newest.seconds <= GAP_GRACE_SECONDS) return;
      this.emitHeld(call);
    }
  }

  forget(call: ChunkedCall): void {
    if (call.isHeld) this.emitHeld(call);
    this.chunked[call.direction].remove(call);
    this.messages.chunkBound.remove(call);
  }

  /** @param missing Bytes that belong to the message, nobody knows where. */
  private emitAssembled(
    direction: Direction,
    carriers: Carriers,
    rest: Extent,
    insertions: Insertion[],
    missing: number,
  ): void {
    if (insertions.length === 0) {
      const notes = missing > 0 ? [notCaptured(missing, 0)] : [];
      this.emit(direction, carriers, { ...rest, length: rest.length + missing }, notes);
      return;
    }
    const store = new RecordStore(this.pool);
    store.open();
    const length = assemble(store, rest, insertions) + missing;
    const moved = insertions.reduce((sum, { length }) => sum + length, missing);
    const captured = insertions.reduce((sum, { chunk, length }) => sum + Math.min(chunk.have, length), 0);
    const notes = captured < moved ? [notCaptured(moved, captured)] : [];
    if (store.isKeptInPart || insertions.some(({ chunk }) => chunk.store.isKeptInPart)) notes.push(KEPT_IN_PART);
    this.emit(direction, carriers, { bytes: store.bytes ?? NO_BYTES, start: 0, end: store.length, length }, notes);
    store.release();
  }

  private emit(direction: Direction, carriers: Carriers, sent: Extent, notes: readonly string[] = []): void {
    if (sent.end - sent.start < LEAST_HEADER) {
      this.lose(direction);
      return;
    }
    if (this.connection === 0) this.connection = this.messages.nextConnection();
    this.messages.transferred(this, direction, carriers, sent, notes);
  }

  private refuse(direction: Direction): void {
    this.strikes++;
    if (this.isProven) this.lose(direction);
  }

  /** A message came of which not even the header is there. */
  private lose(direction: Direction): void {
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
    const { xid, procedure, reads, reply, end: at } = header;
    if (procedure === RDMA_NOMSG) return at === limit && (this.isProven || reads.length > 0 || reply !== null);
    if (procedure > RDMA_MSGP) return this.isProven;
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

function notCaptured(moved: number, captured: number): string {
  return `RDMA moved ${byteCount(moved)} of this message, of which ${captured} were captured`;
}
