/**
 * The contract of link-type decoders: each finds where IP begins in a frame. They hold no state and never throw; bytes
 * that are not there make them answer false.
 */

/** Where IP begins. One object is reused for all frames. */
export interface LinkResult {
  /** 0x0800 (IPv4) or 0x86dd (IPv6). */
  etherType: number;
  /** Of the IP header in `bytes`. */
  offset: number;
  /** The outermost VLAN identifier, -1 where there is none. */
  vlan: number;
}

/**
 * Finds IP in the frame `bytes[start..end)`. False: the frame carries something else, or is too short to tell; `result`
 * then means nothing.
 */
export type LinkDecoder = (bytes: Uint8Array, start: number, end: number, result: LinkResult) => boolean;

export const IPV4 = 0x0800;
export const IPV6 = 0x86dd;

/** IP that says itself, in its first four bits, which version it is. */
export function foundIp(bytes: Uint8Array, offset: number, end: number, result: LinkResult): boolean {
  if (offset >= end) return false;
  const version = bytes[offset] >> 4;
  if (version === 4) return found(IPV4, offset, result);
  return version === 6 && found(IPV6, offset, result);
}

export function found(etherType: number, offset: number, result: LinkResult): true {
  result.etherType = etherType;
  result.offset = offset;
  return true;
}
