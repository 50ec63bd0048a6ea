/**
 * Counts events over the time of a capture whose length is not known in
 * advance: a fixed number of bins, whose width doubles as the capture goes on.
 */
const BINS = 64;

export class Activity {
  private readonly counts = new Array<number>(BINS).fill(0);
  /** While all bins are empty, widening moves no counts: most rows begin long after the capture does. */
  private isEmpty = true;
  /** Seconds of one bin. */
  width = 1 / 1024;

  /** @param seconds Time since the beginning of the capture; an earlier (negative) time counts in the first bin. */
  add(seconds: number, times = 1): void {
    this.reach(seconds);
    this.isEmpty = false;
    this.counts[Math.max(0, Math.floor(seconds / this.width))] += times;
  }

  /**
   * The bounds, in seconds, of the bin that a time falls into. The first bin also holds all times before the beginning.
   */
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

  /** The counts of the first `seconds` in `bins` equal parts. */
  parts(seconds: number, bins: number): number[] {
    const parts = new Array<number>(bins).fill(0);
    this.counts.forEach((count, bin) => {
      const part = Math.floor((bin * this.width * bins) / Math.max(seconds, this.width));
      parts[Math.min(bins - 1, part)] += count;
    });
    return parts;
  }

  /** The counts in parts of `width` seconds, which is `this.width` times a power of two (at least 1). */
  inParts(width: number): number[] {
    const parts: number[] = [];
    this.counts.forEach((count, bin) => {
      const part = Math.floor((bin * this.width) / width);
      parts[part] = (parts[part] ?? 0) + count;
    });
    return parts;
  }

  /** Widens the bins until they include a time. */
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
