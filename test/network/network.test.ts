/** IP and UDP headers: lengths, options, extension headers, fragments; and frames that lie or are cut. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  FRAGMENT_TIMEOUT_SECONDS,
  MAX_FRAGMENT_BYTES,
  MAX_FRAGMENT_DATAGRAMS,
  MAX_UNKNOWN_LINKS,
} from '../../src/limits/network.js';
import { bytes, u16, u32 } from '../helpers/capture-writer.js';
import {
  ACK,
  client,
  cut,
  frameOf,
  giveFrame,
  type Host,
  ip,
  SYN,
  server,
  type TestPacket,
  tcp,
  udp,
  udpFragments,
  udpPayload,
} from '../helpers/packets.js';
import { keep, keepAll } from '../helpers/streams.js';

const six: [Host, Host] = [
  { address: 'fe80::1', port: 800 },
  { address: '2001:db8::2', port: 2049 },
];
const hello = Buffer.from('hello, world');
const textOf = (packets: readonly (Uint8Array | TestPacket)[]) =>
  keepAll(packets).datagrams.map(({ data }) => data.toString('latin1'));

describe('one datagram', () => {
  const udp4 = udp(client, server, hello);
  const udp6 = udp(...six, hello);
  const payload4 = udpPayload(client, server, hello);
  const payload6 = udpPayload(...six, hello);
  const withOptions = (() => {
    const packet = ip(client, server, 17, bytes(Buffer.alloc(8, 1), payload4));
    packet[0] = 0x47;
    return packet;
  })();
  const authentication = bytes([17, 4, 0, 0], Buffer.alloc(20));
  const padding = (size: number) => bytes([1, size - 2], Buffer.alloc(size - 2));
  const cases: [name: string, packet: Uint8Array, text: string[]][] = [
    ['IPv4', udp4, ['hello, world']],
    ['IPv4 options', withOptions, ['hello, world']],
    ['a trailer behind the IP packet', bytes(udp4, Buffer.alloc(6, 0x99)), ['hello, world']],
    ['IPv4, an authentication header', ip(client, server, 51, bytes(authentication, payload4)), ['hello, world']],
    ['IPv4, an authentication header that is cut', ip(client, server, 51, authentication.subarray(0, 12)), []],
    ['IPv6', udp6, ['hello, world']],
    ['IPv6 with a trailer', bytes(udp6, Buffer.alloc(6, 0x99)), ['hello, world']],
    ['hop-by-hop options', ip(...six, 17, payload6, { extensions: [[0, bytes([0], padding(6))]] }), ['hello, world']],
    [
      'long destination options',
      ip(...six, 17, payload6, { extensions: [[60, bytes([1], padding(14))]] }),
      ['hello, world'],
    ],
    [
      'a routing header',
      ip(...six, 17, payload6, { extensions: [[43, bytes([2, 0, 0], Buffer.alloc(20))]] }),
      ['hello, world'],
    ],
    [
      'an authentication header',
      ip(...six, 17, payload6, { extensions: [[51, bytes([4, 0, 0], Buffer.alloc(20))]] }),
      ['hello, world'],
    ],
    [
      'several of them',
      ip(...six, 17, payload6, {
        extensions: [
          [0, bytes([0], padding(6))],
          [43, bytes([2, 0, 0], Buffer.alloc(20))],
          [60, bytes([0], padding(6))],
        ],
      }),
      ['hello, world'],
    ],
    ...[135, 139, 140].map((protocol): [string, Uint8Array, string[]] => [
      `an extension header of mobility, host identity or shim6 (${protocol})`,
      ip(...six, 17, payload6, { extensions: [[protocol, bytes([1], Buffer.alloc(14))]] }),
      ['hello, world'],
    ]),
    [
      'a jumbogram: payload length 0 and its length in an option (RFC 2675)',
      ip(...six, 17, payload6, { totalLength: 0, extensions: [[0, bytes([0, 0xc2, 4], u32(payload6.length + 8))]] }),
      ['hello, world'],
    ],
    [
      'options behind an atomic fragment',
      ip(...six, 17, payload6, {
        extensions: [
          [44, bytes([0], u16(0), u32(7))],
          [60, bytes([0], padding(6))],
        ],
      }),
      ['hello, world'],
    ],
    ['an atomic fragment', ip(...six, 17, payload6, { fragmentOffset: 0 }), ['hello, world']],
    ['an empty datagram', udp(client, server, Buffer.alloc(0)), ['']],
    ['IPv4 of total length 0 (offload)', udp(client, server, hello, { totalLength: 0 }), ['hello, world']],
    ['IPv6 of payload length 0 (offload)', udp(...six, hello, { totalLength: 0 }), ['hello, world']],
    ['a UDP length of 0', ip(client, server, 17, udpPayload(client, server, hello, 0)), ['hello, world']],
    ['a UDP length below its header', ip(client, server, 17, udpPayload(client, server, hello, 7)), []],
    ['no IP version', bytes([0x25], udp4.subarray(1)), []],
    ['a header length below 20', bytes([0x44], udp4.subarray(1)), []],
    ['a header longer than the packet', bytes([0x4f], udp4.subarray(1, 24)), []],
    ['another protocol', ip(client, server, 1, Buffer.alloc(40)), []],
    ['no next header', ip(...six, 59, Buffer.alloc(40)), []],
    [
      'an extension header that leads out of the packet',
      ip(...six, 17, payload6, { extensions: [[0, bytes([200], padding(6))]] }),
      [],
    ],
    ['headers without end', ip(...six, 0, Buffer.alloc(800)), []],
    ['fewer bytes than an IP header', udp4.subarray(0, 19), []],
    ['fewer bytes than a UDP header', udp4.subarray(0, 27), []],
  ];
  test.each(cases)('%s', (_, packet, text) => {
    expect(textOf([packet])).toEqual(text);
  });

  test('from where to where', () => {
    const [there, back, six6, again] = keepAll([udp4, udp(server, client, hello), udp6, udp4]).datagrams;
    expect([there.from, there.to, there.direction]).toEqual(['10.0.0.1 800', '10.0.0.2 2049', 0]);
    expect([back.from, back.to, back.direction]).toEqual(['10.0.0.2 2049', '10.0.0.1 800', 1]);
    expect([six6.from, six6.to]).toEqual(['fe80::1 800', '2001:db8::2 2049']);
    expect([again.from, again.to]).toEqual([there.from, there.to]);
  });

  test('a snaplen leaves what it leaves, and the length', () => {
    for (let length = 28; length <= udp4.length; length++) {
      const [datagram] = keepAll([cut(udp4, length)]).datagrams;
      expect([datagram.data.toString(), datagram.length, datagram.lost]).toEqual([
        'hello, world'.slice(0, length - 28),
        12,
        false,
      ]);
    }
  });

  test('cut within its headers, it is counted', () => {
    for (let length = 0; length < 28; length++) {
      const { network, datagrams } = keepAll([cut(udp4, length)]);
      expect([length, datagrams.length, network.counts.cutHeaders + network.counts.notIp]).toEqual([length, 0, 1]);
    }
  });

  test('an offloaded segment of total length 0, cut by a snaplen', () => {
    const { streams } = keepAll([
      cut(tcp(client, server, hello, { totalLength: 0 }), 45),
      tcp(client, server, hello, { sequence: 12 }),
    ]);
    expect(streams[0].runs[0]).toEqual([Buffer.from('hello'), 7, hello]);
  });

  test('extension headers are no bytes of a segment', () => {
    const { streams, network } = keepAll([
      tcp(...six, hello, { extensions: [[0, bytes([0], padding(6))]] }),
      tcp(...six, hello, { sequence: 12 }),
    ]);
    expect([streams[0].runs[0], network.counts.holes]).toEqual([[hello, hello], 0]);
  });

  test('a frame of an unknown link type is counted', () => {
    const { network } = keep();
    for (let number = 1; number <= 3; number++) network.frame({ ...frameOf({ data: udp4 }, number), linkType: 147 }, 0);
    expect(network.counts.unknownLinks).toEqual([{ file: 0, linkType: 147, firstFrame: 1, frames: 3 }]);
  });

  test('of many files each counts for itself; of very many types in one the rest is no IP', () => {
    const { network } = keep();
    const take = (linkType: number, file: number) => network.frame({ ...frameOf({ data: udp4 }, 1), linkType }, file);
    for (let file = 0; file < 3 * MAX_UNKNOWN_LINKS; file++) take(147, file);
    expect(network.counts.unknownLinks.map(({ file }) => file)).toHaveLength(3 * MAX_UNKNOWN_LINKS);
    for (let type = 0; type < MAX_UNKNOWN_LINKS + 5; type++) take(500 + type, 1);
    expect(network.counts.unknownLinks).toHaveLength(4 * MAX_UNKNOWN_LINKS - 1);
    expect(network.counts.notIp).toBe(6);
  });
});

describe('fragments', () => {
  const data = Buffer.from(Array.from({ length: 200 }, (_, i) => i));
  const families: [name: string, hosts: [Host, Host]][] = [
    ['IPv4', [client, server]],
    ['IPv6', six],
  ];

  describe.each(families)('%s', (_, [from, to]) => {
    const parts = udpFragments(from, to, data, 48);
    const whole = { data, length: 200, lost: false, frames: parts.length };

    test.each([
      ['in order', parts],
      ['reversed', [...parts].reverse()],
      ['the last first', [parts[4], ...parts.slice(0, 4)]],
      ['one of them twice', [parts[0], parts[1], parts[1], ...parts.slice(2)]],
    ])('%s', (_name, packets) => {
      const { datagrams } = keepAll(packets);
      expect(datagrams).toHaveLength(1);
      expect(datagrams[0]).toMatchObject({
        ...whole,
        firstFrame: 1,
        frame: packets.length,
      });
    });

    test('of two datagrams, mixed', () => {
      const others = udpFragments(from, to, Buffer.alloc(100, 0x55), 48, 8);
      const mixed = parts.flatMap((part, i) => (others[i] ? [part, others[i]] : [part]));
      expect(
        keepAll(mixed)
          .datagrams.map((each) => each.data.length)
          .sort(),
      ).toEqual([100, 200]);
    });

    test('the same identification from another host', () => {
      const others = udpFragments(to, from, Buffer.alloc(200, 0x55), 48);
      const { datagrams } = keepAll(parts.flatMap((part, i) => [part, others[i]]));
      expect(datagrams.map((each) => each.data.equals(data))).toEqual([true, false]);
    });

    test('an overlap cannot change what was read', () => {
      const evil = udpFragments(from, to, Buffer.alloc(200, 0xee), 64);
      const { datagrams } = keepAll([parts[0], parts[1], evil[1], ...parts.slice(2)]);
      // Bytes 64..96 of the first copies stay; those only the second one had so far (96..128) are its own.
      expect(datagrams[0].data.subarray(0, 88).equals(data.subarray(0, 88))).toBe(true);
      expect(datagrams[0].data.subarray(88, 120).every((byte) => byte === 0xee)).toBe(true);
      expect(datagrams[0].data.subarray(120).equals(data.subarray(120))).toBe(true);
    });

    test.each([
      ['the last', [0, 1, 2, 3], { length: 200, have: 48 * 4 - 8 }],
      ['a middle one', [0, 1, 3, 4], { length: 200, have: 48 * 2 - 8 }],
    ])('%s is lost: what is contiguous, with the length that UDP tells', (_, kept, expected) => {
      const { datagrams, network } = keepAll(kept.map((i) => parts[i]));
      expect(datagrams).toHaveLength(1);
      expect(datagrams[0]).toMatchObject({ length: expected.length, lost: true });
      expect(datagrams[0].data.equals(data.subarray(0, expected.have))).toBe(true);
      expect(network.fragments.incomplete).toBe(1);
    });

    test('the first is lost: nothing, but counted', () => {
      const { datagrams, network } = keepAll(parts.slice(1));
      expect([datagrams.length, network.fragments.incomplete]).toEqual([0, 1]);
    });

    test('fragments of an earlier datagram of the same identification do not mix with a later one', () => {
      const late = parts.map((packet) => ({ data: packet, seconds: FRAGMENT_TIMEOUT_SECONDS + 2 }));
      const { datagrams } = keepAll([{ data: parts[0], seconds: 1 }, ...late]);
      expect(datagrams.map(({ lost, data: each }) => [lost, each.length])).toEqual([
        [true, 40],
        [false, 200],
      ]);
    });

    test('nor where it comes sooner: its first fragment is another one', () => {
      const later = udpFragments(from, to, Buffer.alloc(200, 0x55), 48);
      const sent = [later[0], ...later].map((packet, seconds) => ({ data: packet, seconds: seconds + 5 }));
      const { datagrams, network } = keepAll([parts[0], parts[2], parts[4], ...sent]);
      expect(datagrams.map(({ lost, data: each, frames }) => [lost, each, frames])).toEqual([
        [true, data.subarray(0, 40), 3],
        [false, Buffer.alloc(200, 0x55), 6],
      ]);
      expect(network.fragments.incomplete).toBe(1);
    });

    test('the last fragment alone, again and again, never ends in more than one datagram', () => {
      const last = parts.at(-1)!;
      const { datagrams, network } = keepAll(Array.from({ length: 200 }, (_, i) => ({ data: last, seconds: i })));
      expect(datagrams).toEqual([]);
      expect(network.fragments.incomplete).toBeLessThanOrEqual(200 / FRAGMENT_TIMEOUT_SECONDS + 1);
    });

    test('a datagram that never completes is given out as the time is over, by its own last frame', () => {
      const other = udp(from, to, hello);
      const packets = [parts[0], parts[1], other, other].map((packet) => ({ data: packet, seconds: 0 }));
      const { datagrams } = keepAll(packets);
      expect(datagrams.at(-1)).toMatchObject({ lost: true, firstFrame: 1, frames: 2, frame: 2 });
    });

    test('a fragment that a snaplen cut was whole for the receiver', () => {
      const { datagrams } = keepAll(parts.map((packet, i) => (i === 1 ? cut(packet, packet.length - 10) : packet)));
      expect(datagrams).toHaveLength(1);
      expect(datagrams[0]).toMatchObject({ length: 200, lost: false, frame: 5 });
      expect(datagrams[0].data.equals(data.subarray(0, 2 * 48 - 8 - 10))).toBe(true);
    });
  });

  test('IPv6 options inside of the fragments', () => {
    const [from, to] = six;
    const payload = bytes([17, 0, 1, 4], Buffer.alloc(4), udpPayload(from, to, data));
    const part = (fragmentOffset: number, end: number, moreFragments: boolean) =>
      ip(from, to, 60, payload.subarray(fragmentOffset, end), { identification: 5, fragmentOffset, moreFragments });
    const { datagrams } = keepAll([part(104, payload.length, false), part(0, 104, true)]);
    expect(datagrams).toEqual([expect.objectContaining({ data, frames: 2, lost: false })]);
  });

  test('IPv6: what follows the first fragment counts, whatever others say (RFC 8200 §4.5)', () => {
    const [from, to] = six;
    const payload = udpPayload(from, to, data);
    const part = (next: number, fragmentOffset: number, end: number) =>
      ip(from, to, next, payload.subarray(fragmentOffset, end), {
        identification: 5,
        fragmentOffset,
        moreFragments: end < payload.length,
      });
    const { datagrams } = keepAll([part(59, 104, payload.length), part(17, 0, 104)]);
    expect(datagrams).toEqual([expect.objectContaining({ data, frames: 2, lost: false })]);
  });

  test('TCP in fragments', () => {
    const segment = tcp(client, server, data, { flags: ACK, identification: 5 }).subarray(20);
    const part = (fragmentOffset: number, end: number, moreFragments: boolean) =>
      ip(client, server, 6, segment.subarray(fragmentOffset, end), {
        identification: 5,
        fragmentOffset,
        moreFragments,
      });
    expect(keepAll([part(0, 96, true), part(96, segment.length, false)]).streams[0].runs[0]).toEqual([data]);
  });

  test('TCP in fragments of which some are missing: the receiver had none, so all is sent again', () => {
    const options = { sequence: 1, acknowledgement: 1 };
    const segment = tcp(client, server, data, { ...options, flags: ACK }).subarray(20);
    const part = (fragmentOffset: number, end: number, moreFragments: boolean) =>
      ip(client, server, 6, segment.subarray(fragmentOffset, end), {
        identification: 5,
        fragmentOffset,
        moreFragments,
      });
    const syn = tcp(client, server, Buffer.alloc(0), { flags: SYN });
    const late = (packet: Uint8Array) => ({ data: packet, seconds: FRAGMENT_TIMEOUT_SECONDS + 2 });
    const [next] = udpFragments(client, server, data, 48);
    for (const parts of [[part(0, 96, true)], [part(0, 96, true), part(144, segment.length, false)]]) {
      const packets = [syn, ...parts].map((packet) => ({ data: packet, seconds: 0 }));
      const resent = late(tcp(client, server, data, options));
      const { streams, network } = keepAll([...packets, late(next), resent]);
      expect(streams[0].runs[0]).toEqual([data.subarray(0, 76), data.subarray(76)]);
      expect(network.counts).toMatchObject({ damaged: 0, holes: 0, retransmittedSegments: 1 });
    }
  });

  test('any cut, any order, doubled: the same datagram', () => {
    const big = Buffer.from(Array.from({ length: 1000 }, (_, i) => (i * 7) & 255));
    const payload = udpPayload(client, server, big);
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 1, max: 125 }), { maxLength: 10 }),
        fc.array(fc.nat(10), { maxLength: 5 }),
        fc.infiniteStream(fc.nat(1000)),
        (cuts, again, keys) => {
          const ends = [...cuts.map((each) => each * 8), payload.length].sort((a, b) => a - b);
          const parts = ends.map((end, i) =>
            ip(client, server, 17, payload.subarray(ends[i - 1] ?? 0, end), {
              identification: 3,
              fragmentOffset: ends[i - 1] ?? 0,
              moreFragments: end < payload.length,
            }),
          );
          // A doubled fragment behind the last one would open a datagram of its own.
          const sent = [...parts.slice(1), ...again.filter((i) => i > 0 && i < parts.length).map((i) => parts[i])];
          const shuffled = sent.map((part) => [keys.next().value as number, part] as const).sort((a, b) => a[0] - b[0]);
          const { datagrams } = keepAll([...shuffled.map(([, part]) => part), parts[0]]);
          expect(datagrams.map((each) => each.data.equals(big))).toEqual([true]);
        },
      ),
      { seed: 4, numRuns: 150 },
    );
  });

  test('too many datagrams: the oldest leaves, counted', () => {
    const count = MAX_FRAGMENT_DATAGRAMS + 10;
    const firsts = Array.from({ length: count }, (_, i) => ({
      data: udpFragments(client, server, data, 48, i)[0],
      seconds: 0,
    }));
    const { network, datagrams } = keep();
    firsts.forEach((packet, i) => {
      giveFrame(network, packet, i + 1);
    });
    expect([network.fragments.incomplete, datagrams.length]).toEqual([10, 10]);
    network.finish();
    expect(network.fragments.incomplete).toBe(count);
  });

  test('too many bytes, where all grow once they were begun: the oldest leave, counted', () => {
    const count = Math.ceil(MAX_FRAGMENT_BYTES / 65_488) + 20;
    const part = (identification: number, fragmentOffset: number) => ({
      data: ip(client, server, 17, Buffer.alloc(8, 1), { identification, fragmentOffset, moreFragments: true }),
      seconds: 0,
    });
    const numbers = Array.from({ length: count }, (_, i) => i + 1);
    const { network } = keep();
    [...numbers.map((n) => part(n, 0)), ...numbers.map((n) => part(n, 65_480))].forEach((packet, i) => {
      giveFrame(network, packet, i + 1);
    });
    expect(network.fragments.incomplete).toBe(21);
  });

  test('a fragment that would end behind 64 KiB is no fragment', () => {
    const part = ip(client, server, 17, Buffer.alloc(64), { identification: 1, fragmentOffset: 65_528 });
    const { datagrams, network } = keepAll([part]);
    expect([datagrams, network.counts.damaged]).toEqual([[], 1]);
  });
});

describe('hostile frames', () => {
  const seeds = [
    udp(client, server, hello),
    udp(...six, hello),
    tcp(client, server, hello),
    ...udpFragments(client, server, Buffer.alloc(100), 48),
    ...udpFragments(...six, Buffer.alloc(100), 48),
  ];
  test('random changes never throw', () => {
    const change = fc.tuple(fc.nat(79), fc.nat(255));
    fc.assert(
      fc.property(
        fc.constantFrom(...seeds),
        fc.array(change, { maxLength: 6 }),
        fc.nat(120),
        (packet, changes, length) => {
          const damaged = Buffer.from(packet);
          for (const [at, value] of changes) if (at < damaged.length) damaged[at] = value;
          keepAll([damaged.subarray(0, length), { data: damaged, wireLength: damaged.length + 100 }]);
        },
      ),
      { seed: 6, numRuns: 1000 },
    );
  });

  test('random bytes never throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.constantFrom(0x45, 0x60), (packet, first) => {
        if (packet.length > 0) packet[0] = first;
        keepAll([packet]);
      }),
      { seed: 7, numRuns: 1000 },
    );
  });

  test('lengths that lie', () => {
    const packet = bytes(
      [0x45, 0],
      u16(65_535),
      u32(0),
      [64, 17, 0, 0],
      Buffer.alloc(8),
      udpPayload(client, server, hello, 65_000),
    );
    expect(keepAll([packet]).datagrams[0]).toMatchObject({ data: hello, length: 65_000 - 8 });
  });
});
