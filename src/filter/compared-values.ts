/**
 * Comparisons of two fields: all values of both are collected, and
 * one pair that passes is enough; with `!=` no pair may be equal.
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
    if (comparator === '!=') return !lefts.some((left) => rights.some((right) => isPair('==', left, right)));
    return lefts.some((left) => rights.some((right) => isPair(comparator, left, right)));
  }
}

function isPair(comparator: Comparator, left: Value, right: Value): boolean {
  if ((typeof left === 'string') !== (typeof right === 'string')) return false;
  switch (comparator) {
    case '>':
      return left > right;
    case '>=':
      return left >= right;
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    case 'contains':
      return String(left).includes(String(right));
    case 'matches':
      return false;
    default:
      return left >= right && left <= right;
  }
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
