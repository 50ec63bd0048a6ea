/** The protocol types of GRE and GENEVE: EtherTypes, and 0x6558 for a whole Ethernet frame (RFC 1701, RFC 8926 §3.4). */
import { findEtherType } from '../link/ether-type.js';
import { decodeEthernet } from '../link/ethernet.js';
import type { LinkResult } from '../link/link.js';

const TRANSPARENT_ETHERNET_BRIDGING = 0x6558;

export function findProtocolType(
  bytes: Uint8Array,
  type: number,
  offset: number,
  end: number,
  result: LinkResult,
): boolean {
  if (type === TRANSPARENT_ETHERNET_BRIDGING) return decodeEthernet(bytes, offset, end, result);
  return findEtherType(bytes, type, offset, end, result);
}
