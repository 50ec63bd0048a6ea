/**
 * The options as a user meets them: counts, times, colours, formats, several files, pipes that are closed early and pipes that are
 * still being written to.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type ColorChoice, wantsColor } from '../../src/terminal/style.js';
import { capture } from '../helpers/fixtures.js';
import { lines, parseLines } from '../helpers/lines.js';
import { program } from '../helpers/program.js';
import { INVENTORY } from '../helpers/render.js';
import { ownFolder } from '../helpers/with-folder.js';

const ALLPROCS = capture('nfs3/allprocs-start.pcap');
const SHOWMOUNT = capture('mount/showmount.pcap');
const NOTIFY = capture('nsm/notify.pcap');
const START = capture('nfs3/allprocs-start.pcap');
const ESCAPE = '\u001b[';

const folder = ownFolder();

const run = (...args: string[]) => program.run(args);

/** The output of a run that must succeed in silence. */
async function output(...args: string[]): Promise<string> {
  const { status, stdout, stderr } = await run(...args);
  expect([status, stderr]).toEqual([0, []]);
  return stdout;
}

// biome-ignore lint/suspicious/noExplicitAny: records are open objects.
async function records(...args: string[]): Promise<any[]> {
  return parseLines(await output('--json', ...args));
}

describe.concurrent('what is read', () => {
  test('a file, -r, standard input and the command by its name give the same', async () => {
    const expected = await output(NOTIFY);
    expect(lines(expected).length).toBe(12);
    expect(await output('list', '-r', NOTIFY)).toBe(expected);
    expect(await program.run(['-'], { input: readFileSync(NOTIFY) })).toMatchObject({ status: 0, stdout: expected });
  });

  test('-r reads a capture that is named like a command', async () => {
    writeFileSync(join(folder, 'list'), readFileSync(NOTIFY));
    const { status, stdout } = await program.run(['-r', 'list'], { cwd: folder });
    expect([status, lines(stdout).length]).toEqual([0, 12]);
  });

  test('several files are one input in time order, and records name theirs', async () => {
    const all = await records(NOTIFY, SHOWMOUNT);
    expect(all.map(({ message }) => message)).toEqual(all.map((_, index) => index + 1));
    expect(all.map(({ time }) => time)).toEqual(all.map(({ time }) => time).sort());
    const count = (file: string) => all.filter((record) => record.file === file).length;
    expect([count(NOTIFY), count(SHOWMOUNT), all.length]).toEqual([12, 44, 56]);
  });

  test('one file is not named', async () => {
    for (const record of await records(NOTIFY)) expect(record).not.toHaveProperty('file');
  });

  test('a directory is the captures in it', async () => {
    const directory = await records(capture('nsm'));
    expect(directory.length).toBe(12);
  });

  test('interfaces are told apart where there are several', async () => {
    const all = await records('--xdr', INVENTORY, capture('nfs3/merged.pcapng'));
    expect(new Set(all.map((record) => record.interface))).toEqual(new Set([0, 1, 2, 3]));
  });

  test('--xdr adds a program', async () => {
    const inventory = capture('custom/inventory.pcap');
    const [without] = await records('-c', '1', inventory);
    const [call] = await records('-c', '1', '--xdr', INVENTORY, inventory);
    expect(without).not.toHaveProperty('program');
    expect(call).toMatchObject({ program: 'INVENTORY_PROG', procedure: 'INV_NULL' });
  });
});

describe.concurrent('what is printed', () => {
  test('-c stops after that many messages, in every format', async () => {
    expect(lines(await output('-c', '3', SHOWMOUNT)).length).toBe(3);
    expect((await output('-V', '-c', '3', SHOWMOUNT)).match(/^Message /gm)?.length).toBe(3);
    expect(JSON.parse(await output('-T', 'json', '-c', '3', SHOWMOUNT)).length).toBe(3);
  });

  test('-q prints no messages', async () => {
    expect(await output('-q', SHOWMOUNT)).toBe('');
  });

  test('-T json is one array of the records of -T ndjson, which is --json', async () => {
    const all = await records(SHOWMOUNT);
    expect(JSON.parse(await output('-T', 'json', SHOWMOUNT))).toEqual(all);
    expect(parseLines(await output('-T', 'ndjson', SHOWMOUNT))).toEqual(all);
  });

  // The fifth message of the capture is in frame 24; its time is tshark's, and the time since the fourth is that of `tshark -Y rpc -t dd`.
  test.each([
    ['r', '0.007943'],
    ['d', '0.006682'],
    ['e', '1795333132.703216'],
    ['ud', '2026-11-22 07:38:52.703216'],
  ])('-t %s', async (form, expected) => {
    const fifth = lines(await output('-t', form, SHOWMOUNT))[4];
    expect(fifth).toMatch(/^ *24 /);
    expect(fifth.replace(/^ *24 +/, '')).toMatch(new RegExp(`^${expected.replaceAll('.', '\\.')}\\d* `));
  });

  // Frame 95 is a message that the filter leaves out, as frames between the exchanges of MKDIR are; times are tshark's.
  test.each([
    [
      ['-t', 'd'],
      ['0.000040', '0.000240', '0.000064', '0.000076'],
    ],
    [
      ['-t', 'dd'],
      ['0.000000', '0.000240', '0.000064', '0.000076'],
    ],
    [
      ['-t', 'd', '--calls'],
      ['0.000062', '0.000304'],
    ],
    [
      ['-t', 'dd', '--calls'],
      ['0.000000', '0.000304'],
    ],
  ])('%j counts from the previous message, shown or not', async (options, expected) => {
    const shown = lines(await output(...options, '-Y', 'procedure == MKDIR', ALLPROCS));
    expect(shown.map((line) => line.trim().split(/ +/)[1])).toEqual(expected);
  });

  test('-t a and ad are local time', async () => {
    const at = async (form: string) => {
      const { stdout } = await program.run(['-t', form, '-c', '1', NOTIFY], { env: { TZ: 'Asia/Tokyo' } });
      return stdout.split(/ +/).slice(2, 4);
    };
    expect((await at('a'))[0]).toMatch(/^16:32:10\./);
    expect((await at('ad')).join(' ')).toMatch(/^2026-11-22 16:32:10\./);
  });
});

describe.concurrent('colours', () => {
  test.each<[string, string[], Record<string, string>, boolean]>([
    ['a pipe has none', [], {}, false],
    ['--color always', ['--color', 'always'], { NO_COLOR: '1' }, true],
    ['--color never', ['--color', 'never'], { FORCE_COLOR: '1' }, false],
    ['FORCE_COLOR', [], { FORCE_COLOR: '1' }, true],
    ['NO_COLOR wins over FORCE_COLOR', [], { NO_COLOR: '1', FORCE_COLOR: '1' }, false],
  ])('%s', async (_, args, env, expected) => {
    const { stdout, stderr, status } = await program.run([...args, '-c', '2', NOTIFY], { env });
    expect([status, stderr]).toEqual([0, []]);
    expect(stdout.includes(ESCAPE)).toBe(expected);
  });

  test.each<[ColorChoice, boolean, Record<string, string>, boolean]>([
    ['auto', true, {}, true],
    ['auto', true, { TERM: 'dumb' }, false],
    ['auto', true, { NO_COLOR: '1' }, false],
    ['auto', true, { NO_COLOR: '' }, true],
    ['auto', true, { FORCE_COLOR: '0' }, false],
    ['auto', true, { FORCE_COLOR: 'false' }, false],
    ['auto', false, { NO_COLOR: '', FORCE_COLOR: '1' }, true],
    ['never', true, {}, false],
    ['always', false, { TERM: 'dumb' }, true],
  ])('%s, terminal: %s, %o: %s', (choice, isTerminal, env, expected) => {
    expect(wantsColor(choice, isTerminal, env)).toBe(expected);
  });

  test('records have none', async () => {
    const { stdout } = await run('--color', 'always', '--json', NOTIFY);
    expect(stdout).not.toContain(ESCAPE);
  });

  test('colours only add escape sequences', async () => {
    const plain = await output(START);
    const colored = await output('--color', 'always', START);
    // biome-ignore lint/complexity/useRegexLiterals: a literal cannot be made of ESCAPE.
    expect(colored.replace(new RegExp('\u001b\\[[0-9;]*m', 'g'), '')).toBe(plain);
  });
});

describe.concurrent('records', () => {
  test('the names of LOOKUP calls', async () => {
    const all = await records(capture('nfs3/vlan-dot1q.pcap'));
    const names = all
      .filter((record) => record.procedure === 'LOOKUP' && record.type === 'call')
      .map((record) => record.args.what.name);
    expect(names).toEqual([...['udp-3399-20000', 'nope0', 'udp-3442-8192', 'nope0'], ...['udp-3485-4000', 'nope0']]);
  });

  test('names that are not ASCII', async () => {
    const all = await records(START);
    const names = all.filter((record) => record.args?.where).map((record) => record.args.where.name);
    expect(names).toContain('nämé with sp日本.txt');
  });

  test('--int64 string makes 64-bit values strings and leaves the others', async () => {
    const write = (all: { procedure?: string; args?: unknown }[]) =>
      all.find((record) => record.procedure === 'WRITE' && record.args)?.args;
    expect(write(await records(START))).toMatchObject({ offset: 0, count: 0 });
    expect(write(await records('--int64', 'string', START))).toMatchObject({ offset: '0', count: 0 });
  });

  test('64-bit numbers keep all their digits', async () => {
    const text = await output('--json', '--xdr', INVENTORY, capture('custom/inventory.pcap'));
    expect(text).toContain('"id":17105770430975190075,');
  });

  test('--payload adds the contents of files', async () => {
    const read = async (...args: string[]) => {
      const all = await records(...args, capture('nfs3/read-64k.pcap'));
      return all
        .filter((record) => record.procedure === 'READ' && record.type === 'reply')
        .map(({ result }) => result.resok);
    };
    const without = await read();
    const payload = await read('--payload');
    expect(without.map(({ data_length }) => data_length)).toEqual([1, 7, 100, 65536]);
    for (const result of without) expect(result).not.toHaveProperty('data');
    for (const { data, data_length } of payload) expect(data).toMatch(new RegExp(`^([0-9a-f]{2}){${data_length}}$`));
  });
});

describe.concurrent('pipes', () => {
  test.each([[[]], [['-V']], [['--json']], [['-T', 'json']]])('a closed pipe ends %s quietly', async (args) => {
    const child = program.spawn([...args, '--xdr', INVENTORY, ...Array(6).fill(capture('nfs3/merged.pcapng'))]);
    let stderr = '';
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    child.stdout.once('data', () => child.stdout.destroy());
    const status = await new Promise((resolve) => child.on('close', resolve));
    expect([status, stderr]).toEqual([0, '']);
  });

  test('messages of a growing capture are printed before its end', async () => {
    const bytes = readFileSync(NOTIFY);
    const child = program.spawn(['-']);
    const rows: string[] = [];
    let more = () => {};
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      rows.push(...lines(chunk));
      more();
    });
    const reached = (count: number) =>
      new Promise<void>((resolve) => {
        more = () => rows.length >= count && resolve();
        more();
      });
    let at = 24;
    child.stdin.write(bytes.subarray(0, at));
    for (let frame = 1; frame <= 12; frame++) {
      const end = at + 16 + bytes.readUInt32LE(at + 8);
      child.stdin.write(bytes.subarray(at, end));
      at = end;
      await reached(frame);
      expect(rows.length).toBe(frame);
    }
    child.stdin.end();
    expect(await new Promise((resolve) => child.on('close', resolve))).toBe(0);
  });

  test('an interrupt ends a live capture with what was read', async ({ onTestFinished }) => {
    const child = program.spawn(['-T', 'json', '-']);
    onTestFinished(() => void child.kill('SIGKILL'));
    const closed = new Promise((resolve) => child.on('close', resolve));
    let stdout = '';
    const second = new Promise<void>((resolve) => {
      child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
        stdout += chunk;
        if (stdout.includes('"message":2')) resolve();
      });
    });
    child.stdin.write(readFileSync(NOTIFY).subarray(0, 400));
    await second;
    child.kill('SIGINT');
    expect(await closed).toBe(0);
    expect(JSON.parse(stdout).length).toBeGreaterThanOrEqual(2);
  });
});

// Writing there fails as on a full disk.
test
  .skipIf(!existsSync('/dev/full'))
  .each([
    [[NOTIFY]],
    [['--json', NOTIFY]],
    [['dissectors']],
    [['--version']],
    [['help', 'filter']],
    [['completion', 'zsh']],
  ])('a full disk is one line: %s', (args) => {
  const shell = ['-c', '"$0" "$@" > /dev/full', process.execPath, program.main, ...args];
  const { status, stderr } = spawnSync('sh', shell, { encoding: 'utf8' });
  expect([status, stderr]).toEqual([2, 'rpcdump: standard output: no space left on device\n']);
});

test('lines about many inputs all reach a slow reader', () => {
  const missing = Array.from({ length: 1000 }, (_, i) => join(folder, `${'a long name '.repeat(15)}${i}.pcap`));
  const shell = ['-c', '"$0" "$@" 2>&1 > /dev/null | (sleep 0.5; wc -l)', process.execPath, program.main, ...missing];
  const { stdout } = spawnSync('sh', shell, { encoding: 'utf8' });
  expect(stdout.trim()).toBe('1000');
});

describe.concurrent('help', () => {
  test.each(['list', 'stats', 'check', 'services', 'pending', 'diff', 'dissectors', 'completion', 'help'])(
    '%s ends with examples, and fits 80 columns',
    async (command) => {
      const help = await output(command, '--help');
      expect(help).toMatch(new RegExp(`^Usage: rpcdump ${command}[\\s\\S]*\\nExamples:\\n( {2}.*\\n)+$`));
      expect(lines(help).filter((line) => line.length > 80)).toEqual([]);
    },
  );

  test('--version is that of package.json', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    expect(await output('--version')).toBe(`${version}\n`);
  });

  test('dissectors lists them', async () => {
    expect(await output('dissectors')).toMatch(/\bNFS\b/);
  });
});
