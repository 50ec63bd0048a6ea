/**
 * Sources of bytes: files and named pipes, standard input, and a decompressor over either. A file is read straight into
 * the reader's queue; a stream appends each chunk as it arrives. Of many files, those that were not read for longest are
 * closed, and opened again when it is their turn.
 */
import fs from 'node:fs';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { MAX_OPEN_FILES } from '../limits/capture.js';
import type { ByteQueue } from './byte-queue.js';
import type { Chunks } from './decompressor.js';

export interface ByteInput {
  /** Size of the file as stored (compressed), in bytes; undefined for pipes. */
  readonly size: number | undefined;
  /** How many of these bytes were read so far. */
  readonly bytesRead: number;
  /** The first bytes that were read of a file as it is stored; empty for pipes. */
  readonly beginning: Uint8Array;
  /** Adds up to `length` bytes (of a stream: its next chunk) to the queue. False: no bytes are left. */
  read(queue: ByteQueue, length: number): Promise<boolean>;
  close(): Promise<void>;
}

const STANDARD_INPUT = 0;
/** Bytes by which a file is known again: with the file header and the time of the first frame. */
const BEGINNING = 1024;
const NO_BYTES = new Uint8Array(0);

const open = promisify(fs.open);
const close = promisify(fs.close);
const fstat = promisify(fs.fstat);
const read = promisify(fs.read);

/** Opens a file, or standard input where `path` is '-'. Of a file at most `length` bytes are read. */
export async function openInput(path: string, stdin?: Readable, length?: number): Promise<ByteInput> {
  if (path === '-') return openStandardInput(stdin);
  const file = await open(path, 'r');
  try {
    const stat = await statOf(file);
    return stat.isFile() ? new FileInput(path, file, stat, length) : new DescriptorInput(file);
  } catch (error) {
    await close(file);
    throw error;
  }
}

/** Standard input that is redirected from a file is read as a file. */
async function openStandardInput(stdin: Readable | undefined): Promise<ByteInput> {
  if (stdin !== undefined) return new StreamInput(stdin);
  const stat = await statOf(STANDARD_INPUT);
  return stat.isFile() ? new DescriptorInput(STANDARD_INPUT, stat.size) : new StreamInput(process.stdin);
}

/** @throws Error with the code EISDIR for a directory. */
async function statOf(file: number): Promise<fs.Stats> {
  const stat = await fstat(file);
  if (stat.isDirectory()) throw Object.assign(new Error(), { code: 'EISDIR' });
  return stat;
}

/** A named pipe, or standard input that is redirected from a file: read from where it stands. */
class DescriptorInput implements ByteInput {
  readonly beginning = NO_BYTES;
  bytesRead = 0;
  private isOpen = true;

  constructor(
    private readonly file: number,
    readonly size: number | undefined = undefined,
  ) {}

  async read(queue: ByteQueue, length: number): Promise<boolean> {
    if (!this.isOpen) return false;
    const { bytesRead } = await read(this.file, queue.reserve(length), 0, length, null);
    queue.commit(bytesRead);
    this.bytesRead += bytesRead;
    return bytesRead > 0;
  }

  async close(): Promise<void> {
    if (!this.isOpen) return;
    this.isOpen = false;
    if (this.file !== STANDARD_INPUT) await close(this.file);
  }
}

/** Open files that are not being read, those that were not read for longest first. */
const idle = new Set<FileInput>();

class FileInput implements ByteInput {
  bytesRead = 0;
  beginning = NO_BYTES;
  private isOver = false;

  /**
   * @param file Its descriptor; null while it is closed.
   * @param length The most bytes that are read.
   */
  constructor(
    private readonly path: string,
    private file: number | null,
    private readonly stat: fs.Stats,
    private readonly length = Number.POSITIVE_INFINITY,
  ) {}

  get size(): number {
    return this.stat.size;
  }

  async read(queue: ByteQueue, length: number): Promise<boolean> {
    // A file that was closed is read up to the size that it had: to find no more bytes there, it need not be opened.
    if (this.isOver || (this.file === null && this.bytesRead >= this.size)) return false;
    idle.delete(this);
    this.file ??= await this.reopen();
    const wanted = Math.min(length, this.length - this.bytesRead);
    const into = queue.reserve(length);
    const { bytesRead } = await read(this.file, into, 0, wanted, this.bytesRead);
    queue.commit(bytesRead);
    if (this.bytesRead === 0) this.beginning = Uint8Array.from(into.subarray(0, Math.min(bytesRead, BEGINNING)));
    this.bytesRead += bytesRead;
    idle.add(this);
    const [oldest] = idle.size > MAX_OPEN_FILES ? idle : [];
    await oldest?.closeFile();
    return bytesRead > 0;
  }

  /** Opens the file again. @throws Error where another file has its name by now. */
  private async reopen(): Promise<number> {
    const file = await open(this.path, 'r');
    const { dev, ino } = await fstat(file);
    if (dev === this.stat.dev && ino === this.stat.ino) return file;
    await close(file);
    throw new Error('replaced by another file while it was read');
  }

  async close(): Promise<void> {
    this.isOver = true;
    await this.closeFile();
  }

  private async closeFile(): Promise<void> {
    const { file } = this;
    idle.delete(this);
    this.file = null;
    if (file !== null) await close(file);
  }
}

class StreamInput implements ByteInput {
  readonly size = undefined;
  readonly beginning = NO_BYTES;
  bytesRead = 0;
  private readonly chunks: AsyncIterator<Uint8Array>;

  constructor(private readonly stream: Readable) {
    this.chunks = stream[Symbol.asyncIterator]();
  }

  async read(queue: ByteQueue): Promise<boolean> {
    const { done, value } = await this.chunks.next();
    if (done === true) return false;
    queue.append(value);
    this.bytesRead += value.length;
    return true;
  }

  async close(): Promise<void> {
    this.stream.destroy();
  }
}

/** The output of a decompressor that reads another input. */
export class DecompressedInput implements ByteInput {
  constructor(
    private readonly stored: ByteInput,
    private readonly chunks: AsyncGenerator<Uint8Array>,
  ) {}

  get size(): number | undefined {
    return this.stored.size;
  }

  get bytesRead(): number {
    return this.stored.bytesRead;
  }

  get beginning(): Uint8Array {
    return this.stored.beginning;
  }

  async read(queue: ByteQueue): Promise<boolean> {
    const { done, value } = await this.chunks.next();
    if (done === true) return false;
    queue.append(value);
    return true;
  }

  async close(): Promise<void> {
    await this.chunks.return(undefined);
    await this.stored.close();
  }
}

/** The bytes of an input as chunks, beginning with those that the queue holds already. */
export async function* chunksOf(
  input: ByteInput,
  queue: ByteQueue,
  readChunk: number,
): Chunks & AsyncGenerator<Uint8Array> {
  do {
    const chunk = queue.bytes.subarray(queue.position, queue.limit);
    queue.position = queue.limit;
    if (chunk.length > 0) yield chunk;
  } while (await input.read(queue, readChunk));
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'is a directory',
  ENOTDIR: 'not a directory',
  ENAMETOOLONG: 'file name too long',
  EROFS: 'read-only file system',
  EMFILE: 'too many open files',
  EIO: 'input/output error',
  ENOSPC: 'no space left on device',
  EDQUOT: 'disk quota exceeded',
};

/** A system or decompression error as one line of text. */
export function errorReason(error: unknown): string {
  const { code, message } = error as { code?: string; message?: string };
  return REASONS[code ?? ''] ?? message ?? String(error);
}
