/**
 * IP over InfiniBand (RFC 4391 §6): an EtherType and two reserved bytes. LINKTYPE_IPOIB puts a 40-byte global routing
 * header before them, as tcpdump and Wireshark read it; Solaris' snoop writes none.
 */
import { read16 } from '../../xdr/bytes.js';
import { findEtherType } from './ether-type.js';
import type { LinkResult } from './link.js';

const GLOBAL_ROUTING_HEADER = 40;
const HEADER = 4;

export function decodeIpoib(bytes: Uint8Array, start: number, end: number, result: LinkResult): boolean {
  return decodeSnoopIpoib(bytes, start + GLOBAL_ROUTING_HEADER, end, result);
}

export function decodeSnoopIpoib(bytes: Uint8Array, start: number, end: number, result: LinkResult): boolean {
  const offset = start + HEADER;
  return offset <= end && findEtherType(bytes, read16(bytes, start), offset, end, result);
}
