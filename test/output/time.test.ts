/** The time column of lists in all its forms: of the first message, of the next one, and of one whose clock went back. */
import { expect, test } from 'vitest';
import { TIME_FORMATS, TimeColumn, type TimeFormat } from '../../src/output/time.js';
import { ByteWriter } from '../../src/xdr/byte-writer.js';

/** 2026-11-22 06:46:00 UTC; tests run in a zone 05:45 ahead of it (vitest.config.ts). */
const START = 1795329960;
const TIMES: [seconds: number, nanoseconds: number][] = [
  [START, 999_999_999],
  [START + 1, 1_000],
  [START - 1, 500_000_000],
  [START - 3, 500_000_000],
];

const ROWS: Record<TimeFormat, string[]> = {
  a: ['12:31:00.999999', '12:31:01.000001', '12:30:59.500000', '12:30:57.500000'],
  ad: [
    '2026-11-22 12:31:00.999999',
    '2026-11-22 12:31:01.000001',
    '2026-11-22 12:30:59.500000',
    '2026-11-22 12:30:57.500000',
  ],
  u: ['06:46:00.999999', '06:46:01.000001', '06:45:59.500000', '06:45:57.500000'],
  ud: [
    '2026-11-22 06:46:00.999999',
    '2026-11-22 06:46:01.000001',
    '2026-11-22 06:45:59.500000',
    '2026-11-22 06:45:57.500000',
  ],
  r: ['0.000000', '0.000001', '-1.499999', '-3.499999'],
  d: ['0.000000', '0.000001', '-1.500001', '-2.000000'],
  dd: ['0.000000', '0.000001', '-1.500001', '-2.000000'],
  e: ['1795329960.999999999', '1795329961.000001000', '1795329959.500000000', '1795329957.500000000'],
};

function columnOf(format: TimeFormat): TimeColumn {
  const [[seconds, nanoseconds]] = TIMES;
  return new TimeColumn(format, () => ({ seconds, nanoseconds }));
}

function textOf(column: TimeColumn, [seconds, nanoseconds]: [number, number]): string {
  const out = new ByteWriter(64);
  column.write(out, seconds, nanoseconds);
  return out.toString();
}

test.each(TIME_FORMATS)('-t %s', (format) => {
  const column = columnOf(format);
  expect(TIMES.map((time) => textOf(column, time))).toEqual(ROWS[format]);
});

test.each([
  ['d', '-1.500001'],
  ['dd', '-1.499999'],
] as const)('behind a message that is not shown: -t %s', (format, expected) => {
  const column = columnOf(format);
  textOf(column, TIMES[0]);
  column.pass(...TIMES[1]);
  expect(textOf(column, TIMES[2])).toBe(expected);
});
