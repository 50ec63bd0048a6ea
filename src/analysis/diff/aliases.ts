/**
 * Maps names of the actual recording to names of the expected one: handles, verifiers,
 * stateids … The mapping is one to one within each kind of name, and is learned as exchanges
 * are compared. Where there are too many, the least recently used ones are forgotten.
 */
import { MAX_DIFF_NAMES } from '../../limits/diff.js';
import type { Variation } from '../../xdr/plan.js';
import type { LeafValue } from './field.js';

export const SIDES = ['expected', 'actual'] as const;
export type Side = (typeof SIDES)[number];
export const OTHER: Record<Side, Side> = { expected: 'actual', actual: 'expected' };

/** One thing that has a name of its own in each recording. The pair keeps the keys of both names. */
export class Pair {
  /** @param id Replaces either name in the keys of exchanges. */
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

/** Names that stood for something else before: the earlier pair of the expected name, and that of the actual one. */
export interface Contradiction {
  expected: Pair | undefined;
  actual: Pair | undefined;
}

/** A name in an exchange; `scope` is the name of the file that the call is about. */
export interface Place {
  alias: Variation;
  value: LeafValue;
  scope: string;
}

/** The kind of all file handles. */
export const HANDLE = 'handle';
export const FILE_HANDLE: Variation = { name: HANDLE, isLocal: false };

export class Aliases {
  /** How many handles were the same in both recordings, minus how many were not. */
  private sameHandles = 0;
  private ids = 0;
  private readonly pairs: Record<Side, Generations>;

  constructor(bound = MAX_DIFF_NAMES) {
    this.pairs = { expected: new Generations(bound), actual: new Generations(bound) };
  }

  /** How many names were forgotten. */
  get forgotten(): number {
    return this.pairs.expected.forgotten;
  }

  /**
   * True while handles seem to have outlived the time between the recordings: then the same bytes are the same file.
   */
  get handlesPersist(): boolean {
    return this.sameHandles >= 0;
  }

  /** True if more handles were the same in both recordings than were not. */
  get handlesPersisted(): boolean {
    return this.sameHandles > 0;
  }

  find(side: Side, place: Place): Pair | undefined {
    return this.pairs[side].get(keyOf(place));
  }

  /** True if both can be names of the same thing. */
  agree(expected: Place, actual: Place): boolean {
    return this.find('expected', expected) === this.find('actual', actual);
  }

  /** Treats both as names of the same thing from now on. Returns what contradicts that; null: nothing. */
  relate(expected: Place, actual: Place): Contradiction | null {
    const before = { expected: this.find('expected', expected), actual: this.find('actual', actual) };
    if (before.expected !== undefined && before.expected === before.actual) return null;
    // A name that one side has forgotten contradicts nothing.
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
    // Handles often are the same in both recordings: then one string is kept.
    const keys = { expected, actual: expected === actual ? expected : actual };
    const pair = new Pair(++this.ids, keys, isLocal);
    this.pairs.expected.set(keys.expected, pair);
    this.pairs.actual.set(keys.actual, pair);
  }
}

/**
 * Pairs by key, in two generations. When the younger one is full
 * it becomes the older one, whose unused entries are dropped.
 */
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

/** Joined by `join`, because that copies: a slice would keep the whole longer string in memory. */
function keyOf({ alias, value, scope }: Place): string {
  return (alias.isLocal ? [alias.name, scope, String(value)] : [alias.name, String(value)]).join(' ');
}

/** The name in a key: it follows the kind of name and the scope, neither of which has spaces. */
function nameIn(key: string, isLocal: boolean): string {
  const start = key.indexOf(' ') + 1;
  return key.slice(isLocal ? key.indexOf(' ', start) + 1 : start);
}
