/** The pairs that an exchange passed which moved, among those that are remembered. */
import { expect, test } from 'vitest';
import type { ComparedExchange } from '../../../src/analysis/diff/exchange.js';
import { RecentPairs, type Trail } from '../../../src/analysis/diff/recent-pairs.js';

const exchange = (number: number, connection = 1) =>
  ({ number, reference: { connection, summary: `call ${number}` } }) as ComparedExchange;

type Pair = [lane: number, expected: number, actual: number, connection?: number];

/** How many pairs `moved` passed, in which direction, and the nearest of them. */
function passed(capacity: number, pairs: readonly Pair[], moved: Pair): string {
  const recent = new RecentPairs(capacity);
  const trails: Trail[] = [0, 1].map(() => ({ last: -1, count: 0 }));
  for (const [lane, expected, actual, connection] of pairs)
    recent.add(trails[lane], exchange(expected, connection), exchange(actual, connection));
  const [lane, expected, actual, connection] = moved;
  const found = recent.crossed(trails[lane], exchange(expected, connection), exchange(actual, connection));
  return found === null ? 'none' : `${found.count} ${found.isLater ? 'behind' : 'before'} ${found.nearest.summary}`;
}

const five: Pair[] = [1, 2, 3, 4, 5].map((number) => [0, number, 10 + number]);

test.each<[string, capacity: number, pairs: Pair[], moved: Pair, expected: string]>([
  ['from the beginning to the end', 8, five, [0, 0, 20], '5 behind call 15'],
  ['by two places', 8, five, [0, 3.5, 15.5], '2 behind call 15'],
  ['forward by one', 8, five, [0, 5.5, 14.5], '1 before call 15'],
  ['forward by three', 8, five, [0, 5.5, 12.5], '3 before call 13'],
  ['not at all', 8, five, [0, 6, 16], 'none'],
  ['past more than are remembered', 4, five, [0, 0, 20], '4 behind call 15'],
  ['past a pair of another connection', 8, [...five, [0, 6, 16, 2]], [0, 0, 20, 2], '1 behind call 16'],
  ['where another lane has the newest pairs', 4, [...five, [1, 7, 17], [1, 8, 18]], [0, 0, 20], '2 behind call 15'],
  ['where another lane has all of them', 2, [...five, [1, 7, 17], [1, 8, 18]], [0, 0, 20], 'none'],
  ['in a lane without pairs', 8, five, [1, 0, 20], 'none'],
])('an exchange that moved %s', (_, capacity, pairs, moved, expected) => {
  expect(passed(capacity, pairs, moved)).toBe(expected);
});
