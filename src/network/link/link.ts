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
  /** Tells interfaces and directions of one capture apart, where the link header does; 0 where it does not. */
  place: number;
  /** Where another packet of the same frame begins, with an A-MSDU subframe header (IEEE 802.11 §9.3.2.2); -1: there is none. */
  next: number;
  /** What the frame carries where it is known not to be IP, or not to be readable. */
  refusal: Refusal;
}

/** Why a frame leads to no IP packet. Each is a counter of the account. */
export type Refusal = 'notIp' | 'encrypted' | 'roceV1' | 'infiniBand';

export function newLinkResult(): LinkResult {
  return { etherType: 0, offset: 0, vlan: -1, place: 0, next: -1, refusal: 'notIp' };
}

/**
 * Finds IP in the frame `bytes[start..end)`. False: the frame carries something else, or is too short to tell; of `result` then
 * only `refusal` means something. The caller resets `next`, `place` and `refusal` before each frame.
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

/** Answers no for a frame of which more is known. */
export function refused(refusal: Refusal, result: LinkResult): false {
  result.refusal = refusal;
  return false;
}

export function found(etherType: number, offset: number, result: LinkResult): true {
  result.etherType = etherType;
  result.offset = offset;
  return true;
}
