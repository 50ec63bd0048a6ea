/** Builds packets for tests: plain IPv4 and IPv6 (frames of LINKTYPE_RAW), UDP, TCP, and IP fragments of any of them. */
import type { Frame } from '../../src/capture/frame.js';
import { type IpPacket, newIpPacket } from '../../src/network/ip.js';
import type { Network } from '../../src/network/network.js';
import { TCP, UDP } from '../../src/network/protocols.js';
import { bytes, u16, u32 } from './capture-writer.js';

export const FIN = 1;
export const SYN = 2;
export const RST = 4;
export const ACK = 16;

export interface Host {
  address: string;
  port: number;
}

export const client: Host = { address: '10.0.0.1', port: 800 };
export const server: Host = { address: '10.0.0.2', port: 2049 };

export interface IpOptions {
  identification?: number;
  /** In bytes. */
  fragmentOffset?: number;
  moreFragments?: boolean;
  /** As it stands in the header; 0 is what segmentation offload leaves. */
  totalLength?: number;
  /** IPv6 extension headers in front of the payload: protocol number and the bytes after "next header". */
  extensions?: [number, Uint8Array][];
}

export function addressBytes(address: string): Buffer {
  if (!address.includes(':')) return Buffer.from(address.split('.').map(Number));
  const [head, tail = ''] = address.split('::');
  const words = (text: string) => (text === '' ? [] : text.split(':').map((word) => Number.parseInt(word, 16)));
  const [left, right] = [words(head), words(tail)];
  const zeros = new Array(8 - left.length - right.length).fill(0);
  return bytes(...[...left, ...zeros, ...right].map((word) => u16(word)));
}

/** The header of an IP packet whose payload is two ports, as the network layer has read it. */
export function readPacket(from: Host, to: Host, protocol: number): IpPacket {
  const [source, destination] = [addressBytes(from.address), addressBytes(to.address)];
  const { length } = source;
  const packet = bytes(source, destination, u16(from.port), u16(to.port));
  return { ...newIpPacket(), bytes: packet, addressLength: length, protocol, start: 2 * length, end: packet.length };
}

/** An IP packet; the address family is the source's. */
export function ip(
  source: Host,
  destination: Host,
  protocol: number,
  payload: Uint8Array,
  options: IpOptions = {},
): Buffer {
  return source.address.includes(':')
    ? ipv6(source, destination, protocol, payload, options)
    : ipv4(source, destination, protocol, payload, options);
}

function ipv4(source: Host, destination: Host, protocol: number, payload: Uint8Array, options: IpOptions): Buffer {
  const { identification = 0, fragmentOffset = 0, moreFragments = false, totalLength = 20 + payload.length } = options;
  const fragment = (moreFragments ? 0x2000 : 0) | (fragmentOffset >> 3);
  return bytes(
    [0x45, 0],
    u16(totalLength),
    u16(identification),
    u16(fragment),
    [64, protocol, 0, 0],
    addressBytes(source.address),
    addressBytes(destination.address),
    payload,
  );
}

function ipv6(source: Host, destination: Host, protocol: number, payload: Uint8Array, options: IpOptions): Buffer {
  const { identification = 0, fragmentOffset, moreFragments = false } = options;
  const headers: [number, Uint8Array][] = [...(options.extensions ?? [])];
  if (fragmentOffset !== undefined || moreFragments) {
    const word = (fragmentOffset ?? 0) | (moreFragments ? 1 : 0);
    headers.push([44, bytes([0], u16(word), u32(identification))]);
  }
  const chain = headers.map(([, rest], i) => bytes([headers[i + 1]?.[0] ?? protocol], rest));
  const body = bytes(...chain, payload);
  return bytes(
    u32(0x60000000),
    u16(options.totalLength ?? body.length),
    [headers[0]?.[0] ?? protocol, 64],
    addressBytes(source.address),
    addressBytes(destination.address),
    body,
  );
}

export function udpPayload(source: Host, destination: Host, data: Uint8Array, length = data.length + 8): Buffer {
  return bytes(u16(source.port), u16(destination.port), u16(length), u16(0), data);
}

export function udp(source: Host, destination: Host, data: Uint8Array, options: IpOptions = {}): Buffer {
  return ip(source, destination, UDP, udpPayload(source, destination, data), options);
}

export interface TcpOptions extends IpOptions {
  sequence?: number;
  acknowledgement?: number;
  flags?: number;
  window?: number;
}

export function tcp(source: Host, destination: Host, data: Uint8Array, options: TcpOptions = {}): Buffer {
  const { sequence = 0, acknowledgement = 0, flags = ACK, window = 65_535 } = options;
  const header = bytes(
    u16(source.port),
    u16(destination.port),
    u32(sequence),
    u32(acknowledgement),
    [0x50, flags],
    u16(window),
    u32(0),
  );
  return ip(source, destination, TCP, bytes(header, data), options);
}

/** The fragments of a UDP datagram, each of `size` bytes (a multiple of 8) of IP payload. */
export function udpFragments(
  source: Host,
  destination: Host,
  data: Uint8Array,
  size: number,
  identification = 7,
): Buffer[] {
  const payload = udpPayload(source, destination, data);
  const parts: Buffer[] = [];
  for (let at = 0; at < payload.length; at += size) {
    const moreFragments = at + size < payload.length;
    parts.push(
      ip(source, destination, UDP, payload.subarray(at, at + size), {
        identification,
        fragmentOffset: at,
        moreFragments,
      }),
    );
  }
  return parts;
}

export interface TestPacket {
  data: Uint8Array;
  seconds?: number;
  nanoseconds?: number;
  wireLength?: number;
  linkType?: number;
  interfaceIndex?: number;
}

/** An Ethernet frame: an IP packet, or what `etherType` says; in a VLAN where one is given. */
export function ethernet(payload: Uint8Array, options: { etherType?: number; vlan?: number } = {}): Buffer {
  const { etherType = payload[0] >> 4 === 4 ? 0x0800 : 0x86dd, vlan } = options;
  const tag = vlan === undefined ? [] : bytes(u16(0x8100), u16(vlan));
  return bytes('ffffffffffff 020000000001', tag, u16(etherType), payload);
}

/** A frame as a capture reader gives it, in a buffer of its own with other bytes around it. */
export function frameOf(packet: TestPacket, number: number): Frame {
  const { data, seconds = number, nanoseconds = 0, wireLength = data.length, linkType = 101 } = packet;
  const { interfaceIndex = 0 } = packet;
  const held = bytes(Buffer.alloc(5, 0xee), data, Buffer.alloc(7, 0xee));
  const end = 5 + data.length;
  return { bytes: held, start: 5, end, wireLength, seconds, nanoseconds, linkType, number, interfaceIndex };
}

/** Gives a packet to the network as a reader does: its bytes hold until the call returns, and are others afterwards. */
export function giveFrame(network: Network, packet: TestPacket, number: number): void {
  const frame = frameOf(packet, number);
  network.frame(frame, 0);
  frame.bytes.fill(0xdd);
}

/** Cuts a packet as a snaplen does. */
export function cut(data: Uint8Array, length: number): TestPacket {
  return { data: data.subarray(0, length), wireLength: data.length };
}
