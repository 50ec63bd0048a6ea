/**
 * Headers that say which link type follows them: PPI (LINKTYPE_PPI, which wireless capture programs write) and Apple's PKTAP
 * (LINKTYPE_PKTAP, `tcpdump -i pktap` on macOS). Both little-endian. They do not nest in each other.
 */
import type { LinkDecoder, LinkResult } from './link.js';

const PPI_HEADER = 8;
const PKTAP_HEADER = 12;
/** PKTAP's records of packets; others tell of processes. */
const PKTAP_PACKET = 1;

/** @param decoderOf The decoder of a link type that may follow; undefined: none reads it. */
export function decodePpi(decoderOf: (linkType: number) => LinkDecoder | undefined): LinkDecoder {
  return (bytes, start, end, result) => {
    if (start + PPI_HEADER > end || bytes[start] !== 0) return false;
    const length = bytes[start + 2] | (bytes[start + 3] << 8);
    return (
      length >= PPI_HEADER && decodeRest(decoderOf, little32(bytes, start + 4), bytes, start + length, end, result)
    );
  };
}

export function decodePktap(decoderOf: (linkType: number) => LinkDecoder | undefined): LinkDecoder {
  return (bytes, start, end, result) => {
    if (start + PKTAP_HEADER > end || little32(bytes, start + 4) !== PKTAP_PACKET) return false;
    const length = little32(bytes, start);
    return (
      length >= PKTAP_HEADER && decodeRest(decoderOf, little32(bytes, start + 8), bytes, start + length, end, result)
    );
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
  return decode !== undefined && start < end && decode(bytes, start, end, result);
}

function little32(bytes: Uint8Array, at: number): number {
  return (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)) >>> 0;
}
