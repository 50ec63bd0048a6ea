/**
 * The one exit to a terminal: text from a capture must not control it. Control, bidirectional, zero-width and tag
 * characters are written as \uXXXX, bytes that are not UTF-8 as U+FFFD. Plain ASCII costs one look at each byte.
 */
import { type ByteWriter, escapeUnsafe } from '../xdr/byte-writer.js';

/** Escapes what was written to `out` since `start`. */
export function sanitizeSince(out: ByteWriter, start: number): void {
  if (out.isPlainSince(start)) return;
  const text = out.bytes.toString('utf8', start, out.length);
  out.length = start;
  out.utf8(escapeUnsafe(text));
}

/** Escapes a text for a terminal. */
export function sanitize(text: string): string {
  return escapeUnsafe(text);
}

/** The same, line by line. */
export function sanitizeLines(text: string): string {
  return text.split('\n').map(sanitize).join('\n');
}
