/**
 * A file that is written as a whole: it is begun under a temporary name beside its own, and gets that when it is complete. What is no
 * file already (a pipe, a device) is written to as it is.
 */
import {
  closeSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { UsageError } from './exit.js';

const OWNER_FILE = 0o600;
/** As far as the user's mask lets. */
const ANY_FILE = 0o666;

export class OutputFile {
  private readonly descriptor: number;
  private readonly target: string;
  /** The name of what was begun; null where the file has its own. */
  private temporary: string | null = null;

  /**
   * @param isPrivate It is its owner's alone, and takes the place of a link of its name: what the link leads to may be read by others.
   * @throws UsageError when it cannot be written.
   */
  constructor(
    readonly path: string,
    isPrivate = false,
  ) {
    this.target = isPrivate ? path : targetOf(path);
    const temporary = isSpecial(this.target) ? null : `${this.target}.${process.pid}.part`;
    // Where a link of the temporary name waits, it is not followed.
    this.descriptor = this.try(() =>
      temporary === null ? openSync(this.target, 'w') : openSync(temporary, 'wx', isPrivate ? OWNER_FILE : ANY_FILE),
    );
    this.temporary = temporary;
  }

  /** Writes a part, `bytes[0..length)`. @throws UsageError when it cannot be written. */
  write(bytes: Uint8Array, length: number): void {
    this.try(() => {
      for (let at = 0; at < length; ) at += writeSync(this.descriptor, bytes, at, length - at);
    });
  }

  /** Writes the rest, and gives the file its name. @throws UsageError when it cannot be written. */
  commit(text = ''): void {
    this.try(() => {
      writeFileSync(this.descriptor, text);
      closeSync(this.descriptor);
      if (this.temporary !== null) renameSync(this.temporary, this.target);
      this.temporary = null;
    });
  }

  /** Removes what was begun. */
  abandon(): void {
    if (this.temporary !== null) rmSync(this.temporary, { force: true });
    this.temporary = null;
  }

  private try<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      this.abandon();
      throw new UsageError(`${this.path}: cannot be written (${(error as NodeJS.ErrnoException).code ?? error})`);
    }
  }
}

/** @throws UsageError when a file that is to be written is one that is read: what is not written of it would be lost. */
export function refuseInput(path: string, inputs: readonly string[]): void {
  const target = fileAt(path);
  if (!target?.isFile()) return;
  const isTarget = (input: string) => {
    const found = fileAt(input);
    return found?.ino === target.ino && found.dev === target.dev;
  };
  if (inputs.some(isTarget)) throw new UsageError(`${path}: is a capture that is read, and would be lost`);
}

/** The file itself, where the path is a link to it. */
function targetOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function isSpecial(path: string): boolean {
  return fileAt(path)?.isFile() === false;
}

/** What there is at a path; undefined where there is nothing, or no such path can be: whoever opens it is told why. */
export function fileAt(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
