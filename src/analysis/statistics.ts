/**
 * Statistics of exchanges: counts, errors and response times by program, version and procedure, and by what the user asks for
 * besides. Exchanges count when they are over: answered, or known to stay unanswered. Bodies are not decoded: programs give their
 * status word, compounds their operations. Rows are bounded: of too many the smaller half is added up in one row a procedure.
 */
import type { Dissection } from '../dissect/dissector.js';
import type { Procedure } from '../dissect/procedure.js';
import { MAX_STATISTICS_ROWS } from '../limits.js';
import type { ExchangeTable } from '../rpc/exchanges.js';
import { ACCEPT_STATS, AUTH_STATS, CALL, type Message, MSG_ACCEPTED, REJECT_STATS, SUCCESS } from '../rpc/message.js';
import type { UnansweredOutcome } from '../rpc/outcome.js';
import { BY, type ByName } from './by.js';
import { countUp, keyText, type RowKey, StatisticsRow } from './statistics-row.js';

/** In place of the keys of rows that were added up. */
export const OTHER = '(other)';

export interface StatisticsOptions {
  by: readonly ByName[];
  /** Seconds; undefined: all in one. */
  interval: number | undefined;
}

/** What is known when a call comes; its status may choose the row later. */
interface Pending {
  key: RowKey;
  text: string;
  row: StatisticsRow | null;
}

export class Statistics {
  readonly rows = new Map<string, StatisticsRow>();
  /** Replies without call, and rows that were added up to others. */
  repliesWithoutCall = 0;
  mergedRows = 0;
  /** Seconds since 1970 of the first call; NaN before it, and how long the calls went on. */
  first = Number.NaN;
  seconds = 0;
  /** By exchange: what waits for its end, and where the last one that ended was counted. */
  private readonly pending: (Pending | undefined)[] = [];
  private readonly ended: (StatisticsRow | undefined)[] = [];
  /** Without `--by` and intervals a procedure is a key. */
  private readonly byProcedure = new Map<Procedure, Pending>();
  private readonly interned = new Map<string, Pending>();
  private readonly isPlain: boolean;
  private readonly hasStatus: boolean;

  constructor(
    private readonly exchanges: () => ExchangeTable,
    private readonly options: StatisticsOptions,
  ) {
    this.isPlain = options.by.length === 0 && options.interval === undefined;
    this.hasStatus = options.by.includes('status');
  }

  /** Takes the message last dissected. */
  add(dissection: Dissection): void {
    const { message } = dissection;
    if (message.type === CALL) this.addCall(dissection);
    else if (message.exchange < 0) this.repliesWithoutCall++;
    else if (message.isAnswer) this.addAnswer(dissection);
  }

  /** Takes an exchange that has no reply. */
  addUnanswered(exchange: number, outcome: UnansweredOutcome): void {
    const row = this.finish(exchange, '');
    if (row !== null) row.unanswered[outcome]++;
  }

  /** Adds rows of another run. */
  merge(rows: Iterable<StatisticsRow>): void {
    for (const row of rows) {
      const text = keyText(row.key);
      const own = this.rows.get(text);
      if (own === undefined) this.rows.set(text, row);
      else own.merge(row);
    }
  }

  // Calls

  private addCall(dissection: Dissection): void {
    const { message } = dissection;
    if (message.retransmission !== null) {
      // The call was counted with its reply.
      const ended = this.ended[message.exchange];
      if (message.retransmission === 'rpc_after_reply' && ended !== undefined) ended.current.retransmissions++;
      return;
    }
    const time = message.seconds + message.nanoseconds / 1e9;
    if (Number.isNaN(this.first)) this.first = time;
    if (time - this.first > this.seconds) this.seconds = time - this.first;
    const pending = this.pendingOf(dissection);
    this.pending[message.exchange] = pending;
    if (this.hasStatus) return;
    const row = this.rowOf(pending, '');
    row.activity.add(time - this.first);
  }

  private pendingOf(dissection: Dissection): Pending {
    const { procedure, message, compound } = dissection;
    const isSimple = this.isPlain && procedure !== null && compound === null && message.credential.flavor !== 6;
    if (!isSimple) return this.intern(this.keyOf(dissection));
    let pending = this.byProcedure.get(procedure);
    if (pending === undefined) {
      pending = this.intern(this.keyOf(dissection));
      this.byProcedure.set(procedure, pending);
    }
    return pending;
  }

  private keyOf(dissection: Dissection): RowKey {
    const { message, programName, compound } = dissection;
    const { interval } = this.options;
    return {
      program: programName,
      programNumber: message.program,
      version: message.version,
      procedure: procedureOf(dissection),
      operation: compound !== null && compound.main >= 0 ? compound.operations[compound.main].name : undefined,
      by: this.options.by.map((name) => BY[name](message)),
      interval: interval === undefined ? undefined : Math.floor(message.seconds / interval) * interval,
    };
  }

  private intern(key: RowKey): Pending {
    const text = keyText(key);
    let pending = this.interned.get(text);
    if (pending === undefined) {
      // Keys that are still waited for stay with who holds them.
      if (this.interned.size >= MAX_STATISTICS_ROWS) this.interned.clear();
      pending = { key, text, row: null };
      this.interned.set(text, pending);
    }
    return pending;
  }

  // Ends of exchanges

  private addAnswer(dissection: Dissection): void {
    const { message, status, error } = dissection;
    const stat = rpcError(message);
    const row = this.finish(message.exchange, stat ?? status ?? '');
    if (row === null) return;
    row.replies++;
    row.replyBytes += message.length;
    row.addElapsed(message.elapsed);
    if (stat !== null) countUp(row.rpcErrors, stat);
    else if (error === true && status !== null) countUp(row.errors, status);
    else if (error === null || dissection.undecoded !== null) row.unreadable++;
  }

  private finish(exchange: number, status: string): StatisticsRow | null {
    const pending = this.pending[exchange];
    if (pending === undefined) return null;
    this.pending[exchange] = undefined;
    const exchanges = this.exchanges();
    const row = this.rowOf(pending, status);
    this.ended[exchange] = row;
    row.calls++;
    row.callBytes += exchanges.callLengthOf(exchange);
    row.retransmissions += exchanges.resendsOf(exchange);
    return row;
  }

  // Rows

  private rowOf(pending: Pending, status: string): StatisticsRow {
    if (!this.hasStatus && pending.row !== null) return pending.row;
    const key = this.hasStatus ? withStatus(pending.key, this.options.by, status) : pending.key;
    const text = this.hasStatus ? keyText(key) : pending.text;
    let row = this.rows.get(text);
    if (row === undefined) {
      if (this.rows.size >= MAX_STATISTICS_ROWS) this.condense();
      row = new StatisticsRow(key);
      this.rows.set(text, row);
    }
    if (this.isPlain) pending.row = row;
    return row;
  }

  /** Adds the smaller half of the rows up, one a procedure. */
  private condense(): void {
    const rows = [...this.rows].sort((a, b) => a[1].calls - b[1].calls);
    for (const [text, row] of rows.slice(0, rows.length >> 1)) {
      this.rows.delete(text);
      const key = { ...row.key, by: row.key.by.map(() => OTHER), interval: undefined };
      const other = this.rows.get(keyText(key)) ?? new StatisticsRow(key);
      other.merge(row);
      row.mergedInto = other;
      this.rows.set(keyText(key), other);
      this.mergedRows++;
    }
  }
}

function withStatus(key: RowKey, by: readonly ByName[], status: string): RowKey {
  return { ...key, by: key.by.map((value, i) => (by[i] === 'status' ? status : value)) };
}

function procedureOf({ message, procedureName }: Dissection): string {
  return procedureName ?? String(message.procedure);
}

/** Why RPC refused the call; null when it did not, or the reply does not say. */
function rpcError(message: Message): string | null {
  if (message.authStat >= 0) return AUTH_STATS[message.authStat] ?? `auth_stat ${message.authStat}`;
  if (message.rejectStat >= 0) return REJECT_STATS[message.rejectStat] ?? `reject_stat ${message.rejectStat}`;
  if (message.replyStat !== MSG_ACCEPTED || message.acceptStat === SUCCESS || message.acceptStat < 0) return null;
  return ACCEPT_STATS[message.acceptStat] ?? `accept_stat ${message.acceptStat}`;
}
