/** Statistics as records: NDJSON (DESIGN §5, schemas/stats.schema.json) and CSV. Times are seconds, sizes bytes. */
import type { StatisticsRow } from '../analysis/statistics-row.js';

/** A row as it is written; keys of `--by` stand behind `procedure`. */
export function statsRecord(row: StatisticsRow, by: readonly string[]): Record<string, unknown> {
  const { key } = row;
  return {
    ...(key.interval !== undefined && { time: new Date(key.interval * 1000).toISOString() }),
    ...(key.program !== undefined && { program: key.program }),
    program_number: key.programNumber,
    version: key.version,
    procedure: key.procedure,
    ...(key.operation !== undefined && { operation: key.operation }),
    ...Object.fromEntries(by.map((name, i) => [name, key.by[i]])),
    calls: row.calls,
    replies: row.replies,
    unanswered: row.unanswered,
    retransmissions: row.retransmissions,
    rpc_errors: Object.fromEntries(row.rpcErrors),
    errors: Object.fromEntries(row.errors),
    ...(row.unreadable > 0 && { unreadable: row.unreadable }),
    ...(row.negativeTimes > 0 && { negative_times: row.negativeTimes }),
    call_bytes: row.callBytes,
    reply_bytes: row.replyBytes,
    elapsed: elapsedRecord(row),
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

/** One JSON object a line. */
export function statsLines(rows: readonly StatisticsRow[], by: readonly string[]): string {
  return rows.map((row) => `${JSON.stringify(statsRecord(row, by))}\n`).join('');
}

/** RFC 4180, with a header; errors as `NAME=COUNT` separated by blanks. */
export function statsCsv(rows: readonly StatisticsRow[], by: readonly string[]): string {
  const header = ['time', 'program', 'program_number', 'version', 'procedure', 'operation', ...by].concat(
    ['calls', 'replies', 'never_answered', 'connection_ended', 'lost_to_capture', 'open_at_end', 'retransmissions'],
    ['rpc_errors', 'errors', 'unreadable', 'call_bytes', 'reply_bytes'],
    ['min', 'mean', 'p50', 'p90', 'p99', 'p999', 'max'],
  );
  const lines = rows.map((row) => {
    const record = { ...statsRecord(row, by), ...row.unanswered, ...elapsedRecord(row), unreadable: row.unreadable };
    return header.map((name) => csvField(name, (record as Record<string, unknown>)[name])).join(',');
  });
  return [header.join(','), ...lines].map((line) => `${line}\r\n`).join('');
}

function csvField(name: string, value: unknown): string {
  if (value === undefined) return '';
  const text =
    name === 'rpc_errors' || name === 'errors'
      ? Object.entries(value as object)
          .map(([status, count]) => `${status}=${count}`)
          .join(' ')
      : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
