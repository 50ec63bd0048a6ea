/**
 * Tells RPC messages (RFC 5531 §9) apart from tunnels in UDP: RPC may use the ports of tunnels, and the bytes of a
 * message may look like labels or packets.
 */
import { MAX_AUTH_BODY } from '../../limits/rpc.js';
import { read32 } from '../../xdr/bytes.js';

const CALL = 0;
const REPLY = 1;
const RPC_VERSION = 2;
/** The first program number that is assigned (§8.3), and a bound that real versions are far below. */
const FIRST_PROGRAM = 100_000;
const MOST_VERSION = 0xffff;
/** Of a call up to its version, of a reply up to the length of its verifier. */
const EVIDENCE = 20;
const MOST_REPLY_STAT = 1;
const MOST_FLAVOR = 7;

/** True for a payload that begins as a call of RPC version 2, or as a reply. Zeros and a MAC address are not enough. */
export function isRpcHeader(bytes: Uint8Array, at: number, end: number): boolean {
  if (at + EVIDENCE > end) return false;
  const type = read32(bytes, at + 4);
  if (type === CALL) {
    const isProgram = read32(bytes, at + 12) >= FIRST_PROGRAM && read32(bytes, at + 16) <= MOST_VERSION;
    return isProgram && read32(bytes, at + 8) === RPC_VERSION;
  }
  return (
    type === REPLY &&
    read32(bytes, at + 8) <= MOST_REPLY_STAT &&
    read32(bytes, at + 12) <= MOST_FLAVOR &&
    read32(bytes, at + 16) <= MAX_AUTH_BODY
  );
}
