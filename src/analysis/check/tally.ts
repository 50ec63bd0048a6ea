/**
 * Collects numbers for one statistic and one bound. Verdicts are exact: a percentile
 * is compared by the number of values below the bound and at it; only its text comes
 * from a histogram (within 0.8 %). Memory does not grow with the number of values.
 */
import { Histogram, rankOf } from '../histogram.js';
import type { Comparator } from './comparison.js';
import { holds } from './comparison.js';

/** A statistic of values; `part` is from 0 to 1. */
export type Statistic = { kind: 'min' | 'max' | 'mean' | 'sum' } | { kind: 'percentile'; part: number };

export class Tally {
  count = 0;
  private sum = 0;
  private min = Number.POSITIVE_INFINITY;
  private max = Number.NEGATIVE_INFINITY;
  private below = 0;
  private equal = 0;
  /** The values next to the bound, on either side. */
  private nextBelow = Number.NEGATIVE_INFINITY;
  private nextAbove = Number.POSITIVE_INFINITY;
  /** Values from 0 on, and the absolute values of negative ones. */
  private readonly positive = new Histogram();
  private readonly negative = new Histogram();

  constructor(
    private readonly statistic: Statistic,
    private readonly comparator: Comparator,
    private readonly bound: number,
  ) {}

  add(value: number): void {
    this.count++;
    this.sum += value;
    if (value < this.min) this.min = value;
    if (value > this.max) this.max = value;
    if (this.statistic.kind !== 'percentile') return;
    if (value < this.bound) {
      this.below++;
      if (value > this.nextBelow) this.nextBelow = value;
    } else if (value === this.bound) this.equal++;
    else if (value < this.nextAbove) this.nextAbove = value;
    // An infinity (XDR's float and double have it) is in no bucket.
    const size = Math.round(Math.min(Math.abs(value), Number.MAX_VALUE));
    if (value < 0) this.negative.add(size);
    else this.positive.add(size);
  }

  /** Whether the statistic is on the right side of the bound; needs at least one value. */
  holds(): boolean {
    const { statistic, comparator } = this;
    if (statistic.kind !== 'percentile') return holds(this.value, comparator, this.bound);
    const rank = rankOf(statistic.part, this.count);
    const order = rank <= this.below ? -1 : rank <= this.below + this.equal ? 0 : 1;
    return holds(order, comparator, 0);
  }

  /** The statistic; a percentile is as exact as the histogram, and on the right side of the bound. */
  get value(): number {
    const { statistic, min, max, sum, count } = this;
    if (statistic.kind === 'percentile') return this.percentile(rankOf(statistic.part, count));
    return { min, max, sum, mean: sum / count }[statistic.kind];
  }

  private percentile(rank: number): number {
    const { bound } = this;
    if (rank > this.below && rank <= this.below + this.equal) return bound;
    // No more digits than the histogram is exact to.
    const rounded = Number(this.estimate(rank).toPrecision(3));
    const value = Math.min(this.max, Math.max(this.min, rounded));
    return rank <= this.below ? Math.min(value, this.nextBelow) : Math.max(value, this.nextAbove);
  }

  private estimate(rank: number): number {
    const negative = this.negative.count;
    return rank <= negative ? -this.negative.ofRank(negative - rank + 1) : this.positive.ofRank(rank - negative);
  }
}
