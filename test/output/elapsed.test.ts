/** Elapsed times in a column are the same as in text, at its right; of negative ones a digit goes for the sign. */
import { expect, test } from 'vitest';
import { ELAPSED_WIDTH, elapsedText, writeElapsedColumn } from '../../src/output/time.js';
import { ByteWriter } from '../../src/xdr/byte-writer.js';

function column(nanoseconds: number): string {
  const out = new ByteWriter(1);
  writeElapsedColumn(out, nanoseconds);
  return out.toString();
}

test('any time', () => {
  for (let exponent = 0; exponent < 14; exponent += 0.0007) {
    for (const nanoseconds of [Math.floor(10 ** exponent), Math.ceil(10 ** exponent)]) {
      expect(column(nanoseconds)).toBe(elapsedText(nanoseconds).padStart(ELAPSED_WIDTH));
    }
  }
});

test.each([
  [0, '    0ns'],
  [10, '   10ns'],
  [100, '  100ns'],
  [999, '  999ns'],
  [1000, ' 1.00µs'],
  [9994, ' 9.99µs'],
  [9995, ' 10.0µs'],
  [999_499, '  999µs'],
  [999_500, ' 1.00ms'],
  [999_500_000, '  1.00s'],
  [998_999_000_000, '   999s'],
  [999_500_000_000, '  1000s'],
  [1_000_000_000_000, '  1000s'],
  [-1500, ' -1.5µs'],
  [-12_300_000, '  -12ms'],
  [-123_000_000, ' -123ms'],
  [-5, '   -5ns'],
])('%d ns', (nanoseconds, text) => {
  expect(column(nanoseconds)).toBe(text);
});
