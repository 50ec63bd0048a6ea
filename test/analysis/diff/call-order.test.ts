/** Exchanges end in the order of their replies, and are compared in that of their calls. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CallOrder } from '../../../src/analysis/diff/call-order.js';

/**
 * `+1`: call 1; `1`: its exchange ended; at the end, all that waits is passed on. Held are two at most. A call that is
 * `givenUp` ends when it is passed over.
 */
function passedOn(events: string, bound = 2, givenUp: readonly number[] = []): number[] {
  const passed: number[] = [];
  const order: CallOrder<number> = new CallOrder<number>(
    (item) => passed.push(item),
    (number) => {
      if (givenUp.includes(number)) order.end(number, number);
    },
    bound,
  );
  for (const event of events.split(' ').filter((each) => each !== '')) {
    if (event.startsWith('+')) order.call(Number(event));
    else order.end(Number(event), Number(event));
  }
  order.finish();
  return passed;
}

test.each([
  ['answered in order', '+1 1 +2 2', [1, 2]],
  ['a later call is answered first', '+1 +2 2 1', [1, 2]],
  ['as many wait as may', '+1 +2 +3 3 2 1', [1, 2, 3]],
  ['more wait than may: the open call is passed over', '+1 +2 +3 +4 4 3 2 1', [2, 3, 4, 1]],
  ['two open calls are passed over', '+1 +2 +3 +4 +5 5 4 3 2 1', [3, 4, 5, 2, 1]],
  ['a call that stays open', '+1 +2 2', [2]],
  ['nothing', '', []],
])('%s', (_, events, expected) => {
  expect(passedOn(events)).toEqual(expected);
});

test.each([
  ['it ends at its place', '+1 +2 +3 +4 4 3 2', [1], [1, 2, 3, 4]],
  ['two of them', '+1 +2 +3 +4 +5 5 4 3', [1, 2], [1, 2, 3, 4, 5]],
  ['another one ends later', '+1 +2 +3 +4 +5 5 4 3 2', [1], [1, 3, 4, 5, 2]],
  ['fewer wait than may', '+1 +2 +3 3 2', [1], [1, 2, 3]],
])('an open call that is given up when it is passed over: %s', (_, events, givenUp, expected) => {
  expect(passedOn(events, 2, givenUp)).toEqual(expected);
});

test('whatever ends when, each is passed on once, and in order where few enough wait', () => {
  const orders = fc.shuffledSubarray(Array.from({ length: 30 }, (_, index) => index + 1));
  const calls = Array.from({ length: 30 }, (_, index) => `+${index + 1}`).join(' ');
  fc.assert(
    fc.property(orders, fc.nat({ max: 30 }), (ended, bound) => {
      const passed = passedOn(`${calls} ${ended.join(' ')}`, bound);
      expect([...passed].sort((a, b) => a - b)).toEqual([...ended].sort((a, b) => a - b));
      if (bound >= ended.length) expect(passed).toEqual([...passed].sort((a, b) => a - b));
    }),
  );
});
