/**
 * Adds up statistics rows over programs and procedures (`--totals`):
 * one row for each interval and each combination of values of `--by`.
 */
import { OTHER } from './row-table.js';
import { keyText, StatisticsRow, totalKey } from './statistics-row.js';

export function sumRows(rows: readonly StatisticsRow[]): StatisticsRow[] {
  const isByTime = rows.some(({ key }) => key.interval !== undefined);
  const sums = new Map<string, StatisticsRow>();
  for (const row of rows) {
    const { by, interval } = row.key;
    const key = totalKey(by, interval);
    // Rows of all times and of no value have nothing else to be named by.
    if (isByTime && interval === undefined && by.length === 0) key.procedure = OTHER;
    const text = keyText(key);
    const sum = sums.get(text) ?? new StatisticsRow(key);
    sum.merge(row);
    sums.set(text, sum);
  }
  return [...sums.values()];
}
