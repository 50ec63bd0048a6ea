/** TRILL (RFC 6325 §3): a header with options, and the Ethernet frame that it routes. Refuses other versions than 0. */
import { read16 } from '../../xdr/bytes.js';
import { decodeEthernet } from './ethernet.js';
import type { LinkResult } from './link.js';

const HEADER = 6;
const OPTIONS_UNIT = 4;
const VERSION = 0xc0;

export function decodeTrill(bytes: Uint8Array, start: number, end: number, result: LinkResult): boolean {
  if (start + HEADER > end || (bytes[start] & VERSION) !== 0) return false;
  const options = (read16(bytes, start) >> 6) & 0x1f;
  return decodeEthernet(bytes, start + HEADER + options * OPTIONS_UNIT, end, result);
}
