import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ByteQueue } from '../../src/capture/byte-queue.js';
import { FILE_START } from '../../src/capture/capture-file.js';
import { detectFormat } from '../../src/capture/format.js';
import type { Frame } from '../../src/capture/frame.js';
import { type CaptureProblem, pullFrames, readFrames } from '../../src/capture/merge.js';
import type { CaptureSource } from '../../src/capture/source.js';
import { bytes, PCAP_NANOSECONDS, writePcap } from '../helpers/capture-writer.js';

/** A capture in memory, whose chunks come `chunkSize` bytes at a time. */
class MemorySource implements CaptureSource {
  readonly beginning = new Uint8Array(0);
  readonly reader;
  readonly size;
  bytesRead = 0;
  problem: string | null = null;
  isClosed = false;

  constructor(
    readonly name: string,
    private readonly stored: Uint8Array,
    private readonly chunkSize = 7,
    private readonly failure: string | null = null,
  ) {
    const format = detectFormat(stored);
    if (typeof format !== 'function') throw new Error('not a capture');
    const queue = new ByteQueue();
    this.bytesRead = Math.min(FILE_START, stored.length);
    queue.append(stored.subarray(0, this.bytesRead));
    this.reader = format(queue);
    this.size = stored.length;
  }

  async fill(): Promise<boolean> {
    if (this.bytesRead >= this.stored.length) {
      this.problem = this.failure;
      return false;
    }
    this.reader.queue.append(this.stored.subarray(this.bytesRead, this.bytesRead + this.chunkSize));
    this.bytesRead += this.chunkSize;
    return true;
  }

  async close(): Promise<void> {
    this.isClosed = true;
  }
}

type Time = readonly [seconds: number, nanoseconds: number];

/** The data of each frame tells which it is. */
function captureAt(times: readonly Time[]): Buffer {
  const frames = times.map(([seconds, nanoseconds], index) => ({
    data: Buffer.from([index >> 8, index]),
    seconds,
    nanoseconds,
  }));
  return writePcap(frames, { magic: PCAP_NANOSECONDS });
}

async function read(sources: MemorySource[], limit = Number.POSITIVE_INFINITY) {
  const order: string[] = [];
  const problems: CaptureProblem[] = [];
  const onFrame = ({ bytes: held, start, seconds }: Frame, source: number) => {
    order.push(`${source}:${(held[start] << 8) | held[start + 1]}@${seconds}`);
    return order.length < limit;
  };
  await readFrames(sources, onFrame, (problem) => problems.push(problem));
  expect(sources.every(({ isClosed }) => isClosed)).toBe(true);
  return { order, problems };
}

function sourcesAt(...times: Time[][]): MemorySource[] {
  return times.map((each, index) => new MemorySource(`${index}.pcap`, captureAt(each)));
}

describe('several captures', () => {
  test('are given in time order', async () => {
    const { order } = await read(
      sourcesAt(
        [
          [1, 0],
          [4, 5],
          [4, 7],
        ],
        [
          [2, 0],
          [4, 6],
        ],
        [[0, 9]],
      ),
    );
    expect(order).toEqual(['2:0@0', '0:0@1', '1:0@2', '0:1@4', '1:1@4', '0:2@4']);
  });

  test('of the same time keep the order they were named in', async () => {
    const { order } = await read(
      sourcesAt(
        [
          [1, 0],
          [1, 0],
        ],
        [[1, 0]],
        [
          [0, 0],
          [1, 0],
        ],
      ),
    );
    expect(order).toEqual(['2:0@0', '0:0@1', '0:1@1', '1:0@1', '2:1@1']);
  });

  test('keep the order within each where its clock runs backwards', async () => {
    const { order } = await read(
      sourcesAt(
        [
          [5, 0],
          [1, 0],
          [6, 0],
        ],
        [
          [3, 0],
          [7, 0],
        ],
      ),
    );
    expect(order).toEqual(['1:0@3', '0:0@5', '0:1@1', '0:2@6', '1:1@7']);
  });

  test('may be empty', async () => {
    expect((await read(sourcesAt([], [[1, 0]], []))).order).toEqual(['1:0@1']);
    expect((await read(sourcesAt([], []))).order).toEqual([]);
    expect((await read([])).order).toEqual([]);
  });

  test('give all frames, sorted where each is sorted, and each in its own order', async () => {
    const time = fc.tuple(fc.nat(5), fc.nat(3));
    const captures = fc.array(fc.array(time, { maxLength: 20 }), { minLength: 1, maxLength: 5 });
    const run = async (each: [number, number][][], isSorted: boolean) => {
      if (isSorted) for (const times of each) times.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
      const { order } = await read(sourcesAt(...each));
      const seconds = order.map((entry) => Number(entry.split('@')[1]));
      if (isSorted) expect(seconds).toEqual(seconds.toSorted((a, b) => a - b));
      each.forEach((times, source) => {
        const own = order.filter((entry) => entry.startsWith(`${source}:`));
        expect(own).toEqual(times.map(([second], index) => `${source}:${index}@${second}`));
      });
    };
    await fc.assert(fc.asyncProperty(captures, fc.boolean(), run));
  });
});

describe('a problem', () => {
  const times: Time[] = [
    [1, 0],
    [2, 0],
  ];
  const lie = bytes(captureAt(times), Buffer.alloc(8), 'ffffffff', '00000000');

  test('of one capture is reported, and the others go on', async () => {
    const cut = captureAt(times).subarray(0, -1);
    const sources = [
      new MemorySource('lie', lie),
      new MemorySource('cut', cut),
      ...sourcesAt([
        [3, 0],
        [4, 0],
      ]),
    ];
    const { order, problems } = await read(sources);
    expect(order).toEqual(['0:0@1', '1:0@1', '0:1@2', '2:0@3', '2:1@4']);
    expect(problems).toEqual([
      { file: 'cut', frame: 2, message: 'frame 2: cut short in the middle of the frame (1 of 2 bytes)' },
      {
        file: 'lie',
        frame: 3,
        message: 'frame 3: damaged: the frame claims 4294967295 captured bytes; the last 16 bytes cannot be read',
      },
    ]);
  });

  test('of the last one left, or the only one, is reported once', async () => {
    expect((await read([new MemorySource('lie', lie)])).problems).toHaveLength(1);
    expect((await read([...sourcesAt([]), new MemorySource('lie', lie)])).problems).toHaveLength(1);
  });

  test('of the bytes explains a frame that is cut', async () => {
    const source = new MemorySource('a', captureAt(times).subarray(0, -1), 5, 'the gzip stream is cut short');
    expect((await read([source])).problems).toEqual([
      { file: 'a', frame: 2, message: 'the gzip stream is cut short (after frame 1)' },
    ]);
  });
});

test('reading stops when it is told to', async () => {
  expect(
    (
      await read(
        sourcesAt([
          [1, 0],
          [2, 0],
        ]),
        1,
      )
    ).order,
  ).toEqual(['0:0@1']);
  expect(
    (
      await read(
        sourcesAt(
          [
            [1, 0],
            [3, 0],
          ],
          [[2, 0]],
        ),
        2,
      )
    ).order,
  ).toEqual(['0:0@1', '1:0@2']);
  expect(
    (
      await read(
        sourcesAt(
          [
            [1, 0],
            [3, 0],
          ],
          [[2, 0]],
        ),
        3,
      )
    ).order,
  ).toHaveLength(3);
});

test('who pulls frames and has enough after each gets one at a time, whichever file they are from', async () => {
  const sources = [
    captureAt([[1, 0]]),
    captureAt([
      [2, 0],
      [3, 0],
    ]),
  ].map((data, i) => new MemorySource(`${i}`, data, 1000));
  const times: number[] = [];
  let frames = 0;
  const turns = pullFrames(
    sources,
    ({ seconds }) => times.push(seconds) > 0,
    () => true,
    () => {},
  );
  for await (const _ of turns) {
    expect(times.length - frames).toBeLessThanOrEqual(1);
    frames = times.length;
  }
  expect(times).toEqual([1, 2, 3]);
});
