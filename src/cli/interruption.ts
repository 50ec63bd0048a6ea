/**
 * Ctrl-C and SIGTERM end the reading. With `-i` the first one only ends the capture
 * program, whose last frames are still read, and the second one ends the reading.
 */
import type { LiveCapture } from './live-capture.js';

export class Interruption {
  readonly promise: Promise<void>;
  private readonly interrupt: () => void;

  constructor(live: Pick<LiveCapture, 'stop'> | null, finish: () => void) {
    let settle = () => {};
    this.promise = new Promise((resolve) => {
      settle = resolve;
    });
    let isFirst = true;
    this.interrupt = () => {
      if (live !== null && isFirst) live.stop();
      else {
        finish();
        settle();
      }
      isFirst = false;
    };
    process.on('SIGINT', this.interrupt);
    process.on('SIGTERM', this.interrupt);
  }

  forget(): void {
    process.off('SIGINT', this.interrupt);
    process.off('SIGTERM', this.interrupt);
  }
}
