/**
 * Statistics as a table that fits the terminal: where there is no room the columns
 * that matter least are left out, and paths are shortened at their beginning. Times
 * and sizes have readable units. Below the table are errors by name, and remarks.
 */
import width from 'fast-string-width';
import type { Statistics } from '../analysis/statistics.js';
import type { Grouping, StatisticsRow } from '../analysis/statistics-row.js';
import { MAX_TABLE_ROWS } from '../limits/output.js';
import { sanitize } from '../terminal/sanitize.js';
import type { Styles } from '../terminal/style.js';
import { wrapBehind, wrapLine } from '../terminal/wrap.js';
import { grouped, plural } from '../xdr/plural.js';
import { cutStart } from './cut-text.js';
import { type Column, columnsOf, nameOf } from './stats-columns.js';
import { remarksOf } from './stats-remarks.js';
import { textTable } from './text-table.js';
import { elapsedText } from './time.js';

export interface StatsTableOptions extends Grouping {
  styles: Styles;
  /** Cells of the terminal; null: unlimited. */
  columns: number | null;
  /** Draws bars of response times below the table. */
  histogram: boolean;
}

const BAR_WIDTH = 40;
const GAP = 2;
/** The least width of a shortened path. */
const LEAST_PATH = 16;

/** @param rows The rows to show, in order. */
export function statsTable(statistics: Statistics, rows: readonly StatisticsRow[], options: StatsTableOptions): string {
  const shown = rows.slice(0, MAX_TABLE_ROWS);
  const parts = [
    shown.length === 0 ? `no ${options.operations ? 'operations' : 'calls'}\n` : table(statistics, shown, options),
    rows.length > shown.length
      ? `${plural(rows.length - shown.length, 'more row')}: --json or --csv has them all\n`
      : '',
    errorLines(shown, options.columns),
    options.histogram ? shown.map((row) => bars(row)).join('') : '',
    remarks(statistics, options.columns),
  ];
  return parts.filter((part) => part !== '').join('\n');
}

function table(statistics: Statistics, rows: readonly StatisticsRow[], options: StatsTableOptions): string {
  const all = columnsOf(statistics, options).filter(
    ({ title, text }) => title === 'calls' || rows.some((row) => text(row).trim() !== ''),
  );
  const cells = new Map(all.map((column) => [column, rows.map((row) => sanitize(column.text(row)))]));
  const columns = fit(all, cells, options.columns);
  const lines = rows.map((_, i) => columns.map((column) => cells.get(column)![i]));
  const heads = columns.map(({ title, isText }) => ({ title, isRight: isText !== true }));
  return `${textTable(heads, lines, options.styles.heading).join('\n')}\n`;
}

/** The columns that fit. While other columns need the room, paths take at most a third of it. */
function fit(columns: readonly Column[], cells: Map<Column, string[]>, room: number | null): Column[] {
  if (room === null) return [...columns];
  const widthOf = (column: Column) =>
    Math.max(...column.title.split('\n').map((line) => width(line)), ...cells.get(column)!.map((cell) => width(cell)));
  const kept = [...columns];
  const excess = () => kept.reduce((sum, column) => sum + widthOf(column) + GAP, -GAP) - room;
  const shorten = (least: number) => {
    for (const column of kept.filter(({ isPath }) => isPath)) {
      const most = Math.max(least, widthOf(column) - Math.max(0, excess()));
      cells.set(
        column,
        cells.get(column)!.map((cell) => cutStart(cell, most)),
      );
    }
  };
  shorten(Math.floor(room / 3));
  while (excess() > 0 && kept.some(({ rank }) => rank > 0)) {
    const last = kept.reduce((a, b) => (b.rank >= a.rank ? b : a));
    kept.splice(kept.indexOf(last), 1);
  }
  shorten(LEAST_PATH);
  return kept;
}

/** `NFS v3 LOOKUP: NFS3ERR_NOENT 12, NFS3ERR_STALE 1`. */
function errorLines(rows: readonly StatisticsRow[], columns: number | null): string {
  return rows
    .filter((row) => row.errorTotal > 0)
    .map((row) => {
      const counts = [...row.rpcErrors, ...row.errors].sort((a, b) => b[1] - a[1]);
      const errors = counts.map(([name, count], i) => `${sanitize(name)} ${count}${i < counts.length - 1 ? ',' : ''}`);
      return wrapLine([...`${sanitize(nameOf(row))}:`.split(' '), ...errors], columns);
    })
    .join('');
}

/** A bar for each power of two; its length is the logarithm of its count. */
function bars(row: StatisticsRow): string {
  const octaves = row.elapsed.octaves();
  if (octaves.length === 0) return '';
  const most = Math.log2(1 + Math.max(...octaves.map(([, count]) => count)));
  const lines = octaves.map(([from, count]) => {
    const bar = '█'.repeat(Math.max(1, Math.round((Math.log2(1 + count) / most) * BAR_WIDTH)));
    return `  ${elapsedText(from).padStart(7)}  ${bar} ${grouped(count)}\n`;
  });
  return `${sanitize(nameOf(row))}\n${lines.join('')}`;
}

function remarks(statistics: Statistics, columns: number | null): string {
  return remarksOf(statistics)
    .map(([count, text]) => wrapBehind(`${grouped(count).padStart(9)}  `, text.split(' '), columns))
    .join('');
}
