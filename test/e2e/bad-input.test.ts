/**
 * Input that cannot be read, or not to its end: one line on standard error that names the file and, where there is one, the frame;
 * what was readable is printed; exit status 2.
 */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { PcapngWriter, writeZstd } from '../helpers/capture-writer.js';
import { parseLines } from '../helpers/lines.js';
import { client, server, udp } from '../helpers/packets.js';
import { program } from '../helpers/program.js';
import { FIXTURES } from '../helpers/render.js';
import { call, reply } from '../helpers/rpc-writer.js';
import { faultsOf } from '../helpers/statistics.js';
import { ownFolder } from '../helpers/with-folder.js';

const SHOWMOUNT = readFileSync(join(FIXTURES, 'captures/mount/showmount.pcap'));
const MERGED = readFileSync(join(FIXTURES, 'captures/nfs3/merged.pcapng'));
const NOTIFY = readFileSync(join(FIXTURES, 'captures/nsm/notify.pcap'));
const FILE_HEADER = 24;
const FRAME_HEADER = 16;

/** Where the header of a frame of a pcap file lies, the first being number 1. */
function headerOf(capture: Buffer, frame: number): number {
  let at = FILE_HEADER;
  for (let number = 1; number < frame; number++) at += FRAME_HEADER + capture.readUInt32LE(at + 8);
  return at;
}

/** SHOWMOUNT with another 32-bit word at `at`. */
function patched(at: number, word: number): Buffer {
  const capture = Buffer.from(SHOWMOUNT);
  capture.writeUInt32LE(word, at);
  return capture;
}

interface BadInput {
  name: string;
  content: Uint8Array | string;
  /** The line on standard error, after `rpcdump: `. */
  says: RegExp;
  /** Messages that are printed nevertheless. */
  rows: number;
}

const FILES: BadInput[] = [
  { name: 'empty.pcap', content: '', says: /^empty\.pcap: empty file$/, rows: 0 },
  { name: 'text.pcap', content: 'this is no capture\n'.repeat(9), says: /^text\.pcap: not a capture file/, rows: 0 },
  {
    name: 'capture.pcap.xz',
    content: Buffer.from('fd377a585a000004e6d6b446', 'hex'),
    says: /^capture\.pcap\.xz: not a capture file: compressed by xz, which 'xz -dc FILE \| rpcdump -' reads$/,
    rows: 0,
  },
  {
    name: 'capture.cap',
    content: 'GMBU\0\x02\x01\0',
    says: /: not a capture file: a capture of Network Monitor, which 'editcap -F pcapng' converts$/,
    rows: 0,
  },
  { name: 'one-byte.pcap', content: SHOWMOUNT.subarray(0, 1), says: /^one-byte\.pcap: /, rows: 0 },
  { name: 'header.pcap', content: SHOWMOUNT.subarray(0, 10), says: /^header\.pcap: .*file header/, rows: 0 },
  { name: 'cut-header.pcap', content: cutAt(31, 12), says: /^cut-header\.pcap: frame 31: .*12 of 16/, rows: 6 },
  { name: 'cut-frame.pcap', content: cutAt(16, 40), says: /^cut-frame\.pcap: frame 16: cut short/, rows: 3 },
  { name: 'cut.pcapng', content: MERGED.subarray(0, 5000), says: /^cut\.pcapng: frame 31: cut short/, rows: 30 },
  { name: 'link-type.pcap', content: patched(20, 147), says: /^link-type\.pcap: .*link type 147/, rows: 0 },
  {
    name: 'long.pcap',
    content: badLength(10, 0x7fffffff),
    says: /^long\.pcap: frame 10: .*2147483647.*reading went on$/,
    rows: 44,
  },
  {
    name: 'longest.pcap',
    content: badLength(10, 0xffffffff),
    says: /^longest\.pcap: frame 10: .*4294967295.*reading went on$/,
    rows: 44,
  },
  { name: 'past-end.pcap', content: badLength(149, 200), says: /^past-end\.pcap: frame 149: cut short/, rows: 44 },
  { name: 'cut.pcap.gz', content: gzipped().subarray(0, 3000), says: /^cut\.pcap\.gz: .*after frame \d+/, rows: 34 },
  {
    name: 'damaged.pcap.gz',
    content: damaged(gzipped(), -8),
    says: /^damaged\.pcap\.gz: .*after frame \d+/,
    rows: 44,
  },
  {
    name: 'cut.pcap.zst',
    content: writeZstd(SHOWMOUNT, 4096).subarray(0, 9000),
    says: /^cut\.pcap\.zst: .*after frame \d+/,
    rows: 21,
  },
  { name: 'damaged.pcap.zst', content: damaged(writeZstd(SHOWMOUNT), 6), says: /^damaged\.pcap\.zst: /, rows: 0 },
  { name: 'bomb.pcap.gz', content: gzipSync(bomb()), says: /^bomb\.pcap\.gz: frame 150: /, rows: 44 },
  { name: 'block.pcapng', content: pcapng(12), says: /^block\.pcapng: frame 3: .*block/, rows: 2 },
  { name: 'long-block.pcapng', content: pcapng(0x7ffffff0), says: /^long-block\.pcapng: frame 3: /, rows: 2 },
  { name: 'a\nrpcdump: b\u001b[2J', content: '', says: /^a\\u000arpcdump: b\\u001b\[2J: empty file$/, rows: 0 },
];

function gzipped(): Buffer {
  return gzipSync(SHOWMOUNT);
}

function damaged(content: Buffer, at: number): Buffer {
  content.fill(0xff, at < 0 ? content.length + at : at, at < 0 ? content.length : at + 20);
  return content;
}

/** The capture, and behind it zeros that take a thousandth of their size: frames of no bytes, as they look. */
function bomb(): Buffer {
  return Buffer.concat([SHOWMOUNT, Buffer.alloc(FRAME_HEADER, 0xff), Buffer.alloc(50_000_000)]);
}

/** Two calls, and a block whose length is none. */
function pcapng(length: number): Buffer {
  const writer = new PcapngWriter().section().interface({ linkType: 101 });
  for (const xid of [1, 2]) writer.enhanced(udp(client, server, call({ xid })), BigInt(xid));
  return writer.block(6, Buffer.alloc(40), length).bytes();
}

/** A call and its reply for each of several times, none of which there is a date for. */
function impossibleTimes(): Buffer {
  const offsets = [-(1n << 62n), 0n, 1n << 62n];
  const writer = new PcapngWriter().section();
  for (const offset of offsets) writer.interface({ linkType: 101, offset });
  offsets.forEach((_, id) => {
    writer.enhanced(udp(client, server, call({ xid: id })), 1n, { id });
    writer.enhanced(udp(server, client, reply({ xid: id })), 2n, { id: (id + 1) % offsets.length });
  });
  return writer.bytes();
}

function cutAt(frame: number, bytes: number): Uint8Array {
  return SHOWMOUNT.subarray(0, headerOf(SHOWMOUNT, frame) + bytes);
}

function badLength(frame: number, length: number): Buffer {
  return patched(headerOf(SHOWMOUNT, frame) + 8, length);
}

const folder = ownFolder();

beforeAll(() => {
  for (const { name, content } of FILES) writeFileSync(join(folder, name), content);
  writeFileSync(join(folder, 'good.pcap'), NOTIFY);
  writeFileSync(join(folder, 'no-frames.pcap'), SHOWMOUNT.subarray(0, FILE_HEADER));
  writeFileSync(join(folder, 'times.pcapng'), impossibleTimes());
  mkdirSync(join(folder, 'no-captures'));
  writeFileSync(join(folder, 'no-captures/notes.txt'), 'hello\n');
});

const run = (...args: string[]) => program.run(args, { cwd: folder });
const lines = (text: string) => text.split('\n').length - 1;

describe.concurrent('bad files', () => {
  test.each(FILES)('$name', async ({ name, says, rows }) => {
    const { status, stdout, stderr } = await run(name);
    expect(stderr).toEqual([expect.stringMatching(/^rpcdump: /)]);
    expect(stderr[0].slice('rpcdump: '.length)).toMatch(says);
    expect(lines(stdout)).toBe(rows);
    expect(status).toBe(2);
  });

  test.each([
    ['missing.pcap', 'rpcdump: missing.pcap: no such file or directory'],
    ['no-captures', 'rpcdump: no-captures: no captures in this directory'],
  ])('%s', async (name, says) => {
    expect(await run(name)).toEqual({ status: 2, stdout: '', stderr: [says] });
  });

  test('a capture without frames is read to its end', async () => {
    expect(await run('no-frames.pcap')).toEqual({ status: 0, stdout: '', stderr: ['rpcdump: no frames'] });
  });

  test('the other files are read', async () => {
    const { status, stdout, stderr } = await run('missing.pcap', 'good.pcap', 'empty.pcap');
    expect(stderr).toEqual([expect.stringContaining('missing.pcap'), expect.stringContaining('empty.pcap')]);
    expect(lines(stdout)).toBe(12);
    expect(status).toBe(2);
  });

  test('a filter as tcpdump and tshark take it', async () => {
    const { stderr } = await run('-r', 'good.pcap', 'port 2049');
    expect(stderr).toEqual([
      'rpcdump: port 2049: no such file or directory',
      'rpcdump: words beside -r are captures too; a filter goes with -Y',
    ]);
  });

  test('standard input has no name but a dash', async () => {
    const empty = await program.run(['-']);
    expect(empty).toEqual({ status: 2, stdout: '', stderr: ['rpcdump: -: empty file'] });
  });

  test('standard input may be a directory', () => {
    const directory = openSync(folder, 'r');
    const { status, stdout, stderr } = spawnSync(process.execPath, [program.main, '-'], {
      stdio: [directory, 'pipe', 'pipe'],
      encoding: 'utf8',
    });
    closeSync(directory);
    expect([status, stdout, stderr]).toEqual([2, '', 'rpcdump: -: is a directory\n']);
  });

  test.each([
    ['--json'],
    ['--calls', '--json'],
    ['-V'],
    ['-t', 'ud'],
    ['-T', 'fields', '-e', 'time'],
    ['--summary'],
    ['stats', '--interval', '1s'],
    ['stats', '--html', '-'],
    ['pending'],
  ])('times that no calendar has, in %s %s %s', async (...args) => {
    const { status, stdout, stderr } = await run(...args, 'times.pcapng');
    const says =
      /^rpcdump: times\.pcapng: frame 1.* damaged: the time of the frame is outside of the years 1970 to 9999; /;
    expect([status, stderr]).toEqual([2, [expect.stringMatching(says)]]);
    expect(stdout).not.toMatch(/NaN|Invalid/);
  });

  test('what cannot be said, because standard error is closed, keeps nothing from being written', async () => {
    const child = program.spawn(['missing.pcap', 'good.pcap'], { cwd: folder });
    child.stderr.destroy();
    const [text, [status]] = await Promise.all([child.stdout.toArray(), once(child, 'close')]);
    expect([lines(Buffer.concat(text).toString()), status]).toEqual([12, 2]);
  });

  test('where a result cannot be saved is said before anything is read', async () => {
    const child = program.spawn(['stats', '--save', '/nosuch/x', '-']);
    child.stdin.write(NOTIFY.subarray(0, 100));
    const [[said], [status]] = await Promise.all([once(child.stderr, 'data'), once(child, 'close')]);
    expect([String(said), status]).toEqual(['rpcdump: /nosuch/x: cannot be written (no such file or directory)\n', 2]);
  });

  test('-c ends before the fault is met', async () => {
    expect(await run('-c', '1', 'cut-frame.pcap')).toMatchObject({ status: 0, stderr: [] });
  });

  test('-q says only what is wrong', async () => {
    const { status, stdout, stderr } = await run('-q', 'cut-frame.pcap');
    expect([status, stdout, stderr.length]).toEqual([2, '', 1]);
  });

  test('-T json is an array also of what a damaged file holds', async () => {
    const { stdout, status } = await run('-T', 'json', 'cut-frame.pcap');
    expect([JSON.parse(stdout).length, status]).toEqual([3, 2]);
    expect(JSON.parse((await run('-T', 'json', 'empty.pcap')).stdout)).toEqual([]);
  });
});

describe.concurrent('calls whose header is cut off behind their program, and behind their version: what is not known is not there', () => {
  const CAPTURE = join(FIXTURES, 'regressions/header-cut-behind-its-program.pcap');
  const start = (text: string, length: number) => text.split('\n').map((line) => line.slice(0, length).trimEnd());
  const printed = async (...args: string[]) => (await program.run([...args, CAPTURE])).stdout;

  test('stats', async () => {
    const table = start(await printed('stats'), 24).slice(1, 4);
    expect(table).toEqual(['NFS      ?', 'NFS v3   ?', 'NFS v3   GETATTR']);
    const rows = start(await printed('stats', '--csv'), 26).slice(1, 4);
    expect(rows).toEqual([',NFS,100003,,,,1,1,0,0,0,0', ',NFS,100003,3,,,1,1,0,0,0,', ',NFS,100003,3,GETATTR,,1,1']);
    const records = parseLines(await printed('stats', '--json'));
    expect(records.map(({ version, procedure }) => [version, procedure])).toEqual([
      [undefined, undefined],
      [3, undefined],
      [3, 'GETATTR'],
    ]);
    expect(records.flatMap(faultsOf)).toEqual([]);
  });

  test('services', async () => {
    expect(start(await printed('services'), 24).slice(1, 3)).toEqual([
      'NFS      100003        ?',
      'NFS      100003        3',
    ]);
    const records = parseLines(await printed('services', '--json'));
    expect(records.map(({ version, calls }) => [version, calls])).toEqual([
      [undefined, 1],
      [3, 2],
    ]);
  });

  test('check judges no version that it does not know', async () => {
    const rules = join(folder, 'versions.yaml');
    writeFileSync(rules, 'rules: [only_versions: [NFS v4], only_programs: [MOUNT]]\n');
    const [versions, programs] = parseLines(await printed('check', '--json', '--rules', rules)).slice(1);
    expect(versions.found).toBe('NFS v3 (4 messages)');
    expect(programs.found).toBe('NFS (6 messages)');
    const places = (await printed('check', '--rules', rules)).match(/frame [13] .*/g);
    expect(places).toEqual(['frame 3   NFS v3 call', 'frame 1   NFS call', 'frame 3   NFS v3 call']);
  });
});

describe.concurrent('.x files with errors', () => {
  test('file, line and column, the line, a caret', async () => {
    writeFileSync(
      join(folder, 'bad.x'),
      'struct a { int x; };\nprogram P { version V { foo BAR(a) = 1; } = 1; } = 9;\n',
    );
    const { status, stdout, stderr } = await run('--xdr', 'bad.x', 'good.pcap');
    expect(stderr).toEqual([
      expect.stringMatching(/^(rpcdump: )?bad\.x:2:25: error: unknown type 'foo'$/),
      'program P { version V { foo BAR(a) = 1; } = 1; } = 9;',
      '                        ^^^',
    ]);
    expect([status, stdout]).toEqual([2, '']);
  });

  test('several in one file', async () => {
    writeFileSync(join(folder, 'worse.x'), 'struct a { foo x; };\nstruct b { bar y; };\n');
    const { status, stderr } = await run('--xdr', 'worse.x', 'good.pcap');
    expect(stderr.join('\n')).toContain("worse.x:1:12: error: unknown type 'foo'\n");
    expect(stderr.join('\n')).toContain("worse.x:2:12: error: unknown type 'bar'\n");
    expect(status).toBe(2);
  });

  test('hints that do not fit are warnings, of dissectors and of --xdr', async () => {
    const text =
      '/*@ show octal */ typedef hyper mode;\nprogram P { version V { /*@ unlink call.a call.b */ int F(mode) = 1; } = 1; } = 9;\n';
    writeFileSync(join(folder, 'odd.x'), text);
    const warnings = [
      "odd.x:1:5: warning: the hint 'show' does not fit here",
      '/*@ show octal */ typedef hyper mode;',
      '    ^^^^^^^^^^',
      "odd.x:2:57: warning: 'call.a' names no field that 'unlink' can use",
      'program P { version V { /*@ unlink call.a call.b */ int F(mode) = 1; } = 1; } = 9;',
      `${' '.repeat(56)}^`,
      "odd.x:2:57: warning: 'call.b' names no field that 'unlink' can use",
      'program P { version V { /*@ unlink call.a call.b */ int F(mode) = 1; } = 1; } = 9;',
      `${' '.repeat(56)}^`,
    ];
    expect(await run('dissectors', 'odd.x')).toMatchObject({ status: 0, stderr: warnings });
    expect(await run('--xdr', 'odd.x', 'good.pcap')).toMatchObject({ status: 0, stderr: warnings });
  });

  test('the name of a program is safe to print', async () => {
    const text = '/*@ name "A\u202e\u009b2J" */ program P { version V { int F(int) = 1; } = 1; } = 9;\n';
    writeFileSync(join(folder, 'named.x'), text);
    const { stdout } = await run('dissectors', 'named.x');
    expect(stdout).toContain('  program A\\u202e\\u009b2J (9) version 1: 1 procedure\n');
  });

  test('a file that includes itself is read once, however its path is written', async () => {
    writeFileSync(join(folder, 'circle.x'), '#include "circle2.x"\nstruct a { int x; };\n');
    writeFileSync(join(folder, 'circle2.x'), '#include "circle.x"\nstruct b { a x; };\n');
    for (const file of ['circle.x', './circle.x', join(folder, 'circle.x')]) {
      expect(await run('dissectors', file)).toMatchObject({ status: 0, stderr: [] });
    }
  });

  test.each([
    ['no.x', 'no.x: no such file'],
    ['.', '.: is a directory'],
    ['good.pcap', 'good.pcap: is not text, and so no .x file'],
  ])('%s cannot be read', async (file, line) => {
    expect(await run('--xdr', file, 'good.pcap')).toEqual({ status: 2, stdout: '', stderr: [`rpcdump: ${line}`] });
    expect(await run('dissectors', file)).toEqual({ status: 2, stdout: '', stderr: [`rpcdump: ${line}`] });
  });

  test('files that add nothing, or replace a version that another one defines', async () => {
    const program = (versions: string) => `program P { ${versions} } = 9;\n`;
    const version = (number: number) => `version V${number} { void NULLPROC(void) = 0; } = ${number};`;
    writeFileSync(join(folder, 'types.x'), 'struct a { int x; };\n');
    writeFileSync(join(folder, 'one.x'), program(version(1)));
    writeFileSync(join(folder, 'two.x'), program(version(2)));
    writeFileSync(join(folder, 'both.x'), program(version(1) + version(2)));
    const remarks = async (...files: string[]) => {
      const { status, stderr } = await run(...files.flatMap((file) => ['--xdr', file]), 'good.pcap');
      return [status, ...stderr];
    };
    expect(await remarks('types.x', 'one.x')).toEqual([0, 'rpcdump: types.x: defines no program']);
    expect(await remarks('one.x', 'two.x', 'one.x')).toEqual([0]);
    expect(await remarks('one.x', 'two.x', 'both.x')).toEqual([
      0,
      'rpcdump: both.x: replaces P version 1 of one.x',
      'rpcdump: both.x: replaces P version 2 of two.x',
    ]);
  });
});

describe.concurrent('usage', () => {
  test.each([
    [[], /no capture given/],
    [['--bogus', 'good.pcap'], /unknown option '--bogus'/],
    [['--\u001b[2J\u202e', 'good.pcap'], /unknown option '--\\u001b\[2J\\u202e'/],
    [['-T', 'xml', 'good.pcap'], /'xml' is invalid/],
    [['-c', '0', 'good.pcap'], /'0' is invalid/],
  ])('%s', async (args, says) => {
    const { status, stdout, stderr } = await run(...args);
    expect(stderr.join('\n')).toMatch(says);
    expect([status, stdout]).toEqual([2, '']);
  });
});
