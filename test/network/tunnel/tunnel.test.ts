/** Tunnels: the inner packet is what counts, whatever is around it; and what only looks like a tunnel. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_TUNNELS } from '../../../src/limits/network.js';
import { bytes, u16, u32 } from '../../helpers/capture-writer.js';
import {
  client,
  cut,
  ethernet,
  type Host,
  ip,
  server,
  tcp,
  udp,
  udpFragments,
  udpPayload,
} from '../../helpers/packets.js';
import { keepAll } from '../../helpers/streams.js';

const hello = Buffer.from('hello, world');
const outer4: [Host, Host] = [
  { address: '192.0.2.1', port: 54_321 },
  { address: '192.0.2.2', port: 0 },
];
const outer6: [Host, Host] = [
  { address: '2001:db8::1', port: 54_321 },
  { address: '2001:db8::2', port: 0 },
];
const six: [Host, Host] = [
  { address: 'fe80::1', port: 800 },
  { address: 'fe80::2', port: 2049 },
];
const inner4 = udp(client, server, hello);
const inner6 = udp(...six, hello);
/** Teredo carries only packets of its own addresses. */
const innerTeredo = udp({ ...six[0], address: '2001::1' }, six[1], hello);
/** With the header checksum, which untyped payloads need. */
const sound4 = Buffer.from(inner4);
sound4.writeUInt16BE(0xffff - sumOf(inner4.subarray(0, 20)), 10);
const label = [0, 0x01, 0x01, 64];

/** What carries an inner packet, by IP protocol or in UDP to a port. */
const by = (protocol: number, outer: [Host, Host], payload: Uint8Array) => ip(...outer, protocol, payload);
const to = (port: number, payload: Uint8Array) => udp(outer4[0], { ...outer4[1], port }, payload);
const from = (port: number, payload: Uint8Array) =>
  udp({ ...outer4[0], port }, { ...outer4[1], port: 50_000 }, payload);
const gre = (type: number, payload: Uint8Array, flags = 0, options: Uint8Array = new Uint8Array(0)) =>
  by(47, outer4, bytes(u16(flags), u16(type), options, payload));
const erspan2 = (payload: Uint8Array) => gre(0x88be, bytes([0x10, 10, 0, 5], u32(7), payload), 0x1000, u32(99));
const erspan3 = (frameType: number, payload: Uint8Array, subheader: Uint8Array = new Uint8Array(0)) => {
  const word = (frameType << 10) | (subheader.length > 0 ? 1 : 0);
  return gre(0x22eb, bytes([0x20, 10, 0, 5], u32(1), u16(0), u16(word), subheader, payload), 0x1000, u32(99));
};
const vxlan = (payload: Uint8Array, flags = 8) => bytes([flags, 0, 0, 0], [0, 0, 42, 0], payload);
const gpe = (next: number, payload: Uint8Array) => bytes([0x0c, 0, 0, next], [0, 0, 42, 0], payload);
const geneve = (type: number, payload: Uint8Array, options: Uint8Array = new Uint8Array(0)) =>
  bytes([options.length / 4, 0], u16(type), [0, 0, 42, 0], options, payload);
const gtp = (flags: number, options: string, payload: Uint8Array) => {
  const header = bytes(options);
  return bytes([flags, 255], u16(header.length + payload.length), u32(1), header, payload);
};
const l2tp = (header: string, payload: Uint8Array) => to(1701, bytes(header, payload));
const ADDRESSES = 'ffffffffffff 020000000001';
/** A header of 802.11, LLC and SNAP. */
const wifi = (control: string, qos = '') =>
  bytes(control, '0000', Buffer.alloc(18, 0x33), '1000', qos, 'aaaa03 000000');

const TUNNELS: [name: string, inner: Buffer, packet: Uint8Array][] = [
  ['IPv4 in IPv4', inner4, by(4, outer4, inner4)],
  ['IPv6 in IPv4', inner6, by(41, outer4, inner6)],
  ['IPv4 in IPv6', inner4, by(4, outer6, inner4)],
  ['IPv6 in IPv6', inner6, by(41, outer6, inner6)],
  ['GRE, IPv4', inner4, gre(0x0800, inner4)],
  ['GRE, IPv6', inner6, gre(0x86dd, inner6)],
  ['GRE over IPv6', inner4, by(47, outer6, bytes(u16(0), u16(0x0800), inner4))],
  ['GRE with checksum, key and sequence number', inner4, gre(0x0800, inner4, 0xb000, Buffer.alloc(12))],
  ['GRE, Ethernet (NVGRE)', inner4, gre(0x6558, ethernet(inner4), 0x2000, u32(0x2a00))],
  ['GRE, Ethernet with a VLAN', inner6, gre(0x6558, ethernet(inner6, { vlan: 9 }))],
  ['GRE, MPLS', inner4, gre(0x8847, bytes(label, inner4))],
  ['GRE, PPP', inner4, gre(0x880b, bytes('ff03 0021', inner4))],
  ['PPTP', inner4, gre(0x880b, bytes('ff03 0021', inner4), 0x3001, bytes('002c0007 00000001'))],
  [
    'PPTP with an acknowledgement',
    inner6,
    gre(0x880b, bytes('0057', inner6), 0x3081, bytes('003e0007', u32(1), u32(2))),
  ],
  ['ERSPAN I', inner4, gre(0x88be, ethernet(inner4))],
  ['ERSPAN II', inner4, erspan2(ethernet(inner4, { vlan: 10 }))],
  ['ERSPAN III', inner6, erspan3(0, ethernet(inner6))],
  ['ERSPAN III with a subheader', inner4, erspan3(0, ethernet(inner4), Buffer.alloc(8, 0x11))],
  ['ERSPAN III, IP', inner4, erspan3(2, inner4)],
  ['Ethernet in IP', inner4, by(97, outer4, bytes([0x30, 0], ethernet(inner4)))],
  ['Ethernet of segment routing', inner6, by(143, outer6, ethernet(inner6))],
  ['MPLS in IP', inner4, by(137, outer4, bytes(label, inner4))],
  ['MPLS in UDP', inner4, to(6635, bytes(label, inner4))],
  ['GRE in UDP', inner4, to(4754, bytes(u16(0), u16(0x0800), inner4))],
  ['VXLAN', inner4, to(4789, vxlan(ethernet(inner4)))],
  [
    'VXLAN of network 0, with addresses like the words of a call',
    inner4,
    to(4789, bytes('08000000 00000000 000000020001 000000000003 0800', inner4)),
  ],
  ['VXLAN, VLAN and IPv6', inner6, to(4789, vxlan(ethernet(inner6, { vlan: 5 })))],
  ['VXLAN with a group policy', inner4, to(4789, vxlan(ethernet(inner4), 0x88))],
  ['VXLAN on the port of older Linux', inner4, to(8472, vxlan(ethernet(inner4)))],
  ['VXLAN-GPE, Ethernet', inner4, to(4790, gpe(3, ethernet(inner4)))],
  ['VXLAN-GPE, IPv4', inner4, to(4790, gpe(1, inner4))],
  ['VXLAN-GPE, IPv6', inner6, to(4790, gpe(2, inner6))],
  ['VXLAN-GPE without next protocol', inner4, to(4790, vxlan(ethernet(inner4)))],
  ['VXLAN-GPE, NSH', inner4, to(4790, gpe(4, bytes('0fc2 02 03 00002aff', ethernet(inner4))))],
  ['VXLAN-GPE, MPLS', inner4, to(4790, gpe(5, bytes(label, inner4)))],
  ['GENEVE, Ethernet', inner4, to(6081, geneve(0x6558, ethernet(inner4)))],
  ['GENEVE, IPv6', inner6, to(6081, geneve(0x86dd, inner6))],
  ['GENEVE with options', inner4, to(6081, geneve(0x6558, ethernet(inner4), Buffer.alloc(20, 0x33)))],
  ['GTP-U', inner4, to(2152, gtp(0x30, '', inner4))],
  ['GTP-U with a sequence number', inner6, to(2152, gtp(0x32, '0007 00 00', inner6))],
  ['GTP-U with two extension headers', inner4, to(2152, gtp(0x34, '0000 00 85 01100940 02000000 00000000', inner4))],
  ['GTP-U, Ethernet', sound4, to(2152, gtp(0x34, '0000 00 85 01100900', ethernet(sound4)))],
  ['L2TP', inner4, l2tp('0002 0001 0002 ff03 0021', inner4)],
  [
    'L2TP with length, sequence numbers and offset',
    inner6,
    l2tp('4b02 003e 0001 0002 0000 0000 0002 aaaa 0057', inner6),
  ],
  ['L2TP of a server to a port of the client', inner4, from(1701, bytes('0002 0001 0002 ff03 0021', inner4))],
  ['L2TP version 3', sound4, l2tp('00030000 00000011', ethernet(sound4))],
  ['L2TP version 3, sublayer', inner6, l2tp('00030000 00000011 40000007', ethernet(inner6, { vlan: 4 }))],
  ['L2TP version 3, session 1 and an empty sublayer', inner6, l2tp('00030000 00000001 00000000', ethernet(inner6))],
  ['L2TP version 3, cookie', sound4, l2tp('00030000 00000011 1122334455667788', ethernet(sound4))],
  ['L2TP version 3, both', inner6, l2tp('00030000 00000011 1122334455667788 00000000', ethernet(inner6))],
  ['L2TP version 3 in IP', sound4, by(115, outer4, bytes('00000011', ethernet(sound4)))],
  ['L2TP version 3 in IPv6, cookie', inner6, by(115, outer6, bytes('00000011 11223344', ethernet(inner6)))],
  ['LISP', inner6, to(4341, bytes('80000001 00000001', inner6))],
  ['CAPWAP, Ethernet', inner4, to(5247, bytes('00 10 00 00 0000 0000', ethernet(inner4)))],
  ['CAPWAP, 802.11', inner6, from(5247, bytes('00 10 43 00 0000 0000', wifi('0802'), '86dd', inner6))],
  ['CAPWAP, 802.11 of Cisco', inner4, to(5247, bytes('00 10 03 00 0000 0000', wifi('0108'), '0800', inner4))],
  [
    'CAPWAP, 802.11 with the address of its radio',
    inner4,
    to(5247, bytes('00 20 03 10 0000 0000 06 020000000001 00', wifi('0801'), '0800', inner4)),
  ],
  ['Teredo', innerTeredo, to(3544, innerTeredo)],
  ['Teredo with an origin', innerTeredo, from(3544, bytes('0000 b0b0 3ffffdfe', innerTeredo))],
  [
    'Teredo with authentication and origin',
    innerTeredo,
    from(3544, bytes('0001 02 03 aabb ccddff 0011223344556677 00 0000 b0b0 3ffffdfe', innerTeredo)),
  ],
  ['a mirrored frame of an overlay network', inner4, erspan2(ethernet(to(4789, vxlan(ethernet(inner4)))))],
];

const NO_TUNNELS: [name: string, packet: Uint8Array][] = [
  ['PPTP, an acknowledgement', gre(0x880b, new Uint8Array(0), 0x2081, bytes('00000007 00000001'))],
  ['GRE of version 2', gre(0x0800, inner4, 2)],
  ['a GRE source route', gre(0x0800, bytes(u32(0), inner4), 0x4000)],
  ['GRE, ARP', gre(0x0806, inner4)],
  ['GRE with nothing in it', gre(0x0800, new Uint8Array(0))],
  ['ERSPAN III, InfiniBand', erspan3(5, inner4)],
  ['L2TP version 3 in IP, control', by(115, outer4, bytes('00000000', ethernet(sound4)))],
  ['L2TP version 3 in IP, IP with a wrong checksum', by(115, outer4, bytes('00000011', ethernet(inner4)))],
  ['Ethernet in IP of version 2', by(97, outer4, bytes([0x20, 0], ethernet(inner4)))],
];

const NO_UDP_TUNNELS: [name: string, port: number, payload: Buffer][] = [
  ['VXLAN without network identifier', 4789, vxlan(ethernet(inner4), 0)],
  ['VXLAN, ARP', 4789, vxlan(ethernet(inner4, { etherType: 0x0806 }))],
  ['VXLAN-GPE, operations', 4790, bytes([0x0d, 0, 0, 3], u32(0), ethernet(inner4))],
  ['GENEVE, control', 6081, bytes([0, 0x80, 0x65, 0x58], u32(0), ethernet(inner4))],
  ['GENEVE of another version', 6081, bytes([0x40, 0, 0x65, 0x58], u32(0), ethernet(inner4))],
  ['GENEVE, options longer than the packet', 6081, bytes([0x3f, 0, 0x65, 0x58], u32(0), ethernet(inner4))],
  ['GENEVE, IPv4 that is none', 6081, geneve(0x0800, Buffer.alloc(40, 0x65))],
  ['GTP-U, an echo request', 2152, bytes('32 01 0004 00000000 0007 00 00')],
  ['GTP-U of another version', 2152, bytes('50 ff 0028 00000001', inner4)],
  ['GTP-U, an extension header of no length', 2152, gtp(0x34, '0000 00 85 00000000', inner4)],
  ['GTP-U, neither IP nor Ethernet', 2152, gtp(0x30, '', Buffer.alloc(40, 0x55))],
  ['L2TP, control', 1701, bytes('c002 0014 0001 0000 0000 0000 8008 0000 0000 0001')],
  ['L2TP, link control', 1701, bytes('0002 0001 0002 ff03 c021 0101 0004')],
  ['L2TP, an offset behind the end', 1701, bytes('0202 0001 0002 ffff', inner4)],
  ['L2TP version 3, control', 1701, bytes('00030000 00000000', ethernet(sound4))],
  ['L2TP version 3, IP with a wrong checksum', 1701, bytes('00030000 00000011', ethernet(inner4))],
  ['CAPWAP, DTLS', 5247, bytes('01 00 00 00', ethernet(inner4))],
  ['CAPWAP, keep-alive', 5247, bytes('00 10 02 08 0000 0000', ethernet(inner4))],
  ['CAPWAP, second fragment', 5247, bytes('00 10 00 c0 0001 00b8', ethernet(inner4))],
  ['CAPWAP, frames of another binding', 5247, bytes('00 10 07 00 0000 0000', wifi('0801'), '0800', inner4)],
  ['Teredo, addresses of others', 3544, inner6],
  ['a payload that begins as none', 4789, Buffer.from('what is this')],
  ['an empty payload', 4789, Buffer.alloc(0)],
];

/** With AUTH_SYS, up to its stamp. */
const nfsCall = bytes(...[0, 0, 2, 100_003, 3, 1, 1, 84, 0].map((word) => u32(word)));

/** Messages that would lead to an inner packet if their first bytes were read as those of a tunnel. */
const RPC: [name: string, port: number, message: Buffer][] = [
  ['a call from a host of capitals, MPLS', 6635, bytes(nfsCall, u32(8), Buffer.from('ABCDEFGH'), sound4)],
  ['a call of a transient program, GTP-U', 2152, bytes('32ff0024 00000000 00000002 45000001', Buffer.alloc(36))],
  ['a reply with an Ethernet frame, L2TP', 1701, bytes('00030000 00000001', Buffer.alloc(12), ethernet(sound4))],
];

describe.each(TUNNELS)('%s', (_, inner, packet) => {
  const isV4 = inner[0] >> 4 === 4;
  const expected = isV4
    ? { from: '10.0.0.1 800', to: '10.0.0.2 2049', length: 12 }
    : { from: inner === innerTeredo ? '2001::1 800' : 'fe80::1 800', to: 'fe80::2 2049', length: 12 };

  test('leads to the inner packet', () => {
    const { datagrams, network } = keepAll([packet]);
    expect(datagrams).toEqual([expect.objectContaining({ ...expected, data: hello, frames: 1, lost: false })]);
    expect(network.flows.size).toBe(1);
  });

  test('cut anywhere, what is there counts', () => {
    const header = packet.length - inner.length;
    for (let length = 0; length < packet.length; length++) {
      const { datagrams } = keepAll([cut(packet, length)]);
      const have = length - header - (isV4 ? 28 : 48);
      const found = datagrams.filter(({ to: endpoint }) => endpoint === expected.to);
      expect(found.map(({ data, length: whole }) => [data.toString(), whole])).toEqual(
        have < 0 ? [] : [['hello, world'.slice(0, have), 12]],
      );
    }
  });
});

test.each(NO_TUNNELS)('%s is none: counted', (_, packet) => {
  const { datagrams, network } = keepAll([packet]);
  expect([datagrams, network.counts.otherProtocols]).toEqual([[], 1]);
});

test.each(NO_UDP_TUNNELS)('%s is none: the datagram stands for itself', (_, port, payload) => {
  const { datagrams } = keepAll([to(port, payload)]);
  expect(datagrams.map((each) => [each.to, each.data])).toEqual([[`192.0.2.2 ${port}`, payload]]);
});

test.each(RPC)('%s: RPC is tested for first', (_, port, message) => {
  expect(keepAll([to(port, message)]).datagrams.map(({ to, data }) => [to, data])).toEqual([
    [`192.0.2.2 ${port}`, message],
  ]);
});

test('of an 802.11 aggregate in a tunnel the first packet counts', () => {
  const packet = bytes(`${ADDRESSES} 0030 aaaa03 000000 0800`, inner4, [0, 0]);
  const aggregate = bytes('8801 0000', Buffer.alloc(18), '1000 8000', packet, packet);
  expect(keepAll([to(5247, bytes('00 10 03 00 0000 0000', aggregate))]).datagrams).toHaveLength(1);
});

test('an inner length that lies leaves what is there', () => {
  const lying = Buffer.from(inner4);
  lying.writeUInt16BE(9000, 2);
  expect(keepAll([gre(0x0800, lying)]).datagrams[0]).toMatchObject({ data: hello, length: 12 });
});

test('an inner packet of length 0 has the length that its tunnel gives it', () => {
  const segment = tcp(client, server, hello, { totalLength: 0 });
  expect(keepAll([gre(0x0800, segment)]).streams[0].runs[0]).toEqual([hello]);
});

test('the same flow inside and outside of tunnels', () => {
  const segment = (sequence: number) => tcp(client, server, hello, { sequence });
  const { streams } = keepAll([
    segment(0),
    gre(0x0800, segment(12)),
    to(4789, vxlan(ethernet(segment(24), { vlan: 3 }))),
  ]);
  expect(streams.map(({ runs }) => runs[0])).toEqual([[hello, hello, hello]]);
});

test('fragments inside of a tunnel, and of the tunnel', () => {
  const data = Buffer.from(Array.from({ length: 200 }, (_, i) => i));
  const inside = udpFragments(client, server, data, 48).map((part) => gre(0x0800, part));
  expect(keepAll(inside).datagrams).toEqual([expect.objectContaining({ data, frames: 5, lost: false })]);
  const outside = udpFragments(outer4[0], { ...outer4[1], port: 4789 }, vxlan(ethernet(udp(client, server, data))), 80);
  const carried = {
    data,
    to: '10.0.0.2 2049',
    firstFrame: 1,
    frame: outside.length,
    frames: outside.length,
    lost: false,
  };
  expect(keepAll(outside).datagrams).toEqual([expect.objectContaining(carried)]);
  expect(keepAll(outside.slice(0, -1)).datagrams[0]).toMatchObject({ length: 200, lost: true });
});

test('tunnels in tunnels, to a bound', () => {
  const nested = (depth: number) =>
    Array.from({ length: depth }).reduce<Uint8Array>((inner) => by(4, outer4, inner), inner4);
  expect(keepAll([nested(MAX_TUNNELS)]).datagrams).toHaveLength(1);
  const { datagrams, network } = keepAll([nested(MAX_TUNNELS + 1)]);
  expect([datagrams.length, network.counts.otherProtocols]).toEqual([0, 1]);
});

test('random changes of tunnels never throw, and find nothing beyond the frame', () => {
  const packets = TUNNELS.map(([, , packet]) => packet);
  const change = fc.tuple(fc.nat(120), fc.nat(0xed));
  const property = fc.property(
    fc.constantFrom(...packets),
    fc.array(change, { maxLength: 6 }),
    fc.nat(150),
    (packet, changes, length) => {
      const damaged = Buffer.from(packet);
      for (const [at, value] of changes) if (at < damaged.length) damaged[at] = value;
      const { datagrams } = keepAll([cut(damaged, length)]);
      // 0xee is what stands around the frame, and nowhere in it.
      for (const { data } of datagrams) expect(data.includes(0xee)).toBe(false);
    },
  );
  fc.assert(property, { seed: 12, numRuns: 1500 });
});

test('a tunnelled packet reads as the packet itself', () => {
  const payload = udpPayload(client, server, hello);
  fc.assert(
    fc.property(fc.integer({ min: 0, max: payload.length }), fc.boolean(), (length, isOuter6) => {
      const plain = ip(client, server, 17, payload.subarray(0, length));
      const carried = by(4, isOuter6 ? outer6 : outer4, plain);
      expect(keepAll([carried]).datagrams).toEqual(keepAll([plain]).datagrams);
    }),
    { seed: 13, numRuns: 60 },
  );
});

/** The words of an IPv4 header, added up as its checksum adds them. */
function sumOf(header: Uint8Array): number {
  const words = Buffer.from(header);
  let sum = 0;
  for (let at = 0; at < words.length; at += 2) sum += words.readUInt16BE(at);
  return (sum & 0xffff) + (sum >> 16);
}
