/**
 * The code of the other threads: one writes the messages that the main thread reads, others render ahead. The
 * build makes a file of it, which is started by its path. A thread ends with a report, also after an error.
 */
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { UsageError } from '../exit.js';
import type { WorkerReport, WorkerTask } from './reader.js';
import { UnitAhead } from './unit-ahead.js';
import { UnitBlocks } from './unit-blocks.js';
import { NOTHING, type OutputReport, UnitOutput } from './unit-output.js';

const { role, memory, task } = workerData as WorkerTask;
const blocks = new UnitBlocks(memory);

async function renderAhead(): Promise<OutputReport> {
  const ahead = await UnitAhead.start(blocks, task);
  do while (ahead.help());
  while (blocks.awaitFilled());
  return NOTHING;
}

/** The memory was sent before the unit that needs it. */
function nextApart(): SharedArrayBuffer {
  return receiveMessageOnPort(parentPort!)!.message as SharedArrayBuffer;
}

async function work(): Promise<WorkerReport> {
  try {
    return await (role === 'output' ? UnitOutput.write(blocks, task, nextApart) : renderAhead());
  } catch (error) {
    blocks.stop();
    const isUsage = error instanceof UsageError;
    const text = error instanceof Error ? ((isUsage ? undefined : error.stack) ?? error.message) : String(error);
    return { ...NOTHING, error: { isUsage, text } };
  }
}

work().then((report) => parentPort!.postMessage(report));
