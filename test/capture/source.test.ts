import { existsSync, readdirSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { expandInputs } from '../../src/capture/inputs.js';
import { type CaptureProblem, openCaptures, readFrames } from '../../src/capture/merge.js';
import { CaptureError, openCapture } from '../../src/capture/source.js';
import { MAX_OPEN_FILES } from '../../src/limits/capture.js';
import { bytes, PcapngWriter, type TestFrame, writePcap, writeSnoop } from '../helpers/capture-writer.js';

const NOT_A_CAPTURE = 'not a capture file (pcap, pcapng, snoop, iptrace, also gzip or zstd compressed)';
const FRAMES: TestFrame[] = Array.from({ length: 3000 }, (_, index) => ({
  data: Buffer.alloc(index % 1500, index),
  seconds: index,
}));

let directory = '';
const at = (name: string) => join(directory, name);

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'rpcdump-capture-'));
});
afterAll(() => rm(directory, { recursive: true }));

/** Reads one capture to its end; standard input, where `stored` is a stream. */
async function readAll(stored: Uint8Array | Readable, readChunk?: number) {
  const isFile = !(stored instanceof Readable);
  if (isFile) await writeFile(at('capture'), stored);
  const options = { ...(isFile ? {} : { stdin: stored }), ...(readChunk === undefined ? {} : { readChunk }) };
  const source = await openCapture(isFile ? at('capture') : '-', options);
  const lengths: number[] = [];
  const problems: CaptureProblem[] = [];
  const onFrame = ({ start, end }: { start: number; end: number }) => lengths.push(end - start) > 0;
  await readFrames([source], onFrame, (problem) => problems.push(problem));
  return { lengths, problems, source };
}

async function openError(path: string): Promise<string> {
  const error = await openCapture(path).then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(CaptureError);
  expect((error as CaptureError).file).toBe(path);
  return (error as CaptureError).message;
}

describe('files', () => {
  const capture = writePcap(FRAMES);
  const lengths = FRAMES.map(({ data }) => data.length);

  it.each([1000, 64 * 1024, undefined])('are read in pieces of %s', async (readChunk) => {
    const read = await readAll(capture, readChunk);
    expect(read).toMatchObject({ lengths, problems: [] });
    expect([read.source.size, read.source.bytesRead]).toEqual([capture.length, capture.length]);
  });

  test('compressed by gzip', async () => {
    expect(await readAll(gzipSync(capture))).toMatchObject({ lengths, problems: [] });
  });

  test('from standard input, in any pieces', async () => {
    const pieces = Array.from({ length: Math.ceil(capture.length / 999) }, (_, index) =>
      capture.subarray(index * 999, (index + 1) * 999),
    );
    expect(await readAll(Readable.from(pieces))).toMatchObject({ lengths, problems: [] });
    expect(await readAll(Readable.from([...capture.subarray(0, 60)].map((byte) => Buffer.of(byte))))).toMatchObject({
      lengths: [0, 1],
      problems: [{ file: '-', frame: 3 }],
    });
  });

  test('with no frames are read', async () => {
    expect(await readAll(writePcap([]))).toMatchObject({ lengths: [], problems: [] });
  });

  test('that are cut give what is there', async () => {
    const { lengths: read, problems } = await readAll(capture.subarray(0, capture.length - 1));
    expect(read).toEqual(lengths.slice(0, -1));
    expect(problems).toEqual([
      {
        file: at('capture'),
        frame: 3000,
        message: 'frame 3000: cut short in the middle of the frame (1498 of 1499 bytes)',
      },
    ]);
  });

  test('that are cut while compressed give what is there', async () => {
    const stored = gzipSync(capture);
    const { lengths: read, problems } = await readAll(stored.subarray(0, stored.length >> 1));
    expect(read.length).toBeGreaterThan(1000);
    expect(read).toEqual(lengths.slice(0, read.length));
    const frame = read.length + 1;
    expect(problems).toEqual([
      { file: at('capture'), frame, message: `the gzip stream is cut short (after frame ${read.length})` },
    ]);
  });
});

test('live input is passed on as it comes', async () => {
  const stdin = new PassThrough();
  stdin.write(writePcap([{ data: bytes('01') }]));
  const source = await openCapture('-', { stdin });
  const seen: number[] = [];
  const reading = readFrames(
    [source],
    ({ number }) => seen.push(number) > 0,
    () => undefined,
  );
  await new Promise(setImmediate);
  expect(seen).toEqual([1]);
  stdin.write(writePcap([{ data: bytes('02') }]).subarray(24));
  await new Promise(setImmediate);
  expect(seen).toEqual([1, 2]);
  stdin.end();
  await reading;
});

describe('what cannot be opened', () => {
  test('says why', async () => {
    await writeFile(at('empty'), '');
    await writeFile(at('text'), 'this is no capture');
    await writeFile(at('short'), bytes('d4c3'));
    await writeFile(at('empty.gz'), gzipSync(''));
    await writeFile(at('text.gz'), gzipSync('this is no capture'));
    await writeFile(at('cut.gz'), gzipSync(writePcap([])).subarray(0, 8));
    await writeFile(at('text.zst'), bytes('28b52ffd 0000 190000', Buffer.from('abc')));
    expect(await openError(at('missing'))).toBe('no such file or directory');
    expect(await openError(directory)).toBe('is a directory');
    expect(await openError(at('empty'))).toBe('empty file');
    expect(await openError(at('text'))).toBe(NOT_A_CAPTURE);
    expect(await openError(at('short'))).toBe(NOT_A_CAPTURE);
    expect(await openError(at('empty.gz'))).toBe('nothing in the compressed file');
    expect(await openError(at('text.gz'))).toBe(NOT_A_CAPTURE);
    expect(await openError(at('cut.gz'))).toBe('the gzip stream is cut short');
    expect(await openError(at('text.zst'))).toBe(NOT_A_CAPTURE);
  });

  test('standard input too', async () => {
    await expect(openCapture('-', { stdin: Readable.from([]) })).rejects.toThrow('empty file');
  });
});

test('captures that are read together are opened together', async () => {
  await writeFile(at('one'), writePcap([{ data: bytes('01'), seconds: 2 }]));
  await writeFile(at('two'), writePcap([{ data: bytes('02'), seconds: 1 }]));
  const problems: unknown[] = [];
  const sources = await openCaptures([at('one'), at('missing'), at('two')], (problem) => problems.push(problem));
  expect(problems).toEqual([{ file: at('missing'), message: 'no such file or directory' }]);
  const order: string[] = [];
  const onFrame = (_: unknown, source: number) => order.push(sources[source].name) > 0;
  await readFrames(sources, onFrame, (problem) => problems.push(problem));
  expect([order, problems.length]).toEqual([[at('two'), at('one')], 1]);
});

test('a disk that fails ends a capture with what was read', async () => {
  const stdin = new PassThrough();
  stdin.write(writePcap([{ data: bytes('01') }]));
  const source = await openCapture('-', { stdin });
  const problems: CaptureProblem[] = [];
  stdin.destroy(Object.assign(new Error('oh'), { code: 'EIO' }));
  await readFrames(
    [source],
    () => true,
    (problem) => problems.push(problem),
  );
  expect(problems).toEqual([{ file: '-', frame: 2, message: 'input/output error (after frame 1)' }]);
});

describe('a directory', () => {
  test('stands for its captures, in natural order', async () => {
    const captures = at('captures');
    await mkdir(join(captures, 'inner'), { recursive: true });
    for (const name of ['cap.pcap10', 'cap.pcap2', 'cap.pcap']) await writeFile(join(captures, name), writePcap([]));
    await writeFile(join(captures, 'a.snoop.gz'), gzipSync(writeSnoop([])));
    await writeFile(join(captures, 'b'), new PcapngWriter().section().bytes());
    await writeFile(join(captures, 'notes.txt'), 'text');
    await writeFile(join(captures, 'empty'), '');
    const expected = ['a.snoop.gz', 'b', 'cap.pcap', 'cap.pcap2', 'cap.pcap10'].map((name) => join(captures, name));
    const { files, problems } = await expandInputs(['-', captures, at('missing')]);
    expect(files).toEqual(['-', ...expected, at('missing')]);
    expect(problems).toEqual([]);
    expect(await expandInputs([join(captures, 'inner')])).toEqual({
      files: [],
      problems: [{ file: join(captures, 'inner'), message: 'no captures in this directory' }],
    });
  });

  test('without captures says that its directories are not searched', async () => {
    await mkdir(at('by-day/2026-11-28'), { recursive: true });
    expect(await expandInputs([at('by-day')])).toEqual({
      files: [],
      problems: [
        {
          file: at('by-day'),
          message: 'no captures in this directory; directories in it, which are not searched: 1',
        },
      ],
    });
  });

  test.each<[string, string | Uint8Array | null, RegExp | null]>([
    ['README', 'text', null],
    ['syslog.1.xz', bytes('fd377a585a00'), null],
    ['old.zip', 'PK\x03\x04', null],
    ['lock', '', null],
    ['latest', null, null],
    ['escape', 'what a cap', null],
    ['cap.pcap.xz', bytes('fd377a585a00'), /compressed by xz/],
    ['eth0.PCAPNG.zip', 'PK\x03\x04', /a zip archive/],
    ['cap.pcap12', '', /^empty file$/],
    ['cap_00001.pcapng', Buffer.alloc(100), /^not a capture file \(pcap, /],
    ['a.dmp', 'no capture', /^not a capture file \(pcap, /],
    ['nfs.snoop', null, /^no such file or directory$/],
    ['netmon', 'GMBU\0\x02\x01\0', /a capture of Network Monitor/],
    ['sniffer', 'XCP\x00002.001\0', /a capture of Sniffer/],
    ['observer', 'ObserverPktBufferVersion=15.00', /a capture of Observer/],
    ['visual', '\x05VNF\x6f\x01\0\0', /a capture of Visual Networks/],
    ['nettl', 'TR\0d\0\0\0\0', /a capture of nettl/],
  ])('beside a capture: %s', async (name, content, problem) => {
    const folder = await mkdtemp(at('beside-'));
    await writeFile(join(folder, 'whole'), writePcap([]));
    if (content === null) await symlink('nowhere', join(folder, name));
    else await writeFile(join(folder, name), content);
    const { files, problems } = await expandInputs([folder]);
    expect(files).toEqual([join(folder, 'whole')]);
    const expected = problem === null ? [] : [{ file: join(folder, name), message: expect.stringMatching(problem) }];
    expect(problems).toEqual(expected);
  });

  test('names captures in it that cannot be read', async () => {
    const damaged = at('damaged');
    await mkdir(damaged);
    await writeFile(join(damaged, 'cut.gz'), gzipSync(writePcap([])).subarray(0, 8));
    await writeFile(join(damaged, 'whole'), writePcap([]));
    expect(await expandInputs([damaged])).toEqual({
      files: [join(damaged, 'whole')],
      problems: [{ file: join(damaged, 'cut.gz'), message: 'the gzip stream is cut short' }],
    });
  });
});

describe('more files than stay open', () => {
  const COUNT = MAX_OPEN_FILES + 20;
  /** More than is read when a capture is opened. */
  const frames = (file: number) => [0, 1, 2].map((i) => ({ data: Buffer.alloc(9000, file), seconds: file + i }));
  const paths = Array.from({ length: COUNT }, (_, file) => `many-${file}`);

  const readMany = async (before: (open: number) => Promise<void>) => {
    for (const [file, path] of paths.entries()) await writeFile(at(path), writePcap(frames(file)));
    const problems: object[] = [];
    const sources = await openCaptures(paths.map(at), (problem) => problems.push(problem));
    await before(existsSync('/proc/self/fd') ? readdirSync('/proc/self/fd').length : 0);
    let read = 0;
    await readFrames(
      sources,
      () => ++read > 0,
      (problem) => problems.push(problem),
    );
    return { read, problems };
  };

  test('they are closed, and opened again', async () => {
    const before = existsSync('/proc/self/fd') ? readdirSync('/proc/self/fd').length : 0;
    const { read, problems } = await readMany(async (open) =>
      expect(open - before).toBeLessThanOrEqual(MAX_OPEN_FILES),
    );
    expect([read, problems]).toEqual([3 * COUNT, []]);
  });

  test('one that was replaced meanwhile is not taken for the one that it was', async () => {
    const { read, problems } = await readMany(async () => {
      await writeFile(at('newer'), writePcap(frames(9)));
      await rename(at('newer'), at(paths[0]));
    });
    const message = 'replaced by another file while it was read (after frame 1)';
    expect([read, problems]).toEqual([3 * COUNT - 2, [{ file: at(paths[0]), frame: 2, message }]]);
  });
});
