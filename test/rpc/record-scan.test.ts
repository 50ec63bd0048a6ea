/** The scan for the next record, out of step: what is found behind a hole, and what is never taken for RPC. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_EMPTY_FRAGMENTS, MAX_UNKNOWN_RECORD, SCAN_BUDGET } from '../../src/limits/rpc.js';
import { bytes, u16, u32 } from '../helpers/capture-writer.js';
import { startCpuTime } from '../helpers/cpu-time.js';
import { call, fragmented, mark, opaque, record, reply, words } from '../helpers/rpc-writer.js';
import { type Chunk, dataOf, hex, lookup, nullCall, split, walk, write } from '../helpers/walked-records.js';

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
