/**
 * Remarks below a statistics table: unanswered calls by outcome,
 * replies that cannot be read, and rows that were not kept.
 */
import { grouped } from '../analysis/account.js';
import type { Statistics } from '../analysis/statistics.js';
import type { StatisticsRow } from '../analysis/statistics-row.js';
import { MAX_STATISTICS_ROWS } from '../limits/analysis.js';
import { UNANSWERED } from '../rpc/outcome.js';
import { UNANSWERED_TEXTS } from './outcome-texts.js';

/** A count with the text that says what was counted. */
type Remark = [count: number, text: string];

/** Those of 0 are left out. */
export function remarksOf(statistics: Statistics): Remark[] {
  const { rows } = statistics;
  const sum = (count: (row: StatisticsRow) => number) => rows.reduce((total, row) => total + count(row), 0);
  const lines: Remark[] = [
    ...UNANSWERED.map(
      (outcome): Remark => [sum((row) => row.unanswered[outcome]), `unanswered: ${UNANSWERED_TEXTS[outcome]}`],
    ),
    [sum((row) => row.unreadable), 'replies whose status cannot be read: encrypted, cut off, or of an unknown program'],
    [sum((row) => row.negativeTimes), 'replies before their calls by the clock: no response time'],
  ];
  return [...lines.filter(([count]) => count > 0), ...remarksBesideRows(statistics)];
}

/** The remarks about what no row has, so that `--json` and `--csv` cannot show it. */
export function remarksBesideRows({ besideRows, table: { overflow } }: Statistics): Remark[] {
  const { repliesWithoutCall, otherCalls, unreadableCompounds } = besideRows;
  const lines: Remark[] = [
    [repliesWithoutCall, 'replies whose call was not captured'],
    [otherCalls, 'calls that are not compounds, and so have no operations'],
    [unreadableCompounds, 'compounds whose operations cannot be read: encrypted, or cut off'],
    [overflow.rows, overflowText(overflow.lacking)],
  ];
  return lines.filter(([count]) => count > 0);
}

/** What became of rows beyond the bound; follows their number. */
export function overflowText(lacking: number): string {
  const kept = grouped(MAX_STATISTICS_ROWS);
  return `rows beyond the ${kept} that are kept are added up as (other); a row may lack up to ${grouped(lacking)} of its calls`;
}
