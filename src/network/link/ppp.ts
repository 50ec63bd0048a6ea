/**
 * PPP (RFC 1661, RFC 1662): LINKTYPE_PPP, LINKTYPE_PPP_HDLC (which also carries Cisco's HDLC), LINKTYPE_C_HDLC,
 * LINKTYPE_PPP_PPPD and LINKTYPE_PPP_ETHER (a PPPoE header first, RFC 2516). Only IPv4 and IPv6 frames; compressed and
 * encrypted ones are refused. Address and protocol fields may be compressed.
 */
import { read16 } from '../../xdr/bytes.js';
import { findEtherType, PPPOE_HEADER } from './ether-type.js';
import { found, IPV4, IPV6, type LinkResult } from './link.js';

const PPP_IPV4 = 0x0021;
const PPP_IPV6 = 0x0057;
const CONTROL = 0x03;
const CISCO_UNICAST = 0x0f;
const CISCO_MULTICAST = 0x8f;
const CISCO_HEADER = 4;

/** PPP with or without its HDLC address (0xff, or the direction that pppd writes there) and control. */
export function decodePpp(bytes: Uint8Array, start: number, end: number, result: LinkResult): boolean {
  const isFramed = start + 2 <= end && bytes[start + 1] === CONTROL && isAddress(bytes[start]);
  return findPppProtocol(bytes, isFramed ? start + 2 : start, end, result);
}

export function decodePppHdlc(bytes: Uint8Array, start: number, end: number, result: LinkResult): boolean {
  const isCisco = start < end && (bytes[start] === CISCO_UNICAST || bytes[start] === CISCO_MULTICAST);
  return isCisco ? decodeCiscoHdlc(bytes, start, end, result) : decodePpp(bytes, start, end, result);
}

export function decodeCiscoHdlc(bytes: Uint8Array, start: number, end: number, result: LinkResult): boolean {
  const offset = start + CISCO_HEADER;
  return offset <= end && findEtherType(bytes, read16(bytes, start + 2), offset, end, result);
}

export function decodePppoe(bytes: Uint8Array, start: number, end: number, result: LinkResult): boolean {
  return findPppProtocol(bytes, start + PPPOE_HEADER, end, result);
}

/** The protocol field: two bytes, or one, which is then odd. */
export function findPppProtocol(bytes: Uint8Array, at: number, end: number, result: LinkResult): boolean {
  if (at + 2 >= end) return false;
  const isShort = (bytes[at] & 1) !== 0;
  const protocol = isShort ? bytes[at] : read16(bytes, at);
  const offset = at + (isShort ? 1 : 2);
  if (protocol === PPP_IPV4) return found(IPV4, offset, result);
  return protocol === PPP_IPV6 && found(IPV6, offset, result);
}

function isAddress(byte: number): boolean {
  return byte === 0xff || byte <= 1;
}
