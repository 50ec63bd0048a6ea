/**
 * Unsigned integers at an offset, in either byte order. The caller checks that the bytes exist:
 * bytes beyond the end read as 0.
 */

export function uint16be(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 8) | bytes[at + 1];
}

export function uint16le(bytes: Uint8Array, at: number): number {
  return bytes[at] | (bytes[at + 1] << 8);
}

export function uint32be(bytes: Uint8Array, at: number): number {
  return ((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]) >>> 0;
}

export function uint32le(bytes: Uint8Array, at: number): number {
  return (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)) >>> 0;
}

export function uint16(bytes: Uint8Array, at: number, bigEndian: boolean): number {
  return bigEndian ? uint16be(bytes, at) : uint16le(bytes, at);
}

export function uint32(bytes: Uint8Array, at: number, bigEndian: boolean): number {
  return bigEndian ? uint32be(bytes, at) : uint32le(bytes, at);
}
