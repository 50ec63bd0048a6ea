/** CRC-32 (ISO 3309, as zlib's): Wireshark's hash of file handles. Short inputs stay in JavaScript, where no view has to be made. */
import { crc32 as native } from 'node:zlib';

const TABLE = Int32Array.from({ length: 256 }, (_, value) => {
  let entry = value;
  for (let bit = 0; bit < 8; bit++) entry = entry & 1 ? (entry >>> 1) ^ 0xedb88320 : entry >>> 1;
  return entry;
});

const SHORT = 256;

/** The CRC-32 of `bytes[start..end)`, signed. */
export function crc32(bytes: Uint8Array, start: number, end: number): number {
  if (end - start > SHORT) return native(bytes.subarray(start, end)) | 0;
  let crc = -1;
  for (let at = start; at < end; at++) crc = (crc >>> 8) ^ TABLE[(crc ^ bytes[at]) & 255];
  return ~crc;
}
