/**
 * Solaris's ipnet device (LINKTYPE_IPNET), which sees zones and loopback: a header of 24 bytes whose second byte is
 * the address family (2 IPv4, 26 IPv6).
 */
import { found, IPV4, IPV6, type LinkResult } from './link.js';

const HEADER = 24;
const FAMILY_INET = 2;
const FAMILY_INET6 = 26;

export function decodeIpnet(bytes: Uint8Array, start: number, end: number, result: LinkResult): boolean {
  const offset = start + HEADER;
  if (offset >= end) return false;
  if (bytes[start + 1] === FAMILY_INET) return found(IPV4, offset, result);
  return bytes[start + 1] === FAMILY_INET6 && found(IPV6, offset, result);
}
