/**
 * The order of statistics rows (`--sort`): the greatest value
 * first, within each interval; then by program, version and names.
 */
import type { StatisticsRow } from './statistics-row.js';

const COLUMNS = {
  calls: (row: StatisticsRow) => row.calls,
  resends: (row: StatisticsRow) => row.retransmissions,
  unanswered: (row: StatisticsRow) => row.unansweredTotal,
  errors: (row: StatisticsRow) => row.errorTotal,
  bytes: (row: StatisticsRow) => row.callBytes + row.replyBytes,
  total: (row: StatisticsRow) => row.elapsed.sum,
  mean: (row: StatisticsRow) => (row.elapsed.count === 0 ? 0 : row.elapsed.mean),
  p50: (row: StatisticsRow) => row.elapsed.percentile(0.5),
  p99: (row: StatisticsRow) => row.elapsed.percentile(0.99),
  max: (row: StatisticsRow) => row.elapsed.max,
};

export type SortName = keyof typeof COLUMNS;
export const SORT_NAMES = Object.keys(COLUMNS) as SortName[];

export function sortRows(rows: readonly StatisticsRow[], name: SortName): StatisticsRow[] {
  const valued = rows.map((row) => ({ row, value: COLUMNS[name](row) }));
  valued.sort(
    (a, b) => (a.row.key.interval ?? 0) - (b.row.key.interval ?? 0) || b.value - a.value || compareKeys(a.row, b.row),
  );
  return valued.map(({ row }) => row);
}

/** The first `most` rows of each interval; all of them by default. */
export function topRows(rows: readonly StatisticsRow[], most = Number.POSITIVE_INFINITY): StatisticsRow[] {
  const shown = new Map<number | undefined, number>();
  return rows.filter(({ key: { interval } }) => {
    const before = shown.get(interval) ?? 0;
    shown.set(interval, before + 1);
    return before < most;
  });
}

function compareKeys({ key: a }: StatisticsRow, { key: b }: StatisticsRow): number {
  const text = ({ procedure, operation, by }: typeof a) => [procedure, operation ?? '', ...by].join('\n');
  return a.programNumber - b.programNumber || a.version - b.version || (text(a) < text(b) ? -1 : 1);
}
