/** `rpcdump diff` as a user meets it. */
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Program } from '../helpers/program.js';
import { FIXTURES } from '../helpers/render.js';

const recording = (name: string) => join(FIXTURES, 'diff', name);
const FIRST = recording('nfs3-first.pcap');
const SECOND = recording('nfs3-second.pcap');
const OTHER = recording('nfs4-first.pcap');

let program: Program;
let folder: string;

beforeAll(() => {
  program = Program.build();
  folder = mkdtempSync(join(tmpdir(), 'rpcdump-diff-'));
});

afterAll(() => {
  if (folder !== undefined) rmSync(folder, { recursive: true });
});

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
  const child = program.spawn(['diff', '-', SECOND]);
  child.stdin.write(readFileSync(FIRST));
  // Nothing is written that would tell that it reads.
  await setTimeout(1500);
  const closed = once(child, 'close');
  child.kill('SIGINT');
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  expect(out).toMatch(/^no differences in \d+ exchanges\n$/);
  expect(err).toMatch(/^rpcdump: interrupted: of the two recordings \d+ and \d+ exchanges were read\n$/);
  expect(await closed).toEqual([2, null]);
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

  test('standard input is one of them at most, and an empty comparison is told', async () => {
    expect(await program.run(['diff', '-', '-'])).toMatchObject({ status: 2 });
    const { status, stderr } = await program.run(['diff', '--only', 'nlm', FIRST, SECOND]);
    expect([status, ...stderr]).toEqual([
      0,
      'rpcdump: nothing was compared: neither recording has an exchange that counts',
    ]);
  });
});
