/**
 * What time several captures cover, as frames come in their order: captures of different times have a pause between them in which nobody
 * listened. A file that begins soon after the last frame of those before it continues them, as those of a ring buffer do; one that has
 * frames on both sides of a pause shows that it was none.
 */
import { CAPTURE_PAUSE_SECONDS } from '../limits.js';
import type { Frame } from './frame.js';

/** A point in time, and in seconds alone, to compare. */
interface Moment {
  seconds: number;
  nanoseconds: number;
  time: number;
}

export class Coverage {
  /** The last frame before each pause. */
  private readonly ends: Moment[] = [];
  /** The last frame of each file, in seconds. */
  private readonly last: number[] = [];
  /** NaN before the first frame: no comparison holds. */
  private readonly newest: Moment = { seconds: 0, nanoseconds: 0, time: Number.NaN };

  /** Takes every frame; `file` is the index of its capture. */
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

  /** When the captures that were made at a time (in seconds) ended; null: with the last frame of all. */
  endAfter(time: number): Pick<Moment, 'seconds' | 'nanoseconds'> | null {
    return this.ends.find((end) => end.time >= time) ?? null;
  }
}
