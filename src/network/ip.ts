/**
 * IP headers: IPv4 (RFC 791) with options and the authentication header (RFC 4302), and IPv6 (RFC 8200) with its
 * extension headers, read into one reused `IpPacket`. Lengths come from the header. Where it says 0
 * (segmentation offload, and jumbograms of RFC 2675), the frame's length on the wire counts. Refuses headers
 * that are cut or contradict themselves.
 */
import { MAX_EXTENSION_HEADERS } from '../limits/network.js';
import { read16, read32 } from '../xdr/bytes.js';

/** What the layers above need of an IP header. */
export interface IpPacket {
  bytes: Uint8Array;
  /** Offset of the source address, which the destination address follows. Each has `addressLength` bytes: 4 or 16. */
  addresses: number;
  addressLength: number;
  /** Protocol of the payload, behind all extension headers that could be followed. */
  protocol: number;
  /** Identification of IPv4, or of IPv6's fragment header; 0 where there is none. */
  identification: number;
  /** Offset of the payload in its datagram, in bytes, and whether more fragments follow. */
  fragmentOffset: number;
  moreFragments: boolean;
  /**
   * The captured payload is `bytes[start..end)`; `length` is its length on the wire, -1 where
   * the last fragment is missing.
   */
  start: number;
  end: number;
  length: number;
}

export function newIpPacket(): IpPacket {
  return {
    bytes: new Uint8Array(0),
    addresses: 0,
    addressLength: 4,
    protocol: 0,
    identification: 0,
    fragmentOffset: 0,
    moreFragments: false,
    start: 0,
    end: 0,
    length: 0,
  };
}

export const IPV4_HEADER = 20;
export const IPV6_HEADER = 40;
const MORE_FRAGMENTS = 0x2000;
const FRAGMENT_OFFSET = 0x1fff;

const HOP_BY_HOP = 0;
const ROUTING = 43;
export const FRAGMENT = 44;
const AUTHENTICATION = 51;
const DESTINATION_OPTIONS = 60;
const MOBILITY = 135;
const HOST_IDENTITY = 139;
const SHIM6 = 140;
const FRAGMENT_HEADER = 8;

/**
 * Reads the IPv4 header at `at` of a frame that was captured up to `end` and ended at `wireEnd` on the wire. False: the
 * header is cut or contradicts itself.
 */
export function readIpv4(bytes: Uint8Array, at: number, end: number, wireEnd: number, packet: IpPacket): boolean {
  const headerLength = (bytes[at] & 15) * 4;
  if (end - at < IPV4_HEADER || bytes[at] >> 4 !== 4 || headerLength < IPV4_HEADER || at + headerLength > end) {
    return false;
  }
  const totalLength = read16(bytes, at + 2);
  const packetEnd = totalLength === 0 ? wireEnd : at + totalLength;
  const fragment = read16(bytes, at + 6);
  packet.bytes = bytes;
  packet.addresses = at + 12;
  packet.addressLength = 4;
  packet.protocol = bytes[at + 9];
  packet.identification = read16(bytes, at + 4);
  packet.fragmentOffset = (fragment & FRAGMENT_OFFSET) * 8;
  packet.moreFragments = (fragment & MORE_FRAGMENTS) !== 0;
  packet.start = at + headerLength;
  packet.end = Math.min(end, packetEnd);
  packet.length = packetEnd - packet.start;
  if (packet.protocol === AUTHENTICATION && (fragment & (MORE_FRAGMENTS | FRAGMENT_OFFSET)) === 0)
    skipExtensionHeaders(packet);
  return true;
}

/**
 * The same for IPv6. Extension headers are followed up to the transport header, or to the header of a real fragment.
 */
export function readIpv6(bytes: Uint8Array, at: number, end: number, wireEnd: number, packet: IpPacket): boolean {
  if (end - at < IPV6_HEADER || bytes[at] >> 4 !== 6) return false;
  const payloadLength = read16(bytes, at + 4);
  const packetEnd = payloadLength === 0 ? wireEnd : at + IPV6_HEADER + payloadLength;
  packet.bytes = bytes;
  packet.addresses = at + 8;
  packet.addressLength = 16;
  packet.protocol = bytes[at + 6];
  packet.identification = 0;
  packet.fragmentOffset = 0;
  packet.moreFragments = false;
  packet.start = at + IPV6_HEADER;
  packet.end = Math.min(end, packetEnd);
  packet.length = packetEnd - packet.start;
  skipExtensionHeaders(packet);
  return true;
}

/** Moves the start of the payload behind the extension headers; of IPv4, the authentication header is the only one. */
export function skipExtensionHeaders(packet: IpPacket): void {
  const { bytes, addressLength } = packet;
  for (let i = 0; i < MAX_EXTENSION_HEADERS && packet.start + 8 <= packet.end; i++) {
    if (addressLength === 4 && packet.protocol !== AUTHENTICATION) return;
    const length = extensionLength(packet.protocol, bytes[packet.start + 1]);
    if (length === 0) return;
    if (packet.protocol === FRAGMENT) readFragmentHeader(packet);
    packet.protocol = bytes[packet.start];
    packet.start += length;
    packet.length -= length;
    if (packet.moreFragments || packet.fragmentOffset > 0) return;
  }
}

/**
 * Length of an extension header in bytes; 0 if `protocol` is none. Most count units of 8 beyond the first 8 bytes; the
 * authentication header counts units of 4 beyond the first 8.
 */
export function extensionLength(protocol: number, units: number): number {
  switch (protocol) {
    case HOP_BY_HOP:
    case ROUTING:
    case DESTINATION_OPTIONS:
    case MOBILITY:
    case HOST_IDENTITY:
    case SHIM6:
      return 8 + units * 8;
    case AUTHENTICATION:
      return 8 + units * 4;
    case FRAGMENT:
      return FRAGMENT_HEADER;
    default:
      return 0;
  }
}

/** A fragment header with offset 0 and no more fragments is an atomic fragment (RFC 6946): a whole datagram. */
function readFragmentHeader(packet: IpPacket): void {
  const word = read16(packet.bytes, packet.start + 2);
  packet.fragmentOffset = word & 0xfff8;
  packet.moreFragments = (word & 1) !== 0;
  packet.identification = read32(packet.bytes, packet.start + 4);
}
