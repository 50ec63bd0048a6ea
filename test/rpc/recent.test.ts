/** A bounded map: what leaves when it is full. */
import { expect, test } from 'vitest';
import { Recent } from '../../src/rpc/recent.js';

test.each<[string, use: (recent: Recent<number>) => void, left: number[]]>([
  ['what was set first', () => {}, [1]],
  ['not what is in use', (recent) => recent.use('a'), [2]],
  ['not what was set again', (recent) => recent.set('a', 1), [2]],
  ['what was only read', (recent) => recent.get('a'), [1]],
  ['nothing where an entry was deleted', (recent) => recent.delete('b'), []],
])('%s', (_, use, expected) => {
  const left: number[] = [];
  const recent = new Recent<number>(2, (value) => left.push(value));
  recent.set('a', 1);
  recent.set('b', 2);
  use(recent);
  recent.set('c', 3);
  expect(left).toEqual(expected);
});

test('a full map stays quick, and lets go in order', () => {
  const left: number[] = [];
  const recent = new Recent<number, number>(16_384, (value) => left.push(value));
  for (let i = 0; i < 300_000; i++) recent.set(i, i);
  expect(left.length).toBe(300_000 - 16_384);
  expect(left.every((value, i) => value === i)).toBe(true);
  recent.delete(left.length);
  for (let i = 0; i < 3; i++) recent.set(-i - 1, -i - 1);
  expect(left.slice(-2)).toEqual([283_617, 283_618]);
});
