/**
 * GTP-U, the tunnel of mobile networks (3GPP TS 29.281 §5): IP, or the Ethernet frames of 5G, in UDP. Refuses everything
 * but user data (G-PDU) of version 1.
 */
import type { LinkResult } from '../link/link.js';
import { findUntyped } from '../link/untyped.js';

const HEADER = 8;
/** Sequence number, N-PDU number and the type of the first extension header: there if any of the three has its bit. */
const OPTIONS = 4;
const EXTENSION_UNIT = 4;
/** Version and protocol type: 1, and GTP, not GTP'. */
const VERSION = 0xf0;
const VERSION_1 = 0x30;
const OPTION_BITS = 0x07;
const HAS_EXTENSION = 0x04;
const G_PDU = 255;

export function decodeGtp(bytes: Uint8Array, start: number, end: number, result: LinkResult): boolean {
  let at = start + HEADER;
  if (at > end || (bytes[start] & VERSION) !== VERSION_1 || bytes[start + 1] !== G_PDU) return false;
  if ((bytes[start] & OPTION_BITS) !== 0) at += OPTIONS;
  const hasExtension = (bytes[start] & HAS_EXTENSION) !== 0;
  // Each header ends with the type of the next; 0: none follows.
  while (hasExtension && at < end && bytes[at - 1] !== 0) {
    if (bytes[at] === 0) return false;
    at += bytes[at] * EXTENSION_UNIT;
  }
  return at < end && findUntyped(bytes, at, end, result);
}
