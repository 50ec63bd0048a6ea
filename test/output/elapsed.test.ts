/** Elapsed times of the same place have the same text: the list keeps texts by place. */
import { expect, test } from 'vitest';
import { elapsedPlace, elapsedText } from '../../src/output/time.js';

test('a place has one text', () => {
  const texts = new Map<number, string>();
  for (let exponent = 0; exponent < 13; exponent += 0.0007) {
    for (const nanoseconds of [Math.floor(10 ** exponent), Math.ceil(10 ** exponent)]) {
      const place = elapsedPlace(nanoseconds);
      if (place < 0) continue;
      const text = elapsedText(nanoseconds);
      expect(texts.get(place) ?? text, `${nanoseconds} ns`).toBe(text);
      texts.set(place, text);
    }
  }
  expect(new Set(texts.values()).size).toBe(texts.size);
});

test.each([
  [0, '0ns'],
  [999, '999ns'],
  [1000, '1.00µs'],
  [9994, '9.99µs'],
  [9995, '10.0µs'],
  [999_499, '999µs'],
  [999_500, '1.00ms'],
  [999_500_000, '1.00s'],
  [998_999_000_000, '999s'],
])('%d ns', (nanoseconds, text) => {
  expect(elapsedText(nanoseconds)).toBe(text);
  expect(elapsedPlace(nanoseconds)).toBeGreaterThanOrEqual(0);
});

test.each([-1, 1_000_000_000_000])('%d ns is not kept', (nanoseconds) => {
  expect(elapsedPlace(nanoseconds)).toBe(-1);
});
