/**
 * Frames that are IP from their first byte: LINKTYPE_RAW (101; some systems number it 12 or 14), LINKTYPE_IPV4 and
 * LINKTYPE_IPV6. The version in the header decides.
 */
import { foundIp, type LinkResult } from './link.js';

export function decodeRaw(bytes: Uint8Array, start: number, end: number, result: LinkResult): boolean {
  return foundIp(bytes, start, end, result);
}
