/** `--calls` and `stats` as a user meets them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Program } from '../helpers/program.js';
import { FIXTURES } from '../helpers/render.js';

const capture = (name: string) => join(FIXTURES, 'captures', name);
const LOSS = capture('nfs3/udp-loss.pcap');

let program: Program;
let folder: string;

beforeAll(() => {
  program = Program.build();
  folder = mkdtempSync(join(tmpdir(), 'rpcdump-exchanges-'));
});

afterAll(() => {
  program?.remove();
  if (folder !== undefined) rmSync(folder, { recursive: true });
});

const lines = (text: string) => text.split('\n').slice(0, -1);

test('--calls in all formats has the same exchanges', async () => {
  const text = await program.run(['--calls', LOSS]);
  const ndjson = await program.run(['--calls', '--json', LOSS]);
  const array = await program.run(['--calls', '-T', 'json', LOSS]);
  expect([text.status, ndjson.status, array.status]).toEqual([0, 0, 0]);
  expect(lines(text.stdout)).toHaveLength(lines(ndjson.stdout).length);
  expect(JSON.parse(array.stdout)).toEqual(lines(ndjson.stdout).map((line) => JSON.parse(line)));
});

test('-c counts exchanges', async () => {
  expect(lines((await program.run(['--calls', '-c', '2', LOSS])).stdout)).toHaveLength(2);
});

test('--calls has no trees', async () => {
  const { status, stderr } = await program.run(['--calls', '-V', LOSS]);
  expect([status, stderr]).toEqual([2, ['rpcdump: --calls has no -V and no -x']]);
});

test('stats: saved and merged with itself counts twice', async () => {
  const file = join(folder, 'saved.json');
  const records = (text: string) => lines(text).map((line) => JSON.parse(line));
  const once = await program.run(['stats', '--json', '--save', file, LOSS]);
  const twice = await program.run(['stats', '--json', '--merge', file, file]);
  const calls = (text: string) => records(text).map((row) => row.calls);
  expect(calls(twice.stdout)).toEqual(calls(once.stdout).map((count) => 2 * count));
});

test.each([
  [['--by', 'colour'], /--by/],
  [['--interval', '0'], /--interval/],
  [['--merge', '/nonexistent/file'], /^rpcdump: \/nonexistent\/file: /],
])('stats %s is a mistake of the user', async (options, expected) => {
  const { status, stderr } = await program.run(['stats', LOSS, ...options]);
  expect(status).toBe(2);
  expect(stderr.join('\n')).toMatch(expected);
});
