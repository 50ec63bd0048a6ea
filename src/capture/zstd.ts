/**
 * Zstandard (RFC 8878): frames and skippable frames in a row. This file cuts the stream into blocks, and checks the
 * window and the length of a block before it is decoded. Refuses dictionaries and windows over MAX_ZSTD_WINDOW. A wrong
 * checksum costs no data: it is reported at the end. Behind other damage, decompression goes on with the next frame.
 *
 * Neither other decoder would do. fzstd 0.1.1 can be kept busy for three minutes by a block of 130 kB (it follows
 * sequences beyond their block), and it moves the whole window for every block. node:zlib (of newer versions) is not
 * faster block by block, and offers no way to bound its work.
 */
import { MAX_ZSTD_WINDOW } from '../limits/capture.js';
import { uint32le } from './byte-order.js';
import { ChunkReader } from './chunk-reader.js';
import { type Chunks, CompressionError } from './decompressor.js';
import { Recovery } from './recovery.js';
import { Xxh64 } from './xxh64.js';
import { COMPRESSED_BLOCK, MAX_ZSTD_BLOCK, RAW_BLOCK, RLE_BLOCK, ZstdFrameDecoder } from './zstd-block.js';
import { damaged } from './zstd-entropy.js';

const FRAME_MAGIC = 0xfd2fb528;
const SKIPPABLE_MAGIC = 0x184d2a50;
const BLOCK_HEADER = 3;
const CHECKSUM = 4;

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
  window: number;
  hasChecksum: boolean;
}

export async function* unzstd(chunks: Chunks): AsyncGenerator<Uint8Array> {
  const input = new ChunkReader(chunks, 'zstd');
  const recovery = new Recovery(input);
  try {
    for (let isGoingOn = true; isGoingOn; ) {
      try {
        yield* recovery.attempt(decodeFrames(input, recovery));
        isGoingOn = false;
      } catch (error) {
        isGoingOn = await recovery.resume(error, 4, (bytes, at) => uint32le(bytes, at) === FRAME_MAGIC);
      }
    }
    recovery.finish();
  } finally {
    await input.close();
  }
}

async function* decodeFrames(input: ChunkReader, recovery: Recovery): AsyncGenerator<Uint8Array> {
  while (!(await input.isAtEnd())) {
    const magic = uint32le(await input.take(4), 0);
    if (magic === FRAME_MAGIC) {
      const isRight = yield* decodeFrame(input);
      if (!isRight) recovery.note(damaged('wrong checksum').message);
    } else if ((magic & 0xfffffff0) === SKIPPABLE_MAGIC) await input.skip(uint32le(await input.take(4), 0));
    else throw damaged('no frame begins where one should');
  }
}

/** @returns False when the checksum is not that of the decoded bytes. */
async function* decodeFrame(input: ChunkReader): AsyncGenerator<Uint8Array, boolean> {
  const { window, hasChecksum } = await readFrameHeader(input);
  const decoder = new ZstdFrameDecoder(window);
  const hash = new Xxh64();
  for (let isLast = false; !isLast; ) {
    const header = await input.take(BLOCK_HEADER);
    isLast = (header[0] & 1) !== 0;
    const type = (header[0] >> 1) & 3;
    const size = (header[0] | (header[1] << 8) | (header[2] << 16)) >> 3;
    const length = bodyLength(type, size, window);
    const output = decoder.decode(type, size, await input.copy(length));
    input.advance(length);
    if (hasChecksum) hash.add(output);
    if (output.length > 0) yield output;
  }
  return !hasChecksum || uint32le(await input.take(CHECKSUM), 0) === Number(BigInt.asUintN(32, hash.digest));
}

/** How many bytes follow a block's header. */
function bodyLength(type: number, size: number, window: number): number {
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
  return { window, hasChecksum: (descriptor & HAS_CHECKSUM) !== 0 };
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
