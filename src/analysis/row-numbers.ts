/**
 * The counters that most exchanges change, side by side in one array for all rows of a table. Statistics
 * have thousands of rows, and consecutive exchanges belong to different ones. So the counters of a row
 * fill two cache lines and are found by the row's place, without reading the row object. Response times
 * are collected here until there are enough of them for the row's histogram, whose buckets lie far apart.
 */

/** Numbers of a row: two cache lines. */
const SIZE = 16;
/** The memory of large arrays begins 16 bytes after a cache line: with this start each row begins at a cache line. */
const START = 6;

/** The numbers of a row, by their index. */
export const CALLS = 0;
export const CALL_BYTES = 1;
export const REPLIES = 2;
export const REPLY_BYTES = 3;
/** The activity bin that was counted in last: its calls, and its bounds in seconds. */
export const BIN_CALLS = 4;
export const BIN_FROM = 5;
export const BIN_TO = 6;
/** The number of collected response times, and the first of them. */
export const WAITING = 7;
export const TIMES = 8;
export const MOST_WAITING = SIZE - TIMES;

export class RowNumbers {
  numbers: Float64Array;
  private next = START;
  private readonly free: number[] = [];

  /** @param rows The number of rows to reserve. */
  constructor(rows: number) {
    this.numbers = new Float64Array(START + rows * SIZE);
  }

  /** Returns a place whose numbers are 0. */
  take(): number {
    const free = this.free.pop();
    if (free !== undefined) return free;
    const at = this.next;
    this.next += SIZE;
    if (this.next > this.numbers.length) {
      const { numbers } = this;
      this.numbers = new Float64Array(START + 2 * (numbers.length - START));
      this.numbers.set(numbers);
    }
    return at;
  }

  /** Takes back a place that is no longer used. */
  give(at: number): void {
    this.numbers.fill(0, at, at + SIZE);
    this.free.push(at);
  }

  /** Counts a call. Returns false, and counts nothing, if the call falls into another bin than the last one. */
  addCall(at: number, bytes: number, seconds: number): boolean {
    const { numbers } = this;
    if (!(seconds >= numbers[at + BIN_FROM] && seconds < numbers[at + BIN_TO])) return false;
    numbers[at + CALLS]++;
    numbers[at + CALL_BYTES] += bytes;
    numbers[at + BIN_CALLS]++;
    return true;
  }

  /** Counts a reply. Returns false, and counts nothing, if there is no room for its response time, or it has none. */
  addReply(at: number, bytes: number, nanoseconds: number): boolean {
    const { numbers } = this;
    const waiting = numbers[at + WAITING];
    if (waiting === MOST_WAITING || !(nanoseconds >= 0)) return false;
    numbers[at + REPLIES]++;
    numbers[at + REPLY_BYTES] += bytes;
    numbers[at + WAITING] = waiting + 1;
    numbers[at + TIMES + waiting] = nanoseconds;
    return true;
  }
}
