/**
 * The most recent pairs of all lanes, to tell whether a later pair is out of order: a ring of numbers, in which
 * each entry points to the previous one of its lane. Pairs that have left the ring are not reported as passed.
 */
import { MAX_DIFF_LANE_PAIRS, MAX_DIFF_RECENT } from '../../limits/diff.js';
import type { ComparedExchange, Reference } from './exchange.js';

/** The parts of a reference that text shows. */
export type Named = Pick<Reference, 'program' | 'programNumber' | 'version' | 'procedureNumber' | 'summary'>;

/** The pairs of the same connection that a moved exchange has passed. */
export interface Passed {
  count: number;
  /** True: they come before it in the actual recording, and behind it in the expected one. */
  isLater: boolean;
  nearest: Named;
}

/** The newest pair of a lane, and how many it had. */
export interface Trail {
  /** Number of the lane's newest pair among all pairs; -1: none. */
  last: number;
  /** Number of pairs that the lane ever had. */
  count: number;
}

/** Numbers of an entry: the lane's previous pair, both connections, program, version and procedure. */
const STRIDE = 6;

export class RecentPairs {
  private total = 0;
  private readonly expected: Float64Array;
  private readonly actual: Float64Array;
  private readonly words: Float64Array;
  private readonly programs: (string | undefined)[] = [];
  private readonly summaries: string[] = [];

  constructor(private readonly capacity = MAX_DIFF_RECENT) {
    this.expected = new Float64Array(capacity);
    this.actual = new Float64Array(capacity);
    this.words = new Float64Array(STRIDE * capacity);
  }

  add(trail: Trail, expected: ComparedExchange, actual: ComparedExchange): void {
    const slot = this.total % this.capacity;
    const { program, programNumber, version, procedureNumber, summary } = actual.reference;
    this.expected[slot] = expected.number;
    this.actual[slot] = actual.number;
    const { connection } = expected.reference;
    const words = [trail.last, connection, actual.reference.connection, programNumber, version, procedureNumber];
    this.words.set(words, STRIDE * slot);
    this.programs[slot] = program;
    this.summaries[slot] = summary;
    trail.last = this.total++;
    trail.count++;
  }

  /**
   * The pairs on the connection of these two that are on different sides of them in the two recordings; null: none.
   */
  crossed(trail: Trail, expected: ComparedExchange, actual: ComparedExchange): Passed | null {
    let count = 0;
    let [oldest, nearest] = [-1, -1];
    let least = Number.POSITIVE_INFINITY;
    let left = Math.min(trail.count, MAX_DIFF_LANE_PAIRS);
    for (let pair = trail.last; left > 0 && pair >= Math.max(0, this.total - this.capacity); left--) {
      const slot = pair % this.capacity;
      if (this.isCrossed(slot, expected, actual)) {
        count++;
        oldest = slot;
        const distance = Math.abs(this.actual[slot] - actual.number);
        if (distance <= least) [nearest, least] = [slot, distance];
      }
      pair = this.words[STRIDE * slot];
    }
    if (count === 0) return null;
    return { count, isLater: this.expected[oldest] > expected.number, nearest: this.named(nearest) };
  }

  private isCrossed(slot: number, expected: ComparedExchange, actual: ComparedExchange): boolean {
    return (
      this.words[STRIDE * slot + 1] === expected.reference.connection &&
      this.words[STRIDE * slot + 2] === actual.reference.connection &&
      this.expected[slot] < expected.number !== this.actual[slot] < actual.number
    );
  }

  private named(slot: number): Named {
    const [programNumber, version, procedureNumber] = this.words.subarray(STRIDE * slot + 3, STRIDE * (slot + 1));
    return { program: this.programs[slot], programNumber, version, procedureNumber, summary: this.summaries[slot] };
  }
}
