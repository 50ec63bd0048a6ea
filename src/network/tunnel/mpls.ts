/** MPLS label stacks in IP (RFC 4023) and in UDP (RFC 7510): the stack follows at once. */
import { findEtherType, MPLS_UNICAST } from '../link/ether-type.js';
import type { LinkResult } from '../link/link.js';

export function decodeMpls(bytes: Uint8Array, start: number, end: number, result: LinkResult): boolean {
  return findEtherType(bytes, MPLS_UNICAST, start, end, result);
}
