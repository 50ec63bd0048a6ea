/** Response times of a report: which are drawn one by one, and those of each part of a capture. */
import { expect, test } from 'vitest';
import { LatencySample } from '../../src/analysis/latency-sample.js';
import { LatencySeries } from '../../src/analysis/latency-series.js';
import { MAX_SAMPLED_TIMES, MAX_SLOWEST_TIMES } from '../../src/limits/analysis.js';

test('of many times a sample is drawn, in which all have the same chance, and the slowest ones', () => {
  const sample = new LatencySample<{ elapsed: number; at: number }>();
  const count = 10 * MAX_SAMPLED_TIMES;
  let made = 0;
  for (let at = 0; at < count; at++) {
    // A prime step: each number below `count` comes once.
    const elapsed = (at * 7919) % count;
    sample.add(elapsed, () => {
      made++;
      return { elapsed, at };
    });
  }
  const slowest = Array.from({ length: MAX_SLOWEST_TIMES }, (_, i) => count - 1 - i);
  expect(sample.slowest().map(({ elapsed }) => elapsed)).toEqual(slowest);
  expect([sample.count, new Set(sample.sampled).size]).toEqual([count, MAX_SAMPLED_TIMES]);
  const tenths = new Array<number>(10).fill(0);
  for (const { at } of sample.sampled) tenths[Math.floor((10 * at) / count)]++;
  for (const tenth of tenths) expect(Math.abs(tenth / (MAX_SAMPLED_TIMES / 10) - 1)).toBeLessThan(0.15);
  expect(made).toBeLessThan(count / 2);
});

test('of few times all are drawn', () => {
  const sample = new LatencySample<{ elapsed: number }>();
  for (const elapsed of [3, 0, 7]) sample.add(elapsed, () => ({ elapsed }));
  expect(sample.sampled.map(({ elapsed }) => elapsed)).toEqual([3, 0, 7]);
  expect(sample.slowest().map(({ elapsed }) => elapsed)).toEqual([7, 3, 0]);
});

test('parts of a capture widen and lose no reply', () => {
  const series = new LatencySeries();
  const parts = () => series.list().map(({ from, to, elapsed: { count, min, max } }) => [from, to, count, min, max]);
  series.add(-1, 5);
  series.add(0.0005, 7);
  series.add(0.03, 9);
  expect(parts()).toEqual([
    [0, 1 / 1024, 2, 5, 7],
    [30 / 1024, 31 / 1024, 1, 9, 9],
  ]);
  series.add(1, 2);
  expect(parts()).toEqual([
    [0, 1 / 32, 3, 5, 9],
    [1, 33 / 32, 1, 2, 2],
  ]);
});
