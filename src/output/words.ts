/**
 * Guesses the contents of an unknown body. XDR consists of words of four bytes (RFC 4506 §3), so
 * each word is shown as a number. Where a word is the length of a printable text that is padded
 * with zeros to the next word, both are shown as that text. Only the tree uses these guesses.
 */
import { isUtf8 } from 'node:buffer';
import { padded, read32 } from '../xdr/bytes.js';

/** A part of the body: its offset, and a word's value, a text, or the bytes that do not fill a word. */
export type GuessedPart =
  | { kind: 'word'; at: number; value: number }
  | { kind: 'text'; at: number; text: string }
  | { kind: 'bytes'; at: number; end: number };

/** A "text" of one letter is just as likely a number after another number. */
const LEAST_TEXT = 2;

/** The parts of `bytes[at..end)`, at most `most` of them. */
export function guessParts(bytes: Uint8Array, at: number, end: number, most: number): GuessedPart[] {
  const parts: GuessedPart[] = [];
  let next = at;
  while (next < end && parts.length < most) {
    const part = guessPart(bytes, next, end);
    parts.push(part);
    next = endOf(part, bytes);
  }
  return parts;
}

/** The offset of the next part. */
export function endOf(part: GuessedPart, bytes: Uint8Array): number {
  if (part.kind === 'bytes') return part.end;
  return part.at + 4 + (part.kind === 'text' ? padded(read32(bytes, part.at)) : 0);
}

function guessPart(bytes: Uint8Array, at: number, end: number): GuessedPart {
  if (end - at < 4) return { kind: 'bytes', at, end };
  const value = read32(bytes, at);
  const text = value < LEAST_TEXT || value > end - at - 4 ? null : textAt(bytes, at + 4, value, end);
  return text === null ? { kind: 'word', at, value } : { kind: 'text', at, text };
}

/** The text of `length` bytes; null where they are not a text, or are not padded with zeros. */
function textAt(bytes: Uint8Array, start: number, length: number, end: number): string | null {
  const stop = start + padded(length);
  if (stop > end) return null;
  for (let i = start + length; i < stop; i++) if (bytes[i] !== 0) return null;
  const text = bytes.subarray(start, start + length);
  if (!text.every((byte) => byte >= 0x20 && byte !== 0x7f) || !isUtf8(text)) return null;
  return Buffer.from(text).toString('utf8');
}
