/**
 * `-w FILE`: writes the frames of the messages that `-Y` selects
 * instead of listing them; with `--anonymize`, anonymized copies.
 */
import type { Anonymizer } from '../../analysis/anonymize/anonymizer.js';
import { isAnyReadOnce } from '../../capture/inputs.js';
import { CaptureError, type ReadBefore } from '../../capture/source.js';
import type { Dissection } from '../../dissect/dissection.js';
import { type FrameSink, Inspection, type InspectOptions } from '../../library/inspection.js';
import { type AnonymizeOptions, anonymizeKey } from '../anonymize-option.js';
import { CaptureRun, type RunOptions } from '../capture-run.js';
import { UsageError } from '../exit.js';
import { FrameExport } from '../frame-export.js';
import { inputsOf } from '../options.js';
import { refuseInput } from '../output-file.js';

export interface WriteOptions extends RunOptions, AnonymizeOptions {
  write?: string;
  count?: number;
  calls?: true;
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** @returns The exit status. */
export async function writeFrames(path: string, captures: string[], options: WriteOptions): Promise<number> {
  const key = await anonymizeKey(options);
  // Inputs that can be read only once are stored while they are read.
  const isStored = options.interface !== undefined || (await isAnyReadOnce(inputsOf(captures, options)));
  let frames: FrameExport;
  const anonymizer = key === null ? null : await newAnonymizer(key, isStored, () => frames);
  let selected = 0;
  const trace = isStored ? (anonymizer ?? undefined) : undefined;
  const onFrame: FrameSink = (...frame) => frames.onFrame(...frame);
  const count = () => {
    if (++selected === options.count) run.inspection.stop();
  };
  const observe = (dissection: Dissection, isSelected = false) => {
    const { dissector } = run.inspection;
    frames.message(dissection, isSelected, dissector);
    if (isStored) anonymizer?.message(dissection, dissector);
  };
  const onFragments = (orders: readonly number[]) => frames.onFragments(orders);
  const onClosing: InspectOptions['onClosing'] = (...closing) => frames.onClosing(...closing);
  const onUnanswered: InspectOptions['onUnanswered'] = (...exchange) => frames.onUnanswered(...exchange);
  const hooks = { onFrame, onFragments, onClosing, trace };
  const run: CaptureRun = options.calls
    ? await CaptureRun.openExchanges(captures, options, { ...hooks, observe: (each) => observe(each) }, (exchange) => {
        frames.exchange(exchange);
        count();
      })
    : await CaptureRun.open(captures, options, { ...hooks, onUnanswered, observe }, count);
  refuseInput(path, run.inspection.files);
  frames = new FrameExport(path, isStored, run.output, anonymizer);
  try {
    const account = await run.read(false);
    for (const signal of SIGNALS) process.on(signal, frames.interrupt);
    const { captures: read } = run.inspection;
    if (!isStored) {
      frames.finishMessages();
      run.release();
    }
    if (anonymizer !== null && !isStored) await anonymizeAgain(read, run, options, anonymizer, frames);
    await frames.finish(read);
    return await run.end(account);
  } catch (error) {
    if (error instanceof CaptureError) throw new UsageError(`${error.file}: cannot be read again: ${error.message}`);
    throw error;
  } finally {
    for (const signal of SIGNALS) process.off(signal, frames.interrupt);
    frames.abandon();
  }
}

async function newAnonymizer(key: Uint8Array, isStored: boolean, frames: () => FrameExport): Promise<Anonymizer> {
  const { Anonymizer } = await import('../../analysis/anonymize/anonymizer.js');
  return new Anonymizer(key, isStored ? null : (order) => frames().isMarked(order), (frame, order) =>
    frames().writeAnonymous(frame, order),
  );
}

/** The second pass over files: makes anonymized copies of the frames that the first pass marked. */
async function anonymizeAgain(
  captures: readonly ReadBefore[],
  { filterOptions: { library } }: CaptureRun,
  options: WriteOptions,
  anonymizer: Anonymizer,
  frames: FrameExport,
): Promise<void> {
  const afterFrame = () => {
    if (frames.isOver) inspection.stop();
  };
  const keepDuplicates = options.duplicates === true;
  const inspection: Inspection = await Inspection.reopen(
    captures,
    { library, keepDuplicates, names: false, trace: anonymizer, afterFrame },
    (dissection) => anonymizer.message(dissection, inspection.dissector),
  );
  await inspection.run();
}
