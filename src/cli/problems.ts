/** Problems with the input, one line each on standard error: `rpcdump: FILE: …`. */
import type { Problem } from '../index.js';
import { sanitize, sanitizeLines } from '../terminal/sanitize.js';
import { writeFully } from './write-fully.js';

const STDERR = 2;

export class Problems {
  /** True when an input could not be read to its end. */
  any = false;

  /** The lines that were written. */
  readonly lines: string[] = [];

  readonly report = ({ file, message }: Problem): void => this.add(`${file}: ${message}`);

  /** Reports a problem that has no single file. */
  add(line: string): void {
    this.any = true;
    this.lines.push(line);
    say(line);
  }
}

/** Writes a complaint of one line: a line feed in it, as the name of a file may have, is escaped. */
export function say(line: string): void {
  writeAside(`rpcdump: ${sanitize(line)}\n`);
}

/** Writes the message of an error, whose further lines show the place. */
export function sayError(message: string): void {
  writeAside(`rpcdump: ${sanitizeLines(message)}\n`);
}

/** Writes to standard error. If nobody can read it, the work goes on. */
export function writeAside(text: string): void {
  const bytes = Buffer.from(text);
  try {
    writeFully(STDERR, bytes, bytes.length);
  } catch {
    // There is no place left to complain.
  }
}
