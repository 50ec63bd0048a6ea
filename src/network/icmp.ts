/**
 * ICMP errors (RFC 792, RFC 4443): which messages quote a packet, and that packet. It was sent and seen
 * before, so its contents are never a message. Only quotes of TCP and UDP are of interest, and of fragments
 * only the first, which has ports.
 */
import { type IpPacket, readIpv4, readIpv6 } from './ip.js';

export const ICMP = 1;
export const ICMPV6 = 58;

/** Destination unreachable, source quench, redirect, time exceeded, parameter problem. */
const QUOTING_ICMP: ReadonlySet<number> = new Set([3, 4, 5, 11, 12]);
/** ICMPv6 errors have types below 128: destination unreachable, packet too big, time exceeded, parameter problem. */
const FIRST_ICMPV6_INFORMATION = 128;
const HEADER = 8;
/** The part of the transport header that every error quotes at least: the ports. */
const PORTS = 4;

/** What an ICMP error says. */
export interface IcmpError {
  /** 4 or 6: ICMP and ICMPv6 number their types differently. */
  version: 4 | 6;
  type: number;
  code: number;
}

/**
 * Reads the packet that an ICMP message quotes into `quoted`, and the error into `error`. False: the message
 * quotes no packet, or too little of it.
 */
export function readQuoted(packet: IpPacket, quoted: IpPacket, error: IcmpError): boolean {
  const { bytes, start, end } = packet;
  if (end - start <= HEADER) return false;
  error.version = packet.protocol === ICMP ? 4 : 6;
  error.type = bytes[start];
  error.code = bytes[start + 1];
  const isError = error.version === 4 ? QUOTING_ICMP.has(error.type) : error.type < FIRST_ICMPV6_INFORMATION;
  if (!isError) return false;
  const at = start + HEADER;
  const read = error.version === 4 ? readIpv4 : readIpv6;
  return read(bytes, at, end, end, quoted) && quoted.fragmentOffset === 0 && quoted.end - quoted.start >= PORTS;
}
