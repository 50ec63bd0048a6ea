import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { CompressionError } from '../../src/capture/decompressor.js';
import { unzstd } from '../../src/capture/zstd.js';
import { bytes } from '../helpers/capture-writer.js';
import { startCpuTime } from '../helpers/cpu-time.js';
import { STORY_IN_BLOCKS, STORY_IN_ONE, story } from './zstd-samples.js';

async function* chunked(stored: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < stored.length; at += size) yield stored.subarray(at, at + size);
}

/** Strings compare faster than buffers. */
async function decompress(stored: Uint8Array, size = 4096): Promise<{ output: string; error: string | null }> {
  const output: Buffer[] = [];
  let error: string | null = null;
  try {
    for await (const chunk of unzstd(chunked(stored, size))) output.push(Buffer.from(chunk));
  } catch (reason) {
    expect(reason).toBeInstanceOf(CompressionError);
    error = (reason as Error).message;
  }
  return { output: Buffer.concat(output).toString('latin1'), error };
}

describe.each([
  ['several blocks', STORY_IN_BLOCKS, [0, 1966, 4545, 6451]],
  ['one block', STORY_IN_ONE, [0]],
])('a frame of %s', (_, stored, lengths) => {
  it.each([1, 7, 4096])('in chunks of %i', async (size) => {
    expect(await decompress(stored, size)).toEqual({ output: story(), error: null });
  });

  it('cut anywhere gives its whole blocks', async () => {
    const seen = new Set<number>();
    for (let cut = 4; cut < stored.length; cut += 11) {
      const { output, error } = await decompress(stored.subarray(0, cut));
      expect(error).toBe('the zstd stream is cut short');
      expect(story().startsWith(output)).toBe(true);
      seen.add(output.length);
    }
    expect([...seen]).toEqual(lengths);
  });

  it('survives any damage', async () => {
    const run = async (changes: [number, number][]) => {
      const damaged = Buffer.from(stored);
      for (const [at, value] of changes) damaged[at] = value;
      await decompress(damaged);
    };
    const change = fc.tuple(fc.integer({ min: 4, max: stored.length - 1 }), fc.nat(255));
    await fc.assert(fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), run), { numRuns: 500 });
  });
});

test('a block of any bytes is damage or not, but nothing else', async () => {
  const run = async (body: Uint8Array) => {
    const header = 1 | (2 << 1) | (body.length << 3);
    await decompress(bytes('28b52ffd 00 58', [header & 0xff, header >> 8, 0], body));
  };
  await fc.assert(fc.asyncProperty(fc.uint8Array({ minLength: 2, maxLength: 60 }), run), { numRuns: 3000 });
});

test('sequences that claim more than a block gives cost nothing', async () => {
  const count = 65_000;
  const sequences = bytes(
    [0, 0xff, (count - 0x7f00) & 0xff, (count - 0x7f00) >> 8, 0x54, 0, 0, 52],
    Buffer.alloc(2 * count, 0xff),
    '01',
  );
  const header = (2 << 1) | (sequences.length << 3);
  const block = bytes([header & 0xff, (header >> 8) & 0xff, header >> 16], sequences);
  const first = bytes('420000', [0x61]);
  const cpuSeconds = startCpuTime();
  const { output, error } = await decompress(bytes('28b52ffd 00 58', first, block));
  expect({ output, error }).toEqual({
    output: 'aaaaaaaa',
    error: 'the zstd stream is damaged: a block longer than 128 KiB',
  });
  expect(cpuSeconds()).toBeLessThan(2);
});

const hasZstd = spawnSync('zstd', ['--version']).status === 0;

describe.runIf(hasZstd)('the zstd program agrees', () => {
  const noise = (length: number, limit: number) => {
    let seed = 1;
    const next = () => {
      seed = (seed * 48271) % 2147483647;
      return (seed / 2147483647) ** 4 * limit;
    };
    return Buffer.from(Array.from({ length }, next));
  };
  const inputs: [string, Buffer][] = [
    ['nothing', Buffer.alloc(0)],
    ['zeros', Buffer.alloc(400_000)],
    ['noise', noise(300_000, 256)],
    ['skewed noise', noise(500_000, 40)],
    ['text far apart', bytes(Buffer.from(story()), noise(1_500_000, 256), Buffer.from(story()), noise(300_000, 9))],
  ];
  it.each(inputs)('on %s, at all levels', async (_, input) => {
    for (const level of ['--fast=5', '-3', '-19']) {
      const { stdout } = spawnSync('zstd', ['--ultra', level, '-c'], { input, maxBuffer: 1 << 26 });
      const { output, error } = await decompress(stdout, 65_536);
      expect([level, error, output === input.toString('latin1')]).toEqual([level, null, true]);
    }
  });
});
