/**
 * Aligns two sequences of keys: which places of one correspond to which of the other, in order.
 * Keys that occur once in both are fixed points (patience diff). Between them, a table finds
 * the longest common subsequence where it stays small. Without the table it takes O(n log n).
 */

/** Exchanges of a gap, on either side, for which the table is made. */
const SIDE = 512;
const MAX_CELLS = SIDE * SIDE;

/** The table, reused for each gap. */
let cells = new Uint16Array(0);

export type Match = readonly [expected: number, actual: number];

/** The places of the keys that occur once in both, ascending in the first. */
export function matchUnique(expected: readonly string[], actual: readonly string[]): Match[] {
  return uniqueMatches(places(expected, 0, expected.length), places(actual, 0, actual.length));
}

/** Matching places, ascending in both. */
export function alignSequences(expected: readonly string[], actual: readonly string[]): Match[] {
  const numbers = new Map<string, number>();
  const [a, b] = [expected, actual].map((keys) => Int32Array.from(keys, (key) => numberOf(numbers, key)));
  const alignment = new Alignment(a, b);
  alignment.align(0, a.length, 0, b.length);
  return alignment.matches;
}

/** A number for each key, because keys are long and compared often. */
function numberOf(numbers: Map<string, number>, key: string): number {
  const known = numbers.get(key);
  if (known !== undefined) return known;
  numbers.set(key, numbers.size);
  return numbers.size - 1;
}

/** Aligns parts of two sequences. */
class Alignment {
  readonly matches: Match[] = [];

  constructor(
    private readonly a: Int32Array,
    private readonly b: Int32Array,
  ) {}

  align(aStart: number, aEnd: number, bStart: number, bEnd: number): void {
    const { a, b, matches } = this;
    let [i, j, iEnd, jEnd] = [aStart, bStart, aEnd, bEnd];
    while (i < iEnd && j < jEnd && a[i] === b[j]) matches.push([i++, j++]);
    while (i < iEnd && j < jEnd && a[iEnd - 1] === b[jEnd - 1]) {
      iEnd--;
      jEnd--;
    }
    if (i < iEnd && j < jEnd) this.alignMiddle(i, iEnd, j, jEnd);
    for (; iEnd < aEnd; iEnd++, jEnd++) matches.push([iEnd, jEnd]);
  }

  private alignMiddle(aStart: number, aEnd: number, bStart: number, bEnd: number): void {
    if ((aEnd - aStart) * (bEnd - bStart) <= MAX_CELLS) {
      this.alignByTable(aStart, aEnd, bStart, bEnd);
      return;
    }
    let [i, j] = [aStart, bStart];
    for (const [iNext, jNext] of this.fixedPoints(aStart, aEnd, bStart, bEnd)) {
      this.align(i, iNext, j, jNext);
      this.matches.push([iNext, jNext]);
      [i, j] = [iNext + 1, jNext + 1];
    }
    // Without a fixed point, align the beginning only.
    if (i === aStart) this.alignByTable(i, Math.min(aEnd, i + SIDE), j, Math.min(bEnd, j + SIDE));
    else this.align(i, aEnd, j, bEnd);
  }

  /** The longest common subsequence, by the table of its lengths. */
  private alignByTable(aStart: number, aEnd: number, bStart: number, bEnd: number): void {
    const { a, b, matches } = this;
    const width = bEnd - bStart + 1;
    const lengths = emptyTable((aEnd - aStart + 1) * width, width);
    for (let i = aEnd - aStart - 1; i >= 0; i--) {
      lengths[i * width + width - 1] = 0;
      for (let j = width - 2; j >= 0; j--) {
        const at = i * width + j;
        lengths[at] =
          a[aStart + i] === b[bStart + j]
            ? lengths[at + width + 1] + 1
            : Math.max(lengths[at + width], lengths[at + 1]);
      }
    }
    let [i, j] = [0, 0];
    while (i < aEnd - aStart && j < width - 1) {
      const at = i * width + j;
      if (a[aStart + i] === b[bStart + j]) matches.push([aStart + i++, bStart + j++]);
      else if (lengths[at + width] >= lengths[at + 1]) i++;
      else j++;
    }
  }

  /** Places of keys that occur once in both: the longest run that ascends in both. */
  private fixedPoints(aStart: number, aEnd: number, bStart: number, bEnd: number): Match[] {
    return longestAscending(uniqueMatches(places(this.a, aStart, aEnd), places(this.b, bStart, bEnd)));
  }
}

/** A table whose last row is zeros. */
function emptyTable(size: number, width: number): Uint16Array {
  if (cells.length < size) cells = new Uint16Array(size);
  return cells.fill(0, size - width, size);
}

/** The place of each key; -1 for a key that occurs again. */
function places<Key>(keys: ArrayLike<Key>, start: number, end: number): Map<Key, number> {
  const found = new Map<Key, number>();
  for (let i = start; i < end; i++) found.set(keys[i], found.has(keys[i]) ? -1 : i);
  return found;
}

function uniqueMatches<Key>(a: ReadonlyMap<Key, number>, b: ReadonlyMap<Key, number>): Match[] {
  const common: Match[] = [];
  for (const [key, i] of a) {
    const j = b.get(key) ?? -1;
    if (i >= 0 && j >= 0) common.push([i, j]);
  }
  return common;
}

/** Of matches that ascend in the first place, the longest run that ascends in the second too. */
function longestAscending(matches: readonly Match[]): Match[] {
  /**
   * `ends`: for each length, the match that ends a run with the least
   * second place. `before`: for each match, the previous one of its run.
   */
  const ends: number[] = [];
  const before: number[] = [];
  matches.forEach(([, j], index) => {
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (matches[ends[middle]][1] < j) low = middle + 1;
      else high = middle;
    }
    before.push(low > 0 ? ends[low - 1] : -1);
    ends[low] = index;
  });
  const run: Match[] = [];
  for (let index = ends.at(-1) ?? -1; index >= 0; index = before[index]) run.push(matches[index]);
  return run.reverse();
}
