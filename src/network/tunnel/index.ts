/**
 * Tunnels: what carries IP packets inside IP packets, by IP protocol number or by the UDP port that it is sent to. A tunnel is
 * decoded as a link type is: it finds where the inner IP packet begins. A new one is a file beside this one and one line here.
 *
 * The inner packet is what counts: its addresses and ports are the flow's. Tunnel and VLAN identifiers do not tell flows apart: the
 * same packet is often captured inside its tunnel and outside of it, and the two halves of a connection may travel under different
 * identifiers. The price is that two tenants who use the same addresses, ports and transport at the same time share a flow; on TCP their sequence
 * numbers keep them apart for the most part, on UDP their xids.
 */
import type { LinkDecoder } from '../link/link.js';
import { decodeRaw } from '../link/raw.js';
import { decodeEtherIp } from './ether-ip.js';
import { decodeGeneve } from './geneve.js';
import { decodeGre } from './gre.js';
import { decodeMpls } from './mpls.js';
import { decodeVxlan, decodeVxlanGpe } from './vxlan.js';

/** By IP protocol number. */
export const IP_TUNNELS: ReadonlyMap<number, LinkDecoder> = new Map<number, LinkDecoder>([
  [4, decodeRaw], // IPv4 in IP, RFC 2003
  [41, decodeRaw], // IPv6 in IP, RFC 2473 and RFC 4213
  [47, decodeGre],
  [97, decodeEtherIp],
  [137, decodeMpls],
]);

/** By destination port. */
export const UDP_TUNNELS: ReadonlyMap<number, LinkDecoder> = new Map<number, LinkDecoder>([
  [4754, decodeGre], // RFC 8086
  [4789, decodeVxlan],
  [4790, decodeVxlanGpe],
  [6081, decodeGeneve],
  [6635, decodeMpls],
  [8472, decodeVxlan], // what Linux used before IANA's number, and flannel and Cilium still do
]);
