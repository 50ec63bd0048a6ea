/** Sets of byte positions, as sorted, disjoint ranges in one array: from, to, from, to … Each `to` is exclusive. */

/** The index of the first range that ends at `at` or behind it. */
function firstAt(ranges: readonly number[], at: number): number {
  let low = 0;
  let high = ranges.length / 2;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ranges[2 * middle + 1] >= at) high = middle;
    else low = middle + 1;
  }
  return 2 * low;
}

/** Adds `from..to` to the set; ranges that touch become one. */
export function addRange(ranges: number[], from: number, to: number): void {
  const first = firstAt(ranges, from);
  let next = first;
  let [low, high] = [from, to];
  while (next < ranges.length && ranges[next] <= to) {
    low = Math.min(low, ranges[next]);
    high = Math.max(high, ranges[next + 1]);
    next += 2;
  }
  ranges.splice(first, next - first, low, high);
}

/** Removes `from..to` from the set. */
export function removeRange(ranges: number[], from: number, to: number): void {
  const first = firstAt(ranges, from);
  const kept: number[] = [];
  let next = first;
  for (; next < ranges.length && ranges[next] < to; next += 2) {
    if (ranges[next] < from) kept.push(ranges[next], from);
    if (ranges[next + 1] > to) kept.push(to, ranges[next + 1]);
  }
  ranges.splice(first, next - first, ...kept);
}

/** The parts of `from..to` that are in the set. */
export function commonRanges(ranges: readonly number[], from: number, to: number): [number, number][] {
  const found: [number, number][] = [];
  for (let i = firstAt(ranges, from); i < ranges.length && ranges[i] < to; i += 2) {
    const [low, high] = [Math.max(from, ranges[i]), Math.min(to, ranges[i + 1])];
    if (low < high) found.push([low, high]);
  }
  return found;
}

/** The parts of `from..to` that are not in the set. */
export function missingRanges(ranges: readonly number[], from: number, to: number): [number, number][] {
  const missing: [number, number][] = [];
  let at = from;
  for (const [low, high] of commonRanges(ranges, from, to)) {
    if (low > at) missing.push([at, low]);
    at = high;
  }
  if (at < to) missing.push([at, to]);
  return missing;
}

/** The number of bytes in the set. */
export function rangesLength(ranges: readonly number[]): number {
  let length = 0;
  for (let i = 0; i < ranges.length; i += 2) length += ranges[i + 1] - ranges[i];
  return length;
}
