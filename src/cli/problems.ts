/** What is wrong with the input, one line each on standard error: `rpcdump: FILE: …`. */
import type { Problem } from '../index.js';
import { sanitize } from '../terminal/sanitize.js';

export class Problems {
  /** True when an input could not be read to its end. */
  any = false;

  /** The same, as they were told. */
  readonly lines: string[] = [];

  readonly report = ({ file, message }: Problem): void => this.add(`${file}: ${message}`);

  /** The same of a problem with no single file. */
  add(line: string): void {
    this.any = true;
    this.lines.push(line);
    say(line);
  }
}

/** Writes a complaint; one of several lines is a rendered diagnostic of a `.x` file. */
export function say(line: string): void {
  writeAside(`rpcdump: ${line.split('\n').map(sanitize).join('\n')}\n`);
}

/** Writes to standard error. That nobody reads it ends nothing: Node would end the program at an error that nobody listens to. */
export function writeAside(text: string): void {
  const { stderr } = process;
  if (stderr.listenerCount('error') === 0) stderr.on('error', () => {});
  stderr.write(text);
}
