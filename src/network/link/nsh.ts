/**
 * The Network Service Header (RFC 8300): a path through services, metadata, and the number of the protocol that follows.
 * VXLAN-GPE has the same numbers. Refuses other versions than 0, and OAM packets.
 */
import { findEtherType, NSH } from './ether-type.js';
import { decodeEthernet } from './ethernet.js';
import { foundIp, type LinkResult } from './link.js';
import { findMpls } from './mpls.js';

const LEAST_HEADER = 8;
const LENGTH_UNIT = 4;
const LENGTH = 0x3f;
const VERSION_AND_OAM = 0xe0;

const NEXT_IPV4 = 1;
const NEXT_IPV6 = 2;
const NEXT_ETHERNET = 3;
const NEXT_NSH = 4;
const NEXT_MPLS = 5;

export function findNsh(bytes: Uint8Array, at: number, end: number, result: LinkResult): boolean {
  if (at + LEAST_HEADER > end || (bytes[at] & VERSION_AND_OAM) !== 0) return false;
  const length = (bytes[at + 1] & LENGTH) * LENGTH_UNIT;
  return length >= LEAST_HEADER && findNextProtocol(bytes, bytes[at + 3], at + length, end, result);
}

export function findNextProtocol(
  bytes: Uint8Array,
  next: number,
  at: number,
  end: number,
  result: LinkResult,
): boolean {
  if (next === NEXT_ETHERNET) return decodeEthernet(bytes, at, end, result);
  if (next === NEXT_NSH) return findEtherType(bytes, NSH, at, end, result);
  if (next === NEXT_MPLS) return findMpls(bytes, at, end, result);
  return (next === NEXT_IPV4 || next === NEXT_IPV6) && foundIp(bytes, at, end, result);
}
