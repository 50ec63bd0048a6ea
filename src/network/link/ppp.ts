/**
 * PPP (RFC 1661, RFC 1662): LINKTYPE_PPP, LINKTYPE_PPP_HDLC (which also carries Cisco's HDLC), LINKTYPE_C_HDLC,
 * LINKTYPE_PPP_PPPD and LINKTYPE_PPP_ETHER (a PPPoE header first, RFC 2516). IPv4, IPv6, MPLS (RFC 3032 §4) and bridged
 * Ethernet (RFC 3518); compressed and encrypted frames are refused. Address and protocol fields may be compressed.
 */
import { read16 } from '../../xdr/bytes.js';
import { findEtherType } from './ether-type.js';
import { decodeEthernet } from './ethernet.js';
import { found, IPV4, IPV6, type LinkResult } from './link.js';
import { findMpls } from './mpls.js';

const PPP_IPV4 = 0x0021;
const PPP_IPV6 = 0x0057;
const PPP_BRIDGED = 0x0031;
const PPP_MPLS_UNICAST = 0x0281;
const PPP_MPLS_MULTICAST = 0x0283;
const PPPOE_HEADER = 6;
/** Bridged frames: flags, among them whether the identifier of a LAN follows, and the kind of frame. */
const BRIDGED_HEADER = 2;
const HAS_LAN = 0x40;
const LAN_IDENTIFIER = 4;
const BRIDGED_ETHERNET = 1;
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
function findPppProtocol(bytes: Uint8Array, at: number, end: number, result: LinkResult): boolean {
  if (at + 2 >= end) return false;
  const isShort = (bytes[at] & 1) !== 0;
  const protocol = isShort ? bytes[at] : read16(bytes, at);
  const offset = at + (isShort ? 1 : 2);
  switch (protocol) {
    case PPP_IPV4:
      return found(IPV4, offset, result);
    case PPP_IPV6:
      return found(IPV6, offset, result);
    case PPP_MPLS_UNICAST:
    case PPP_MPLS_MULTICAST:
      return findMpls(bytes, offset, end, result);
    case PPP_BRIDGED:
      return findBridged(bytes, offset, end, result);
    default:
      return false;
  }
}

function findBridged(bytes: Uint8Array, at: number, end: number, result: LinkResult): boolean {
  const frame = at + BRIDGED_HEADER + ((bytes[at] & HAS_LAN) === 0 ? 0 : LAN_IDENTIFIER);
  return frame < end && bytes[at + 1] === BRIDGED_ETHERNET && decodeEthernet(bytes, frame, end, result);
}

function isAddress(byte: number): boolean {
  return byte === 0xff || byte <= 1;
}
