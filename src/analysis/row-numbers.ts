/**
 * What most exchanges count in their rows: numbers that lie side by side for all rows of a table. Statistics have thousands of rows, and
 * exchanges go from one to another; so what one counts stands in two lines of the processor's cache, and is found by the row's place
 * without asking the row. Response times wait there until they are some for the row's histogram, whose buckets lie far apart.
 */

/** Numbers of a row, from its place on: two lines of the cache. */
const SIZE = 16;
/** Memory for large arrays begins 16 bytes behind a line of the cache: from here on rows begin where lines do. */
const START = 6;

/** What they are. */
export const CALLS = 0;
export const CALL_BYTES = 1;
export const REPLIES = 2;
export const REPLY_BYTES = 3;
/** Calls of the bin of the row's activity that was counted in last, and from when to when it is. */
export const BIN_CALLS = 4;
export const BIN_FROM = 5;
export const BIN_TO = 6;
/** Response times that wait, and how many they are. */
export const WAITING = 7;
export const TIMES = 8;
export const MOST_WAITING = SIZE - TIMES;

export class RowNumbers {
  numbers: Float64Array;
  private next = START;
  private readonly free: number[] = [];

  /** @param rows How many there is room for at first. */
  constructor(rows: number) {
    this.numbers = new Float64Array(START + rows * SIZE);
  }

  /** A place of zeros. */
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

  /** Takes back a place that nobody reads any more. */
  give(at: number): void {
    this.numbers.fill(0, at, at + SIZE);
    this.free.push(at);
  }

  /** Counts a call; false, and nothing is counted, where it belongs into another bin than the last one. */
  addCall(at: number, bytes: number, seconds: number): boolean {
    const { numbers } = this;
    if (!(seconds >= numbers[at + BIN_FROM] && seconds < numbers[at + BIN_TO])) return false;
    numbers[at + CALLS]++;
    numbers[at + CALL_BYTES] += bytes;
    numbers[at + BIN_CALLS]++;
    return true;
  }

  /** Counts a reply; false, and nothing is counted, where no more response times can wait, or it has none. */
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
