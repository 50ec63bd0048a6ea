/**
 * The number of threads for a list: one, unless the user asks for more. A second thread
 * takes 40 MB and adds a third of the work (docs/jobs.md), so the user decides. Lists that
 * keep messages until others come (`--calls`, `-w`), read a pipe or write no text use one.
 */
import { availableParallelism } from 'node:os';
import { isAnyReadOnce } from '../../capture/inputs.js';
import type { ListOptions } from '../list-options.js';

/** One reads, one writes: with fewer there is nothing to divide. */
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
  // Only the writing thread knows which messages a filter selects,
  // so the reading thread would learn too late when to stop.
  return displayFilter === undefined || count === undefined;
}
