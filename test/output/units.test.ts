/** Sizes, ages and rows of counts, at the edges of their units. */
import { expect, test } from 'vitest';
import { ageText, bytesText, sparkline } from '../../src/output/units.js';

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '0.977 KiB'],
  [1024, '1.00 KiB'],
  [999.5 * 1024, '0.976 MiB'],
  [1.5 * 2 ** 20, '1.50 MiB'],
  [999 * 2 ** 20, '999 MiB'],
  [2 ** 30, '1.00 GiB'],
  [2 ** 40, '1.00 TiB'],
  [999 * 2 ** 40, '999 TiB'],
])('%d bytes: %s', (bytes, text) => expect(bytesText(bytes)).toBe(text));

const SECOND = 1e9;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

test.each([
  [210_000, '210µs'],
  [12.5 * SECOND, '12.5s'],
  [119 * SECOND, '119s'],
  [2 * MINUTE, '2m 00s'],
  [2 * MINUTE + 5.9 * SECOND, '2m 05s'],
  [119 * MINUTE + 59 * SECOND, '119m 59s'],
  [2 * HOUR, '2h 00m'],
  [3 * HOUR + 20 * MINUTE, '3h 20m'],
  [47 * HOUR + 59 * MINUTE, '47h 59m'],
  [48 * HOUR, '2d 00h'],
  [102 * HOUR, '4d 06h'],
])('%d ns: %s', (nanoseconds, text) => expect(ageText(nanoseconds)).toBe(text));

test.each([
  [[0, 0], '  '],
  [[1], '█'],
  [[0, 1, 2, 3, 4, 5, 6, 7, 8], ' ▂▃▄▅▆▇██'],
  [[1, 1000], '▁█'],
])('%j: "%s"', (values, text) => expect(sparkline(values)).toBe(text));
