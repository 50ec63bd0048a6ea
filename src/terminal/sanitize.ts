/**
 * The one exit to a terminal: text that came out of a capture must not act on it. Control, bidirectional, zero-width and tag
 * characters are written as \uXXXX, bytes that are not UTF-8 as U+FFFD. Plain ASCII passes at the cost of one look at each byte.
 */
import { type ByteWriter, escapeUnsafe } from '../xdr/byte-writer.js';

/** Makes safe what was written to `out` since `start`. */
export function sanitizeSince(out: ByteWriter, start: number): void {
  const { bytes, length } = out;
  for (let at = start; at < length; at++) {
    const byte = bytes[at];
    if (byte < 0x20 || byte > 0x7e) {
      const text = bytes.toString('utf8', start, length);
      out.length = start;
      out.utf8(escapeUnsafe(text));
      return;
    }
  }
}

/** A text made safe for a terminal. */
export function sanitize(text: string): string {
  return escapeUnsafe(text);
}
