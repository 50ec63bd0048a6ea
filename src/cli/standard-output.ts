/**
 * Standard output, written synchronously: a slow reader slows rpcdump down instead of filling
 * its memory. A closed pipe (`| head`) is no error but ends the work. A full disk is an error.
 */
import { writeSync } from 'node:fs';
import { isatty } from 'node:tty';
import { errorReason } from '../capture/input.js';
import { ByteWriter } from '../xdr/byte-writer.js';
import { UsageError } from './exit.js';

const STDOUT = 1;
/** Bytes collected before a write: the capacity of a pipe on Linux. */
const FLUSH_AT = 64 * 1024;
const RETRY_MILLISECONDS = 5;

export class StandardOutput {
  readonly isTerminal = isatty(STDOUT);
  /** True when the reader has closed the pipe. */
  isClosed = false;
  private readonly wait = new Int32Array(new SharedArrayBuffer(4));

  /** @param isLive Flush at every opportunity: with `-l`, and for messages from a pipe. */
  constructor(
    readonly buffer: ByteWriter,
    public isLive = false,
  ) {}

  /** Columns of the terminal; null where the output is no terminal, or its width is unknown. */
  get columns(): number | null {
    return this.isTerminal ? process.stdout.columns || null : null;
  }

  /** Writes the buffer when it is due. */
  drain(): void {
    if (this.buffer.length >= FLUSH_AT || (this.isLive && this.buffer.length > 0)) this.flush();
  }

  flush(): void {
    const { bytes, length } = this.buffer;
    let at = 0;
    while (at < length && !this.isClosed) at += this.write(bytes, at, length - at);
    this.buffer.length = 0;
  }

  private write(bytes: Buffer, at: number, length: number): number {
    try {
      return writeSync(STDOUT, bytes, at, length);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EAGAIN') Atomics.wait(this.wait, 0, 0, RETRY_MILLISECONDS);
      else if (code === 'EPIPE') this.isClosed = true;
      else throw new UsageError(`standard output: ${errorReason(error)}`);
      return 0;
    }
  }
}

/** Writes a text unchanged: help, a script. @throws UsageError */
export function writeOut(text: string): void {
  const output = new StandardOutput(new ByteWriter());
  output.buffer.utf8(text);
  output.flush();
}
