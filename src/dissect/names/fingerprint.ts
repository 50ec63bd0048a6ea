/**
 * Fingerprints of 64 bits that stand for file handles, file identities and names of directory entries. Each of the two
 * halves is a chain of reversible steps, so inputs that differ in one word only (as handles of one file system mostly
 * do) never share a half. Among 2^17 other inputs, two share both halves with a chance of 2^-31. A crafted collision
 * costs a wrong name, nothing else.
 */

import { viewOf } from '../../xdr/bytes.js';

/** The fingerprint last made: `low` and `high`, 32 bits each. One object, because making one for each handle would cost more. */
export const fingerprint = { low: 0, high: 0 };

const LOW_FACTOR = 0x85ebca6b;
const HIGH_FACTOR = 0xc2b2ae35;

/** Opens the fingerprint of something that belongs to `scope`: a server, or a directory. */
export function beginFingerprint(scope: number): void {
  add(scope, Math.imul(scope, LOW_FACTOR) ^ 0x9e3779b1, Math.imul(scope, HIGH_FACTOR) ^ 0x27d4eb2f);
}

/** Adds `bytes[start..end)`, and how many they are. */
export function addBytes(bytes: Uint8Array, start: number, end: number): void {
  const view = viewOf(bytes);
  let { low, high } = fingerprint;
  let at = start;
  for (; at + 4 <= end; at += 4) {
    const word = view.getInt32(at);
    low = Math.imul(low ^ word, LOW_FACTOR);
    low ^= low >>> 13;
    high = Math.imul(high ^ word, HIGH_FACTOR);
    high ^= high >>> 16;
  }
  let rest = end - start;
  for (; at < end; at++) rest = (rest << 8) | bytes[at];
  add(rest, low, high);
}

/** Adds a text whose characters are bytes: the same as `addBytes` of them. */
export function addText(text: string): void {
  const { length } = text;
  let { low, high } = fingerprint;
  let at = 0;
  for (; at + 4 <= length; at += 4) {
    const word =
      (text.charCodeAt(at) << 24) |
      (text.charCodeAt(at + 1) << 16) |
      (text.charCodeAt(at + 2) << 8) |
      text.charCodeAt(at + 3);
    low = Math.imul(low ^ word, LOW_FACTOR);
    low ^= low >>> 13;
    high = Math.imul(high ^ word, HIGH_FACTOR);
    high ^= high >>> 16;
  }
  let rest = length;
  for (; at < length; at++) rest = (rest << 8) | text.charCodeAt(at);
  add(rest, low, high);
}

/** The last step: a word added to both halves. */
function add(word: number, low: number, high: number): void {
  const first = Math.imul(low ^ word, LOW_FACTOR);
  const second = Math.imul(high ^ word, HIGH_FACTOR);
  fingerprint.low = first ^ (first >>> 13);
  fingerprint.high = second ^ (second >>> 16);
}
