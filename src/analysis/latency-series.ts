/**
 * Response times over the time of a capture whose length is not known in advance: a
 * fixed number of histograms, whose parts double in length as the capture goes on.
 */
import { Histogram } from './histogram.js';

const PARTS = 64;

export interface LatencyPart {
  /** Start and end of the part, in seconds since the beginning of the capture. */
  from: number;
  to: number;
  elapsed: Histogram;
}

export class LatencySeries {
  private parts: (Histogram | undefined)[] = [];
  private width = 1 / 1024;

  /** @param seconds Time since the beginning; an earlier (negative) time counts in the first part. */
  add(seconds: number, nanoseconds: number): void {
    while (seconds >= PARTS * this.width) this.widen();
    const part = Math.max(0, Math.floor(seconds / this.width));
    this.parts[part] ??= new Histogram();
    this.parts[part].add(nanoseconds);
  }

  /** The parts in which there was a reply. */
  list(): LatencyPart[] {
    const { width } = this;
    return this.parts.flatMap((elapsed, i) =>
      elapsed === undefined ? [] : [{ from: i * width, to: (i + 1) * width, elapsed }],
    );
  }

  private widen(): void {
    const wider: (Histogram | undefined)[] = [];
    this.parts.forEach((part, i) => {
      if (part === undefined) return;
      const into = wider[i >> 1];
      if (into === undefined) wider[i >> 1] = part;
      else into.merge(part);
    });
    this.parts = wider;
    this.width *= 2;
  }
}
