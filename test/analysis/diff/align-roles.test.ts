/** Windows are texts: a letter is a call, a capital one with another outcome; the digit before it is the connection's role. */
import { expect, test } from 'vitest';
import { alignByRole } from '../../../src/analysis/diff/align-roles.js';

function aligned(expected: string, actual: string): string {
  const windows = { expected: expected.split(' '), actual: actual.split(' ') };
  const of = <T>(what: (text: string) => T) => ({
    expected: windows.expected.map(what),
    actual: windows.actual.map(what),
  });
  const { matches, order } = alignByRole(
    of((text) => Number(text[0])),
    of((text) => text[1]),
    of((text) => text[1].toLowerCase()),
  );
  const moved = order.map((place) => windows.actual[place]).join(' ');
  return `${moved}: ${matches.map(([i, j]) => `${windows.expected[i]}=${windows.actual[order[j]]}`).join(' ')}`;
}

test.each([
  ['one connection', '1a 1b 1c', '1a 1c', '1a 1c: 1a=1a 1c=1c'],
  ['another interleaving', '1a 2a 1b 2b', '2a 2b 1a 1b', '1a 2a 1b 2b: 1a=1a 2a=2a 1b=1b 2b=2b'],
  ['the same call on other connections', '1a 2a', '2a 1a', '1a 2a: 1a=1a 2a=2a'],
  ['another outcome', '1a 2b 1c', '2B 1a 1c', '1a 2B 1c: 1a=1a 2b=2B 1c=1c'],
  [
    'what only the actual one has stays behind what it follows',
    '1a 2a 1b',
    '2a 1a 1x 1b',
    '1a 1x 2a 1b: 1a=1a 2a=2a 1b=1b',
  ],
  ['before its connection begins', '2a 1a', '1x 1a 2a', '1x 2a 1a: 2a=2a 1a=1a'],
  ['behind its last match: it comes last', '1a 2a', '1a 1x 1y 2a', '1a 2a 1x 1y: 1a=1a 2a=2a'],
  ['what has no match at all', '1a', '2x 1a 2y', '1a 2x 2y: 1a=1a'],
  ['calls of other roles never match', '1a', '2a', '2a: '],
])('%s', (_, expected, actual, result) => {
  expect(aligned(expected, actual)).toBe(result);
});
