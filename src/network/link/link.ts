/**
 * The interface of link-type decoders, each of which finds where IP begins in a frame. They have no state and never
 * throw; where bytes are missing they answer false.
 */

/** Where IP begins. One object is reused for all frames. */
export interface LinkResult {
  /** 0x0800 (IPv4) or 0x86dd (IPv6). */
  etherType: number;
  /** Offset of the IP header in `bytes`. */
  offset: number;
  /** The outermost VLAN identifier; -1: none. */
  vlan: number;
  /** Tags, labels and encapsulations that were passed. */
  layers: number;
  /** Tells interfaces and directions of one capture apart, if the link header does; else 0. */
  place: number;
  /** Where the frame's next packet begins, with an A-MSDU subframe header (IEEE 802.11 §9.3.2.2); -1: there is none. */
  next: number;
  /** Why the frame leads to no IP packet, if that is known. */
  refusal: Refusal;
  /**
   * With the refusals `roceV1` and `infiniBand`: where the routing headers of an RDMA packet begin, a global or a local
   * one; -1: there are none.
   */
  globalRoute: number;
  localRoute: number;
  /** With the refusal `notIp`: the EtherType, or the inner link type, that has no decoder; -1: there is another reason. */
  unreadEtherType: number;
  unreadLinkType: number;
}

/** Reasons why a frame leads to no IP packet. Each is a counter of the account. */
export type Refusal = 'notIp' | 'cutHeaders' | 'encrypted' | 'roceV1' | 'infiniBand';

export function newLinkResult(): LinkResult {
  return {
    etherType: 0,
    offset: 0,
    vlan: -1,
    layers: 0,
    place: 0,
    next: -1,
    refusal: 'notIp',
    globalRoute: -1,
    localRoute: -1,
    unreadEtherType: -1,
    unreadLinkType: -1,
  };
}

/**
 * Finds IP in the frame `bytes[start..end)`. False: the frame carries something else, or is too short to tell; then
 * only `refusal` and what is unread of the result are meaningful. The caller resets these, `vlan`, `layers`, `next` and
 * `place` before each frame, so a decoder sets only what it finds.
 */
export type LinkDecoder = (bytes: Uint8Array, start: number, end: number, result: LinkResult) => boolean;

export const IPV4 = 0x0800;
export const IPV6 = 0x86dd;

/** For IP whose version is known only from the first four bits of its header. */
export function foundIp(bytes: Uint8Array, offset: number, end: number, result: LinkResult): boolean {
  if (offset >= end) return false;
  const version = bytes[offset] >> 4;
  if (version === 4) return found(IPV4, offset, result);
  return version === 6 && found(IPV6, offset, result);
}

/** Answers false, and notes what the frame is. */
export function refused(refusal: Refusal, result: LinkResult): false {
  result.refusal = refusal;
  return false;
}

export function found(etherType: number, offset: number, result: LinkResult): true {
  result.etherType = etherType;
  result.offset = offset;
  return true;
}
