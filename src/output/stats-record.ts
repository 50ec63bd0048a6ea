/**
 * Statistics as records: NDJSON (schemas/stats.schema.json) and CSV. Times are in seconds, sizes in bytes.
 */
import { CUT_OFF, type Grouping, type StatisticsRow } from '../analysis/statistics-row.js';
import { UNANSWERED } from '../rpc/outcome.js';
import { sanitize } from '../terminal/sanitize.js';

/** The record of a row; keys of `--by` follow `procedure`. */
export function statsRecord(row: StatisticsRow, grouping: Grouping): Record<string, unknown> {
  return { ...keyRecord(row, grouping), ...(grouping.operations ? operationRecord(row) : exchangesRecord(row)) };
}

/**
 * What the row counts, as far as headers tell; sums over procedures (`--totals`) have neither program nor procedure.
 */
function keyRecord({ key }: StatisticsRow, { by }: Grouping): Record<string, unknown> {
  return {
    ...(key.interval !== undefined && { time: new Date(key.interval * 1000).toISOString() }),
    ...(key.program !== undefined && { program: key.program }),
    ...(key.programNumber >= 0 && { program_number: key.programNumber }),
    ...(key.version >= 0 && { version: key.version }),
    ...(key.procedure !== '' && key.procedure !== CUT_OFF && { procedure: key.procedure }),
    ...(key.operation !== undefined && { operation: key.operation }),
    ...Object.fromEntries(by.map((name, i) => [name, key.by[i]])),
  };
}

function exchangesRecord(row: StatisticsRow): Record<string, unknown> {
  return {
    calls: row.calls,
    replies: row.replies,
    unanswered: row.unanswered,
    retransmissions: row.retransmissions,
    ...errorsRecord(row),
    call_bytes: row.callBytes,
    reply_bytes: row.replyBytes,
    elapsed: elapsedRecord(row),
  };
}

function operationRecord(row: StatisticsRow): Record<string, unknown> {
  return {
    calls: row.calls,
    executed: row.executed,
    not_executed: row.notExecuted,
    unanswered: row.unanswered,
    ...errorsRecord(row),
    compound_elapsed: elapsedRecord(row),
  };
}

function errorsRecord(row: StatisticsRow): Record<string, unknown> {
  return {
    rpc_errors: Object.fromEntries(row.rpcErrors),
    errors: Object.fromEntries(row.errors),
    ...(row.unreadable > 0 && { unreadable: row.unreadable }),
    ...(row.negativeTimes > 0 && { negative_times: row.negativeTimes }),
  };
}

function elapsedRecord({ elapsed }: StatisticsRow): Record<string, number> | null {
  if (elapsed.count === 0) return null;
  const seconds = (nanoseconds: number) => Math.round(nanoseconds) / 1e9;
  return {
    count: elapsed.count,
    min: seconds(elapsed.min),
    mean: seconds(elapsed.mean),
    p50: seconds(elapsed.percentile(0.5)),
    p90: seconds(elapsed.percentile(0.9)),
    p99: seconds(elapsed.percentile(0.99)),
    p999: seconds(elapsed.percentile(0.999)),
    max: seconds(elapsed.max),
  };
}

/** One JSON object a line, safe for a terminal. */
export function statsLines(rows: readonly StatisticsRow[], grouping: Grouping): string {
  return rows.map((row) => `${sanitize(JSON.stringify(statsRecord(row, grouping)))}\n`).join('');
}

const EXCHANGE_COLUMNS = [
  'retransmissions',
  'rpc_errors',
  'errors',
  'unreadable',
  'negative_times',
  'call_bytes',
  'reply_bytes',
];
const OPERATION_COLUMNS = ['executed', 'not_executed', 'rpc_errors', 'errors', 'unreadable', 'negative_times'];
const TIME_COLUMNS = ['min', 'mean', 'p50', 'p90', 'p99', 'p999', 'max'];

/**
 * RFC 4180, with a header. Errors are `NAME=COUNT`, separated
 * by blanks; times of operations are those of their compounds.
 */
export function statsCsv(rows: readonly StatisticsRow[], grouping: Grouping): string {
  const { by, operations } = grouping;
  const header = ['time', 'program', 'program_number', 'version', 'procedure', 'operation', ...by].concat(
    ['calls', ...(operations ? [] : ['replies']), ...UNANSWERED],
    operations ? OPERATION_COLUMNS : EXCHANGE_COLUMNS,
    operations ? TIME_COLUMNS.map((name) => `compound_${name}`) : TIME_COLUMNS,
  );
  const lines = rows.map((row) => {
    const { unreadable, negativeTimes: negative_times, unanswered } = row;
    const times = Object.entries(elapsedRecord(row) ?? {}).map(([name, value]) => [
      operations ? `compound_${name}` : name,
      value,
    ]);
    const record: Record<string, unknown> = {
      ...statsRecord(row, grouping),
      ...unanswered,
      ...Object.fromEntries(times),
      unreadable,
      negative_times,
    };
    return header.map((name) => csvField(name, record[name])).join(',');
  });
  return [header.join(','), ...lines].map((line) => `${line}\n`).join('');
}

function csvField(name: string, value: unknown): string {
  if (value === undefined) return '';
  const isCounts = name === 'rpc_errors' || name === 'errors';
  const text = sanitize(isCounts ? countsText(value as object) : String(value));
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function countsText(counts: object): string {
  return Object.entries(counts)
    .map(([status, count]) => `${status}=${count}`)
    .join(' ');
}
