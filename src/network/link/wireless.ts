/**
 * IEEE 802.11 data frames (LINKTYPE_IEEE802_11) and the headers that capture programs put before them: radiotap
 * (www.radiotap.org), Prism and AVS. Frames that are encrypted or hold no data are refused; of an aggregate (A-MSDU) only
 * the first packet is found. FCS bytes at the end do no harm: IP says its own length.
 */
import { read32 } from '../../xdr/bytes.js';
import { findLlc } from './ether-type.js';
import type { LinkResult } from './link.js';

const DATA_TYPE = 2;
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
const AGGREGATE_HEADER = 14;

export function decode80211(bytes: Uint8Array, start: number, end: number, result: LinkResult): boolean {
  return find80211(bytes, start, end, false, result);
}

export function decodeRadiotap(bytes: Uint8Array, start: number, end: number, result: LinkResult): boolean {
  if (start + 8 > end) return false;
  const length = bytes[start + 2] | (bytes[start + 3] << 8);
  if (length < 8 || start + length > end) return false;
  return find80211(bytes, start + length, end, hasDataPad(bytes, start, start + length), result);
}

/** Prism's header (little-endian) and AVS's (big-endian), which some drivers use under the same number. */
export function decodePrism(bytes: Uint8Array, start: number, end: number, result: LinkResult): boolean {
  if (start + 8 > end) return false;
  const isAvs = bytes[start] === 0x80 && bytes[start + 1] === 0x21 && bytes[start + 2] === 0x10;
  const length = isAvs ? read32(bytes, start + 4) : bytes[start + 4] | (bytes[start + 5] << 8);
  return length >= 8 && find80211(bytes, start + length, end, false, result);
}

function find80211(bytes: Uint8Array, start: number, end: number, isPadded: boolean, result: LinkResult): boolean {
  if (start + HEADER > end) return false;
  const subtype = bytes[start] >> 4;
  const isData = ((bytes[start] >> 2) & 3) === DATA_TYPE && (subtype & SUBTYPE_NO_DATA) === 0;
  if (!isData || (bytes[start + 1] & FLAG_PROTECTED) !== 0) return false;
  const length = headerLength(bytes[start + 1], subtype);
  const padded = isPadded ? (length + 3) & ~3 : length;
  const isAggregate = (subtype & SUBTYPE_QOS) !== 0 && (bytes[qosControl(bytes, start)] & QOS_IS_AGGREGATE) !== 0;
  result.vlan = -1;
  return findLlc(bytes, start + padded + (isAggregate ? AGGREGATE_HEADER : 0), end, result);
}

function headerLength(flags: number, subtype: number): number {
  const addresses = HEADER + fourthAddress(flags);
  if ((subtype & SUBTYPE_QOS) === 0) return addresses;
  return addresses + QOS_CONTROL + ((flags & FLAG_ORDER) === 0 ? 0 : HT_CONTROL);
}

function qosControl(bytes: Uint8Array, start: number): number {
  return start + HEADER + fourthAddress(bytes[start + 1]);
}

function fourthAddress(flags: number): number {
  return (flags & FLAG_TO_AND_FROM_DS) === FLAG_TO_AND_FROM_DS ? ADDRESS : 0;
}

/**
 * Radiotap's flags say whether the 802.11 header is padded to four bytes. They follow the words that tell which fields
 * are present, and the time (eight bytes, aligned to eight) where it is.
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
