/**
 * Relates file handles before calls are aligned by them. Without that, a call of a file whose handle has no pair yet
 * is aligned with the next such call, which may be of another file where the recordings have another order.
 *
 * A call whose handles all have pairs teaches the handles of its result (LOOKUP, CREATE, READDIRPLUS). Where no call
 * does, handles are related by votes: a call that occurs with one file only on either side, apart from its handles,
 * votes for these two files to be the same. The pairs with most votes come first, because they let more calls teach.
 */
import { type Aliases, FILE_HANDLE, type Side } from './aliases.js';
import type { ComparedExchange } from './exchange.js';
import { isExact, type Keys } from './keys.js';

/** The handles of all calls with one key; null: not always the same. */
type HandlesByKey = Map<string, readonly string[] | null>;

interface Vote {
  expected: string;
  actual: string;
  count: number;
}

export class HandleLessons {
  constructor(
    private readonly aliases: Aliases,
    private readonly keys: Keys,
  ) {}

  /** Relates handles of exchanges that wait to be aligned, as far as these tell. */
  learn(exchanges: Record<Side, readonly ComparedExchange[]>): void {
    let { expected, actual } = exchanges;
    for (;;) {
      expected = this.unlearnt('expected', expected);
      actual = this.unlearnt('actual', actual);
      if (expected.length === 0 || actual.length === 0) return;
      const own = this.byKey('expected', expected);
      const other = this.byKey('actual', actual);
      if (this.teach(own, other)) continue;
      // Where handles are the same in both recordings, those that only one of them has are of different files.
      if (this.aliases.handlesPersisted || !this.vote(own, other)) return;
    }
  }

  /** The exchanges that have a handle without a pair. */
  private unlearnt(side: Side, exchanges: readonly ComparedExchange[]): readonly ComparedExchange[] {
    return exchanges.filter(({ fields }) => fields.handles.some((handle) => !this.isKnown(side, handle)));
  }

  private byKey(side: Side, exchanges: readonly ComparedExchange[]): HandlesByKey {
    const found: HandlesByKey = new Map();
    for (const exchange of exchanges) {
      const { handles } = exchange.fields;
      const key = this.keys.keyOf(side, exchange);
      const before = found.get(key);
      if (before === undefined) found.set(key, handles);
      else if (before !== null && !areEqual(before, handles)) found.set(key, null);
    }
    return found;
  }

  /** Relates the handles in the results of calls whose own handles have pairs. Returns true if there was any. */
  private teach(expected: HandlesByKey, actual: HandlesByKey): boolean {
    let isTaught = false;
    for (const [key, own] of expected) {
      const other = actual.get(key);
      if (!own || !other || !isExact(key) || own.length !== other.length) continue;
      own.forEach((handle, i) => {
        isTaught = this.relate(handle, other[i]) || isTaught;
      });
    }
    return isTaught;
  }

  /** Relates the handles with at least half as many votes as the most that any two have. */
  private vote(expected: HandlesByKey, actual: HandlesByKey): boolean {
    const votes = new Map<string, Vote>();
    for (const [key, own] of expected) {
      const other = actual.get(key);
      if (!own || !other || isExact(key)) continue;
      this.count(votes, own[0], other[0]);
    }
    const sorted = [...votes.values()].sort((a, b) => b.count - a.count);
    const least = (sorted[0]?.count ?? 0) / 2;
    let isRelated = false;
    for (const each of sorted)
      if (each.count >= least) isRelated = this.relate(each.expected, each.actual) || isRelated;
    return isRelated;
  }

  private count(votes: Map<string, Vote>, expected: string, actual: string): void {
    const key = `${expected} ${actual}`;
    const vote = votes.get(key) ?? { expected, actual, count: 0 };
    vote.count++;
    votes.set(key, vote);
  }

  private isKnown(side: Side, handle: string): boolean {
    return this.aliases.find(side, placeOf(handle)) !== undefined;
  }

  /** Relates two handles if neither has a pair. */
  private relate(expected: string, actual: string): boolean {
    if (this.isKnown('expected', expected) || this.isKnown('actual', actual)) return false;
    this.aliases.relate(placeOf(expected), placeOf(actual));
    return true;
  }
}

function placeOf(value: string) {
  return { alias: FILE_HANDLE, value, scope: '' };
}

function areEqual(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((handle, i) => handle === other[i]);
}
