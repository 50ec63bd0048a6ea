/**
 * CRC-32 (ISO 3309, as zlib's): Wireshark's hash of file handles. Short inputs are computed in JavaScript, because
 * zlib's function needs a view made for it.
 */
import { crc32 as native } from 'node:zlib';

/**
 * What a byte does to the checksum, and what it does with one, two and
 * three zero bytes behind it: so four bytes are processed at once.
 */
const TABLES = [0, 1, 2, 3].map((zeros) => Int32Array.from({ length: 256 }, (_, value) => shifted(value, zeros + 1)));
const [TABLE, TABLE1, TABLE2, TABLE3] = TABLES;

function shifted(value: number, bytes: number): number {
  let entry = value;
  for (let bit = 0; bit < 8 * bytes; bit++) entry = entry & 1 ? (entry >>> 1) ^ 0xedb88320 : entry >>> 1;
  return entry;
}

const SHORT = 256;

/** The CRC-32 of `bytes[start..end)`, signed. */
export function crc32(bytes: Uint8Array, start: number, end: number): number {
  if (end - start > SHORT) return native(bytes.subarray(start, end)) | 0;
  let crc = -1;
  let at = start;
  for (; at + 4 <= end; at += 4) {
    crc ^= bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
    crc = TABLE3[crc & 255] ^ TABLE2[(crc >>> 8) & 255] ^ TABLE1[(crc >>> 16) & 255] ^ TABLE[crc >>> 24];
  }
  for (; at < end; at++) crc = (crc >>> 8) ^ TABLE[(crc ^ bytes[at]) & 255];
  return ~crc;
}
