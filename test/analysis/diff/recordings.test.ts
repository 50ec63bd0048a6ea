/** Recordings of the same script compared in this process, and what is done to one of them. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { beforeAll, describe, expect, test } from 'vitest';
import { Diff } from '../../../src/analysis/diff/diff.js';
import { FieldShapes } from '../../../src/analysis/diff/packed-fields.js';
import { RAW_IP } from '../../../src/capture/link-types.js';
import { ignoredPaths } from '../../../src/cli/ignored-paths.js';
import { compareRecordings, Recording } from '../../../src/cli/recording.js';
import { Filter } from '../../../src/filter/filter.js';
import { MAX_DIFF_HELD, MAX_DIFF_UNMATCHED } from '../../../src/limits/diff.js';
import { DiffRecords } from '../../../src/output/diff-record.js';
import { ByteWriter } from '../../../src/xdr/byte-writer.js';
import { writePcap, writeSnoop, writeZstd } from '../../helpers/capture-writer.js';
import { captureOf, messagesOf, type Said } from '../../helpers/edited-capture.js';
import { fixtureCaptures } from '../../helpers/fixtures.js';
import { framesOf, type OwnFrame } from '../../helpers/frames.js';
import { parseLines } from '../../helpers/lines.js';
import { client, server, tcp } from '../../helpers/packets.js';
import { FIXTURES, library } from '../../helpers/render.js';
import { call, record, reply, words } from '../../helpers/rpc-writer.js';
import { ownFolder } from '../../helpers/with-folder.js';

const recording = (name: string) => join(FIXTURES, 'diff', name);
const FIRST = recording('nfs3-first.pcap');
const SECOND = recording('nfs3-second.pcap');
const validate = new Ajv2020({ allErrors: true }).compile(
  JSON.parse(readFileSync(join(FIXTURES, '../schemas/diff.schema.json'), 'utf8')),
);

const folder = ownFolder();
let messages: Said[];

beforeAll(async () => {
  messages = await messagesOf(SECOND);
});

function write(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

interface Options {
  isStrict?: boolean;
  ignore?: string[];
  only?: string;
}

/** The rows of `--json`. */
// biome-ignore lint/suspicious/noExplicitAny: rows are open objects.
async function rowsOf(expected: string, actual: string, options: Options = {}): Promise<any[]> {
  const { isStrict = true, ignore = [], only } = options;
  const out = new ByteWriter();
  const records = new DiffRecords(out);
  const shapes = new FieldShapes();
  const diff = new Diff({ isStrict }, (finding) => records.write(finding));
  const open = (side: 'expected' | 'actual', path: string) =>
    Recording.open(
      path,
      { library, keepDuplicates: false, ignored: ignoredPaths(ignore, { library }), shapes, onProblem: failOn },
      only === undefined ? null : new Filter(only, { library }),
      (exchange) => diff.add(side, exchange),
    );
  const recordings = { expected: await open('expected', expected), actual: await open('actual', actual) };
  await compareRecordings(diff, recordings, () => false);
  const rows = parseLines(out.toString());
  for (const row of rows) expect(validate(row), JSON.stringify(validate.errors)).toBe(true);
  return rows;
}

function failOn({ file, message }: { file: string; message: string }): never {
  throw new Error(`${file}: ${message}`);
}

/** Where the call of a procedure stands among the messages; the n-th of them, from 0. */
function callOf(procedure: string, n = 0): number {
  const found = messages.flatMap((message, index) =>
    message.isCall && message.procedure === procedure ? [index] : [],
  );
  return found[n];
}

/** The reply to the call at `index`. */
function replyOf(index: number): number {
  const { xid, connection } = messages[index];
  return messages.findIndex((each) => !each.isCall && each.xid === xid && each.connection === connection);
}

/** A capture of which each frame has at most so many bytes. */
function cutAt(snaplen: number, frames: readonly OwnFrame[]): Buffer {
  const cut = frames.map((frame) => ({ ...frame, data: frame.data.subarray(0, snaplen) }));
  return writePcap(cut, { linkType: frames[0].linkType });
}

describe('the same', () => {
  test.each([
    ['a recording and itself', FIRST, FIRST],
    ['recordings of the same script by NFSv3', FIRST, SECOND],
    ['recordings of the same script by NFSv4', recording('nfs4-first.pcap'), recording('nfs4-second.pcap')],
  ])('%s', async (_, expected, actual) => {
    expect(await rowsOf(expected, actual)).toEqual([]);
  });

  test.each([96, 100, 110, 128, 150, 173, 200, 256, 300])('cut by a snaplen of %i on one side', async (snaplen) => {
    const cut = write('cut.pcap', cutAt(snaplen, await framesOf(SECOND)));
    expect(await rowsOf(FIRST, cut)).toEqual([]);
    expect(await rowsOf(cut, FIRST)).toEqual([]);
    expect(await rowsOf(cut, cut)).toEqual([]);
  });

  test('as snoop, compressed, and written anew', async () => {
    const bytes = readFileSync(SECOND);
    for (const [name, contents] of [
      ['second.snoop', writeSnoop(await framesOf(SECOND), { linkType: 4 })],
      ['second.pcap.gz', gzipSync(bytes)],
      ['second.pcap.zst', writeZstd(bytes)],
      ['again.pcap', captureOf(messages)],
    ] as const) {
      expect(await rowsOf(FIRST, write(name, contents)), name).toEqual([]);
    }
  });

  const recorded = fixtureCaptures().filter((path) => !path.endsWith('synthetic.pcap'));

  test.each(recorded.map((path) => [relative(FIXTURES, path), path]))('%s and itself', async (_, path) => {
    expect(await rowsOf(path, path)).toEqual([]);
  });
});

describe('what was done to a recording is told, and nothing else', () => {
  test('a call is missing, or extra', async () => {
    const call = callOf('GETATTR', 1);
    const without = messages.filter((_, index) => index !== call && index !== replyOf(call));
    const path = write('missing.pcap', captureOf(without));
    expect(await rowsOf(FIRST, path)).toMatchObject([{ kind: 'missing', procedure: 'GETATTR', actual: null }]);
    expect(await rowsOf(path, FIRST)).toMatchObject([{ kind: 'extra', procedure: 'GETATTR', expected: null }]);
  });

  test('a status is another one', async () => {
    const reply = replyOf(callOf('LOOKUP', 2));
    const bytes = Buffer.from(messages[reply].bytes);
    expect(bytes.readUInt32BE(24)).toBe(2);
    bytes.writeUInt32BE(13, 24);
    const changed = messages.with(reply, { ...messages[reply], bytes });
    const [row, ...others] = await rowsOf(FIRST, write('status.pcap', captureOf(changed)));
    expect(others).toEqual([]);
    expect(row).toMatchObject({
      kind: 'changed',
      procedure: 'LOOKUP',
      path: 'result.status',
      expected: 'NFS3ERR_NOENT',
      actual: 'NFS3ERR_ACCES',
      expected_exchange: { frame: 148 },
    });
  });

  test('two calls changed places', async () => {
    const [one, other] = [callOf('WRITE'), callOf('COMMIT')];
    const order = [...messages.keys()];
    for (const [at, from] of [
      [one, other],
      [replyOf(one), replyOf(other)],
      [other, one],
      [replyOf(other), replyOf(one)],
    ]) {
      order[at] = from;
    }
    const path = write('swapped.pcap', captureOf(order.map((index) => messages[index])));
    expect(await rowsOf(FIRST, path)).toMatchObject([{ kind: 'order', procedure: 'WRITE', passed: 1 }]);
    expect(await rowsOf(FIRST, path, { isStrict: false })).toEqual([]);
  });

  test('a call was not answered', async () => {
    const unanswered = messages.filter((_, index) => index !== replyOf(callOf('FSINFO')));
    expect(await rowsOf(FIRST, write('unanswered.pcap', captureOf(unanswered)))).toMatchObject([
      { kind: 'changed', procedure: 'FSINFO', path: 'outcome', expected: 'answered', actual: 'unanswered' },
    ]);
  });

  test('a handle is that of another file', async () => {
    const [from, to] = [callOf('GETATTR', 1), callOf('GETATTR', 3)];
    const bytes = Buffer.from(messages[from].bytes);
    bytes.writeUInt32BE(messages[to].xid, 0);
    const path = write('handle.pcap', captureOf(messages.with(to, { ...messages[to], bytes })));
    const rows = await rowsOf(FIRST, path);
    expect(rows[0]).toMatchObject({ kind: 'changed', procedure: 'GETATTR', path: 'args.object.data' });
    expect(rows[0].actual_before).not.toBe(rows[0].actual);
  });
});

test('--only takes exchanges, --ignore leaves fields out', async () => {
  const reply = replyOf(callOf('LOOKUP', 2));
  const bytes = Buffer.from(messages[reply].bytes);
  bytes.writeUInt32BE(13, 24);
  const path = write('ignored.pcap', captureOf(messages.with(reply, { ...messages[reply], bytes })));
  expect(await rowsOf(FIRST, path, { only: 'mount' })).toEqual([]);
  expect(await rowsOf(FIRST, path, { only: 'nfs and error == true' })).toHaveLength(1);
  expect(await rowsOf(FIRST, path, { ignore: ['result.status'] })).toEqual([]);
  expect(await rowsOf(FIRST, path, { ignore: ['..status'] })).toEqual([]);
  expect(await rowsOf(FIRST, path, { ignore: ['args'] })).toHaveLength(1);
});

test('of more lost replies than may wait, each is a change of outcome at its place', async () => {
  const COUNT = 4 * MAX_DIFF_UNMATCHED + MAX_DIFF_HELD;
  const isLost = (i: number) => i < 4 * MAX_DIFF_UNMATCHED && i % 2 === 1;
  const port = (i: number) => ({ program: 100000, version: 2, procedure: 3, args: words(i, 1, 6, 0), xid: i });
  const packets = Array.from({ length: COUNT }, (_, i) => {
    const [asked, answered] = [record(call(port(i))), record(reply({ xid: i, result: words(i) }))];
    const [sequence, acknowledgement] = [1 + i * asked.length, 1 + i * answered.length];
    return [
      tcp(client, server, asked, { sequence, acknowledgement }),
      tcp(server, client, answered, { sequence: acknowledgement, acknowledgement: sequence + asked.length }),
    ];
  });
  const capture = (frames: Uint8Array[]) =>
    writePcap(
      frames.map((data, i) => ({ data, seconds: Math.floor(i / 1000) })),
      { linkType: RAW_IP },
    );
  const whole = write('whole.pcap', capture(packets.flat()));
  const lossy = write('lossy.pcap', capture(packets.flatMap((pair, i) => (isLost(i) ? pair.slice(0, 1) : pair))));
  const rows = await rowsOf(whole, lossy);
  expect(new Set(rows.map(({ kind, path }) => `${kind} ${path}`))).toEqual(new Set(['changed outcome']));
  const lost = packets.flatMap((_, i) => (isLost(i) ? [2 * i + 1] : []));
  expect(rows.map((row) => row.expected_exchange.frame)).toEqual(lost);
});

test('--ignore of a credential leaves all of it out', async () => {
  const call = callOf('LOOKUP', 2);
  const bytes = Buffer.from(messages[call].bytes);
  // The user: behind the header, the flavor, the stamp and the name of the machine.
  const name = bytes.readUInt32BE(36);
  bytes.writeUInt32BE(4711, 40 + Math.ceil(name / 4) * 4);
  const path = write('user.pcap', captureOf(messages.with(call, { ...messages[call], bytes })));
  expect((await rowsOf(FIRST, path)).map((row) => row.path)).toEqual(['credential.uid']);
  for (const ignore of [['credential'], ['credential', 'credential.uid'], ['credential.uid']])
    expect(await rowsOf(FIRST, path, { ignore })).toEqual([]);
});

test('what differs before the cut of a snaplen is found', async () => {
  const cut = write('cut.pcap', cutAt(200, await framesOf(recording('nfs3-wrong.pcap'))));
  const changed = (await rowsOf(FIRST, cut)).filter(({ kind }) => kind === 'changed');
  expect(changed.map(({ path }) => path)).toMatchInlineSnapshot(`
    [
      "result.resok.obj_attributes.attributes.mode",
      "result.resok.obj_attributes.attributes.mode",
      "result.resok.obj_attributes.mode",
      "result.resok.file_attributes.attributes.mode",
      "result.status",
    ]
  `);
});
