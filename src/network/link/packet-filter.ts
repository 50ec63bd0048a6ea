/**
 * Headers that packet filters and operating systems write before IP: OpenBSD's pf log (LINKTYPE_PFLOG; its first byte
 * is its length) and IPsec interface (LINKTYPE_ENC), BSD's SLIP (LINKTYPE_SLIP), Linux's NFLOG (LINKTYPE_NFLOG:
 * attributes, one of them the packet).
 */
import { uint16 } from '../../capture/byte-order.js';
import { foundIp, type LinkResult } from './link.js';

const ENC_HEADER = 12;
const SLIP_HEADER = 16;
const NFLOG_HEADER = 4;
const NFLOG_ATTRIBUTE = 4;
const NFLOG_PAYLOAD = 9;

export function decodePflog(bytes: Uint8Array, start: number, end: number, result: LinkResult): boolean {
  return start < end && foundIp(bytes, start + align(bytes[start]), end, result);
}

export function decodeEnc(bytes: Uint8Array, start: number, end: number, result: LinkResult): boolean {
  return foundIp(bytes, start + ENC_HEADER, end, result);
}

export function decodeSlip(bytes: Uint8Array, start: number, end: number, result: LinkResult): boolean {
  return foundIp(bytes, start + SLIP_HEADER, end, result);
}

/**
 * Attributes are in the byte order of the host that wrote them. All types are below 256, so the
 * zero byte of a type tells which.
 */
export function decodeNflog(bytes: Uint8Array, start: number, end: number, result: LinkResult): boolean {
  let at = start + NFLOG_HEADER;
  while (at + NFLOG_ATTRIBUTE < end) {
    const isBigEndian = bytes[at + 2] === 0;
    const length = uint16(bytes, at, isBigEndian);
    const type = bytes[at + (isBigEndian ? 3 : 2)];
    if (type === NFLOG_PAYLOAD) return foundIp(bytes, at + NFLOG_ATTRIBUTE, end, result);
    if (length < NFLOG_ATTRIBUTE) return false;
    at += align(length);
  }
  return false;
}

function align(length: number): number {
  return (length + 3) & ~3;
}
