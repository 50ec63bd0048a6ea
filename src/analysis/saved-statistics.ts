/** Statistics in a file (`--save`, `--merge`): rows with their histograms, as one JSON object. */
import { MAX_SECONDS } from '../limits/capture.js';
import { UNANSWERED } from '../rpc/outcome.js';
import type { Overflow } from './row-table.js';
import type { BesideRows, Statistics } from './statistics.js';
import { COUNTS, type Grouping, type RowKey, type SavedRow, StatisticsRow } from './statistics-row.js';

/** Incremented when the format of the file changes. */
const FORM = 3;

export interface SavedStatistics extends Grouping {
  /** Length of an interval in seconds; undefined: without intervals. */
  interval: number | undefined;
  besideRows: BesideRows;
  overflow: Overflow;
  rows: StatisticsRow[];
}

export function writeSaved(
  statistics: Statistics,
  { by, operations, interval }: Grouping & { interval?: number | undefined },
): string {
  const { besideRows, table } = statistics;
  const rows = statistics.rows.map((row) => row.toJson());
  const { overflow } = table;
  return `${JSON.stringify({ rpcdump_statistics: FORM, by, operations, interval, besideRows, overflow, rows })}\n`;
}

/** @throws Error when the text was not written by `writeSaved`. */
export function parseSaved(text: string): SavedStatistics {
  const saved = parseObject(text);
  const form = saved?.rpcdump_statistics;
  if (!Number.isInteger(form)) throw new Error("not written by 'rpcdump stats --save'");
  if (form !== FORM) throw new Error('saved by another version of rpcdump');
  try {
    const { by, interval, besideRows, overflow, rows, operations } = saved as unknown as Omit<
      SavedStatistics,
      'rows'
    > & { rows: SavedRow[] };
    const { repliesWithoutCall, otherCalls, unreadableCompounds } = besideRows;
    checkCounts([repliesWithoutCall, otherCalls, unreadableCompounds, overflow.rows, overflow.lacking]);
    if (interval !== undefined && !isPositive(interval)) throw new Error(`${JSON.stringify(interval)} is no interval`);
    return {
      by: by.map(String),
      operations: operations === true,
      interval,
      besideRows: { repliesWithoutCall, otherCalls, unreadableCompounds },
      overflow,
      rows: rows.map((row) => parseRow(row, by.length)),
    };
  } catch (error) {
    // A TypeError is JavaScript's, from where a key was read.
    const reason = error instanceof TypeError ? 'a key is missing, or has another type' : (error as Error).message;
    throw new Error(`damaged: ${reason}`);
  }
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function parseRow(saved: SavedRow, by: number): StatisticsRow {
  const { counts } = saved;
  const { sum, min, max, buckets } = saved.elapsed;
  checkCounts([...COUNTS.map((name) => counts[name]), ...UNANSWERED.map((outcome) => counts.unanswered[outcome])]);
  checkCounts([min, max]);
  checkCounts([...saved.rpcErrors, ...saved.errors, ...buckets].map(([, count]) => count));
  const times = buckets.reduce((total, [, count]) => total + count, 0);
  // A sum of more than 2^53 nanoseconds is rounded.
  const isSum = sum === 0 || (isPositive(sum) && sum <= 1.001 * max * times);
  if (!isSum) throw new Error(`${JSON.stringify(sum)} is no sum of response times`);
  const names = [...saved.rpcErrors, ...saved.errors].map(([name]) => name);
  if (!names.every((name) => typeof name === 'string')) throw new Error('an error without its name');
  if (!isKey(saved.key, by)) throw new Error('a row without its key');
  return StatisticsRow.fromJson(saved);
}

function isKey(
  { program, programNumber, version, procedure, operation, by, interval }: RowKey,
  values: number,
): boolean {
  return (
    [programNumber, version].every(Number.isInteger) &&
    [procedure, program ?? '', operation ?? '', ...by].every((each) => typeof each === 'string') &&
    by.length === values &&
    (interval === undefined || (interval >= 0 && interval <= MAX_SECONDS))
  );
}

function isPositive(value: unknown): boolean {
  return Number.isFinite(value) && (value as number) > 0;
}

function checkCounts(counts: readonly unknown[]): void {
  for (const count of counts) {
    if (count === undefined) throw new Error('a count is missing');
    if (!Number.isSafeInteger(count) || (count as number) < 0) throw new Error(`${JSON.stringify(count)} is no count`);
  }
}
