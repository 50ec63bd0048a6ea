/** One row of statistics: counts over the exchanges that share a procedure and the keys of `--by`. */
import { UNANSWERED, type UnansweredOutcome } from '../rpc/outcome.js';
import { Activity } from './activity.js';
import { Histogram, type SavedHistogram } from './histogram.js';
import * as N from './row-numbers.js';

/**
 * What the exchanges of a row have in common. The values of `--by`
 * are in `by`, in the order in which the user named the keys.
 */
export interface RowKey {
  program: string | undefined;
  /** Both numbers are -1, and `procedure` is `CUT_OFF`, where a header was cut off before them. */
  programNumber: number;
  version: number;
  procedure: string;
  /** For a compound: its main operation. */
  operation: string | undefined;
  by: readonly string[];
  /** Start of the interval in seconds since 1970; undefined without `--interval`. */
  interval: number | undefined;
}

/** The procedure of calls whose header was cut off before it. */
export const CUT_OFF = '?';

/** The key of a sum over all programs and procedures. */
export function totalKey(by: readonly string[], interval: number | undefined): RowKey {
  const none = { program: undefined, programNumber: -1, version: -1, procedure: '', operation: undefined };
  return { ...none, by, interval };
}

/** What rows count: exchanges, or the operations of compounds; and the keys of `--by` that tell rows apart. */
export interface Grouping {
  by: readonly string[];
  operations: boolean;
}

/** The counts of a row that are among its `RowNumbers`. */
const NUMBERS = [
  ['calls', N.CALLS],
  ['replies', N.REPLIES],
  ['callBytes', N.CALL_BYTES],
  ['replyBytes', N.REPLY_BYTES],
] as const;
/** The counts that are properties of it. */
const COUNTERS = ['retransmissions', 'unreadable', 'executed', 'notExecuted', 'negativeTimes'] as const;
/** All counts that rows add up, and that files of `--save` hold; the unanswered calls are counted by outcome. */
export const COUNTS = [...NUMBERS.map(([name]) => name), ...COUNTERS];

/** The activity of rows that were added up to another. */
const NO_ACTIVITY = new Activity();
/** The errors of most rows. */
const NO_ERRORS: ReadonlyMap<string, number> = new Map();

export class StatisticsRow {
  /** Place of its numbers in the table. */
  readonly at: number;
  /** The row that this one was added up to when there were too many; null: it counts itself. */
  mergedInto: StatisticsRow | null = null;
  private readonly histogram = new Histogram();
  private bins = new Activity();
  retransmissions = 0;
  /** Replies whose status could not be read: encrypted, cut off, or of an unknown program. */
  unreadable = 0;
  /**
   * For operations of compounds: how many of the `calls` were executed
   * (with or without an error), and how many came after one that failed.
   */
  executed = 0;
  notExecuted = 0;
  readonly unanswered: Record<UnansweredOutcome, number> = {
    never_answered: 0,
    connection_ended: 0,
    lost_to_capture: 0,
    open_at_end: 0,
  };
  private ownRpcErrors: Map<string, number> | null = null;
  private ownErrors: Map<string, number> | null = null;
  negativeTimes = 0;

  /** @param table The numbers of all rows of a table. */
  constructor(
    readonly key: RowKey,
    private readonly table = new N.RowNumbers(1),
  ) {
    this.at = table.take();
  }

  private get numbers(): Float64Array {
    return this.table.numbers;
  }

  get calls(): number {
    return this.numbers[this.at + N.CALLS];
  }

  get replies(): number {
    return this.numbers[this.at + N.REPLIES];
  }

  get callBytes(): number {
    return this.numbers[this.at + N.CALL_BYTES];
  }

  get replyBytes(): number {
    return this.numbers[this.at + N.REPLY_BYTES];
  }

  /**
   * Nanoseconds from the call to its first complete reply. Negative
   * times are not in it, they are counted in `negativeTimes`.
   */
  get elapsed(): Histogram {
    this.takeTimes();
    return this.histogram;
  }

  get activity(): Activity {
    const { numbers, at, bins } = this;
    const calls = numbers[at + N.BIN_CALLS];
    if (calls > 0) bins.add(numbers[at + N.BIN_FROM], calls);
    numbers[at + N.BIN_CALLS] = 0;
    return bins;
  }

  /** The row that counts in place of this one. */
  get current(): StatisticsRow {
    return this.mergedInto === null ? this : this.mergedInto.current;
  }

  /** Counts by name: accept_stat, reject_stat or auth_stat. */
  get rpcErrors(): ReadonlyMap<string, number> {
    return this.ownRpcErrors ?? NO_ERRORS;
  }

  /** Counts by the program's own status. */
  get errors(): ReadonlyMap<string, number> {
    return this.ownErrors ?? NO_ERRORS;
  }

  get unansweredTotal(): number {
    return UNANSWERED.reduce((sum, outcome) => sum + this.unanswered[outcome], 0);
  }

  get errorTotal(): number {
    return total(this.rpcErrors) + total(this.errors);
  }

  /** @param seconds Time of the call since the first call of the capture. */
  addCall(bytes: number, seconds: number): void {
    const { table, at } = this;
    if (table.addCall(at, bytes, seconds)) return;
    this.goToBin(seconds);
    // The first bin also holds calls from before the first call of the capture.
    table.addCall(at, bytes, Math.max(0, seconds));
  }

  addReply(bytes: number, nanoseconds: number): void {
    const { table, at, numbers } = this;
    if (nanoseconds >= 0) {
      if (numbers[at + N.WAITING] === N.MOST_WAITING) this.takeTimes();
      table.addReply(at, bytes, nanoseconds);
    } else {
      numbers[at + N.REPLIES]++;
      numbers[at + N.REPLY_BYTES] += bytes;
      this.negativeTimes++;
    }
  }

  addRpcError(name: string, times = 1): void {
    this.ownRpcErrors ??= new Map();
    countUp(this.ownRpcErrors, name, times);
  }

  addError(name: string, times = 1): void {
    this.ownErrors ??= new Map();
    countUp(this.ownErrors, name, times);
  }

  private takeTimes(): void {
    const { numbers, at, histogram } = this;
    for (let i = 0; i < numbers[at + N.WAITING]; i++) histogram.add(numbers[at + N.TIMES + i]);
    numbers[at + N.WAITING] = 0;
  }

  private goToBin(seconds: number): void {
    const { numbers, at } = this;
    const { from, to } = this.activity.binOf(seconds);
    numbers[at + N.BIN_FROM] = from;
    numbers[at + N.BIN_TO] = to;
  }

  merge(other: StatisticsRow): void {
    const { numbers, at } = this;
    for (const [name, index] of NUMBERS) numbers[at + index] += other[name];
    for (const name of COUNTERS) this[name] += other[name];
    for (const outcome of UNANSWERED) this.unanswered[outcome] += other.unanswered[outcome];
    for (const [name, count] of other.rpcErrors) this.addRpcError(name, count);
    for (const [name, count] of other.errors) this.addError(name, count);
    this.elapsed.merge(other.elapsed);
    this.activity.merge(other.activity);
  }

  /** Adds everything to the row that counts in its place. After that only `current` may be used. */
  addUpTo(other: StatisticsRow): void {
    other.merge(this);
    this.mergedInto = other;
    this.histogram.clear();
    this.bins = NO_ACTIVITY;
    this.table.give(this.at);
  }

  toJson(): SavedRow {
    const { key, elapsed, rpcErrors, errors, unanswered } = this;
    const counts = Object.fromEntries(COUNTS.map((name) => [name, this[name]])) as Record<CountName, number>;
    return {
      key,
      counts: { ...counts, unanswered },
      rpcErrors: [...rpcErrors],
      errors: [...errors],
      elapsed: elapsed.toJson(),
    };
  }

  static fromJson({ key, counts, rpcErrors, errors, elapsed }: SavedRow): StatisticsRow {
    const row = new StatisticsRow(key);
    for (const [name, index] of NUMBERS) row.numbers[row.at + index] = counts[name];
    for (const name of COUNTERS) row[name] = counts[name];
    for (const outcome of UNANSWERED) row.unanswered[outcome] = counts.unanswered[outcome];
    for (const [name, count] of rpcErrors) row.addRpcError(name, count);
    for (const [name, count] of errors) row.addError(name, count);
    row.elapsed.merge(Histogram.fromJson(elapsed));
    return row;
  }
}

type CountName = (typeof COUNTS)[number];

/** A row in a file of `--save`. */
export interface SavedRow {
  key: RowKey;
  counts: Record<CountName, number> & Pick<StatisticsRow, 'unanswered'>;
  rpcErrors: [string, number][];
  errors: [string, number][];
  elapsed: SavedHistogram;
}

function countUp(counts: Map<string, number>, name: string, times: number): void {
  counts.set(name, (counts.get(name) ?? 0) + times);
}

function total(counts: ReadonlyMap<string, number>): number {
  let sum = 0;
  for (const count of counts.values()) sum += count;
  return sum;
}

/** A text that is equal for two keys if they belong to the same row. */
export function keyText({ programNumber, version, procedure, operation, by, interval }: RowKey): string {
  return JSON.stringify([programNumber, version, procedure, operation ?? '', by, interval ?? '']);
}
