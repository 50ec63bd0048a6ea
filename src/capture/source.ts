/**
 * Opens captures: a path or standard input, plain or compressed, of any format. What the bytes are is found out from the
 * bytes. Everything that can be wrong with a file is a CaptureError of one line; what is wrong only after its first bytes
 * is the source's `problem`, so that all before it is read.
 */
import type { Readable } from 'node:stream';
import { READ_CHUNK } from '../limits.js';
import { ByteQueue } from './byte-queue.js';
import { detectCompression } from './compression.js';
import { CompressionError } from './decompressor.js';
import { detectFormat } from './format.js';
import type { FrameReader } from './frame.js';
import { type ByteInput, chunksOf, DecompressedInput, errorReason, openInput } from './input.js';
import { otherFormat } from './other-formats.js';

/** An opened capture: `reader` reads frames, `fill` gives it bytes. */
export interface CaptureSource {
  /** As the user wrote it. */
  readonly name: string;
  readonly reader: FrameReader;
  /** Bytes of the file as it is stored, where it has a size. */
  readonly size: number | undefined;
  /** How many of them were read: for progress. */
  readonly bytesRead: number;
  /** Why bytes stopped coming before the end of the file: a damaged compressed stream, a failing disk. */
  readonly problem: string | null;
  /** Reads the next bytes into the reader's queue. False: none come any more. */
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
  /** The most that is read at once, in bytes. */
  readChunk?: number;
  /** What '-' stands for. */
  stdin?: Readable | undefined;
}

const FIRST_READ = 16 * 1024;
const NOT_A_CAPTURE = 'not a capture file';
const CAPTURES = ' (pcap, pcapng, snoop, iptrace, also gzip or zstd compressed)';

export async function openCapture(path: string, options: OpenOptions = {}): Promise<CaptureSource> {
  let input: ByteInput | undefined;
  try {
    input = await openInput(path, options.stdin);
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
    throw new CaptureError(path, NOT_A_CAPTURE + (other === null ? CAPTURES : `: ${other}`), 'not a capture');
  }
  throw new CaptureError(path, decompress === null ? 'empty file' : 'nothing in the compressed file', 'empty');
}

/** Asks `find` with more and more bytes until it knows. Null: they are nothing it knows. */
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

  async fill(): Promise<boolean> {
    if (this.problem !== null) return false;
    // Small captures, and those whose turn in a merge is yet to come, need no large buffers.
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
