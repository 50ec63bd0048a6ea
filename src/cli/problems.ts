/** Problems with the input, one line each on standard error: `rpcdump: FILE: …`. */
import type { Problem } from '../index.js';
import { sanitize } from '../terminal/sanitize.js';

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

/** Writes a complaint; several lines are a rendered diagnostic of a `.x` file. */
export function say(line: string): void {
  writeAside(`rpcdump: ${line.split('\n').map(sanitize).join('\n')}\n`);
}

/**
 * Writes to standard error. A closed standard error is ignored:
 * without a listener for its error Node would end the program.
 */
export function writeAside(text: string): void {
  const { stderr } = process;
  if (stderr.listenerCount('error') === 0) stderr.on('error', () => {});
  stderr.write(text);
}
