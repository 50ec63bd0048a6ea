/** What is written beside the listing, as a user meets it: anonymised captures. */
import { execFileSync } from 'node:child_process';
import {
  existsSync,
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
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Program } from '../helpers/program.js';
import { FIXTURES } from '../helpers/render.js';

const capture = (name: string) => join(FIXTURES, 'captures', name);
const START = capture('nfs3/allprocs-start.pcap');
const UDP = capture('nfs3/udp-ipfrag.pcap');

let program: Program;
let folder: string;

beforeAll(() => {
  program = Program.build();
  folder = mkdtempSync(join(tmpdir(), 'rpcdump-export-'));
});

afterAll(() => {
  program?.remove();
  if (folder !== undefined) rmSync(folder, { recursive: true });
});

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

  test('with --calls and a filter, the exchanges', async () => {
    const filter = ['--calls', '-Y', 'procedure == WRITE'];
    await run(...filter, '--anonymize', '-w', 'calls.pcapng', START);
    const count = async (path: string) => (await run(...filter, path)).stdout.split('\n').length;
    expect(await count(out('calls.pcapng'))).toBe(await count(START));
  });

  test.each([
    [['--anonymize'], '--anonymize goes with -w: what is listed keeps its names'],
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
