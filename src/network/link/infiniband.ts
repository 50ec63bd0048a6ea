/**
 * InfiniBand. IP over InfiniBand (RFC 4391 §6) is an EtherType and two reserved bytes. LINKTYPE_IPOIB has a global
 * routing header of 40 bytes before them, as tcpdump and Wireshark read it; Solaris's snoop writes none.
 * LINKTYPE_INFINIBAND has whole packets: a local routing header, a global one if the packet leaves the subnet, and the
 * base transport header (InfiniBand Architecture, §§7.7, 8.3, 9.2). Of these only datagrams may hold IP; the others
 * are RDMA.
 */
import { read16 } from '../../xdr/bytes.js';
import { findEtherType } from './ether-type.js';
import { type LinkResult, refused } from './link.js';

const GLOBAL_ROUTING_HEADER = 40;
const ENCAPSULATION_HEADER = 4;
const LOCAL_ROUTING_HEADER = 8;
/** The local header's next header: the base transport header, or a global routing header before it. */
const NEXT_TRANSPORT = 2;
const NEXT_GLOBAL = 3;
const BASE_TRANSPORT_HEADER = 12;
const DATAGRAM_HEADER = 8;
const DATAGRAM_SEND_ONLY = 0x64;

export function decodeIpoib(bytes: Uint8Array, start: number, end: number, result: LinkResult): boolean {
  return decodeSnoopIpoib(bytes, start + GLOBAL_ROUTING_HEADER, end, result);
}

export function decodeSnoopIpoib(bytes: Uint8Array, start: number, end: number, result: LinkResult): boolean {
  const offset = start + ENCAPSULATION_HEADER;
  return offset <= end && findEtherType(bytes, read16(bytes, start), offset, end, result);
}

export function decodeInfiniband(bytes: Uint8Array, start: number, end: number, result: LinkResult): boolean {
  if (start + LOCAL_ROUTING_HEADER > end) return false;
  const next = bytes[start + 1] & 3;
  if (next !== NEXT_TRANSPORT && next !== NEXT_GLOBAL) return false;
  const transport = start + LOCAL_ROUTING_HEADER + (next === NEXT_GLOBAL ? GLOBAL_ROUTING_HEADER : 0);
  const payload = transport + BASE_TRANSPORT_HEADER + DATAGRAM_HEADER;
  const isDatagram = transport < end && bytes[transport] === DATAGRAM_SEND_ONLY;
  if (isDatagram && decodeSnoopIpoib(bytes, payload, end, result)) return true;
  if (next === NEXT_GLOBAL) result.globalRoute = start + LOCAL_ROUTING_HEADER;
  else result.localRoute = start;
  return refused('infiniBand', result);
}
