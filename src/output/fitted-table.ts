/**
 * Tables that fit the terminal. Where there is no room, first the columns that may go
 * below a row are moved to lines of their own, one column after the other. Then
 * columns are cut to their least width, beginning with the one that has most to spare.
 */
import width from 'fast-string-width';
import { sanitize } from '../terminal/sanitize.js';
import type { Styles } from '../terminal/style.js';
import { cutStart, cutText } from './cut-text.js';
import { type TextColumn, textTable } from './text-table.js';

export interface FittedColumn<Row> extends TextColumn {
  text: (row: Row) => string;
  /** The least width in cells; absent: the column is never cut. */
  least?: number;
  /** Left out if it is empty in all rows. */
  isOptional?: true;
  /** Moves to a line of its own below the row where there is no room. */
  goesBelow?: true;
  /** Cut at its beginning. */
  keepsEnd?: true;
}

export interface FittedTableOptions {
  styles: Styles;
  /** Cells of the terminal; null: unlimited. */
  columns: number | null;
}

const GAP = 2;
/** Width of a cut column where the terminal is too narrow for all least widths. */
const LAST_RESORT = 4;

/** Indents a line below a row. */
const INDENT = '      ';

/** Lines of the title and the rows, each with a line break. */
export function fittedTable<Row>(
  rows: readonly Row[],
  columns: readonly FittedColumn<Row>[],
  { styles, columns: room }: FittedTableOptions,
): string {
  const all = columns
    .map((column) => ({ ...column, cells: rows.map((row) => sanitize(column.text(row))) }))
    .filter(({ isOptional, cells }) => !isOptional || cells.some((text) => text !== ''))
    .map((column) => ({ ...column, width: widest([...column.title.split('\n'), ...column.cells]) }));
  if (room === null) return lines(all, [], rows.length, styles);
  const below: FilledColumn[] = [];
  for (const column of all.filter(({ goesBelow }) => goesBelow)) {
    if (overhang(all, room) <= 0) break;
    below.push(...all.splice(all.indexOf(column), 1));
    column.width = room - INDENT.length;
  }
  shrink(all, ({ least }) => least, room);
  shrink(all, ({ least }) => least && LAST_RESORT, room);
  return lines(all, below, rows.length, styles);
}

/** A column with its texts and its width in cells. */
type FilledColumn = TextColumn & { least?: number; keepsEnd?: true; cells: readonly string[]; width: number };

function lines(table: readonly FilledColumn[], below: readonly FilledColumn[], rows: number, styles: Styles): string {
  const fit = ({ width: room, keepsEnd }: FilledColumn, text: string) =>
    keepsEnd ? cutStart(text, room) : cutText(text, room);
  const cells = Array.from({ length: rows }, (_, row) => table.map((column) => fit(column, column.cells[row])));
  const titles = table.map((column) => ({ ...column, title: cutLines(column.title, column.width) }));
  const { open, close } = styles.heading;
  const made = textTable(titles, cells, styles.heading);
  const height = made.length - rows;
  return made
    .flatMap((line, i) => {
      const row = i - height;
      if (row < -1) return [line];
      if (row === -1) return [line, ...below.map(({ title }) => `${INDENT}${open}${title}${close}`)];
      return [line, ...below.map((column) => `${INDENT}${fit(column, column.cells[row])}`)];
    })
    .map((line) => `${line}\n`)
    .join('');
}

function cutLines(title: string, room: number): string {
  return title
    .split('\n')
    .map((line) => cutText(line, room))
    .join('\n');
}

function widest(texts: readonly string[]): number {
  return texts.reduce((most, text) => Math.max(most, width(text)), 0);
}

function overhang(columns: readonly FilledColumn[], room: number): number {
  return columns.reduce((sum, { width: cells }) => sum + cells + GAP, -GAP) - room;
}

/** Takes cells from the column that has most to spare, until all columns fit or none has any left. */
function shrink(columns: FilledColumn[], least: (column: FilledColumn) => number | undefined, room: number): void {
  const spare = (column: FilledColumn) => column.width - Math.min(column.width, least(column) ?? column.width);
  for (;;) {
    const over = overhang(columns, room);
    const [first, second] = columns.toSorted((a, b) => spare(b) - spare(a));
    if (over <= 0 || first === undefined || spare(first) === 0) return;
    // Takes all that it has to spare more than the next column, in one step.
    first.width -= Math.min(over, Math.max(1, spare(first) - (second === undefined ? 0 : spare(second))));
  }
}
