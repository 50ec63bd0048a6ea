/**
 * Functions that generated code calls. They store numbers, names and strings at a given offset and return the next one;
 * callers have made room. They are apart from the generator so that V8 compiles each of them once.
 *
 * In all of them `w` is the output, `d` its view, `q` the offset to
 * write at, `b` the message's bytes and `p` the offset to read at.
 */
import { ByNumber } from './by-number.js';
import { type ByteWriter, HEX_PAIRS, jsonString } from './byte-writer.js';
import { readInt32 } from './bytes.js';
import { signed, signed64, unsigned, unsigned64 } from './decimal.js';
import { type EnumPlan, lowestBit } from './plan.js';

/** State of one run of generated code: where it reads and where it writes. Generated functions keep copies in locals. */
export interface JsonState {
  /** The message's bytes and their view; the value must end by `end`. */
  b: Uint8Array;
  i: DataView;
  end: number;
  /** The writer, its buffer and view, and the offset of the next byte to write. */
  out: ByteWriter;
  w: Buffer;
  d: DataView;
  q: number;
  depth: number;
  payload: boolean;
  strings: boolean;
}

/** Names of an enum as bytes with their quotes. */
export interface EnumTable {
  names: ByNumber<Uint8Array>;
  /** The most bytes that a value takes: a name, or a number without one in quotes. */
  longest: number;
}

export function enumTable(plan: Pick<EnumPlan, 'names'>): EnumTable {
  const table: EnumTable = { names: new ByNumber(), longest: 13 };
  for (const [value, name] of plan.names) {
    const bytes = Buffer.from(jsonString(name), 'utf8');
    table.longest = Math.max(table.longest, bytes.length);
    table.names.set(value, bytes);
  }
  return table;
}

/** Makes room for `size` bytes behind `s.q`. */
function grow(s: JsonState, size: number): void {
  s.out.length = s.q;
  s.out.reserve(size);
  s.w = s.out.bytes;
  s.d = s.out.view;
}

function text(w: Uint8Array, q: number, value: string): number {
  for (let i = 0; i < value.length; i++) w[q + i] = value.charCodeAt(i);
  return q + value.length;
}

function name(w: Uint8Array, d: DataView, q: number, table: EnumTable, value: number): number {
  const bytes = table.names.get(value);
  if (bytes === undefined) {
    w[q] = 0x22;
    const end = signed(w, d, q + 1, value);
    w[end] = 0x22;
    return end + 1;
  }
  for (let i = 0; i < bytes.length; i++) w[q + i] = bytes[i];
  return q + bytes.length;
}

/** Bytes in hex with quotes. */
function hex(w: Uint8Array, d: DataView, q: number, b: Uint8Array, from: number, to: number): number {
  let at = q;
  w[at++] = 0x22;
  let i = from;
  for (; i + 2 <= to; i += 2) {
    d.setInt32(at, (HEX_PAIRS[b[i]] << 16) | HEX_PAIRS[b[i + 1]]);
    at += 4;
  }
  if (i < to) {
    d.setUint16(at, HEX_PAIRS[b[i]]);
    at += 2;
  }
  w[at] = 0x22;
  return at + 1;
}

/** A string of printable ASCII with quotes; -1 when it has other characters, or some to escape. */
function plain(w: Uint8Array, q: number, b: Uint8Array, from: number, to: number): number {
  let at = q;
  w[at++] = 0x22;
  for (let i = from; i < to; i++) {
    const byte = b[i];
    if (byte < 0x20 || byte > 0x7e || byte === 0x22 || byte === 0x5c) return -1;
    w[at++] = byte;
  }
  w[at] = 0x22;
  return at + 1;
}

/** Any string with quotes, through the writer; false when it is not UTF-8. */
function other(s: JsonState, b: Uint8Array, from: number, to: number): boolean {
  s.out.length = s.q;
  if (!s.out.jsonBytes(b, from, to)) return false;
  s.w = s.out.bytes;
  s.d = s.out.view;
  s.q = s.out.length;
  return true;
}

/**
 * By bit: the key, and the function that writes the value.
 * undefined: a bit that is not known; null: one without a value.
 */
export type ValueTable = ({ key: Uint8Array; cell: { f: (s: JsonState, p: number) => number } } | null | undefined)[];

// These functions walk the set bits in the order of `setBits`, without making an array for each message.

function countBits(b: Uint8Array, p: number, count: number): number {
  let bits = 0;
  for (let word = 0; word < count; word++) {
    for (let left = readInt32(b, p + 4 * word); left !== 0; left &= left - 1) bits++;
  }
  return bits;
}

/** Writes the names of the set bits of `count` words at `p`, as an array. */
function bits(s: JsonState, p: number, count: number, names: EnumTable): void {
  const { b } = s;
  const size = countBits(b, p, count) * (names.longest + 1) + 2;
  if (s.q + size > s.w.length) grow(s, size);
  const { w, d } = s;
  let { q } = s;
  w[q++] = 0x5b;
  for (let word = 0; word < count; word++) {
    for (let left = readInt32(b, p + 4 * word); left !== 0; left &= left - 1) {
      if (w[q - 1] !== 0x5b) w[q++] = 0x2c;
      q = name(w, d, q, names, lowestBit(word, left));
    }
  }
  w[q++] = 0x5d;
  s.q = q;
}

/**
 * Writes an object with one value for each set bit of the `count`
 * words at `words`. Returns where the next value begins, or -1.
 */
function values(s: JsonState, from: number, words: number, count: number, table: ValueTable): number {
  let p = from;
  let mark = 0x7b;
  for (let word = 0; word < count; word++) {
    for (let left = readInt32(s.b, words + 4 * word); left !== 0; left &= left - 1) {
      const entry = table[lowestBit(word, left)];
      if (entry === undefined) return -1;
      if (entry === null) continue;
      const { key, cell } = entry;
      if (s.q + key.length + 1 > s.w.length) grow(s, key.length + 1);
      s.w[s.q++] = mark;
      for (let i = 0; i < key.length; i++) s.w[s.q++] = key[i];
      mark = 0x2c;
      p = cell.f(s, p);
      if (p < 0) return -1;
    }
  }
  if (mark === 0x7b) return -1;
  if (s.q + 1 > s.w.length) grow(s, 1);
  s.w[s.q++] = 0x7d;
  return p;
}

/** True when padding is zero. */
function zeros(b: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (b[i] !== 0) return false;
  return true;
}

/** A float or double; -1 for NaN and the infinities, which JSON does not have. */
function float(w: Uint8Array, q: number, value: number): number {
  if (!Number.isFinite(value)) return -1;
  return text(w, q, Object.is(value, -0) ? '-0' : String(value));
}

export const runtime = {
  grow,
  unsigned,
  signed,
  unsigned64,
  signed64,
  name,
  hex,
  plain,
  other,
  bits,
  values,
  zeros,
  float,
};

/** A name of an enum, or the number's decimal digits. */
function nameOf(names: ReadonlyMap<number, string>, value: number): string {
  return names.get(value) ?? String(value);
}

/** A copy of bytes. */
function copy(b: Uint8Array, from: number, to: number): Uint8Array {
  const bytes = new Uint8Array(to - from);
  if (to - from > 64) bytes.set(b.subarray(from, to));
  else for (let i = from; i < to; i++) bytes[i - from] = b[i];
  return bytes;
}

/** The functions for generated code that makes objects. */
export const objectRuntime = { zeros, nameOf, copy };
