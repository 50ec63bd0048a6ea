/**
 * Comparisons of two fields: all values of both are collected, and
 * one pair that passes is enough; with `!=` no pair may be equal. Two
 * lists may be long, so only `contains` looks at every pair.
 */
import type { Tests } from './field.js';
import type { Comparator } from './syntax.js';

type Value = number | bigint | string;

export class ComparedValues {
  private readonly lefts: Value[] = [];
  private readonly rights: Value[] = [];
  /** Tests that collect values and pass none. */
  readonly left = collector(this.lefts);
  readonly right = collector(this.rights);

  constructor(private readonly comparator: Comparator) {}

  clear(): void {
    this.lefts.length = 0;
    this.rights.length = 0;
  }

  compare(): boolean {
    const { lefts, rights, comparator } = this;
    if (lefts.length === 0 || rights.length === 0) return false;
    switch (comparator) {
      case '==':
        return haveCommon(lefts, rights);
      case '!=':
        return !haveCommon(lefts, rights);
      case '>':
      case '>=':
        return reach(lefts, rights, comparator === '>=');
      case '<':
      case '<=':
        return reach(rights, lefts, comparator === '<=');
      case 'contains':
        return lefts.some((left) => rights.some((right) => isPart(right, left)));
      default:
        return false;
    }
  }
}

function haveCommon(lefts: readonly Value[], rights: readonly Value[]): boolean {
  const values = new Set(lefts.map(canonical));
  return rights.some((right) => values.has(canonical(right)) && !Number.isNaN(right));
}

/** The same value for numbers that are equal, whatever their type: a number if it is exact, otherwise a bigint. */
function canonical(value: Value): Value {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? BigInt(value) : value;
}

/**
 * True if a value of `highs` is greater than one of `lows` (or equal to it): then the greatest and the least are.
 * Strings are compared with strings, numbers with numbers.
 */
function reach(highs: readonly Value[], lows: readonly Value[], orEqual: boolean): boolean {
  return [true, false].some((isText) => {
    const high = extreme(highs, isText, (value, greatest) => value > greatest);
    const low = extreme(lows, isText, (value, least) => value < least);
    return high !== undefined && low !== undefined && (orEqual ? high >= low : high > low);
  });
}

function extreme(
  values: readonly Value[],
  isText: boolean,
  isBeyond: (value: Value, found: Value) => boolean,
): Value | undefined {
  let found: Value | undefined;
  for (const value of values) {
    if ((typeof value === 'string') !== isText || Number.isNaN(value)) continue;
    if (found === undefined || isBeyond(value, found)) found = value;
  }
  return found;
}

function isPart(part: Value, whole: Value): boolean {
  return (typeof part === 'string') === (typeof whole === 'string') && String(whole).includes(String(part));
}

/** Bytes become strings of one character a byte, so that they compare like strings. */
function collector(values: Value[]): Tests {
  const keep = (value: Value) => {
    values.push(value);
    return false;
  };
  const bytes = (value: Uint8Array) => keep(Buffer.from(value).toString('latin1'));
  return {
    number: keep,
    duration: keep,
    time: (seconds, nanoseconds) => keep(BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds)),
    address: bytes,
    bytes,
    string: bytes,
    text: (text) => bytes(Buffer.from(text, 'utf8')),
    boolean: (value) => keep(value ? 1 : 0),
    name: keep,
    structure: () => false,
    sequence: () => false,
  };
}
