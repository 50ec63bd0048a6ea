/**
 * Text as bytes in one growing buffer: what lists and JSON are written to. Writing a number or a short ASCII word here costs a
 * few byte stores and no string. The owner takes `bytes[0..length)` and sets `length` back to 0.
 */

import { MAX_CACHED_TEXTS } from '../limits/xdr.js';
import { nineDigits, signed64, sixDigits, unsigned53, unsigned64 } from './decimal.js';
import { PreparedText } from './prepared-text.js';

/** Both hex digits of each byte. */
export const HEX_PAIRS = Uint16Array.from({ length: 256 }, (_, byte) =>
  Buffer.from(byte.toString(16).padStart(2, '0'), 'latin1').readUInt16BE(),
);
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
// Words that have the same byte four times.
const BLANKS = 0x20202020;
const ONES = 0x01010101;
const SIGNS = 0x80808080;
const QUOTES = 0x22222222;
const BACKSLASHES = 0x5c5c5c5c;
/** Up to this many bytes, a loop beats the runtime's copy, which needs a view made for it. */
const MAX_LOOP = 48;

/**
 * Characters that a terminal or an editor would act on instead of showing: C0, DEL, C1, bidirectional controls, zero-width
 * characters and separators, tags. JSON writes them as \\uXXXX; `terminal/sanitize.ts` escapes them in text.
 */
export const UNSAFE =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|\udb40[\udc00-\udc7f]/g;

export function escapeUnsafe(text: string): string {
  return text.replace(UNSAFE, (match) =>
    Array.from({ length: match.length }, (_, i) => `\\u${match.charCodeAt(i).toString(16).padStart(4, '0')}`).join(''),
  );
}

/** A JSON string literal that is safe to look at. */
export function jsonString(text: string): string {
  return escapeUnsafe(`"${text.replace(/["\\]/g, '\\$&')}"`);
}

/** Texts that are written again and again: names of programs, procedures, statuses. */
class TextCache {
  private readonly entries = new Map<string, PreparedText>();

  constructor(private readonly encode: (text: string) => string) {}

  get(text: string): PreparedText {
    let prepared = this.entries.get(text);
    if (prepared === undefined) {
      if (this.entries.size >= MAX_CACHED_TEXTS) this.entries.clear();
      prepared = new PreparedText(this.encode(text));
      this.entries.set(text, prepared);
    }
    return prepared;
  }
}

const words = new TextCache((text) => text);
const names = new TextCache(jsonString);

export class ByteWriter {
  bytes: Buffer;
  /** The same bytes, for generated code that stores words. */
  view: DataView;
  length = 0;

  constructor(capacity = 1 << 17) {
    this.bytes = Buffer.allocUnsafeSlow(capacity);
    this.view = new DataView(this.bytes.buffer);
  }

  /** Makes room for `size` more bytes. */
  reserve(size: number): void {
    const needed = this.length + size;
    if (needed <= this.bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.bytes.length * 2));
    this.bytes.copy(grown, 0, 0, this.length);
    this.bytes = grown;
    this.view = new DataView(grown.buffer);
  }

  byte(value: number): void {
    if (this.length === this.bytes.length) this.reserve(1);
    this.bytes[this.length++] = value;
  }

  /** `count` blanks; none where it is negative. */
  blanks(count: number): void {
    if (count <= 0) return;
    this.reserve(count);
    for (let at = this.length; at < this.length + count; at++) this.bytes[at] = 0x20;
    this.length += count;
  }

  /** ASCII text without characters that JSON escapes. */
  ascii(text: string): void {
    const size = text.length;
    this.reserve(size);
    const { bytes } = this;
    let at = this.length;
    for (let i = 0; i < size; i++) bytes[at++] = text.charCodeAt(i);
    this.length = at;
  }

  text(text: PreparedText): void {
    const { words } = text;
    const size = words.length;
    // Whole words are stored: what they hold beyond the text is overwritten, or never read.
    this.reserve(size * 8);
    const { view, length } = this;
    for (let i = 0; i < size; i++) view.setFloat64(length + i * 8, words[i], true);
    this.length = length + text.length;
  }

  /** Any text, as UTF-8. */
  utf8(text: string): void {
    this.reserve(text.length * 3);
    this.length += this.bytes.write(text, this.length, 'utf8');
  }

  /** Writes a text that recurs, as UTF-8; its encoding is kept. */
  word(text: string): void {
    this.text(words.get(text));
  }

  /** Writes a text that recurs, as a JSON string; its encoding is kept. */
  jsonName(text: string): void {
    this.text(names.get(text));
  }

  copy(bytes: Uint8Array, start: number, end: number): void {
    this.reserve(end - start);
    const to = this.bytes;
    let at = this.length;
    if (end - start > MAX_LOOP) to.set(start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end), at);
    else for (let i = start; i < end; i++) to[at++] = bytes[i];
    this.length += end - start;
  }

  /**
   * Copies UTF-8 from memory that threads share, by words: the runtime
   * would copy it byte by byte. `PreparedText` says why no word is NaN.
   */
  copyShared(from: DataView, start: number, end: number): void {
    this.reserve(end - start);
    const { view, bytes } = this;
    let to = this.length;
    let at = start;
    for (; at + 8 <= end; at += 8, to += 8) view.setFloat64(to, from.getFloat64(at, true), true);
    for (; at < end; at++) bytes[to++] = from.getUint8(at);
    this.length = to;
  }

  /** Continues in other memory, from its beginning; where that is too small, in memory of its own. */
  writeInto(memory: Buffer, view: DataView): void {
    this.bytes = memory;
    this.view = view;
    this.length = 0;
  }

  /** A non-negative integer up to 2^53. */
  integer(value: number): void {
    this.reserve(20);
    this.length = unsigned53(this.bytes, this.view, this.length, value);
  }

  signed(value: number): void {
    if (value < 0) this.byte(45);
    this.integer(Math.abs(value));
  }

  /** `value` below 10^9 with leading zeros to `width` digits. */
  padded(value: number, width: number): void {
    this.reserve(width);
    if (width === 9) {
      this.length = nineDigits(this.bytes, this.view, this.length, value);
      return;
    }
    if (width === 6) {
      this.length = sixDigits(this.view, this.length, value);
      return;
    }
    let left = value;
    for (let i = this.length + width - 1; i >= this.length; i--) {
      const quotient = (left / 10) | 0;
      this.bytes[i] = 48 + (left - quotient * 10);
      left = quotient;
    }
    this.length += width;
  }

  /** An unsigned 64-bit number given as two 32-bit words. */
  unsigned64(high: number, low: number): void {
    this.reserve(20);
    this.length = unsigned64(this.bytes, this.view, this.length, high, low);
  }

  signed64(high: number, low: number): void {
    this.reserve(20);
    this.length = signed64(this.bytes, this.view, this.length, high, low);
  }

  hex(bytes: Uint8Array, start: number, end: number): void {
    this.reserve((end - start) * 2);
    const { view } = this;
    let at = this.length;
    for (let i = start; i < end; i++, at += 2) view.setUint16(at, HEX_PAIRS[bytes[i]]);
    this.length = at;
  }

  /** Eight hex digits. */
  hex32(value: number): void {
    this.reserve(8);
    const { view, length } = this;
    view.setUint16(length, HEX_PAIRS[value >>> 24]);
    view.setUint16(length + 2, HEX_PAIRS[(value >>> 16) & 0xff]);
    view.setUint16(length + 4, HEX_PAIRS[(value >>> 8) & 0xff]);
    view.setUint16(length + 6, HEX_PAIRS[value & 0xff]);
    this.length = length + 8;
  }

  /** A JSON string from text. */
  jsonText(text: string): void {
    this.utf8(jsonString(text));
  }

  /** A JSON string from bytes; false when they were not UTF-8 and U+FFFD stands in for some. */
  jsonBytes(bytes: Uint8Array, start: number, end: number): boolean {
    this.reserve(end - start + 2);
    const to = this.bytes;
    let at = this.length;
    to[at++] = QUOTE;
    for (let i = start; i < end; i++) {
      const byte = bytes[i];
      if (byte < 0x20 || byte > 0x7e || byte === QUOTE || byte === BACKSLASH)
        return this.jsonDecoded(bytes, start, end);
      to[at++] = byte;
    }
    to[at++] = QUOTE;
    this.length = at;
    return true;
  }

  /** True when all that was written since `start` is printable ASCII. */
  isPlainSince(start: number): boolean {
    const { bytes, view, length } = this;
    let at = start;
    for (; at + 4 <= length; at += 4) {
      const word = view.getInt32(at, true);
      // The sign of a byte is set where it is not ASCII, below a blank, or DEL.
      if (((word | (word - BLANKS) | (word + ONES)) & SIGNS) !== 0) return false;
    }
    for (; at < length; at++) if (bytes[at] < 0x20 || bytes[at] > 0x7e) return false;
    return true;
  }

  /**
   * Ends a JSON string whose characters were written unescaped since
   * `start`, behind its opening quote; escapes them if need be.
   */
  endJsonString(start: number): void {
    if (this.isPlainSince(start) && !this.hasEscapedSince(start)) return this.byte(QUOTE);
    const text = Buffer.from(this.bytes.subarray(start, this.length));
    this.length = start - 1;
    this.jsonDecoded(text, 0, text.length);
  }

  /** True when quotes or backslashes were written since `start`. */
  private hasEscapedSince(start: number): boolean {
    const { bytes, view, length } = this;
    let at = start;
    for (; at + 4 <= length; at += 4) {
      const word = view.getInt32(at);
      const quotes = word ^ QUOTES;
      const backslashes = word ^ BACKSLASHES;
      // A byte that is 0 borrows from its sign.
      if ((((quotes - ONES) & ~quotes) | ((backslashes - ONES) & ~backslashes)) & SIGNS) return true;
    }
    for (; at < length; at++) if (bytes[at] === QUOTE || bytes[at] === BACKSLASH) return true;
    return false;
  }

  private jsonDecoded(bytes: Uint8Array, start: number, end: number): boolean {
    const part = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start);
    const text = part.toString('utf8');
    this.jsonText(text);
    return !text.includes('\ufffd') || Buffer.from(text, 'utf8').equals(part);
  }

  toString(start = 0): string {
    return this.bytes.toString('utf8', start, this.length);
  }
}
