import { describe, expect, test } from 'vitest';
import { CallArguments } from '../../src/rpc/call-arguments.js';
import { ExchangeSlots, NONE, XID } from '../../src/rpc/exchange-slots.js';
import { Message } from '../../src/rpc/message.js';

const CAPACITY = 8;

/** All slots with an owner and an xid, newest first. */
function slotsOf(slots: ExchangeSlots, owner: number, xid: number): number[] {
  const found: number[] = [];
  for (let slot = slots.newest(owner, xid); slot !== NONE; slot = slots.next(owner, xid, slot)) found.push(slot);
  return found;
}

// Serial numbers are words: they begin again after 2^32 exchanges.
describe.each([
  ['the first exchanges', 0],
  ['those around 2^31', 2 ** 31 - CAPACITY - 20],
  ['those around 2^32', 2 ** 32 - CAPACITY - 20],
  ['those after 2^32', 2 ** 32],
])('%s', (_, opened) => {
  test.each([1, 2, 3, 5])('with one of %d xids each are found while they are in the ring', (xids) => {
    const slots = new ExchangeSlots(CAPACITY);
    slots.opened = opened;
    const message = new Message();
    const newest: [slot: number, xid: number][] = [];
    for (let i = 0; i < 60; i++) {
      message.xid = i % xids;
      message.frame = i + 1;
      newest.unshift([slots.open(message, 1, new CallArguments(), NONE), message.xid]);
      newest.length = Math.min(newest.length, CAPACITY);
      for (let xid = 0; xid < xids; xid++) {
        expect(slotsOf(slots, 1, xid)).toEqual(newest.filter((each) => each[1] === xid).map(([slot]) => slot));
        expect(slots.newest(2, xid)).toBe(NONE);
      }
    }
  });

  test('one that is let stay is found, in its slot and with its serial number', () => {
    const slots = new ExchangeSlots(CAPACITY);
    slots.opened = opened;
    const message = new Message();
    const open = (xid: number) => slots.open(Object.assign(message, { xid }), 1, new CallArguments(), NONE);
    const first = open(1);
    const serial = slots.serialOf(first);
    for (let xid = 2; xid < 60; xid++) {
      if (slots.oldest === first && xid > CAPACITY) slots.renew();
      expect(slots.serialOf(open(xid))).toBeGreaterThan(serial);
      expect([slots.newest(1, 1), slots.newest(1, xid)]).toEqual([first, expect.any(Number)]);
      expect([slots.serialOf(first), slots.get(first, XID)]).toEqual([serial, 1]);
    }
  });
});
