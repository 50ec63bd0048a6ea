/** How often something happened over the time of a capture whose length is not known: a few bins that get wider as it goes on. */
const BINS = 64;

export class Activity {
  private readonly counts = new Array<number>(BINS).fill(0);
  /** Nothing has to be moved when bins get wider: most rows begin long after the capture. */
  private isEmpty = true;
  /** Seconds of one bin. */
  width = 1 / 1024;

  /** @param seconds Since the beginning; what lies before it counts as the beginning. */
  add(seconds: number, times = 1): void {
    this.reach(seconds);
    this.isEmpty = false;
    this.counts[Math.max(0, Math.floor(seconds / this.width))] += times;
  }

  /** From when to when the bin of a time is, in seconds; the first one is open to what lies before the beginning. */
  binOf(seconds: number): { from: number; to: number } {
    this.reach(seconds);
    const { width } = this;
    const bin = Math.max(0, Math.floor(seconds / width));
    return { from: bin * width, to: (bin + 1) * width };
  }

  merge(other: Activity): void {
    other.counts.forEach((count, bin) => {
      if (count > 0) this.add(bin * other.width, count);
    });
  }

  /** Counts in `bins` equal parts of the first `seconds`. */
  parts(seconds: number, bins: number): number[] {
    const parts = new Array<number>(bins).fill(0);
    this.counts.forEach((count, bin) => {
      const part = Math.floor((bin * this.width * bins) / Math.max(seconds, this.width));
      parts[Math.min(bins - 1, part)] += count;
    });
    return parts;
  }

  /** Counts in parts of `width` seconds, which is `this.width` or that times a power of two. */
  inParts(width: number): number[] {
    const parts: number[] = [];
    this.counts.forEach((count, bin) => {
      const part = Math.floor((bin * this.width) / width);
      parts[part] = (parts[part] ?? 0) + count;
    });
    return parts;
  }

  /** Makes bins so wide that they reach to a time. */
  private reach(seconds: number): void {
    while (seconds >= BINS * this.width) {
      if (this.isEmpty) this.width *= 2;
      else this.widen();
    }
  }

  private widen(): void {
    for (let bin = 0; bin < BINS / 2; bin++) this.counts[bin] = this.counts[2 * bin] + this.counts[2 * bin + 1];
    this.counts.fill(0, BINS / 2);
    this.width *= 2;
  }
}
