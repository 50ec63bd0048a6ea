/**
 * Addresses in text: IPv4 as four decimals, IPv6 as RFC 5952 writes it (lowercase, longest run of zeros as `::`).
 * The network layer keeps addresses as 32-bit words.
 */
import { read32 } from './bytes.js';

export function formatAddress(words: ArrayLike<number>): string {
  return words.length === 1 ? formatIpv4(words[0]) : formatIpv6(words);
}

export function formatIpv4(word: number): string {
  return `${word >>> 24}.${(word >>> 16) & 255}.${(word >>> 8) & 255}.${word & 255}`;
}

function formatIpv6(words: ArrayLike<number>): string {
  const groups = Array.from({ length: 8 }, (_, i) => (words[i >> 1] >>> (i & 1 ? 0 : 16)) & 0xffff);
  if (groups.slice(0, 5).every((g) => g === 0) && groups[5] === 0xffff) return `::ffff:${formatIpv4(words[3])}`;
  const [start, length] = longestZeroRun(groups);
  const text = (part: number[]) => part.map((g) => g.toString(16)).join(':');
  if (length < 2) return text(groups);
  return `${text(groups.slice(0, start))}::${text(groups.slice(start + length))}`;
}

function longestZeroRun(groups: number[]): [start: number, length: number] {
  let best: [number, number] = [0, 0];
  for (let i = 0; i < groups.length; ) {
    let end = i;
    while (end < groups.length && groups[end] === 0) end++;
    if (end - i > best[1]) best = [i, end - i];
    i = Math.max(end, i + 1);
  }
  return best;
}

/** The parts of a universal address (RFC 5665 §5.2.3.3): `10.0.0.2.8.1` is port 2049 of `10.0.0.2`. null for any other text. */
export function parseUniversalAddress(text: string): { host: string; port: number } | null {
  const [, host, high, low] = /^(.+)\.(\d{1,3})\.(\d{1,3})$/.exec(text) ?? [];
  if (host === undefined || Number(high) > 255 || Number(low) > 255) return null;
  return { host, port: Number(high) * 256 + Number(low) };
}

/** Reads an address of 4 or 16 bytes into words. */
export function readAddress(bytes: Uint8Array, offset: number, length: number): Int32Array {
  const words = new Int32Array(length / 4);
  for (let i = 0; i < words.length; i++) words[i] = read32(bytes, offset + 4 * i) | 0;
  return words;
}
