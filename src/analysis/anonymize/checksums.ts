/**
 * The Internet checksum (RFC 1071) of IPv4, TCP and UDP. TCP and
 * UDP include a pseudo-header (RFC 9293 §3.1, RFC 8200 §8.1).
 */
import { read16 } from '../../xdr/bytes.js';

/** The sum of `bytes[start..end)` as words of 16 bits, added to `sum`. */
export function addWords(bytes: Uint8Array, start: number, end: number, sum = 0): number {
  let total = sum;
  for (let at = start; at + 1 < end; at += 2) total += read16(bytes, at);
  return ((end - start) & 1) === 1 ? total + bytes[end - 1] * 256 : total;
}

/** The sum of a pseudo-header: both addresses, the protocol and the transport's length in bytes. */
export function pseudoHeader(addresses: Uint8Array, protocol: number, length: number): number {
  return addWords(addresses, 0, addresses.length, protocol + (length >>> 16) + (length & 0xffff));
}

export function writeChecksum(bytes: Uint8Array, at: number, sum: number): void {
  let folded = sum;
  while (folded > 0xffff) folded = Math.floor(folded / 0x10000) + (folded & 0xffff);
  const checksum = ~folded & 0xffff;
  bytes[at] = checksum >> 8;
  bytes[at + 1] = checksum & 0xff;
}

/** The same for UDP, where 0 means that there is no checksum. */
export function writeUdpChecksum(bytes: Uint8Array, at: number, sum: number): void {
  writeChecksum(bytes, at, sum);
  if (read16(bytes, at) === 0) bytes[at] = bytes[at + 1] = 0xff;
}
