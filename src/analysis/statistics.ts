/**
 * Statistics of exchanges: counts, errors and response times by program, version and procedure, and by the keys of
 * `--by`. An exchange counts when it is over, that is answered or known to stay unanswered; to leave one out, its call
 * alone is passed. Bodies are not decoded: only the program's status and the operations of compounds are extracted.
 */

import type { Dissection } from '../dissect/dissection.js';
import type { FileSubjects } from '../dissect/names/file-subjects.js';
import { operationOfCall, sureOperation } from '../dissect/operations.js';
import type { ExchangeTable } from '../rpc/exchanges.js';
import { ACCEPT_STATS, AUTH_STATS, CALL, type Message, MSG_ACCEPTED, REJECT_STATS, SUCCESS } from '../rpc/message.js';
import type { UnansweredOutcome } from '../rpc/outcome.js';
import type { ByName } from './by.js';
import { type KeyedRow, RowKeys } from './row-keys.js';
import { type Overflow, RowTable } from './row-table.js';
import type { StatisticsRow } from './statistics-row.js';

export interface StatisticsOptions {
  by: readonly ByName[];
  /** Length of an interval in seconds; undefined: one interval. */
  interval: number | undefined;
  /** Files that calls are about; needed where `by` has file names. */
  subjects?: FileSubjects | null;
  /** Adds up procedures: one row for each value of `by`. */
  totals?: boolean;
}

/** What no row counts. */
export interface BesideRows {
  repliesWithoutCall: number;
  /** With operation statistics: calls that are no compound, and compounds whose operations cannot be read. */
  otherCalls: number;
  unreadableCompounds: number;
}

/** The row in which an exchange was counted. */
type Counted = Pick<KeyedRow, 'row'>;

export class Statistics {
  readonly table = new RowTable();
  readonly besideRows: BesideRows = { repliesWithoutCall: 0, otherCalls: 0, unreadableCompounds: 0 };
  /** Time of the first call in seconds since 1970, NaN before it; and seconds from there to the latest call. */
  first = Number.NaN;
  seconds = 0;
  protected readonly keys: RowKeys;
  /** By exchange: the key of an exchange in progress, and where the last one that ended in this slot was counted. */
  private readonly pending: (KeyedRow | undefined)[] = [];
  private readonly ended: (Counted | undefined)[] = [];
  /** The key of the exchange that ended last. */
  private last!: KeyedRow;
  /**
   * By exchange: the place of the numbers of its row; -1 where it is not known.
   * Valid while the table's count of condensations is `condensed`. Calls and replies
   * lie far apart, so following objects to the row would cost a cache miss each.
   */
  private readonly places: number[] = [];
  private condensed = 0;

  constructor(
    protected readonly exchanges: () => ExchangeTable,
    { by, interval, subjects = null, totals = false }: StatisticsOptions,
  ) {
    this.keys = new RowKeys(by, interval, subjects, totals);
  }

  get rows(): StatisticsRow[] {
    return [...this.table.rows.values()];
  }

  /** Takes the message that was dissected last. */
  add(dissection: Dissection): void {
    const { message } = dissection;
    if (message.type === CALL) this.addCall(dissection);
    else if (message.exchange < 0) this.besideRows.repliesWithoutCall++;
    else if (message.isAnswer) this.addAnswer(dissection);
  }

  /** Takes an exchange that ended without a reply. */
  addUnanswered(exchange: number, outcome: UnansweredOutcome): void {
    if (this.finish(exchange, '') >= 0) this.rowOf(this.last).unanswered[outcome]++;
  }

  /** The row of the exchange that ended last in this slot. */
  countedAt(exchange: number): StatisticsRow | undefined {
    return this.ended[exchange]?.row ?? undefined;
  }

  /** Adds the counts of another run. */
  merge(rows: Iterable<StatisticsRow>, overflow: Overflow, besideRows: BesideRows): void {
    this.table.merge(rows, overflow);
    this.besideRows.repliesWithoutCall += besideRows.repliesWithoutCall;
    this.besideRows.otherCalls += besideRows.otherCalls;
    this.besideRows.unreadableCompounds += besideRows.unreadableCompounds;
  }

  // Calls

  private addCall(dissection: Dissection): void {
    const { message } = dissection;
    if (message.retransmission !== null) {
      // The call itself was counted with its reply.
      const ended = this.ended[message.exchange];
      if (message.retransmission === 'rpc_after_reply' && ended !== undefined) ended.row!.current.retransmissions++;
      return;
    }
    const time = message.seconds + message.nanoseconds / 1e9;
    if (Number.isNaN(this.first)) this.first = time;
    if (time - this.first > this.seconds) this.seconds = time - this.first;
    this.ended[message.exchange] = undefined;
    this.open(dissection);
  }

  /** Takes a call that opens an exchange. */
  protected open(dissection: Dissection): void {
    const { exchange } = dissection.message;
    const operation = sureOperation(dissection.compound);
    let keyed = this.keys.of(dissection);
    if (operation !== undefined) keyed = this.keys.withOperation(keyed, operation);
    this.pending[exchange] = keyed;
    this.checkPlaces();
    this.places[exchange] = this.keys.isEarly && keyed.condensed === this.condensed ? keyed.at : -1;
  }

  // Ends of exchanges

  protected addAnswer(dissection: Dissection): void {
    const { message, status, error } = dissection;
    const stat = rpcError(message);
    if (this.pending[message.exchange]?.lacksOperation) this.nameOperation(dissection);
    const at = this.finish(message.exchange, stat ?? status ?? '');
    if (at < 0) return;
    const isPlain = stat === null && error === false && dissection.undecoded === null;
    const isCounted = this.table.numbers.addReply(at, message.length, message.elapsed);
    if (isCounted && isPlain) return;
    const row = this.rowOf(this.last);
    if (!isCounted) row.addReply(message.length, message.elapsed);
    if (stat !== null) row.addRpcError(stat);
    else if (error === true && status !== null) row.addError(status);
    else if (error === null || dissection.undecoded !== null) row.unreadable++;
  }

  /** A compound whose call was cut before the operation that matters may have it in its reply. */
  private nameOperation(dissection: Dissection): void {
    const { exchange } = dissection.message;
    const operation = operationOfCall(dissection);
    if (operation === undefined) return;
    this.pending[exchange] = this.keys.withOperation(this.pending[exchange]!, operation);
    this.places[exchange] = -1;
  }

  /** Counts the call of a finished exchange. Returns the place of its row's numbers, -1 where it is not counted. */
  private finish(exchange: number, status: string): number {
    const pending = this.pending[exchange];
    if (pending === undefined) return -1;
    this.pending[exchange] = undefined;
    const keyed = this.keys.withStatus(pending, status);
    this.last = keyed;
    this.checkPlaces();
    this.ended[exchange] = keyed;
    const known = this.places[exchange];
    const at = known < 0 ? this.rowOf(keyed).at : known;
    const exchanges = this.exchanges();
    const bytes = exchanges.callLengthOf(exchange);
    const seconds = exchanges.callTimeOf(exchange) - this.first;
    if (!this.table.numbers.addCall(at, bytes, seconds)) this.rowOf(keyed).addCall(bytes, seconds);
    const resends = exchanges.resendsOf(exchange);
    if (resends > 0) this.rowOf(keyed).retransmissions += resends;
    return at;
  }

  /** Forgets places that became invalid when rows were added up. */
  private checkPlaces(): void {
    const { condensed } = this.table;
    if (condensed === this.condensed) return;
    this.places.fill(-1);
    this.leaveMergedRows();
    this.condensed = condensed;
  }

  /**
   * Replaces merged rows by those that count in their place, so
   * that finished exchanges do not keep the merged ones in memory.
   */
  private leaveMergedRows(): void {
    const { ended } = this;
    const counted = new Map<StatisticsRow, Counted>();
    for (let exchange = 0; exchange < ended.length; exchange++) {
      const row = ended[exchange]?.row;
      if (!row || row.mergedInto === null) continue;
      const { current } = row;
      if (!counted.has(current)) counted.set(current, { row: current });
      ended[exchange] = counted.get(current);
    }
  }

  protected rowOf(keyed: KeyedRow): StatisticsRow {
    const { table } = this;
    let { row } = keyed;
    if (row === null || row.mergedInto !== null) row = table.of(keyed.key, keyed.text);
    keyed.row = row;
    keyed.at = row.at;
    keyed.condensed = table.condensed;
    return row;
  }
}

/** The RPC-level error of a reply; null when there is none, or the reply is cut off before it. */
export function rpcError(message: Message): string | null {
  if (message.authStat >= 0) return AUTH_STATS[message.authStat] ?? `auth_stat ${message.authStat}`;
  if (message.rejectStat >= 0) return REJECT_STATS[message.rejectStat] ?? `reject_stat ${message.rejectStat}`;
  if (message.replyStat !== MSG_ACCEPTED || message.acceptStat === SUCCESS || message.acceptStat < 0) return null;
  return ACCEPT_STATS[message.acceptStat] ?? `accept_stat ${message.acceptStat}`;
}
