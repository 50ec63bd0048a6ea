/**
 * InfiniBand's transport headers (InfiniBand Architecture, §9): the base transport header and the extended headers
 * behind it, read into one reused `RdmaPacket`. RoCE version 2 sends them in UDP datagrams to port 4791. Only packets
 * of the Reliable Connection service are read, because RPC-over-RDMA needs a reliable one (RFC 8166 §2).
 */
import { read32 } from '../../xdr/bytes.js';

export const ROCE_PORT = 4791;

const BASE_TRANSPORT_HEADER = 12;
const TRANSPORT_VERSION = 0x0f;
const QUEUE_PAIR = 0xffffff;
/** The queue pair of connection management, whose datagrams all carry the same well-known key. */
const GENERAL_SERVICES = 1;
const GENERAL_SERVICES_KEY = 0x80010000;
/** The invariant checksum behind the payload, which covers what no switch changes. */
const INVARIANT_CHECKSUM = 4;
/** The largest payload of a packet (InfiniBand Architecture, §9.2.9: the path MTU). */
export const LARGEST_PACKET = 4096;
/** The bits of the opcode that name the service; 0 is Reliable Connection. */
const SERVICE = 0xe0;

/** What a packet does, by its opcode. */
export type Operation = 'send' | 'write' | 'readRequest' | 'readResponse' | 'acknowledge' | 'atomic';

export interface Opcode {
  operation: Operation;
  /** The packet begins, and ends, a message of several packets; both are true of a message in one packet. */
  isFirst: boolean;
  isLast: boolean;
  /** Bytes of the extended headers; and which of them come first: RDMA's (address, key, length) or the acknowledgement's. */
  headers: number;
  hasRdmaHeader: boolean;
  hasAcknowledgement: boolean;
}

const RDMA_HEADER = 16;
const ACKNOWLEDGEMENT = 4;
/** Immediate data, or the key that the receiver shall invalidate. */
const IMMEDIATE = 4;

function opcode(operation: Operation, place: 'first' | 'middle' | 'last' | 'only', headers = 0): Opcode {
  return {
    operation,
    isFirst: place === 'first' || place === 'only',
    isLast: place === 'last' || place === 'only',
    headers,
    hasRdmaHeader: operation === 'readRequest' || (operation === 'write' && headers >= RDMA_HEADER),
    hasAcknowledgement: operation === 'acknowledge' || (operation === 'readResponse' && headers > 0),
  };
}

/** By opcode. */
const OPCODES: readonly (Opcode | undefined)[] = [
  opcode('send', 'first'),
  opcode('send', 'middle'),
  opcode('send', 'last'),
  opcode('send', 'last', IMMEDIATE),
  opcode('send', 'only'),
  opcode('send', 'only', IMMEDIATE),
  opcode('write', 'first', RDMA_HEADER),
  opcode('write', 'middle'),
  opcode('write', 'last'),
  opcode('write', 'last', IMMEDIATE),
  opcode('write', 'only', RDMA_HEADER),
  opcode('write', 'only', RDMA_HEADER + IMMEDIATE),
  opcode('readRequest', 'only', RDMA_HEADER),
  opcode('readResponse', 'first', ACKNOWLEDGEMENT),
  opcode('readResponse', 'middle'),
  opcode('readResponse', 'last', ACKNOWLEDGEMENT),
  opcode('readResponse', 'only', ACKNOWLEDGEMENT),
  opcode('acknowledge', 'only', ACKNOWLEDGEMENT),
  opcode('acknowledge', 'only', ACKNOWLEDGEMENT + 8),
  opcode('atomic', 'only', 28),
  opcode('atomic', 'only', 28),
  undefined,
  opcode('send', 'last', IMMEDIATE),
  opcode('send', 'only', IMMEDIATE),
];

/** A packet of a reliable connection. One object is reused for all. */
export interface RdmaPacket {
  opcode: Opcode;
  /** The queue pair that receives it: 24 bits. */
  queuePair: number;
  /** The packet sequence number: 24 bits. A response has the number of its request. */
  sequence: number;
  /** Where the data of a WRITE or READ request lies in the memory of its owner: a key, and an address in two words. */
  key: number;
  addressHigh: number;
  addressLow: number;
  /** Bytes that the WRITE or READ request moves. */
  size: number;
  /** True where the response acknowledges its request and all before it. */
  isPositive: boolean;
  /** The captured payload is `bytes[start..end)`, without padding and checksum; `length` is its length on the wire. */
  bytes: Uint8Array;
  start: number;
  end: number;
  length: number;
}

export function newRdmaPacket(): RdmaPacket {
  return {
    opcode: OPCODES[0]!,
    queuePair: 0,
    sequence: 0,
    key: 0,
    addressHigh: 0,
    addressLow: 0,
    size: 0,
    isPositive: false,
    bytes: new Uint8Array(0),
    start: 0,
    end: 0,
    length: 0,
  };
}

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

/**
 * Reads the headers at `start`. The bytes were captured up to `end`; `wireEnd` is where the packet's invariant checksum
 * ended. False: this is no packet of a reliable connection, or it is cut within its headers.
 */
export function readRdmaPacket(
  bytes: Uint8Array,
  start: number,
  end: number,
  wireEnd: number,
  packet: RdmaPacket,
): boolean {
  if (start + BASE_TRANSPORT_HEADER > end || (bytes[start] & SERVICE) !== 0) return false;
  const opcode = OPCODES[bytes[start]];
  if (opcode === undefined) return false;
  const headers = start + BASE_TRANSPORT_HEADER;
  const payload = headers + opcode.headers;
  const padding = (bytes[start + 1] >> 4) & 3;
  const length = wireEnd - INVARIANT_CHECKSUM - padding - payload;
  if (payload > end || length < 0 || length > LARGEST_PACKET) return false;
  packet.opcode = opcode;
  packet.queuePair = read32(bytes, start + 4) & QUEUE_PAIR;
  packet.sequence = read32(bytes, start + 8) & QUEUE_PAIR;
  if (opcode.hasRdmaHeader) {
    packet.addressHigh = read32(bytes, headers);
    packet.addressLow = read32(bytes, headers + 4);
    packet.key = read32(bytes, headers + 8);
    packet.size = read32(bytes, headers + 12);
  }
  // The acknowledgement's first bits: 00 is positive; others ask to wait or to send again.
  packet.isPositive = opcode.hasAcknowledgement && (bytes[headers] & 0xe0) === 0;
  packet.bytes = bytes;
  packet.start = payload;
  packet.end = Math.min(end, payload + length);
  packet.length = length;
  return true;
}

/** How far one sequence number lies ahead of another; negative if behind. They have 24 bits and wrap. */
export function sequenceDistance(from: number, to: number): number {
  return ((to - from) << 8) >> 8;
}

/** The sequence number so many packets later. */
export function sequenceAfter(sequence: number, packets: number): number {
  return (sequence + packets) & QUEUE_PAIR;
}
