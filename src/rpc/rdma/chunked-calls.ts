/**
 * Calls with chunks whose replies have not come. A call waits for the data of its read chunks, which the receiver reads
 * when it has the rest of the call; write chunks and reply chunk are filled before the reply is sent. What is known of
 * chunks is bounded over all connections (`MAX_RDMA_CHUNK_PARTS`): the oldest calls are forgotten first.
 */
import { MAX_CHUNKS_A_KEY, MAX_RDMA_CHUNK_PARTS } from '../../limits/rpc.js';
import type { Direction } from '../../network/flow.js';
import type { RdmaPacket } from '../../network/rdma/base-transport.js';
import type { Transfer } from '../../network/rdma/rdma-sink.js';
import type { Stamp } from '../../network/stamp.js';
import type { BufferPool } from '../buffer-pool.js';
import { Carriers } from '../carriers.js';
import { RecordStore } from '../record-store.js';
import type { Extent } from './assembly.js';
import { Chunk } from './chunk.js';
import type { Called } from './nfs-bindings.js';
import type { RdmaHeader } from './rdma-header.js';

export class ChunkedCall {
  readonly xid: number;
  readonly reads: { position: number; chunk: Chunk }[];
  readonly writes: Chunk[];
  readonly reply: Chunk | null;
  /** What the call was sent with: all but its read chunks. It waits for these while `isHeld`. */
  readonly store: RecordStore;
  length = 0;
  readonly carriers = new Carriers();
  isHeld = false;
  called: Called = { program: -1, version: -1, procedure: -1 };
  /** What the call counts for the bound. */
  readonly parts: number;

  constructor(
    readonly owner: ChunkOwner,
    readonly direction: Direction,
    header: RdmaHeader,
    pool: BufferPool,
  ) {
    this.xid = header.xid;
    this.reads = header.reads.map(({ position, segments }) => ({ position, chunk: new Chunk(pool, segments) }));
    this.writes = header.writes.map((segments) => new Chunk(pool, segments));
    this.reply = header.reply === null ? null : new Chunk(pool, header.reply);
    this.store = new RecordStore(pool);
    this.parts = this.chunks.reduce((sum, { segments }) => sum + segments.length, 1 + this.chunks.length);
  }

  get chunks(): Chunk[] {
    const reads = this.reads.map(({ chunk }) => chunk);
    return [...reads, ...this.writes, ...(this.reply === null ? [] : [this.reply])];
  }

  /** Keeps the call until its data are there. */
  hold({ bytes, start, end, length }: Extent, carriers: Carriers): void {
    this.isHeld = true;
    this.length = length;
    this.store.open();
    this.store.keep(bytes, start, end - start, end - start);
    this.carriers.add(carriers);
  }

  /** True when nothing is missing of the data of its read chunks. */
  get isComplete(): boolean {
    return this.reads.every(({ chunk }) => chunk.have === chunk.length);
  }

  release(): void {
    this.store.release();
    for (const chunk of this.chunks) chunk.release();
  }
}

/** Passes on calls that need not wait any longer. */
export interface ChunkOwner {
  /** The call is forgotten; if it is held, it is passed on as it is. */
  forget(call: ChunkedCall): void;
}

/** The calls with chunks of one direction of a connection. */
export class ChunkedCalls {
  private readonly calls = new Map<number, ChunkedCall>();
  private readonly chunks = new Map<number, { chunk: Chunk; call: ChunkedCall }[]>();

  get(xid: number): ChunkedCall | undefined {
    return this.calls.get(xid);
  }

  values(): IterableIterator<ChunkedCall> {
    return this.calls.values();
  }

  add(call: ChunkedCall): void {
    this.calls.set(call.xid, call);
    for (const chunk of call.chunks) {
      for (const key of keysOf(chunk)) {
        const sharing = this.chunks.get(key) ?? [];
        this.chunks.set(key, sharing);
        sharing.push({ chunk, call });
        if (sharing.length > MAX_CHUNKS_A_KEY) sharing.shift();
      }
    }
  }

  remove(call: ChunkedCall): void {
    this.calls.delete(call.xid);
    for (const key of call.chunks.flatMap((chunk) => [...keysOf(chunk)])) {
      const others = this.chunks.get(key)?.filter((sharing) => sharing.call !== call) ?? [];
      if (others.length > 0) this.chunks.set(key, others);
      else this.chunks.delete(key);
    }
    call.release();
  }

  /** Takes bytes that were moved. @returns The call whose chunk they belong to. */
  put(transfer: Transfer, packet: RdmaPacket, carrier: Stamp): ChunkedCall | null {
    const sharing = this.chunks.get(transfer.key);
    // Of chunks at the same place, the newest is meant: their memory was used again.
    for (let i = (sharing?.length ?? 0) - 1; i >= 0; i--) {
      const { chunk, call } = sharing![i];
      if (chunk.put(transfer, packet, carrier)) return call;
    }
    return null;
  }
}

function keysOf({ segments }: Chunk): Set<number> {
  return new Set(segments.map(({ key }) => key));
}

/** The bound on all that is known of chunks. */
export class ChunkBound {
  /** The calls with chunks of all connections, the oldest first. */
  private readonly calls = new Set<ChunkedCall>();
  private parts = 0;

  add(call: ChunkedCall): void {
    this.calls.add(call);
    this.parts += call.parts;
    for (const oldest of this.calls) {
      if (this.parts <= MAX_RDMA_CHUNK_PARTS) return;
      oldest.owner.forget(oldest);
    }
  }

  remove(call: ChunkedCall): void {
    if (this.calls.delete(call)) this.parts -= call.parts;
  }
}
