/** Ranges of bytes, against sets of numbers. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addRange, commonRanges, missingRanges, rangesLength, removeRange } from '../../src/network/byte-ranges.js';

test('ranges are sets of numbers', () => {
  const range = fc.tuple(fc.nat(60), fc.integer({ min: 1, max: 12 }));
  fc.assert(
    fc.property(fc.array(range, { maxLength: 30 }), range, (added, [from, size]) => {
      const ranges: number[] = [];
      const set = new Set<number>();
      for (const [start, length] of added) {
        addRange(ranges, start, start + length);
        for (let i = start; i < start + length; i++) set.add(i);
      }
      const members = (pairs: [number, number][]) =>
        pairs.flatMap(([a, b]) => Array.from({ length: b - a }, (_, i) => a + i));
      const asked = Array.from({ length: size }, (_, i) => from + i);
      expect(rangesLength(ranges)).toBe(set.size);
      expect(ranges).toEqual([...ranges].sort((a, b) => a - b));
      expect(members(commonRanges(ranges, from, from + size))).toEqual(asked.filter((i) => set.has(i)));
      expect(members(missingRanges(ranges, from, from + size))).toEqual(asked.filter((i) => !set.has(i)));
      removeRange(ranges, from, from + size);
      expect(members(commonRanges(ranges, 0, 100))).toEqual(
        [...set].filter((i) => !asked.includes(i)).sort((a, b) => a - b),
      );
      expect(ranges).toEqual([...new Set(ranges)]);
    }),
  );
});
