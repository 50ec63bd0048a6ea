/** Frames that were captured twice: what is one packet seen again, and what is a resend. */
import { describe, expect, test } from 'vitest';
import {
  DUPLICATE_ELSEWHERE_MICROSECONDS,
  DUPLICATE_MICROSECONDS,
  DUPLICATE_SLOTS,
  GAP_GRACE_PACKETS,
  GAP_GRACE_SECONDS,
} from '../../src/limits/network.js';
import { bytes } from '../helpers/capture-writer.js';
import { inspect } from '../helpers/inspect.js';
import {
  ACK,
  client,
  ethernet,
  FIN,
  giveFrame,
  type Host,
  ip,
  SYN,
  server,
  type TestPacket,
  tcp,
  udp,
  udpFragments,
} from '../helpers/packets.js';
import { call as callMessage, reply as replyMessage } from '../helpers/rpc-writer.js';
import { keep, keepAll } from '../helpers/streams.js';

const six: [Host, Host] = [
  { address: 'fe80::1', port: 800 },
  { address: 'fe80::2', port: 2049 },
];
const hello = Buffer.from('hello, world');
const other = Buffer.from('HELLO, world');
const plain = udp(client, server, hello, { identification: 77 });
const unnumbered = udp(client, server, hello);
const MILLISECOND = 1_000_000;
/** In milliseconds. */
const [HERE, ELSEWHERE] = [DUPLICATE_MICROSECONDS / 1000, DUPLICATE_ELSEWHERE_MICROSECONDS / 1000];

const at = (data: Uint8Array, milliseconds: number, more: Partial<TestPacket> = {}): TestPacket => ({
  data,
  seconds: 1_000_000 + Math.floor(milliseconds / 1000),
  nanoseconds: Math.round((milliseconds % 1000) * MILLISECOND),
  ...more,
});
const eth = (data: Uint8Array, milliseconds: number, vlan?: number) =>
  at(ethernet(data, vlan === undefined ? {} : { vlan }), milliseconds, { linkType: 1 });
/** As `-i any` captures: of a type of packet (0: in, 4: out), or of an interface. */
const cooked = (data: Uint8Array, type: number, milliseconds: number) =>
  at(bytes(`000${type} 0001 0006 020000000001 0000 0800`, data), milliseconds, { linkType: 113 });
const cooked2 = (data: Uint8Array, index: number, milliseconds: number) =>
  at(bytes(`0800 0000 ${index.toString(16).padStart(8, '0')} 0001 00 06 0200000000010000`, data), milliseconds, {
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
  ['as late as a copy may be', [at(plain, 0), at(plain, HERE)], 1],
  ['a microsecond later', [at(plain, 0), at(plain, HERE + 0.001)], 0],
  ['as late as a copy elsewhere may be', [at(plain, 0), at(plain, ELSEWHERE, { interfaceIndex: 1 })], 1],
  ['a microsecond later there', [at(plain, 0), at(plain, ELSEWHERE + 0.001, { interfaceIndex: 1 })], 0],
  ['a little earlier, as clocks of interfaces differ', [at(plain, 3), at(plain, 0)], 1],
  ['over the end of a second', [at(plain, 999), at(plain, 1001)], 1],
  ['after 20 ms: no copy is so late', [at(plain, 0), at(plain, 20)], 0],
  ['after 20 ms on another interface', [at(plain, 0), at(plain, 20, { interfaceIndex: 1 })], 1],
  ['after two seconds on another interface', [at(plain, 0), at(plain, 2000, { interfaceIndex: 1 })], 0],
  ['after 20 ms in a VLAN', [eth(plain, 0), eth(plain, 20, 10)], 1],
  ['after 20 ms in another VLAN', [eth(plain, 0, 11), eth(plain, 20, 10)], 1],
  ['after 20 ms in the same VLAN', [eth(plain, 0, 10), eth(plain, 20, 10)], 0],
  [
    'after 20 ms, behind a frame of a VLAN',
    [eth(plain, 0), eth(udp(client, server, other, { identification: 76 }), 10, 10), eth(plain, 20)],
    0,
  ],
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
  ['on two of any interfaces with large numbers', [cooked2(plain, 2, 0), cooked2(plain, 0x1002, 20)], 1],
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
      expect([network.counts.duplicateFrames, network.fragments.incomplete]).toEqual([5, 0]);
    }
  });

  test('shown where they are wanted: all fragments of the second datagram were captured before', () => {
    const parts = udpFragments(client, server, data, 48);
    const { datagrams } = keepAll([...parts, ...parts], { keepDuplicates: true });
    expect(datagrams.map(({ frames, duplicate }) => [frames, duplicate])).toEqual([
      [5, false],
      [5, true],
    ]);
  });

  test('of a datagram of which one fragment is new', () => {
    const parts = udpFragments(client, server, data, 48);
    const { datagrams } = keepAll([parts[0], parts[0], ...parts.slice(1)], { keepDuplicates: true });
    expect(datagrams.map(({ frames, duplicate }) => [frames, duplicate])).toEqual([[6, false]]);
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

describe('the first copy is cut by a shorter snaplen', () => {
  /** IPv4 packets are cut behind this many bytes of their payload. */
  const short = (packet: Uint8Array, kept: number, interfaceIndex = 0) => ({
    data: packet.subarray(0, kept),
    wireLength: packet.length,
    seconds: 0,
    interfaceIndex,
  });
  const whole = (packet: Uint8Array) => ({ data: packet, seconds: 0, interfaceIndex: 1 });

  test('TCP: once it is known that there are fuller ones, they are waited for', () => {
    const segment = (number: number, flags = ACK) =>
      tcp(client, server, hello, { sequence: 100 + 12 * number, identification: 1 + number, flags });
    const answer = tcp(server, client, other, { sequence: 0, acknowledgement: 148, identification: 9 });
    const syn = tcp(client, server, new Uint8Array(0), { sequence: 99, flags: SYN, identification: 99 });
    const [a, b, c, d] = [segment(0), segment(1), segment(2), segment(3, FIN | ACK)];
    const first = [whole(syn), short(a, 45), whole(a)];
    const rest = [b, c, d].map((packet) => short(packet, 45));
    const kept = keepAll([...first, ...rest, whole(answer), ...[b, c, d].map(whole)]);
    expect(kept.network.counts).toMatchObject({ duplicateFrames: 4, retransmittedSegments: 0, holes: 1 });
    expect(kept.streams[0].log.join('|')).toBe(
      'begin|<begin>|hello|skip 7|hello|, world|hello|, world|hello|, world|<HELLO, world>|end input_end',
    );
    // What no copy has is a hole.
    const last = [whole(answer), ...[b, d].map(whole)];
    expect(keepAll([...first, ...rest, ...last]).streams[0].log.join('|')).toBe(
      'begin|<begin>|hello|skip 7|hello|, world|hello|skip 7|hello|, world|<HELLO, world>|end input_end',
    );
  });

  test('where the fuller one is cut, too, nothing more is waited for', () => {
    const segment = (number: number) =>
      tcp(client, server, hello, { sequence: 100 + 12 * number, identification: 1 + number });
    const packets = [0, 1, 2].flatMap((number) => [short(segment(number), 42), short(segment(number), 45, 1)]);
    const syn = tcp(client, server, new Uint8Array(0), { sequence: 99, flags: SYN });
    const { streams } = keepAll([whole(syn), ...packets]);
    expect(streams[0].log.join('|')).toBe('begin|<begin>|he|skip 10|he|llo|skip 7|he|llo|skip 7|end input_end');
  });

  test('of packets without identification no copies are known: nothing is waited for', () => {
    const known = udp(client, server, bytes(hello, hello), { identification: 1 });
    const packets = [short(known, 43), whole(known)];
    const datagram = udp(client, server, bytes(other, other));
    const answer = whole(udp(server, client, hello));
    const { datagrams } = keepAll([...packets, short(datagram, 43), answer]);
    expect(datagrams.map(({ data, frame }) => [frame, data.length])).toEqual([
      [1, 15],
      [3, 15],
      [4, 12],
    ]);
    const segment = (number: number) => tcp(client, server, hello, { sequence: 100 + 12 * number });
    const syn = tcp(client, server, new Uint8Array(0), { sequence: 99, flags: SYN });
    const { streams } = keepAll([...packets, whole(syn), short(segment(0), 45), whole(segment(1))]);
    expect(streams[0].log.join('|')).toBe('begin|<begin>|hello|skip 7|hello, world|end input_end');
  });

  test('UDP: the same', () => {
    const datagram = (identification: number, text = hello) =>
      udp(client, server, bytes(text, text), { identification });
    const [a, b, c] = [datagram(1), datagram(2, other), datagram(3)];
    const packets = [short(a, 43), whole(a), short(b, 43), short(c, 43), whole(c), whole(b)];
    const [A, B] = ['hello, worldhello, world', 'HELLO, worldHELLO, world'];
    const textsOf = (given: TestPacket[]) => keepAll(given).datagrams.map(({ data }) => data.toString());
    expect(textsOf(packets)).toEqual([A.slice(0, 15), A, B]);
    expect(textsOf(packets.slice(0, -1))).toEqual([A.slice(0, 15), A, B.slice(0, 15)]);
    // One that was given up is given no second time.
    const others = new Array<TestPacket>(GAP_GRACE_PACKETS).fill(whole(udp(server, client, hello)));
    expect(textsOf([...packets.slice(0, 3), ...others, whole(b)]).filter((text) => text.startsWith('H'))).toEqual([
      B.slice(0, 15),
    ]);
  });

  test('UDP: a cut one that waits is dropped for its own copy only', () => {
    const again = { ...client, port: 801 };
    const known = udp(client, server, bytes(hello, hello), { identification: 1 });
    const [a, b] = [client, again].map((from, i) => udp(from, server, bytes(hello, hello), { identification: 2 + i }));
    const { datagrams } = keepAll([short(known, 43), whole(known), short(a, 43), short(b, 43), whole(b)]);
    expect(datagrams.map(({ from, data }) => [from, data.length])).toEqual([
      ['10.0.0.1 800', 15],
      ['10.0.0.1 801', 24],
      ['10.0.0.1 800', 15],
    ]);
    // The copy of one that was given up takes the place of no other.
    const others = new Array<TestPacket>(GAP_GRACE_PACKETS).fill(whole(udp(server, client, hello)));
    const late = keepAll([short(known, 43), whole(known), short(a, 43), ...others, short(b, 43), whole(a)]).datagrams;
    expect(late.filter(({ data }) => data.length !== hello.length).map(({ from }) => from)).toEqual([
      '10.0.0.1 800',
      '10.0.0.1 800',
      '10.0.0.1 801',
    ]);
  });

  test.each([
    ['of frames', GAP_GRACE_PACKETS, 0],
    ['of time', 1, GAP_GRACE_SECONDS],
  ])('UDP: a cut one waits for its copy for a grace %s, wherever in the capture', (_, frames, seconds) => {
    const known = udp(client, server, bytes(hello, hello), { identification: 1 });
    const datagram = udp(client, server, bytes(other, other), { identification: 2 });
    const quiet = udp(server, client, hello);
    const lengthsAfter = (count: number, last: number) => {
      const kept = keep();
      const before = new Array<Uint8Array>(200).fill(quiet).map(whole);
      const after = new Array<Uint8Array>(count).fill(quiet).map((data) => ({ ...whole(data), seconds: last }));
      const packets: TestPacket[] = [short(known, 43), whole(known), ...before, short(datagram, 43), ...after];
      for (const [i, packet] of packets.entries()) giveFrame(kept.network, packet, i + 1);
      return kept.datagrams.slice(201).map(({ data }) => data.length);
    };
    expect(lengthsAfter(frames, seconds)).toEqual(new Array(frames).fill(hello.length));
    expect(lengthsAfter(frames + 1, seconds + 1).filter((length) => length !== hello.length)).toEqual([15]);
  });

  test('and the reply of a call that waits', () => {
    const call = (xid: number) => udp(client, server, callMessage({ xid }), { identification: xid });
    const reply = (xid: number) => udp(server, client, replyMessage({ xid }), { identification: xid });
    const pair = (packet: Uint8Array) => [short(packet, 60), whole(packet)];
    const { messages } = inspect([
      ...pair(call(1)),
      ...pair(reply(1)),
      short(call(2), 60),
      // The server says something else: the copy of the call is still waited for.
      whole(udp(server, client, replyMessage({ xid: 1 }), { identification: 50 })),
      whole(reply(2)),
      whole(call(2)),
    ]);
    expect(messages.map(({ xid, callFrame, frame, have }) => [xid, callFrame, frame, have])).toEqual([
      [1, -1, 1, 32],
      [1, 1, 3, 24],
      [1, 1, 6, 24],
      [2, -1, 8, 40],
      [2, 8, 7, 24],
    ]);
  });
});
