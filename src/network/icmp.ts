/**
 * ICMP errors (RFC 792, RFC 4443): which messages quote the packet they are about, and that packet. It was sent and seen elsewhere,
 * so what it holds is never a message of its own. Only TCP and UDP packets are of interest, and only their first fragments, which
 * have ports.
 */
import { type IpPacket, readIpv4, readIpv6 } from './ip.js';

export const ICMP = 1;
export const ICMPV6 = 58;

/** Destination unreachable, source quench, redirect, time exceeded, parameter problem. */
const QUOTING_ICMP: ReadonlySet<number> = new Set([3, 4, 5, 11, 12]);
/** ICMPv6 numbers its errors below 128: destination unreachable, packet too big, time exceeded, parameter problem. */
const FIRST_ICMPV6_INFORMATION = 128;
const HEADER = 8;
/** What every error quotes at least of the transport header: its ports. */
const PORTS = 4;

/** What an ICMP error said. */
export interface IcmpError {
  /** 4 or 6: ICMP and ICMPv6 number their types differently. */
  version: 4 | 6;
  type: number;
  code: number;
}

/**
 * Reads the packet that an ICMP message quotes into `quoted`, and what it says of it into `error`.
 * False: it quotes none, or too little of it.
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
