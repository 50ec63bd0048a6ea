/**
 * BSD loopback: LINKTYPE_NULL (an address family of four bytes in the byte order of the capturing host) and LINKTYPE_LOOP
 * (the same in network byte order). AF_INET is 2 everywhere; AF_INET6 is 10 on Linux, 24, 28 and 30 on the BSDs and macOS.
 */
import { read32 } from '../../xdr/bytes.js';
import { found, IPV4, IPV6, type LinkResult } from './link.js';

const HEADER = 4;

export function decodeNull(bytes: Uint8Array, start: number, end: number, result: LinkResult): boolean {
  const offset = start + HEADER;
  if (offset >= end) return false;
  const etherType = etherTypeOf(addressFamily(read32(bytes, start)));
  return etherType !== 0 && found(etherType, offset, result);
}

/** Families are small numbers, so a large one was written in the other byte order. */
function addressFamily(value: number): number {
  return value >>> 0 <= 0xffff ? value : value >>> 24;
}

function etherTypeOf(family: number): number {
  if (family === 2) return IPV4;
  return family === 10 || family === 24 || family === 28 || family === 30 ? IPV6 : 0;
}
