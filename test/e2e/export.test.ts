/** What is written in place of the listing, as a user meets it: captures, anonymised ones, and files that READ and WRITE carried. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  type Stats,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { anonymizeKey } from '../../src/cli/anonymize-option.js';
import { bytes, writePcap } from '../helpers/capture-writer.js';
import { capture } from '../helpers/fixtures.js';
import { parseLines } from '../helpers/lines.js';
import { NfsTraffic, u64 } from '../helpers/nfs-traffic.js';
import { client, ip, server, tcp } from '../helpers/packets.js';
import { program } from '../helpers/program.js';
import { FIXTURES } from '../helpers/render.js';
import { call, opaque, record, words } from '../helpers/rpc-writer.js';
import { ownFolder } from '../helpers/with-folder.js';

const START = capture('nfs3/allprocs-start.pcap');
const LOCKS = capture('nfs3/locks-quota.pcap');
const UDP = capture('nfs3/udp-ipfrag.pcap');

const schema = readFileSync(join(FIXTURES, '../schemas/objects.schema.json'), 'utf8');
const validate = new Ajv2020({ strictTypes: false }).compile(JSON.parse(schema));

const folder = ownFolder();

const run = (...args: string[]) => program.run(args, { cwd: folder });
const out = (name: string) => join(folder, name);

describe('--anonymize', () => {
  test('a key gives the same capture, of a file and of standard input; another one another', async () => {
    writeFileSync(out('key'), 'secret');
    await run('--anonymize-key', 'secret', '-w', 'a.pcapng', START);
    await run('--anonymize-key', out('key'), '-w', 'b.pcapng', START);
    await run('--anonymize', '-w', 'c.pcapng', START);
    await program.run(['--anonymize-key', 'secret', '-w', out('d.pcapng'), '-'], { input: readFileSync(START) });
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => readFileSync(out(`${name}.pcapng`)));
    expect(b.equals(a)).toBe(true);
    expect(d.equals(a)).toBe(true);
    expect(c.equals(a)).toBe(false);
    expect(c).toHaveLength(a.length);
  });

  test('the key is derived as ever: who has one finds the same names', async () => {
    const key = await anonymizeKey({ anonymizeKey: 'secret' });
    expect(Buffer.from(key!).toString('hex')).toBe('301b06b775f0c8577bd680eeeea49c67bb07553b39f6e2391b611892139848d2');
  });

  test('where no process can be started for that, it is said', async () => {
    const { execPath } = process;
    process.execPath = out('nothing');
    try {
      const message = '--anonymize-key: the key cannot be derived (ENOENT)';
      await expect(anonymizeKey({ anonymizeKey: 'secret' })).rejects.toThrow(message);
    } finally {
      process.execPath = execPath;
    }
  });

  test.each([
    [['-Y', 'procedure == WRITE'], 4],
    [['--calls'], 20],
  ])('messages over RDMA are not copied: %j', async (filter, count) => {
    const { stderr } = await run(...filter, '--anonymize', '-w', 'rdma.pcapng', capture('rpc/rdma.pcap'));
    expect(stderr).toContain(`rpcdump: rdma.pcapng: ${count} messages over RDMA not copied; their packets hold zeros`);
  });

  test('with --calls and a filter, the exchanges', async () => {
    const filter = ['--calls', '-Y', 'procedure == WRITE'];
    await run(...filter, '--anonymize', '-w', 'calls.pcapng', START);
    const count = async (path: string) => (await run(...filter, path)).stdout.split('\n').length;
    expect(await count(out('calls.pcapng'))).toBe(await count(START));
  });

  test.each([
    [['--anonymize'], '--anonymize needs -w: it changes what is written, not what is listed'],
    [['--anonymize-key', '', '-w', 'x.pcapng'], '--anonymize-key: the key is empty'],
    [['--anonymize-key', '.', '-w', 'x.pcapng'], '--anonymize-key: . cannot be read (EISDIR)'],
  ])('%s', async (args, message) => {
    expect(await run(...args, START)).toMatchObject({ status: 2, stdout: '', stderr: [`rpcdump: ${message}`] });
  });

  const hasTshark = (() => {
    try {
      execFileSync('tshark', ['--version'], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  })();

  test.skipIf(!hasTshark)(
    'tshark finds all checksums right, also of fragments (skipped where it is not installed)',
    async () => {
      const checks = ['ip', 'tcp', 'udp'].flatMap((protocol) => ['-o', `${protocol}.check_checksum:TRUE`]);
      const bad = 'ip.checksum.status == 0 || tcp.checksum.status == 0 || udp.checksum.status == 0';
      for (const path of [START, UDP, capture('rpcbind/any-sll2.pcap'), capture('nfs3/vlan-dot1q.pcap')]) {
        await run('--anonymize', '-w', 'sums.pcapng', path);
        const tshark = (filter: string) =>
          execFileSync('tshark', ['-r', out('sums.pcapng'), ...checks, '-Y', filter], { encoding: 'utf8' });
        expect(tshark(bad)).toBe('');
        expect(tshark('tcp.checksum.status == 1 || udp.checksum.status == 1')).not.toBe('');
      }
    },
  );
});

describe('-w', () => {
  test("its file is the owner's alone, and nothing else is left", async () => {
    const inner = mkdtempSync(join(folder, 'w-'));
    await run('-w', join(inner, 'x.pcapng'), START);
    expect(readdirSync(inner)).toEqual(['x.pcapng']);
    expect(statSync(join(inner, 'x.pcapng')).mode & 0o777).toBe(0o600);
  });

  test.each([
    [['-Y', 'rquota'], LOCKS, 8],
    [['--calls', '-Y', 'outcome == connection_ended'], LOCKS, 2],
    [['-Y', 'rquota', '--anonymize'], '-', 8],
  ])('a call whose connection was reset has this outcome in the copy, too: %j', async (options, from, count) => {
    const path = out('reset.pcapng');
    await program.run([...options, '-w', path, from], { input: readFileSync(LOCKS) });
    const { stdout } = await run('--calls', '-T', 'fields', '-e', 'outcome', path);
    const outcomes = stdout.trim().split('\n');
    expect([outcomes.length, outcomes.filter((each) => each === 'connection_ended').length]).toEqual([count, 2]);
  });

  test.each([
    ['', 6, (packet: Uint8Array) => packet.subarray(20)],
    [', those of its tunnel', 4, (packet: Uint8Array) => packet],
  ])('a TCP segment in IP fragments is written with all of them%s', async (_, protocol, payloadOf) => {
    const lookup = bytes(opaque('directory'), opaque('n'.repeat(200)));
    const payload = payloadOf(tcp(client, server, record(call({ procedure: 3, args: lookup }))));
    const fragments = [0, 160].map((fragmentOffset) =>
      ip(client, server, protocol, payload.subarray(fragmentOffset, fragmentOffset === 0 ? 160 : undefined), {
        identification: 9,
        fragmentOffset,
        moreFragments: fragmentOffset === 0,
      }),
    );
    const input = writePcap(
      fragments.map((data) => ({ data })),
      { linkType: 101 },
    );
    writeFileSync(out('fragments.pcap'), input);
    await run('-w', 'file.pcapng', 'fragments.pcap');
    await program.run(['-w', out('pipe.pcapng'), '-'], { input });
    const { stdout } = await run('fragments.pcap');
    expect(stdout).toContain('LOOKUP');
    for (const path of ['file.pcapng', 'pipe.pcapng']) {
      expect(await run(path)).toMatchObject({ status: 0, stdout, stderr: [] });
    }
  });

  test('a link in the place of the file is replaced, not followed', async () => {
    writeFileSync(out('victim'), 'as it was');
    symlinkSync(out('victim'), out('link.pcapng'));
    await run('-w', 'link.pcapng', START);
    expect(readFileSync(out('victim'), 'utf8')).toBe('as it was');
    expect(statSync(out('link.pcapng')).size).toBeGreaterThan(1000);
  });

  test('what is no file is written to as it is', async () => {
    expect(await run('-w', '/dev/null', START)).toMatchObject({ status: 0, stdout: '' });
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
    expect(existsSync('/dev/null.part')).toBe(false);
  });
});

/** Sparse giants are not read. */
const isFile = (stat: Stats) => stat.isFile() && stat.size < 1 << 24;

/** Exports a capture; what is in the folder by path, and the records of the list. */
async function exported(path: string, ...args: string[]) {
  const target = join(mkdtempSync(join(folder, 'objects-')), 'files');
  const outcome = await run('--export-objects', target, ...args, path);
  const names = readdirSync(target, { recursive: true, encoding: 'utf8' }).filter((name) =>
    isFile(statSync(join(target, name))),
  );
  const files = Object.fromEntries(names.map((name) => [name, readFileSync(join(target, name))]));
  const list = parseLines(String(files['objects.ndjson']));
  delete files['objects.ndjson'];
  return { target, files, list, outcome };
}

const texts = (files: Record<string, Buffer>) =>
  Object.fromEntries(Object.entries(files).map(([name, data]) => [name, data.toString('latin1')]));

describe('--export-objects', () => {
  const made = (name: string, { packets }: Pick<NfsTraffic, 'packets'>) => {
    writeFileSync(out(name), writePcap(packets, { linkType: 101 }));
    return out(name);
  };

  test('contents are placed by offset, also short, overlapping and cut ones; holes and conflicts are listed', async () => {
    const traffic = new NfsTraffic()
      .lookup('root', 'a.txt', 'file-a')
      .write('file-a', 0, 'abcd')
      .read('file-a', 8, 'ijkl', true)
      .lookup('root', 'b.txt', 'file-b')
      .read('file-b', 0, 'same')
      .read('file-b', 2, 'meXX')
      .write('file-b', 0, 'SAME')
      .write('file-b', 6, 'refused', 28)
      .read('unknown', 3, 'who?')
      .lookup('root', 'c.txt', 'file-c')
      .read('file-c', 0, 'x'.repeat(100))
      .cut(28 + 24 + 4 + 4 + 8 + 4 + 10);
    const { files, list, outcome } = await exported(made('offsets.pcap', traffic));
    const [root] = list[0].path.split('/');
    expect(texts(files)).toEqual({
      [`${root}/a.txt`]: 'abcd\0\0\0\0ijkl',
      [`${root}/b.txt`]: 'SAMEXXrefused',
      [`${root}/c.txt`]: 'x'.repeat(10),
      [`by-handle/${list[2].object.slice(10)}`]: '\0\0\0who?',
    });
    expect(
      list.map(({ size, length, present, holes, reads, writes }) => [size, length, present, holes, reads, writes]),
    ).toEqual([
      [12, 12, 8, [[4, 8]], 1, 1],
      [null, 13, 13, [], 2, 2],
      [null, 7, 4, [[0, 3]], 1, 0],
      [null, 10, 10, [], 1, 0],
    ]);
    expect(list[1]).toMatchObject({
      failed_writes: 1,
      conflict_count: 1,
      conflicts: [{ kind: 'write', offset: 0, length: 4, frame: 13 }],
      server: '10.0.0.2',
      handle: Buffer.from('file-b').toString('hex'),
    });
    expect(outcome.status).toBe(0);
    expect(outcome.stdout).toContain('8 B of 12 B, 1 hole');
    expect(list.filter((record) => !validate(record))).toEqual([]);
  });

  test("names cannot leave the folder, and files are their owner's alone", async () => {
    const traffic = new NfsTraffic();
    const names = [
      '../../../evil',
      '/etc/passwd',
      'a\0b',
      '..',
      'x'.repeat(3000),
      '\x1b]0;title\x07',
      'same',
      'same',
      'SAME',
    ];
    names.forEach((name, i) => {
      traffic.lookup('root', name, `file-${i}`).write(`file-${i}`, 0, `content ${i}`);
    });
    const { target, files, list } = await exported(made('names.pcap', traffic));
    expect(Object.keys(files)).toHaveLength(names.length);
    expect(readdirSync(join(target, '..'))).toEqual(['files']);
    for (const name of Object.keys(files)) expect(statSync(join(target, name)).mode & 0o777).toBe(0o600);
    expect(statSync(target).mode & 0o777).toBe(0o700);
    expect(list.map(({ object }) => files[object].toString())).toEqual(names.map((_, i) => `content ${i}`));
  });

  test('frames of several captures have their file', async () => {
    const first = made('first.pcap', new NfsTraffic().write('file', 0, 'one'));
    const later = new NfsTraffic().write('file', 0, 'two');
    const second = made('second.pcap', { packets: later.packets.map((each) => ({ ...each, seconds: 99 })) });
    const { list } = await exported(first, second);
    expect(list[0]).toMatchObject({ file: first, first_frame: 1, last_file: second, last_frame: 1 });
    expect(list[0].conflicts).toEqual([{ kind: 'write', offset: 0, length: 3, frame: 1, file: second }]);
    expect(list.filter((record) => !validate(record))).toEqual([]);
  });

  test('of several links the others are named', async () => {
    const traffic = new NfsTraffic().lookup('root', 'one', 'file').lookup('root', 'two', 'file').write('file', 0, 'x');
    const { list } = await exported(made('links.pcap', traffic));
    expect([list[0].path, ...list[0].names].map((path) => path.split('/')[1])).toEqual(['two', 'one']);
  });

  test('an offset beyond all files costs nothing, and is said', async () => {
    const traffic = new NfsTraffic()
      .write('file', 2n ** 62n, 'far')
      .write('file', 2 ** 40, 'near')
      .read('file', 0, 'x');
    const { list, outcome } = await exported(made('far.pcap', traffic));
    expect(list[0]).toMatchObject({ length: 2 ** 40 + 4, present: 5, dropped: 3 });
    expect(outcome.stdout).toContain('3 B left out');
  });

  test('NFSv4: handles of PUTFH and GETFH, saved ones; READ_PLUS with its holes; what opens by name alone is left out', async () => {
    const [PUTFH, SAVEFH, RESTOREFH, LOOKUP, GETFH, READ, WRITE, READ_PLUS] = [22, 32, 31, 15, 10, 25, 38, 68];
    const stateid = Buffer.alloc(16);
    const none = Buffer.alloc(0);
    const at = (offset: number) => Buffer.concat([stateid, u64(offset), words(100)]);
    const data = (text: string) => Buffer.concat([words(0), opaque(text)]);
    const write = (offset: number, text: string) => Buffer.concat([stateid, u64(offset), words(2), opaque(text)]);
    const contents = Buffer.concat([
      ...[words(1, 2), words(0), u64(4), opaque('data')],
      ...[words(1), u64(8), u64(4096)],
    ]);
    const traffic = new NfsTraffic()
      .compound(
        [
          [PUTFH, opaque('plus')],
          [READ_PLUS, at(4)],
        ],
        [
          [PUTFH, none],
          [READ_PLUS, contents],
        ],
      )
      .compound(
        [
          [PUTFH, opaque('dir')],
          [SAVEFH, none],
          [LOOKUP, opaque('name')],
          [READ, at(2)],
          [GETFH, none],
          [RESTOREFH, none],
          [WRITE, write(0, 'into dir')],
        ],
        [
          [PUTFH, none],
          [SAVEFH, none],
          [LOOKUP, none],
          [READ, data('late')],
          [GETFH, opaque('named')],
          [RESTOREFH, none],
          [WRITE, words(8, 2, 0, 0)],
        ],
      )
      .compound(
        [
          [PUTFH, opaque('dir')],
          [LOOKUP, opaque('x')],
          [WRITE, write(0, 'lost')],
        ],
        [
          [PUTFH, none],
          [LOOKUP, none],
          [WRITE, words(4, 2, 0, 0)],
        ],
      );
    const { files, list, outcome } = await exported(made('compounds.pcap', traffic));
    const of = (handle: string) => list.find((record) => record.handle === Buffer.from(handle).toString('hex'));
    expect(of('plus')).toMatchObject({ size: 4104, length: 4104, present: 4100, holes: [[0, 4]] });
    expect(files[of('plus').object].toString('latin1', 4, 8)).toBe('data');
    expect(files[of('dir').object].toString()).toBe('into dir');
    expect([of('named').path.split('/')[1], files[of('named').object].toString()]).toEqual(['name', '\0\0late']);
    expect(outcome.stderr).toEqual(['rpcdump: 1 transfer left out: file or offset is not known']);
  });

  test('a hole that READ_PLUS tells of is zeros, also where bytes came before', async () => {
    const [PUTFH, WRITE, READ_PLUS] = [22, 38, 68];
    const stateid = Buffer.alloc(16);
    const traffic = new NfsTraffic();
    const compound = (operation: number, args: Buffer, result: Buffer) =>
      traffic.compound(
        [
          [PUTFH, opaque('file')],
          [operation, args],
        ],
        [
          [PUTFH, Buffer.alloc(0)],
          [operation, result],
        ],
      );
    const write = (offset: number, text: string) =>
      compound(WRITE, Buffer.concat([stateid, u64(offset), words(2), opaque(text)]), words(text.length, 2, 0, 0));
    const readHole = (offset: number, length: number) =>
      compound(
        READ_PLUS,
        Buffer.concat([stateid, u64(offset), words(100)]),
        Buffer.concat([words(0, 1, 1), u64(offset), u64(length)]),
      );
    write(0, 'abcdefgh');
    readHole(2, 4);
    readHole(1, 2);
    write(3, 'X');
    readHole(4, 1 << 20);
    const { list, files } = await exported(made('punched.pcap', traffic));
    expect(files[list[0].object].toString('latin1', 0, 9)).toBe('a\0\0X\0\0\0\0\0');
    expect(list[0]).toMatchObject({ length: (1 << 20) + 4, holes: [], conflict_count: 4 });
    expect(list[0].conflicts.map(({ offset, length }: Record<string, number>) => [offset, length])).toEqual([
      [2, 4],
      [1, 1],
      [3, 1],
      [6, 2],
    ]);
  });

  /** Blocks as WRITE_SAME asks for them, and what becomes of a file that has nothing else. */
  const NO = 2n ** 64n - 1n;
  const HUGE = 2n ** 63n;
  test.each([
    ['whole blocks', [2, 4, 3, NO, 0, 0, 'abcd'], { length: 14, holes: [[0, 2]] }, '\0\0abcdabcdabcd', []],
    [
      'a part of each',
      [0, 8, 2, NO, 0, 4, 'ab'],
      {
        length: 14,
        holes: [
          [0, 4],
          [6, 12],
        ],
      },
      '\0\0\0\0ab\0\0\0\0\0\0ab',
      [],
    ],
    ['longer than its block', [0, 4, 2, NO, 0, 2, 'abcd'], { length: 8 }, '\0\0ab\0\0ab', []],
    ['numbered', [0, 8, 2, 0, 7, 6, 'ab'], { length: 16 }, '\0\0\0\0\0\0ab\0\0\0\0\0\0ab', [1]],
    ['numbers alone', [0, 8, 2, 0, 7, NO, 'ab'], undefined, undefined, [1]],
    ['no block', [0, 8, 0, NO, 0, 0, 'ab'], undefined, undefined, []],
    ['blocks of no size', [0, 0, 5, NO, 0, 0, 'ab'], undefined, undefined, []],
    [
      'more than can be',
      [0, 2, HUGE, NO, 0, 0, 'ab'],
      { present: 131074, dropped: 2 ** 53 - 1, writes: 1 },
      undefined,
      [],
    ],
    ['of any size', [0, HUGE, HUGE, NO, 0, 0, 'ab'], { length: 2, dropped: 2 ** 53 - 1 }, 'ab', []],
    ['far away', [HUGE, 2, 1, NO, 0, 0, 'ab'], { length: 0, dropped: 2 }, '', []],
  ] as const)(
    'NFSv4.2 WRITE_SAME: %s',
    async (name, [offset, size, count, number, first, start, pattern], expected, contents, numbered) => {
      const blocks = Buffer.concat([
        u64(offset),
        u64(size),
        u64(count),
        u64(number),
        words(first),
        u64(start),
        opaque(pattern),
      ]);
      const [PUTFH, WRITE_SAME] = [22, 70];
      const traffic = new NfsTraffic().compound(
        [
          [PUTFH, opaque('same')],
          [WRITE_SAME, Buffer.concat([Buffer.alloc(16), words(2), blocks])],
        ],
        [
          [PUTFH, Buffer.alloc(0)],
          [WRITE_SAME, Buffer.concat([words(0), u64(4), words(2, 0, 0)])],
        ],
      );
      const { files, list, outcome } = await exported(made(`same-${name.replaceAll(' ', '-')}.pcap`, traffic));
      if (expected === undefined) expect(list).toEqual([]);
      else expect(list[0]).toMatchObject(expected);
      if (contents !== undefined) expect(files[list[0].object].toString('latin1')).toBe(contents);
      const told = outcome.stderr.filter((line) => line.includes('WRITE_SAME'));
      expect(told.map((line) => Number.parseInt(line.slice(9), 10))).toEqual(numbered);
    },
  );

  test('a folder that is not empty, or cannot be made, is refused', async () => {
    for (const [target, reason] of [
      [FIXTURES, 'is not empty; objects go to a new or empty folder'],
      ['/nosuch/x', 'cannot be written (no such file or directory)'],
      [START, 'cannot be written (not a directory)'],
    ]) {
      expect(await run('--export-objects', target, START)).toMatchObject({
        status: 2,
        stderr: [`rpcdump: ${target}: ${reason}`],
      });
    }
  });

  test.each([
    ['nfs2/allprocs.pcap', 'nfs2', []],
    ['nfs3/read-64k.pcap', 'nfs3', []],
    ['nfs4/client-4.2.pcap', 'nfs4', []],
    ['gluster/lo.pcap', 'gluster', []],
    ['nfs3/allprocs-start.pcap', 'selected', ['-Y', 'procedure == WRITE && args.count > 1000']],
  ])('%s', async (name, golden, args) => {
    const { files, list } = await exported(capture(name), ...args);
    expect(list.filter((record) => !validate(record))).toEqual([]);
    const sums = list.map((record) => [
      record.object,
      files[record.object] === undefined
        ? 'sparse'
        : createHash('sha256').update(files[record.object]).digest('hex').slice(0, 16),
      JSON.stringify(record),
    ]);
    await expect(sums.map((parts) => `${parts.join('  ')}\n`).join('')).toMatchFileSnapshot(
      join(FIXTURES, `export/${golden}.txt`),
    );
  });

  test('--json is the list', async () => {
    const { target, outcome } = await exported(START, '--json');
    expect(outcome.stdout).toBe(readFileSync(join(target, 'objects.ndjson'), 'utf8'));
  });
});
