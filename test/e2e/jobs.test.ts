/** `--jobs`: with several threads everything is as with one, byte by byte; an error in a thread, a closed pipe and Ctrl-C end them all. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, cpSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { repeat } from '../../bench/repeat.js';
import { program } from '../helpers/program.js';
import { ownFolder } from '../helpers/with-folder.js';

const CAPTURES = fileURLToPath(new URL('../../fixtures/captures/', import.meta.url));

const folder = ownFolder();
/** A megabyte: enough that blocks wait, and are rendered ahead. */
let large: string;
let cut: string;
let cores: string;

beforeAll(async () => {
  large = join(folder, 'large.pcap');
  await repeat(join(CAPTURES, 'nfs3/allprocs-start.pcap'), large, 12);
  cut = join(folder, 'cut.pcap');
  copyFileSync(join(CAPTURES, 'nfs3/read-64k.pcap'), cut);
  truncateSync(cut, 100_000);
  cores = join(folder, 'cores.cjs');
  writeFileSync(cores, CORES);
});

/** Says of a machine that it has cores for all threads that are asked for. */
const CORES = `require('node:os').availableParallelism = () => 4;`;

/** With one thread, two and three; how they end, and whether anything is written. */
async function same(args: readonly string[], status = 0, isEmpty = false): Promise<void> {
  const env = { NODE_OPTIONS: `--require ${cores}` };
  const runs = ['1', '2', '3'].map((jobs) => program.run([...args, '--jobs', jobs], { env }));
  const [one, ...others] = await Promise.all(runs);
  expect([one.status, one.stdout === '']).toEqual([status, isEmpty]);
  for (const other of others) expect(other).toEqual(one);
}

describe('the same as one thread', () => {
  const formats = [
    ['-t', 'r'],
    ['-t', 'dd', '--color', 'always'],
    ['--json'],
    ['-T', 'json', '--no-names', '--payload'],
    ['-V', '-x', '-c', '500'],
    ['-T', 'fields', '-e', 'frame', '-e', 'summary'],
  ];
  test.each(formats.map((format) => [format]))('a large capture: %j', (format) => same([...format, large]));

  test.each(['--json', '-V'])(
    'errors, security contexts, callbacks, what is cut off, several inputs: %s',
    async (format) => {
      const names = ['rpc', 'nfs4', 'nlm', 'custom'].map((name) => join(CAPTURES, name));
      await same([format, ...names, cut, join(folder, 'missing.pcap')], 2);
    },
  );

  test.each([
    ['-c 100', 0, false],
    ['-Y procedure=="LOOKUP" --json', 0, false],
    // One thread, whatever is asked for: as with three.
    ['-Y status==NFS3_OK -c 5', 0, false],
    ['-Y procedure==READ -t d', 0, true],
    ['-T fields -e no.such.field', 2, true],
    ['-Y ( --json', 2, true],
    ['--calls', 0, false],
  ])('%s', (options, status, isEmpty) => same([...options.split(' '), large], status, isEmpty));
});

test('an error in a thread is a bug of the program', async () => {
  const copy = join(folder, 'broken');
  cpSync(dirname(dirname(dirname(program.main))), join(copy, 'dist'), { recursive: true });
  copyFileSync(join(dirname(program.main), '../../../package.json'), join(copy, 'package.json'));
  writeFileSync(join(copy, 'dist/src/cli/worker.cjs'), 'throw new Error("out of order");');
  const args = [join(copy, 'dist/src/cli/main.cjs'), '--jobs', '2', large];
  try {
    execFileSync(process.execPath, args, { encoding: 'utf8', stdio: 'pipe' });
    expect.unreachable();
  } catch (error) {
    const { status, stderr } = error as { status: number; stderr: string };
    expect(status).toBe(70);
    expect(stderr).toContain('rpcdump: a bug in rpcdump: ');
    expect(stderr).toContain('Error: out of order');
  }
});

test('a closed pipe ends all threads quietly', async () => {
  const child = program.spawn(['--jobs', '3', large]);
  await once(child.stdout, 'data');
  child.stdout.destroy();
  const stderr: Buffer[] = [];
  child.stderr.on('data', (chunk) => stderr.push(chunk));
  const [status] = await once(child, 'close');
  expect(status).toBe(0);
  expect(Buffer.concat(stderr).toString()).not.toContain('bug');
});

test('Ctrl-C ends all threads, after whole lines', async () => {
  const child = program.spawn(['--json', '--jobs', '2', large]);
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk) => {
    if (chunks.push(chunk) > 1) return;
    child.stdout.pause();
    child.kill('SIGINT');
    setTimeout(() => child.stdout.resume(), 100);
  });
  const [status] = await once(child, 'close');
  expect(status).toBe(0);
  const lines = Buffer.concat(chunks).toString().split('\n');
  expect(lines.pop()).toBe('');
  expect(lines.map((line) => JSON.parse(line).message)).toEqual(lines.map((_, index) => index + 1));
});
