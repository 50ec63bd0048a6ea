/**
 * An anonymized copy of a packet: its headers with other addresses, and a payload of zeros that
 * is filled in when its content is known. On Ethernet the frame gets a header with two addresses.
 * Other links, VLANs and tunnels are removed: the innermost packet is left, as raw IP. Options of
 * IP and TCP become zeros, which end the list of options. Bytes after the packet are removed.
 *
 * Checksums are computed anew, also where they were wrong or left to the network card. The first fragment
 * of a UDP datagram gets that of the datagram. The checksum of a packet that was cut becomes 0.
 */
import type { Frame } from '../../capture/frame.js';
import { ETHERNET } from '../../capture/link-types.js';
import { extensionLength, FRAGMENT, IPV4_HEADER, IPV6_HEADER, type IpPacket } from '../../network/ip.js';
import { IPV4, IPV6 } from '../../network/link/link.js';
import { TCP, UDP } from '../../network/protocols.js';
import { TCP_HEADER, UDP_HEADER } from '../../network/transport.js';
import { read16 } from '../../xdr/bytes.js';
import type { Addresses } from './addresses.js';
import { addWords, pseudoHeader, writeChecksum, writeUdpChecksum } from './checksums.js';

const RAW = 101;
const ETHERNET_HEADER = 14;
const TCP_CHECKSUM = 16;
const UDP_CHECKSUM = 6;

export class PacketCopy {
  readonly frame: Frame;
  /** Bytes of the payload that are not yet filled in. */
  missing: number;
  /** Offset of the packet in its frame, and in the copy. */
  private readonly from: number;
  private readonly to: number;
  private readonly transport: number;
  private readonly protocol: number;
  /** The whole transport payload is here, so its checksum can be computed. */
  private readonly isWhole: boolean;

  constructor(
    frame: Frame,
    packet: IpPacket,
    readonly order: number,
    private readonly addresses: Addresses,
  ) {
    const isIpv4 = packet.addressLength === 4;
    const start = packet.addresses - (isIpv4 ? 12 : 8);
    this.from = start - frame.start;
    this.to = frame.linkType === ETHERNET ? ETHERNET_HEADER : 0;
    this.transport = this.to + packet.start - start;
    this.protocol = packet.protocol;
    const bytes = new Uint8Array(Math.max(this.transport, this.to + packet.end - start));
    const wireLength = this.transport + Math.max(0, packet.length);
    const isFragment = packet.moreFragments || packet.fragmentOffset > 0;
    this.isWhole = !isFragment && bytes.length >= wireLength;
    const linkType = this.to > 0 ? ETHERNET : RAW;
    this.frame = {
      ...frame,
      bytes,
      start: 0,
      end: bytes.length,
      wireLength: Math.max(wireLength, bytes.length),
      linkType,
    };
    if (this.to > 0) this.link(frame, isIpv4);
    if (isIpv4) this.ipv4(packet, start);
    else this.ipv6(packet, start);
    const header = packet.fragmentOffset === 0 ? this.transportHeader(packet) : 0;
    this.missing = Math.max(0, bytes.length - this.transport - header);
  }

  /**
   * Writes `bytes[from..to)` at the place of `offset` in the original frame; bytes outside of the packet are ignored.
   */
  put(offset: number, bytes: Uint8Array, from: number, to: number): void {
    const at = offset - this.from + this.to;
    const length = Math.min(to - from, this.frame.end - at);
    if (at < this.to || length <= 0) return;
    this.frame.bytes.set(bytes.subarray(from, from + length), at);
    this.missing -= length;
  }

  /** The bytes of the copy at the place of `offset` in the original frame. */
  get(offset: number, length: number): Uint8Array {
    const at = offset - this.from + this.to;
    return this.frame.bytes.subarray(at, at + length);
  }

  /** To be called when the payload is filled in: computes the checksum. */
  finish(): void {
    const { frame, transport, protocol } = this;
    const { bytes, end } = frame;
    const length = end - transport;
    const isUdp = protocol === UDP;
    if (!this.isWhole || (isUdp ? length < UDP_HEADER : protocol !== TCP || length < TCP_HEADER)) return;
    const at = transport + (isUdp ? UDP_CHECKSUM : TCP_CHECKSUM);
    // Over IPv4 a datagram need not have a checksum.
    const isWithout = isUdp && read16(bytes, at) === 0 && bytes[this.to] >> 4 === 4;
    if (isWithout) return;
    bytes[at] = bytes[at + 1] = 0;
    const sum = addWords(bytes, transport, end, pseudoHeader(this.hosts(), protocol, length));
    if (isUdp) writeUdpChecksum(bytes, at, sum);
    else writeChecksum(bytes, at, sum);
  }

  private hosts(): Uint8Array {
    const isIpv4 = this.frame.bytes[this.to] >> 4 === 4;
    const at = this.to + (isIpv4 ? 12 : 8);
    return this.frame.bytes.subarray(at, at + (isIpv4 ? 8 : 32));
  }

  private link({ bytes, start }: Frame, isIpv4: boolean): void {
    const { addresses, frame } = this;
    frame.bytes.set(addresses.mac(bytes.subarray(start, start + 6)), 0);
    frame.bytes.set(addresses.mac(bytes.subarray(start + 6, start + 12)), 6);
    frame.bytes.set([(isIpv4 ? IPV4 : IPV6) >> 8, (isIpv4 ? IPV4 : IPV6) & 0xff], 12);
  }

  private ipv4(packet: IpPacket, start: number): void {
    const { bytes } = this.frame;
    const { to } = this;
    bytes.set(packet.bytes.subarray(start, start + IPV4_HEADER), to);
    this.ip(packet, to + 12);
    const header = (packet.bytes[start] & 15) * 4;
    this.extensionHeaders(packet, start, start + header, bytes[to + 9]);
    bytes[to + 10] = bytes[to + 11] = 0;
    writeChecksum(bytes, to + 10, addWords(bytes, to, to + header));
  }

  private ipv6(packet: IpPacket, start: number): void {
    const { bytes } = this.frame;
    bytes.set(packet.bytes.subarray(start, start + IPV6_HEADER), this.to);
    this.ip(packet, this.to + 8);
    this.extensionHeaders(packet, start, start + IPV6_HEADER, bytes[this.to + 6]);
  }

  /**
   * Copies of extension headers their types and lengths, of a fragment
   * header everything; `next` is the protocol field of the IP header.
   */
  private extensionHeaders(packet: IpPacket, start: number, first: number, next: number): void {
    let protocol = next;
    for (let at = first; at < packet.start; ) {
      const kept = protocol === FRAGMENT ? 8 : 2;
      this.frame.bytes.set(packet.bytes.subarray(at, at + kept), at - start + this.to);
      const length = extensionLength(protocol, packet.bytes[at + 1]);
      protocol = packet.bytes[at];
      at += length;
    }
  }

  private ip(packet: IpPacket, at: number): void {
    const { addressLength: size } = packet;
    for (let from = packet.addresses, i = 0; i < 2; i++, from += size) {
      this.frame.bytes.set(this.addresses.ip(packet.bytes.subarray(from, from + size)), at + i * size);
    }
  }

  /** Copies the transport header without its options; returns its length with them. */
  private transportHeader({ protocol, bytes, start, end }: IpPacket): number {
    const size = protocol === TCP ? TCP_HEADER : protocol === UDP ? UDP_HEADER : 0;
    const copy = this.frame.bytes;
    copy.set(bytes.subarray(start, Math.max(start, Math.min(end, start + size))), this.transport);
    if (!this.isWhole && size > 0) {
      // Without all bytes the checksum cannot be computed. The original one would reveal something of
      // them, so it becomes 0. That of a fragmented datagram is written when all fragments are known.
      const at = this.transport + (protocol === TCP ? TCP_CHECKSUM : UDP_CHECKSUM);
      copy.fill(0, at, Math.min(copy.length, at + 2));
    }
    return protocol === TCP ? tcpHeaderLength(bytes, start) : size;
  }
}

/** The length of a TCP header with its options, in bytes. */
export function tcpHeaderLength(bytes: Uint8Array, start: number): number {
  return (bytes[start + 12] >> 4) * 4;
}
