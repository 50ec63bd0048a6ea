/** What a connection at rest is written as: the values that were written are read, in their order. */
import { expect, test } from 'vitest';
import { Rest } from '../../src/network/rest.js';

const INTEGERS = [0, 1, -1, 63, 64, -64, -65, 127, 128, 2 ** 31 - 1, -(2 ** 31), 2 ** 32, 2 ** 52, -(2 ** 52) + 1];
const DOUBLES = [0, 1.7e9 + 1 / 3, Number.NEGATIVE_INFINITY, -0.1];
const BYTES = [Buffer.alloc(0), Buffer.from([0, 127, 128, 255]), Buffer.alloc(1024, 0xa5)];

function keep(rest: Rest, isRead: boolean) {
  const or = <T>(value: T, none: T) => (isRead ? none : value);
  return {
    integers: INTEGERS.map((value) => rest.integer(or(value, 0))),
    doubles: DOUBLES.map((value) => rest.double(or(value, 0))),
    flags: [true, false].map((value) => rest.flag(or(value, false))),
    nullable: [null, 0, -5].map((value) => rest.integerOrNull(or(value, null))),
    bytes: BYTES.map((value) => rest.bytes(or(value, Buffer.alloc(0)))),
  };
}

test('values are read as they were written', () => {
  const rest = new Rest();
  const written = keep(rest, false);
  const text = rest.toString();
  expect(keep(new Rest(text), true)).toEqual(written);
  expect(written).toMatchObject({
    integers: INTEGERS,
    doubles: DOUBLES,
    flags: [true, false],
    nullable: [null, 0, -5],
  });
});
