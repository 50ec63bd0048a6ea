/** Decimal digits at an offset, beside what String and BigInt give. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nineDigits, signed, signed64, sixDigits, unsigned, unsigned53, unsigned64 } from '../../src/xdr/decimal.js';

const OFFSET = 3;
const w = Buffer.alloc(64);
const d = new DataView(w.buffer, w.byteOffset, w.length);

function text(write: (q: number) => number): string {
  w.fill(0xee);
  const end = write(OFFSET);
  expect(w[OFFSET - 1]).toBe(0xee);
  expect(w[end]).toBe(0xee);
  return w.toString('latin1', OFFSET, end);
}

/** Where the number of digits changes, and where the words of a number do. */
const EDGES = [...Array(21).keys()]
  .map((i) => 10n ** BigInt(i))
  .concat([2n ** 31n, 2n ** 32n, 2n ** 53n, 2n ** 63n, 2n ** 64n]);
const edges = EDGES.flatMap((edge) => [edge - 1n, edge, edge + 1n]).filter((value) => value >= 0n && value < 2n ** 64n);
const below = (limit: bigint) => edges.filter((value) => value < limit).map(Number);
const word64 = fc.oneof(fc.constantFrom(...edges), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }));

describe('digits', () => {
  test.each([
    ['unsigned', unsigned, fc.oneof(fc.constantFrom(...below(2n ** 32n)), fc.nat(0xffffffff))],
    ['signed', signed, fc.oneof(fc.constantFrom(...below(2n ** 31n)), fc.integer())],
    ['unsigned53', unsigned53, fc.oneof(fc.constantFrom(...below(2n ** 53n)), fc.maxSafeNat())],
  ] as const)('%s', (_, write, numbers) => {
    fc.assert(
      fc.property(numbers, (value) => {
        expect(text((q) => write(w, d, q, value))).toBe(String(value));
      }),
    );
  });

  test('unsigned64', () => {
    fc.assert(
      fc.property(word64, (value) => {
        const [high, low] = [Number(value >> 32n), Number(value & 0xffffffffn)];
        expect(text((q) => unsigned64(w, d, q, high, low))).toBe(String(value));
        expect(text((q) => signed64(w, d, q, high, low))).toBe(String(BigInt.asIntN(64, value)));
        // Words may come as signed numbers.
        expect(text((q) => unsigned64(w, d, q, high | 0, low | 0))).toBe(String(value));
        expect(text((q) => signed64(w, d, q, high | 0, low | 0))).toBe(String(BigInt.asIntN(64, value)));
        expect(text((q) => unsigned(w, d, q, low | 0))).toBe(String(low));
      }),
      { numRuns: 1000 },
    );
  });

  test('six digits', () => {
    fc.assert(
      fc.property(fc.nat(999_999), (value) => {
        expect(text((q) => sixDigits(d, q, value))).toBe(String(value).padStart(6, '0'));
      }),
    );
  });

  test('nine digits', () => {
    fc.assert(
      fc.property(fc.nat(999_999_999), (value) => {
        expect(text((q) => nineDigits(w, d, q, value))).toBe(String(value).padStart(9, '0'));
      }),
    );
  });
});
