/**
 * Teredo (RFC 4380): IPv6 in UDP, behind what a server adds: an authentication (§5.1.1) and the client's mapped address
 * (origin indication). Refuses packets of which neither end has an address of Teredo.
 */
import { read16, read32 } from '../../xdr/bytes.js';
import { IPV6_HEADER } from '../ip.js';
import { found, IPV6, type LinkResult } from '../link/link.js';

const AUTHENTICATION = 1;
/** Without the client's identifier and the authentication value, whose lengths are in it. */
const AUTHENTICATION_LENGTH = 13;
const ORIGIN = 0;
const ORIGIN_LENGTH = 8;
const PREFIX = 0x20010000;

export function decodeTeredo(bytes: Uint8Array, start: number, end: number, result: LinkResult): boolean {
  let at = start;
  if (at + 4 <= end && read16(bytes, at) === AUTHENTICATION) {
    at += AUTHENTICATION_LENGTH + bytes[at + 2] + bytes[at + 3];
  }
  if (at + 2 <= end && read16(bytes, at) === ORIGIN) at += ORIGIN_LENGTH;
  if (at + IPV6_HEADER > end || bytes[at] >> 4 !== 6) return false;
  const isTeredo = read32(bytes, at + 8) === PREFIX || read32(bytes, at + 24) === PREFIX;
  return isTeredo && found(IPV6, at, result);
}
