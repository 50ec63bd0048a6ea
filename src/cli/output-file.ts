/**
 * An output file that appears only when it is complete: it is written under a temporary name in the same folder
 * and then renamed. A target that exists and is not a regular file (a pipe, a device) is written directly.
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
import { errorReason } from '../capture/input.js';
import { UsageError } from './exit.js';

const OWNER_FILE = 0o600;
/** Less the user's umask. */
const ANY_FILE = 0o666;

export class OutputFile {
  private readonly descriptor: number;
  private readonly target: string;
  /** The temporary name; null where the file is written directly, or has its own name. */
  private temporary: string | null = null;

  /**
   * @param isPrivate Makes the file readable by its owner only. A link
   * of that name is replaced, because others may read its target.
   * @throws UsageError when it cannot be written.
   */
  constructor(
    readonly path: string,
    isPrivate = false,
  ) {
    this.target = isPrivate ? path : targetOf(path);
    const temporary = isSpecial(this.target) ? null : `${this.target}.${process.pid}.part`;
    // With `x`, a link of the temporary name is not followed.
    this.descriptor = this.try(() =>
      temporary === null ? openSync(this.target, 'w') : openSync(temporary, 'wx', isPrivate ? OWNER_FILE : ANY_FILE),
    );
    this.temporary = temporary;
  }

  /** Writes `bytes[0..length)`. @throws UsageError when it cannot be written. */
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

  /** Removes the incomplete file. */
  abandon(): void {
    if (this.temporary !== null) rmSync(this.temporary, { force: true });
    this.temporary = null;
  }

  private try<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      this.abandon();
      throw new UsageError(`${this.path}: cannot be written (${errorReason(error)})`);
    }
  }
}

/** @throws UsageError when an output file is also an input: its contents would be lost. */
export function refuseInput(path: string, inputs: readonly string[]): void {
  const target = fileAt(path);
  if (!target?.isFile()) return;
  const isTarget = (input: string) => {
    const found = fileAt(input);
    return found?.ino === target.ino && found.dev === target.dev;
  };
  if (inputs.some(isTarget)) throw new UsageError(`${path}: is an input, and would be overwritten`);
}

/** The file that a link points to. */
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

/** What is at a path; undefined where nothing is, or the path is invalid: opening it reports why. */
export function fileAt(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
