/** `rpcdump diff` as a user meets it. */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { RAW_IP } from '../../src/capture/link-types.js';
import { MAX_RECORD_KEPT } from '../../src/limits/rpc.js';
import { writePcap } from '../helpers/capture-writer.js';
import { NfsTraffic } from '../helpers/nfs-traffic.js';
import { parallelReads } from '../helpers/parallel-reads.js';
import { program } from '../helpers/program.js';
import { FIXTURES } from '../helpers/render.js';
import { ownFolder } from '../helpers/with-folder.js';

const recording = (name: string) => join(FIXTURES, 'diff', name);
const FIRST = recording('nfs3-first.pcap');
const SECOND = recording('nfs3-second.pcap');
const OTHER = recording('nfs4-first.pcap');

const folder = ownFolder();

function write(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

test('no differences: a line, and 0; one of the two may be standard input', async () => {
  const { status, stdout, stderr } = await program.run(['diff', '-', SECOND], { input: readFileSync(FIRST) });
  expect([status, stdout, stderr]).toEqual([0, 'no differences in 81 exchanges\n', []]);
});

test('--only file: a file of a directory', async () => {
  const folders = ['expected', 'actual'].map((name) => {
    mkdirSync(join(folder, name));
    copyFileSync(FIRST, join(folder, name, 'a.pcap'));
    copyFileSync(SECOND, join(folder, name, 'b.pcap'));
    return join(folder, name);
  });
  const { status, stdout } = await program.run(['diff', '--only', 'file contains "a.pcap"', ...folders]);
  expect([status, stdout]).toEqual([0, 'no differences in 81 exchanges\n']);
});

test('Ctrl-C says what was compared, and is no success', async () => {
  const said = /^rpcdump: interrupted: of the two recordings \d+ and \d+ exchanges were read\n$/;
  const { status, stdout, stderr } = await program.interrupt(
    ['diff', '-', SECOND],
    'SIGINT',
    said,
    readFileSync(FIRST),
  );
  expect(stdout).toMatch(/^no differences in \d+ exchanges\n$/);
  expect(stderr).toMatch(said);
  expect(status).toBe(2);
});

test('differences: 1, in every format', async () => {
  const text = await program.run(['diff', '--color', 'always', FIRST, OTHER]);
  const json = await program.run(['diff', '--json', FIRST, OTHER]);
  const quiet = await program.run(['diff', '-q', FIRST, OTHER]);
  expect([text.status, json.status, quiet.status]).toEqual([1, 1, 1]);
  expect(text.stdout).toContain('first difference');
  expect(text.stdout.split('\n').at(-2)).toMatch(
    /81 and 43 exchanges: 0 changed, 81 missing, 43 extra, 0 out of order/,
  );
  expect(json.stdout.split('\n').slice(0, -1)).toHaveLength(124);
  expect(quiet.stdout).toBe('');
});

test.each([
  [['--ignore', 'args.objekt'], "--ignore: no field 'objekt' in 'args'; did you mean 'object'?"],
  [['--ignore', 'result.status == 3'], '--ignore: this is not the path of a field'],
  [['--ignore', 'elapsed'], "--ignore: 'elapsed' is not compared; compared are "],
  [['--only', 'procedure =='], 'filter: '],
  [['-q', '--json'], '-q and --json exclude each other'],
  [['--order', 'some'], "option '--order <order>' argument 'some' is invalid."],
])('%j is refused', async (options, message) => {
  const { status, stdout, stderr } = await program.run(['diff', ...options, FIRST, SECOND]);
  expect([status, stdout]).toEqual([2, '']);
  expect(stderr[0]).toContain(`rpcdump: ${message}`);
});

describe('recordings that cannot be read', () => {
  const wasCut = () => write('cut.pcap', readFileSync(SECOND).subarray(0, 30_000));

  test.each([
    ['no such file', () => [FIRST, '/nonexistent/actual.pcap'], '/nonexistent/actual.pcap: no such file'],
    ['cut short', () => [FIRST, wasCut()], 'cut.pcap: '],
    ['not a capture', () => [write('text.pcap', Buffer.from('hello, world')), SECOND], 'text.pcap: '],
  ])('%s: says which, and exits with 2', async (_, paths, message) => {
    const { status, stderr } = await program.run(['diff', ...paths()]);
    expect(status).toBe(2);
    expect(stderr.join('\n')).toContain(message);
  });

  test('frames of an unknown link type', async () => {
    const path = write('link-type.pcap', writePcap([{ data: Buffer.alloc(60) }], { linkType: 147 }));
    const { status, stderr } = await program.run(['diff', FIRST, path]);
    expect([status, ...stderr]).toEqual([2, `rpcdump: ${path}: frame 1: link type 147, which rpcdump does not know`]);
  });

  test('standard input is one of them at most, and an empty comparison is told', async () => {
    expect(await program.run(['diff', '-', '-'])).toMatchObject({ status: 2 });
    const { status, stderr } = await program.run(['diff', '--only', 'nlm', FIRST, SECOND]);
    expect([status, ...stderr]).toEqual([
      0,
      'rpcdump: nothing was compared: neither recording has an exchange that counts',
    ]);
  });
});

describe('what could not be compared is told', () => {
  /** READs of data that ends with a number, in frames of at most `snaplen` bytes. */
  function reads(name: string, last: number, snaplen: number): string {
    const { packets } = new NfsTraffic().read('a', 0, `${'x'.repeat(40)}${last}`).read('a', 0, 'y');
    const cut = packets.map((packet) => ({ ...packet, data: packet.data.subarray(0, snaplen) }));
    return write(name, writePcap(cut, { linkType: RAW_IP }));
  }

  const AS_FAR = 'no differences in 2 exchanges, as far as they could be compared';
  const EXPECTED_CUT = 'rpcdump: expected.pcap: 3 messages truncated (first: frame 1)';
  const ACTUAL_CUT = 'rpcdump: actual.pcap: 3 messages truncated (first: frame 1)';
  const BOTH = 'rpcdump: compared as far as they go: 6 truncated messages (3 expected, 3 actual)';
  const ONE = 'rpcdump: compared as far as they go: 3 truncated messages (3 expected, 0 actual)';
  type Row = [name: string, expected: number, actual: number, status: number, verdict: string, lines: string[]];

  test.each<Row>([
    ['both cut before the difference', 80, 80, 0, AS_FAR, [EXPECTED_CUT, ACTUAL_CUT, BOTH]],
    ['one cut before the difference', 80, 1000, 0, AS_FAR, [EXPECTED_CUT, ONE]],
    ['both whole', 1000, 1000, 1, '2 exchanges: 1 changed, 0 missing, 0 extra, 0 out of order', []],
  ])('%s', async (_, expected, actual, status, verdict, lines) => {
    const paths = [reads('expected.pcap', 1, expected), reads('actual.pcap', 2, actual)];
    const result = await program.run(['diff', ...paths]);
    expect([result.status, result.stdout.split('\n').at(-2)]).toEqual([status, verdict]);
    expect(result.stderr.map((line) => line.replaceAll(`${folder}/`, ''))).toEqual(lines);
  });

  test('where no message is there, the exit status is not that of equal recordings', async () => {
    const { status, stderr } = await program.run(['diff', reads('1.pcap', 1, 30), reads('2.pcap', 2, 30)]);
    expect(status).toBe(2);
    expect(stderr).toContain('rpcdump: nothing was compared: neither recording has an exchange that counts');
  });

  test('what rpcdump itself had no memory for is no success', async () => {
    const [expected, actual] = [1, 2].map((last) =>
      write(`${last}.pcap`, writePcap(parallelReads(1, MAX_RECORD_KEPT + 4, last), { linkType: RAW_IP })),
    );
    const { status, stdout, stderr } = await program.run(['diff', expected, actual]);
    expect([status, stdout, ...stderr]).toEqual([
      2,
      'no differences in 1 exchange, as far as they could be compared\n',
      `rpcdump: ${expected}: 1 message kept in part, to bound memory`,
      `rpcdump: ${actual}: 1 message kept in part, to bound memory`,
      'rpcdump: compared as far as rpcdump kept them, to limit memory: 2 messages (1 expected, 1 actual)',
    ]);
  });

  test('bodies that are encrypted', async () => {
    const path = join(FIXTURES, 'captures/rpc/gss-krb5p.pcap');
    const { status, stderr } = await program.run(['diff', path, path]);
    expect([status, stderr.at(-1)]).toEqual([
      0,
      expect.stringMatching(/^rpcdump: compared without their bodies: \d+ encrypted messages \(/),
    ]);
  });
});
