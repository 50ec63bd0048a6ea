/**
 * Generic Routing Encapsulation (RFC 2784, with key and sequence number of RFC 2890): IP, MPLS or Ethernet (NVGRE, RFC
 * 7637) in IP, the mirrored frames of ERSPAN, and PPP (PPTP's version 1, RFC 2637 §4.1). Refuses source routes (RFC
 * 1701).
 */
import { read16 } from '../../xdr/bytes.js';
import { findEtherType } from '../link/ether-type.js';
import { decodeEthernet } from '../link/ethernet.js';
import type { LinkResult } from '../link/link.js';
import { ERSPAN_2, ERSPAN_3, findErspan2, findErspan3 } from './erspan.js';

const HEADER = 4;
const OPTION = 4;
const HAS_ROUTING = 0x4000;
const HAS_SEQUENCE = 0x1000;
const VERSION = 0x0007;
const VERSION_1 = 1;

export function decodeGre(bytes: Uint8Array, start: number, end: number, result: LinkResult): boolean {
  if (start + HEADER > end) return false;
  const flags = read16(bytes, start);
  if ((flags & HAS_ROUTING) !== 0 || (flags & VERSION) > VERSION_1) return false;
  const offset = start + HEADER + countOptions(flags) * OPTION;
  const type = read16(bytes, start + 2);
  // ERSPAN type I is type II without its header; only the missing sequence number tells them apart.
  if (type === ERSPAN_2 && (flags & HAS_SEQUENCE) === 0) return decodeEthernet(bytes, offset, end, result);
  if (type === ERSPAN_2) return findErspan2(bytes, offset, end, result);
  if (type === ERSPAN_3) return findErspan3(bytes, offset, end, result);
  return findEtherType(bytes, type, offset, end, result);
}

/** Checksum, key and sequence number take a word each if their bit is set; in version 1 the acknowledgement, too. */
function countOptions(flags: number): number {
  const acknowledgement = (flags & VERSION) === VERSION_1 ? (flags >> 7) & 1 : 0;
  return ((flags >> 15) & 1) + ((flags >> 13) & 1) + ((flags >> 12) & 1) + acknowledgement;
}
