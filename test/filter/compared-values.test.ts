/** Comparisons of two fields with many values: as if each pair were compared. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ComparedValues } from '../../src/filter/compared-values.js';
import type { Comparator } from '../../src/filter/syntax.js';
import { startCpuTime } from '../helpers/cpu-time.js';

type Value = number | bigint | string;

function compare(comparator: Comparator, lefts: readonly Value[], rights: readonly Value[]): boolean {
  const values = new ComparedValues(comparator);
  const collect = (tests: typeof values.left, value: Value) =>
    typeof value === 'string' ? tests.name(value, 0) : tests.number(value);
  for (const left of lefts) collect(values.left, left);
  for (const right of rights) collect(values.right, right);
  return values.compare();
}

const PAIRS: Partial<Record<Comparator, (left: Value, right: Value) => boolean>> = {
  '==': (left, right) => left >= right && left <= right,
  '>': (left, right) => left > right,
  '>=': (left, right) => left >= right,
  '<': (left, right) => left < right,
  '<=': (left, right) => left <= right,
  contains: (left, right) => String(left).includes(String(right)),
};

test('one pair is enough', () => {
  const value = fc.oneof(
    fc.constantFrom<Value>(Number.NaN, 0, -0, 0.5, 2 ** 53, 2 ** 60, 2n ** 60n, 2n ** 60n + 1n, 'a', 'ab', '', '1'),
    fc.integer({ min: -3, max: 3 }),
    fc.bigInt({ min: -3n, max: 3n }),
  );
  const values = fc.array(value, { maxLength: 4 });
  fc.assert(
    fc.property(values, values, (lefts, rights) => {
      for (const [comparator, isPair] of Object.entries(PAIRS)) {
        const expected = lefts.some((left) =>
          rights.some((right) => (typeof left === 'string') === (typeof right === 'string') && isPair(left, right)),
        );
        expect([comparator, compare(comparator as Comparator, lefts, rights)]).toEqual([comparator, expected]);
      }
      const isEqual = compare('==', lefts, rights);
      expect(compare('!=', lefts, rights)).toBe(lefts.length > 0 && rights.length > 0 && !isEqual);
    }),
    { numRuns: 1000 },
  );
});

test.each(['==', '!=', '<', '<=', '>', '>='] as const)('%s of 200,000 values each', (comparator) => {
  const [lefts, rights] = [0, 1].map((first) => Array.from({ length: 200_000 }, (_, i) => 2 * i + first));
  const cpuSeconds = startCpuTime();
  expect(compare(comparator, lefts, rights)).toBe(comparator !== '==');
  expect(cpuSeconds()).toBeLessThan(5);
});
