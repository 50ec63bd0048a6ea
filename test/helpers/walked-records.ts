/** Walks a stream of records for tests: what the walker passes on; and some calls for such a stream. */
import { BufferPool } from '../../src/rpc/buffer-pool.js';
import type { WalkerCounts } from '../../src/rpc/record-sink.js';
import { RecordWalker } from '../../src/rpc/record-walker.js';
import { bytes } from './capture-writer.js';
import { call, opaque } from './rpc-writer.js';

/** A piece of a stream: bytes that came, or a number of missing bytes. */
export type Chunk = Uint8Array | number;

/** A record that the walker passed on. */
export interface Taken {
  /** In hex. */
  data: string;
  length: number;
  /** Frames: chunk i is frame i + 1. */
  first: number;
  count: number;
  /** The chunk that was being read, or 0 at the end of the stream. */
  at: number;
  unterminated: boolean;
  isLengthKnown: boolean;
  /** Where in the stream it ended. */
  end: number;
}

export interface WalkOptions {
  /** Xids whose calls were seen in the other direction. */
  known?: readonly number[];
  knownServer?: boolean;
  /** The program whose calls the direction answers. */
  answered?: number;
  fromStart?: boolean;
}

/** The records of one direction, in order. */
export function walk(
  chunks: readonly Chunk[],
  { known = [], knownServer = false, answered = -1, fromStart = true }: WalkOptions = {},
): Taken[] & { counts: WalkerCounts } {
  const taken: Taken[] = [];
  const counts: WalkerCounts = { resynchronisations: 0, headlessRecords: 0 };
  let now = 0;
  const walker = new RecordWalker(
    {
      record: ({ carriers, unterminated, isLengthKnown, recordEnd }, data, start, end, length) =>
        taken.push({
          data: hex(data.subarray(start, end)),
          length,
          first: carriers.firstFrame,
          count: carriers.count,
          at: now,
          unterminated,
          isLengthKnown,
          end: recordEnd,
        }),
      lost: () => {},
      isKnownXid: (_, xid) => known.includes(xid),
      scanContext: () => ({
        isKnownXid: (xid) => known.includes(xid),
        program: newestProgram(taken),
        answeredProgram: answered,
        mayAnswer: known.length > 0 || newestProgram(taken) < 0,
      }),
      isKnownServer: () => knownServer,
      mayBeTls: () => false,
      tls: () => {},
    },
    new BufferPool(),
    counts,
  );
  walker.begin(fromStart);
  chunks.forEach((chunk, index) => {
    now = index + 1;
    if (typeof chunk === 'number') {
      walker.skip(chunk);
      return;
    }
    // Other bytes stand around a segment's.
    const held = bytes([0x80, 0, 0, 40], chunk, [0x80, 0, 0, 40]);
    walker.data(held, 4, 4 + chunk.length, {
      frame: now,
      order: now,
      seconds: now,
      nanoseconds: 0,
      file: 0,
      interfaceIndex: 0,
    });
  });
  now = 0;
  walker.end(true);
  return Object.assign(taken, { counts });
}

/** The program of the last call that was taken; -1 where none was. */
function newestProgram(taken: readonly Taken[]): number {
  const headers = taken.map(({ data }) => Buffer.from(data, 'hex')).filter((header) => header.length >= 16);
  return headers.findLast((header) => header.readUInt32BE(4) === 0)?.readUInt32BE(12) ?? -1;
}

export const hex = (data: Uint8Array) => Buffer.from(data).toString('hex');
export const dataOf = (taken: readonly Taken[]) => taken.map((each) => each.data);

/** `data` in pieces that end at `cuts`. */
export function split(data: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const ends = [...new Set([...cuts.filter((at) => at > 0 && at < data.length), data.length])].sort((a, b) => a - b);
  return ends.map((end, i) => data.subarray(i === 0 ? 0 : ends[i - 1], end));
}

export const lookup = call({
  xid: 7,
  procedure: 3,
  credential: { flavor: 1, body: Buffer.alloc(20) },
  args: opaque('a handle, of some kind'),
});

export const nullCall = call({ xid: 8 });
export const write = call({ xid: 9, procedure: 7, args: Buffer.alloc(300, 0x61) });
export const calls = [lookup, nullCall, write];
