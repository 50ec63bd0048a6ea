/** Exchanges end in the order of their replies, and are compared in that of their calls. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CallOrder } from '../../../src/analysis/diff/call-order.js';

/** `+1`: call 1; `1`: its exchange ended; at the end, all that waits is passed on. Held are two at most. */
function passedOn(events: string, bound = 2): number[] {
  const passed: number[] = [];
  const order = new CallOrder<number>((item) => passed.push(item), bound);
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
