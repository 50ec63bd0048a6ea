/**
 * How many threads a list takes. More than one where they pay: for files that are large and not shown as they are written. Whatever keeps
 * messages until others come (`--calls`, `-w`), reads a pipe or makes no text stays with one.
 */
import { statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { isatty } from 'node:tty';
import { PARALLEL_BYTES } from '../../limits.js';
import type { ListOptions } from '../list-options.js';

const STDOUT = 1;
const USUAL = 2;

export function jobsFor(captures: readonly string[], options: ListOptions): number {
  const { jobs } = options;
  if (jobs === 1 || !isDivisible(captures, options)) return 1;
  if (jobs !== undefined) return Math.min(jobs, Math.max(USUAL, availableParallelism()));
  if (options.count !== undefined || isatty(STDOUT)) return 1;
  const size = [...(options.read ?? []), ...captures].reduce((sum, path) => sum + sizeOf(path), 0);
  return size < PARALLEL_BYTES ? 1 : Math.min(USUAL, availableParallelism());
}

/** True where messages are read from files and rendered one by one. */
function isDivisible(captures: readonly string[], options: ListOptions): boolean {
  const { calls, quiet, summary, interface: live, lineBuffered, read = [], displayFilter, count } = options;
  if (calls || quiet || summary || lineBuffered || live !== undefined) return false;
  // Only the thread that writes knows which messages a filter selects: when to stop, the one that reads would be told too late.
  if (displayFilter !== undefined && count !== undefined) return false;
  return ![...read, ...captures].includes('-');
}

/** Bytes on disk; 0 of what is no file. */
function sizeOf(path: string): number {
  const found = statSync(path, { throwIfNoEntry: false });
  return found?.isFile() ? found.size : 0;
}
