/**
 * How many threads a list takes: one, unless more are asked for. A second one takes 40 MB and a third of the work again (docs/jobs.md), which is
 * for the user to spend. What keeps messages until others come (`--calls`, `-w`), reads a pipe or makes no text stays with one.
 */
import { availableParallelism } from 'node:os';
import { isAnyReadOnce } from '../../capture/inputs.js';
import type { ListOptions } from '../list-options.js';

/** One reads, one writes: fewer than these are no help. */
const LEAST = 2;

export async function jobsFor(captures: readonly string[], options: ListOptions): Promise<number> {
  const { jobs = 1, read = [] } = options;
  if (jobs === 1 || !isDivisible(options)) return 1;
  if (await isAnyReadOnce([...read, ...captures])) return 1;
  return Math.min(jobs, Math.max(LEAST, availableParallelism()));
}

/** True where messages are rendered one by one. */
function isDivisible(options: ListOptions): boolean {
  const { calls, quiet, summary, interface: live, lineBuffered, displayFilter, count } = options;
  if (calls || quiet || summary || lineBuffered || live !== undefined) return false;
  // Only the thread that writes knows which messages a filter selects: when to stop, the one that reads would be told too late.
  return displayFilter === undefined || count === undefined;
}
