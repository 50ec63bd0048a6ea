import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { detectCompression } from '../../src/capture/compression.js';
import { CompressionError } from '../../src/capture/decompressor.js';
import { GZIP_PIECE } from '../../src/limits/capture.js';
import { bytes, u32 } from '../helpers/capture-writer.js';

const TEXT = Buffer.from('0123456789abcdef'.repeat(5000));

async function* chunked(stored: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < stored.length; at += size) yield stored.subarray(at, at + size);
}

/** Strings compare faster than buffers. */
function latin1(parts: Uint8Array[]): string {
  return Buffer.concat(parts).toString('latin1');
}

async function decompress(stored: Uint8Array, size = 1000): Promise<{ output: string; error: string | null }> {
  const find = detectCompression(stored);
  if (find === null || find === 'more') throw new Error('not compressed');
  const output: Uint8Array[] = [];
  try {
    for await (const chunk of find(chunked(stored, size))) output.push(Buffer.from(chunk));
    return { output: latin1(output), error: null };
  } catch (error) {
    expect(error).toBeInstanceOf(CompressionError);
    return { output: latin1(output), error: (error as Error).message };
  }
}

/** A frame of raw and RLE blocks, which need no compressor; windows of 1 KiB times 2^`windowLog`. */
function zstdFrame(
  blocks: Uint8Array[],
  { descriptor = 0, windowLog = 10, header = undefined as number[] | undefined } = {},
): Buffer {
  return bytes('28b52ffd', [descriptor, ...(header ?? [windowLog << 3])], ...blocks);
}

function zstdBlock(type: number, size: number, body: Uint8Array, isLast = false): Buffer {
  const header = (isLast ? 1 : 0) | (type << 1) | (size << 3);
  return bytes([header & 0xff, (header >> 8) & 0xff, header >> 16], body);
}

/** `zstd -19` of TEXT, with its checksum. */
const ZSTD_TEXT = Buffer.from(
  '28b52ffda480380100c5000080303132333435363738396162636465660100da70269f4b7b6756ec',
  'hex',
);

describe('gzip', () => {
  it.each([1, 2, 7, 100, 1 << 20])('in chunks of %i', async (size) => {
    expect(await decompress(gzipSync(TEXT), size)).toEqual({ output: latin1([TEXT]), error: null });
  });

  it.each([1, 3, 1 << 20])('of several members, in chunks of %i', async (size) => {
    const stored = bytes(gzipSync(TEXT), gzipSync(Buffer.alloc(0)), gzipSync(TEXT));
    expect(await decompress(stored, size)).toEqual({ output: latin1([TEXT, TEXT]), error: null });
  });

  test('cut anywhere gives what is there, and says so', async () => {
    const noise = Buffer.from(Array.from({ length: 4000 }, (_, index) => (index * index * 31) & 0xff));
    const stored = gzipSync(noise);
    for (let cut = 3; cut < stored.length; cut += 13) {
      const { output, error } = await decompress(stored.subarray(0, cut));
      expect(error).toBe('the gzip stream is cut short');
      expect(output).toBe(latin1([noise.subarray(0, output.length)]));
      if (cut > (2 * stored.length) / 3) expect([cut, output.length > 0]).toEqual([cut, true]);
    }
    expect((await decompress(stored.subarray(0, stored.length - 1))).output).toBe(latin1([noise]));
  });

  it.each([
    ['a wrong checksum', -6, 'the gzip stream is damaged: wrong checksum'],
    ['a wrong length', -2, 'the gzip stream is damaged: wrong length'],
  ])('with %s gives everything', async (_, at, reason) => {
    const stored = gzipSync(TEXT);
    stored[stored.length + at] ^= 1;
    expect(await decompress(stored)).toEqual({ output: latin1([TEXT]), error: reason });
    const followed = bytes(stored, gzipSync(TEXT));
    expect(await decompress(followed)).toEqual({ output: latin1([TEXT, TEXT]), error: reason });
  });

  it.each([1, 1 << 20])('followed by something else gives everything, in chunks of %i', async (size) => {
    const zeros = Buffer.alloc(9000);
    expect(await decompress(bytes(gzipSync(TEXT), zeros), size)).toEqual({ output: latin1([TEXT]), error: null });
    for (const garbage of [bytes(Buffer.from('garbage and more'), zeros), Buffer.from('\n')]) {
      expect(await decompress(bytes(gzipSync(TEXT), garbage), size)).toEqual({
        output: latin1([TEXT]),
        error: 'the gzip stream is followed by something else',
      });
    }
  });

  test('with all that a header may have', async () => {
    const plain = gzipSync(TEXT);
    const extra = bytes('0300', 'aabbcc', Buffer.from('name\0comment\0'), 'ffff');
    const stored = bytes(plain.subarray(0, 3), [0x1e], plain.subarray(4, 10), extra, plain.subarray(10));
    expect(await decompress(stored, 3)).toEqual({ output: latin1([TEXT]), error: null });
  });

  test('damage costs only the bytes near it', async () => {
    const noise = Buffer.from(Array.from({ length: 60_000 }, (_, index) => (index * index * 31 + (index >> 3)) & 0xff));
    const stored = gzipSync(noise, { level: 0 });
    stored.fill(0xff, 32_768, 32_800);
    const { output, error } = await decompress(stored, 64 * 1024);
    expect(error).toMatch(/damaged/);
    expect(output.length).toBeGreaterThan(32_768 - 2 * GZIP_PIECE);
  });

  test('bombs are inflated in pieces', async () => {
    const stored = gzipSync(Buffer.alloc(64 << 20));
    const find = detectCompression(stored);
    if (typeof find !== 'function') throw new Error();
    let asked = 0;
    async function* counted(): AsyncGenerator<Uint8Array> {
      for await (const chunk of chunked(stored, GZIP_PIECE)) {
        asked += chunk.length;
        yield chunk;
      }
    }
    for await (const chunk of find(counted())) {
      expect(chunk.length).toBeLessThanOrEqual(64 * 1024);
      break;
    }
    expect([asked > 0, asked <= GZIP_PIECE]).toEqual([true, true]);
  });
});

describe('zstd', () => {
  it.each([1, 2, 7, 100])('in chunks of %i', async (size) => {
    expect(await decompress(ZSTD_TEXT, size)).toEqual({ output: latin1([TEXT]), error: null });
  });

  it.each([1, 5, 1000])('frames, skippable frames and empty frames in a row, in chunks of %i', async (size) => {
    const raw = zstdFrame([zstdBlock(0, 3, bytes('616263')), zstdBlock(1, 5, bytes('64'), true)]);
    const empty = zstdFrame([zstdBlock(0, 0, bytes(''), true)]);
    const skipped = bytes('5b2a4d18', u32(9, false), Buffer.alloc(9, 0xff));
    const { output, error } = await decompress(bytes(skipped, raw, empty, ZSTD_TEXT, skipped, raw), size);
    expect(error).toBeNull();
    expect(output).toBe(`abcddddd${TEXT}abcddddd`);
  });

  test('cut anywhere gives what is there, and says so', async () => {
    const blocks = [
      zstdBlock(0, 3, bytes('616263')),
      zstdBlock(0, 2, bytes('6465')),
      zstdBlock(1, 4, bytes('66'), true),
    ];
    const stored = bytes('28b52ffd', [4, 0], ...blocks, '00000000');
    for (let cut = 4; cut < stored.length; cut++) {
      const { output, error } = await decompress(stored.subarray(0, cut), 3);
      expect(error).toBe('the zstd stream is cut short');
      const whole = cut < 12 ? 0 : cut < 17 ? 3 : cut < 21 ? 5 : 9;
      expect(output, `cut at ${cut}`).toBe('abcdeffff'.slice(0, whole));
    }
  });

  it.each([
    ['a window of 4 GiB', zstdFrame([], { windowLog: 22 }), 'the zstd stream needs a window of 4294967296 bytes'],
    [
      'a content of 2^40 bytes',
      zstdFrame([], { descriptor: 0xe0, header: [0, 0, 0, 0, 0, 1, 0, 0] }),
      'the zstd stream needs a window of 1099511627776 bytes',
    ],
    ['a dictionary', zstdFrame([], { descriptor: 1, header: [0, 7] }), 'the zstd stream needs a dictionary'],
    ['a reserved bit', zstdFrame([], { descriptor: 8 }), 'the zstd stream is damaged: a reserved bit is set'],
    [
      'a reserved block',
      zstdFrame([zstdBlock(3, 1, bytes('00'))]),
      'the zstd stream is damaged: a block of reserved type',
    ],
    [
      'a block over 128 KiB',
      zstdFrame([zstdBlock(1, 200_000, bytes('00'))]),
      'the zstd stream is damaged: a block of 200000 bytes',
    ],
    [
      'something behind its end',
      bytes(ZSTD_TEXT, '00000000'),
      'the zstd stream is damaged: no frame begins where one should',
    ],
  ])('with %s is refused', async (_, stored, reason) => {
    expect((await decompress(stored)).error).toBe(reason);
  });

  test('with a wrong checksum gives everything, also what follows', async () => {
    const wrong = Buffer.from(ZSTD_TEXT);
    wrong[wrong.length - 1] ^= 1;
    expect(await decompress(bytes(wrong, ZSTD_TEXT))).toEqual({
      output: latin1([TEXT, TEXT]),
      error: 'the zstd stream is damaged: wrong checksum',
    });
  });

  test('damaged anywhere throws nothing else, and gives no other contents without a word', async () => {
    const run = async (at: number, value: number) => {
      const damaged = Buffer.from(ZSTD_TEXT);
      damaged[at] = value;
      const { output, error } = await decompress(damaged);
      // The header's fifth byte says among others whether there is a checksum.
      if (at > 4 && error === null) expect(output).toBe(latin1([TEXT]));
    };
    await fc.assert(fc.asyncProperty(fc.integer({ min: 4, max: ZSTD_TEXT.length - 1 }), fc.nat(255), run));
  });
});

test.each([
  ['', 'more'],
  ['1f', 'more'],
  ['28b52f', 'more'],
  ['1f8b00', null],
  ['d4c3b2a1', null],
])('%s is no compressed stream: %s', (first, expected) => {
  expect(detectCompression(bytes(first))).toBe(expected);
});
