/**
 * The columns of statistics tables, and how much each one matters. Tables of exchanges
 * and of operations have different columns: an operation has no bytes and no response
 * time of its own. Its times are those of its compounds, and their titles say so.
 */
import type { Statistics } from '../analysis/statistics.js';
import type { Grouping, StatisticsRow } from '../analysis/statistics-row.js';
import { grouped } from '../xdr/plural.js';
import { elapsedText } from './time.js';
import { bytesText, sparkline } from './units.js';

export interface Column {
  title: string;
  /** Columns with the highest rank are left out first. */
  rank: number;
  isText?: boolean;
  /** A path: its end matters more than its beginning, and it may be shortened. */
  isPath?: boolean;
  text: (row: StatisticsRow) => string;
}

const SPARK_WIDTH = 16;

export function columnsOf(statistics: Statistics, grouping: Grouping): Column[] {
  return [
    { title: 'time', rank: 0, isText: true, text: ({ key }) => intervalText(key.interval) },
    { title: 'program', rank: 0, isText: true, text: programText },
    { title: grouping.operations ? 'operation' : 'procedure', rank: 0, isText: true, text: procedureText },
    ...grouping.by.map((title, i): Column => {
      return { title, rank: 0, isText: true, isPath: isPath(title), text: ({ key }) => valueText(key.by[i]) };
    }),
    { title: 'calls', rank: 0, text: ({ calls }) => grouped(calls) },
    ...(grouping.operations ? OPERATION_COLUMNS : EXCHANGE_COLUMNS),
    ...timeColumns(grouping.operations ? 'compound\n' : ''),
    ...(grouping.operations ? [] : BYTE_COLUMNS),
    {
      title: 'over time',
      rank: 7,
      isText: true,
      text: ({ activity }) => sparkline(activity.parts(statistics.seconds, SPARK_WIDTH)),
    },
  ];
}

/** `NFS v3 LOOKUP 10.0.0.2`; `all` for the only row of everything. */
export function nameOf(row: StatisticsRow): string {
  const { by, interval } = row.key;
  const parts = [intervalText(interval), programText(row), procedureText(row), ...by.map(valueText)];
  return parts.filter((text) => text !== '').join(' ') || 'all';
}

export function programText({ key }: StatisticsRow): string {
  if (key.programNumber < 0) return '';
  const name = key.program ?? String(key.programNumber);
  return key.version < 0 ? name : `${name} v${key.version}`;
}

export function procedureText({ key }: StatisticsRow): string {
  return key.operation ?? key.procedure;
}

/** A value of a key of `--by`; a dash for calls without one. */
function valueText(value: string): string {
  return value === '' ? '–' : value;
}

function isPath(key: string): boolean {
  return key === 'file' || key === 'directory';
}

const count = (value: number) => (value === 0 ? '' : grouped(value));

const UNANSWERED_COLUMN: Column = { title: 'unanswered', rank: 2, text: (row) => count(row.unansweredTotal) };
const ERRORS_COLUMN: Column = { title: 'errors', rank: 1, text: (row) => count(row.errorTotal) };
const UNREADABLE_COLUMN: Column = { title: 'unreadable', rank: 3, text: (row) => count(row.unreadable) };

const EXCHANGE_COLUMNS: Column[] = [
  { title: 'resends', rank: 3, text: ({ retransmissions }) => count(retransmissions) },
  UNANSWERED_COLUMN,
  ERRORS_COLUMN,
  UNREADABLE_COLUMN,
];

const OPERATION_COLUMNS: Column[] = [
  { title: 'executed', rank: 1, text: (row) => count(row.executed) },
  { title: 'not executed', rank: 1, text: (row) => count(row.notExecuted) },
  UNANSWERED_COLUMN,
  ERRORS_COLUMN,
  UNREADABLE_COLUMN,
];

const BYTE_COLUMNS: Column[] = [
  { title: 'sent', rank: 8, text: ({ callBytes }) => bytesText(callBytes) },
  { title: 'received', rank: 8, text: ({ replyBytes }) => bytesText(replyBytes) },
];

/** Columns of response times; `prefix` is put before each title. */
function timeColumns(prefix: string): Column[] {
  const elapsed = (title: string, rank: number, pick: (row: StatisticsRow) => number): Column => ({
    title: prefix + title,
    rank,
    text: (row) => (row.elapsed.count === 0 ? '' : elapsedText(Math.round(pick(row)))),
  });
  const percentile = (title: string, rank: number, part: number) =>
    elapsed(title, rank, (row) => row.elapsed.percentile(part));
  return [
    elapsed('min', 6, (row) => row.elapsed.min),
    elapsed('mean', 5, (row) => row.elapsed.mean),
    percentile('p50', 1, 0.5),
    percentile('p90', 5, 0.9),
    percentile('p99', 2, 0.99),
    percentile('p99.9', 6, 0.999),
    elapsed('max', 4, (row) => row.elapsed.max),
  ];
}

function intervalText(interval: number | undefined): string {
  return interval === undefined ? '' : new Date(interval * 1000).toISOString().replace(/\.000Z$|Z$/, '');
}
