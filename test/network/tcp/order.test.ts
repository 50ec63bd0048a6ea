/** Bytes of a connection in the order in which they were sent: segments that wait, come again or are cut, and holes. */
import { describe, expect, test } from 'vitest';
import { GAP_GRACE_PACKETS, GAP_GRACE_SECONDS, MAX_SEQUENCE_JUMP } from '../../../src/limits/network.js';
import { ACK, client, cut, FIN, giveFrame, ip, server } from '../../helpers/packets.js';
import {
  begun,
  c,
  ISN,
  idle,
  kept,
  later,
  logOf,
  none,
  open,
  type Packet,
  PEER,
  quiet,
  reassemblyOf,
  s,
  waitingBytes,
  word,
} from '../../helpers/segments.js';
import { keep, keepAll } from '../../helpers/streams.js';

describe('one connection', () => {
  const cases: [name: string, packets: Packet[], log: string][] = [
    ['in order', [c(0, 'abc'), c(3, 'def')], 'abc def'],
    ['both directions', [c(0, 'abc'), s(0, 'xyz', 3), c(3, 'def')], 'abc <xyz> def'],
    ['swapped', [c(3, 'def'), c(0, 'abc')], 'abc def'],
    ['reversed', [c(6, 'ghi'), c(3, 'def'), c(0, 'abc')], 'abc def ghi'],
    [
      'swapped, with the acknowledgement before the bytes',
      [s(0, none, 6), c(3, 'def'), c(0, 'abc'), s(0, none, 6)],
      'abc def',
    ],
    [
      'behind what answers it, the next call and its answer',
      [s(0, 'xyz', 3), c(3, 'def', ACK, ISN, PEER + 4), s(3, 'uvw', 6), c(0, 'abc')],
      'abc <xyz> def <uvw>',
    ],
    [
      'ahead of what they answer, while more that is missing is acknowledged',
      [s(0, 'xyz', 3), s(3, 'uvw', 6), s(6, none, 9), c(0, 'abc'), c(3, 'def'), c(6, 'ghi')],
      'abc <xyz> def <uvw> ghi',
    ],
    ['retransmitted', [c(0, 'abc'), c(0, 'abc'), c(3, 'def')], 'abc again def'],
    ['retransmitted in part', [c(0, 'abcd'), c(2, 'cdef')], 'abcd again ef'],
    ['retransmitted in a larger segment', [c(0, 'abc'), c(0, 'abcdef')], 'abc again def'],
    ['an overlap in the past cannot change what was read', [c(0, 'abcd'), c(2, 'XXef')], 'abcd again ef'],
    ['overlaps among those that wait', [c(3, 'defg'), c(5, 'fghi'), c(0, 'abc')], 'abc defg hi'],
    ['one that waits within another', [c(3, 'defghi'), c(5, 'fg'), c(0, 'abc'), c(9, 'j')], 'abc defghi j'],
    ['the same one waits twice', [c(3, 'def'), c(3, 'def'), c(0, 'abc')], 'abc def'],
    ['a longer copy waits beside a shorter one', [c(3, 'd'), c(3, 'def'), c(0, 'abc')], 'abc d ef'],
    ['a keep-alive without data', [c(0, 'abc'), c(2, none), c(3, 'def')], 'abc def'],
    ['a keep-alive with an old byte', [c(0, 'abc'), c(2, '\0'), c(3, 'def')], 'abc def'],
    [
      'a zero-window probe that is not taken',
      [c(0, 'abc'), c(3, 'd'), s(0, none, 3), c(3, 'd'), s(0, none, 4), c(4, 'ef')],
      'abc d ef',
    ],
    ['a zero-window probe, then the whole segment', [c(0, 'abc'), c(3, 'd'), s(0, none, 3), c(3, 'def')], 'abc d ef'],
    ['a SYN sent again', [open()[0], c(0, 'abc')], 'abc'],
    [
      'a hole that the peer acknowledged, after the grace',
      [c(0, 'abc'), c(6, 'ghi'), ...idle(GAP_GRACE_PACKETS + 2, 9)],
      'abc skip 3 ghi',
    ],
    ['a hole before nothing', [c(0, 'abc'), ...idle(GAP_GRACE_PACKETS + 2, 9)], 'abc skip 6'],
    ['two holes', [c(0, 'a'), c(2, 'c'), c(4, 'e'), ...idle(2 * GAP_GRACE_PACKETS + 4, 5)], 'a skip 1 c skip 1 e'],
    [
      'no hole before the grace is over',
      [c(0, 'abc'), c(6, 'ghi'), ...idle(GAP_GRACE_PACKETS - 2, 9), c(3, 'def')],
      'abc def ghi',
    ],
    [
      'the grace in time',
      [
        later(c(0, 'abc'), 10),
        later(c(6, 'ghi'), 10),
        later(s(0, none, 9), 10),
        later(s(0, none, 9), 11 + GAP_GRACE_SECONDS),
      ],
      'abc skip 3 ghi',
    ],
    [
      'bytes that come after their hole was declared',
      [c(0, 'abc'), c(6, 'ghi'), ...idle(GAP_GRACE_PACKETS + 2, 9), c(3, 'def'), c(9, 'j')],
      'abc skip 3 ghi again j',
    ],
    [
      'bytes of a hole before nothing that come after all',
      [c(0, 'abc'), ...idle(GAP_GRACE_PACKETS + 2, 9), c(3, 'def'), c(6, 'ghi'), c(6, 'ghi')],
      'abc skip 6 def ghi again',
    ],
    [
      'some of them, and what was behind them',
      [c(0, 'abc'), ...idle(GAP_GRACE_PACKETS + 2, 9), c(6, 'ghi'), c(9, 'j'), c(6, 'ghi')],
      'abc skip 6 ghi j again',
    ],
    [
      'from then on time alone makes a hole',
      [
        ...[c(0, 'abc'), ...idle(GAP_GRACE_PACKETS + 2, 6), c(3, 'def'), s(0, 'xyz', 9)],
        ...[...idle(2 * GAP_GRACE_PACKETS, 9), c(6, 'ghi'), later(s(0, none, 12), 1), later(s(0, none, 12), 5)],
      ],
      'abc skip 3 def ghi <xyz> skip 3',
    ],
    [
      'no hole without an acknowledgement',
      [c(0, 'abc'), c(6, 'ghi'), ...idle(2 * GAP_GRACE_PACKETS, 3), c(3, 'def')],
      'abc def ghi',
    ],
    [
      'a hole of which a part was acknowledged',
      [c(0, 'abc'), c(9, 'j'), ...idle(GAP_GRACE_PACKETS + 2, 6), c(6, 'ghi')],
      'abc skip 3 ghi j',
    ],
    ['a hole at the end', [c(0, 'abc'), c(6, 'ghi')], 'abc skip 3 ghi'],
    [
      'behind a hole, a reply that overtook its call as the grace was over',
      [c(3, 'def'), ...idle(GAP_GRACE_PACKETS, 6), s(0, 'xyz', 9), c(6, 'ghi')],
      'skip 3 def ghi <xyz>',
    ],
    [
      'behind a hole, the reply with earlier bytes sent again',
      [c(0, 'abc'), s(0, 'xyz', 3), c(6, 'ghi'), s(1, 'yzw', 9), ...idle(GAP_GRACE_PACKETS + 2, 9)],
      'abc <xyz> <again> skip 3 ghi <w>',
    ],
    [
      'behind a hole, a part of the call sent again after its reply',
      [c(3, 'def'), c(6, 'ghi'), s(0, 'xyz', 9), c(4, 'efg', ACK, ISN, PEER + 4), ...idle(GAP_GRACE_PACKETS + 2, 9)],
      'skip 3 def ghi <xyz>',
    ],
    [
      'behind a hole, another one filled after the reply',
      [
        c(3, 'de'),
        c(6, 'ghi'),
        s(0, 'xyz', 9),
        c(4, 'ef', ACK, ISN, PEER + 4),
        ...idle(GAP_GRACE_PACKETS + 2, 9),
        s(3, 'w', 9),
      ],
      'skip 3 de f ghi <xyz> <w>',
    ],
    ['cut by a snaplen', [cut(c(0, 'abcdef'), 43), c(6, 'ghi')], 'abc skip 3 ghi'],
    ['cut to its headers', [cut(c(0, 'abcdef'), 40), c(6, 'ghi')], 'skip 6 ghi'],
    ['cut, and waiting', [cut(c(3, 'defg'), 42), c(0, 'abc'), c(7, 'h')], 'abc de skip 2 h'],
    [
      'cut within its headers: a hole by acknowledgement',
      [cut(c(0, 'abcdef'), 38), c(6, 'ghi'), ...idle(GAP_GRACE_PACKETS + 2, 9)],
      'skip 6 ghi',
    ],
  ];
  test.each(cases)('%s', (_, packets, log) => {
    expect(logOf([...open(), ...packets])).toEqual([`${begun} ${log} end input_end`]);
  });

  test.each(cases)('%s, where sequence numbers wrap', (_, packets, log) => {
    // The client's bytes from 3 on are behind 2^32.
    const base = -4;
    const moved = packets.map((packet) => {
      const data = Buffer.from(packet instanceof Uint8Array ? packet : packet.data);
      const isClient = data[15] === 1;
      const at = isClient ? 24 : 28;
      if (data.length >= at + 4) data.writeUInt32BE(word(data.readUInt32BE(at) - ISN + base), at);
      return packet instanceof Uint8Array ? data : { ...packet, data, wireLength: packet.wireLength ?? data.length };
    });
    expect(logOf([...open(base), ...moved])).toEqual([`${begun} ${log} end input_end`]);
  });

  // Offload writes packets of length 0: their length is that of the frame.
  const long = (packet: Uint8Array, length: number) => {
    const data = Buffer.from(packet);
    data.writeUInt16BE(0, 2);
    return { data, wireLength: data.length + length, seconds: 0 };
  };
  const behind = cases.filter(([name]) => name !== 'a SYN sent again');
  test.each(behind)('%s, behind 2 GiB and an acknowledgement that came before its bytes', (_, packets, log) => {
    const length = 2 ** 24;
    const base = word(ISN - 3 - 129 * length);
    const many = Array.from({ length: 129 }, (_, i) => [
      long(c(3 + i * length, none, ACK, base), length),
      s(0, none, 3 + (i + 1) * length, ACK, base),
    ]).flat();
    const before = [...open(base), s(0, none, 3, ACK, base), c(0, 'a32', ACK, base), ...many];
    const [found] = logOf([...before, ...packets]);
    expect(found.replaceAll(`skip ${length} `, '')).toBe(`${begun} a32 ${log} end input_end`);
  });
});

describe('the grace in time, where only others go on', () => {
  const [other] = quiet(1);
  const after = 11 + GAP_GRACE_SECONDS;
  const cases: [name: string, packets: Uint8Array[], log: string][] = [
    ['a hole', [...open(), c(0, 'abc'), c(6, 'ghi'), s(0, none, 9)], `${begun} abc skip 3 ghi`],
    [
      'a hole at the end of both',
      [...open(), s(0, none, 4, FIN | ACK), c(3, none, FIN | ACK, ISN, PEER + 2)],
      `${begun} skip 3 end closed`,
    ],
    ['joined in mid-stream', [c(3, 'def')], 'join def'],
  ];
  test.each(cases)('%s', (_, packets, log) => {
    const { network, streams } = keep();
    packets.forEach((data, i) => {
      giveFrame(network, { data, seconds: 10 }, i + 1);
    });
    for (let seconds = 11; seconds <= after; seconds++) {
      expect(streams[0].log.join(' ')).not.toBe(log);
      giveFrame(network, { data: other, seconds }, packets.length + seconds);
    }
    expect(streams[0].log.join(' ')).toBe(log);
  });
});

describe('handed on before the end of the input', () => {
  const cases: [name: string, packets: Uint8Array[], log: string][] = [
    ['a reply that overtook a FIN', [c(0, 'abc'), s(0, 'xyz', 4), c(3, none, FIN | ACK)], 'abc <xyz>'],
    [
      'a reply that overtook the last call and its FIN',
      [s(0, 'xyz', 4), c(0, 'abc', FIN | ACK), s(3, none, 4, FIN | ACK)],
      'abc <xyz> end closed',
    ],
    [
      'a call sent again behind its reply, which it acknowledges',
      [s(0, 'xyz', 3), c(0, 'abc', ACK, ISN, PEER + 4)],
      'abc <xyz>',
    ],
    [
      'swapped, while earlier bytes of the other direction are missing that nobody acknowledged',
      [c(0, 'abc'), s(3, 'uvw', 3), c(6, 'ghi'), c(3, 'def')],
      'abc def ghi',
    ],
  ];
  test.each(cases)('%s', (_, packets, log) => {
    expect(kept([...open(), ...packets]).streams[0].log.join(' ')).toBe(`${begun} ${log}`);
  });

  test('nothing is missing once a FIN was acknowledged, nor where a stray segment was passed over: the connection can rest', () => {
    for (const packets of [
      [c(0, 'abc', FIN | ACK), s(0, none, 4)],
      [c(0, 'abc'), s(0, none, 4), c(3, none, FIN | ACK)],
      [c(0, 'abc'), c(MAX_SEQUENCE_JUMP + 9, 'stray'), c(3, 'def')],
      [c(0, 'a'), c(2, 'c'), c(1, 'bcd')],
    ]) {
      const { network } = kept([...open(), ...packets]);
      expect([reassemblyOf(network).isQuiet, waitingBytes(network)]).toEqual([true, 0]);
    }
  });
});

test('a segment in fragments ends where the last of them does', () => {
  const segment = c(0, 'abcdefghijkl').subarray(20);
  const lying = ip(client, server, 6, segment, { identification: 5, moreFragments: true });
  const last = ip(client, server, 6, segment.subarray(24, 28), { identification: 5, fragmentOffset: 24 });
  expect(logOf([...open(), lying, last, c(8, 'IJKL')])).toEqual([`${begun} abcdefgh IJKL end input_end`]);
});

test('counts', () => {
  const { network } = keepAll([...open(), c(0, 'abc'), c(0, 'abc'), cut(c(3, 'defghi'), 41), c(20, 'z')]);
  expect(network.counts).toMatchObject({ frames: 6, retransmittedSegments: 1, holes: 2, missingBytes: 5 + 11 });
});

test.each([8, 20, 60])(
  'packets that swap all the time, by up to %i places: no hole, for each gap has its own grace',
  (most) => {
    const packets = Array.from({ length: 3000 }, (_, i) => [c(3 * i, 'abc'), s(0, none, 3 * (i + 1))]).flat();
    const swapped = packets
      .map((packet, i) => ({ packet, place: i + ((i * 7919) % 61) * (most / 61) }))
      .sort((a, b) => a.place - b.place)
      .map(({ packet }) => packet);
    const { streams, network } = keepAll([...open(), ...swapped]);
    expect(network.counts.holes).toBe(0);
    expect(streams[0].log.filter((entry) => entry === 'abc')).toHaveLength(3000);
  },
);
