/**
 * L2TP in UDP: version 2 with PPP (RFC 2661), and version 3 with Ethernet (RFC 3931, RFC 4719), which also goes in IP
 * (RFC 3931 §4.1.1). Refuses control messages. Reserved bits are ignored, as the RFCs ask.
 *
 * A data message of version 3 does not say how long its cookie is, nor whether a sublayer with sequence numbers follows;
 * that was agreed upon when the session was opened. So all lengths are tried, and the one counts that leads to a sound
 * IP header.
 */
import { read16, read32 } from '../../xdr/bytes.js';
import type { LinkResult } from '../link/link.js';
import { decodePpp } from '../link/ppp.js';
import { findSoundEthernet } from '../link/untyped.js';

const IS_CONTROL = 0x8000;
const VERSION = 0x000f;
/** Version 2: flags, and the identifiers of tunnel and session. */
const HEADER_2 = 6;
const HAS_LENGTH = 0x4000;
const HAS_SEQUENCE = 0x0800;
const HAS_OFFSET = 0x0200;

/** Version 3 in UDP: flags and a reserved word before the session. */
const FLAGS_3 = 4;
const SESSION = 4;
/** A cookie of 0, 4 or 8 bytes, and a sublayer of 4 or none. */
const LONGEST_COOKIE_AND_SUBLAYER = 12;

export function decodeL2tp(bytes: Uint8Array, start: number, end: number, result: LinkResult): boolean {
  if (start + FLAGS_3 > end) return false;
  const flags = read16(bytes, start);
  if ((flags & IS_CONTROL) !== 0) return false;
  const version = flags & VERSION;
  if (version === 3) return decodeL2tpIp(bytes, start + FLAGS_3, end, result);
  return version === 2 && findPpp(bytes, flags, start, end, result);
}

export function decodeL2tpIp(bytes: Uint8Array, start: number, end: number, result: LinkResult): boolean {
  const first = start + SESSION;
  if (first > end || read32(bytes, start) === 0) return false;
  for (let at = first; at <= first + LONGEST_COOKIE_AND_SUBLAYER; at += 4) {
    if (findSoundEthernet(bytes, at, end, result)) return true;
  }
  return false;
}

function findPpp(bytes: Uint8Array, flags: number, start: number, end: number, result: LinkResult): boolean {
  let at = start + HEADER_2;
  if ((flags & HAS_LENGTH) !== 0) at += 2;
  if ((flags & HAS_SEQUENCE) !== 0) at += 4;
  if ((flags & HAS_OFFSET) !== 0) at += 2 + (at + 2 <= end ? read16(bytes, at) : 0);
  return decodePpp(bytes, at, end, result);
}
