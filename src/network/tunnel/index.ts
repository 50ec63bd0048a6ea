/**
 * Tunnels: IP packets inside IP packets, by IP protocol number or by UDP port. A tunnel is decoded like a link type: its
 * decoder finds where the inner packet begins. A new one is a file beside this one and one line here.
 *
 * RPC may use any of these ports, so a datagram that begins as an RPC message is never read as a tunnel.
 *
 * Only the inner packet counts: its addresses and ports are those of the flow. Tunnel and VLAN identifiers do not tell
 * flows apart, because one packet is often captured both inside and outside its tunnel, and the two directions of a
 * connection may have different identifiers. The price: two tenants that use the same addresses, ports and transport at
 * the same time share a flow. On TCP their sequence numbers mostly keep them apart, on UDP their xids.
 */
import { decodeEthernet } from '../link/ethernet.js';
import type { LinkDecoder } from '../link/link.js';
import { findMpls } from '../link/mpls.js';
import { behind } from '../link/prefixed.js';
import { decodeRaw } from '../link/raw.js';
import { decodeCapwap } from './capwap.js';
import { decodeEtherIp } from './ether-ip.js';
import { decodeGeneve } from './geneve.js';
import { decodeGre } from './gre.js';
import { decodeGtp } from './gtp.js';
import { decodeL2tp, decodeL2tpIp } from './l2tp.js';
import { decodeTeredo } from './teredo.js';
import { decodeVxlan, decodeVxlanGpe } from './vxlan.js';

/** By IP protocol number. */
export const IP_TUNNELS: ReadonlyMap<number, LinkDecoder> = new Map<number, LinkDecoder>([
  [4, decodeRaw], // IPv4 in IP, RFC 2003
  [41, decodeRaw], // IPv6 in IP, RFC 2473 and RFC 4213
  [47, decodeGre],
  [97, decodeEtherIp],
  [115, decodeL2tpIp],
  [137, findMpls], // RFC 4023
  [143, decodeEthernet], // of segment routing, RFC 8986
]);

/** By destination port. */
export const UDP_TUNNELS: ReadonlyMap<number, LinkDecoder> = new Map<number, LinkDecoder>([
  [1701, decodeL2tp],
  [2152, decodeGtp],
  [3544, decodeTeredo],
  [4341, behind(8, decodeRaw)], // LISP, RFC 9300 §5
  [4754, decodeGre], // RFC 8086
  [4789, decodeVxlan],
  [4790, decodeVxlanGpe],
  [5247, decodeCapwap],
  [6081, decodeGeneve],
  [6635, findMpls], // RFC 7510
  [8472, decodeVxlan], // what Linux used before IANA's number, and flannel and Cilium still do
]);

/** By source port: a server's answers to clients that use ports of their own, or are behind address translation. */
export const UDP_SERVER_TUNNELS: ReadonlyMap<number, LinkDecoder> = new Map<number, LinkDecoder>([
  [1701, decodeL2tp],
  [3544, decodeTeredo],
  [5247, decodeCapwap],
]);
