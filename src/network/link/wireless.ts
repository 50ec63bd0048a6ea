/**
 * IEEE 802.11 data frames (LINKTYPE_IEEE802_11), and the headers that capture programs put before them: radiotap
 * (www.radiotap.org), Prism and AVS. Frames without data are refused; encrypted ones are reported by name. The
 * packets of an aggregate (A-MSDU) are found one after the other. A frame check sequence at the end does no
 * harm, because IP has its own length.
 */
import { uint16le } from '../../capture/byte-order.js';
import { read16, read32 } from '../../xdr/bytes.js';
import { findLlc } from './ether-type.js';
import { type LinkResult, refused } from './link.js';

/** In the first byte of the frame control: version 0, type 2. */
const TYPE_AND_VERSION = 0x0f;
const DATA_FRAME = 0x08;
const SUBTYPE_QOS = 0x8;
const SUBTYPE_NO_DATA = 0x4;
const FLAG_TO_AND_FROM_DS = 0x03;
const FLAG_PROTECTED = 0x40;
const FLAG_ORDER = 0x80;
const HEADER = 24;
const ADDRESS = 6;
const QOS_CONTROL = 2;
const QOS_IS_AGGREGATE = 0x80;
const HT_CONTROL = 4;
/** Two addresses and a length. Subframes are padded to four bytes. */
const SUBFRAME_HEADER = 14;

export function decode80211(bytes: Uint8Array, start: number, end: number, result: LinkResult): boolean {
  return find80211(bytes, start, end, read16(bytes, start), false, result);
}

/**
 * A frame in CAPWAP. Cisco's access points swap the two bytes of the frame control: the type is in the second one then.
 * Of an aggregate only the first packet counts, because the others may lie in a copy of the frame's bytes.
 */
export function decodeTunnelled80211(bytes: Uint8Array, start: number, end: number, result: LinkResult): boolean {
  const isSwapped = (bytes[start] & TYPE_AND_VERSION) !== DATA_FRAME;
  const control = isSwapped ? uint16le(bytes, start) : read16(bytes, start);
  const { next } = result;
  const isFound = find80211(bytes, start, end, control, false, result);
  result.next = next;
  return isFound;
}

export function decodeRadiotap(bytes: Uint8Array, start: number, end: number, result: LinkResult): boolean {
  if (start + 8 > end) return false;
  const length = uint16le(bytes, start + 2);
  const at = start + length;
  if (length < 8 || at > end) return false;
  return find80211(bytes, at, end, read16(bytes, at), hasDataPad(bytes, start, at), result);
}

/** Prism's header (little-endian), or AVS's (big-endian), which some drivers write under the same number. */
export function decodePrism(bytes: Uint8Array, start: number, end: number, result: LinkResult): boolean {
  if (start + 8 > end) return false;
  const isAvs = bytes[start] === 0x80 && bytes[start + 1] === 0x21 && bytes[start + 2] === 0x10;
  const length = isAvs ? read32(bytes, start + 4) : uint16le(bytes, start + 4);
  return length >= 8 && decode80211(bytes, start + length, end, result);
}

/** Decodes the subframe of an aggregate at `start`; `result.next` becomes the start of the next one. */
export function decodeSubframe(bytes: Uint8Array, start: number, end: number, result: LinkResult): boolean {
  result.next = -1;
  const payload = start + SUBFRAME_HEADER;
  if (payload > end) return false;
  const length = read16(bytes, start + 12);
  const next = start + ((SUBFRAME_HEADER + length + 3) & ~3);
  if (length > 0 && next + SUBFRAME_HEADER < end) result.next = next;
  return findLlc(bytes, payload, end, result);
}

/** @param control The frame control: type and subtype in its first byte, flags in its second. */
function find80211(
  bytes: Uint8Array,
  start: number,
  end: number,
  control: number,
  isPadded: boolean,
  result: LinkResult,
): boolean {
  if (start + HEADER > end) return false;
  const subtype = control >> 12;
  const flags = control & 0xff;
  const isData = ((control >> 8) & TYPE_AND_VERSION) === DATA_FRAME && (subtype & SUBTYPE_NO_DATA) === 0;
  if (!isData) return false;
  if ((flags & FLAG_PROTECTED) !== 0) return refused('encrypted', result);
  const length = headerLength(flags, subtype);
  const payload = start + (isPadded ? (length + 3) & ~3 : length);
  const isAggregate = (subtype & SUBTYPE_QOS) !== 0 && (bytes[qosControl(flags, start)] & QOS_IS_AGGREGATE) !== 0;
  if (isAggregate) return decodeSubframe(bytes, payload, end, result);
  return findLlc(bytes, payload, end, result);
}

function headerLength(flags: number, subtype: number): number {
  const addresses = HEADER + fourthAddress(flags);
  if ((subtype & SUBTYPE_QOS) === 0) return addresses;
  return addresses + QOS_CONTROL + ((flags & FLAG_ORDER) === 0 ? 0 : HT_CONTROL);
}

function qosControl(flags: number, start: number): number {
  return start + HEADER + fourthAddress(flags);
}

function fourthAddress(flags: number): number {
  return (flags & FLAG_TO_AND_FROM_DS) === FLAG_TO_AND_FROM_DS ? ADDRESS : 0;
}

/**
 * Radiotap's flags say whether the 802.11 header is padded to four bytes. They follow the words that say which fields
 * are present and, if present, the time (eight bytes, aligned to eight).
 */
function hasDataPad(bytes: Uint8Array, start: number, end: number): boolean {
  const present = bytes[start + 4];
  if ((present & 2) === 0) return false;
  let at = start + 4;
  while (at + 4 < end && (bytes[at + 3] & 0x80) !== 0) at += 4;
  at += 4;
  if ((present & 1) !== 0) at = start + ((at - start + 7) & ~7) + 8;
  return at < end && (bytes[at] & 0x20) !== 0;
}
