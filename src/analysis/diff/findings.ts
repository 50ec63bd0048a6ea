/**
 * Passes on the findings of a comparison in the order of the recordings. A missing exchange may still
 * turn out to have moved, so a finding can reserve its place before it is known; findings after it wait.
 */
import { DIFF_WINDOW_FIELDS, MAX_DIFF_FINDINGS } from '../../limits/diff.js';
import type { FieldDifference } from './differences.js';
import type { ComparedExchange } from './exchange.js';
import type { Passed } from './recent-pairs.js';

export type Finding =
  | { kind: 'missing'; expected: ComparedExchange }
  | { kind: 'extra'; actual: ComparedExchange }
  | { kind: 'changed'; expected: ComparedExchange; actual: ComparedExchange; differences: FieldDifference[] }
  | { kind: 'order'; expected: ComparedExchange; actual: ComparedExchange; passed: Passed };

/** A place in the order of findings. */
export interface Place {
  /** Number in the expected recording; of an extra exchange, the number that it follows. */
  readonly at: number;
  /** The weight of its exchanges. */
  readonly weight: number;
  /** null: not known yet. */
  found: readonly Finding[] | null;
  /** Decides it now. */
  settle: () => void;
}

export class Findings {
  private places: Place[] = [];
  private isSorted = true;
  private weight = 0;

  constructor(private readonly handle: (finding: Finding) => void) {}

  /** Adds findings at `at`; without `found`, reserves their place. */
  add(at: number, weight: number, found: readonly Finding[] | null, settle: () => void = () => {}): Place {
    const place = { at, weight, found, settle };
    this.weight += weight;
    this.isSorted &&= at >= (this.places.at(-1)?.at ?? -1);
    this.places.push(place);
    return place;
  }

  /** Passes on findings up to the first unknown one; if too many wait, decides that one and goes on. */
  release(): void {
    if (!this.isSorted) this.places.sort((one, other) => one.at - other.at);
    this.isSorted = true;
    let count = 0;
    for (const place of this.places) {
      if (place.found === null) {
        if (this.places.length - count <= MAX_DIFF_FINDINGS && this.weight <= DIFF_WINDOW_FIELDS) break;
        place.settle();
      }
      for (const finding of place.found ?? []) this.handOn(finding);
      this.weight -= place.weight;
      count++;
    }
    this.places.splice(0, count);
  }

  private handOn(finding: Finding): void {
    this.handle(finding);
    if (finding.kind !== 'extra') finding.expected.fields.release();
    if (finding.kind !== 'missing') finding.actual.fields.release();
  }
}
