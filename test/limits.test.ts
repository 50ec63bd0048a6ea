/**
 * Tables and caches with room for one, two or three entries in place of thousands: what is said of what found no room,
 * and that the rest is as it was.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import type { Dissector } from '../src/dissect/dissector.js';
import type { Endpoint } from '../src/network/flow.js';
import { bytes, writePcap } from './helpers/capture-writer.js';
import { callback, compound, compoundReply, sequence, stateid } from './helpers/nfs4.js';
import { client, SYN, server, type TestPacket, tcp, udp } from './helpers/packets.js';
import { parallelReads } from './helpers/parallel-reads.js';
import { call, opaque, reply, words } from './helpers/rpc-writer.js';
import { ownFolder } from './helpers/with-folder.js';

// Test files share modules: those of this one are loaded anew, with other bounds, and so are those of the next.
vi.resetModules();

/** Bounds by the file of src/limits that has them, those of caches too, whose contents can be made again. */
const BOUNDS = {
  rpc: { MAX_ANNOUNCED_FRAMES: 2, MAX_ANNOUNCED_PROGRAMS: 2, MAX_CARRIERS: 8, MAX_KNOWN_ENDPOINTS: 1 },
  xdr: { MAX_CACHED_TEXTS: 1, MAX_KNOWN_BITMAPS: 1, MAX_WORD_TEXTS: 1 },
  dissect: { MAX_GSS_CONTEXTS: 2, MAX_LOCK_LINKS: 2, MAX_SESSION_SLOTS: 2, MAX_PATH_KEPT: 1, MAX_USUAL_SHAPES: 1 },
  analysis: {
    MAX_FINDINGS: 1,
    MAX_ORDERS: 1,
    MAX_PENDING_CALLS: 2,
    MAX_RETRY_LOOPS: 2,
    MAX_RULE_FILE: 100,
    MAX_WATCHED: 2,
  },
  diff: {
    MAX_DIFF_BYTES: 1,
    MAX_DIFF_EXCHANGES: 2,
    MAX_DIFF_FINDINGS: 2,
    MAX_DIFF_HOSTS: 2,
    MAX_DIFF_LANE_PAIRS: 3,
    MAX_DIFF_LANES: 1,
    MAX_DIFF_PATHS: 2,
    MAX_DIFF_RECORDS_TOTAL: 4096,
  },
  export: {
    MAX_ANONYMIZED_FRAME_BYTES: 12_288,
    MAX_OBJECTS: 3,
    MAX_OBJECT_BYTES: 100,
    MAX_OBJECT_CONFLICTS: 1,
    MAX_OBJECT_PIECES: 2,
    MAX_OBJECT_PIECES_TOTAL: 4,
    MAX_OPEN_OBJECTS: 1,
    MAX_STORED_FRAME_BYTES: 8192,
    MAX_ANONYMIZED_ADDRESSES: 1,
    MAX_ANONYMIZED_TEXTS: 1,
  },
  output: { MAX_KEPT_DIRECTIONS: 1 },
};
for (const [name, bounds] of Object.entries(BOUNDS)) {
  vi.doMock(`../src/limits/${name}.js`, async (original) => {
    const limits = await original<object>();
    expect(Object.keys(limits)).toEqual(expect.arrayContaining(Object.keys(bounds)));
    return { ...limits, ...bounds };
  });
}

const said: string[] = [];
vi.doMock('../src/cli/problems.js', async (original) => ({
  ...(await original<object>()),
  say: (line: string) => said.push(line),
}));
const { Anonymizer } = await import('../src/analysis/anonymize/anonymizer.js');
const { Substitutes } = await import('../src/analysis/anonymize/substitutes.js');
const { FieldShapes } = await import('../src/analysis/diff/packed-fields.js');
const { Pending } = await import('../src/analysis/pending.js');
const { FrameExport } = await import('../src/cli/frame-export.js');
const { ObjectStore } = await import('../src/cli/object-store.js');
const { Recording } = await import('../src/cli/recording.js');
const { StandardOutput } = await import('../src/cli/standard-output.js');
const { Inspection } = await import('../src/index.js');
const { missingParts } = await import('../src/analysis/account.js');
const { DiffText } = await import('../src/output/diff-text.js');
const { pendingText } = await import('../src/output/pending.js');
const { KnownPrograms } = await import('../src/rpc/known-programs.js');
const { Message } = await import('../src/rpc/message.js');
const { ByteWriter } = await import('../src/xdr/byte-writer.js');
const { makeStyles } = await import('../src/terminal/style.js');
const { readCapture } = await import('./helpers/capture-reader.js');
const { diff, kinds, look } = await import('./helpers/compared.js');
const { checkPackets, checkYaml } = await import('./helpers/check.js');
const { eachExchange } = await import('./helpers/exchanges.js');
const { inspect } = await import('./helpers/inspect.js');
const { at, pendingOf } = await import('./helpers/pending.js');
const { FIXTURES, library, render } = await import('./helpers/render.js');

afterAll(() => {
  for (const name of Object.keys(BOUNDS)) {
    vi.doUnmock(`../src/limits/${name}.js`);
  }
  vi.doUnmock('../src/cli/problems.js');
  vi.resetModules();
});

const toServer = (message: Uint8Array, from = client) => udp(from, server, message);
const toClient = (message: Uint8Array) => udp(server, client, message);

const folder = ownFolder();
const captureOf = (packets: readonly (Uint8Array | TestPacket)[]) =>
  writePcap(
    packets.map((packet) => (packet instanceof Uint8Array ? { data: packet } : packet)),
    { linkType: 101 },
  );

describe('contexts of a security flavor, slots of sessions, locks', () => {
  const gss = (handle: number) =>
    toServer(call({ xid: handle, procedure: 0, credential: { flavor: 6, body: words(1, 0, 1, 1, 4, handle) } }));
  const slot = (number: number) => toServer(compound(number, sequence(7, 1, number)));
  const range = words(7, 0, 0, 0, 0);
  const lock = (cookie: string, procedure = 7) =>
    toServer(
      call({
        xid: cookie.charCodeAt(0),
        program: 100021,
        version: 4,
        procedure,
        args: bytes(opaque(cookie), words(1, 1), opaque('kcl'), opaque('fh'), opaque(cookie), range, words(0, 5)),
      }),
    );
  const blocked = (cookie: string) => [
    lock(cookie, 2),
    toClient(reply({ xid: cookie.charCodeAt(0), result: bytes(opaque(cookie), words(3)) })),
  ];
  const result = (cookie: string) =>
    toClient(call({ xid: 99, program: 100021, version: 4, procedure: 12, args: bytes(opaque(cookie), words(0)) }));

  test.each<[string, Buffer[], evicted: number]>([
    ['two contexts', [1, 2, 1, 2].map(gss), 0],
    ['three', [1, 2, 3].map(gss), 1],
    ['two slots', [1, 2, 1, 2].map(slot), 0],
    ['three slots', [1, 2, 3].map(slot), 1],
    ['two requests of locks', ['a', 'b'].map((cookie) => lock(cookie)), 0],
    ['three', ['a', 'b', 'c'].map((cookie) => lock(cookie)), 1],
    ['three, of which the first has its answer', [lock('a'), result('a'), lock('b'), lock('c')], 0],
    ['two locks that wait', ['a', 'b'].flatMap(blocked), 0],
    ['three', ['a', 'b', 'c'].flatMap(blocked), 1],
  ])('%s', (_, packets, evicted) => {
    const dissectors: Dissector[] = [];
    eachExchange(packets, (_exchange, each) => {
      dissectors.push(each);
    });
    expect(dissectors[0].evictedContexts).toBe(evicted);
  });
});

test('announced programs, and frames that announced one', () => {
  const known = new KnownPrograms();
  const place = (port: number) => ({ program: 100003, version: 3, transport: 'tcp', address: '10.0.0.2', port });
  for (const [order, port] of [1, 1, 1, 2, 3, 4].entries())
    known.announce(place(port), { frame: order, file: 0, order });
  expect(known.list().map(({ port, frames }) => [port, frames.map(({ frame }) => frame)])).toEqual([
    [1, [0, 1]],
    [2, [3]],
  ]);
  expect(known.dropped).toBe(2);
});

test('pending calls: the oldest are kept, and a line tells of the others', () => {
  const pending = new Pending();
  // The bound is looked at when there are twice as many, and at the end.
  const packets = [5, 1, 4, 2, 3, 6, 7].map((seconds) => ({ data: toServer(call({ xid: seconds })), seconds }));
  eachExchange(packets, pending.add);
  const report = pending.report();
  expect([report.calls.map(({ xid }) => xid), report.dropped.calls]).toEqual([[1, 2], 5]);
  const text = pendingText(report, { styles: makeStyles(false), columns: null, files: null, age: () => 0 });
  expect(text).toMatch(/^5 pending calls beyond the most that are kept, younger than these$/m);
});

describe('findings: recalls of delegations that are watched', () => {
  const answered = (xid: number, result: Uint8Array) => toServer(reply({ xid, result }));
  const recall = (id: number) => [
    at(5, toClient(callback(id, bytes(words(4), stateid(id), words(0), opaque('file'))))),
    at(5, answered(id, bytes(words(0), opaque(''), words(1, 4, 0)))),
  ];
  const returned = (id: number) => [
    at(id, toServer(compound(id, bytes(words(8), stateid(id))))),
    at(id, toClient(compoundReply(id, 0, words(8, 0)))),
  ];
  const returns = [100, 101, 102].flatMap(returned);
  const notReturned = `delegation ${'00000009'.repeat(3)} was recalled, and no DELEGRETURN came`;

  test.each<[string, TestPacket[], text: string, dropped: { findings: number; states: number }]>([
    ['other delegations are returned', [...recall(9), ...returns], notReturned, { findings: 0, states: 0 }],
    [
      'nobody answered: the return may be forgotten',
      [...recall(9).slice(0, 1), ...returns],
      `${notReturned}, as far as is remembered`,
      { findings: 0, states: 0 },
    ],
    [
      'too many: the oldest are kept, and the others are counted',
      [9, 10, 11, 12].flatMap(recall),
      notReturned,
      { findings: 1, states: 2 },
    ],
  ])('%s', (_, packets, text, dropped) => {
    const report = pendingOf(packets);
    expect(report.findings.map((each) => each.text)).toEqual([text]);
    expect(report.dropped).toMatchObject(dropped);
  });
});

describe('loops of calls that are followed', () => {
  const jukebox = (xid: number, file: number, seconds: number, status = 10008) => [
    at(seconds, toServer(call({ xid, procedure: 3, args: bytes(opaque('dir!'), opaque(`f${file}`)) }))),
    at(seconds, toClient(reply({ xid, result: words(status, 0) }))),
  ];
  /** Each file is refused once in each round, five seconds apart. */
  const rounds = (files: number, count: number) =>
    Array.from({ length: files * count }, (_, i) => jukebox(i + 1, i % files, 1 + 5 * Math.floor(i / files))).flat();

  test.each<[string, TestPacket[], { loops: number; refusals: number }]>([
    ['all have room', rounds(2, 2), { loops: 2, refusals: 0 }],
    ['one does not', rounds(3, 2), { loops: 2, refusals: 2 }],
    [
      'calls that were refused once, long ago, make room',
      [...rounds(2, 1), ...jukebox(91, 9, 62), ...jukebox(92, 9, 67)],
      { loops: 1, refusals: 0 },
    ],
    [
      'loops that are over do not push out the one that goes on',
      [...rounds(2, 2), ...[67, 72, 77].flatMap((seconds) => jukebox(seconds, 9, seconds))],
      { loops: 3, refusals: 0 },
    ],
  ])('%s', (_, packets, { loops, refusals }) => {
    const report = pendingOf(packets);
    expect([report.loops.length, report.dropped.refusals, report.dropped.loops]).toEqual([loops, refusals, 0]);
  });

  test('of those that are over the longest are kept, and the text tells of the others', () => {
    const ended = [2, 2, 3, 2].flatMap((tries, file) => [
      ...Array.from({ length: tries }, (_, n) => jukebox(10 * file + n, file, n)).flat(),
      ...jukebox(10 * file + 9, file, 3, 0),
    ]);
    const report = pendingOf(ended);
    expect([report.loops.length, report.loops[0].count, report.dropped.loops]).toEqual([2, 3, 2]);
    const text = pendingText(report, { styles: makeStyles(false), columns: null, files: null, age: () => 0 });
    expect(text).toMatch(/^2 loops beyond the most that are kept, with no more replies than these$/m);
  });
});

test('frames of one message: the last is known, whatever their number', () => {
  const record = bytes(words(0x80000028), call());
  const packets = Array.from({ length: 11 }, (_, i) =>
    tcp(client, server, record.subarray(4 * i, 4 * (i + 1)), { sequence: 1 + 4 * i }),
  );
  const { messages } = inspect([tcp(client, server, new Uint8Array(0), { sequence: 0, flags: SYN }), ...packets]);
  expect(
    messages.map(({ frame, firstFrame, frameCount, carriers }) => [frame, firstFrame, frameCount, carriers]),
  ).toEqual([[12, 2, 11, [1, 2, 3, 4, 5, 6, 7, 8]]]);
});

describe('rules', () => {
  test('a file that is too large', async () => {
    await expect(checkYaml([], `rules: [answered] #${'x'.repeat(100)}`)).rejects.toThrow(
      /rules\.yaml: too large for a file of rules$/,
    );
  });

  test('clients whose order nobody follows are counted', async () => {
    const from = (port: number, procedure: number) =>
      toServer(call({ xid: port, procedure }), { ...client, address: `10.0.0.${port}` });
    const rules = 'rules:\n  - {order: [nfs.procedure_v3 == 0, nfs.procedure_v3 == 1], per: client}';
    const { rules: results } = await checkPackets([from(5, 0), from(5, 1), from(6, 1), from(7, 1)], rules);
    expect(results.at(-1)?.found).toMatch(/^in order \(2 \w+ beyond the most orders that are followed\)$/);
  });
});

describe('diff', () => {
  const many = Array.from({ length: 40 }, (_, index) => look(0, index));
  const by = (client: string) => ({ ...look(0, 7), client });

  test.each([
    ['two hosts whose addresses changed', ['10.0.0.3'], ['10.0.0.4'], []],
    ['a third, whose address changed', ['10.0.0.1', '10.0.0.3'], ['10.0.0.1', '10.0.0.4'], ['extra', 'missing']],
    ['a third, with the same address', ['10.0.0.1', '10.0.0.3'], ['10.0.0.1', '10.0.0.3'], []],
  ])('hosts: %s', (_, expected, actual, found) => {
    expect(kinds(diff(expected.map(by), actual.map(by), { preamble: [] }).findings)).toEqual(found);
  });

  test('programs in turn: those that wait for nothing are forgotten, what is missing is found', () => {
    const steps = many.map((step, index) => ({ ...step, program: index % 4 }));
    const without = steps.filter((_, index) => index !== 17);
    expect(kinds(diff(steps, without, { window: 8 }).findings)).toEqual(['missing']);
  });

  test('findings behind an exchange that may come later: it is missing, and when it comes it is extra', () => {
    const changed = many.map((step) => ({ ...step, status: 1 }));
    const moved = [...changed.slice(1), many[0]];
    const { findings, diff: it } = diff(many, moved, { window: 8 });
    expect(kinds(findings)).toEqual(['missing', ...changed.slice(1).map(() => 'changed'), 'extra']);
    expect(it.beyondWindow).toBe(1);
  });

  test('pairs that an exchange passed: the newest are counted', () => {
    const { findings } = diff(many.slice(0, 10), [...many.slice(1, 10), many[0]]);
    expect(findings).toMatchObject([{ kind: 'order', passed: { count: 3 } }]);
  });

  test('paths that changed most: the first ones are counted', () => {
    const out = new ByteWriter();
    const text = new DiffText(out, { styles: makeStyles(false), columns: null, programs: () => undefined });
    const { findings, diff: it } = diff(
      many,
      many.map((step) => ({ ...step, status: 1 })),
    );
    for (const [index, finding] of findings.entries()) {
      if (finding.kind !== 'changed') throw new Error(finding.kind);
      const path = ['a', 'b', 'c', 'c'][index % 4];
      text.write({ ...finding, differences: [{ ...finding.differences[0], path }] });
    }
    text.end(it, true);
    expect(out.toString()).toMatch(/\nchanged most .*\n {4}a {2}10\n {4}b {2}10\n\n/);
  });

  test.each<[string, readonly (Uint8Array | TestPacket)[], string[]]>([
    ['open calls', [1, 2, 3].map((xid) => toServer(call({ xid }))), ['1 unanswered call forgotten']],
    ['unfinished records', parallelReads(2, 40_960), ['2 messages kept in part, to bound memory']],
  ])('what a recording has no room for is told: %s', async (name, packets, missing) => {
    const path = join(folder, `${name}.pcap`);
    writeFileSync(path, captureOf(packets));
    const onProblem = () => {};
    const options = { library, keepDuplicates: false, ignored: null, shapes: new FieldShapes(), onProblem };
    const recording = await Recording.open(path, options, null, () => {});
    await recording.read(() => true);
    expect(missingParts(recording.inspection.account())).toEqual(missing);
  });
});

test('servers: to one that is forgotten, a call of an unknown RPC version is no call', () => {
  const other = { ...server, address: '10.0.0.3' };
  const answered = [server, other].flatMap((host, xid) => [
    udp(client, host, call({ xid })),
    udp(host, client, reply({ xid })),
  ]);
  const odd = Buffer.from(call({ xid: 9 }));
  odd.writeUInt32BE(3, 8);
  const { messages, rpc } = inspect([...answered, udp(client, server, odd), udp(client, other, odd)]);
  expect([messages.slice(4).map(({ frame }) => frame), rpc.counts.notRpc]).toEqual([[6], 1]);
});

describe('frames that -w writes of an input that is read once', () => {
  /** A call in so many segments of 500 bytes, behind a SYN, which is written, too. */
  function segments(count: number): Buffer[] {
    const length = 500 * count;
    const head = call({ xid: 1, procedure: 7 });
    const record = bytes(words(0x80000000 | (length - 4)), head, Buffer.alloc(length - 4 - head.length));
    return [
      tcp(client, server, new Uint8Array(0), { sequence: 0, flags: SYN }),
      ...Array.from({ length: count }, (_, i) =>
        tcp(client, server, record.subarray(500 * i, 500 * (i + 1)), { sequence: 1 + 500 * i }),
      ),
    ];
  }

  const left = (count: number) => [`out: ${count} frames had left the store before they were needed`];
  const zeros = 'out: 1 message took longer than the store holds; a part is zeros';
  test.each<[string, count: number, isAnonymized: boolean, written: number, lines: string[]]>([
    ['a message that the store holds', 2, false, 3, []],
    ['one that it does not hold', 6, false, 3, left(4)],
    ['anonymised, one that it holds', 2, true, 3, []],
    ['anonymised, one that it does not hold', 6, true, 4, [zeros, ...left(3)]],
  ])('%s', async (name, count, isAnonymized, written, lines) => {
    const path = join(folder, `${name}.pcapng`);
    await write(path, count, isAnonymized);
    expect(said).toEqual(lines.map((line) => line.replace('out', path)));
    expect(readCapture(readFileSync(path)).frames).toHaveLength(written);
  });

  test('nothing is said once the reader of standard output is gone', async () => {
    const output = new StandardOutput(new ByteWriter());
    output.isClosed = true;
    await write('-', 6, false, output);
    expect(said).toEqual([]);
  });

  async function write(
    path: string,
    count: number,
    isAnonymized: boolean,
    output = new StandardOutput(new ByteWriter()),
  ) {
    const input = join(folder, 'segments.pcap');
    writeFileSync(input, captureOf(segments(count)));
    const writeAnonymous = (...frame: Parameters<InstanceType<typeof FrameExport>['writeAnonymous']>) =>
      frames.writeAnonymous(...frame);
    const anonymizer = isAnonymized ? new Anonymizer(Buffer.alloc(32, 1), null, writeAnonymous) : null;
    const frames = new FrameExport(path, true, output, anonymizer);
    const options = { library, onFrame: frames.onFrame, trace: anonymizer ?? undefined };
    let dissector: Dissector;
    const inspection = await Inspection.open([input], options, (dissection) => {
      frames.message(dissection, true, dissector);
      anonymizer?.message(dissection, dissector);
    });
    ({ dissector } = inspection);
    await inspection.run();
    said.length = 0;
    await frames.finish([]);
  }
});

describe('exported files', () => {
  /** Puts texts at offsets of files; gives what each file is then, and what is said of it. */
  function put(name: string, pieces: readonly [file: number, offset: number, text: string][]) {
    const store = new ObjectStore(join(folder, name), () => null);
    for (const [file, offset, text] of pieces) {
      const key = { server: { address: '10.0.0.2' } as Endpoint, handle: Uint8Array.of(file) };
      store.data(key, 'write', offset, Buffer.from(text), new Message());
    }
    const files = store.finish().map(({ place, dropped, conflicts, conflictCount }) => ({
      text: readFileSync(join(folder, name, String(place)), 'latin1').replaceAll('\0', '.'),
      dropped,
      conflicts: [conflicts.length, conflictCount],
    }));
    return { files, transfers: store.dropped };
  }
  const file = (text: string, { dropped = 0, conflicts = [0, 0] } = {}) => ({ text, dropped, conflicts });

  test.each<[string, [number, number, string][], object]>([
    [
      'more files than may be open at a time',
      [
        [1, 0, 'ab'],
        [2, 0, 'xy'],
        [1, 2, 'cd'],
        [2, 2, 'zz'],
      ],
      { files: [file('abcd'), file('xyzz')], transfers: 0 },
    ],
    [
      'more files than are told apart',
      [1, 2, 3, 4, 5].map((each) => [each, 0, String(each)]),
      { files: [file('1'), file('2'), file('3')], transfers: 2 },
    ],
    [
      'more pieces of one file: what touches one has room',
      [
        [1, 0, 'a'],
        [1, 2, 'b'],
        [1, 4, 'c'],
        [1, 1, 'd'],
      ],
      { files: [file('adb', { dropped: 1 })], transfers: 0 },
    ],
    [
      'more pieces in all',
      [1, 2, 3].flatMap((each) => [0, 2].map((at) => [each, at, 'x'] as [number, number, string])),
      { files: [file('x.x'), file('x.x'), file('', { dropped: 2 })], transfers: 0 },
    ],
    [
      'more bytes',
      [
        [1, 0, 'a'.repeat(99)],
        [2, 0, 'bb'],
        [2, 0, 'c'],
      ],
      { files: [file('a'.repeat(99)), file('c', { dropped: 2 })], transfers: 0 },
    ],
    [
      'more conflicts',
      ['a', 'b', 'c'].map((text) => [1, 0, text]),
      { files: [file('c', { conflicts: [1, 2] })], transfers: 0 },
    ],
  ])('%s', (name, pieces, expected) => {
    expect(put(name, pieces)).toEqual(expected);
  });
});

test.each([
  ['nfs4/client-4.2', 'tree', 20],
  ['nfs4/client-4.2', 'ndjson', 60],
  ['nfs3/linux-client', 'list', Number.POSITIVE_INFINITY],
] as const)('%s: %s', async (name, format, count) => {
  const actual = await render(join(FIXTURES, 'captures', `${name}.pcap`), format, { count });
  expect(actual).toBe(readFileSync(join(FIXTURES, 'golden', `${name}.${format}`), 'utf8'));
});

test('what is anonymised has the same substitute whenever it comes again', () => {
  const substitutes = new Substitutes(Buffer.alloc(32, 1));
  const addresses = [1, 2, 3, 1, 2, 3].map((last) => substitutes.address(Uint8Array.of(10, 20, 30, last)).join('.'));
  const texts = ['one', 'two', 'six', 'one', 'two', 'six'].map((text) =>
    Buffer.from(substitutes.text(Buffer.from(text))).toString('latin1'),
  );
  for (const all of [addresses, texts]) {
    expect(all.slice(0, 3)).toEqual(all.slice(3));
    expect(new Set(all).size).toBe(3);
  }
});
