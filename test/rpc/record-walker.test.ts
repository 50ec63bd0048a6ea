/** Record marking over segments and holes, while the walker is in step. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytes } from '../helpers/capture-writer.js';
import { call, denied, fragmented, mark, opaque, record, reply, words } from '../helpers/rpc-writer.js';
import {
  type Chunk,
  calls,
  dataOf,
  hex,
  lookup,
  nullCall,
  split,
  type Taken,
  type WalkOptions,
  walk,
  write,
} from '../helpers/walked-records.js';

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

  test('over the end of a record: it ends where it did', () => {
    const data = record(write);
    for (const beyond of [0, 1, 500]) {
      const taken = walk([record(lookup), data.subarray(0, 100), data.length - 100 + beyond, record(nullCall)]);
      expect([beyond, taken[1].end]).toEqual([beyond, 4 + lookup.length + data.length]);
    }
  });

  test('over a whole header: the record is counted, the next one read', () => {
    const data = bytes(record(write), record(nullCall));
    const taken = walk([data.subarray(0, 8), 40, data.subarray(48)]);
    expect(dataOf(taken)).toEqual([hex(nullCall)]);
    expect(taken.counts.headlessRecords).toBe(1);
  });

  test('across a boundary and a mark, wherever it ends: the next record is found', () => {
    const records = [lookup, write, lookup, nullCall, write].map(record);
    const data = bytes(...records);
    const ends = records.map((_, i) => bytes(...records.slice(0, i + 1)).length);
    const from = ends[0] + 100;
    for (let to = ends[1] + 4; to < ends[2]; to++) {
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

  test('up to the last bytes of a mark: the record behind it is whole', () => {
    const data = bytes(record(nullCall), record(lookup), record(write), record(nullCall));
    const boundary = 4 + nullCall.length + 4 + lookup.length;
    // Of the mark of the WRITE, longer than 255 bytes, two bytes must be there.
    for (const end of [1, 2]) {
      for (let from = boundary - 20; from < boundary + end; from++) {
        const taken = walk([data.subarray(0, from), boundary + end - from, data.subarray(boundary + end)]);
        const before = hex(lookup.subarray(0, Math.min(lookup.length, from - nullCall.length - 8)));
        expect([end, from, dataOf(taken)]).toEqual([end, from, [hex(nullCall), before, hex(write), hex(nullCall)]]);
      }
    }
    const short = 4 + nullCall.length;
    const taken = walk([data.subarray(0, short), 3, data.subarray(short + 3)]);
    expect(dataOf(taken)).toEqual([nullCall, lookup, write, nullCall].map(hex));
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
  ] as [string, Uint8Array, WalkOptions][])('resynchronises on %s', (_, message, options) => {
    const after = reply({ xid: 6, result: words(0, 0, 0, 0) });
    const data = bytes(Buffer.alloc(33, 0x20), record(message), record(after));
    for (const fromStart of [true, false]) {
      const begin: Chunk[] = fromStart ? [record(reply({ xid: 4, result: words(0) })), 100] : [];
      const taken = walk([...begin, data], { ...options, fromStart });
      expect(dataOf(taken).slice(-2)).toEqual([hex(message), hex(after)]);
    }
  });

  // The scan puts the last bytes of a segment aside until more have come.
  test.each<[string, number[], number, number]>([
    ['in its mark', [2], 1, 2],
    ['behind its mark', [4], 1, 2],
    ['in its header', [30], 1, 2],
    ['in its header three times', [10, 20, 30], 1, 4],
    ['before it and in its header', [-10, 4, 6], 2, 3],
    ['far behind its header', [70], 1, 2],
    ['after it', [1000], 1, 1],
  ])('a record that a scan found, cut %s, has all its frames', (_, cuts, first, count) => {
    const data = bytes(Buffer.alloc(33, 0x20), record(write), record(nullCall));
    const ends = cuts.map((cut) => 33 + Math.min(cut, 4 + write.length));
    const [taken] = walk(split(data, ends), { fromStart: false });
    expect(taken).toMatchObject({ data: hex(write), first, count });
  });

  // The shortest messages are shorter than what a scan looks at; nothing need follow them.
  test.each([
    ['a reply of void', reply({ xid: 5 }), { known: [5] }],
    ['a reply of void to an unknown call', reply({ xid: 5 }), {}],
    ['AUTH_ERROR', denied(5, 1, 1), { known: [5] }],
    ['RPC_MISMATCH', denied(5, 0, 2, 2), { known: [5] }],
  ] as [string, Uint8Array, WalkOptions][])(
    'resynchronises at once on %s that ends the segment',
    (_, message, options) => {
      const taken = walk([record(message), record(reply({ xid: 6, result: words(0, 0, 0, 0) }))], {
        ...options,
        fromStart: false,
      });
      expect(taken.map(({ data, at }) => [data, at]).at(0)).toEqual([hex(message), 1]);
      expect(dataOf(walk([record(message)], { ...options, fromStart: false }))).toEqual([hex(message)]);
    },
  );
});

test.each([
  ['in a last fragment', true, 60, 100, true],
  ['in a fragment behind which others come', false, 60, 100, false],
  ['at the end of one', false, 100, 101, false],
])('where a stream ends %s, the length is what it is, or the least', (_, isLast, there, length, isLengthKnown) => {
  const data = bytes(record(nullCall), mark(100, isLast), write.subarray(0, there));
  expect(walk([data]).at(-1)).toMatchObject({ data: hex(write.subarray(0, there)), length, isLengthKnown });
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
