/**
 * The routing headers of InfiniBand, the global one of which RoCE version 1 has too (InfiniBand Architecture, §§7.7,
 * 8.3). It has the form of an IPv6 header, with the number of the transport headers as next header. Where a packet has
 * only a local one, its two local identifiers (16 bits) count as the IPv6 addresses `::1`, `::2` …
 */
import { read16 } from '../../xdr/bytes.js';
import { IPV6_HEADER, type IpPacket, readIpv6 } from '../ip.js';

const TRANSPORT_HEADERS = 0x1b;
const LOCAL_ROUTING_HEADER = 8;
/** Where the two identifiers lie in a local routing header, and the packet's length in words. */
const DESTINATION = 2;
const LENGTH = 4;
const SOURCE = 6;
const LENGTH_MASK = 0x7ff;
const ADDRESS = 16;

/**
 * Reads the global routing header at `at` of a packet that was captured up to `end`. False: it is cut, or other headers
 * follow it.
 */
export function readGlobalRoute(bytes: Uint8Array, at: number, end: number, packet: IpPacket): boolean {
  return readIpv6(bytes, at, end, at + IPV6_HEADER, packet) && packet.protocol === TRANSPORT_HEADERS;
}

/** Reads the local routing header at `at`, which the transport headers follow. `packet` gets bytes of its own. */
export function readLocalRoute(bytes: Uint8Array, at: number, end: number, packet: IpPacket): boolean {
  if (at + LOCAL_ROUTING_HEADER > end) return false;
  const addresses = Buffer.alloc(2 * ADDRESS);
  addresses.writeUInt16BE(read16(bytes, at + SOURCE), ADDRESS - 2);
  addresses.writeUInt16BE(read16(bytes, at + DESTINATION), 2 * ADDRESS - 2);
  const length = 4 * (read16(bytes, at + LENGTH) & LENGTH_MASK) - LOCAL_ROUTING_HEADER;
  const start = at + LOCAL_ROUTING_HEADER;
  packet.bytes = Buffer.concat([addresses, bytes.subarray(start, Math.max(start, Math.min(end, start + length)))]);
  packet.addresses = 0;
  packet.addressLength = ADDRESS;
  packet.start = addresses.length;
  packet.end = packet.bytes.length;
  packet.length = length;
  return true;
}
