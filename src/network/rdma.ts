/**
 * RDMA over Converged Ethernet, version 2: InfiniBand's base transport header (InfiniBand Architecture, §9.2)
 * in UDP datagrams to port 4791. RPC-over-RDMA (RFC 8166) inside is not decoded; this file tells such
 * datagrams apart from RPC on the same port.
 */
import { read32 } from '../xdr/bytes.js';

export const ROCE_PORT = 4791;

const BASE_TRANSPORT_HEADER = 12;
const TRANSPORT_VERSION = 0x0f;
const QUEUE_PAIR = 0xffffff;
/** The queue pair of connection management, whose datagrams all carry the same well-known key. */
const GENERAL_SERVICES = 1;
const GENERAL_SERVICES_KEY = 0x80010000;

/**
 * True for RDMA. The second word holds the queue pair where RPC has 0 (CALL) or 1 (REPLY), neither of
 * which is a queue pair for data.
 */
export function isRdma(bytes: Uint8Array, start: number, end: number): boolean {
  if (start + BASE_TRANSPORT_HEADER > end || (bytes[start + 1] & TRANSPORT_VERSION) !== 0) return false;
  const queuePair = read32(bytes, start + 4) & QUEUE_PAIR;
  if (queuePair !== GENERAL_SERVICES) return queuePair > GENERAL_SERVICES;
  const key = start + BASE_TRANSPORT_HEADER;
  return key + 4 <= end && read32(bytes, key) === GENERAL_SERVICES_KEY;
}
