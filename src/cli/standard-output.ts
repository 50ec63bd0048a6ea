/**
 * Standard output, written synchronously: a slow reader slows rpcdump down instead of filling its memory. A closed pipe
 * (`| head`) is no error; it says that no more is wanted. A full disk is one.
 */
import { writeSync } from 'node:fs';
import { isatty } from 'node:tty';
import { errorReason } from '../capture/input.js';
import { ByteWriter } from '../xdr/byte-writer.js';
import { UsageError } from './exit.js';

const STDOUT = 1;
/** Bytes gathered before a write: a pipe's capacity on Linux. */
const FLUSH_AT = 64 * 1024;
const RETRY_MILLISECONDS = 5;

export class StandardOutput {
  readonly isTerminal = isatty(STDOUT);
  /** True when nobody reads any more. */
  isClosed = false;
  private readonly wait = new Int32Array(new SharedArrayBuffer(4));

  /** @param isLive Flush at every opportunity: messages come from a pipe while somebody looks on, or `-l`. */
  constructor(
    readonly buffer: ByteWriter,
    public isLive = false,
  ) {}

  /** Columns of the terminal; null where output is no terminal, or does not say. */
  get columns(): number | null {
    return this.isTerminal ? process.stdout.columns || null : null;
  }

  /** Writes the buffer out when it is due. */
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

/** Writes a text as it is: help, a script. @throws UsageError */
export function writeOut(text: string): void {
  const output = new StandardOutput(new ByteWriter());
  output.buffer.utf8(text);
  output.flush();
}
