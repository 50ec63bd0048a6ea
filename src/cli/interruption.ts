/** Ctrl-C and SIGTERM: the first ends the reading, or the capture program, whose last frames still come; the second ends at once. */
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
