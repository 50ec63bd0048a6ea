/**
 * MACsec (IEEE 802.1AE §9): a tag before the EtherType. Frames that it only protects from changes lead to their IP
 * packet; encrypted ones, and those that another cipher changed, are reported by name.
 */
import { read16 } from '../../xdr/bytes.js';
import { findEtherType } from './ether-type.js';
import { type LinkResult, refused } from './link.js';

const TAG = 6;
const CHANNEL_IDENTIFIER = 8;
const VERSION = 0x80;
const HAS_CHANNEL_IDENTIFIER = 0x20;
const IS_ENCRYPTED_OR_CHANGED = 0x0c;

export function findMacsec(bytes: Uint8Array, at: number, end: number, result: LinkResult): boolean {
  if (at >= end || (bytes[at] & VERSION) !== 0) return false;
  if ((bytes[at] & IS_ENCRYPTED_OR_CHANGED) !== 0) return refused('encrypted', result);
  const type = at + TAG + ((bytes[at] & HAS_CHANNEL_IDENTIFIER) === 0 ? 0 : CHANNEL_IDENTIFIER);
  return type + 2 <= end && findEtherType(bytes, read16(bytes, type), type + 2, end, result);
}
