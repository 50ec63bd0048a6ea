/** One row of statistics: exchanges that have a procedure and the keys of `--by` in common, counted. */
import { UNANSWERED, type UnansweredOutcome } from '../rpc/outcome.js';
import { Activity } from './activity.js';
import { Histogram, type SavedHistogram } from './histogram.js';

/** What the exchanges of a row have in common. Keys of `--by` stand in `by`, in the order in which the user named them. */
export interface RowKey {
  program: string | undefined;
  programNumber: number;
  version: number;
  procedure: string;
  /** Of a compound: the operation that matters. */
  operation: string | undefined;
  by: readonly string[];
  /** Start of the interval in seconds since 1970; undefined without `--interval`. */
  interval: number | undefined;
}

/** The key of a sum over all programs and procedures. */
export function totalKey(by: readonly string[], interval: number | undefined): RowKey {
  const none = { program: undefined, programNumber: -1, version: -1, procedure: '', operation: undefined };
  return { ...none, by, interval };
}

/** What rows are: of exchanges, or of the operations of compounds; and the keys of `--by` that tell them apart. */
export interface Grouping {
  by: readonly string[];
  operations: boolean;
}

export class StatisticsRow {
  calls = 0;
  replies = 0;
  retransmissions = 0;
  /** Replies whose status could not be read: encrypted, cut off, or of a program that nobody knows. */
  unreadable = 0;
  callBytes = 0;
  replyBytes = 0;
  /** Of an operation of compounds: `calls` that were executed, with an error or without, and that came after one that failed. */
  executed = 0;
  notExecuted = 0;
  readonly unanswered: Record<UnansweredOutcome, number> = {
    never_answered: 0,
    connection_ended: 0,
    lost_to_capture: 0,
    open_at_end: 0,
  };
  /** By name: accept_stat, reject_stat or auth_stat; and the program's own status words. */
  readonly rpcErrors = new Map<string, number>();
  readonly errors = new Map<string, number>();
  /** Nanoseconds from the call to its first complete reply. Clocks that ran backwards are only counted. */
  readonly elapsed = new Histogram();
  negativeTimes = 0;
  readonly activity = new Activity();
  /** The row that this one was added up to, when there were too many. */
  mergedInto: StatisticsRow | null = null;

  constructor(readonly key: RowKey) {}

  /** The row that counts in place of this one. */
  get current(): StatisticsRow {
    return this.mergedInto === null ? this : this.mergedInto.current;
  }

  get unansweredTotal(): number {
    return UNANSWERED.reduce((sum, outcome) => sum + this.unanswered[outcome], 0);
  }

  get errorTotal(): number {
    return total(this.rpcErrors) + total(this.errors);
  }

  addElapsed(nanoseconds: number): void {
    if (nanoseconds < 0) this.negativeTimes++;
    else this.elapsed.add(nanoseconds);
  }

  merge(other: StatisticsRow): void {
    this.calls += other.calls;
    this.replies += other.replies;
    this.retransmissions += other.retransmissions;
    this.unreadable += other.unreadable;
    this.callBytes += other.callBytes;
    this.replyBytes += other.replyBytes;
    this.executed += other.executed;
    this.notExecuted += other.notExecuted;
    this.negativeTimes += other.negativeTimes;
    for (const outcome of UNANSWERED) this.unanswered[outcome] += other.unanswered[outcome];
    for (const [name, count] of other.rpcErrors) countUp(this.rpcErrors, name, count);
    for (const [name, count] of other.errors) countUp(this.errors, name, count);
    this.elapsed.merge(other.elapsed);
    this.activity.merge(other.activity);
  }

  /** Gives all that it has to a row that counts in its place. */
  addUpTo(other: StatisticsRow): void {
    other.merge(this);
    this.mergedInto = other;
    this.elapsed.clear();
  }

  toJson(): SavedRow {
    const { key, elapsed, rpcErrors, errors, activity: _, mergedInto: __, ...counts } = this;
    return {
      key,
      counts,
      rpcErrors: [...rpcErrors],
      errors: [...errors],
      elapsed: elapsed.toJson(),
    };
  }

  static fromJson({ key, counts, rpcErrors, errors, elapsed }: SavedRow): StatisticsRow {
    const row = new StatisticsRow(key);
    Object.assign(row, counts);
    for (const [name, count] of rpcErrors) countUp(row.rpcErrors, name, count);
    for (const [name, count] of errors) countUp(row.errors, name, count);
    row.elapsed.merge(Histogram.fromJson(elapsed));
    return row;
  }
}

/** A row in a file of `--save`. */
export interface SavedRow {
  key: RowKey;
  counts: Pick<
    StatisticsRow,
    | 'calls'
    | 'replies'
    | 'retransmissions'
    | 'unreadable'
    | 'callBytes'
    | 'replyBytes'
    | 'executed'
    | 'notExecuted'
    | 'unanswered'
    | 'negativeTimes'
  >;
  rpcErrors: [string, number][];
  errors: [string, number][];
  elapsed: SavedHistogram;
}

export function countUp(counts: Map<string, number>, name: string, times = 1): void {
  counts.set(name, (counts.get(name) ?? 0) + times);
}

function total(counts: ReadonlyMap<string, number>): number {
  let sum = 0;
  for (const count of counts.values()) sum += count;
  return sum;
}

/** The same for two keys that belong to one row. */
export function keyText({ programNumber, version, procedure, operation, by, interval }: RowKey): string {
  return JSON.stringify([programNumber, version, procedure, operation ?? '', by, interval ?? '']);
}
