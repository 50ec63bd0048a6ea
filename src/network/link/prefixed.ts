/**
 * Link types that are another link type behind a header of fixed length: PPP, Cisco HDLC and Frame Relay
 * with a direction, netANALYZER, LLC over ATM (RFC 2684) and Fibre Channel (RFC 2625), IP over IEEE
 * 1394. `behind` makes their decoders, and `taggedEthernet` those of Ethernet as switch chips tag it for their host.
 */
import { read16 } from '../../xdr/bytes.js';
import { findEtherType, findLlc } from './ether-type.js';
import type { LinkDecoder, LinkResult } from './link.js';

const SUNATM_HEADER = 4;
const SUNATM_LLC = 2;
const IEEE1394_HEADER = 18;
/** The two addresses of an Ethernet frame. */
const ADDRESSES = 12;

/** Makes a decoder that skips `length` bytes, then uses `decode`. */
export function behind(length: number, decode: LinkDecoder): LinkDecoder {
  return (bytes, start, end, result) => start + length < end && decode(bytes, start + length, end, result);
}

/** Makes a decoder of Ethernet whose EtherType stands behind a tag of `length` bytes, which itself has none. */
export function taggedEthernet(length: number): LinkDecoder {
  return (bytes, start, end, result) => {
    const offset = start + ADDRESSES + length + 2;
    return offset <= end && findEtherType(bytes, read16(bytes, offset - 2), offset, end, result);
  };
}

/** 802.2 LLC from the first byte. */
export function decodeLlc(bytes: Uint8Array, start: number, end: number, result: LinkResult): boolean {
  return findLlc(bytes, start, end, result);
}

/** The low four bits of the first byte say what the cells carry. */
export function decodeSunAtm(bytes: Uint8Array, start: number, end: number, result: LinkResult): boolean {
  return start < end && (bytes[start] & 15) === SUNATM_LLC && decodeLlc(bytes, start + SUNATM_HEADER, end, result);
}

/** Two addresses of eight bytes and an EtherType, as Apple writes them. */
export function decodeIeee1394(bytes: Uint8Array, start: number, end: number, result: LinkResult): boolean {
  const offset = start + IEEE1394_HEADER;
  return offset <= end && findEtherType(bytes, read16(bytes, offset - 2), offset, end, result);
}
