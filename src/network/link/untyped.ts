/**
 * Payloads behind a header that does not say what they are: MPLS label stacks, GTP-U and L2TPv3. IP shows its version in
 * its first four bits, but an Ethernet address may begin with the same bits, and pseudo-wires may have words of their
 * own before Ethernet. So a guess counts only if it leads to a sound IP header: of IPv4, its checksum is right (RFC 791
 * §3.1); of IPv6, its length fits the frame.
 */
import { read16 } from '../../xdr/bytes.js';
import { IPV4_HEADER, IPV6_HEADER } from '../ip.js';
import { decodeEthernet } from './ethernet.js';
import { foundIp, IPV4, type LinkResult } from './link.js';

/** What may follow an IPv6 packet in its frame: padding to the least size of Ethernet, a check sequence, a checksum. */
const MAX_TRAILER = 32;

/** Finds IP, or Ethernet with IP in it. */
export function findUntyped(bytes: Uint8Array, at: number, end: number, result: LinkResult): boolean {
  const isSound = foundIp(bytes, at, end, result) && isSoundIp(bytes, end, result);
  return isSound || findSoundEthernet(bytes, at, end, result) || foundIp(bytes, at, end, result);
}

/** Finds sound IP in Ethernet. False leaves everything but the count of layers as it was. */
export function findSoundEthernet(bytes: Uint8Array, at: number, end: number, result: LinkResult): boolean {
  const before = { ...result };
  if (decodeEthernet(bytes, at, end, result) && isSoundIp(bytes, end, result)) return true;
  Object.assign(result, before, { layers: result.layers });
  return false;
}

function isSoundIp(bytes: Uint8Array, end: number, { etherType, offset }: LinkResult): boolean {
  return etherType === IPV4 ? isSoundIpv4(bytes, offset, end) : isSoundIpv6(bytes, offset, end);
}

function isSoundIpv4(bytes: Uint8Array, at: number, end: number): boolean {
  const length = (bytes[at] & 15) * 4;
  if (bytes[at] >> 4 !== 4 || length < IPV4_HEADER || at + length > end) return false;
  let sum = 0;
  for (let i = 0; i < length; i += 2) sum += read16(bytes, at + i);
  return (sum & 0xffff) + (sum >> 16) === 0xffff;
}

function isSoundIpv6(bytes: Uint8Array, at: number, end: number): boolean {
  const payload = at + IPV6_HEADER;
  return payload <= end && bytes[at] >> 4 === 6 && payload + read16(bytes, at + 4) + MAX_TRAILER >= end;
}
