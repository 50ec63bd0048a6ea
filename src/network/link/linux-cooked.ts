/**
 * Linux "cooked" captures, as `tcpdump -i any` makes them: LINKTYPE_LINUX_SLL (16 bytes, the protocol last)
 * and LINKTYPE_LINUX_SLL2 (20 bytes, the protocol first). The protocol is an EtherType, or 4 for 802.2 LLC.
 * A packet is captured once for each interface it passes; the packet type says whether it comes or goes, and
 * SLL2 has the interface's number.
 */
import { read16 } from '../../xdr/bytes.js';
import { findEtherType } from './ether-type.js';
import type { LinkResult } from './link.js';

const SLL_HEADER = 16;
const SLL2_HEADER = 20;

export function decodeSll(bytes: Uint8Array, start: number, end: number, result: LinkResult): boolean {
  const offset = start + SLL_HEADER;
  if (offset <= end) result.place = read16(bytes, start);
  return offset <= end && findEtherType(bytes, read16(bytes, start + 14), offset, end, result);
}

export function decodeSll2(bytes: Uint8Array, start: number, end: number, result: LinkResult): boolean {
  const offset = start + SLL2_HEADER;
  if (offset <= end) result.place = (read16(bytes, start + 6) << 8) | bytes[start + 10];
  return offset <= end && findEtherType(bytes, read16(bytes, start), offset, end, result);
}
