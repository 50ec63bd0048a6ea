/**
 * Text as bytes in one growing buffer: what lists and JSON are written to. Writing a number or a short ASCII word here costs a
 * few byte stores and no string. The owner takes `bytes[0..length)` and sets `length` back to 0.
 */

import { MAX_CACHED_TEXTS } from '../limits.js';

const HEX = Buffer.from('0123456789abcdef', 'latin1');
const DIGITS = new Uint8Array(20);
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

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

/** Bytes of texts that are written again and again: names of programs, procedures, statuses. */
class ByteCache {
  private readonly entries = new Map<string, Buffer>();

  constructor(private readonly encode: (text: string) => string) {}

  get(text: string): Buffer {
    let bytes = this.entries.get(text);
    if (bytes === undefined) {
      if (this.entries.size >= MAX_CACHED_TEXTS) this.entries.clear();
      bytes = Buffer.from(this.encode(text), 'utf8');
      this.entries.set(text, bytes);
    }
    return bytes;
  }
}

const words = new ByteCache((text) => text);
const names = new ByteCache(jsonString);

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

  /** ASCII text without characters that JSON escapes. */
  ascii(text: string): void {
    const size = text.length;
    this.reserve(size);
    const { bytes } = this;
    let at = this.length;
    for (let i = 0; i < size; i++) bytes[at++] = text.charCodeAt(i);
    this.length = at;
  }

  /** Any text, as UTF-8. */
  utf8(text: string): void {
    this.reserve(text.length * 3);
    this.length += this.bytes.write(text, this.length, 'utf8');
  }

  /** A text of few that recur, as UTF-8. */
  word(text: string): void {
    const bytes = words.get(text);
    this.copy(bytes, 0, bytes.length);
  }

  /** A JSON string of a text of few that recur. */
  jsonName(text: string): void {
    const bytes = names.get(text);
    this.copy(bytes, 0, bytes.length);
  }

  copy(bytes: Uint8Array, start: number, end: number): void {
    this.reserve(end - start);
    const to = this.bytes;
    let at = this.length;
    if (end - start > 32) to.set(start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end), at);
    else for (let i = start; i < end; i++) to[at++] = bytes[i];
    this.length += end - start;
  }

  /** A non-negative integer up to 2^53. */
  integer(value: number): void {
    this.reserve(20);
    if (value < 10) {
      this.bytes[this.length++] = 48 + value;
      return;
    }
    let left = value;
    let count = 0;
    // Above 32 bits the integer operators do not reach: split once.
    if (left >= 1e9) {
      const high = Math.floor(left / 1e9);
      this.integer(high);
      this.padded(left - high * 1e9, 9);
      return;
    }
    while (left > 0) {
      const quotient = (left / 10) | 0;
      DIGITS[count++] = left - quotient * 10;
      left = quotient;
    }
    while (count > 0) this.bytes[this.length++] = 48 + DIGITS[--count];
  }

  signed(value: number): void {
    if (value < 0) this.byte(45);
    this.integer(Math.abs(value));
  }

  /** `value` below 10^9 with leading zeros to `width` digits. */
  padded(value: number, width: number): void {
    this.reserve(width);
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
    if (high < 0x200000) this.integer(high * 0x100000000 + low);
    else this.ascii(((BigInt(high) << 32n) | BigInt(low)).toString());
  }

  signed64(high: number, low: number): void {
    if (high < 0x80000000) this.unsigned64(high, low);
    else this.ascii(BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt(low)).toString());
  }

  hex(bytes: Uint8Array, start: number, end: number): void {
    this.reserve((end - start) * 2);
    const to = this.bytes;
    let at = this.length;
    for (let i = start; i < end; i++) {
      to[at++] = HEX[bytes[i] >> 4];
      to[at++] = HEX[bytes[i] & 15];
    }
    this.length = at;
  }

  /** Eight hex digits. */
  hex32(value: number): void {
    this.reserve(8);
    for (let shift = 28; shift >= 0; shift -= 4) this.bytes[this.length++] = HEX[(value >>> shift) & 15];
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
