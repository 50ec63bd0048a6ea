/**
 * MPLS label stacks (RFC 3032). They do not say what they carry: IP, or an Ethernet pseudo-wire (RFC 4448), which may
 * have a control word before the frame.
 */
import { MAX_LINK_LAYERS } from '../../limits/network.js';
import type { LinkResult } from './link.js';
import { findSoundEthernet, findUntyped } from './untyped.js';

const LABEL = 4;
const CONTROL_WORD = 4;

export function findMpls(bytes: Uint8Array, offset: number, end: number, result: LinkResult): boolean {
  let at = offset;
  for (let layer = 0; layer < MAX_LINK_LAYERS && at + LABEL <= end; layer++) {
    const isBottom = (bytes[at + 2] & 1) !== 0;
    at += LABEL;
    if (isBottom) return findLabelled(bytes, at, end, result);
  }
  return false;
}

/** A control word begins with four zero bits (RFC 4448 §4.6). */
function findLabelled(bytes: Uint8Array, at: number, end: number, result: LinkResult): boolean {
  const mayBeControl = at < end && bytes[at] >> 4 === 0;
  return (
    (mayBeControl && findSoundEthernet(bytes, at + CONTROL_WORD, end, result)) || findUntyped(bytes, at, end, result)
  );
}
