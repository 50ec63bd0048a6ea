/**
 * Response times to be drawn one by one, of which there may be millions: a sample in which each has the
 * same chance (Vitter's algorithm R), and the slowest ones. The same capture always gives the same sample.
 */
import { MAX_SAMPLED_TIMES, MAX_SLOWEST_TIMES } from '../limits/analysis.js';

export class LatencySample<Point extends { elapsed: number }> {
  readonly sampled: Point[] = [];
  private slow: Point[] = [];
  /** Times up to this one are not among the slowest. */
  private threshold = -1;
  private seen = 0;
  private random = 0x2545f491;

  /** @param make Makes the point; called only if the point is kept. */
  add(elapsed: number, make: () => Point): void {
    this.seen++;
    const place = this.seen <= MAX_SAMPLED_TIMES ? this.sampled.length : this.next(this.seen);
    const isSlow = elapsed > this.threshold;
    if (place >= MAX_SAMPLED_TIMES && !isSlow) return;
    const point = make();
    if (place < MAX_SAMPLED_TIMES) this.sampled[place] = point;
    if (!isSlow) return;
    this.slow.push(point);
    if (this.slow.length >= 2 * MAX_SLOWEST_TIMES) this.threshold = this.slowest().at(-1)!.elapsed;
  }

  /** How many times were added. */
  get count(): number {
    return this.seen;
  }

  /** The slowest points, in descending order. */
  slowest(): readonly Point[] {
    this.slow = this.slow.sort((a, b) => b.elapsed - a.elapsed).slice(0, MAX_SLOWEST_TIMES);
    return this.slow;
  }

  /** A pseudo-random whole number below `bound` (Marsaglia's xorshift). */
  private next(bound: number): number {
    this.random ^= this.random << 13;
    this.random ^= this.random >>> 17;
    this.random ^= this.random << 5;
    return Math.floor(((this.random >>> 0) / 2 ** 32) * bound);
  }
}
