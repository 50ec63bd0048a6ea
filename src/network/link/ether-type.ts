/**
 * Follows an EtherType to the IP header: over tags (VLANs of IEEE 802.1Q, 802.1ad and their forerunner 0x9100, backbone
 * services of IEEE 802.1ah, Cisco's VN-Tag, metadata and FabricPath, HSR of IEC 62439-3), encapsulations, and 802.2 LLC
 * with SNAP (RFC 1042; of bridged Ethernet, RFC 2684). Shared by all link types that carry EtherTypes. Gives up after
 * MAX_LINK_LAYERS. RDMA over Converged Ethernet (version 1) is reported by name.
 */
import { MAX_LINK_LAYERS } from '../../limits/network.js';
import { read16 } from '../../xdr/bytes.js';
import { decodeEthernet } from './ethernet.js';
import { found, foundIp, IPV4, IPV6, type LinkDecoder, type LinkResult, refused } from './link.js';
import { findMacsec } from './macsec.js';
import { findMpls } from './mpls.js';
import { findNsh } from './nsh.js';
import { decodePpp, decodePppoe } from './ppp.js';
import { decodeTrill } from './trill.js';
import { findSoundEthernet } from './untyped.js';

/** Smaller values are the lengths of 802.3 frames, which continue with LLC. */
const SMALLEST_ETHER_TYPE = 0x0600;
const MPLS_UNICAST = 0x8847;
const MPLS_MULTICAST = 0x8848;
export const NSH = 0x894f;
const MACSEC = 0x88e5;
const PPP = 0x880b;
const PPPOE_SESSION = 0x8864;
/** A whole Ethernet frame follows (RFC 1701, RFC 8926 §3.4). */
const TRANSPARENT_ETHERNET_BRIDGING = 0x6558;
const TRILL = 0x22f3;
const ROCE = 0x8915;

/** What leads to IP in other ways than by an EtherType at its end. */
const ENCAPSULATIONS: ReadonlyMap<number, LinkDecoder> = new Map<number, LinkDecoder>([
  [TRANSPARENT_ETHERNET_BRIDGING, decodeEthernet],
  [TRILL, decodeTrill],
  [MPLS_UNICAST, findMpls],
  [MPLS_MULTICAST, findMpls],
  [PPP, decodePpp],
  [PPPOE_SESSION, decodePppoe],
  [MACSEC, findMacsec],
  [NSH, findNsh],
]);

const VLAN_TAG = 4;
const ETHERNET_HEADER = 14;
/** Lengths of the other tags, whose last two bytes are the next EtherType. */
const TAGS: ReadonlyMap<number, number> = new Map([
  [0x8903, 2 + ETHERNET_HEADER], // FabricPath: tree, hop count and the frame of the edge
  [0x8909, 8], // Cisco's metadata: a security group
  [0x88e7, 4 + ETHERNET_HEADER], // IEEE 802.1ah: priority, service and the customer's frame
  [0x8926, 6], // VN-Tag
  [0x892f, 6], // HSR
]);

const LLC_HEADER = 3;
const SNAP_HEADER = 5;
const SAP_SNAP = 0xaa;
const SAP_IP = 0x06;
export const UNNUMBERED_INFORMATION = 0x03;
/** Organizations of SNAP: EtherTypes, the same of the bridge tunnel (IEEE 802.1H), and bridged frames. */
const ETHER_TYPES = 0x000000;
const BRIDGE_TUNNEL = 0x0000f8;
const BRIDGED = 0x0080c2;
/** Bridged Ethernet with and without its check sequence. */
const BRIDGED_ETHERNET: readonly number[] = [1, 7];
const BRIDGED_PADDING = 2;

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
  return isVlan(type) ? VLAN_TAG : (TAGS.get(type) ?? 0);
}

function findUntagged(bytes: Uint8Array, type: number, at: number, end: number, result: LinkResult): boolean {
  if (type < SMALLEST_ETHER_TYPE) return findLlc(bytes, at, end, result);
  if (type === ROCE) {
    result.globalRoute = at;
    return refused('roceV1', result);
  }
  const decode = ENCAPSULATIONS.get(type);
  if (decode !== undefined) return decode(bytes, at, end, result);
  result.unreadEtherType = type;
  return false;
}

/** 802.2 LLC: IP itself, or SNAP. */
export function findLlc(bytes: Uint8Array, at: number, end: number, result: LinkResult): boolean {
  if (at + LLC_HEADER > end || bytes[at + 2] !== UNNUMBERED_INFORMATION) return false;
  if (bytes[at] === SAP_IP && bytes[at + 1] === SAP_IP) return foundIp(bytes, at + LLC_HEADER, end, result);
  const isSnap = bytes[at] === SAP_SNAP && bytes[at + 1] === SAP_SNAP;
  return isSnap && findSnap(bytes, at + LLC_HEADER, end, result);
}

/** SNAP: an organization, and its number for what follows. */
export function findSnap(bytes: Uint8Array, at: number, end: number, result: LinkResult): boolean {
  const payload = at + SNAP_HEADER;
  if (payload > end) return false;
  const organization = (read16(bytes, at) << 8) | bytes[at + 2];
  const type = read16(bytes, at + 3);
  if (organization === BRIDGED) return BRIDGED_ETHERNET.includes(type) && findBridged(bytes, payload, end, result);
  if (organization !== ETHER_TYPES && organization !== BRIDGE_TUNNEL) return false;
  return type >= SMALLEST_ETHER_TYPE && findEtherType(bytes, type, payload, end, result);
}

/** Padding comes first on ATM (RFC 2684 §5.2), not on Frame Relay (RFC 2427 §4.2). */
function findBridged(bytes: Uint8Array, at: number, end: number, result: LinkResult): boolean {
  return findSoundEthernet(bytes, at + BRIDGED_PADDING, end, result) || findSoundEthernet(bytes, at, end, result);
}
