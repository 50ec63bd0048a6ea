/**
 * Frame Relay (LINKTYPE_FRELAY, RFC 2427): an address, of which only the last byte has its lowest bit set, the control
 * byte of unnumbered information, and a network protocol: IPv4, IPv6 or SNAP. Or, as Cisco's routers write by default,
 * an EtherType behind the address.
 */
import { read16 } from '../../xdr/bytes.js';
import { findEtherType, findSnap, UNNUMBERED_INFORMATION } from './ether-type.js';
import { found, IPV4, IPV6, type LinkResult } from './link.js';

const MAX_ADDRESS = 4;
const NLPID_IPV4 = 0xcc;
const NLPID_IPV6 = 0x8e;
const NLPID_SNAP = 0x80;
/** First byte of an EtherType. The control byte of unnumbered information is smaller. */
const FIRST_ETHER_TYPE = 0x06;

export function decodeFrameRelay(bytes: Uint8Array, start: number, end: number, result: LinkResult): boolean {
  let control = start + 2;
  while (control < end && (bytes[control - 1] & 1) === 0 && control < start + MAX_ADDRESS) control++;
  if (control + 2 >= end) return false;
  const isCisco = bytes[control] >= FIRST_ETHER_TYPE;
  if (isCisco) return findEtherType(bytes, read16(bytes, control), control + 2, end, result);
  if (bytes[control] !== UNNUMBERED_INFORMATION) return false;
  // A padding byte may align the protocol.
  const at = control + (bytes[control + 1] === 0 ? 2 : 1);
  if (bytes[at] === NLPID_IPV4) return at + 1 < end && found(IPV4, at + 1, result);
  if (bytes[at] === NLPID_IPV6) return at + 1 < end && found(IPV6, at + 1, result);
  return bytes[at] === NLPID_SNAP && findSnap(bytes, at + 1, end, result);
}
