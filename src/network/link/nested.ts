/**
 * Headers that say which link type follows: PPI (LINKTYPE_PPI, written by wireless capture programs) and Apple's PKTAP
 * (LINKTYPE_PKTAP, `tcpdump -i pktap` on macOS), both little-endian; and the Extensible Record Format of Endace's
 * capture cards (LINKTYPE_ERF): its records of Ethernet, HDLC, ATM (AAL5), InfiniBand and IP, in all variants. They do
 * not nest in each other.
 */
import { uint16le, uint32le } from '../../capture/byte-order.js';
import { MAX_LINK_LAYERS } from '../../limits/network.js';
import type { LinkDecoder, LinkResult } from './link.js';

const PPI_HEADER = 8;
const PKTAP_HEADER = 12;
/** PKTAP's type for records of packets; other records describe processes. */
const PKTAP_PACKET = 1;

const ERF_HEADER = 16;
const ERF_TYPE = 8;
/** Set in the type of a record or of an extension header if another extension header follows. */
const ERF_EXTENDED = 0x80;
const ERF_EXTENSION = 8;
/** By record type: the link type of the frame, and the number of bytes before it. */
const ERF_TYPES = new Map<number, [linkType: number, skipped: number]>([
  ...[1, 10, 15, 19].map((type) => [type, [50, 0]] as const), // HDLC
  ...[5, 17].map((type) => [type, [50, 4]] as const), // HDLC of several channels
  ...[2, 11, 16, 20].map((type) => [type, [1, 2]] as const), // Ethernet
  [4, [100, 4]], // AAL5 with the header of its last cell
  [9, [100, 8]], // AAL5 of several channels
  [21, [247, 0]], // InfiniBand
  [22, [101, 0]],
  [23, [101, 0]],
] as [number, [number, number]][]);

/** @param decoderOf Finds the decoder of the link type that follows; undefined: there is none. */
export function decodePpi(decoderOf: (linkType: number) => LinkDecoder | undefined): LinkDecoder {
  return (bytes, start, end, result) => {
    if (start + PPI_HEADER > end || bytes[start] !== 0) return false;
    const length = uint16le(bytes, start + 2);
    return (
      length >= PPI_HEADER && decodeRest(decoderOf, uint32le(bytes, start + 4), bytes, start + length, end, result)
    );
  };
}

export function decodePktap(decoderOf: (linkType: number) => LinkDecoder | undefined): LinkDecoder {
  return (bytes, start, end, result) => {
    if (start + PKTAP_HEADER > end || uint32le(bytes, start + 4) !== PKTAP_PACKET) return false;
    const length = uint32le(bytes, start);
    return (
      length >= PKTAP_HEADER && decodeRest(decoderOf, uint32le(bytes, start + 8), bytes, start + length, end, result)
    );
  };
}

export function decodeErf(decoderOf: (linkType: number) => LinkDecoder | undefined): LinkDecoder {
  return (bytes, start, end, result) => {
    let at = start + ERF_HEADER;
    if (at > end) return false;
    const type = bytes[start + ERF_TYPE];
    let isExtended = (type & ERF_EXTENDED) !== 0;
    for (let i = 0; isExtended; i++, at += ERF_EXTENSION) {
      if (i === MAX_LINK_LAYERS || at + ERF_EXTENSION > end) return false;
      isExtended = (bytes[at] & ERF_EXTENDED) !== 0;
    }
    const held = ERF_TYPES.get(type & ~ERF_EXTENDED);
    return held !== undefined && decodeRest(decoderOf, held[0], bytes, at + held[1], end, result);
  };
}

function decodeRest(
  decoderOf: (linkType: number) => LinkDecoder | undefined,
  linkType: number,
  bytes: Uint8Array,
  start: number,
  end: number,
  result: LinkResult,
): boolean {
  const decode = decoderOf(linkType);
  if (decode === undefined) result.unreadLinkType = linkType;
  return decode !== undefined && start < end && decode(bytes, start, end, result);
}
