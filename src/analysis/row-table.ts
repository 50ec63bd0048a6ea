/**
 * The rows of statistics, of which at most `MAX_STATISTICS_ROWS` are kept. When there are
 * more, the half with fewer calls is added up into one row a procedure, whose keys are
 * `(other)`: sums stay the same, and the rows with the most calls keep their own row.
 *
 * A key that was added up and comes again gets a new row, which begins at 0. Its earlier calls are
 * in `(other)`; they are at most `lacking`, the sum of the greatest row of each time that rows
 * were added up (as in the Lossy Counting of Manku and Motwani, with counts in place of epochs).
 */
import { MAX_STATISTICS_ROWS } from '../limits/analysis.js';
import { RowNumbers } from './row-numbers.js';
import { keyText, type RowKey, StatisticsRow } from './statistics-row.js';

/** Replaces the keys of rows that were added up. */
export const OTHER = '(other)';

/** What is known of the rows that the table could not keep. */
export interface Overflow {
  /** Rows that were added up. */
  rows: number;
  /** The greatest number of calls that a row may lack, because they are in `(other)`. */
  lacking: number;
}

/** Rows reserved at first: enough for procedures or clients. */
const FIRST_ROWS = 64;

export class RowTable {
  readonly rows = new Map<string, StatisticsRow>();
  readonly overflow: Overflow = { rows: 0, lacking: 0 };
  readonly numbers = new RowNumbers(FIRST_ROWS);
  /** How often rows were added up: a row's place is valid until the next time. */
  condensed = 0;
  private others = 0;

  /** The row of a key; `text` is its `keyText`. */
  of(key: RowKey, text: string): StatisticsRow {
    let row = this.rows.get(text);
    if (row === undefined) {
      if (this.rows.size >= MAX_STATISTICS_ROWS) this.condense();
      row = new StatisticsRow(key, this.numbers);
      this.rows.set(text, row);
    }
    return row;
  }

  /** Adds the rows of another run. */
  merge(rows: Iterable<StatisticsRow>, overflow: Overflow): void {
    for (const row of rows) this.of(row.key, keyText(row.key)).merge(row);
    this.overflow.rows += overflow.rows;
    this.overflow.lacking += overflow.lacking;
  }

  private condense(): void {
    this.condensed++;
    const rows = [...this.rows].filter(([, row]) => !isOther(row.key)).sort((a, b) => a[1].calls - b[1].calls);
    const small = rows.slice(0, Math.ceil(rows.length / 2));
    this.overflow.rows += small.length;
    this.overflow.lacking += small.at(-1)?.[1].calls ?? 0;
    for (const [text, row] of small) {
      this.rows.delete(text);
      row.addUpTo(this.otherOf(row.key));
    }
  }

  /** The row that takes a removed row: one a procedure, or a single one if a capture has procedures without end. */
  private otherOf(key: RowKey): StatisticsRow {
    const by = key.by.map(() => OTHER);
    const own: RowKey = { ...key, by, interval: undefined };
    const isOwn = isOther(own) && (this.rows.has(keyText(own)) || this.others < MAX_STATISTICS_ROWS / 4);
    const other = isOwn ? own : { ...own, ...ANY_PROCEDURE };
    const text = keyText(other);
    let row = this.rows.get(text);
    if (row === undefined) {
      row = new StatisticsRow(other, this.numbers);
      this.rows.set(text, row);
      this.others++;
    }
    return row;
  }
}

const ANY_PROCEDURE = { program: undefined, programNumber: -1, version: -1, procedure: OTHER, operation: undefined };

function isOther({ by, procedure }: RowKey): boolean {
  return procedure === OTHER || by[0] === OTHER;
}
