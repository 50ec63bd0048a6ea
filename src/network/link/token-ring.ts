/**
 * IEEE 802.5 (LINKTYPE_IEEE802_5) and FDDI (LINKTYPE_FDDI): addresses, a route if the source's
 * first bit is set (802.5), then LLC.
 */
import { findLlc } from './ether-type.js';
import type { LinkResult } from './link.js';

const TOKEN_RING_HEADER = 14;
const TOKEN_RING_SOURCE = 8;
const FDDI_HEADER = 13;
const IS_ROUTED = 0x80;
const ROUTE_LENGTH = 0x1f;

export function decodeTokenRing(bytes: Uint8Array, start: number, end: number, result: LinkResult): boolean {
  const header = start + TOKEN_RING_HEADER;
  if (header >= end) return false;
  const isRouted = (bytes[start + TOKEN_RING_SOURCE] & IS_ROUTED) !== 0;
  return findLlc(bytes, header + (isRouted ? bytes[header] & ROUTE_LENGTH : 0), end, result);
}

export function decodeFddi(bytes: Uint8Array, start: number, end: number, result: LinkResult): boolean {
  return findLlc(bytes, start + FDDI_HEADER, end, result);
}
