/**
 * The header of RPC-over-RDMA version 1 (RFC 8166 §4): which of a message lies behind it, and where the rest is. Chunks
 * are lists of segments of remote memory: read chunks were taken out of a call, write chunks take what is left out of
 * the reply, and the reply chunk takes a whole reply.
 */
import { MAX_RDMA_SEGMENTS, MAX_RECORD } from '../../limits/rpc.js';
import { read32 } from '../../xdr/bytes.js';

export const RDMA_NOMSG = 1;
export const RDMA_MSGP = 2;
const RDMA_DONE = 3;
export const RDMA_ERROR = 4;

const VERSION = 1;
/** Bytes before the lists, and the two words that RDMA_MSGP has in addition. */
const FIXED = 16;
const PADDED = 8;

/** A run of remote memory: its key, its length in bytes, and its address in two words. */
export interface Segment {
  key: number;
  length: number;
  addressHigh: number;
  addressLow: number;
}

export interface ReadChunk {
  /** Where the chunk belongs in the whole message; 0: it is the message. */
  position: number;
  segments: Segment[];
}

export interface RdmaHeader {
  xid: number;
  procedure: number;
  /** By position. */
  reads: ReadChunk[];
  writes: Segment[][];
  /** null: there is none. */
  reply: Segment[] | null;
  /** Where the RPC message begins. */
  end: number;
}

/** Bytes that the segments of a chunk have together. */
export function lengthOf(segments: readonly Segment[]): number {
  return segments.reduce((sum, { length }) => sum + length, 0);
}

/** Reads words. Behind the end, or once one cannot be right, all further words are 0, which ends every list. */
class Cursor {
  isWrong = false;
  private segments = 0;

  constructor(
    private readonly bytes: Uint8Array,
    public at: number,
    private readonly end: number,
  ) {}

  /** The next word, at most `most`. */
  word(most = 0xffffffff): number {
    const word = this.isWrong || this.at + 4 > this.end ? Number.POSITIVE_INFINITY : read32(this.bytes, this.at);
    this.at += 4;
    if (word <= most) return word;
    this.isWrong = true;
    return 0;
  }

  /** The boolean before each element of a list, and behind the last one. */
  hasMore(): boolean {
    return this.word(this.segments++ < MAX_RDMA_SEGMENTS ? 1 : 0) === 1;
  }

  segment(): Segment {
    return { key: this.word(), length: this.word(), addressHigh: this.word(), addressLow: this.word() };
  }

  chunk(): Segment[] {
    const segments: Segment[] = [];
    const count = this.word(MAX_RDMA_SEGMENTS - this.segments);
    this.segments += count;
    while (segments.length < count && !this.isWrong) segments.push(this.segment());
    return segments;
  }
}

/** Reads the header in `bytes[start..end)`. null: there is none, or not all of it. */
export function readRdmaHeader(bytes: Uint8Array, start: number, end: number): RdmaHeader | null {
  if (start + FIXED > end || read32(bytes, start + 4) !== VERSION) return null;
  const header: RdmaHeader = {
    xid: read32(bytes, start),
    procedure: read32(bytes, start + 12),
    reads: [],
    writes: [],
    reply: null,
    end: start + FIXED,
  };
  // RFC 8166 §4.2 has no more of these two than the procedure that the receiver must know.
  if (header.procedure === RDMA_DONE) return header;
  if (header.procedure === RDMA_ERROR) return end - start >= FIXED + 4 ? header : null;
  if (header.procedure > RDMA_MSGP) return null;
  const cursor = new Cursor(bytes, header.end + (header.procedure === RDMA_MSGP ? PADDED : 0), end);
  readLists(cursor, header);
  return cursor.isWrong || hasExcess(header) ? null : header;
}

/** True where a chunk is longer than any message. */
function hasExcess({ reads, writes, reply }: RdmaHeader): boolean {
  const chunks = [...reads.map(({ segments }) => segments), ...writes, reply ?? []];
  return chunks.some((segments) => lengthOf(segments) > MAX_RECORD);
}

function readLists(cursor: Cursor, header: RdmaHeader): void {
  while (cursor.hasMore()) {
    const position = cursor.word();
    const segment = cursor.segment();
    const chunk = header.reads.find((read) => read.position === position);
    if (chunk === undefined) header.reads.push({ position, segments: [segment] });
    else chunk.segments.push(segment);
  }
  while (cursor.hasMore()) header.writes.push(cursor.chunk());
  if (cursor.hasMore()) header.reply = cursor.chunk();
  header.reads.sort((a, b) => a.position - b.position);
  header.end = cursor.at;
}
