/** Record marking over segments and holes: what the walker hands on, and what it never takes for RPC. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_EMPTY_FRAGMENTS, MAX_UNKNOWN_RECORD, SCAN_BUDGET } from '../../src/limits.js';
import { BufferPool } from '../../src/rpc/buffer-pool.js';
import type { WalkerCounts } from '../../src/rpc/record-sink.js';
import { RecordWalker } from '../../src/rpc/record-walker.js';
import { bytes, u16, u32 } from '../helpers/capture-writer.js';
import { startCpuTime } from '../helpers/cpu-time.js';
import { call, denied, fragmented, mark, opaque, record, reply, words } from '../helpers/rpc-writer.js';

/** A piece of a stream: bytes that came, or a number of bytes that did not. */
type Chunk = Uint8Array | number;

interface Taken {
  data: string;
  length: number;
  /** Frames: chunk i is frame i + 1. */
  first: number;
  count: number;
  /** The chunk that was being read, or 0 at the end of the stream. */
  at: number;
  unterminated: boolean;
  isLengthKnown: boolean;
}

interface Options {
  /** Xids whose calls were seen in the other direction. */
  known?: readonly number[];
  knownServer?: boolean;
  /** The program whose calls the direction answers. */
  answered?: number;
  fromStart?: boolean;
}

function walk(
  chunks: readonly Chunk[],
  { known = [], knownServer = false, answered = -1, fromStart = true }: Options = {},
): Taken[] & { counts: WalkerCounts } {
  const taken: Taken[] = [];
  const counts: WalkerCounts = { resynchronisations: 0, headlessRecords: 0 };
  let now = 0;
  const walker = new RecordWalker(
    {
      record: ({ carriers, unterminated, isLengthKnown }, data, start, end, length) =>
        taken.push({
          data: hex(data.subarray(start, end)),
          length,
          first: carriers.firstFrame,
          count: carriers.count,
          at: now,
          unterminated,
          isLengthKnown,
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

const hex = (data: Uint8Array) => Buffer.from(data).toString('hex');
const dataOf = (taken: readonly Taken[]) => taken.map((each) => each.data);

/** `data` in pieces that end at `cuts`. */
function split(data: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const ends = [...new Set([...cuts.filter((at) => at > 0 && at < data.length), data.length])].sort((a, b) => a - b);
  return ends.map((end, i) => data.subarray(i === 0 ? 0 : ends[i - 1], end));
}

const lookup = call({
  xid: 7,
  procedure: 3,
  credential: { flavor: 1, body: Buffer.alloc(20) },
  args: opaque('a handle, of some kind'),
});
const nullCall = call({ xid: 8 });
const write = call({ xid: 9, procedure: 7, args: Buffer.alloc(300, 0x61) });
const calls = [lookup, nullCall, write];
const stream = bytes(...calls.map(record));

describe('records in segments', () => {
  test('every split of a stream into two segments', () => {
    for (let at = 1; at < stream.length; at++) {
      expect([at, dataOf(walk(split(stream, [at])))]).toEqual([at, calls.map(hex)]);
    }
  });

  test('one byte a segment', () => {
    const taken = walk(split(stream, Array.from(stream.keys())));
    expect(dataOf(taken)).toEqual(calls.map(hex));
    const ends = [lookup.length + 4, lookup.length + nullCall.length + 8, stream.length];
    expect(taken.map(({ first, count, at }) => [first, count, at])).toEqual([
      [1, lookup.length + 4, ends[0]],
      [ends[0] + 1, nullCall.length + 4, ends[1]],
      [ends[1] + 1, write.length + 4, ends[2]],
    ]);
  });

  test('one byte a segment, of a program that RFC 5531 does not assign', () => {
    const unassigned = bytes(record(call({ program: 2112 })), stream);
    expect(dataOf(walk(split(unassigned, Array.from(unassigned.keys()))))).toEqual(
      [call({ program: 2112 }), ...calls].map(hex),
    );
  });

  test('random splits of records in random fragments', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(...calls), fc.array(fc.integer({ min: 1, max: 200 }), { maxLength: 6 })), {
          minLength: 1,
          maxLength: 4,
        }),
        fc.array(fc.nat(2000), { maxLength: 12 }),
        (records, cuts) => {
          const data = bytes(...records.map(([message, sizes]) => fragmented(message, sizes)));
          expect(dataOf(walk(split(data, cuts)))).toEqual(records.map(([message]) => hex(message)));
        },
      ),
      { seed: 11, numRuns: 400 },
    );
  });

  test('empty fragments within a record and after it cost nothing', () => {
    const data = bytes(
      mark(0, false),
      mark(8, false),
      write.subarray(0, 8),
      mark(0, false),
      mark(write.length - 8),
      write.subarray(8),
      record(nullCall),
    );
    for (const cuts of [[], [2], [6], [15], [19]])
      expect(dataOf(walk(split(data, cuts)))).toEqual([hex(write), hex(nullCall)]);
  });

  test('an empty last fragment ends a record', () => {
    expect(dataOf(walk([bytes(fragmented(write, [write.length], true), record(nullCall))]))).toEqual([
      hex(write),
      hex(nullCall),
    ]);
  });

  test.each([4, 8, 12, 27, 40])('the first record in fragments of %i bytes', (size) => {
    const sizes = new Array(Math.floor((write.length - 1) / size)).fill(size);
    const data = bytes(fragmented(write, sizes), record(nullCall));
    expect(dataOf(walk([data]))).toEqual([hex(write), hex(nullCall)]);
    expect(dataOf(walk([data], { fromStart: false })).at(-1)).toEqual(hex(nullCall));
  });

  test('a segment that holds the end of one record and the beginning of the next belongs to both', () => {
    const data = bytes(record(lookup), record(write));
    const [first, second] = walk(split(data, [lookup.length, lookup.length + 50]));
    expect([first.first, first.count, first.at]).toEqual([1, 2, 2]);
    expect([second.first, second.count, second.at]).toEqual([2, 2, 3]);
  });
});

describe('holes', () => {
  test('inside a record: the bytes before it, and the length of the record', () => {
    for (const size of [1, 7, 100]) {
      for (let at = lookup.length + 8 + 12; at + size < lookup.length + 4 + write.length + 4; at += 3) {
        const data = bytes(record(lookup), record(write), record(nullCall));
        const taken = walk([data.subarray(0, at), size, data.subarray(at + size)]);
        const have = at - lookup.length - 8;
        expect(taken.map((each) => [each.data, each.length])).toEqual([
          [hex(lookup), lookup.length],
          [hex(write.subarray(0, have)), write.length],
          [hex(nullCall), nullCall.length],
        ]);
        expect(taken.counts.resynchronisations).toBe(0);
      }
    }
  });

  test('two holes in one record', () => {
    const data = record(write);
    const taken = walk([
      data.subarray(0, 60),
      20,
      data.subarray(80, 200),
      50,
      bytes(data.subarray(250), record(nullCall)),
    ]);
    expect(taken.map(({ data: each, length }) => [each, length])).toEqual([
      [hex(data.subarray(4, 60)), write.length],
      [hex(nullCall), nullCall.length],
    ]);
  });

  test('up to the end of a record exactly', () => {
    const data = bytes(record(write), record(nullCall));
    const taken = walk([data.subarray(0, 100), write.length + 4 - 100, data.subarray(write.length + 4)]);
    expect(taken.map(({ data: each, length }) => [each, length])).toEqual([
      [hex(data.subarray(4, 100)), write.length],
      [hex(nullCall), nullCall.length],
    ]);
    expect(taken.counts.resynchronisations).toBe(0);
  });

  test.each([
    ['within', 20],
    ['up to the end of', 208 - 150],
  ])('%s one fragment of several', (_, missing) => {
    const data = bytes(fragmented(write, [100, 100]), record(nullCall));
    const taken = walk([data.subarray(0, 150), missing, data.subarray(150 + missing)]);
    const kept = bytes(data.subarray(4, 104), data.subarray(108, 150));
    expect(taken.map(({ data: each, length }) => [each, length])).toEqual([
      [hex(kept), write.length],
      [hex(nullCall), nullCall.length],
    ]);
  });

  test('over a whole header: the record is counted, the next one read', () => {
    const data = bytes(record(write), record(nullCall));
    const taken = walk([data.subarray(0, 8), 40, data.subarray(48)]);
    expect(dataOf(taken)).toEqual([hex(nullCall)]);
    expect(taken.counts.headlessRecords).toBe(1);
  });

  test('across a boundary, wherever it ends: the next record is found', () => {
    const records = [lookup, write, lookup, nullCall, write].map(record);
    const data = bytes(...records);
    const ends = records.map((_, i) => bytes(...records.slice(0, i + 1)).length);
    const from = ends[0] + 100;
    for (let to = ends[1] + 1; to < ends[2]; to++) {
      const taken = walk([data.subarray(0, from), to - from, data.subarray(to)]);
      expect([to, dataOf(taken)]).toEqual([to, [lookup, write.subarray(0, 96), nullCall, write].map(hex)]);
    }
  });

  test('across a boundary: found again at every offset of a segment', () => {
    for (let junk = 0; junk < 200; junk++) {
      const taken = walk([record(lookup), 1000, bytes(Buffer.alloc(junk, 0x61), record(write), record(nullCall))]);
      expect([junk, dataOf(taken)]).toEqual([junk, [lookup, write, nullCall].map(hex)]);
    }
  });

  test('across a boundary: found again whatever the segments', () => {
    const data = bytes(Buffer.alloc(61, 0x61), record(write), record(nullCall), record(lookup));
    for (let at = 1; at < data.length; at++) {
      const taken = walk([record(lookup), 1000, ...split(data, [at])]);
      expect([at, dataOf(taken)]).toEqual([at, [lookup, write, nullCall, lookup].map(hex)]);
    }
  });

  test('between two records', () => {
    const taken = walk([record(lookup), 500, bytes(record(write), record(nullCall))]);
    expect(dataOf(taken)).toEqual([lookup, write, nullCall].map(hex));
  });

  test('in a record mark', () => {
    const data = bytes(record(lookup), record(write), record(nullCall));
    const at = lookup.length + 6;
    expect(dataOf(walk([data.subarray(0, at), 2, data.subarray(at + 2)]))).toEqual([lookup, nullCall].map(hex));
  });

  test('at the end of the stream: what there is of the last record', () => {
    const [first, last] = walk([bytes(record(lookup), record(write).subarray(0, 104))]);
    expect(first.data).toBe(hex(lookup));
    expect([last.data, last.length]).toEqual([hex(write.subarray(0, 100)), write.length]);
  });

  test.each([
    ['a call', nullCall, {}],
    ['a reply to a known call', reply({ xid: 5, result: words(70, 1, 2) }), { known: [5] }],
    ['a reply to an unknown call', reply({ xid: 5, result: words(0, 1, 2) }), {}],
    [
      'a reply with a GSS verifier',
      reply({ xid: 5, verifier: { flavor: 6, body: Buffer.alloc(37, 0xc3) }, result: words(0, 1) }),
      {},
    ],
    ['an accepted error', reply({ xid: 5, acceptStat: 3 }), {}],
    ['PROG_MISMATCH', reply({ xid: 5, acceptStat: 2, result: words(2, 4) }), {}],
    ['RPC_MISMATCH', denied(5, 0, 2, 2), {}],
    ['AUTH_ERROR', denied(5, 1, 13), {}],
  ] as [string, Uint8Array, Options][])('resynchronises on %s', (_, message, options) => {
    const after = reply({ xid: 6, result: words(0, 0, 0, 0) });
    const data = bytes(Buffer.alloc(33, 0x20), record(message), record(after));
    for (const fromStart of [true, false]) {
      const begin: Chunk[] = fromStart ? [record(reply({ xid: 4, result: words(0) })), 100] : [];
      const taken = walk([...begin, data], { ...options, fromStart });
      expect(dataOf(taken).slice(-2)).toEqual([hex(message), hex(after)]);
    }
  });

  // The scan puts the last bytes of a segment aside until more have come.
  test.each([
    ['in its mark', 2, 1, 2],
    ['behind its mark', 4, 1, 2],
    ['in its header', 30, 1, 2],
    ['far behind its header', 70, 1, 2],
    ['after it', 1000, 1, 1],
  ])('a record that a scan found, cut %s, has both its frames', (_, cut, first, count) => {
    const data = bytes(Buffer.alloc(33, 0x20), record(write), record(nullCall));
    const at = Math.min(33 + cut, 33 + 4 + write.length);
    const [taken] = walk([data.subarray(0, at), data.subarray(at)], { fromStart: false });
    expect(taken).toMatchObject({ data: hex(write), first, count });
  });

  // The shortest messages are shorter than what a scan looks at; nothing need follow them.
  test.each([
    ['a reply of void', reply({ xid: 5 }), { known: [5] }],
    ['a reply of void to an unknown call', reply({ xid: 5 }), {}],
    ['AUTH_ERROR', denied(5, 1, 1), { known: [5] }],
    ['RPC_MISMATCH', denied(5, 0, 2, 2), { known: [5] }],
  ] as [string, Uint8Array, Options][])('resynchronises at once on %s that ends the segment', (_, message, options) => {
    const taken = walk([record(message), record(reply({ xid: 6, result: words(0, 0, 0, 0) }))], {
      ...options,
      fromStart: false,
    });
    expect(taken.map(({ data, at }) => [data, at]).at(0)).toEqual([hex(message), 1]);
    expect(dataOf(walk([record(message)], { ...options, fromStart: false }))).toEqual([hex(message)]);
  });
});

test.each([
  ['in a last fragment', true, 60, 100, true],
  ['in a fragment behind which others come', false, 60, 100, false],
  ['at the end of one', false, 100, 101, false],
])('where a stream ends %s, the length is what it is, or the least', (_, isLast, there, length, isLengthKnown) => {
  const data = bytes(record(nullCall), mark(100, isLast), write.subarray(0, there));
  expect(walk([data]).at(-1)).toMatchObject({ data: hex(write.subarray(0, there)), length, isLengthKnown });
});

describe('a record that is found behind a hole', () => {
  const before = record(reply({ xid: 4, result: words(0) }));
  const known = { known: [5] };
  const answer = reply({ xid: 5, result: words(0, 1, 2, 3, 4, 5, 6, 7) });

  test('a reply to a known call in several fragments', () => {
    const taken = walk([before, 100, bytes(fragmented(answer, [28, 8]), before)], known);
    expect(dataOf(taken).slice(1, 2)).toEqual([hex(answer)]);
  });

  test('cut by the next hole, or by the end, where a header is still there', () => {
    for (const rest of [[], [answer.length - 24, before]] as Chunk[][]) {
      const taken = walk([before, 100, record(answer).subarray(0, 28), ...rest], known);
      expect(taken.slice(1, 2).map(({ data, length, first, count }) => [data, length, first, count])).toEqual([
        [hex(answer.subarray(0, 24)), answer.length, 3, 1],
      ]);
    }
  });

  test('words in data that look like a first fragment with a call are none', () => {
    const data = words(0x2cefcc, 0, 0, 2, 100003, 3, 1, 0x61626364, 0x65666768, 0, 0, 0);
    expect(dataOf(walk([before, 100, bytes(data, record(nullCall), before)]))).toContain(hex(nullCall));
  });

  test('words that look like a reply as far as a segment goes are none, where the next one says so', () => {
    const data = words(0x80000028, 5, 1, 0, 0, 0, 99, 99, 99, 99, 99);
    const taken = walk([before, 100, data.subarray(0, 24), bytes(data.subarray(24), record(answer), before)]);
    expect(dataOf(taken).slice(1)).toEqual([hex(answer), hex(before.subarray(4))]);
  });

  test('a message within data is none, where what follows it says so in a later segment', () => {
    const inner = record(call({ xid: 70, procedure: 1, args: words(4, 5, 6) }));
    const frame = bytes(inner, words(0x4f93026b, 0x08007573, 0x4a000000, 0x4a000000));
    const data = bytes(frame, record(nullCall));
    for (let cut = 40; cut < inner.length; cut++) {
      const taken = walk([before, 100, ...split(data, [cut]), before]);
      expect(dataOf(taken).slice(1)).toEqual([hex(nullCall), hex(before.subarray(4))]);
      expect(taken.counts.resynchronisations).toBe(1);
    }
  });

  test('of such data a bounded part is searched again', () => {
    // A message begins every 40 bytes, and each claims 40,000 of them.
    const claims = words(0x8000_9c40, 70, 0, 2, 100003, 3, 1, 0, 0, 0);
    const data = Buffer.concat(new Array<Uint8Array>(20_000).fill(claims));
    const cuts = Array.from({ length: 500 }, (_, i) => 1400 + i * 1448);
    const cpuSeconds = startCpuTime();
    walk([before, 100, ...split(data, cuts), before]);
    expect(cpuSeconds()).toBeLessThan(5);
  });

  test('a call of the program whose calls the direction answers is none', () => {
    const data = bytes(record(call({ xid: 70, procedure: 1, args: words(4) })), before);
    expect(dataOf(walk([before, 100, data], { answered: 100003 })).slice(1)).toEqual([hex(before.subarray(4))]);
    expect(dataOf(walk([before, 100, data], { answered: 100005 })).slice(1)).toHaveLength(2);
  });

  test('program, version and procedure of a call are no fragment with a reply', () => {
    const odd = call({ xid: 9, procedure: 1 });
    const taken = walk([before, 100, bytes(record(odd).subarray(1), record(nullCall), before)]);
    expect(dataOf(taken).slice(1)).toEqual([hex(nullCall), hex(before.subarray(4))]);
  });
});

describe('a stream that was joined, of a protocol that carries files', () => {
  const file = Buffer.alloc(300, 0x5a);
  const joined = (...chunks: Chunk[]) => dataOf(walk(chunks, { fromStart: false }));
  const getattr = { xid: 7, procedure: 1, args: opaque('a handle, of some kind') };
  const gss = { flavor: 6, body: words(1, 1, 0, 1, 0) };

  test.each<[name: string, data: Uint8Array]>([
    ['a NULL call with arguments', record(call({ xid: 7, args: words(1, 2) }))],
    ['the first fragment of a NULL call', bytes(mark(5000, false), call({ xid: 7 }))],
    ['program 0', record(call({ ...getattr, program: 0 }))],
    ['a program that nobody assigned', record(call({ ...getattr, program: 7 }))],
    ['a version of eight digits', record(call({ ...getattr, version: 27_983_872 }))],
    ['a procedure of six digits', record(call({ ...getattr, procedure: 131_072 }))],
    ['a flavor of eight digits', record(call({ ...getattr, credential: { flavor: 16_777_472 } }))],
    ['a verifier of such a flavor', record(call({ ...getattr, verifier: { flavor: 16_777_472 } }))],
    ['a credential beyond its bound', record(call({ ...getattr, credential: { flavor: 1, length: 404 } }))],
    ['a verifier beyond its bound', record(call({ ...getattr, verifier: { flavor: 6, length: 404 } }))],
    ['a header beyond its record', bytes(mark(40), call({ ...getattr, credential: { flavor: 1, body: file } }))],
    ['a record of more than is usual', bytes(mark(MAX_UNKNOWN_RECORD + 4), call(getattr))],
    ['a fragment of more than is usual', bytes(mark(MAX_UNKNOWN_RECORD + 4, false), call(getattr))],
    [
      'a first fragment without the header, and no last one',
      bytes(mark(20, false), call(getattr).subarray(0, 20), mark(4000, false), call(getattr).subarray(20)),
    ],
  ])('%s is no record', (_, data) => {
    expect(joined(bytes(file, data, file))).toEqual([]);
    for (let at = 4; at < data.length; at += 4)
      expect(joined(bytes(file, data.subarray(0, at)), bytes(data.subarray(at), file))).toEqual([]);
  });

  test.each<[name: string, message: Uint8Array]>([
    ['a NULL call', call({ xid: 7 })],
    ["rpcinfo's NULL call, for all versions", call({ xid: 7, version: 0xffffffff })],
    ['a control call of RPCSEC_GSS', call({ xid: 7, credential: gss, args: opaque('a token') })],
    ['a call with a long credential', call({ ...getattr, credential: { flavor: 1, body: Buffer.alloc(400) } })],
  ])('%s is one, wherever segments end', (_, message) => {
    const data = bytes(file, record(message), record(lookup));
    for (let at = file.length + 1; at < data.length; at++)
      expect(joined(data.subarray(0, at), data.subarray(at))).toEqual([message, lookup].map(hex));
  });

  test('a call of a program that nobody assigned is one, where its record ends with the segment', () => {
    // KADM5 (2112) is such a program.
    const own = call({ ...getattr, program: 2112, version: 2, procedure: 5 });
    expect(joined(bytes(file, record(own)), record(lookup))).toEqual([own, lookup].map(hex));
    expect(joined(bytes(file, record(own), [0x80, 0, 0, 40]))).toEqual([]);
    expect(joined(bytes(file, mark(own.length, false), own))).toEqual([]);
  });

  test('and so is one with data that is not padded (GlusterFS)', () => {
    const own = call({ ...getattr, args: Buffer.from('data!') });
    expect(joined(bytes(file, record(own)), record(lookup))).toEqual([own, lookup].map(hex));
    expect(joined(bytes(file, record(own), [0x80, 0, 0, 40]))).toEqual([]);
  });

  test('a record in fragments smaller than its header is one, where its last fragment is in sight', () => {
    expect(joined(bytes(file, fragmented(lookup, [16, 20])))).toEqual([hex(lookup)]);
  });

  test('what a hole leaves of a header is one', () => {
    const taken = walk([bytes(file, record(lookup).subarray(0, 40)), 20, record(nullCall)], { fromStart: false });
    expect(dataOf(taken)[0]).toEqual(hex(lookup.subarray(0, 36)));
  });

  test('behind calls of a program that nobody assigned, such a call is one too, whatever its size', () => {
    const own = [1, 2].map((xid) => call({ ...getattr, program: 7, xid }));
    expect(dataOf(walk([record(own[0]), 100, bytes(file, record(own[1]))]))).toEqual(own.map(hex));
    const huge = bytes(mark(2 * MAX_UNKNOWN_RECORD), own[1], file);
    expect(walk([record(own[0]), 100, bytes(file, huge)]).map(({ length }) => length)).toEqual([
      own[0].length,
      2 * MAX_UNKNOWN_RECORD,
    ]);
  });

  test('behind calls of its program, a call with data that is not padded (GlusterFS)', () => {
    const own = [1, 2].map((xid) => call({ ...getattr, xid, args: Buffer.from('data!') }));
    expect(dataOf(walk([record(own[0]), 100, record(own[1])]))).toEqual(own.map(hex));
  });

  test.each<[name: string, decoy: Uint8Array]>([
    ['calls of programs that nobody assigned', bytes(mark(1_000_000), call({ ...getattr, program: 7 }))],
    ['calls of gigantic records', bytes(mark(MAX_UNKNOWN_RECORD + 4), call({ ...getattr, program: 100_005 }))],
    ['replies to calls that nobody made', bytes(mark(1_000_000), reply({ xid: 77 }))],
  ])('a hole in a WRITE, among %s: the calls behind it are found', (_, decoy) => {
    const data = bytes(...new Array(200).fill(decoy));
    const writes = [1, 2, 3].map((xid) => call({ xid, procedure: 7, args: data }));
    const [first, ...others] = writes.map(record);
    const behind = bytes(...others);
    expect(dataOf(walk([first, 300, behind]))).toEqual(writes.map(hex));
    for (const at of [52, 1000, 5001]) {
      const taken = walk([first, behind.subarray(0, at), first.length + 500 - at, behind.subarray(first.length + 500)]);
      expect(dataOf(taken).slice(2)).toEqual([]);
      expect(walk([first, 500, behind.subarray(500)]).at(-1)!.data).toEqual(hex(writes[2]));
    }
  });
});

describe('a hole in the data of a WRITE', () => {
  /** Words as programs and libraries have them, few of which stand for most. */
  const words32 = [0, 0, 0, 0, 1, 2, 2, 6, 32, 0x38, 0x1000, 0x7f454c46, 0x0100_0000, 0x0200_0000, 0x8000_0040];
  const data = fc.array(fc.constantFrom(...words32), { minLength: 500, maxLength: 500 });

  test('words of the file hide none of the calls behind it, and none is invented', () => {
    fc.assert(
      fc.property(fc.array(data, { minLength: 5, maxLength: 5 }), fc.nat(4000), fc.nat(400), (files, at, size) => {
        const calls = files.map((file, i) => call({ xid: 900 + i, procedure: 7, args: words(8, 1, 2, ...file) }));
        const [first, ...others] = calls.map(record);
        const rest = bytes(...others);
        const from = 2 + at;
        const to = from + size + 1;
        const taken = walk([first, rest.subarray(0, from), to - from, rest.subarray(to)]);
        const length = others[0].length;
        const whole = calls.filter((_, i) => i === 0 || i * length <= from || (i - 1) * length >= to);
        expect(dataOf(taken)).toEqual(expect.arrayContaining(whole.map(hex)));
        for (const each of taken)
          expect(calls.some((one) => hex(one).startsWith(each.data) && one.length === each.length)).toBe(true);
      }),
      { seed: 8, numRuns: 400 },
    );
  });
});

describe('what is inside a record is never searched', () => {
  const decoys = bytes(...Array.from({ length: 200 }, (_, i) => record(call({ xid: 1000 + i }))));
  const big = call({ xid: 9, procedure: 7, args: opaque(decoys) });

  test('a WRITE whose data is full of records', () => {
    const data = bytes(record(big), record(nullCall));
    expect(dataOf(walk([data]))).toEqual([hex(big), hex(nullCall)]);
    expect(
      dataOf(
        walk(
          split(
            data,
            Array.from({ length: 100 }, (_, i) => i * 97),
          ),
        ),
      ),
    ).toEqual([hex(big), hex(nullCall)]);
  });

  test('nor with a hole in the data', () => {
    const data = record(big);
    for (const from of [60, 101, 1000, 5003]) {
      const taken = walk([data.subarray(0, from), 333, bytes(data.subarray(from + 333), record(nullCall))]);
      expect(taken.map((each) => [each.data, each.length])).toEqual([
        [hex(data.subarray(4, from)), big.length],
        [hex(nullCall), nullCall.length],
      ]);
    }
  });

  test('nor in the fragments of a record', () => {
    const data = bytes(fragmented(big, [100, 44, 44, 1000]), record(nullCall));
    expect(dataOf(walk([data]))).toEqual([hex(big), hex(nullCall)]);
  });
});

describe('a peer that never marks the last fragment', () => {
  const unmarked = bytes(
    ...[lookup, nullCall, write, nullCall].map((message) => bytes(mark(message.length, false), message)),
  );

  test('each of its records is read and noted', () => {
    const taken = walk([unmarked]);
    expect(dataOf(taken)).toEqual([lookup, nullCall, write, nullCall].map(hex));
    expect(taken.slice(0, 3).map((each) => each.unterminated)).toEqual([true, true, true]);
  });

  test('whatever the segments', () => {
    for (let at = 1; at < unmarked.length; at++) {
      expect([at, dataOf(walk(split(unmarked, [at])))]).toEqual([at, [lookup, nullCall, write, nullCall].map(hex)]);
    }
  });

  test('its last record is whole', () => {
    const last = walk([unmarked]).at(-1);
    expect([last?.data, last?.length]).toEqual([hex(nullCall), nullCall.length]);
  });

  test('replies too, where their calls are known', () => {
    const replies = [reply({ xid: 1, result: words(0, 1) }), reply({ xid: 2, result: words(0, 1, 2, 3) })];
    const taken = walk([bytes(...replies.map((message) => bytes(mark(message.length, false), message)))], {
      known: [1, 2],
    });
    expect(dataOf(taken)).toEqual(replies.map(hex));
  });
});

describe('streams of other protocols give no record', () => {
  const dns = bytes(
    u16(1),
    u16(0x0100),
    u16(1),
    u16(0),
    u16(0),
    u16(0),
    Buffer.from('\x03www\x07example\x03com\0'),
    u16(1),
    u16(1),
  );
  const tls = bytes([0x16, 3, 1], u16(200), [1, 0, 0, 196], Buffer.alloc(196, 0x5a));
  const smb = bytes([0, 0, 0, 68], [0xfe], Buffer.from('SMB'), u16(64), Buffer.alloc(58));
  const cases: [name: string, data: Uint8Array][] = [
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\nHost: example.com\r\nAccept: */*\r\n\r\n'.repeat(20))],
    ['HTTP answers', Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: 4000\r\n\r\n${'x'.repeat(4000)}`)],
    ['TLS', bytes(...new Array(10).fill(tls))],
    ['SSH', bytes(Buffer.from('SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n'), u32(1084), [8, 20], Buffer.alloc(1082, 0x33))],
    ['SMB2', bytes(...new Array(10).fill(smb))],
    ['DNS over TCP', bytes(...new Array(20).fill(bytes(u16(dns.length), dns)))],
    ['zeros', Buffer.alloc(100_000)],
    ['ones', Buffer.alloc(100_000, 1)],
    ['0xff', Buffer.alloc(100_000, 0xff)],
    ['0x80', Buffer.alloc(10_000, 0x80)],
    ['iSCSI', bytes([1, 0x80, 0, 0], u32(0), Buffer.alloc(8), u32(5), u32(512), u32(7), u32(6), Buffer.alloc(16))],
    ['counting words', words(...Array.from({ length: 5000 }, (_, i) => i))],
    ['an empty record', mark(0)],
    ['empty fragments', bytes(...new Array(MAX_EMPTY_FRAGMENTS * 3).fill(mark(0, false)))],
  ];
  test.each(cases)('%s', (_, data) => {
    for (const fromStart of [true, false]) {
      expect(dataOf(walk([data], { fromStart }))).toEqual([]);
      expect(
        dataOf(
          walk(
            split(
              data,
              Array.from({ length: 50 }, (_, i) => i * 61),
            ),
            { fromStart },
          ),
        ),
      ).toEqual([]);
    }
  });

  test('random bytes', () => {
    const cut = fc.array(fc.nat(3000), { maxLength: 5 });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3000 }), cut, fc.boolean(), (data, cuts, fromStart) => {
        expect(dataOf(walk(split(data, cuts), { fromStart }))).toEqual([]);
      }),
      { seed: 5, numRuns: 300 },
    );
  });

  test('a long stream is given up, at a cost that follows its length', () => {
    const piece = Buffer.alloc(64 * 1024);
    for (let i = 0; i < piece.length; i++) piece[i] = i % 4 === 3 ? 1 : 0;
    const cpuSeconds = startCpuTime();
    expect(dataOf(walk(new Array((2 * SCAN_BUDGET) / piece.length).fill(piece), { fromStart: false }))).toEqual([]);
    expect(cpuSeconds()).toBeLessThan(5);
  });
});

describe('calls of another RPC version', () => {
  const odd = call({ xid: 3, rpcvers: 3 });
  test('in a stream that is in step', () => {
    expect(dataOf(walk([bytes(record(lookup), record(odd), record(nullCall))]))).toEqual(
      [lookup, odd, nullCall].map(hex),
    );
  });
  test('first in a stream of a known server', () => {
    expect(dataOf(walk([record(odd)], { knownServer: true }))).toEqual([hex(odd)]);
  });
  test('not first in any other stream', () => {
    expect(dataOf(walk([record(odd)]))).toEqual([]);
  });
});

test.each([1, 2, 3])(
  '%d stray bytes before a mark, wherever segments end: the record behind them is found',
  (stray) => {
    const data = bytes(record(lookup), Buffer.alloc(stray, 0x61), record(write), record(nullCall));
    for (let at = record(lookup).length - 1; at < record(lookup).length + 20; at++) {
      const taken = walk([data.subarray(0, at), data.subarray(at)]);
      expect([at, dataOf(taken)]).toEqual([at, [lookup, write, nullCall].map(hex)]);
    }
  },
);

describe('random holes', () => {
  /** Records of known content, one hole anywhere: no record is invented, none that is whole and in step is lost. */
  test('give only true records, and what was whole before the hole', () => {
    const messages = Array.from({ length: 12 }, (_, i) =>
      call({ xid: 500 + i, procedure: i, args: Buffer.alloc(((i * 37) % 400) & ~3, 0x41 + i) }),
    );
    const data = bytes(...messages.map(record));
    const known = messages.map(hex);
    fc.assert(
      fc.property(
        fc.nat(data.length - 2),
        fc.integer({ min: 1, max: 900 }),
        fc.array(fc.nat(data.length), { maxLength: 4 }),
        (from, size, cuts) => {
          const to = Math.min(data.length, from + size);
          const tail = split(
            data.subarray(to),
            cuts.map((at) => at - to),
          );
          const taken = walk([data.subarray(0, from), to - from, ...(to < data.length ? tail : [])]);
          const isTrue = (each: Taken) =>
            known.some((message) => message.startsWith(each.data) && each.length * 2 === message.length);
          expect(taken.filter((each) => !isTrue(each))).toEqual([]);
          const whole = new Set(dataOf(taken));
          let at = 0;
          messages.forEach((message, index) => {
            const end = at + 4 + message.length;
            // The last one may be short for a scan; everything else that is whole on one side must be there.
            if (end <= from || (at >= to && index > 0)) expect([index, whole.has(hex(message))]).toEqual([index, true]);
            at = end;
          });
        },
      ),
      { seed: 3, numRuns: 600 },
    );
  });
});
