/**
 * Zstandard (RFC 8878): frames and skippable frames in a row. The stream is cut into its blocks here, so that the window and
 * the length of a block are bounded before a decoder sees it; the decoder is node:zlib's where Node has one (it also
 * verifies checksums), else ours. Refuses dictionaries and windows over MAX_ZSTD_WINDOW.
 */
import type { Transform } from 'node:stream';
import * as zlib from 'node:zlib';
import { MAX_ZSTD_WINDOW } from '../limits.js';
import { uint32le } from './byte-order.js';
import { ChunkReader } from './chunk-reader.js';
import { type Chunks, CompressionError, transformed } from './decompressor.js';
import { MAX_ZSTD_BLOCK, ZstdFrameDecoder } from './zstd-block.js';
import { damaged } from './zstd-entropy.js';

const FRAME_MAGIC = 0xfd2fb528;
const SKIPPABLE_MAGIC = 0x184d2a50;
const BLOCK_HEADER = 3;
const CHECKSUM = 4;

const RAW_BLOCK = 0;
const RLE_BLOCK = 1;
const COMPRESSED_BLOCK = 2;

const CONTENT_SIZE_LENGTHS = [0, 2, 4, 8];
const DICTIONARY_ID_LENGTHS = [0, 1, 2, 4];
const HAS_CHECKSUM = 0x04;
const RESERVED_BIT = 0x08;
const SINGLE_SEGMENT = 0x20;

/** A stream may begin with a frame or with any of the sixteen kinds of skippable frames. */
export const ZSTD_MAGICS: readonly Uint8Array[] = [
  Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd),
  ...Array.from({ length: 16 }, (_, kind) => Uint8Array.of(0x50 + kind, 0x2a, 0x4d, 0x18)),
];

interface FrameHeader {
  bytes: Uint8Array;
  window: number;
  hasChecksum: boolean;
}

export async function* unzstd(chunks: Chunks): AsyncGenerator<Uint8Array> {
  const input = new ChunkReader(chunks, 'zstd');
  try {
    while (!(await input.isAtEnd())) {
      const magic = uint32le(await input.take(4), 0);
      if (magic === FRAME_MAGIC) yield* decodeFrame(input);
      else if ((magic & 0xfffffff0) === SKIPPABLE_MAGIC) await input.skip(uint32le(await input.take(4), 0));
      else throw damaged('no frame begins where one should');
    }
  } finally {
    await input.close();
  }
}

async function* decodeFrame(input: ChunkReader): AsyncGenerator<Uint8Array> {
  const header = await readFrameHeader(input);
  const pieces = framePieces(input, header);
  try {
    yield* newStream === undefined ? decodeInScript(header, pieces) : transformed(pieces, newStream());
  } catch (error) {
    if (error instanceof CompressionError) throw error;
    throw damaged(`${error instanceof Error ? error.message : error}`);
  }
}

/** A frame's header, blocks and checksum, one at a time. */
async function* framePieces(input: ChunkReader, header: FrameHeader): AsyncGenerator<Uint8Array> {
  yield header.bytes;
  for (let isLast = false; !isLast; ) {
    const first = await input.take(BLOCK_HEADER);
    isLast = (first[0] & 1) !== 0;
    const length = blockLength(
      (first[0] >> 1) & 3,
      (first[0] >> 3) | (first[1] << 5) | (first[2] << 13),
      header.window,
    );
    yield Buffer.concat([first, await input.take(length)]);
  }
  if (header.hasChecksum) yield await input.take(CHECKSUM);
}

/** Bytes that follow a block's header. */
function blockLength(type: number, size: number, window: number): number {
  if (size > Math.min(window, MAX_ZSTD_BLOCK)) throw damaged(`a block of ${size} bytes`);
  if (type === RLE_BLOCK) return 1;
  if (type === RAW_BLOCK || type === COMPRESSED_BLOCK) return size;
  throw damaged('a block of reserved type');
}

async function readFrameHeader(input: ChunkReader): Promise<FrameHeader> {
  const descriptor = (await input.take(1))[0];
  const isSingle = (descriptor & SINGLE_SEGMENT) !== 0;
  const dictionaryLength = DICTIONARY_ID_LENGTHS[descriptor & 3];
  const sizeLength = CONTENT_SIZE_LENGTHS[descriptor >> 6] || (isSingle ? 1 : 0);
  if ((descriptor & RESERVED_BIT) !== 0) throw damaged('a reserved bit is set');
  const rest = await input.take((isSingle ? 0 : 1) + dictionaryLength + sizeLength);
  if (dictionaryLength > 0) throw new CompressionError('the zstd stream needs a dictionary');
  const window = isSingle ? contentSize(rest.subarray(dictionaryLength)) : windowSize(rest[0]);
  if (window > MAX_ZSTD_WINDOW) throw new CompressionError(`the zstd stream needs a window of ${window} bytes`);
  const bytes = Buffer.concat([ZSTD_MAGICS[0], Uint8Array.of(descriptor), rest]);
  return { bytes, window, hasChecksum: (descriptor & HAS_CHECKSUM) !== 0 };
}

/** RFC 8878 §3.1.1.1.2. */
function windowSize(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3));
  return base + (base / 8) * (descriptor & 7);
}

/** RFC 8878 §3.1.1.1.4: two bytes count from 256. */
function contentSize(bytes: Uint8Array): number {
  let size = bytes.length === 2 ? 256 : 0;
  for (let i = 0; i < bytes.length; i++) size += bytes[i] * 256 ** i;
  return size;
}

/** node:zlib's decoder, from Node 22.15 on. */
const newStream = (zlib as { createZstdDecompress?: () => Transform }).createZstdDecompress;

async function* decodeInScript(header: FrameHeader, pieces: Chunks): AsyncGenerator<Uint8Array> {
  const decoder = new ZstdFrameDecoder(header.window);
  let isLast = false;
  for await (const piece of pieces) {
    if (piece === header.bytes || isLast) continue;
    isLast = (piece[0] & 1) !== 0;
    const output = decoder.decode(piece);
    if (output.length > 0) yield output;
  }
}
