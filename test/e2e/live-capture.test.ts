/** `-i`: the capture program that is run, what it is told, and what happens when it fails. Fake programs stand in for the real ones. */
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { program } from '../helpers/program.js';
import { FIXTURES } from '../helpers/render.js';
import { ownFolder } from '../helpers/with-folder.js';

const NOTIFY = join(FIXTURES, 'captures', 'nsm', 'notify.pcap');

const folder = ownFolder();

/** A PATH of its own with shell scripts in place of the capture programs. */
function pathWith(name: string, scripts: Record<string, string>): string {
  const path = join(folder, name);
  mkdirSync(path);
  for (const [script, text] of Object.entries(scripts)) {
    writeFileSync(join(path, script), `#!/bin/sh\nPATH=/usr/bin:/bin\n${text}\n`);
    chmodSync(join(path, script), 0o755);
  }
  return path;
}

const run = (path: string, ...args: string[]) => program.run(args, { env: { PATH: path } });
const rows = (text: string) => text.split('\n').slice(0, -1);

describe('what the capture program is told', () => {
  const record = `echo "$@" > "$(dirname "$0")/arguments"; cat '${NOTIFY}'`;
  test.each([
    ['one interface', ['-i', 'lo'], 'tcpdump', '--immediate-mode -B 32768 -U -n -w - -i lo'],
    ['a filter', ['-i', 'lo', '-f', 'port 111'], 'tcpdump', '--immediate-mode -B 32768 -U -n -w - -i lo -- port 111'],
    [
      'a filter as tcpdump takes it',
      ['-i', 'lo', 'port', '111'],
      'tcpdump',
      '--immediate-mode -B 32768 -U -n -w - -i lo -- port 111',
    ],
    ['several interfaces', ['-i', 'lo', '-i', 'eth0'], 'dumpcap', '-q -w - -i lo -i eth0'],
    ['several and a filter', ['-i', 'lo', '-i', 'e', '-f', 'udp'], 'dumpcap', '-q -w - -f udp -i lo -i e'],
  ])('%s', async (name, args, used, expected) => {
    const path = pathWith(name, { [used]: record, ...(used === 'tcpdump' && { dumpcap: 'exit 9' }) });
    const { status, stdout, stderr } = await run(path, ...args);
    expect([status, rows(stdout).length]).toEqual([0, 12]);
    expect(readFileSync(join(path, 'arguments'), 'utf8')).toBe(`${expected}\n`);
    // The account of the capture stands at the end.
    expect(stderr[0]).toMatch(/^frames +12 /);
    expect(stderr[1]).toMatch(/^messages +12 /);
  });
});

test('-w takes what is captured, and needs no file', async () => {
  const path = pathWith('written', { tcpdump: `cat '${NOTIFY}'` });
  const file = join(folder, 'live.pcapng');
  expect((await run(path, '-i', 'lo', '-w', file)).status).toBe(0);
  expect(rows((await program.run([file])).stdout)).toHaveLength(12);
});

describe('what goes wrong', () => {
  test('no program is installed', async () => {
    const { status, stdout, stderr } = await run(pathWith('none', {}), '-i', 'lo');
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toEqual([
      'rpcdump: -i needs tcpdump or dumpcap, which is not installed: install tcpdump, or dumpcap (Debian: wireshark-common)',
    ]);
  });

  test.each([
    ['its own words', "lo: You don't have permission", "lo: You don't have permission"],
    ['with why', 'lo: no permission\\n(socket: not permitted)', 'lo: no permission (socket: not permitted)'],
    ['once', 'no0: No such device exists\\n(No such device exists)', 'no0: No such device exists'],
  ])('the program may not capture: %s, and nothing of the empty pipe', async (name, words, said) => {
    const path = pathWith(`refused ${name}`, { tcpdump: `printf "tcpdump: ${words}\\n" >&2; exit 1` });
    const { status, stdout, stderr } = await run(path, '-i', 'lo');
    expect([status, stdout, stderr]).toEqual([2, '', [`rpcdump: tcpdump: ${said}`]]);
  });

  test.each([
    ['the program fails', 'echo "tcpdump: lo: is down" >&2; exit 1', 'tcpdump: lo: is down'],
    ['the program fails without a word', 'exit 1', 'tcpdump: failed without a message'],
    [
      'the program is killed after its greeting',
      'echo "tcpdump: listening on lo, link-type EN10MB" >&2; kill -9 $$',
      'tcpdump: ended by SIGKILL',
    ],
    ['the program writes no capture', 'echo "no capture"', '-: not a capture file'],
  ])('check: %s, as its reports say, too', async (name, script, problem) => {
    const path = pathWith(`check ${name}`, { tcpdump: script });
    const report = join(folder, `${name}.xml`);
    const args = ['check', '-i', 'lo', '--allow-empty', '--fail-on', 'nfs', '--report', `junit=${report}`];
    const { status, stderr } = await run(path, ...args);
    expect([status, stderr[0]]).toEqual([2, expect.stringContaining(`rpcdump: ${problem}`)]);
    expect(readFileSync(report, 'utf8')).toContain(problem);
  });

  test('only the last lines that the program writes are kept', async () => {
    const lines = "for i in 1 2 3 4 5 6 7 8 9; do printf '%01000d\\n' $i >&2; done";
    const path = pathWith('talkative', { tcpdump: `${lines}; echo "tcpdump: the end" >&2; exit 1` });
    const { status, stderr } = await run(path, '-i', 'lo');
    expect([status, stderr.length, stderr.at(-1)]).toEqual([2, 5, 'rpcdump: tcpdump: the end']);
  });

  test('the kernel dropped frames', async () => {
    const drops = 'echo "12 packets captured" >&2; echo "3 packets dropped by kernel" >&2';
    const { status, stderr } = await run(pathWith('drops', { tcpdump: `cat '${NOTIFY}'; ${drops}` }), '-i', 'lo');
    expect([status, stderr[0]]).toEqual([0, 'rpcdump: tcpdump: 3 packets dropped by kernel']);
  });
});

test('Ctrl-C ends the capture program, and what it still writes is read', async () => {
  const script = `head -c 400 '${NOTIFY}'; trap "tail -c +401 '${NOTIFY}'; exit 0" INT; while :; do sleep 0.05; done`;
  const path = pathWith('interrupted', { tcpdump: script });
  const child = program.spawn(['-i', 'lo'], { env: { PATH: `${path}:${dirname(process.execPath)}` } });
  let stdout = '';
  const closed = new Promise((resolve) => child.on('close', resolve));
  await new Promise<void>((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      resolve();
    });
  });
  child.kill('SIGINT');
  expect(await closed).toBe(0);
  expect(rows(stdout).length).toBe(12);
});
