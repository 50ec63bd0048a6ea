/**
 * Statistics as a table that fits the terminal: the columns that matter least are left out where there is no room for all. Times
 * and sizes are in units that people read; below come the errors by name and what the table does not say.
 */
import Table from 'cli-table3';
import width from 'fast-string-width';
import { grouped } from '../analysis/account.js';
import type { Statistics } from '../analysis/statistics.js';
import type { StatisticsRow } from '../analysis/statistics-row.js';
import { MAX_TABLE_ROWS } from '../limits.js';
import { UNANSWERED } from '../rpc/outcome.js';
import { sanitize } from '../terminal/sanitize.js';
import type { Styles } from '../terminal/style.js';
import { UNANSWERED_TEXTS } from './outcome-texts.js';
import { elapsedText } from './time.js';
import { bytesText, sparkline } from './units.js';

export interface StatsTableOptions {
  styles: Styles;
  by: readonly string[];
  /** Cells of the terminal; null: any. */
  columns: number | null;
  /** Bars of response times below each row's line. */
  histogram: boolean;
}

interface Column {
  title: string;
  /** Columns of the highest number are left out first. */
  rank: number;
  isText?: boolean;
  text: (row: StatisticsRow) => string;
}

const SPARK_WIDTH = 16;
const BAR_WIDTH = 40;
const GAP = 2;

export function statsTable(statistics: Statistics, rows: readonly StatisticsRow[], options: StatsTableOptions): string {
  const shown = rows.slice(0, MAX_TABLE_ROWS);
  const parts = [
    shown.length === 0 ? 'no calls\n' : table(statistics, shown, options),
    rows.length > shown.length ? `${rows.length - shown.length} more rows: --json or --csv has them all\n` : '',
    errorLines(shown),
    options.histogram ? shown.map((row) => bars(row)).join('') : '',
    remarks(statistics, rows),
  ];
  return parts.filter((part) => part !== '').join('\n');
}

function table(statistics: Statistics, rows: readonly StatisticsRow[], options: StatsTableOptions): string {
  const { open, close } = options.styles.heading;
  const all = columnsOf(statistics, options).filter(
    ({ title, text }) => title === 'calls' || rows.some((row) => text(row).trim() !== ''),
  );
  const cells = new Map(all.map((column) => [column, rows.map((row) => sanitize(column.text(row)))]));
  const columns = fit(all, cells, options.columns);
  const made = new Table({
    head: columns.map(({ title }) => `${open}${title}${close}`),
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 1 },
    colAligns: columns.map(({ isText }) => (isText ? 'left' : 'right')),
    chars: { ...NO_BORDERS, middle: ' ' },
  });
  for (const i of rows.keys()) made.push(columns.map((column) => cells.get(column)![i]));
  return `${made.toString().replace(/ +$/gm, '')}\n`;
}

/** Nothing but blanks between columns. */
const NO_BORDERS = Object.fromEntries(
  ['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right', 'left', 'left-mid']
    .concat(['mid', 'mid-mid', 'right', 'right-mid'])
    .map((name) => [name, '']),
);

/** The columns that there is room for. */
function fit(columns: readonly Column[], cells: Map<Column, string[]>, room: number | null): Column[] {
  const widthOf = (column: Column) => Math.max(width(column.title), ...cells.get(column)!.map((cell) => width(cell)));
  const kept = [...columns];
  const total = () => kept.reduce((sum, column) => sum + widthOf(column) + GAP, 0) - GAP;
  while (room !== null && total() > room && kept.some(({ rank }) => rank > 0)) {
    const last = kept.reduce((a, b) => (b.rank >= a.rank ? b : a));
    kept.splice(kept.indexOf(last), 1);
  }
  return kept;
}

function columnsOf(statistics: Statistics, { by }: StatsTableOptions): Column[] {
  const elapsed = (pick: (row: StatisticsRow) => number) => (row: StatisticsRow) =>
    row.elapsed.count === 0 ? '' : elapsedText(Math.round(pick(row)));
  const percentile = (part: number) => elapsed((row) => row.elapsed.percentile(part));
  const number = (value: number) => (value === 0 ? '' : grouped(value));
  return [
    { title: 'time', rank: 0, isText: true, text: ({ key }) => intervalText(key.interval) },
    { title: 'program', rank: 0, isText: true, text: programText },
    { title: 'procedure', rank: 0, isText: true, text: ({ key }) => key.operation ?? key.procedure },
    ...by.map((title, i): Column => ({ title, rank: 0, isText: true, text: ({ key }) => key.by[i] })),
    { title: 'calls', rank: 0, text: ({ calls }) => grouped(calls) },
    { title: 'resends', rank: 3, text: ({ retransmissions }) => number(retransmissions) },
    { title: 'unanswered', rank: 2, text: (row) => number(row.unansweredTotal) },
    { title: 'errors', rank: 1, text: (row) => number(row.errorTotal) },
    { title: 'min', rank: 6, text: elapsed((row) => row.elapsed.min) },
    { title: 'mean', rank: 5, text: elapsed((row) => row.elapsed.mean) },
    { title: 'p50', rank: 1, text: percentile(0.5) },
    { title: 'p90', rank: 5, text: percentile(0.9) },
    { title: 'p99', rank: 2, text: percentile(0.99) },
    { title: 'p99.9', rank: 6, text: percentile(0.999) },
    { title: 'max', rank: 4, text: elapsed((row) => row.elapsed.max) },
    { title: 'sent', rank: 8, text: ({ callBytes }) => bytesText(callBytes) },
    { title: 'received', rank: 8, text: ({ replyBytes }) => bytesText(replyBytes) },
    {
      title: 'over time',
      rank: 7,
      isText: true,
      text: ({ activity }) => sparkline(activity.parts(statistics.seconds, SPARK_WIDTH)),
    },
  ];
}

function programText({ key }: StatisticsRow): string {
  return `${key.program ?? key.programNumber} v${key.version}`;
}

function intervalText(interval: number | undefined): string {
  return interval === undefined ? '' : new Date(interval * 1000).toISOString().replace(/\.000Z$|Z$/, '');
}

function nameOf(row: StatisticsRow): string {
  const { key } = row;
  return [programText(row), key.operation ?? key.procedure, ...key.by].map(sanitize).join(' ');
}

/** `NFS v3 LOOKUP: NFS3ERR_NOENT 12, NFS3ERR_STALE 1`. */
function errorLines(rows: readonly StatisticsRow[]): string {
  return rows
    .filter((row) => row.errorTotal > 0)
    .map((row) => {
      const counts = [...row.rpcErrors, ...row.errors].sort((a, b) => b[1] - a[1]);
      return `${nameOf(row)}: ${counts.map(([name, count]) => `${sanitize(name)} ${count}`).join(', ')}\n`;
    })
    .join('');
}

/** A bar for each power of two, as long as the logarithm of its count. */
function bars(row: StatisticsRow): string {
  const octaves = row.elapsed.octaves();
  if (octaves.length === 0) return '';
  const most = Math.log2(1 + Math.max(...octaves.map(([, count]) => count)));
  const lines = octaves.map(([from, count]) => {
    const bar = '█'.repeat(Math.max(1, Math.round((Math.log2(1 + count) / most) * BAR_WIDTH)));
    return `  ${elapsedText(from).padStart(7)}  ${bar} ${grouped(count)}\n`;
  });
  return `${nameOf(row)}\n${lines.join('')}`;
}

/** What the table does not say. */
function remarks(statistics: Statistics, rows: readonly StatisticsRow[]): string {
  const sum = (count: (row: StatisticsRow) => number) => rows.reduce((total, row) => total + count(row), 0);
  const lines: [count: number, text: string][] = [
    ...UNANSWERED.map((outcome): [number, string] => [
      sum((row) => row.unanswered[outcome]),
      `unanswered: ${UNANSWERED_TEXTS[outcome]}`,
    ]),
    [sum((row) => row.unreadable), 'replies whose status cannot be read: encrypted, cut off, or of an unknown program'],
    [statistics.repliesWithoutCall, 'replies whose call was not captured'],
    [sum((row) => row.negativeTimes), 'replies before their calls by the clock: no response time'],
    [statistics.mergedRows, `rows were too many and are added up as ${'(other)'}`],
  ];
  return lines
    .filter(([count]) => count > 0)
    .map(([count, text]) => `${grouped(count).padStart(9)}  ${text}\n`)
    .join('');
}
