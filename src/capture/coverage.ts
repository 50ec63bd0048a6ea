/**
 * Which stretches of time several captures cover, learned from their frames in time order. Captures made at
 * different times have a pause between them in which nobody listened. A file that begins soon after the last
 * frame of the files before it continues them, as in a ring buffer. A file with frames on both sides of a
 * supposed pause shows that there was none.
 */
import { CAPTURE_PAUSE_SECONDS } from '../limits/capture.js';
import type { Frame } from './frame.js';

/** A point in time; `time` is the same in seconds alone, for comparisons. */
interface Moment {
  seconds: number;
  nanoseconds: number;
  time: number;
}

export class Coverage {
  /** The last frame before each pause. */
  private readonly ends: Moment[] = [];
  /** By file: the time of its last frame, in seconds. */
  private readonly last: number[] = [];
  /** NaN before the first frame: no comparison holds. */
  private readonly newest: Moment = { seconds: 0, nanoseconds: 0, time: Number.NaN };

  /** To be called for every frame; `file` is the index of its capture. */
  frame({ seconds, nanoseconds }: Frame, file: number): void {
    const time = seconds + nanoseconds / 1e9;
    const { last, ends, newest } = this;
    if (last[file] === undefined) {
      if (time - newest.time > CAPTURE_PAUSE_SECONDS) ends.push({ ...newest });
    } else {
      while (ends.length > 0 && ends[ends.length - 1].time >= last[file]) ends.pop();
    }
    last[file] = time;
    if (time < newest.time) return;
    newest.seconds = seconds;
    newest.nanoseconds = nanoseconds;
    newest.time = time;
  }

  /**
   * When the group of captures that covers a time (in seconds) ended; null: it is the last group,
   * which ends with the last frame.
   */
  endAfter(time: number): Pick<Moment, 'seconds' | 'nanoseconds'> | null {
    return this.ends.find((end) => end.time >= time) ?? null;
  }
}
