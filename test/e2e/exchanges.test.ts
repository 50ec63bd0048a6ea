/** `--calls` and `stats` as a user meets them. */
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { writePcap } from '../helpers/capture-writer.js';
import { capture } from '../helpers/fixtures.js';
import { lines, parseLines } from '../helpers/lines.js';
import { client, server, udp } from '../helpers/packets.js';
import { program } from '../helpers/program.js';
import { call, reply, words } from '../helpers/rpc-writer.js';
import { ownFolder } from '../helpers/with-folder.js';

const LOSS = capture('nfs3/udp-loss.pcap');

const folder = ownFolder();

test('--calls in all formats has the same exchanges', async () => {
  const text = await program.run(['--calls', LOSS]);
  const ndjson = await program.run(['--calls', '--json', LOSS]);
  const array = await program.run(['--calls', '-T', 'json', LOSS]);
  expect([text.status, ndjson.status, array.status]).toEqual([0, 0, 0]);
  expect(lines(text.stdout)).toHaveLength(lines(ndjson.stdout).length);
  expect(JSON.parse(array.stdout)).toEqual(parseLines(ndjson.stdout));
});

test('-c counts exchanges', async () => {
  expect(lines((await program.run(['--calls', '-c', '2', LOSS])).stdout)).toHaveLength(2);
});

test('--calls has no trees', async () => {
  const { status, stderr } = await program.run(['--calls', '-V', LOSS]);
  expect([status, stderr]).toEqual([2, ['rpcdump: --calls cannot be combined with -V or -x']]);
});

describe('pending', () => {
  /** A call over UDP at 0 s and, in a second capture, another at the given time: outcome and age of the first. */
  test.each([
    ['of another time', 100_000, 'open_at_end', 1.5],
    ['of a ring buffer', 100, 'never_answered', 101.25],
  ])('captures %s', async (_, seconds, outcome, age) => {
    const ask = (xid: number) => udp(client, server, call({ xid, procedure: 1, args: words(0) }));
    const answer = (xid: number) => udp(server, client, reply({ xid, result: words(70) }));
    const frame = (data: Uint8Array, at: number) => ({ data, seconds: Math.floor(at), nanoseconds: (at % 1) * 1e9 });
    const path = (name: string) => join(folder, `${name}-${seconds}.pcap`);
    writeFileSync(path('a'), writePcap([frame(ask(1), 0), frame(ask(2), 1), frame(answer(2), 1.5)], { linkType: 101 }));
    writeFileSync(path('b'), writePcap([frame(ask(3), seconds), frame(answer(3), seconds + 1.25)], { linkType: 101 }));
    const { stdout } = await program.run(['pending', '--json', path('a'), path('b')]);
    expect(parseLines(stdout)[0]).toMatchObject({ xid: 1, outcome, age });
    const alone = await program.run(['pending', '--json', path('a')]);
    expect(JSON.parse(lines(alone.stdout)[0])).toMatchObject({ xid: 1, outcome: 'open_at_end', age: 1.5 });
  });

  test('exits with 0 also when things are pending', async () => {
    const { status, stdout } = await program.run(['pending', capture('rpc/errors-auth.pcap')]);
    expect([status, lines(stdout)[0]]).toEqual([0, '3 pending calls']);
  });

  test('of an empty capture', async () => {
    const empty = frames(readFileSync(LOSS), 0);
    expect(await program.run(['pending', '-'], { input: empty })).toEqual({
      status: 0,
      stdout: 'no pending calls\n',
      stderr: ['rpcdump: no frames'],
    });
    expect(await program.run(['pending', '--json', '--at', '1s', '-'], { input: empty })).toMatchObject({
      status: 0,
      stdout: '',
    });
  });

  test.each([
    ['0.12s', 1],
    ['120ms', 1],
    ['2026-11-22 07:20:18.0', 0],
    ['2026-11-22T07:20:21.40Z', 1],
    ['1795332021.40', 1],
    ['100h', 0],
  ])('--at %s', async (time, expected) => {
    const { stdout } = await program.run(['pending', '--json', '--at', time, LOSS]);
    expect(lines(stdout)).toHaveLength(expected);
  });

  test('--at behind the end is the end: what comes later nobody saw', async () => {
    const errors = capture('rpc/errors-auth.pcap');
    const atEnd = await program.run(['pending', '--json', errors]);
    expect(lines(atEnd.stdout)).toHaveLength(3);
    expect(await program.run(['pending', '--json', '--at', '100h', errors])).toEqual(atEnd);
  });

  test('--at yesterday is a mistake of the user', async () => {
    const { status, stderr } = await program.run(['pending', '--at', 'yesterday', LOSS]);
    expect([status, stderr[0]]).toEqual([2, expect.stringMatching(/--at.*It must be a time such as 12\.5s/)]);
  });

  test('-Y selects', async () => {
    const { stdout } = await program.run(['pending', '-Y', 'version == 2', capture('nfs3/locks-quota.pcap')]);
    expect(lines(stdout)[0]).toBe('1 pending call');
  });
});

test('stats: saved and merged with itself counts twice', async () => {
  const file = join(folder, 'saved.json');
  const once = await program.run(['stats', '--json', '--save', file, LOSS]);
  const twice = await program.run(['stats', '--json', '--merge', file, file]);
  const calls = (text: string) => parseLines(text).map((row) => row.calls);
  expect(calls(twice.stdout)).toEqual(calls(once.stdout).map((count) => 2 * count));
});

const LINUX = capture('nfs3/linux-client.pcap');

/** What `stats -Y` counts is what `--calls -Y` shows. */
test.each([
  ['a header', LOSS, 'elapsed > 100ms'],
  ['the call', LINUX, 'args.what.name == "a"'],
  ['the reply', LINUX, 'status == NFS3ERR_NOENT'],
  ['both', LINUX, 'args.what.name contains "b" and status != NFS3_OK'],
  ['a summary', LINUX, 'summary contains "/w/"'],
  ['names, of its call alone', LINUX, 'names and procedure == ACCESS'],
  ['neither', LINUX, 'not error == true and nfs'],
  ['what became of it', capture('nfs3/midstream.pcap'), 'outcome == open_at_end'],
])('stats -Y about %s', async (_, path, filter) => {
  const exchanges = lines((await program.run(['--calls', '--json', '-Y', filter, path])).stdout);
  const { stdout, status } = await program.run(['stats', '--totals', '--json', '-Y', filter, path]);
  expect([status, JSON.parse(stdout).calls]).toEqual([0, exchanges.length]);
});

test.each([['--operations'], ['--by', 'file,status'], ['--interval', '1ms', '--totals']])(
  'stats %s %s: saved and merged are what was counted',
  async (...options) => {
    const file = join(folder, `${options.join('')}.json`.replaceAll(/[^\w.]/g, '_'));
    const path = capture('nfs4/features-4.2.pcap');
    const once = await program.run(['stats', '--json', ...options, '--save', file, path]);
    const merged = await program.run(['stats', '--json', ...options, '--merge', file]);
    expect([merged.stdout, merged.status]).toEqual([once.stdout, 0]);
    const other = await program.run(['stats', '--by', 'client', '--merge', file]);
    expect([other.status, other.stderr[0]]).toEqual([2, expect.stringContaining('was saved with')]);
  },
);

test.each([
  ['--json', [capture('nfs3/midstream.pcap')], '13 replies whose call was not captured'],
  ['--csv', [capture('nfs3/midstream.pcap')], '13 replies whose call was not captured'],
  ['--json', ['--operations', LINUX], '54 calls that are not compounds, and so have no operations'],
])('stats %s %s: standard error has what no row has', async (form, args, line) => {
  expect((await program.run(['stats', form, ...args])).stderr).toContain(`rpcdump: ${line}`);
  const file = join(folder, 'beside.json');
  await program.run(['stats', ...args, '--save', file]);
  const operations = args.filter((arg) => arg === '--operations');
  expect((await program.run(['stats', form, ...operations, '--merge', file])).stderr).toEqual([`rpcdump: ${line}`]);
});

test('stats: rows of a time, and of all times, are not added up', async () => {
  const [plain, timed] = [join(folder, 'plain.json'), join(folder, 'timed.json')];
  await program.run(['stats', '--save', plain, LOSS]);
  await program.run(['stats', '--interval', '1s', '--save', timed, LOSS]);
  const errorOf = async (...args: string[]) => (await program.run(['stats', ...args])).stderr[0];
  expect(await errorOf('--interval', '1s', '--merge', plain)).toMatch(/was saved without --interval, but/);
  expect(await errorOf('--interval', '1s', LOSS, '--merge', plain)).toMatch(/was saved without --interval, but/);
  expect(await errorOf('--merge', timed, plain)).toMatch(
    /plain.json: was saved without --interval, but this run counts/,
  );
  expect(await errorOf(LOSS, '--merge', timed)).toMatch(/was saved with --interval 1s, but this run counts without/);
  for (const input of [[], [LOSS]])
    expect(await errorOf('--interval', '10s', ...input, '--merge', timed)).toMatch(/with --interval 1s, .* 10s$/);
  expect((await program.run(['stats', '--merge', timed])).status).toBe(0);
});

test('a key of --by that is named twice is a column once', async () => {
  const [twice, once] = await Promise.all(
    [['client,status,client'], ['client', '--by', 'status']].map((by) =>
      program.run(['stats', '--csv', '--by', ...by, LOSS]),
    ),
  );
  expect(twice).toEqual(once);
  expect(once.stdout).toMatch(/client.*status/);
});

test.each([[], ['-Y', 'nfs']])('stats %s --by file --no-names: the same calls, of handles', async (...options) => {
  const countsOf = async (...names: string[]) => {
    const { stdout } = await program.run(['stats', '--json', '--by', 'file', ...names, ...options, LINUX]);
    return lines(stdout).map((line) => JSON.parse(line) as { procedure: string; calls: number; file: string });
  };
  const [named, unnamed] = [await countsOf(), await countsOf('--no-names')];
  const total = (rows: typeof named) => rows.reduce((sum, { calls }) => sum + calls, 0);
  expect(total(unnamed)).toBe(total(named));
  const paths = (rows: typeof named) => rows.filter(({ file }) => file.startsWith('/srv/x/e/'));
  expect([paths(named).length > 10, paths(unnamed)]).toEqual([true, []]);
  const ofHandles = unnamed.filter(({ procedure }) => procedure === 'GETATTR').map(({ file }) => file);
  expect(ofHandles.length).toBeGreaterThan(3);
  for (const file of ofHandles) expect(file).toMatch(/^0x[0-9a-f]{8}$/);
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

describe('-Y with --calls selects exchanges', () => {
  const count = async (...options: string[]) => lines((await program.run(['--calls', ...options])).stdout).length;
  test.each([
    ['headers only', LOSS, 'retransmissions > 2', 1],
    ['the call has one field, the reply the other', LOSS, 'procedure == READDIRPLUS && elapsed > 400ms', 1],
    ['bodies of both', LOSS, 'args.cookie == 0 && result.resok.reply.eof == true', 2],
    ['how it came out', capture('rpc/errors-auth.pcap'), 'outcome == connection_ended', 2],
    ['what it took since it was sent last', LOSS, 'elapsed_last > 1ms && tcp_retransmissions == 0', 2],
    ['a reply without its call', capture('nfs3/midstream.pcap'), '!call_frame && type == reply', 13],
  ])('%s', async (_, path, filter, expected) => {
    expect(await count('-Y', filter, path)).toBe(expected);
    expect(await count('--json', '-Y', filter, path)).toBe(expected);
    expect(await count('-T', 'fields', '-e', 'frame', '-Y', filter, path)).toBe(expected);
  });

  test('-w writes all their frames', async () => {
    const file = join(folder, 'slow.pcapng');
    await program.run(['--calls', '-Y', 'retransmissions == 3', '-w', file, LOSS]);
    const [line, ...others] = lines((await program.run(['--calls', file])).stdout);
    expect(others).toEqual([]);
    expect(line).toMatch(/480ms READDIRPLUS .* \[3 retransmissions\]$/);
  });

  const asked = (xid: number) => udp(client, server, call({ xid, procedure: 1, args: words(0) }));
  const answered = (xid: number) => udp(server, client, reply({ xid, result: words(70) }));
  /** More calls than are kept with their arguments. */
  const many = Array.from({ length: 17_000 }, (_, i) => asked(i + 1));

  test.each([
    [
      'a call without an answer, sent again',
      [asked(1), asked(1), answered(2), asked(1)],
      'outcome == open_at_end',
      [1, 1, 1],
    ],
    ['calls whose arguments were dropped', many, 'xid == 3 || xid == 5 || xid == 16990', [3, 5, 16990]],
  ])('-w writes %s', async (_, packets, filter, xids) => {
    const [from, to] = ['from.pcap', 'to.pcapng'].map((name) => join(folder, name));
    writeFileSync(
      from,
      writePcap(
        packets.map((data) => ({ data })),
        { linkType: 101 },
      ),
    );
    await program.run(['--calls', '-q', '-Y', filter, '-w', to, from]);
    const { stdout } = await program.run(['-T', 'fields', '-e', 'xid', to]);
    expect(lines(stdout).map(Number)).toEqual(xids);
  });
});

test('--calls --csv: what both messages say is there once', async () => {
  const { stdout } = await program.run(['--calls', '--csv', '-e', 'frame', '-e', 'procedure', '-e', 'outcome', LOSS]);
  expect(lines(stdout).slice(0, 2)).toEqual([
    'frame,procedure,outcome',
    expect.stringMatching(/^"\d+,\d+",\w+,answered$/),
  ]);
});

test('--calls --only has the keys of exchanges', async () => {
  const { stdout } = await program.run(['--calls', '--json', '--only', 'outcome,xid', '-c', '1', LOSS]);
  expect(Object.keys(JSON.parse(stdout))).toEqual(['xid', 'outcome']);
});

test('Ctrl-C writes what is still open', async () => {
  // A call, its reply, and a call.
  const child = program.spawn(['--calls', '-l', '-']);
  child.stdin.write(frames(readFileSync(capture('nsm/notify.pcap')), 3));
  const [answered] = await once(child.stdout, 'data');
  expect(String(answered)).toMatch(/GETPORT .* → .*\n$/);
  const closed = once(child, 'close');
  child.kill('SIGINT');
  let rest = '';
  for await (const text of child.stdout) rest += text;
  expect(rest).toMatch(/^ +3 .*\[open at the end\]\n$/);
  expect(await closed).toEqual([0, null]);
});

/** The first frames of a pcap file. */
function frames(file: Buffer, count: number): Buffer {
  let end = 24;
  for (let i = 0; i < count; i++) end += 16 + file.readUInt32LE(end + 8);
  return file.subarray(0, end);
}

test('stats --html writes a page as a whole, or nothing', async () => {
  const file = join(folder, 'report.html');
  const { status, stdout } = await program.run(['stats', '--html', file, LOSS]);
  expect([status, stdout, readdirSync(folder).filter((name) => name.startsWith('report'))]).toEqual([
    0,
    '',
    ['report.html'],
  ]);
  expect(readFileSync(file, 'utf8')).toMatch(/^<!DOCTYPE html>[\s\S]*<\/html>\n$/);
  const piped = await program.run(['stats', '--html', '-', LOSS]);
  expect([piped.status, piped.stdout]).toEqual([0, readFileSync(file, 'utf8')]);
  const refused = await program.run(['stats', '--html', file, '--by', 'client', LOSS]);
  expect([refused.status, refused.stderr]).toEqual([2, ['rpcdump: --html has its own tables and takes no --by']]);
  const nowhere = await program.run(['stats', '--html', join(folder, 'none', 'a.html'), LOSS]);
  expect([nowhere.status, nowhere.stderr[0]]).toEqual([2, expect.stringMatching(/a\.html: cannot be written/)]);
});
