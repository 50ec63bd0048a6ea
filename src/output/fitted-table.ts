/**
 * Tables that fit the terminal: where there is no room, the columns that may be cut are cut to their least, the one that has most to give
 * first.
 */
import width from 'fast-string-width';
import { sanitize } from '../terminal/sanitize.js';
import type { Styles } from '../terminal/style.js';
import { cutText } from './cut-text.js';
import { type TextColumn, textTable } from './text-table.js';

export interface FittedColumn<Row> extends TextColumn {
  text: (row: Row) => string;
  /** Cells that it needs at least; absent: it is never cut. */
  least?: number;
  /** Left out where no row has anything to say. */
  isOptional?: true;
}

export interface FittedTableOptions {
  styles: Styles;
  /** Cells of the terminal; null: any. */
  columns: number | null;
}

const GAP = 2;
/** Cells of a column on a terminal that is too narrow for its least. */
const LAST_RESORT = 4;

/** Lines of a title and the rows, each with its line break. */
export function fittedTable<Row>(
  rows: readonly Row[],
  columns: readonly FittedColumn<Row>[],
  { styles, columns: room }: FittedTableOptions,
): string {
  const texts = columns.map(({ text }) => rows.map((row) => sanitize(text(row))));
  const isShown = columns.map(({ isOptional }, i) => !isOptional || texts[i].some((text) => text !== ''));
  const shown = columns.filter((_, i) => isShown[i]);
  const cells = texts.filter((_, i) => isShown[i]);
  const widths = shown.map(({ title }, i) =>
    cells[i].reduce((most, text) => Math.max(most, width(text)), width(title)),
  );
  if (room !== null) {
    shrink(
      widths,
      shown.map(({ least }) => least),
      room,
    );
    shrink(
      widths,
      shown.map(({ least }) => least && LAST_RESORT),
      room,
    );
  }
  const cut = rows.map((_, row) => cells.map((column, i) => cutText(column[row], widths[i])));
  const titled = shown.map((column, i) => ({ ...column, title: cutText(column.title, widths[i]) }));
  return textTable(titled, cut, styles.heading)
    .map((line) => `${line}\n`)
    .join('');
}

/** Takes cells from the column that has most to give, until all fit or nobody has any. */
function shrink(widths: number[], leasts: readonly (number | undefined)[], room: number): void {
  const spare = (i: number) => widths[i] - Math.min(widths[i], leasts[i] ?? widths[i]);
  for (;;) {
    const over = widths.reduce((sum, cells) => sum + cells + GAP, -GAP) - room;
    const [first, second] = widths.map((_, i) => i).sort((a, b) => spare(b) - spare(a));
    if (over <= 0 || first === undefined || spare(first) === 0) return;
    // At once what there is to give before another one has more.
    widths[first] -= Math.min(over, Math.max(1, spare(first) - (second === undefined ? 0 : spare(second))));
  }
}
