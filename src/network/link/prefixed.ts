/**
 * Link types that are another one behind a header of fixed length or known place: directions of PPP, Cisco HDLC and Frame Relay,
 * netANALYZER, LLC over ATM (RFC 2684) and Fibre Channel (RFC 2625), IP over IEEE 1394. `behind` makes their decoders.
 */
import { read16 } from '../../xdr/bytes.js';
import { findEtherType, findLlc } from './ether-type.js';
import type { LinkDecoder, LinkResult } from './link.js';

const SUNATM_HEADER = 4;
const SUNATM_LLC = 2;
const IEEE1394_HEADER = 18;

/** The decoder of frames that `decode` reads once `length` bytes are taken off. */
export function behind(length: number, decode: LinkDecoder): LinkDecoder {
  return (bytes, start, end, result) => start + length < end && decode(bytes, start + length, end, result);
}

/** 802.2 LLC from the first byte. */
export function decodeLlc(bytes: Uint8Array, start: number, end: number, result: LinkResult): boolean {
  result.vlan = -1;
  return findLlc(bytes, start, end, result);
}

/** The low half of the first byte says what the cells carry. */
export function decodeSunAtm(bytes: Uint8Array, start: number, end: number, result: LinkResult): boolean {
  return start < end && (bytes[start] & 15) === SUNATM_LLC && decodeLlc(bytes, start + SUNATM_HEADER, end, result);
}

/** Two addresses of eight bytes and an EtherType, as Apple writes them. */
export function decodeIeee1394(bytes: Uint8Array, start: number, end: number, result: LinkResult): boolean {
  const offset = start + IEEE1394_HEADER;
  return offset <= end && findEtherType(bytes, read16(bytes, offset - 2), offset, end, result);
}
