/**
 * Unsigned integers at an offset, little-endian or in either byte order (xdr/bytes.ts has the big-endian ones). The
 * caller checks that the bytes exist: bytes beyond the end read as 0.
 */
import { read16, read32 } from '../xdr/bytes.js';

export function uint16le(bytes: Uint8Array, at: number): number {
  return bytes[at] | (bytes[at + 1] << 8);
}

export function uint32le(bytes: Uint8Array, at: number): number {
  return (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)) >>> 0;
}

export function uint16(bytes: Uint8Array, at: number, bigEndian: boolean): number {
  return bigEndian ? read16(bytes, at) : uint16le(bytes, at);
}

export function uint32(bytes: Uint8Array, at: number, bigEndian: boolean): number {
  return bigEndian ? read32(bytes, at) : uint32le(bytes, at);
}
