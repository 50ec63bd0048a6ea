/** `-w FILE`: writes the frames of the messages that `-Y` selects, in place of listing them. */
import type { Dissection } from '../../dissect/dissector.js';
import type { FrameSink } from '../../library/inspection.js';
import { CaptureRun, type RunOptions } from '../capture-run.js';
import { FrameExport } from '../frame-export.js';

export interface WriteOptions extends RunOptions {
  write?: string;
  count?: number;
  calls?: true;
}

const STANDARD_INPUT = '-';

/** @returns The exit status. */
export async function writeFrames(path: string, captures: string[], options: WriteOptions): Promise<number> {
  let frames: FrameExport;
  let selected = 0;
  const onFrame: FrameSink = (...frame) => frames.onFrame(...frame);
  const count = () => {
    if (++selected === options.count) run.inspection.stop();
  };
  const observe = (dissection: Dissection, isSelected = false) =>
    frames.message(dissection, isSelected, run.inspection.dissector);
  const run: CaptureRun = options.calls
    ? await CaptureRun.openExchanges(captures, options, { onFrame, observe: (each) => observe(each) }, (exchange) => {
        frames.exchange(exchange);
        count();
      })
    : await CaptureRun.open(captures, options, { onFrame, observe }, count);
  frames = new FrameExport(path, run.inputs.includes(STANDARD_INPUT), run.output);
  const account = await run.read(false);
  await frames.finish(run.inputs);
  return run.end(account);
}
