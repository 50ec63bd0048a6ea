/**
 * A lane: one client's calls of one program at one server, in both recordings. It aligns them as
 * they come. While the next exchanges of both sides are equal they are paired at once. Otherwise
 * the two windows are aligned as sequences, and an exchange without counterpart between two
 * matches is paired as moved, paired as changed, or waits, because its counterpart may come later.
 */
import { MAX_DIFF_UNMATCHED } from '../../limits/diff.js';
import { type Aliases, OTHER, SIDES, type Side } from './aliases.js';
import { alignByRole } from './align-roles.js';
import type { Connections } from './connections.js';
import { differencesOf } from './differences.js';
import type { ComparedExchange } from './exchange.js';
import type { Finding, Findings, Place } from './findings.js';
import type { HandleLessons } from './handle-lessons.js';
import { isExact, type Keys } from './keys.js';
import { likeliestPairs } from './likeness.js';
import type { RecentPairs, Trail } from './recent-pairs.js';
import type { Match } from './sequence.js';

/** Steps of an alignment that are taken without a check whether newly learned names have changed its keys. */
const SURE_STEPS = 32;

/** Shared by all lanes. */
export interface LaneContext {
  readonly aliases: Aliases;
  readonly keys: Keys;
  readonly connections: Connections;
  readonly lessons: HandleLessons;
  readonly findings: Findings;
  readonly recent: RecentPairs;
  /** False: order does not count. */
  readonly isStrict: boolean;
  readonly counts: DiffCounts;
  /** Called with an exchange that no longer waits to be aligned. */
  readonly onAligned: (side: Side, exchange: ComparedExchange) => void;
  /** Called with an exchange that has no counterpart, and its key, if that identifies it. */
  readonly onUnmatched: (side: Side, key: string) => void;
}

/** The number of exchanges, and of findings by kind. */
export interface DiffCounts {
  expected: number;
  actual: number;
  missing: number;
  extra: number;
  changed: number;
  order: number;
}

/** An exchange without a counterpart so far. */
interface Unmatched {
  exchange: ComparedExchange;
  place: Place;
}

export class Lane {
  private readonly windows: Record<Side, ComparedExchange[]> = { expected: [], actual: [] };
  private readonly unmatched: Record<Side, Unmatched[]> = { expected: [], actual: [] };
  private readonly weights = { expected: 0, actual: 0 };
  private readonly trail: Trail = { last: -1, count: 0 };
  /** Number of the last expected exchange that was paired or that waits: the place of new findings. */
  private at = -1;
  /** False after an alignment that could decide nothing. */
  private isNew = true;

  constructor(private readonly context: LaneContext) {}

  add(side: Side, exchange: ComparedExchange): void {
    this.windows[side].push(exchange);
    this.weights[side] += exchange.fields.weight;
    this.context.keys.enter(side, exchange);
    this.isNew = true;
  }

  /** Weight of the exchanges that are not aligned yet. */
  get weight(): number {
    return this.weights.expected + this.weights.actual;
  }

  /** True if both windows have exchanges to compare. */
  get isReady(): boolean {
    const { expected, actual } = this.windows;
    return expected.length > 0 && actual.length > 0;
  }

  /** True if no exchange waits for a counterpart. */
  get isIdle(): boolean {
    const { windows, unmatched } = this;
    return windows.expected.length + windows.actual.length + unmatched.expected.length + unmatched.actual.length === 0;
  }

  /** Pairs equal exchanges. `isDue`: aligns as far as the windows allow; `isEnd`: nothing more comes. */
  settle(isDue: boolean, isEnd: boolean): void {
    const { expected, actual } = this.windows;
    this.pairEqualHeads();
    while (
      isEnd ? expected.length + actual.length > 0 : isDue && this.isNew && expected.length > 0 && actual.length > 0
    ) {
      this.align(isEnd, false);
      this.pairEqualHeads();
    }
    if (!isEnd) return;
    while (this.pairWaiting());
    for (const side of SIDES) this.giveUp(side, 0);
  }

  /** Aligns, and decides even where more exchanges would allow a better decision. */
  advance(): void {
    this.align(false, true);
    this.pairEqualHeads();
  }

  private pairEqualHeads(): void {
    const { expected, actual } = this.windows;
    let count = 0;
    while (count < expected.length && count < actual.length) {
      if (!this.isEqual(expected[count], actual[count])) break;
      this.pair(expected[count], actual[count]);
      count++;
    }
    if (count === 0) return;
    this.drop(count, count);
    this.isNew = true;
  }

  /** True if both are the same with their outcome, as far as fields and file handles tell. */
  private isEqual(expected: ComparedExchange, actual: ComparedExchange): boolean {
    return (
      expected.action === actual.action &&
      expected.fields.isLike(actual.fields) &&
      this.context.keys.haveSameFiles(expected, actual) &&
      !this.context.connections.conflict(expected, actual)
    );
  }

  /** Aligns the windows and takes the matches of their first half; all matches where nothing more comes. */
  private align(isOver: boolean, mustAdvance: boolean): void {
    const { expected, actual } = this.windows;
    this.context.lessons.learn({ expected: this.waiting('expected'), actual: this.waiting('actual') });
    const keys = { expected: this.keys('expected'), actual: this.keys('actual') };
    const matches = this.alignWindows(keys);
    const later = {
      expected: unmatchedAfter(keys.expected, matches, 0),
      actual: unmatchedAfter(keys.actual, matches, 1),
    };
    const last = isOver ? Number.POSITIVE_INFINITY : Math.ceil(Math.max(expected.length, actual.length) / 2);
    let [i, j] = [0, 0];
    for (const [iNext, jNext] of matches) {
      if (i + j > 0 && Math.max(iNext, jNext) > last) break;
      this.hunk([i, j], [iNext, jNext], keys, later);
      [i, j] = [iNext, jNext];
      if (i + j > SURE_STEPS && !this.isMatch(i, j)) break;
      this.pair(expected[i++], actual[j++]);
    }
    if (isOver && matches.every(([iLast, jLast]) => iLast < i && jLast < j)) {
      this.hunk([i, j], [expected.length, actual.length], keys, later);
      [i, j] = [expected.length, actual.length];
    } else if (i + j === 0 && mustAdvance) {
      [i, j] = [Math.min(last, expected.length), Math.min(last, actual.length)];
      this.hunk([0, 0], [i, j], keys, later);
    }
    this.isNew = i + j > 0;
    this.drop(i, j);
  }

  /** Aligns the windows, and puts the actual one into the order of its matches. */
  private alignWindows(keys: Record<Side, string[]>): Match[] {
    const { windows } = this;
    const { connections } = this.context;
    const withOutcome = (side: Side) => windows[side].map(({ fields }, i) => `${keys[side][i]} ${fields.print}`);
    const outcomes = { expected: withOutcome('expected'), actual: withOutcome('actual') };
    connections.vote(windows, outcomes);
    const rolesOf = (side: Side) => windows[side].map((exchange) => connections.roleOf(side, exchange));
    const roles = { expected: rolesOf('expected'), actual: rolesOf('actual') };
    const { matches, order } = alignByRole(roles, outcomes, keys);
    reorder(windows.actual, order);
    reorder(keys.actual, order);
    return matches;
  }

  /** All exchanges without a counterpart so far. */
  private waiting(side: Side): ComparedExchange[] {
    return [...this.unmatched[side].map(({ exchange }) => exchange), ...this.windows[side]];
  }

  private keys(side: Side): string[] {
    return this.windows[side].map((exchange) => this.keyOf(side, exchange));
  }

  private isMatch(i: number, j: number): boolean {
    return this.keyOf('expected', this.windows.expected[i]) === this.keyOf('actual', this.windows.actual[j]);
  }

  /** Handles the exchanges between two matches. */
  private hunk(
    [iStart, jStart]: Match,
    [iEnd, jEnd]: Match,
    keys: Record<Side, string[]>,
    later: Record<Side, Map<string, number>>,
  ): void {
    if (iStart === iEnd && jStart === jEnd) return;
    const left = {
      expected: this.windows.expected.slice(iStart, iEnd),
      actual: this.windows.actual.slice(jStart, jEnd),
    };
    for (const key of keys.expected.slice(iStart, iEnd)) take(later.expected, key);
    for (const key of keys.actual.slice(jStart, jEnd)) take(later.actual, key);
    this.pairMoved(left);
    const isLater = (side: Side, exchange: ComparedExchange) => {
      const key = this.keyOf(side, exchange);
      return isExact(key) && take(later[OTHER[side]], key);
    };
    const comesLater = {
      expected: keepIf(left.expected, (exchange) => isLater('expected', exchange)),
      actual: keepIf(left.actual, (exchange) => isLater('actual', exchange)),
    };
    const textOf = (side: Side, exchange: ComparedExchange) => this.context.keys.textOf(side, exchange);
    const pairs = likeliestPairs(left.expected, left.actual, textOf);
    for (const [expected, actual] of pairs) {
      remove(left.expected, expected);
      remove(left.actual, actual);
    }
    const waiting = {
      expected: inOrder(left.expected, comesLater.expected),
      actual: inOrder(left.actual, comesLater.actual),
    };
    // In the order of the recordings, because findings get their places here.
    for (const [expected, actual] of pairs) {
      this.waitBefore(expected.number, actual.number, waiting);
      this.pair(expected, actual);
    }
    this.waitBefore(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, waiting);
  }

  /** Keeps the first of the waiting exchanges, those before a pair. */
  private waitBefore(expected: number, actual: number, waiting: Record<Side, ComparedExchange[]>): void {
    while (waiting.expected.length > 0 && waiting.expected[0].number < expected)
      this.wait('expected', waiting.expected.shift()!);
    while (waiting.actual.length > 0 && waiting.actual[0].number < actual) this.wait('actual', waiting.actual.shift()!);
  }

  private keyOf(side: Side, exchange: ComparedExchange): string {
    return this.context.keys.keyOf(side, exchange);
  }

  /**
   * Pairs exchanges of the same key: with one that waits, or with one of the same hunk. Of several that wait it is the
   * one that is least out of order.
   */
  private pairMoved(left: Record<Side, ComparedExchange[]>): void {
    const { keys, recent, connections } = this.context;
    const areSame = (expected: ComparedExchange, actual: ComparedExchange) =>
      keys.haveSameKey(expected, actual) && !connections.conflict(expected, actual);
    const crossings = (expected: ComparedExchange, actual: ComparedExchange) =>
      recent.crossed(this.trail, expected, actual)?.count ?? 0;
    for (const expected of [...left.expected]) {
      const isSame = (other: ComparedExchange) => areSame(expected, other);
      const same = this.unmatched.actual.filter(({ exchange }) => isSame(exchange));
      const waiting = leastOf(same, ({ exchange }) => crossings(expected, exchange));
      const across = waiting ? undefined : left.actual.find(isSame);
      const actual = waiting?.exchange ?? across;
      if (actual === undefined) continue;
      remove(left.expected, expected);
      if (across !== undefined) remove(left.actual, across);
      this.pairOutOfOrder(expected, actual, this.takeWaiting('actual', waiting));
    }
    for (const actual of [...left.actual]) {
      const same = this.unmatched.expected.filter(({ exchange }) => areSame(exchange, actual));
      const waiting = leastOf(same, ({ exchange }) => crossings(exchange, actual));
      if (waiting === undefined) continue;
      remove(left.actual, actual);
      this.pairOutOfOrder(waiting.exchange, actual, this.takeWaiting('expected', waiting));
    }
  }

  /**
   * Pairs exchanges that wait on both sides, because a handle became known only after
   * both had come. Returns true if there were any: their handles may let others be paired.
   */
  private pairWaiting(): boolean {
    const { expected, actual } = this.unmatched;
    const count = expected.length;
    const byKey = new Map<string, Unmatched[]>();
    for (const each of actual) {
      const key = this.keyOf('actual', each.exchange);
      if (isExact(key)) byKey.set(key, [...(byKey.get(key) ?? []), each]);
    }
    for (const each of [...expected]) {
      const other = byKey.get(this.keyOf('expected', each.exchange))?.shift();
      if (other === undefined) continue;
      other.place.found = [];
      this.takeWaiting('actual', other);
      this.pairOutOfOrder(each.exchange, other.exchange, this.takeWaiting('expected', each));
    }
    return expected.length < count;
  }

  private takeWaiting(side: Side, waiting: Unmatched | undefined): Place | null {
    if (waiting === undefined) return null;
    remove(this.unmatched[side], waiting);
    return waiting.place;
  }

  private pair(expected: ComparedExchange, actual: ComparedExchange): void {
    this.at = Math.max(this.at, expected.number);
    const found = this.compare(expected, actual);
    this.context.recent.add(this.trail, expected, actual);
    if (found.length > 0) this.addFound(expected, actual, found);
    else releaseBoth(expected, actual);
  }

  private compare(expected: ComparedExchange, actual: ComparedExchange): Finding[] {
    const differences = differencesOf(expected, actual, this.context.aliases);
    if (differences.length === 0) return [];
    this.context.counts.changed++;
    return [{ kind: 'changed', expected, actual, differences }];
  }

  private pairOutOfOrder(expected: ComparedExchange, actual: ComparedExchange, place: Place | null): void {
    const found = this.compare(expected, actual);
    const { isStrict, recent } = this.context;
    const passed = isStrict ? recent.crossed(this.trail, expected, actual) : null;
    if (passed !== null) {
      this.context.counts.order++;
      found.unshift({ kind: 'order', expected, actual, passed });
    }
    recent.add(this.trail, expected, actual);
    if (place !== null) place.found = found;
    else this.addFound(expected, actual, found);
    if (found.length === 0) releaseBoth(expected, actual);
  }

  private addFound(expected: ComparedExchange, actual: ComparedExchange, found: Finding[]): void {
    this.context.findings.add(expected.number, expected.fields.weight + actual.fields.weight, found);
  }

  /** Keeps an exchange for a counterpart that may come later. */
  private wait(side: Side, exchange: ComparedExchange): void {
    const unmatched = this.unmatched[side];
    if (side === 'expected') this.at = Math.max(this.at, exchange.number);
    const waiting: Unmatched = {
      exchange,
      place: this.context.findings.add(this.at, exchange.fields.weight, null, () => {
        remove(unmatched, waiting);
        this.conclude(side, waiting);
      }),
    };
    unmatched.push(waiting);
    this.giveUp(side, MAX_DIFF_UNMATCHED);
  }

  /** Gives up the exchanges that have waited longest, until `left` remain. */
  private giveUp(side: Side, left: number): void {
    const unmatched = this.unmatched[side];
    while (unmatched.length > left) this.conclude(side, unmatched.shift()!);
  }

  private conclude(side: Side, { exchange, place }: Unmatched): void {
    const { counts, onUnmatched } = this.context;
    if (side === 'expected') {
      counts.missing++;
      place.found = [{ kind: 'missing', expected: exchange }];
    } else {
      counts.extra++;
      place.found = [{ kind: 'extra', actual: exchange }];
    }
    const key = this.keyOf(side, exchange);
    if (isExact(key)) onUnmatched(side, key);
  }

  private drop(expected: number, actual: number): void {
    this.leave('expected', expected);
    this.leave('actual', actual);
  }

  private leave(side: Side, count: number): void {
    for (const exchange of this.windows[side].splice(0, count)) {
      this.context.keys.leave(side, exchange);
      this.context.onAligned(side, exchange);
      this.weights[side] -= exchange.fields.weight;
    }
  }
}

/** Releases two compared exchanges that no finding needs. */
function releaseBoth(expected: ComparedExchange, actual: ComparedExchange): void {
  expected.fields.release();
  actual.fields.release();
}

/** How many exchanges of each key have no match. */
function unmatchedAfter(keys: readonly string[], matches: readonly Match[], side: 0 | 1): Map<string, number> {
  const matched = new Set(matches.map((match) => match[side]));
  const counts = new Map<string, number>();
  keys.forEach((key, index) => {
    if (!matched.has(index)) counts.set(key, (counts.get(key) ?? 0) + 1);
  });
  return counts;
}

/** Reduces the count of a key by 1; false if it is 0. */
function take(counts: Map<string, number>, key: string): boolean {
  const count = counts.get(key) ?? 0;
  if (count > 0) counts.set(key, count - 1);
  return count > 0;
}

/** Removes the exchanges that pass, and returns them. */
function keepIf(exchanges: ComparedExchange[], passes: (exchange: ComparedExchange) => boolean): ComparedExchange[] {
  const kept = exchanges.filter(passes);
  for (const exchange of kept) remove(exchanges, exchange);
  return kept;
}

/** The first of those with the least number; undefined: there are none. */
function leastOf<T>(candidates: readonly T[], numberOf: (candidate: T) => number): T | undefined {
  if (candidates.length < 2) return candidates[0];
  const numbers = candidates.map(numberOf);
  return candidates[numbers.indexOf(Math.min(...numbers))];
}

/** Puts the elements at these places into this order. */
function reorder<T>(list: T[], places: readonly number[]): void {
  list.splice(0, list.length, ...places.map((place) => list[place]));
}

function inOrder(some: readonly ComparedExchange[], others: readonly ComparedExchange[]): ComparedExchange[] {
  return [...some, ...others].sort((one, other) => one.number - other.number);
}

function remove<T>(list: T[], item: T): void {
  const index = list.indexOf(item);
  if (index >= 0) list.splice(index, 1);
}
