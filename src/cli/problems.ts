/** What is wrong with the input, one line each on standard error: `rpcdump: FILE: …`. */
import type { Problem } from '../index.js';
import { sanitize } from '../terminal/sanitize.js';

export class Problems {
  /** True when an input could not be read to its end. */
  any = false;

  readonly report = (problem: Problem): void => {
    this.any = true;
    say(`${problem.file}: ${problem.message}`);
  };
}

/** Writes a complaint; one of several lines is a rendered diagnostic of a `.x` file. */
export function say(line: string): void {
  process.stderr.write(`rpcdump: ${line.split('\n').map(sanitize).join('\n')}\n`);
}
