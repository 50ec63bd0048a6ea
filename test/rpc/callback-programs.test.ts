/** Programs of callbacks, by client: a full table forgets the program that was not used for longest. */
import { expect, test } from 'vitest';
import { CallbackPrograms } from '../../src/rpc/callback-programs.js';

test.each<[string, learnt: number[], known: number[]]>([
  ['as many as there is room for', [1, 2, 3], [1, 2, 3]],
  ['one more: the first leaves', [1, 2, 3, 4], [2, 3, 4]],
  ['one that is learnt again stays', [1, 2, 3, 1, 4], [1, 3, 4]],
])('%s', (_, learnt, known) => {
  const programs = new CallbackPrograms(3);
  for (const number of learnt) programs.learn('10.0.0.1', 0x40000000 + number);
  expect([1, 2, 3, 4].filter((number) => programs.has('10.0.0.1', 0x40000000 + number))).toEqual(known);
});

test('one that is in use stays', () => {
  const programs = new CallbackPrograms(2);
  programs.learn('10.0.0.1', 0x40000001);
  for (const number of [2, 3, 4]) {
    programs.learn('10.0.0.1', 0x40000000 + number);
    expect(programs.has('10.0.0.1', 0x40000001)).toBe(true);
  }
});

test('a program that is not transient is none', () => {
  const programs = new CallbackPrograms();
  programs.learn('10.0.0.1', 100003);
  expect(programs.has('10.0.0.1', 100003)).toBe(false);
});
