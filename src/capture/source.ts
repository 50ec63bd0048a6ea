/**
 * Opens captures: a path or standard input, plain or compressed, of any format. The bytes decide which, never the name.
 * A file that cannot be opened, or whose first bytes are not a capture, is a CaptureError of one line. A fault behind
 * the first bytes becomes the source's `problem`, so that everything before it is still read.
 */
import type { Readable } from 'node:stream';
import { READ_CHUNK } from '../limits/capture.js';
import { ByteQueue } from './byte-queue.js';
import { COMPRESSION_NAMES, detectCompression } from './compression.js';
import { CompressionError } from './decompressor.js';
import { detectFormat, FORMAT_NAMES } from './format.js';
import type { FrameReader } from './frame.js';
import { type ByteInput, chunksOf, DecompressedInput, errorReason, openInput } from './input.js';
import { otherFormat } from './other-formats.js';

/** An opened capture: `reader` parses frames, `fill` supplies its bytes. */
export interface CaptureSource {
  /** The path as the user wrote it. */
  readonly name: string;
  readonly reader: FrameReader;
  /** Size of the file as stored (compressed), in bytes; undefined for pipes. */
  readonly size: number | undefined;
  /** How many of these bytes were read so far: for the progress line. */
  readonly bytesRead: number;
  /** The first of these bytes, by which a file is known again. */
  readonly beginning: Uint8Array;
  /** Why the bytes ended before the end of the file: a damaged compressed stream, a failing disk. */
  readonly problem: string | null;
  /** Reads the next bytes into the reader's queue. False: no more bytes come. */
  fill(): Promise<boolean>;
  close(): Promise<void>;
}

/** Why a capture cannot be opened. `message` is one line and does not name the file. */
export class CaptureError extends Error {
  constructor(
    readonly file: string,
    message: string,
    readonly kind: 'unreadable' | 'empty' | 'not a capture' | 'damaged',
  ) {
    super(message);
  }
}

export interface OpenOptions {
  /** The most bytes to read at once. */
  readChunk?: number;
  /** The stream to read for the path '-'; standard input if absent. */
  stdin?: Readable | undefined;
  /** The most bytes to read of a file as it is stored: as many as an earlier pass read. */
  length?: number;
}

/** A file as a pass read it. A second pass that reads as many bytes finds the same frames, even if the file has grown. */
export interface ReadBefore {
  name: string;
  /** How many bytes of the stored file were read. */
  bytesRead: number;
  /** The first of these bytes. */
  beginning: Uint8Array;
}

const FIRST_READ = 16 * 1024;
const NOT_A_CAPTURE = 'not a capture file';
const CAPTURES = ` (${FORMAT_NAMES.join(', ')}, also ${COMPRESSION_NAMES.join(' or ')} compressed)`;

export async function openCapture(path: string, options: OpenOptions = {}): Promise<CaptureSource> {
  let input: ByteInput | undefined;
  try {
    input = await openInput(path, options.stdin, options.length);
    return await recognize(path, input, options.readChunk ?? READ_CHUNK);
  } catch (error) {
    await input?.close();
    if (error instanceof CaptureError) throw error;
    throw new CaptureError(path, errorReason(error), error instanceof CompressionError ? 'damaged' : 'unreadable');
  }
}

async function recognize(path: string, stored: ByteInput, readChunk: number): Promise<CaptureSource> {
  let input = stored;
  let queue = new ByteQueue();
  const decompress = await detect(input, queue, detectCompression);
  if (decompress !== null) {
    input = new DecompressedInput(stored, decompress(chunksOf(stored, queue, readChunk)));
    queue = new ByteQueue();
  }
  const format = await detect(input, queue, detectFormat);
  if (format !== null) return new OpenedCapture(path, input, format(queue), readChunk);
  await input.close();
  if (queue.unread > 0) {
    const other = otherFormat(queue.bytes.subarray(queue.position, queue.limit));
    const kind = other?.isCapture === true ? 'unreadable' : 'not a capture';
    throw new CaptureError(path, NOT_A_CAPTURE + (other === null ? CAPTURES : `: ${other.text}`), kind);
  }
  throw new CaptureError(path, decompress === null ? 'empty file' : 'nothing in the compressed file', 'empty');
}

/** Reads more and more bytes until `find` decides. Null: `find` does not know them. */
async function detect<Found>(
  input: ByteInput,
  queue: ByteQueue,
  find: (bytes: Uint8Array) => Found | 'more' | null,
): Promise<Found | null> {
  for (;;) {
    const found = find(queue.bytes.subarray(queue.position, queue.limit));
    if (found !== 'more') return found;
    if (!(await input.read(queue, FIRST_READ))) return null;
  }
}

class OpenedCapture implements CaptureSource {
  problem: string | null = null;
  private nextRead = FIRST_READ;

  constructor(
    readonly name: string,
    private readonly input: ByteInput,
    readonly reader: FrameReader,
    private readonly readChunk: number,
  ) {}

  get size(): number | undefined {
    return this.input.size;
  }

  get bytesRead(): number {
    return this.input.bytesRead;
  }

  get beginning(): Uint8Array {
    return this.input.beginning;
  }

  async fill(): Promise<boolean> {
    if (this.problem !== null) return false;
    // Begin with small buffers: a small capture, or one whose turn in a merge comes later, needs no more.
    this.nextRead = Math.min(4 * this.nextRead, this.readChunk);
    try {
      return await this.input.read(this.reader.queue, this.nextRead);
    } catch (error) {
      this.problem = errorReason(error);
      return false;
    }
  }

  close(): Promise<void> {
    return this.input.close();
  }
}
