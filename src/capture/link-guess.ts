/** Guesses the link type of a frame by where an IP header (RFC 791, RFC 8200) stands in it. */
import { read16 } from '../xdr/bytes.js';
import { ETHERNET, LINUX_SLL, LINUX_SLL2, NULL_LOOPBACK, RAW_IP } from './link-types.js';

const IPV4 = 0x0800;
const IPV6 = 0x86dd;

interface Guess {
  linkType: number;
  /** Where IP begins, and where the EtherType is; null: there is none. */
  ip: number;
  etherType: number | null;
}

/** Ethernet twice: without and with a VLAN. */
const GUESSES: readonly Guess[] = [
  { linkType: ETHERNET, ip: 14, etherType: 12 },
  { linkType: ETHERNET, ip: 18, etherType: 16 },
  { linkType: LINUX_SLL, ip: 16, etherType: 14 },
  { linkType: LINUX_SLL2, ip: 20, etherType: 0 },
  { linkType: NULL_LOOPBACK, ip: 4, etherType: null },
  { linkType: RAW_IP, ip: 0, etherType: null },
];
const IPV4_HEADER = 20;

/** The LINKTYPE_ number that a frame fits; Ethernet where it fits none. */
export function guessLinkType(bytes: Uint8Array, start: number, end: number): number {
  const found = GUESSES.find(({ ip, etherType }) => {
    if (start + ip + IPV4_HEADER > end) return false;
    const version = ipVersion(bytes, start + ip);
    return version !== null && (etherType === null || read16(bytes, start + etherType) === version);
  });
  return found?.linkType ?? ETHERNET;
}

/** The EtherType of the IP header that may stand at `at`; null: none can. */
function ipVersion(bytes: Uint8Array, at: number): number | null {
  const version = bytes[at] >> 4;
  if (version === 6) return IPV6;
  // At least five words of header, and a reserved flag that is not set.
  return version === 4 && (bytes[at] & 0x0f) >= 5 && (bytes[at + 6] & 0x80) === 0 ? IPV4 : null;
}
