/** Big-endian reads without bounds checks: callers have checked. XDR (RFC 4506) and the Internet protocols share the byte order. */

export function read16(bytes: Uint8Array, offset: number): number {
  return (bytes[offset] << 8) | bytes[offset + 1];
}

/** Unsigned 32 bits. */
export function read32(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset] << 24) | (bytes[offset + 1] << 16) | (bytes[offset + 2] << 8) | bytes[offset + 3]) >>> 0;
}

/** Signed 32 bits. */
export function readInt32(bytes: Uint8Array, offset: number): number {
  return (bytes[offset] << 24) | (bytes[offset + 1] << 16) | (bytes[offset + 2] << 8) | bytes[offset + 3];
}

let newestBytes: Uint8Array = new Uint8Array(0);
let newestView = new DataView(newestBytes.buffer);
let olderBytes = newestBytes;
let olderView = newestView;

/**
 * A DataView of `bytes`, which reads a word in one access. The last two are kept, because a capture's frames share a
 * buffer. Unlike the functions above, it throws where there are no bytes.
 */
export function viewOf(bytes: Uint8Array): DataView {
  if (bytes === newestBytes) return newestView;
  const view = bytes === olderBytes ? olderView : new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  olderBytes = newestBytes;
  olderView = newestView;
  newestBytes = bytes;
  newestView = view;
  return view;
}

/** A length rounded up to XDR's unit of four bytes (RFC 4506 §3). */
export function padded(length: number): number {
  return length + ((4 - (length & 3)) & 3);
}

/** A copy. (`slice` copies a Uint8Array, but makes a view of a Buffer.) */
export function copyBytes(bytes: Uint8Array, start = 0, end = bytes.length): Uint8Array {
  return new Uint8Array(bytes.subarray(start, end));
}
