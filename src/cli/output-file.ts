/**
 * A file that is written as a whole: it is begun under a temporary name beside its own, and gets that when it is complete. What is no
 * file already (a pipe, a device) is written to as it is.
 */
import { closeSync, openSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { UsageError } from './exit.js';

export class OutputFile {
  private readonly descriptor: number;
  private readonly target: string;
  /** null: nothing is renamed. */
  private readonly temporary: string | null;

  /** @throws UsageError when it cannot be written. */
  constructor(readonly path: string) {
    this.target = targetOf(path);
    this.temporary = isSpecial(this.target) ? null : `${this.target}.${process.pid}.part`;
    this.descriptor = this.try(() => openSync(this.temporary ?? this.target, 'w'));
  }

  /** @throws UsageError when it cannot be written. */
  commit(text: string): void {
    this.try(() => {
      writeFileSync(this.descriptor, text);
      closeSync(this.descriptor);
      if (this.temporary !== null) renameSync(this.temporary, this.target);
    });
  }

  /** Removes what was begun. */
  abandon(): void {
    if (this.temporary !== null) rmSync(this.temporary, { force: true });
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
  const target = statSync(path, { throwIfNoEntry: false });
  if (!target?.isFile()) return;
  const isTarget = (input: string) => {
    const found = statSync(input, { throwIfNoEntry: false });
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
  const found = statSync(path, { throwIfNoEntry: false });
  return found !== undefined && !found.isFile();
}
