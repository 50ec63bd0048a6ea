/**
 * Adds up statistics rows over programs and procedures (`--totals`):
 * one row for each interval and each combination of values of `--by`.
 */
import { keyText, StatisticsRow, totalKey } from './statistics-row.js';

export function sumRows(rows: readonly StatisticsRow[]): StatisticsRow[] {
  const sums = new Map<string, StatisticsRow>();
  for (const row of rows) {
    const key = totalKey(row.key.by, row.key.interval);
    const text = keyText(key);
    const sum = sums.get(text) ?? new StatisticsRow(key);
    sum.merge(row);
    sums.set(text, sum);
  }
  return [...sums.values()];
}
