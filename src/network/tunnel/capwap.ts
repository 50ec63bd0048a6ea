/**
 * The data of CAPWAP (RFC 5415 §4.3, RFC 5416), between the access points of a wireless network and their controller:
 * frames of Ethernet or IEEE 802.11 in UDP. Refuses keep-alives, what DTLS encrypts, and of a frame in fragments all but
 * the first, which reads like a frame that was cut.
 */
import { read16 } from '../../xdr/bytes.js';
import { decodeEthernet } from '../link/ethernet.js';
import type { LinkResult } from '../link/link.js';
import { decodeTunnelled80211 } from '../link/wireless.js';

const HEADER = 8;
const LENGTH_UNIT = 4;
/** The first byte: version 0, no DTLS. */
const PREAMBLE = 0;
/** In the third byte: the wireless binding, and whether the frame is one of its own. */
const BINDING = 0x3f;
const IEEE80211_FRAME = 0x03;
const IS_WIRELESS_FRAME = 0x01;
const IS_KEEP_ALIVE = 0x08;
/** In units of eight bytes; the other three bits are reserved. */
const FRAGMENT_OFFSET = 0xfff8;

export function decodeCapwap(bytes: Uint8Array, start: number, end: number, result: LinkResult): boolean {
  if (start + HEADER > end || bytes[start] !== PREAMBLE || (bytes[start + 3] & IS_KEEP_ALIVE) !== 0) return false;
  const length = (bytes[start + 1] >> 3) * LENGTH_UNIT;
  if (length < HEADER || (read16(bytes, start + 6) & FRAGMENT_OFFSET) !== 0) return false;
  const payload = start + length;
  if ((bytes[start + 2] & IS_WIRELESS_FRAME) === 0) return decodeEthernet(bytes, payload, end, result);
  return (bytes[start + 2] & BINDING) === IEEE80211_FRAME && decodeTunnelled80211(bytes, payload, end, result);
}
