/**
 * Follows an EtherType to the IP header: over VLAN tags (IEEE 802.1Q, 802.1ad and their forerunner 0x9100), backbone
 * service tags (IEEE 802.1ah), Cisco's VN-Tag, HSR tags (IEC 62439-3), MACsec, PPPoE sessions (RFC 2516), service headers
 * (NSH), MPLS label stacks (RFC 3032) with IP or Ethernet, and 802.2 LLC with SNAP (RFC 1042). Shared by all link types
 * that carry EtherTypes. Gives up after MAX_LINK_LAYERS. RDMA over Converged Ethernet (version 1) is reported by name.
 */
import { MAX_LINK_LAYERS } from '../../limits.js';
import { read16 } from '../../xdr/bytes.js';
import { found, foundIp, IPV4, IPV6, type LinkResult, refused } from './link.js';
import { findMacsec } from './macsec.js';
import { findNsh } from './nsh.js';
import { findPppProtocol } from './ppp.js';
import { findSoundEthernet, findUntyped } from './untyped.js';

/** Smaller values are the lengths of 802.3 frames, which continue with LLC. */
const SMALLEST_ETHER_TYPE = 0x0600;
export const MPLS_UNICAST = 0x8847;
const MPLS_MULTICAST = 0x8848;
const ROCE = 0x8915;
const MACSEC = 0x88e5;
export const NSH = 0x894f;
const PPPOE_SESSION = 0x8864;
const VN_TAG = 0x8926;
const HSR_TAG = 0x892f;
const SERVICE_TAG = 0x88e7;
const VLAN_TAG = 4;
export const PPPOE_HEADER = 6;
/** Priority and service identifier, and the customer's frame from its addresses to its EtherType. */
const SERVICE_TAG_LENGTH = 18;
const MPLS_LABEL = 4;
const CONTROL_WORD = 4;
const LLC_SNAP_HEADER = 8;
const LLC_HEADER = 3;
const SAP_SNAP = 0xaa;
const SAP_IP = 0x06;
export const UNNUMBERED_INFORMATION = 0x03;

/** Finds IP behind `etherType`, whose payload begins at `offset`. All calls for one frame share the bound of layers. */
export function findEtherType(
  bytes: Uint8Array,
  etherType: number,
  offset: number,
  end: number,
  result: LinkResult,
): boolean {
  let type = etherType;
  let at = offset;
  while (result.layers++ < MAX_LINK_LAYERS) {
    if (type === IPV4 || type === IPV6) return at < end ? found(type, at, result) : refused('cutHeaders', result);
    const tag = tagLength(type);
    if (tag === 0) return findUntagged(bytes, type, at, end, result);
    if (at + tag > end) return false;
    if (isVlan(type) && result.vlan < 0) result.vlan = read16(bytes, at) & 0x0fff;
    type = read16(bytes, at + tag - 2);
    at += tag;
  }
  return false;
}

function isVlan(type: number): boolean {
  return type === 0x8100 || type === 0x88a8 || type === 0x9100;
}

/** Length of a tag whose last two bytes are the next EtherType; 0 if `type` is no tag. */
function tagLength(type: number): number {
  if (isVlan(type)) return VLAN_TAG;
  if (type === SERVICE_TAG) return SERVICE_TAG_LENGTH;
  return type === VN_TAG || type === HSR_TAG ? 6 : 0;
}

function findUntagged(bytes: Uint8Array, type: number, at: number, end: number, result: LinkResult): boolean {
  if (type < SMALLEST_ETHER_TYPE) return findLlc(bytes, at, end, result);
  if (type === ROCE) {
    result.globalRoute = at;
    return refused('roceV1', result);
  }
  if (type === MACSEC) return findMacsec(bytes, at, end, result);
  if (type === NSH) return findNsh(bytes, at, end, result);
  if (type === MPLS_UNICAST || type === MPLS_MULTICAST) return findMpls(bytes, at, end, result);
  if (type === PPPOE_SESSION) return findPppProtocol(bytes, at + PPPOE_HEADER, end, result);
  result.unreadEtherType = type;
  return false;
}

/** 802.2 LLC: IP itself, or SNAP with an EtherType (RFC 1042, and the bridge tunnel of 802.1H). */
export function findLlc(bytes: Uint8Array, at: number, end: number, result: LinkResult): boolean {
  if (at + LLC_HEADER > end || bytes[at + 2] !== UNNUMBERED_INFORMATION) return false;
  if (bytes[at] === SAP_IP && bytes[at + 1] === SAP_IP) return foundIp(bytes, at + LLC_HEADER, end, result);
  if (bytes[at] !== SAP_SNAP || bytes[at + 1] !== SAP_SNAP || at + LLC_SNAP_HEADER > end) return false;
  if (bytes[at + 3] !== 0 || bytes[at + 4] !== 0 || (bytes[at + 5] !== 0 && bytes[at + 5] !== 0xf8)) return false;
  const type = read16(bytes, at + 6);
  return type >= SMALLEST_ETHER_TYPE && findEtherType(bytes, type, at + LLC_SNAP_HEADER, end, result);
}

/** A label stack does not say what it carries: IP, or a pseudo-wire. */
function findMpls(bytes: Uint8Array, offset: number, end: number, result: LinkResult): boolean {
  let at = offset;
  for (let layer = 0; layer < MAX_LINK_LAYERS && at + MPLS_LABEL <= end; layer++) {
    const isBottom = (bytes[at + 2] & 1) !== 0;
    at += MPLS_LABEL;
    if (isBottom) return findLabelled(bytes, at, end, result);
  }
  return false;
}

/** Of an Ethernet pseudo-wire, a control word with four zero bits (RFC 4448 §4.6) may come first. */
function findLabelled(bytes: Uint8Array, at: number, end: number, result: LinkResult): boolean {
  const mayBeControl = at < end && bytes[at] >> 4 === 0;
  return (
    (mayBeControl && findSoundEthernet(bytes, at + CONTROL_WORD, end, result)) || findUntyped(bytes, at, end, result)
  );
}
