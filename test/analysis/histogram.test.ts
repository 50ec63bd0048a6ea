/** The histogram against sorted values: percentiles within 1 %, sums that add up, and a form that can be kept. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Activity } from '../../src/analysis/activity.js';
import { Histogram } from '../../src/analysis/histogram.js';

const of = (values: readonly number[]) => {
  const histogram = new Histogram();
  for (const value of values) histogram.add(value);
  return histogram;
};

const exact = (values: readonly number[], part: number) =>
  [...values].sort((a, b) => a - b)[Math.max(1, Math.ceil(part * values.length)) - 1];

const PARTS = [0, 0.01, 0.5, 0.9, 0.99, 0.999, 1];
/** All magnitudes alike, not only the greatest. */
const value = fc.integer({ min: 0, max: 52 }).chain((bits) => fc.integer({ min: 0, max: 2 ** (bits + 1) - 1 }));

test('percentiles are within 1 % of exact ones', () => {
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 300 }), (values) => {
      const histogram = of(values);
      for (const part of PARTS) {
        const truth = exact(values, part);
        expect(Math.abs(histogram.percentile(part) - truth)).toBeLessThanOrEqual(truth * 0.01);
      }
      expect([histogram.min, histogram.max, histogram.count]).toEqual([
        exact(values, 0),
        exact(values, 1),
        values.length,
      ]);
    }),
  );
});

test('parts add up to the whole, also by way of a file', () => {
  fc.assert(
    fc.property(fc.array(value, { maxLength: 100 }), fc.array(value, { maxLength: 100 }), (a, b) => {
      const merged = of(a);
      merged.merge(Histogram.fromJson(JSON.parse(JSON.stringify(of(b).toJson()))));
      const whole = of([...a, ...b]);
      expect(merged.toJson()).toEqual({ ...whole.toJson(), sum: expect.closeTo(whole.sum, -3) });
    }),
  );
});

test('the greatest value is exact', () => {
  expect(of([1_000_003, 1000]).percentile(1)).toBe(1_000_003);
});

test('octaves count all values', () => {
  expect(of([1_000_000, 1001, 1, 1000]).octaves()).toEqual([
    [1, 1],
    [512, 2],
    [524_288, 1],
  ]);
});

test.each([
  ['a bucket that there is not', { sum: 1, min: 1, max: 1, buckets: [[1e9, 1]] }],
  ['a count of nothing', { sum: 1, min: 1, max: 1, buckets: [[1, 0]] }],
])('%s is refused', (_, saved) => {
  expect(() => Histogram.fromJson(saved as never)).toThrow(RangeError);
});

describe('activity', () => {
  test('bins widen and lose nothing', () => {
    const activity = new Activity();
    for (const seconds of [-1, 0, 0.5, 30, 1000, 99_999]) activity.add(seconds);
    const parts = activity.parts(100_000, 10);
    expect(parts.reduce((sum, count) => sum + count, 0)).toBe(6);
    expect([parts[0], parts[9]]).toEqual([5, 1]);
  });
});

test('a bucket counts on beyond 16 bits', () => {
  const histogram = new Histogram();
  for (let i = 0; i < 70_000; i++) histogram.add(1000);
  histogram.add(1, 65_535);
  histogram.add(1, 1);
  histogram.add(5_000_000, 100_000);
  expect(histogram.toJson().buckets.map(([, count]) => count)).toEqual([65_536, 70_000, 100_000]);
  expect(Histogram.fromJson(histogram.toJson()).percentile(0.5)).toBe(histogram.percentile(0.5));
});
