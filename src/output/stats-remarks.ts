/**
 * Remarks below a statistics table: unanswered calls by outcome,
 * replies that cannot be read, and rows that were not kept.
 */
import type { Statistics } from '../analysis/statistics.js';
import type { StatisticsRow } from '../analysis/statistics-row.js';
import { MAX_STATISTICS_ROWS } from '../limits/analysis.js';
import { UNANSWERED } from '../rpc/outcome.js';
import { grouped, nounFor } from '../xdr/plural.js';
import { UNANSWERED_TEXTS } from './outcome-texts.js';

/** A count with the text that says what was counted. */
type Remark = [count: number, text: string];

/** A count with what is said of one and of several. */
type Counted = [count: number, one: string, several: string];

/** Those of 0 are left out. */
export function remarksOf(statistics: Statistics): Remark[] {
  const { rows } = statistics;
  const sum = (count: (row: StatisticsRow) => number) => rows.reduce((total, row) => total + count(row), 0);
  return [
    ...counted([
      ...UNANSWERED.map((outcome): Counted => {
        const text = `unanswered: ${UNANSWERED_TEXTS[outcome]}`;
        return [sum((row) => row.unanswered[outcome]), text, text];
      }),
      ofReplies(
        sum((row) => row.unreadable),
        'whose status cannot be read: encrypted, cut off, or of an unknown program',
      ),
      [
        sum((row) => row.negativeTimes),
        'reply before its call by the clock: no response time',
        'replies before their calls by the clock: no response time',
      ],
    ]),
    ...remarksBesideRows(statistics),
  ];
}

/** The remarks about what no row has, so that `--json` and `--csv` cannot show it. */
export function remarksBesideRows({ besideRows, table: { overflow } }: Statistics): Remark[] {
  const { repliesWithoutCall, otherCalls, unreadableCompounds } = besideRows;
  return [
    ...counted([
      ofReplies(repliesWithoutCall, 'whose call was not captured'),
      [
        otherCalls,
        'call that is not a compound, and so has no operations',
        'calls that are not compounds, and so have no operations',
      ],
      [
        unreadableCompounds,
        'compound whose operations cannot be read: encrypted, or cut off',
        'compounds whose operations cannot be read: encrypted, or cut off',
      ],
    ]),
    ...(overflow.rows === 0 ? [] : [[overflow.rows, overflowText(overflow)] satisfies Remark]),
  ];
}

/** What became of rows beyond the bound; follows their number. */
export function overflowText({ rows, lacking }: Statistics['table']['overflow']): string {
  const beyond = `beyond the ${grouped(MAX_STATISTICS_ROWS)} that are kept`;
  const what = nounFor(rows, `row ${beyond} is`, `rows ${beyond} are`);
  return `${what} added up as (other); a row may lack up to ${grouped(lacking)} of its calls`;
}

function ofReplies(count: number, rest: string): Counted {
  return [count, `reply ${rest}`, `replies ${rest}`];
}

function counted(parts: readonly Counted[]): Remark[] {
  return parts.filter(([count]) => count > 0).map(([count, one, several]) => [count, nounFor(count, one, several)]);
}
