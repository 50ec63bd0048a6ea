/**
 * VXLAN (RFC 7348): a header of eight bytes and an Ethernet frame, in UDP. Also its generic protocol extension
 * (draft-ietf-nvo3-vxlan-gpe), which says what follows. The bits of the group policy extension are ignored.
 */
import { decodeEthernet } from '../link/ethernet.js';
import type { LinkResult } from '../link/link.js';
import { findNextProtocol } from '../link/nsh.js';

const HEADER = 8;
const HAS_NETWORK_IDENTIFIER = 0x08;
const HAS_NEXT_PROTOCOL = 0x04;
/** Bits of the version, and of operations messages, which carry no frame. */
const GPE_NO_DATA = 0x31;

export function decodeVxlan(bytes: Uint8Array, start: number, end: number, result: LinkResult): boolean {
  if (start + HEADER > end || (bytes[start] & HAS_NETWORK_IDENTIFIER) === 0) return false;
  return decodeEthernet(bytes, start + HEADER, end, result);
}

export function decodeVxlanGpe(bytes: Uint8Array, start: number, end: number, result: LinkResult): boolean {
  if (start + HEADER > end || (bytes[start] & GPE_NO_DATA) !== 0) return false;
  if ((bytes[start] & HAS_NEXT_PROTOCOL) === 0) return decodeVxlan(bytes, start, end, result);
  return findNextProtocol(bytes, bytes[start + 3], start + HEADER, end, result);
}
