/**
 * The most recent pairs of all lanes, to tell whether a later pair is out of order: a ring of numbers, in which
 * each entry points to the previous one of its lane. Pairs that have left the ring are not reported as passed.
 */
import { MAX_DIFF_LANE_PAIRS, MAX_DIFF_RECENT } from '../../limits.js';
import type { ComparedExchange, Reference } from './exchange.js';

/** The parts of a reference that text shows. */
export type Named = Pick<Reference, 'program' | 'programNumber' | 'version' | 'procedureNumber' | 'summary'>;

/** A pair of the same connection that the moved exchange has passed: the numbers of its exchanges. */
export interface Passed {
  expected: number;
  actual: number;
  named: Named;
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
   * Pairs on the connection of these two that are on different sides of them in the two recordings; the oldest first.
   */
  crossed(trail: Trail, expected: ComparedExchange, actual: ComparedExchange): Passed[] {
    const found: Passed[] = [];
    let left = Math.min(trail.count, MAX_DIFF_LANE_PAIRS);
    for (let pair = trail.last; left > 0 && pair >= Math.max(0, this.total - this.capacity); left--) {
      const slot = pair % this.capacity;
      if (this.isCrossed(slot, expected, actual)) found.push(this.passed(slot));
      pair = this.words[STRIDE * slot];
    }
    return found.reverse();
  }

  private isCrossed(slot: number, expected: ComparedExchange, actual: ComparedExchange): boolean {
    return (
      this.words[STRIDE * slot + 1] === expected.reference.connection &&
      this.words[STRIDE * slot + 2] === actual.reference.connection &&
      this.expected[slot] < expected.number !== this.actual[slot] < actual.number
    );
  }

  private passed(slot: number): Passed {
    const [programNumber, version, procedureNumber] = this.words.subarray(STRIDE * slot + 3, STRIDE * (slot + 1));
    const named = {
      program: this.programs[slot],
      programNumber,
      version,
      procedureNumber,
      summary: this.summaries[slot],
    };
    return { expected: this.expected[slot], actual: this.actual[slot], named };
  }
}
