/**
 * Standard output, written synchronously: a slow reader slows rpcdump down instead of filling
 * its memory. A closed pipe (`| head`) is no error but ends the work. A full disk is an error.
 */
import { isatty } from 'node:tty';
import { errorReason } from '../capture/input.js';
import { ByteWriter } from '../xdr/byte-writer.js';
import { UsageError } from './exit.js';
import { writeFully } from './write-fully.js';

const STDOUT = 1;
/** Bytes collected before a write: the capacity of a pipe on Linux. */
const FLUSH_AT = 64 * 1024;

export class StandardOutput {
  readonly isTerminal = isatty(STDOUT);
  /** True when the reader has closed the pipe. */
  isClosed = false;

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
    try {
      if (!this.isClosed) writeFully(STDOUT, bytes, length);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EPIPE')
        throw new UsageError(`standard output: ${errorReason(error)}`);
      this.isClosed = true;
    }
    this.buffer.length = 0;
  }
}

/** Writes a text unchanged: help, a script. @throws UsageError */
export function writeOut(text: string): void {
  const output = new StandardOutput(new ByteWriter());
  output.buffer.utf8(text);
  output.flush();
}
