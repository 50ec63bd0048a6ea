/** `-w FILE`: writes the frames of the messages that `-Y` selects, in place of listing them. */
import { CaptureRun, type RunOptions } from '../capture-run.js';
import { FrameExport } from '../frame-export.js';

export interface WriteOptions extends RunOptions {
  write?: string;
  count?: number;
}

const STANDARD_INPUT = '-';

/** @returns The exit status. */
export async function writeFrames(path: string, captures: string[], options: WriteOptions): Promise<number> {
  let frames: FrameExport | null = null;
  let selected = 0;
  const run: CaptureRun = await CaptureRun.open(
    captures,
    options,
    {
      onFrame: (...frame) => frames!.onFrame(...frame),
      observe: (dissection, isSelected) => frames!.message(dissection, isSelected, run.inspection.dissector),
    },
    () => {
      if (++selected === options.count) run.inspection.stop();
    },
  );
  frames = new FrameExport(path, run.inputs.includes(STANDARD_INPUT), run.output);
  const account = await run.read(false);
  await frames.finish(run.inputs);
  return run.end(account);
}
