import { constants, createGzip, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { detectCompression } from '../../src/capture/compression.js';
import { CompressionError } from '../../src/capture/decompressor.js';
import { GZIP_PIECE, MAX_RESUMPTIONS } from '../../src/limits/capture.js';
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

/** Some 60 kB that compress to a tenth. */
function lines(name: string): Buffer {
  return Buffer.from(
    Array.from({ length: 2000 }, (_, n) => `${name} ${(n * 7919) % 10007} sent ${n} records\n`).join(''),
  );
}

/** One gzip member of several parts, with a flush behind each, which `ends` at an index. */
async function flushed(parts: readonly Buffer[], flush: number): Promise<{ stored: Buffer; ends: number[] }> {
  const stream = createGzip();
  const stored: Buffer[] = [];
  const ends: number[] = [];
  stream.on('data', (chunk: Buffer) => stored.push(chunk));
  for (const part of parts) {
    stream.write(part);
    await new Promise<void>((resolve) => stream.flush(flush, resolve));
    ends.push(Buffer.concat(stored).length);
  }
  await new Promise<void>((resolve) => stream.end(resolve));
  return { stored: Buffer.concat(stored), ends };
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

  describe('behind damage', () => {
    const parts = ['first', 'second', 'third'].map(lines);
    const [first, second, third] = parts.map((part) => gzipSync(part));
    /** Writes a block of the reserved type. */
    const damaged = (stored: Buffer, at: number) => bytes(stored.subarray(0, at), [0x07], stored.subarray(at + 1));
    const header = 10;

    // The end of a member that is cut is found late: with small chunks only behind the beginning of the next.
    it.each<[string, Buffer, string, sizes: number[]]>([
      ['a deflate stream', damaged(second, header), 'damaged: invalid block type', [100, 1 << 20]],
      ['a header', damaged(second, 1), 'followed by something else', [100, 1 << 20]],
      ['a member that is cut', second.subarray(0, second.length >> 1), 'damaged: invalid', [1 << 20]],
    ])('in %s, the next member is read', async (_, stored, reason, sizes) => {
      for (const size of sizes) {
        const { output, error } = await decompress(bytes(first, stored, third), size);
        expect([output.startsWith(latin1([parts[0]])), output.endsWith(latin1([parts[2]]))]).toEqual([true, true]);
        expect(error).toContain(`the gzip stream is ${reason}`);
        expect(error).toMatch(/; \d+ bytes passed over, reading went on$/);
      }
    });

    it.each([100, 1 << 20])(
      'blocks of a member that need nothing before them are read, in chunks of %i',
      async (size) => {
        const { stored, ends } = await flushed(parts, constants.Z_FULL_FLUSH);
        const { output, error } = await decompress(damaged(stored, ends[0]), size);
        expect(output.endsWith(latin1([parts[2]]))).toBe(true);
        expect(output).not.toContain('second');
        const passedOver = /^the gzip stream is damaged: invalid block type; (\d+) bytes passed over, reading went on$/;
        expect(error).toMatch(passedOver);
      },
    );

    test('blocks that need what was before them are not', async () => {
      const { stored, ends } = await flushed([TEXT, parts[0], parts[0], TEXT], constants.Z_SYNC_FLUSH);
      const { output, error } = await decompress(damaged(stored, ends[0]), 1 << 20);
      expect([output, error]).toEqual(['', 'the gzip stream is damaged: invalid block type']);
    });

    test('a bounded number of places is tried', async () => {
      const flushes = (count: number) => Buffer.alloc(5 * count, bytes('0000ffff 07'));
      const stored = (count: number) => bytes(damaged(first, header), flushes(count), second);
      expect((await decompress(stored(MAX_RESUMPTIONS / 2), 1 << 20)).output).toBe(latin1([parts[1]]));
      expect(await decompress(stored(2 * MAX_RESUMPTIONS), 1 << 20)).toEqual({
        output: '',
        error: 'the gzip stream is damaged: invalid block type',
      });
    });
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

  it.each<[string, Buffer, string, string]>([
    [
      'a block',
      zstdFrame([zstdBlock(0, 2, bytes('6162')), zstdBlock(3, 1, bytes('00'))]),
      'ab',
      'a block of reserved type',
    ],
    ['the length of a block', zstdFrame([zstdBlock(0, 200_000, bytes('6162'))]), '', 'a block of 200000 bytes'],
    ['a header', zstdFrame([], { descriptor: 8 }), '', 'a reserved bit is set'],
    ['a magic number', bytes('28b52ffe', ZSTD_TEXT.subarray(4)), '', 'no frame begins where one should'],
  ])('with damage in %s goes on with the next frame', async (_, stored, before, reason) => {
    for (const size of [1, 1 << 20]) {
      const { output, error } = await decompress(bytes(ZSTD_TEXT, stored, ZSTD_TEXT, ZSTD_TEXT), size);
      expect(output.replaceAll(latin1([TEXT]), '|')).toBe(`|${before}||`);
      expect(error).toContain(`the zstd stream is damaged: ${reason}; `);
      expect(error).toMatch(/ bytes? passed over, reading went on$/);
    }
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
