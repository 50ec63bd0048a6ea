/** More rows than are kept: what is added up to `(other)`, and how much a row may lack for it. */
import { expect, test } from 'vitest';
import { RowTable } from '../../src/analysis/row-table.js';
import { keyText, type RowKey } from '../../src/analysis/statistics-row.js';
import { MAX_STATISTICS_ROWS } from '../../src/limits/analysis.js';

const keyOf = (file: number): RowKey => ({
  program: 'P',
  programNumber: 7,
  version: 1,
  procedure: 'READ',
  operation: undefined,
  by: [String(file)],
  interval: undefined,
});
const rowOf = (table: RowTable, file: number) => table.of(keyOf(file), keyText(keyOf(file)));

/** A row for each file; one file in four has one call, one two, one three, one four. */
function tableOf(files: number): RowTable {
  const table = new RowTable();
  for (let file = 0; file < files; file++) {
    const row = rowOf(table, file);
    for (let calls = 0; calls <= file % 4; calls++) row.addCall(0, 0);
  }
  return table;
}
const callsOf = (table: RowTable) => [...table.rows.values()].reduce((sum, { calls }) => sum + calls, 0);

test('as many as are kept lack nothing', () => {
  const table = tableOf(MAX_STATISTICS_ROWS);
  expect([table.rows.size, table.overflow]).toEqual([MAX_STATISTICS_ROWS, { rows: 0, lacking: 0 }]);
});

test('one more: the half with fewer calls is added up, and a row that returns begins at 0', () => {
  const half = MAX_STATISTICS_ROWS / 2;
  const table = tableOf(MAX_STATISTICS_ROWS + 1);
  expect(table.overflow).toEqual({ rows: half, lacking: 2 });
  expect(table.rows.size).toBe(half + 2);
  expect(callsOf(table)).toBe(2.5 * MAX_STATISTICS_ROWS + 1);
  const other = [...table.rows.values()].find(({ key }) => key.by[0] === '(other)')!;
  expect([other.key.procedure, other.calls]).toEqual(['READ', 1.5 * half]);
  expect([rowOf(table, 0).calls, rowOf(table, 2).calls]).toEqual([0, 3]);
});

test('procedures without end share one row', () => {
  const table = new RowTable();
  let most = 0;
  for (let i = 0; i < 3 * MAX_STATISTICS_ROWS; i++) {
    const key = { ...keyOf(i), procedure: String(i) };
    table.of(key, keyText(key)).addCall(0, 0);
    most = Math.max(most, table.rows.size);
  }
  expect(most).toBeLessThanOrEqual(MAX_STATISTICS_ROWS + 1);
  expect(callsOf(table)).toBe(3 * MAX_STATISTICS_ROWS);
});

test('runs that are added up lack what both lack', () => {
  const [one, two] = [tableOf(MAX_STATISTICS_ROWS + 1), tableOf(MAX_STATISTICS_ROWS + 1)];
  one.merge(two.rows.values(), two.overflow);
  expect(one.overflow).toEqual({ rows: MAX_STATISTICS_ROWS, lacking: 4 });
  expect(callsOf(one)).toBe(5 * MAX_STATISTICS_ROWS + 2);
});
