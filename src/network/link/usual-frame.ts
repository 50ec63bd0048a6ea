/**
 * The fast path for the usual frame: Ethernet II without tags, IPv4 (RFC 791) without options or fragments, TCP,
 * captured to the packet's end. It is read in a few words; all other frames are left to the general decoders.
 */
import { viewOf } from '../../xdr/bytes.js';
import { IPV4_HEADER, type IpPacket } from '../ip.js';
import { TCP } from '../protocols.js';

const ETHERNET_HEADER = 14;
/** EtherType IPv4, then the byte of version 4 and a header of five words. */
const USUAL = 0x080045;
/** The bit for more fragments, and the fragment offset. */
const FRAGMENT_BITS = 0x3fff;

/** Reads such a frame, `bytes[start..end)`, as `decodeEthernet` and `readIpv4` would. False: it is another frame. */
export function readUsualFrame(bytes: Uint8Array, start: number, end: number, packet: IpPacket): boolean {
  const at = start + ETHERNET_HEADER;
  const payload = at + IPV4_HEADER;
  if (payload > end) return false;
  const view = viewOf(bytes);
  if (view.getUint32(start + 12) >>> 8 !== USUAL || bytes[at + 9] !== TCP) return false;
  const packetEnd = at + view.getUint16(at + 2);
  if (packetEnd < payload || packetEnd > end || (view.getUint16(at + 6) & FRAGMENT_BITS) !== 0) return false;
  packet.bytes = bytes;
  packet.addresses = at + 12;
  packet.addressLength = 4;
  packet.protocol = TCP;
  packet.identification = view.getUint16(at + 4);
  packet.fragmentOffset = 0;
  packet.moreFragments = false;
  packet.start = payload;
  packet.end = packetEnd;
  packet.length = packetEnd - payload;
  return true;
}
