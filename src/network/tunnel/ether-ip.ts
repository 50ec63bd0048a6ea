/** Ethernet in IP (RFC 3378): two bytes, version 3 and zeros, and the frame. */
import { read16 } from '../../xdr/bytes.js';
import { decodeEthernet } from '../link/ethernet.js';
import type { LinkResult } from '../link/link.js';

const HEADER = 2;
const VERSION_3 = 0x3000;

export function decodeEtherIp(bytes: Uint8Array, start: number, end: number, result: LinkResult): boolean {
  return (
    start + HEADER <= end && read16(bytes, start) === VERSION_3 && decodeEthernet(bytes, start + HEADER, end, result)
  );
}
