/** The list with several threads: this one reads and learns nothing, another one learns and writes. */
import { CaptureRun } from '../capture-run.js';
import type { ListOptions } from '../list-options.js';
import { UnitsReader } from './reader.js';

/** @returns The exit status. */
export async function listInThreads(jobs: number, captures: string[], options: ListOptions): Promise<number> {
  let reader: UnitsReader;
  const { displayFilter: _, ...unfiltered } = options;
  const run = await CaptureRun.open(captures, unfiltered, { headersOnly: true }, ({ message }) => reader.take(message));
  const { inspection, output, filterOptions } = run;
  const { isTerminal, columns } = output;
  const task = { options, files: inspection.files, isTerminal, columns };
  reader = await UnitsReader.start(jobs, inspection, task, filterOptions.library);
  const account = await run.read(true, () => reader.read());
  const { evictedNames, evictedContexts, hints: lines } = await reader.end();
  run.filters = [{ hints: { lines } }];
  return run.end({ ...account, evictedNames, evictedContexts });
}
