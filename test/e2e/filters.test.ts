/** Filters, fields and `-w` as a user meets them. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { capture } from '../helpers/fixtures.js';
import { lines } from '../helpers/lines.js';
import { program } from '../helpers/program.js';
import { INVENTORY } from '../helpers/render.js';
import { ownFolder } from '../helpers/with-folder.js';

const START = capture('nfs3/allprocs-start.pcap');
const NOTIFY = capture('nsm/notify.pcap');

const folder = ownFolder();

const run = (...args: string[]) => program.run(args);

test('help filter tells the language and the fields', async () => {
  const { status, stdout } = await run('help', 'filter');
  expect(status).toBe(0);
  for (const word of ['elapsed', 'rpc.xid', 'retransmission.kind', 'nfs', 'contains']) expect(stdout).toContain(word);
  expect(await run('help', 'nosuch')).toMatchObject({ status: 2, stdout: '' });
  for (const command of [[], ['stats']]) {
    const [help, option] = [await run('help', ...command), await run(...command, '--help')];
    expect(help).toEqual(option);
    expect(help.stdout).toContain('Examples:');
  }
  expect((await run('--help')).stdout).toMatch(/'filter' \(the\s+language of -Y/);
});

test('a file that is read is not written, by whatever name', async () => {
  const [copy, link] = ['own.pcap', 'link.pcap'].map((name) => join(folder, name));
  copyFileSync(NOTIFY, copy);
  symlinkSync(copy, link);
  expect(await run('-w', link, copy)).toMatchObject({ status: 2, stdout: '' });
  expect(readFileSync(copy).equals(readFileSync(NOTIFY))).toBe(true);
});

test.each([
  [[NOTIFY], 'interface', 0],
  [[NOTIFY], 'not interface', 12],
  [[capture('nfs3/merged.pcapng')], 'interface', 172],
  [[capture('nfs3/merged.pcapng')], 'interface == 1', 12],
  [[NOTIFY, START], 'file contains "notify"', 12],
  [[NOTIFY], 'file', 0],
])('%j: %s selects %i', async (captures, filter, expected) => {
  expect(lines((await run('-Y', filter, ...captures)).stdout)).toHaveLength(expected);
});

describe('what is wrong is said before anything is written', () => {
  test.each([
    [['-Y', 'procedur == LOOKUP'], "unknown field 'procedur'; did you mean 'procedure'?"],
    [['-Y', ''], 'the filter is empty'],
    [['-T', 'fields'], "-T fields needs at least one '-e FIELD'"],
    [['-e', 'frame'], '-e and -E go with -T fields or --csv'],
    [['-', '-'], 'standard input can be read only once'],
    [['--csv', '-e', 'fram'], "-e: unknown field 'fram'; did you mean 'frame'?"],
    [['--csv', '-E', 'header=x'], '-E header=x: the value is one of y, n'],
    [['--csv', '-E', 'separator=ab'], '-E separator=ab: the value is one character, /t (tab) or /s (blank)'],
    [['--csv', '-E', 'colour=red'], '-E colour=red: there are header, separator, quote, occurrence and aggregator'],
    [['--json', '--only', 'arg'], "--only: records have no key 'arg'; did you mean 'args'?"],
    [['--json', '--only', 'q'], "--only: records have no key 'q'; docs/json.md lists the keys"],
    [
      ['--calls', '--json', '--only', 'frame'],
      "--only: exchanges (--calls) have no key 'frame'; it is a key of 'call' or 'reply'",
    ],
    [
      ['--calls', '--json', '--only', 'q'],
      "--only: exchanges (--calls) have no key 'q'; schemas/exchange.schema.json lists the keys",
    ],
    [['--only', 'args'], '--only goes with --json or -T json'],
    [['--payload'], '--payload goes with --json or -T json'],
    [['--int64', 'string', '--csv'], '--int64 goes with --json or -T json'],
    [['--csv', '--json'], '--json and --csv exclude each other'],
    [['--json', '-T', 'json'], '-T json and --json exclude each other'],
    [['--json', '-V'], '-V and -x go with -T text'],
    [['--summary', '--csv'], '--summary cannot be combined with --csv'],
    [['--summary', '-w', '-'], '--summary cannot be combined with -w'],
    [['--summary', '-c', '3'], '--summary cannot be combined with -c'],
    [['stats', '--html', '-', '--sort', 'p99'], '--html has its own tables and takes no --sort'],
    [
      ['check', '--rules', 'nightly.yaml', '--calls'],
      "--calls goes with --fail-on, --expect and --assert; a rule in a file has 'of: exchanges'",
    ],
    [['-f', 'port 2049'], '-f goes with -i; -Y selects from what is read'],
    [['-i', 'lo', '-r', NOTIFY], '-i captures and -r reads: one of them'],
    [['-i', 'lo'], `-i captures, and '${NOTIFY}' is a file to read: one of them`],
    [['-Y', 'nfs', '-Y', 'error == true'], "It was given twice: join the filters by '&&' or '||'."],
    [['-Y', 'proc == LOOKUP'], "unknown field 'proc'; did you mean 'procedure'?"],
    [['stat'], "stat: no such file or directory, and no command; did you mean 'stats'?"],
    [['-w', NOTIFY], `${NOTIFY}: is an input, and would be overwritten`],
    [['stats', '--save', NOTIFY], 'is an input, and would be overwritten'],
    [['stats', '--html', NOTIFY], 'is an input, and would be overwritten'],
    [['check', '--fail-on', 'nfs', '--report', `junit=${NOTIFY}`], 'is an input, and would be overwritten'],
    [['-Y', 'nfs', 'stats'], "'stats' is a command, and a command comes first: rpcdump stats [options] …"],
    [['stats', '--csv', '--json'], '--json and --csv exclude each other'],
    [['stats', '--histogram', '--json'], '--histogram goes with the table, not with --json'],
    [['stats', '--save', '-'], '--save needs a file: standard output has the table'],
    [['diff', 'absent.pcap'], 'absent.pcap: no such file or directory'],
    [['diff', '-Y', 'nfs', '--only', 'nfs', NOTIFY], '--only and -Y are the same: join their filters by and'],
    [['-w', '/nosuch/x.pcapng'], '/nosuch/x.pcapng: cannot be written (no such file or directory)'],
    [['-w', `${NOTIFY}/x`], `${NOTIFY}/x: cannot be written (not a directory)`],
    [['-w', 'x'.repeat(300)], 'x: cannot be written (file name too long)'],
    [
      ['-w', '/nosuch/x', '--anonymize-key', 'secret'.repeat(50)],
      '/nosuch/x: cannot be written (no such file or directory)',
    ],
    [['stats', '--html', `${NOTIFY}/x`], `${NOTIFY}/x: cannot be written (not a directory)`],
    [['stats', '--save', `${NOTIFY}/x`], `${NOTIFY}/x: cannot be written (not a directory)`],
    [['stats', '--merge', '/nosuch/x', '-r'], '/nosuch/x: no such file or directory'],
  ])('%s', async (args, message) => {
    const { status, stdout, stderr } = await run(...args, NOTIFY);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr.join('\n')).toContain(message);
  });
});

describe('what a filter may have been meant to be is said at the end', () => {
  const CLIENT = capture('nfs4/client-4.2.pcap');
  const operation =
    "rpcdump: 'procedure == LOOKUP' selected nothing: in NFSv4, LOOKUP is an operation of COMPOUND; did you mean 'operation == LOOKUP'?";
  const misspelt = "rpcdump: no 'result.status' was 'NFS3ERR_NOENTT'; did you mean 'NFS3ERR_NOENT'?";
  const alone =
    "rpcdump: 'error' alone selects every message that has it, true or false; did you mean 'error == true'?";
  const outcome = "rpcdump: only a call and its reply together have 'outcome': add --calls";
  const file = "rpcdump: 'file' is the capture, where several are read; the paths of files are in 'names'";
  test.each([
    [['-Y', 'procedure == LOOKUP', CLIENT], [operation]],
    [['-Y', 'procedure == LOOKUP', '--jobs', '2', CLIENT], [operation]],
    [['-Y', 'procedure == LOOKUP', '--calls', CLIENT], [operation]],
    [['stats', '-Y', 'procedure == LOOKUP', CLIENT], [operation]],
    [['check', '--fail-on', 'procedure == LOOKUP', CLIENT], [operation]],
    [['check', '--calls', '--expect', '0 procedure == LOOKUP', CLIENT], [operation]],
    [['diff', '--only', 'procedure == LOOKUP', CLIENT, CLIENT], [operation]],
    [['-Y', 'procedure == LOOKUP', START], []],
    [['-Y', 'error', START], [alone]],
    [['-Y', 'error', '--jobs', '2', START], [alone]],
    [['check', '--fail-on', 'error', '--fail-on', 'nfs && error', START], [alone]],
    [['-Y', 'error == true', START], []],
    [['-Y', 'outcome == answered', START], [outcome]],
    [['-Y', 'outcome == answered', '--calls', START], []],
    [['stats', '-Y', 'outcome == answered', START], []],
    [['check', '--fail-on', 'outcome == never_answered', START], []],
    [['-Y', 'file contains "passwd"', START], [file]],
    [['-Y', 'result.status == NFS3ERR_NOENTT', START], [misspelt]],
    [['-Y', 'result.status == NFS3ERR_NOENTT', '--jobs', '2', START], [misspelt]],
    [['-Y', 'frame == 3 or not result.status in {NFS3_OK, NFS3ERR_NOENTT}', START], [misspelt]],
    [['check', '--fail-on', 'result.status != NFS3ERR_NOENTT', START], [misspelt]],
    [['-Y', 'result.status == NFS3ERR_NOENT', START], []],
    [['-Y', 'result.status == "NFS3ERR_NOENTT"', START], []],
  ])('%j', async (args, expected) => {
    const { stderr } = await run(...args);
    expect(stderr.filter((line) => / == |did you mean|add --calls|names/.test(line))).toEqual(expected);
  });
});

describe('all formats show what the filter selects', () => {
  test.each([[[]], [['--json']], [['-V']], [['--csv']], [['-T', 'fields', '-e', 'frame']]])('%s', async (args) => {
    const all = await run(...args, '-Y', 'procedure == CREATE', START);
    const two = await run(...args, '-c', '2', '-Y', 'procedure == CREATE', START);
    expect([all.status, two.status]).toEqual([0, 0]);
    expect(all.stdout.startsWith(two.stdout)).toBe(true);
    expect(two.stdout.length).toBeGreaterThan(0);
    expect(two.stdout.length).toBeLessThan(all.stdout.length);
  });
});

/** Records without what a smaller capture must change; in the order of their bytes, since connections may be told in another order. */
async function records(path: string, filter: string, ...args: string[]): Promise<string[]> {
  const { stdout } = await run(...args, '--json', '--no-names', '-Y', filter, path);
  const own = ['message', 'frame', 'frames', 'connection', 'call_frame', 'names', 'retransmission', 'interface'];
  return lines(stdout)
    .map((line) => JSON.stringify(Object.entries(JSON.parse(line)).filter(([key]) => !own.includes(key))))
    .sort();
}

describe('-w', () => {
  test.each([
    ['nfs3/allprocs-start.pcap', 'procedure == CREATE', []],
    ['nfs4/client-4.2.pcap', 'operation == OPEN', []],
    ['nfs3/read-64k.pcap', 'procedure == READ', []],
    ['nfs3/udp-ipfrag.pcap', 'frames.count > 1', []],
    ['nfs3/merged.pcapng', 'nfs and type == reply', []],
    ['nfs3/snaplen256.pcap', 'truncated', []],
    ['rpc/errors-auth.pcap', 'accept_stat != SUCCESS', []],
    ['rpcbind/loopback.pcap', 'error == true', []],
    ['custom/inventory-fragments.pcap', 'type == reply', ['--xdr', INVENTORY]],
  ])('%s: %s', async (name, filter, args) => {
    const path = join(folder, 'out.pcapng');
    expect(await run(...args, '-Y', filter, '-w', path, capture(name))).toMatchObject({ status: 0, stdout: '' });
    const expected = await records(capture(name), filter, ...args);
    expect(expected.length).toBeGreaterThan(0);
    expect(await records(path, filter, ...args)).toEqual(expected);
  });

  test('standard input and standard output give the same bytes', () => {
    const path = join(folder, 'piped.pcapng');
    const args = [program.main, '-Y', 'procedure == CREATE', '-w'];
    execFileSync(process.execPath, [...args, path, START]);
    const piped = execFileSync(process.execPath, [...args, '-', '-'], { input: readFileSync(START) });
    expect(piped.equals(readFileSync(path))).toBe(true);
    expect(piped.length).toBeLessThan(readFileSync(START).length);
  });

  test('nothing is left beside the file', async () => {
    const path = join(folder, 'whole.pcapng');
    await run('-w', path, NOTIFY);
    expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
    expect(existsSync(path)).toBe(true);
  });
});
