/**
 * `tcpdump -U -w - | rpcdump -`: a message is printed when its frame was written, while the pipe stays open; compressed too, as far as
 * the compressor has let go of it.
 */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { constants, createGzip } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { writeZstd } from '../helpers/capture-writer.js';
import { program } from '../helpers/program.js';
import { FIXTURES } from '../helpers/render.js';

const CAPTURE = readFileSync(join(FIXTURES, 'captures/nsm/notify.pcap'));
const FILE_HEADER = 24;
/** The capture up to the end of its first frame, which holds a call; and the rest. */
const FIRST_END = FILE_HEADER + 16 + CAPTURE.readUInt32LE(FILE_HEADER + 8);
const first = CAPTURE.subarray(0, FIRST_END);
const rest = CAPTURE.subarray(FIRST_END);

/** gzip of one part and of the other, where the compressor was flushed between them. */
async function gzipParts(): Promise<[Buffer, Buffer]> {
  const gzip = createGzip();
  const chunks: Buffer[] = [];
  gzip.on('data', (chunk) => chunks.push(chunk));
  gzip.write(first);
  await new Promise<void>((resolve) => gzip.flush(constants.Z_SYNC_FLUSH, resolve));
  const front = Buffer.concat(chunks.splice(0));
  gzip.end(rest);
  await once(gzip, 'end');
  return [front, Buffer.concat(chunks)];
}

/** One zstd frame whose first block is the first part. */
function zstdParts(): [Buffer, Buffer] {
  const [front, back] = [writeZstd(first), writeZstd(rest)];
  const FRAME_HEADER = 6;
  front[FRAME_HEADER] &= 0xfe;
  return [front, back.subarray(FRAME_HEADER)];
}

const PARTS: [name: string, parts: () => [Buffer, Buffer] | Promise<[Buffer, Buffer]>][] = [
  ['plain', () => [first, rest]],
  ['gzip', gzipParts],
  ['zstd', zstdParts],
];

describe.each(PARTS)('%s', (_, partsOf) => {
  test.each([
    ['the list', [], /GETPORT|NOTIFY|NULL/, 12],
    ['trees', ['-V'], /Remote Procedure Call/, 12],
    ['records', ['--json'], /"message":1,/, 12],
  ] as [string, string[], RegExp, number][])('%s', async (_, args, shown, messages) => {
    const [front, back] = await partsOf();
    const child = program.spawn([...args, '-']);
    child.stdin.write(front);
    const [before] = await once(child.stdout, 'data');
    expect(String(before)).toMatch(shown);
    child.stdin.end(back);
    let after = '';
    for await (const chunk of child.stdout) after += chunk;
    const text = before + after;
    expect(text.match(args[0] === '-V' ? /^Message /gm : /\n/g)?.length).toBe(messages);
  });
});

describe('named pipes, as `<(tcpdump …)` is one', () => {
  let folder: string;
  let path: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rpcdump-pipe-'));
    path = join(folder, 'pipe');
    execFileSync('mkfifo', [path]);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test.each([[[]], [['--jobs', '2']]])('show a message when its frame was written: %s', async (args) => {
    const child = program.spawn([...args, path]);
    const pipe = createWriteStream(path);
    pipe.write(first);
    const [before] = await once(child.stdout, 'data');
    expect(String(before)).toMatch(/GETPORT|NOTIFY|NULL/);
    pipe.end(rest);
    await once(child, 'close');
  });

  test.each([[[]], [['--anonymize-key', 'k']]])('-w reads them once: %s', async (args) => {
    const exported = program.run([...args, '-w', '-', path]);
    createWriteStream(path).end(CAPTURE);
    expect(await exported).toEqual(await program.run([...args, '-w', '-', '-'], { input: CAPTURE }));
  });
});
