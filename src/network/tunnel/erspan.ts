/**
 * Frames that a switch mirrors into GRE: ERSPAN types II and III (draft-foschiano-erspan). Type III may carry IP
 * packets without Ethernet, and may have a subheader of the switch before the frame.
 */
import { decodeEthernet } from '../link/ethernet.js';
import type { LinkResult } from '../link/link.js';
import { decodeRaw } from '../link/raw.js';

/** GRE protocol types. */
export const ERSPAN_2 = 0x88be;
export const ERSPAN_3 = 0x22eb;

const HEADER_2 = 8;
const HEADER_3 = 12;
const SUBHEADER = 8;
const FRAME_ETHERNET = 0;
const FRAME_IP = 2;

export function findErspan2(bytes: Uint8Array, start: number, end: number, result: LinkResult): boolean {
  return decodeEthernet(bytes, start + HEADER_2, end, result);
}

export function findErspan3(bytes: Uint8Array, start: number, end: number, result: LinkResult): boolean {
  if (start + HEADER_3 > end) return false;
  const hasSubheader = (bytes[start + 11] & 1) !== 0;
  const offset = start + HEADER_3 + (hasSubheader ? SUBHEADER : 0);
  const frameType = (bytes[start + 10] >> 2) & 31;
  if (frameType === FRAME_ETHERNET) return decodeEthernet(bytes, offset, end, result);
  return frameType === FRAME_IP && decodeRaw(bytes, offset, end, result);
}
