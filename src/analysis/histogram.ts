/**
 * A log-linear histogram of non-negative whole numbers (nanoseconds): each power of two is divided into 64 buckets,
 * so a percentile differs from the exact value by at most 0.8 %. Histograms of several captures merge without loss.
 */
const LINEAR_BITS = 7;
const LINEAR = 1 << LINEAR_BITS;
const BUCKETS = LINEAR / 2;
/** The greatest count that 16 bits hold. */
const MOST_SHORT = 0xffff;
const NONE = new Uint16Array(0);

export class Histogram {
  /**
   * Counts of the buckets from `first` on. There are thousands of histograms, and most
   * hold few values, close to each other. Counts have 16 bits until one is greater.
   */
  private counts: Uint16Array | Float64Array = NONE;
  private first = 0;
  count = 0;
  sum = 0;
  min = Number.POSITIVE_INFINITY;
  max = 0;

  add(value: number, times = 1): void {
    this.count += times;
    this.addTo(bucketOf(value), times);
    this.sum += value * times;
    if (value < this.min) this.min = value;
    if (value > this.max) this.max = value;
  }

  get mean(): number {
    return this.sum / this.count;
  }

  /** The smallest value that at least a part (0 to 1) of all values does not exceed, by nearest rank. */
  percentile(part: number): number {
    return this.ofRank(rankOf(part, this.count));
  }

  /** The value of a rank from 1: the `rank`-th smallest, within 0.8 %. */
  ofRank(rank: number): number {
    if (rank >= this.count) return this.max;
    return Math.min(this.max, Math.max(this.min, Math.round(middleOf(this.bucketOfRank(rank)))));
  }

  /** The bucket that contains the `rank`-th smallest value. */
  private bucketOfRank(rank: number): number {
    let at = -1;
    for (let seen = 0; seen < rank; seen += this.counts[at]) at++;
    return this.first + at;
  }

  /** Removes all values. */
  clear(): void {
    this.counts = NONE;
    this.count = 0;
    this.sum = 0;
    this.min = Number.POSITIVE_INFINITY;
    this.max = 0;
  }

  merge(other: Histogram): void {
    other.each((bucket, count) => this.addTo(bucket, count));
    this.count += other.count;
    this.sum += other.sum;
    this.min = Math.min(this.min, other.min);
    this.max = Math.max(this.max, other.max);
  }

  /** Counts by power of two, in ascending order: the lower bound, and the number of values from there to its double. */
  octaves(): [from: number, count: number][] {
    const totals = new Map<number, number>();
    this.each((bucket, count) => {
      const from = 2 ** Math.floor(Math.log2(Math.max(1, middleOf(bucket))));
      totals.set(from, (totals.get(from) ?? 0) + count);
    });
    return [...totals];
  }

  toJson(): SavedHistogram {
    const buckets: [number, number][] = [];
    this.each((bucket, count) => buckets.push([bucket, count]));
    return { sum: this.sum, min: this.count === 0 ? 0 : this.min, max: this.max, buckets };
  }

  /** @throws RangeError for a bucket or count that `toJson` does not write. */
  static fromJson({ sum, min, max, buckets }: SavedHistogram): Histogram {
    const histogram = new Histogram();
    for (const [bucket, count] of buckets) {
      if (!(Number.isInteger(bucket) && bucket >= 0 && bucket < MAX_BUCKETS && count > 0))
        throw new RangeError(`no bucket ${bucket} of ${count}`);
      histogram.addTo(bucket, count);
      histogram.count += count;
    }
    histogram.sum = sum;
    histogram.max = max;
    if (histogram.count > 0) histogram.min = min;
    return histogram;
  }

  /** Visits each bucket that is not empty, in ascending order. */
  private each(visit: (bucket: number, count: number) => void): void {
    const { counts, first } = this;
    for (let i = 0; i < counts.length; i++) if (counts[i] > 0) visit(first + i, counts[i]);
  }

  private addTo(bucket: number, times: number): void {
    const at = bucket - this.first;
    const { counts } = this;
    if (at >= 0 && at < counts.length && (counts[at] + times <= MOST_SHORT || counts instanceof Float64Array)) {
      counts[at] += times;
    } else this.grow(bucket, times);
  }

  /** Makes room for a bucket and the others of its power of two, or for counts beyond 16 bits. */
  private grow(bucket: number, times: number): void {
    const { counts, first } = this;
    const from = bucket - (bucket % BUCKETS);
    const start = counts.length === 0 ? from : Math.min(from, first);
    const end = Math.max(from + BUCKETS, counts.length === 0 ? 0 : first + counts.length);
    const isShort = counts instanceof Uint16Array && (counts[bucket - first] ?? 0) + times <= MOST_SHORT;
    const grown = isShort ? new Uint16Array(end - start) : new Float64Array(end - start);
    grown.set(counts, counts.length === 0 ? 0 : first - start);
    grown[bucket - start] += times;
    this.counts = grown;
    this.first = start;
  }
}

/** The nearest rank, from 1, of a part (0 to 1) of `count` values. */
export function rankOf(part: number, count: number): number {
  return Math.max(1, Math.ceil(shareOf(part, count)));
}

/** A part of a count, rounded to what doubles hold: 0.07 of 100 is 7, not 7.000000000000001. */
export function shareOf(part: number, count: number): number {
  return Number((part * count).toPrecision(15));
}

/** A histogram in a file of `--save`: its buckets that are not empty. */
export interface SavedHistogram {
  sum: number;
  min: number;
  max: number;
  buckets: [bucket: number, count: number][];
}

function bucketOf(value: number): number {
  if (value < LINEAR) return value;
  // 32-bit operators take values below 2^31; greater ones are divided first.
  let shift = 0;
  let rest = value;
  while (rest >= 0x80000000) {
    rest = Math.floor(rest / 0x1000000);
    shift += 24;
  }
  const exponent = 32 - LINEAR_BITS - Math.clz32(rest);
  return (exponent + shift) * BUCKETS + (rest >>> exponent);
}

function middleOf(bucket: number): number {
  if (bucket < LINEAR) return bucket;
  const exponent = Math.floor(bucket / BUCKETS) - 1;
  const from = (bucket - exponent * BUCKETS) * 2 ** exponent;
  return from + (2 ** exponent - 1) / 2;
}

/** Enough for all whole numbers that a double holds exactly. */
const MAX_BUCKETS = bucketOf(Number.MAX_SAFE_INTEGER) + 1;
