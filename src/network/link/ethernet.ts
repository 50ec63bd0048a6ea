/** Ethernet II and IEEE 802.3 (LINKTYPE_ETHERNET): two addresses, then an EtherType or a length. */
import { read16 } from '../../xdr/bytes.js';
import { findEtherType } from './ether-type.js';
import { found, IPV4, type LinkResult, refused } from './link.js';

const HEADER = 14;

export function decodeEthernet(bytes: Uint8Array, start: number, end: number, result: LinkResult): boolean {
  const offset = start + HEADER;
  if (offset > end) return false;
  const etherType = read16(bytes, start + 12);
  if (etherType !== IPV4) return findEtherType(bytes, etherType, offset, end, result);
  return offset < end ? found(IPV4, offset, result) : refused('cutHeaders', result);
}
