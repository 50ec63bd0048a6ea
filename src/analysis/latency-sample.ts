/**
 * Single response times to be drawn, of which there may be millions: a sample in which each has the same chance (Vitter's algorithm R),
 * and all of the slowest. The same capture gives the same sample.
 */
import { MAX_SAMPLED_TIMES, MAX_SLOWEST_TIMES } from '../limits.js';

export class LatencySample<Point extends { elapsed: number }> {
  readonly sampled: Point[] = [];
  private slow: Point[] = [];
  /** What is not longer is none of the slowest. */
  private threshold = -1;
  private seen = 0;
  private random = 0x2545f491;

  /** @param make Is asked for the point only where it is kept. */
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

  /** How many there were. */
  get count(): number {
    return this.seen;
  }

  /** The slowest, the first of them first. */
  slowest(): readonly Point[] {
    this.slow = this.slow.sort((a, b) => b.elapsed - a.elapsed).slice(0, MAX_SLOWEST_TIMES);
    return this.slow;
  }

  /** A whole number below `bound` (Marsaglia's xorshift). */
  private next(bound: number): number {
    this.random ^= this.random << 13;
    this.random ^= this.random >>> 17;
    this.random ^= this.random << 5;
    return Math.floor(((this.random >>> 0) / 2 ** 32) * bound);
  }
}
