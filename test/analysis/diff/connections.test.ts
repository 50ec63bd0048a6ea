/** Votes are texts: a letter is a call, the digit before it is its connection. */
import { describe, expect, test } from 'vitest';
import { Connections } from '../../../src/analysis/diff/connections.js';
import type { ComparedExchange } from '../../../src/analysis/diff/exchange.js';
import { MAX_DIFF_CONNECTION_VOTES } from '../../../src/limits/diff.js';

const on = (connection: number) => ({ reference: { connection } }) as ComparedExchange;

/** Roles of the actual connections 1 to 3, after these windows were seen so many times. */
function partners(expected: string, actual: string, times = 1): (number | null)[] {
  const connections = new Connections();
  const texts = { expected: expected.split(' '), actual: actual.split(' ') };
  const exchanges = (list: string[]) => list.map((text) => on(Number(text[0])));
  const keys = (list: string[]) => list.map((text) => text.slice(1));
  for (let i = 0; i < times; i++)
    connections.vote(
      { expected: exchanges(texts.expected), actual: exchanges(texts.actual) },
      { expected: keys(texts.expected), actual: keys(texts.actual) },
    );
  return [1, 2, 3].map((connection) => {
    const role = connections.roleOf('actual', on(connection));
    return role < 0 ? null : role;
  });
}

test.each([
  ['all calls of one', '1a 1b 1c 1d', '2a 2b 2c 2d', [null, 1, null]],
  ['too few', '1a 1b 1c', '2a 2b 2c', [null, null, null]],
  ['calls that occur again do not count', '1a 1b 1c 1d 1d', '2a 2b 2c 2d', [null, null, null]],
  ['two that are exchanged', '1a 1b 1c 1d 2e 2f 2g 2h', '2a 2b 2c 2d 1e 1f 1g 1h', [2, 1, null]],
  ['nearly all', '1a 1b 1c 1d 1e', '2a 2b 2c 2d 3e', [null, 1, null]],
  ['half', '1a 1b 1c 1d', '2a 2b 3c 3d', [null, null, null]],
  ['two of one', '1a 1b 1c 1d 2e 2f 2g 2h', '3a 3b 3c 3d 3e 3f 3g 3h', [null, null, null]],
])('%s', (_, expected, actual, roles) => {
  expect(partners(expected, actual)).toEqual(roles);
});

test('old votes count less and less', () => {
  expect(partners('1a 1b 1c 1d', '2a 2b 2c 2d', 5000)).toEqual([null, 1, null]);
});

test('a counterpart is found behind any number of votes that did not agree', () => {
  const connections = new Connections();
  const vote = (connection: number, other: number) =>
    connections.vote({ expected: [on(connection)], actual: [on(other)] }, { expected: ['a'], actual: ['a'] });
  for (let other = 100; other < 100 + MAX_DIFF_CONNECTION_VOTES; other++) vote(1, other);
  for (let i = 0; i < 8; i++) vote(1, 2);
  expect(connections.roleOf('actual', on(2))).toBe(1);
});

describe('conflict', () => {
  const connections = new Connections();
  const windows = { expected: [1, 1, 1, 1, 2, 2, 2, 2].map(on), actual: [1, 1, 1, 1, 2, 2, 2, 2].map(on) };
  const keys = [...'abcdefgh'];
  connections.vote(windows, { expected: keys, actual: keys });

  test.each([
    ['partners', 1, 1, false],
    ['others that have partners', 1, 2, true],
    ['one without', 1, 3, false],
  ])('%s', (_, expected, actual, isConflict) => {
    expect(connections.conflict(on(expected), on(actual))).toBe(isConflict);
  });
});
