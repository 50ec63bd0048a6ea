/** Frames that were captured twice: what is one packet seen again, and what is a resend. */
import { describe, expect, test } from 'vitest';
import { DUPLICATE_SLOTS } from '../../src/limits.js';
import { bytes } from '../helpers/capture-writer.js';
import { inspect } from '../helpers/inspect.js';
import {
  client,
  ethernet,
  type Host,
  ip,
  SYN,
  server,
  type TestPacket,
  tcp,
  udp,
  udpFragments,
} from '../helpers/packets.js';
import { call as callMessage } from '../helpers/rpc-writer.js';
import { keepAll } from '../helpers/streams.js';

const six: [Host, Host] = [
  { address: 'fe80::1', port: 800 },
  { address: 'fe80::2', port: 2049 },
];
const hello = Buffer.from('hello, world');
const other = Buffer.from('HELLO, world');
const plain = udp(client, server, hello, { identification: 77 });
const unnumbered = udp(client, server, hello);
const MILLISECOND = 1_000_000;

const at = (data: Uint8Array, milliseconds: number, more: Partial<TestPacket> = {}): TestPacket => ({
  data,
  seconds: 1_000_000 + Math.floor(milliseconds / 1000),
  nanoseconds: (milliseconds % 1000) * MILLISECOND,
  ...more,
});
const eth = (data: Uint8Array, milliseconds: number, vlan?: number) =>
  at(ethernet(data, vlan === undefined ? {} : { vlan }), milliseconds, { linkType: 1 });
/** As `-i any` captures: of a type of packet (0: in, 4: out), or of an interface. */
const cooked = (data: Uint8Array, type: number, milliseconds: number) =>
  at(bytes(`000${type} 0001 0006 020000000001 0000 0800`, data), milliseconds, { linkType: 113 });
const cooked2 = (data: Uint8Array, index: number, milliseconds: number) =>
  at(bytes(`0800 0000 0000000${index} 0001 00 06 0200000000010000`, data), milliseconds, {
    linkType: 276,
  });
const withChecksum = (packet: Uint8Array, offset: number) => {
  const changed = Buffer.from(packet);
  changed.writeUInt16BE(0xabcd, offset);
  return changed;
};
const withTimeToLive = (packet: Uint8Array) => {
  const changed = Buffer.from(packet);
  changed[8]--;
  return changed;
};
const inGre = (packet: Uint8Array) =>
  ip(
    { address: '192.0.2.1', port: 0 },
    { address: '192.0.2.2', port: 0 },
    47,
    Buffer.concat([Buffer.of(0, 0, 8, 0), packet]),
  );

const CASES: [name: string, packets: TestPacket[], duplicates: number][] = [
  ['at once', [at(plain, 0), at(plain, 0)], 1],
  ['three times', [at(plain, 0), at(plain, 1), at(plain, 2)], 2],
  ['after 4 ms', [at(plain, 0), at(plain, 4)], 1],
  ['a little earlier, as clocks of interfaces differ', [at(plain, 3), at(plain, 0)], 1],
  ['over the end of a second', [at(plain, 999), at(plain, 1001)], 1],
  ['after 20 ms: no copy is so late', [at(plain, 0), at(plain, 20)], 0],
  ['after 20 ms on another interface', [at(plain, 0), at(plain, 20, { interfaceIndex: 1 })], 1],
  ['after two seconds on another interface', [at(plain, 0), at(plain, 2000, { interfaceIndex: 1 })], 0],
  ['after 20 ms in a VLAN', [eth(plain, 0), eth(plain, 20, 10)], 1],
  ['after 20 ms in another VLAN', [eth(plain, 0, 11), eth(plain, 20, 10)], 1],
  ['after 20 ms in the same VLAN', [eth(plain, 0, 10), eth(plain, 20, 10)], 0],
  ['after 20 ms inside of a tunnel', [at(plain, 0), at(inGre(plain), 20)], 1],
  ['routed: another time to live', [at(plain, 0), at(withTimeToLive(plain), 0)], 1],
  ['the checksum filled in between', [at(plain, 0), at(withChecksum(plain, 26), 0)], 1],
  [
    'of TCP, the checksum filled in between',
    [
      at(tcp(client, server, hello, { identification: 5 }), 0),
      at(withChecksum(tcp(client, server, hello, { identification: 5 }), 36), 0),
    ],
    1,
  ],
  ['a resend: another identification', [at(plain, 0), at(udp(client, server, hello, { identification: 78 }), 0)], 0],
  ['identification 0', [at(udp(client, server, hello), 0), at(udp(client, server, hello), 0)], 0],
  ['IPv6 has no identification', [at(udp(...six, hello), 0), at(udp(...six, hello), 0)], 0],
  ['identification 0, on another interface', [0, 1].map((interfaceIndex) => at(unnumbered, 0, { interfaceIndex })), 0],
  ['IPv6 has none in a VLAN', [at(udp(...six, hello), 0), eth(udp(...six, hello), 0, 10)], 0],
  ['in and out on any interface', [cooked(plain, 0, 0), cooked(plain, 4, 20)], 1],
  ['twice in', [cooked(plain, 0, 0), cooked(plain, 0, 20)], 0],
  ['on two of any interfaces', [cooked2(plain, 2, 0), cooked2(plain, 3, 20)], 1],
  ['twice on one', [cooked2(plain, 2, 0), cooked2(plain, 2, 20)], 0],
  [
    'IPv6, an atomic fragment',
    [1, 2].map(() => at(udp(...six, hello, { identification: 0x80000001, fragmentOffset: 0 }), 0)),
    1,
  ],
  ['another payload', [at(plain, 0), at(udp(client, server, other, { identification: 77 }), 0)], 0],
  ['another length', [at(plain, 0), at(udp(client, server, Buffer.alloc(13, hello), { identification: 77 }), 0)], 0],
  ['from another port', [at(plain, 0), at(udp({ ...client, port: 801 }, server, hello, { identification: 77 }), 0)], 0],
  [
    'from another host',
    [at(plain, 0), at(udp({ ...client, address: '10.0.0.3' }, server, hello, { identification: 77 }), 0)],
    0,
  ],
  ['back', [at(plain, 0), at(udp(server, client, hello, { identification: 77 }), 0)], 0],
];

test.each(CASES)('%s', (_, packets, duplicates) => {
  const { network, datagrams, streams } = keepAll(packets);
  expect(network.counts.duplicateFrames).toBe(duplicates);
  expect(network.counts.retransmittedSegments).toBe(0);
  if (streams.length === 0) expect(datagrams).toHaveLength(packets.length - duplicates);
});

test.each(CASES)('%s: shown where they are wanted', (_, packets, duplicates) => {
  const { network, datagrams, streams } = keepAll(packets, { keepDuplicates: true });
  expect(network.counts.duplicateFrames).toBe(duplicates);
  if (streams.length > 0) return;
  expect(datagrams).toHaveLength(packets.length);
  expect(datagrams.filter(({ duplicate }) => duplicate)).toHaveLength(duplicates);
});

describe('fragments', () => {
  const data = Buffer.from(Array.from({ length: 200 }, (_, i) => i));
  test.each([
    ['IPv4', [client, server] as [Host, Host]],
    ['IPv6', six],
  ])('%s: each twice is one datagram', (_, hosts) => {
    const parts = udpFragments(...hosts, data, 48);
    for (const packets of [parts.flatMap((part) => [part, part]), [...parts, ...parts]]) {
      const { network, datagrams } = keepAll(packets);
      expect(datagrams).toEqual([expect.objectContaining({ data, frames: 5, lost: false })]);
      expect([network.counts.duplicateFrames, network.fragments.lost]).toEqual([5, 0]);
    }
  });

  test('which all hold the same', () => {
    const parts = udpFragments(client, server, Buffer.alloc(200, 7), 48);
    expect(keepAll([...parts, ...parts]).network.counts.duplicateFrames).toBe(5);
  });
});

test('ports of one host whose identifications come from one counter', () => {
  const packets = Array.from({ length: 2000 }, (_, i) =>
    at(udp({ ...server, port: 100 + (i % 50) }, client, hello, { identification: 1 + i }), 0),
  );
  const { network } = keepAll([...packets, ...packets.map((packet) => ({ ...packet, interfaceIndex: 1 }))]);
  expect(network.counts.duplicateFrames).toBeGreaterThan(1950);
});

test('TCP: every frame twice is no retransmission', () => {
  const segments = [
    tcp(client, server, new Uint8Array(0), { sequence: 99, flags: SYN, identification: 1 }),
    tcp(client, server, hello, { sequence: 100, identification: 2 }),
    tcp(client, server, hello, { sequence: 112, identification: 3 }),
  ];
  const { network, streams } = keepAll(segments.flatMap((segment) => [segment, segment]));
  expect(streams.map(({ log }) => log)).toEqual([
    ['begin', '<begin>', 'hello, world', 'hello, world', 'end input_end'],
  ]);
  expect(network.counts).toMatchObject({ duplicateFrames: 3, retransmittedSegments: 0 });
});

test('a call that was captured twice is one call; sent twice it is a retransmission', () => {
  const call = callMessage({ xid: 5 });
  const packet = (identification: number) => at(udp(client, server, call, { identification }), 0);
  const seen = (packets: TestPacket[]) => inspect(packets).messages.map(({ retransmission }) => retransmission);
  expect(seen([packet(1), packet(1)])).toEqual([null]);
  expect(seen([packet(1), packet(2)])).toEqual([null, 'rpc']);
  expect(seen([packet(0), packet(0)])).toEqual([null, 'rpc']);
});

test('however many packets, memory is what it is, and none is dropped that is not a copy', () => {
  const count = DUPLICATE_SLOTS + 500;
  const packets = Array.from({ length: count }, (_, i) => {
    const data = Buffer.alloc(16);
    data.writeUInt32BE(i);
    return at(udp(client, server, data, { identification: (i % 65_535) + 1 }), i % 4);
  });
  const { network, datagrams } = keepAll(packets);
  expect([datagrams.length, network.counts.duplicateFrames]).toEqual([count, 0]);
});
