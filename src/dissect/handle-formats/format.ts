/**
 * What known servers put into a file handle. Handles are opaque to clients;
 * a format is recognised only where the bytes cannot be of another.
 */

/**
 * Returns what the handle `bytes[start..end)` says, in words:
 * `Linux knfsd, fsid 0, inode 129`; null when it is of another format.
 */
export type HandleFormat = (bytes: Uint8Array, start: number, end: number) => string | null;

export function little16(bytes: Uint8Array, at: number): number {
  return bytes[at] | (bytes[at + 1] << 8);
}

export function little32(bytes: Uint8Array, at: number): number {
  return (little16(bytes, at) | (little16(bytes, at + 2) << 16)) >>> 0;
}

export function little64(bytes: Uint8Array, at: number): bigint {
  return (BigInt(little32(bytes, at + 4)) << 32n) | BigInt(little32(bytes, at));
}
