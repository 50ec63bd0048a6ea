/**
 * GENEVE (RFC 8926): a header with options, a protocol type and the packet, in UDP. Refuses control packets and versions
 * other than 0.
 */
import { read16 } from '../../xdr/bytes.js';
import { findEtherType } from '../link/ether-type.js';
import type { LinkResult } from '../link/link.js';

const HEADER = 8;
const OPTIONS_UNIT = 4;
const OPTIONS_LENGTH = 0x3f;
const IS_CONTROL = 0x80;

export function decodeGeneve(bytes: Uint8Array, start: number, end: number, result: LinkResult): boolean {
  if (start + HEADER > end || bytes[start] >> 6 !== 0 || (bytes[start + 1] & IS_CONTROL) !== 0) return false;
  const offset = start + HEADER + (bytes[start] & OPTIONS_LENGTH) * OPTIONS_UNIT;
  return findEtherType(bytes, read16(bytes, start + 2), offset, end, result);
}
