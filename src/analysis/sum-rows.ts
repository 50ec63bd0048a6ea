/** Statistics' rows added up over programs and procedures (`--totals`): one for each value of the keys of `--by`, and each interval. */
import { keyText, StatisticsRow } from './statistics-row.js';

export function sumRows(rows: readonly StatisticsRow[]): StatisticsRow[] {
  const sums = new Map<string, StatisticsRow>();
  for (const row of rows) {
    const { by, interval } = row.key;
    const key = {
      program: undefined,
      programNumber: -1,
      version: -1,
      procedure: '',
      operation: undefined,
      by,
      interval,
    };
    const text = keyText(key);
    const sum = sums.get(text) ?? new StatisticsRow(key);
    sum.merge(row);
    sums.set(text, sum);
  }
  return [...sums.values()];
}
