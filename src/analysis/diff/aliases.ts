/**
 * Which name of the actual recording stands for which of the expected one: handles, verifiers, stateids … One for one within each kind
 * of name, found as exchanges are compared. What was not used for longest is forgotten where there are too many.
 */
import { MAX_DIFF_NAMES } from '../../limits.js';
import type { Variation } from '../../xdr/plan.js';
import type { LeafValue } from './field.js';

export const SIDES = ['expected', 'actual'] as const;
export type Side = (typeof SIDES)[number];

/** A name that both recordings have, each its own. What is kept of one is its key. */
export class Pair {
  /** @param id What keys of exchanges have in place of either name. */
  constructor(
    readonly id: number,
    private readonly keys: Record<Side, string>,
    private readonly isLocal: boolean,
  ) {}

  get expected(): string {
    return nameIn(this.keys.expected, this.isLocal);
  }

  get actual(): string {
    return nameIn(this.keys.actual, this.isLocal);
  }
}

/** Names that stood for something else before: by the pair that has the expected one, and the pair that has the actual one. */
export interface Contradiction {
  expected: Pair | undefined;
  actual: Pair | undefined;
}

/** A name where it stands: `scope` is the name of the file that the call is done on. */
export interface Place {
  alias: Variation;
  value: LeafValue;
  scope: string;
}

/** The name that all file handles go by. */
export const HANDLE = 'handle';
export const FILE_HANDLE: Variation = { name: HANDLE, isLocal: false };

export class Aliases {
  /** File handles that were the same on both sides, less those that were not. */
  private sameHandles = 0;
  private ids = 0;
  private readonly pairs: Record<Side, Generations>;

  constructor(bound = MAX_DIFF_NAMES) {
    this.pairs = { expected: new Generations(bound), actual: new Generations(bound) };
  }

  /** Names forgotten. */
  get forgotten(): number {
    return this.pairs.expected.forgotten;
  }

  /** True while it looks as if handles were not made anew between the recordings: the same bytes are the same file. */
  get handlesPersist(): boolean {
    return this.sameHandles >= 0;
  }

  find(side: Side, place: Place): Pair | undefined {
    return this.pairs[side].get(keyOf(place));
  }

  /** True where the two can be names of the same thing. */
  agree(expected: Place, actual: Place): boolean {
    return this.find('expected', expected) === this.find('actual', actual);
  }

  /** Takes the two for names of the same thing from now on. Answers what contradicts it; null: nothing. */
  relate(expected: Place, actual: Place): Contradiction | null {
    const before = { expected: this.find('expected', expected), actual: this.find('actual', actual) };
    if (before.expected !== undefined && before.expected === before.actual) return null;
    // What one side has forgotten contradicts nothing.
    const other = { ...actual, value: before.expected?.actual ?? null };
    const own = { ...expected, value: before.actual?.expected ?? null };
    if (this.find('actual', other) !== before.expected) before.expected = undefined;
    if (this.find('expected', own) !== before.actual) before.actual = undefined;
    this.pairs.actual.delete(keyOf(other));
    this.pairs.expected.delete(keyOf(own));
    if (expected.alias.name === HANDLE) this.sameHandles += expected.value === actual.value ? 1 : -1;
    this.use(keyOf(expected), keyOf(actual), expected.alias.isLocal);
    return before.expected === undefined && before.actual === undefined ? null : before;
  }

  private use(expected: string, actual: string, isLocal: boolean): void {
    // Mostly handles outlive the time between two recordings: then one text is enough.
    const keys = { expected, actual: expected === actual ? expected : actual };
    const pair = new Pair(++this.ids, keys, isLocal);
    this.pairs.expected.set(keys.expected, pair);
    this.pairs.actual.set(keys.actual, pair);
  }
}

/** Pairs by key, in two generations: what the older one has and nobody asked for goes when the younger one is full. */
class Generations {
  forgotten = 0;
  private young = new Map<string, Pair>();
  private old = new Map<string, Pair>();

  constructor(private readonly bound: number) {}

  get(key: string): Pair | undefined {
    const pair = this.young.get(key);
    if (pair !== undefined) return pair;
    const older = this.old.get(key);
    if (older !== undefined) this.set(key, older);
    return older;
  }

  set(key: string, pair: Pair): void {
    this.young.set(key, pair);
    this.old.delete(key);
    if (this.young.size < this.bound / 2) return;
    this.forgotten += this.old.size;
    this.old = this.young;
    this.young = new Map();
  }

  delete(key: string): void {
    this.young.delete(key);
    this.old.delete(key);
  }
}

/** Joined, because that copies: a name that is part of a longer text would keep all of that. */
function keyOf({ alias, value, scope }: Place): string {
  return (alias.isLocal ? [alias.name, scope, String(value)] : [alias.name, String(value)]).join(' ');
}

/** What stands in a key behind the kind of name and its scope, which have no spaces. */
function nameIn(key: string, isLocal: boolean): string {
  const start = key.indexOf(' ') + 1;
  return key.slice(isLocal ? key.indexOf(' ', start) + 1 : start);
}
