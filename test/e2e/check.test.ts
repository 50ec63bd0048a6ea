/** `rpcdump check` as a CI job meets it: exit statuses, reports in files, standard input, wrong input, and the job of docs/ci. */
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { capture } from '../helpers/fixtures.js';
import { parseLines } from '../helpers/lines.js';
import { program, type RunOptions } from '../helpers/program.js';
import { FIXTURES, INVENTORY } from '../helpers/render.js';
import { checkJunit, checkSarif } from '../helpers/report-checks.js';

const START = capture('nfs3/allprocs-start.pcap');
const LINUX = capture('nfs3/linux-client.pcap');
const CUT = 'cut.pcap';
const HOLDS = ['--fail-on', 'procedure == RMDIR'];
const FAILS = ['--fail-on', 'procedure == MNT'];
const WRONG = ['--fail-on', 'procedur == MNT'];

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rpcdump-check-'));
  writeFileSync(join(folder, CUT), readFileSync(START).subarray(0, -10));
});

afterEach(() => rmSync(folder, { recursive: true }));

const run = (args: string[], options: RunOptions = {}) => program.run(['check', ...args], { cwd: folder, ...options });
const files = () => readdirSync(folder).filter((name) => name !== CUT);

describe('exit status', () => {
  const cases: [what: string, args: string[], status: number, stderr: string][] = [
    ['all hold', [...HOLDS, START], 0, ''],
    ['one fails', [...HOLDS, ...FAILS, START], 1, ''],
    [
      'a filter is wrong',
      [...WRONG, START],
      2,
      "--fail-on: filter: unknown field 'procedur'; did you mean 'procedure'?",
    ],
    ['there are no rules', [START], 2, 'no rules: there is no rpcdump.yaml here'],
    ['no capture', HOLDS, 2, 'no capture given'],
    ['an input is missing', [...HOLDS, '/nosuch.pcap'], 2, '/nosuch.pcap: no such file'],
    ['an input was cut off', [...HOLDS, CUT], 2, 'cut.pcap: '],
    ['2 wins over 1, and the rest is checked', [...FAILS, CUT, '/nosuch.pcap', LINUX], 2, '/nosuch.pcap: no such file'],
    ['no messages', [...HOLDS, join(FIXTURES, 'check/not_empty/empty.pcap')], 1, ''],
    ['no messages, and that is fine', [...HOLDS, '--allow-empty', join(FIXTURES, 'check/not_empty/empty.pcap')], 0, ''],
    [
      'a report cannot be written',
      [...HOLDS, '--report', 'tap=/nosuch/x', START],
      2,
      '/nosuch/x: cannot be written (no such file or directory)',
    ],
  ];
  test.each(cases)('%s', async (_, args, status, said) => {
    const result = await run(args);
    expect([result.status, result.stderr.join('\n')]).toEqual([status, expect.stringContaining(said)]);
    expect(result.stderr.join('\n')).not.toMatch(/^\s+at /m);
    expect(files()).toEqual([]);
    if (said.startsWith('/nosuch.pcap') && args.includes(LINUX))
      expect(result.stdout).toMatch(/in +.*linux-client\.pcap\n/);
  });
});

test.each(['SIGINT', 'SIGTERM'] as const)('%s leaves a file unread: no rule is known to hold', async (signal) => {
  // A gigabyte in a megabyte: hours of a capture, for a test.
  const frame = Buffer.alloc(16 + 60_000);
  frame.writeUInt32LE(60_000, 8);
  frame.writeUInt32LE(60_000, 12);
  const frames = gzipSync(Buffer.concat(new Array<Buffer>(50).fill(frame)));
  const long = join(folder, CUT);
  writeFileSync(long, Buffer.concat([gzipSync(readFileSync(START)), ...new Array<Buffer>(3000).fill(frames)]));
  const said = /^rpcdump: interrupted: 96 messages checked\n/;
  const args = ['check', ...HOLDS, '--report', 'tap=-', long];
  const { status, stdout, stderr } = await program.interrupt(args, signal, said);
  expect(stderr).toMatch(said);
  expect(stdout).toMatch(/^not ok 3 - interrupted: 96 messages checked$/m);
  expect(status).toBe(2);
});

describe('rules', () => {
  test('are read from rpcdump.yaml in the current folder', async () => {
    writeFileSync(join(folder, 'rpcdump.yaml'), 'rules:\n  - none: procedure == MNT\n');
    const { status, stdout } = await run([START, '--json']);
    const [, found] = parseLines(stdout);
    expect([status, found]).toMatchObject([1, { ok: false, source: { file: 'rpcdump.yaml', line: 2, column: 5 } }]);
    // Options take its place.
    expect(await run([...HOLDS, START])).toMatchObject({ status: 0 });
  });

  test('of several files and options come in their order', async () => {
    for (const name of ['a', 'b'])
      writeFileSync(join(folder, `${name}.yaml`), `rules: [{ name: ${name}, some: nfs }]\n`);
    const { stdout } = await run(['--rules', 'b.yaml', '--rules', 'a.yaml', '--expect', '>= 1 nfs', '--json', START]);
    const names = parseLines(stdout).map(({ rule }) => rule);
    expect(names).toEqual(['not_empty', 'b', 'a', 'count: >= 1 nfs']);
  });

  test('as options may be of exchanges', async () => {
    const both = ['--fail-on', 'args.what.name == "missing" and status == NFS3ERR_NOENT', START];
    expect(await run(both)).toMatchObject({ status: 0 });
    expect(await run(['--calls', ...both])).toMatchObject({ status: 1 });
  });

  test('know the programs of --xdr', async () => {
    const args = ['--expect', '>= 1 procedure == INV_ECHO', capture('custom/inventory.pcap')];
    expect(await run(args)).toMatchObject({ status: 2 });
    expect(await run(['--xdr', INVENTORY, ...args])).toMatchObject({ status: 0 });
  });
});

test('standard input, -r, -Y and --color', async () => {
  const piped = await run([...FAILS, '-'], { input: readFileSync(START) });
  expect(piped).toMatchObject({ status: 1, stderr: [] });
  expect(await run([...FAILS, '-r', START])).toMatchObject({ status: 1, stdout: piped.stdout });
  expect(await run([...FAILS, '-Y', 'nfs', START])).toMatchObject({ status: 0 });
  const colored = await run([...FAILS, '--color', 'always', START]);
  expect(colored.stdout).toContain('\u001b[31m');
  expect(piped.stdout).not.toContain('\u001b');
});

describe('reports', () => {
  const ALL = [
    '--report',
    'junit=r.xml',
    '--report',
    'tap=r.tap',
    '--report',
    'sarif=r.sarif',
    '--report',
    'json=r.ndjson',
  ];

  test('are written beside the text, each as a whole', async () => {
    const { stdout } = await run([...ALL, '--report', 'github=r.txt', ...FAILS, START]);
    expect(stdout).toContain('✗ none: procedure == MNT');
    expect(files().sort()).toEqual(['r.ndjson', 'r.sarif', 'r.tap', 'r.txt', 'r.xml']);
    const read = (name: string) => readFileSync(join(folder, name), 'utf8');
    expect(checkJunit(read('r.xml'))).toEqual([]);
    expect(checkSarif(read('r.sarif'))).toEqual([]);
    expect(read('r.tap')).toContain('\nnot ok 2 - none: procedure == MNT\n');
    expect(read('r.txt')).toMatch(/^::error title=none%3A procedure == MNT::expected: /);
  });

  test('annotations go beside the text, another report stands alone', async () => {
    const { stdout } = await run(['--report', 'github', ...FAILS, START]);
    expect(stdout).toMatch(/^✓ not_empty[\s\S]*\n::error title=/);
    const alone = await run(['--report', 'junit=-', ...FAILS, START]);
    expect(checkJunit(alone.stdout)).toEqual([]);
  });

  test('tell of inputs that could not be read', async () => {
    await run([...ALL, ...HOLDS, '/nosuch.pcap', START]);
    const read = (name: string) => readFileSync(join(folder, name), 'utf8');
    expect(read('r.xml')).toContain('<error type="input" message="/nosuch.pcap: no such file or directory"/>');
    expect(read('r.tap')).toContain('not ok 3 - /nosuch.pcap: no such file or directory');
    expect(JSON.parse(read('r.sarif')).runs[0].invocations[0]).toMatchObject({ executionSuccessful: false });
  });

  test('leave what was there until they are whole, and follow links', async () => {
    writeFileSync(join(folder, 'old.xml'), 'old');
    symlinkSync('old.xml', join(folder, 'link.xml'));
    const wrong = await run(['--report', 'junit=link.xml', ...WRONG, START]);
    expect([wrong.status, readFileSync(join(folder, 'old.xml'), 'utf8')]).toEqual([2, 'old']);
    await run(['--report', 'junit=link.xml', ...HOLDS, START]);
    expect(checkJunit(readFileSync(join(folder, 'old.xml'), 'utf8'))).toEqual([]);
    expect(files().sort()).toEqual(['link.xml', 'old.xml']);
  });

  test('can go to a device', async () => {
    expect(await run(['--report', 'junit=/dev/null', ...HOLDS, START])).toMatchObject({ status: 0 });
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
  });
});

test('the command of docs/ci/github-workflow.yml runs as it stands there', async () => {
  const workflow = parse(readFileSync(join(FIXTURES, '../docs/ci/github-workflow.yml'), 'utf8'));
  const steps: { name?: string; run?: string }[] = workflow.jobs.traffic.steps;
  const command = steps.find(({ name }) => name === 'Check the traffic')!.run!;
  expect(command.startsWith('rpcdump check ')).toBe(true);
  copyFileSync(join(FIXTURES, '../docs/rpcdump.yaml'), join(folder, 'rpcdump.yaml'));
  const job = (traffic: string): { status: number; stdout: string } => {
    copyFileSync(traffic, join(folder, 'traffic.pcap'));
    const script = `rpcdump() { "${process.execPath}" "${program.main}" "$@"; }\n${command}\n`;
    try {
      const stdout = execFileSync('bash', ['-e', '-c', script], {
        cwd: folder,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      return { status: 0, stdout };
    } catch (error) {
      return error as { status: number; stdout: string };
    }
  };
  expect(job(LINUX).status).toBe(0);
  const failed = job(START);
  expect(failed.status).toBe(1);
  const line = readFileSync(join(folder, 'rpcdump.yaml'), 'utf8')
    .split('\n')
    .findIndex((text) => text.includes('nothing but LOOKUP fails'));
  expect(failed.stdout).toContain(`::error file=rpcdump.yaml,line=${line + 1},col=5,title=nothing but LOOKUP fails::`);
  for (const step of steps.flatMap(({ run: script }) => script ?? [])) expect(step).not.toContain('${{');
  expect(checkJunit(readFileSync(join(folder, 'rpcdump.xml'), 'utf8'))).toEqual([]);
  expect(checkSarif(readFileSync(join(folder, 'rpcdump.sarif'), 'utf8'))).toEqual([]);
});
