/**
 * gzip (RFC 1952): any number of members, then zeros or nothing. This file reads the headers and trailers itself and
 * gives node:zlib only the deflate streams, so that a wrong checksum or garbage behind the end costs no data, nor that
 * of later members. Damage inside a deflate stream costs the output of up to GZIP_PIECE bytes before it, because zlib
 * discards pending output when it fails. Behind it, decompression goes on with the next member, or in the middle of one
 * with the next block behind a flush, if that refers to nothing before it (`pigz -i` writes such).
 */
import { constants, crc32, createInflateRaw, type InflateRaw } from 'node:zlib';
import { GZIP_PIECE } from '../limits/capture.js';
import { uint16le, uint32le } from './byte-order.js';
import { ChunkReader } from './chunk-reader.js';
import { type Chunks, CompressionError, settled } from './decompressor.js';
import { Recovery } from './recovery.js';

export const GZIP_MAGIC = Uint8Array.of(0x1f, 0x8b, 8);

const HEADER = 10;
const TRAILER = 8;
/** What deflate writes to end a block at a byte (RFC 1951 §3.2.4): the length of a stored block without bytes. */
const FLUSH = Uint8Array.of(0, 0, 0xff, 0xff);
const RESERVED_FLAGS = 0xe0;
const HAS_HEADER_CHECKSUM = 0x02;
const HAS_EXTRA = 0x04;
const HAS_NAME = 0x08;
const HAS_COMMENT = 0x10;
const INFLATED_CHUNK = 64 * 1024;

export async function* gunzip(chunks: Chunks): AsyncGenerator<Uint8Array> {
  const input = new ChunkReader(chunks, 'gzip');
  const recovery = new Recovery(input);
  try {
    for (let isGoingOn = true; isGoingOn; ) {
      try {
        const isMember = (await input.peek(1))[0] !== FLUSH[0];
        yield* recovery.attempt(isMember ? readMember(input, recovery) : readRest(input));
        isGoingOn = await isFollowed(input);
      } catch (error) {
        isGoingOn = await recovery.resume(error, HEADER, (bytes, at) => isHeader(bytes, at) || isFlush(bytes, at));
      }
    }
    recovery.finish();
  } finally {
    await input.close();
  }
}

/** True where a member begins whose header says nothing that no writer says. */
function isHeader(bytes: Uint8Array, at: number): boolean {
  return GZIP_MAGIC.every((byte, index) => bytes[at + index] === byte) && (bytes[at + 3] & RESERVED_FLAGS) === 0;
}

function isFlush(bytes: Uint8Array, at: number): boolean {
  return FLUSH.every((byte, index) => bytes[at + index] === byte);
}

/** Checks the first bytes of a member, as many as there are. */
function checkMagic(bytes: Uint8Array): void {
  if (GZIP_MAGIC.some((byte, index) => byte !== (bytes[index] ?? byte))) {
    throw new CompressionError('the gzip stream is followed by something else');
  }
}

async function readHeader(input: ChunkReader): Promise<void> {
  // Bytes behind the last member may be fewer than a header.
  checkMagic(await input.peek(GZIP_MAGIC.length));
  const header = await input.take(HEADER);
  checkMagic(header);
  const flags = header[3];
  if ((flags & HAS_EXTRA) !== 0) await input.skip(uint16le(await input.take(2), 0));
  if ((flags & HAS_NAME) !== 0) await skipString(input);
  if ((flags & HAS_COMMENT) !== 0) await skipString(input);
  if ((flags & HAS_HEADER_CHECKSUM) !== 0) await input.skip(2);
}

async function skipString(input: ChunkReader): Promise<void> {
  for (;;) {
    const piece = await input.peek(GZIP_PIECE);
    const end = piece.indexOf(0);
    input.advance(end < 0 ? piece.length : end + 1);
    if (end >= 0) return;
  }
}

/** Yields a member's contents, then compares their checksum and length with the trailer. */
async function* readMember(input: ChunkReader, recovery: Recovery): AsyncGenerator<Uint8Array> {
  await readHeader(input);
  let checksum = 0;
  let length = 0;
  for await (const chunk of inflate(input)) {
    checksum = crc32(chunk, checksum);
    length += chunk.length;
    yield chunk;
  }
  const trailer = await input.take(TRAILER);
  const isWrong = uint32le(trailer, 0) !== checksum;
  if (isWrong) recovery.note('the gzip stream is damaged: wrong checksum');
  else if (uint32le(trailer, 4) !== length % 2 ** 32) recovery.note('the gzip stream is damaged: wrong length');
}

/** Yields the contents of a member behind a flush in the middle of it. Its checksum says nothing of them. */
async function* readRest(input: ChunkReader): AsyncGenerator<Uint8Array> {
  await input.skip(FLUSH.length);
  yield* inflate(input);
  await input.skip(TRAILER);
}

/** The end of a deflate stream is known from zlib alone: there it consumes less than it was given. */
async function* inflate(input: ChunkReader): AsyncGenerator<Uint8Array> {
  const stream = createInflateRaw({ chunkSize: INFLATED_CHUNK });
  const given: Uint8Array[] = [];
  stream.on('data', (chunk: Uint8Array) => given.push(chunk));
  // `settled` reports the failure; without any listener the 'error' event would end the program.
  stream.on('error', () => undefined);
  try {
    for (let isEnd = false; !isEnd; ) {
      const piece = await input.peek(GZIP_PIECE);
      const taken = await takenOf(stream, piece);
      input.advance(taken);
      isEnd = taken < piece.length;
      yield* given.splice(0);
    }
  } finally {
    stream.destroy();
  }
}

async function takenOf(stream: InflateRaw, piece: Uint8Array): Promise<number> {
  const before = stream.bytesWritten;
  const failure = await settled(stream, (done) => stream.write(piece, done));
  if (failure === null) return stream.bytesWritten - before;
  const isDamage = 'errno' in failure && failure.errno === constants.Z_DATA_ERROR;
  throw isDamage ? new CompressionError(`the gzip stream is damaged: ${failure.message}`) : failure;
}

/** Skips the zeros that tapes and block devices pad with. True: another member follows. */
async function isFollowed(input: ChunkReader): Promise<boolean> {
  while (!(await input.isAtEnd())) {
    const piece = await input.peek(GZIP_PIECE);
    const zeros = piece.findIndex((byte) => byte !== 0);
    input.advance(zeros < 0 ? piece.length : zeros);
    if (zeros >= 0) return true;
  }
  return false;
}
