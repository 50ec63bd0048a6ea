/** TCP streams: segments in any order and shape become bytes and declared holes. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  GAP_GRACE_PACKETS,
  GAP_GRACE_SECONDS,
  MAX_FLOWS,
  MAX_SEQUENCE_JUMP,
  MAX_SYN_SECONDS,
  MAX_WAITING_BYTES,
  MAX_WAITING_SEGMENTS,
  MAX_WAITING_TOTAL,
  ONE_SIDED_GRACE_PACKETS,
  RESET_GRACE_FRAMES,
} from '../../src/limits.js';
import type { Network } from '../../src/network/network.js';
import type { Reassembly } from '../../src/network/reassembly.js';
import { TcpConnection, type TcpContext } from '../../src/network/tcp.js';
import {
  ACK,
  client,
  cut,
  FIN,
  frameOf,
  giveFrame,
  ip,
  RST,
  SYN,
  server,
  type TestPacket,
  tcp,
} from '../helpers/packets.js';
import { type Kept, keep, keepAll, type Run } from '../helpers/streams.js';

type Packet = Uint8Array | TestPacket;

/** Client's and server's first sequence numbers: their bytes begin one behind. */
const ISN = 1000;
const PEER = 9000;
const none = new Uint8Array(0);

const text = (data: string | Uint8Array) => (typeof data === 'string' ? Buffer.from(data, 'latin1') : data);
const word = (value: number) => value >>> 0;

/** A segment of the client; `at` counts from its first byte. */
const c = (at: number, data: string | Uint8Array, flags = ACK, base = ISN, acknowledgement = PEER + 1) =>
  tcp(client, server, text(data), { sequence: word(base + 1 + at), acknowledgement: word(acknowledgement), flags });
/** A segment of the server that acknowledges the client's first `acked` bytes. */
const s = (at: number, data: string | Uint8Array, acked: number, flags = ACK, base = ISN) =>
  tcp(server, client, text(data), { sequence: word(PEER + 1 + at), acknowledgement: word(base + 1 + acked), flags });
const open = (base = ISN) => [
  tcp(client, server, none, { sequence: word(base), flags: SYN }),
  tcp(server, client, none, { sequence: PEER, acknowledgement: word(base + 1), flags: SYN | ACK }),
];
/** Packets of the server that say nothing new: time goes by. */
const idle = (count: number, acked: number) => new Array<Uint8Array>(count).fill(s(0, none, acked));
/** The same of another connection that says nothing. */
const quiet = (count: number) =>
  new Array<Uint8Array>(count).fill(tcp({ ...client, port: 999 }, server, none, { sequence: 1, flags: ACK }));
const later = (packet: Uint8Array, seconds: number): TestPacket => ({ data: packet, seconds });
const at = (packets: readonly Uint8Array[], seconds: number) => packets.map((packet) => later(packet, seconds));

const logOf = (packets: readonly Packet[]) => keepAll(packets).streams.map((stream) => stream.log.join(' '));
const begun = 'begin <begin>';
/** What was handed on when more may come. */
const kept = (packets: readonly Uint8Array[]) => {
  const all = keep();
  packets.forEach((data, i) => {
    giveFrame(all.network, { data, seconds: 0 }, i + 1);
  });
  return all;
};

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

describe('ends', () => {
  const cases: [name: string, packets: Packet[], logs: string[]][] = [
    [
      'both sides are done',
      [c(0, 'abc'), c(3, none, FIN | ACK), s(0, none, 4, FIN | ACK), c(4, none, ACK, ISN, PEER + 2)],
      [`${begun} abc end closed`],
    ],
    ['data on the FIN', [c(0, 'abc', FIN | ACK), s(0, 'xyz', 4, FIN | ACK)], [`${begun} abc <xyz> end closed`]],
    [
      'a FIN before data that it overtook',
      [c(3, none, FIN | ACK), s(0, none, 0, FIN | ACK), c(0, 'abc')],
      [`${begun} abc end closed`],
    ],
    [
      'a FIN behind what acknowledges it',
      [c(0, 'abc'), ...idle(GAP_GRACE_PACKETS + 2, 4), s(0, none, 4, FIN | ACK), c(3, none, FIN | ACK, ISN, PEER + 2)],
      [`${begun} abc skip 1 end closed`],
    ],
    ['one side is done', [c(0, 'abc', FIN | ACK), s(0, 'xyz', 4)], [`${begun} abc <xyz> end input_end`]],
    ['reset', [c(0, 'abc'), c(3, none, RST | ACK), c(3, none, RST)], [`${begun} abc end reset`]],
    ['reset, and why', [c(0, 'abc'), c(3, 'No TCP', RST | ACK)], [`${begun} abc end reset`]],
    ['reset by the peer', [c(0, 'abc'), s(0, none, 3, RST | ACK)], [`${begun} abc end reset`]],
    [
      'the last acknowledgement of a FIN is no hole',
      [c(0, 'abc', FIN | ACK), ...idle(GAP_GRACE_PACKETS * 2, 4)],
      [`${begun} abc end input_end`],
    ],
    [
      'a new SYN takes the ports',
      [c(0, 'abc'), ...open(50_000), c(0, 'def', ACK, 50_000)],
      [`${begun} abc ending replaced end replaced`, `${begun} def end input_end`],
    ],
    [
      'bytes of the connection that had the ports before, behind the SYN and behind its answer',
      [
        c(0, 'abc'),
        open(50_000)[0],
        s(0, 'xyz', 3),
        open(50_000)[1],
        c(3, 'def'),
        s(3, 'uvw', 6),
        c(0, 'DEF', ACK, 50_000),
      ],
      [`${begun} abc ending replaced <xyz> def <uvw> end replaced`, `${begun} DEF end input_end`],
    ],
    [
      'for the grace in time; then it is over',
      [
        c(0, 'abc'),
        ...open(50_000),
        ...[c(0, 'def', ACK, 50_000), ...quiet(9)].map((packet) => later(packet, GAP_GRACE_SECONDS + 1)),
        later(c(3, 'ghi'), GAP_GRACE_SECONDS + 1),
      ],
      [`${begun} abc ending replaced end replaced`, `${begun} def again end input_end`],
    ],
    [
      'RSTs of that connection do not end the new one',
      [
        c(0, 'abc'),
        s(0, none, 3),
        ...open(50_000),
        c(0, 'def', ACK, 50_000),
        c(3, none, RST),
        s(-5000, none, 3, RST),
        ...quiet(9),
        c(3, 'ghi', ACK, 50_000),
      ],
      [`${begun} abc ending replaced end reset`, `${begun} def ghi end input_end`],
    ],
    [
      'nor does one without acknowledgement refuse its SYN',
      [c(0, 'abc'), open(50_000)[0], s(0, none, 0, RST), ...quiet(9), open(50_000)[1], c(0, 'def', ACK, 50_000)],
      [`${begun} abc ending replaced end replaced`, `${begun} def end input_end`],
    ],
    [
      'an RST before bytes that its receiver has',
      [c(0, 'abc'), s(0, none, 3), c(2, none, RST), ...quiet(9), c(3, 'def')],
      [`${begun} abc def end input_end`],
    ],
    [
      'a new SYN after the end',
      [c(0, 'abc'), c(3, none, RST), ...open(50_000), c(0, 'def', ACK, 50_000)],
      [`${begun} abc ending replaced end reset`, `${begun} def end input_end`],
    ],
    [
      'bytes far from an ended connection, without their SYN',
      [c(0, 'abc'), c(3, none, RST), c(0, 'def', ACK, 0x70000000)],
      [`${begun} abc end reset`, 'join def end input_end'],
    ],
    [
      'a copy of the last segment after the end',
      [c(0, 'abc'), c(3, none, RST), c(0, 'abc')],
      [`${begun} abc again end reset`],
    ],
    [
      'a reply that the RST overtook',
      [c(0, 'abc'), c(3, none, RST | ACK, ISN, PEER + 4), s(0, 'xyz', 3)],
      [`${begun} abc <xyz> end reset`],
    ],
    ['the last call, too', [c(3, none, RST), c(0, 'abc'), ...quiet(9)], [`${begun} abc ending reset end reset`]],
    [
      'a reply that is acknowledged and missing is waited for',
      [c(0, 'abc'), c(3, none, RST | ACK, ISN, PEER + 4), ...quiet(GAP_GRACE_PACKETS - 1), s(0, 'xyz', 3)],
      [`${begun} abc <xyz> end reset`],
    ],
    [
      'but not for ever',
      [c(0, 'abc'), c(3, none, RST | ACK, ISN, PEER + 4), ...quiet(GAP_GRACE_PACKETS + 1), s(0, 'xyz', 3)],
      [`${begun} abc <skip 3> ending reset <xyz> end reset`],
    ],
    [
      'where one side of the capture lags, in time alone',
      [
        ...[c(0, 'abc'), ...idle(GAP_GRACE_PACKETS + 2, 6), c(3, 'def'), s(0, none, 9, RST | ACK)],
        ...[...quiet(2 * GAP_GRACE_PACKETS), c(6, 'ghi')],
      ],
      [`${begun} abc skip 3 def ghi end reset`],
    ],
    [
      'behind its grace a reset connection has ended, and its bytes are listened to for the grace in time',
      [c(0, 'abc'), c(3, none, RST), ...quiet(RESET_GRACE_FRAMES + 1), s(0, 'xyz', 3), c(0, 'abc')],
      [`${begun} abc ending reset <xyz> again end reset`],
    ],
    [
      'and behind that they are of another connection',
      [
        ...[c(0, 'abc'), c(3, none, RST), ...quiet(RESET_GRACE_FRAMES + 1)],
        ...[...quiet(1), s(0, 'xyz', 3)].map((packet) => later(packet, GAP_GRACE_SECONDS + 1)),
      ],
      [`${begun} abc ending reset end reset`, '<join> <xyz> end input_end'],
    ],
    [
      'a reply that the RST overtook by far, where no connection begins',
      [...quiet(GAP_GRACE_PACKETS), c(0, 'abc'), c(3, none, RST), ...quiet(GAP_GRACE_PACKETS - 1), s(0, 'xyz', 3)],
      [`${begun} abc <xyz> end reset`],
    ],
    [
      'and behind that',
      [...quiet(GAP_GRACE_PACKETS), c(0, 'abc'), c(3, none, RST), ...quiet(GAP_GRACE_PACKETS + 1), s(0, 'xyz', 3)],
      [`${begun} abc ending reset <xyz> end reset`],
    ],
    [
      'who sends on behind its own RST was not reset',
      [c(0, 'abc'), c(3, none, RST), c(3, 'def'), ...quiet(9), s(0, 'xyz', 6)],
      [`${begun} abc def <xyz> end input_end`],
    ],
    [
      'an RST far from the window is not believed',
      [c(0, 'abc'), c(MAX_WAITING_BYTES + 9, none, RST), ...quiet(9), s(0, 'xyz', 3)],
      [`${begun} abc <xyz> end input_end`],
    ],
    [
      'a new SYN right behind the RST',
      [c(0, 'abc'), c(3, none, RST), ...open(50_000), c(0, 'def', ACK, 50_000), ...quiet(9)],
      [`${begun} abc ending replaced end reset`, `${begun} def end input_end`],
    ],
    [
      'both SYNs once more, captured elsewhere',
      [c(0, 'abc'), c(3, none, RST), ...quiet(9), ...open(), c(0, 'abc'), c(3, none, RST)],
      [`${begun} abc ending reset again end reset`],
    ],
    [
      'a SYN again behind the RST of a connection that carried nothing',
      [c(0, none, RST), ...quiet(9), ...open(), c(0, 'abc')],
      [`begin <begin> ending reset ending replaced end reset`, `${begun} abc end input_end`],
    ],
    [
      'a new SYN after both were done',
      [
        c(0, 'abc', FIN | ACK),
        s(0, none, 4, FIN | ACK),
        c(4, none, ACK, ISN, PEER + 2),
        ...open(50_000),
        c(0, 'def', ACK, 50_000),
      ],
      [`${begun} abc end closed`, `${begun} def end input_end`],
    ],
    [
      'a copy of the SYN is no new connection',
      [c(0, 'abc'), open()[0], open()[1], c(3, 'def')],
      [`${begun} abc def end input_end`],
    ],
    [
      'the same SYN as late as one is sent again',
      [c(0, 'abc'), ...at(open(), MAX_SYN_SECONDS), ...at([c(0, 'abc'), c(3, 'def')], MAX_SYN_SECONDS)],
      [`${begun} abc again def end input_end`],
    ],
    [
      'recorded traffic that is sent again later',
      [c(0, 'abc'), ...at(open(), MAX_SYN_SECONDS + 1), ...at([c(0, 'abc'), c(3, 'def')], MAX_SYN_SECONDS + 1)],
      [`${begun} abc ending replaced end replaced`, `${begun} abc def end input_end`],
    ],
    [
      'the same, of a connection that has ended',
      [c(0, 'abc', FIN | ACK), s(0, none, 4, FIN | ACK), ...at([...open(), c(0, 'abc')], MAX_SYN_SECONDS + 1)],
      [`${begun} abc end closed`, `${begun} abc end input_end`],
    ],
    [
      'the same, of a connection that was reset',
      [c(0, 'abc'), c(3, none, RST), ...quiet(9), ...at([...open(), c(0, 'abc')], MAX_SYN_SECONDS + 1)],
      [`${begun} abc ending reset end reset`, `${begun} abc end input_end`],
    ],
    ['what waits is handed on before the end', [c(3, 'def'), c(6, none, RST)], [`${begun} skip 3 def end reset`]],
  ];
  test.each(cases)('%s', (_, packets, logs) => {
    const ofConnection = logOf([...open(), ...packets]).filter((log) => log !== 'end input_end');
    expect(ofConnection).toEqual(logs);
  });
});

describe('beginnings', () => {
  const syn = (data: string, flags = SYN) => tcp(client, server, text(data), { sequence: ISN, flags });
  const [, answer] = open();
  const cases: [name: string, packets: Packet[], log: string][] = [
    ['data on the SYN (RFC 7413)', [syn('abc'), s(-1, none, 3, SYN | ACK), c(3, 'def')], 'begin abc <begin> def'],
    [
      'data on the SYN that is not taken',
      [syn('abc'), answer, c(0, 'abc'), c(3, 'def')],
      'begin abc <begin> again def',
    ],
    [
      'the SYN without its data, sent again',
      [syn('abc'), syn(''), answer, c(0, 'abcdef')],
      'begin abc <begin> again def',
    ],
    ['data on the SYN, behind what follows it', [c(3, 'def'), syn('abc')], 'begin abc def'],
    [
      'both open at once',
      [
        syn(''),
        tcp(server, client, none, { sequence: PEER, flags: SYN }),
        c(-1, none, SYN | ACK),
        s(-1, none, 0, SYN | ACK),
        c(0, 'abc'),
      ],
      'begin <begin> abc',
    ],
    ['a SYN alone', [syn('')], 'begin'],
  ];
  test.each(cases)('%s', (_, packets, log) => {
    expect(logOf(packets)).toEqual([`${log} end input_end`]);
  });

  test('only the FINs of a connection: it is closed', () => {
    expect(logOf([c(0, none, FIN | ACK), s(0, none, 1, FIN | ACK)])).toEqual(['end closed']);
  });
});

describe('without the beginning', () => {
  const first = (at: number, data: string | Uint8Array, acknowledged = 51) =>
    c(at, data, ACK, ISN, PEER + acknowledged);
  const cases: [name: string, packets: Packet[], log: string][] = [
    [
      'mid-stream: the peer has more than the first segment',
      [first(0, 'abc'), s(50, none, 3), first(3, 'def')],
      'join abc def',
    ],
    [
      'mid-stream: the peer was just there',
      [s(50, none, 0), first(0, 'abc'), s(50, 'xyz', 3)],
      '<join> <abc> join xyz',
    ],
    ['mid-stream: the sender was just there', [first(0, none), first(0, 'abc'), first(3, 'def')], 'join abc def'],
    [
      'mid-stream, the first swapped, then a reply',
      [c(3, 'def'), c(0, 'abc'), s(0, 'xyz', 6)],
      'join abc def <join> <xyz>',
    ],
    [
      'mid-stream, three segments reversed',
      [c(6, 'ghi'), c(3, 'def'), c(0, 'abc'), s(0, 'xyz', 9)],
      'join abc def ghi <join> <xyz>',
    ],
    [
      'mid-stream, the second comes two late',
      [c(3, 'def'), c(6, 'ghi'), c(0, 'abc'), s(0, 'x', 9)],
      'join abc def ghi <join> <x>',
    ],
    [
      'mid-stream, a late copy of what was before',
      [first(3, 'def'), s(50, 'x', 6), first(0, 'abc')],
      'join def <join> <x> again',
    ],
    [
      'mid-stream, a gap behind the first',
      [first(0, 'abc'), s(50, none, 3), first(6, 'ghi'), first(3, 'def')],
      'join abc def ghi',
    ],
    [
      'mid-stream, both directions swapped',
      [s(3, 'vw', 0), s(0, 'xyz', 0), c(3, 'def'), c(0, 'abc', ACK, ISN, PEER + 6)],
      'join xyz vw <join> <abc> <def>',
    ],
    [
      'mid-stream, nobody acknowledges: the grace in packets',
      [c(0, 'abc'), ...new Array<Uint8Array>(GAP_GRACE_PACKETS + 1).fill(c(0, none)), c(3, 'def')],
      'join abc def',
    ],
    [
      'mid-stream, nobody acknowledges: the grace in time',
      [later(c(0, 'abc'), 10), later(c(3, 'def'), 20)],
      'join abc def',
    ],
    [
      'mid-stream, a stray segment first',
      [c(0x60000000, 'stray'), c(0, 'abc'), c(3, 'def'), c(6, 'ghi')],
      `join stray skip ${MAX_SEQUENCE_JUMP} abc def ghi`,
    ],
    [
      'the SYN behind all that it began',
      [c(0, none), open()[1], c(0, 'abc'), c(3, 'def'), open()[0], s(0, 'xyz', 6)],
      '<begin> join abc def <xyz>',
    ],
    ['the SYN swapped with the first data', [c(0, 'abc'), open()[0], c(3, 'def')], 'begin abc <begin> def'],
    ['the answer to the SYN comes after the first data', [c(0, 'abc'), open()[1], c(3, 'def')], '<begin> join abc def'],
    ['mid-stream', [c(100, 'abc', ACK, ISN, PEER + 51), s(50, 'xyz', 103), c(103, 'def')], 'join abc <join> <xyz> def'],
    ['mid-stream, segments swapped at once', [c(103, 'def'), c(100, 'abc'), c(106, 'g')], 'join abc def g'],
    ['the SYN alone was lost', [open()[1], c(0, 'abc'), s(0, 'xyz', 3)], 'begin <begin> <abc> xyz'],
    ['the answer to the SYN was lost', [open()[0], c(0, 'abc'), s(0, 'xyz', 3)], 'begin <begin> abc <xyz>'],
    ['one side only: in order', [open()[0], c(0, 'abc'), c(3, 'def')], 'begin <begin> abc def'],
    ['one side only: swapped', [open()[0], c(3, 'def'), c(0, 'abc')], 'begin <begin> abc def'],
  ];
  test.each(cases)('%s', (_, packets, log) => {
    expect(logOf(packets)).toEqual([`${log} end input_end`]);
  });

  test('one side only: a hole after a window of segments', () => {
    const segments = Array.from({ length: ONE_SIDED_GRACE_PACKETS + 2 }, (_, i) => c(2 + i, 'x'));
    const { streams } = keepAll([open()[0], c(0, 'a'), ...segments, c(2 + segments.length, 'end')]);
    const run = streams[0].runs[0];
    expect(run.slice(0, 3)).toEqual([Buffer.from('a'), 1, Buffer.from('x')]);
    expect(sum(run)).toBe(2 + segments.length + 3);
  });
});

describe('bounds', () => {
  test('too many bytes wait', () => {
    const size = 60_000;
    const count = Math.ceil(MAX_WAITING_BYTES / size) + 1;
    const { streams } = keepAll([
      ...open(),
      ...Array.from({ length: count }, (_, i) => c(1 + i * size, Buffer.alloc(size))),
    ]);
    expect(streams[0].runs[0][0]).toBe(1);
    expect(sum(streams[0].runs[0])).toBe(1 + count * size);
  });

  test('too many segments wait', () => {
    const { streams, network } = keepAll([
      ...open(),
      ...Array.from({ length: MAX_WAITING_SEGMENTS + 1 }, (_, i) => c(1 + i, 'x')),
    ]);
    expect(sum(streams[0].runs[0])).toBe(MAX_WAITING_SEGMENTS + 2);
    expect(network.counts).toMatchObject({ holes: 1, missingBytes: 1 });
  });

  test('nothing is left waiting after the end', () => {
    const packets = [...open(), ...Array.from({ length: 50 }, (_, i) => c(1 + 2 * i, 'x')), c(200, none, RST)];
    const { network } = keepAll(packets);
    expect(waitingBytes(network)).toBe(0);
  });
});

describe('connections that were reset are listened to', () => {
  test('once each, however many RSTs with data come', () => {
    const resets = Array.from({ length: 300 }, (_, i) => c(3 + i, 'x', RST | ACK));
    expect(tcpOf(kept([...open(), c(0, 'abc'), ...resets]).network).resets.size).toBe(1);
  });

  test('few at a time, also where one side of the capture lags', () => {
    const lagging = [c(0, 'abc'), ...idle(GAP_GRACE_PACKETS + 2, 6), c(3, 'def')];
    const others = Array.from({ length: 300 }, (_, i) => {
      const other = { ...client, port: 1000 + i };
      return [
        tcp(other, server, none, { sequence: word(ISN), flags: SYN }),
        tcp(server, other, none, { sequence: PEER, acknowledgement: word(ISN + 1), flags: SYN | ACK }),
        tcp(server, other, none, { sequence: PEER + 1, acknowledgement: word(ISN + 4), flags: RST | ACK }),
      ];
    });
    const { network, streams } = kept([...open(), ...lagging, ...others.flat()]);
    expect(tcpOf(network).lags).toBe(true);
    expect(tcpOf(network).resets.size).toBe(GAP_GRACE_PACKETS + 1);
    expect(streams[1].log).toEqual(['begin', '<begin>', 'skip 3', 'ending reset']);
  });
});

describe('many connections', () => {
  /** The packet from as many ports. It is written over in place: making each one would take most of the time. */
  const feed = (count: number, packet: Uint8Array) => {
    const { network, streams } = keep();
    const frame = frameOf({ data: packet, seconds: 0 }, 1);
    const held = Buffer.from(frame.bytes.buffer, frame.bytes.byteOffset, frame.bytes.length);
    for (let i = 0; i < count; i++) {
      held[frame.start + 13] = i >> 14;
      held.writeUInt16BE((i & 0x3fff) + 1024, frame.start + 20);
      network.frame(frame, 0);
    }
    return { network, streams };
  };

  test('a flood of SYNs: the oldest leave, counted', () => {
    const { network } = feed(MAX_FLOWS + 1000, tcp(client, server, none, { flags: SYN }));
    expect([network.flows.size, network.flows.evicted]).toEqual([MAX_FLOWS, 1000]);
  });

  test('joined in mid-stream, what waits stays within its bound', () => {
    const data = Buffer.alloc(1400, 0x61);
    const count = Math.ceil(MAX_WAITING_TOTAL / data.length) + 100;
    const { network, streams } = feed(count, tcp(client, server, data));
    expect(waitingBytes(network)).toBeLessThanOrEqual(MAX_WAITING_TOTAL);
    expect(tcpOf(network).missing.size).toBeLessThanOrEqual(MAX_WAITING_TOTAL / data.length);
    network.finish();
    expect(waitingBytes(network)).toBe(0);
    expect(tcpOf(network).missing.size).toBe(0);
    expect(streams.filter(({ runs }) => sum(runs[0]) === data.length)).toHaveLength(count);
  });
});

test('too many bytes wait in all: those that have waited longest go first, not those of a swapped pair', () => {
  const { network, streams } = keep();
  let frames = 0;
  const give = (data: Uint8Array) => giveFrame(network, { data, seconds: 0 }, ++frames);
  const large = Buffer.alloc(60_000, 0xee);
  const perHost = Math.floor(MAX_WAITING_BYTES / large.length) - 1;
  const hosts = Math.ceil(MAX_WAITING_TOTAL / (perHost * large.length));
  for (let host = 0; host < hosts; host++) {
    const hog = { ...client, port: 2000 + host };
    give(tcp(hog, server, none, { sequence: 0, flags: SYN }));
    give(tcp(server, hog, none, { sequence: PEER, acknowledgement: 1, flags: SYN | ACK }));
    for (let i = 0; i < perHost; i++)
      give(tcp(hog, server, large, { sequence: 101 + i * large.length, acknowledgement: PEER + 1 }));
  }
  for (const packet of [...open(), c(3, 'def'), c(0, 'abc'), s(0, 'xyz', 6)]) give(packet);
  expect(streams.at(-1)!.log.join(' ')).toBe(`${begun} abc def <xyz>`);
  expect(streams[0].runs[0].slice(0, 2)).toEqual([100, large]);
  expect(waitingBytes(network)).toBeLessThanOrEqual(MAX_WAITING_TOTAL);
  network.finish();
  expect([waitingBytes(network), tcpOf(network).waiting.size]).toEqual([0, 0]);
});

describe('far jumps', () => {
  const far = MAX_SEQUENCE_JUMP + 500;
  test('one stray segment is not believed', () => {
    expect(logOf([...open(), c(0, 'abc'), c(far, 'stray'), c(3, 'def')])).toEqual([`${begun} abc def end input_end`]);
  });
  test('nor one that acknowledges missing bytes', () => {
    const acknowledging = (at: number, data: string | Uint8Array) => c(at, data, ACK, ISN, PEER + 7);
    const missing = [c(0, 'abc'), s(3, 'uvw', 3), acknowledging(3, none)];
    expect(
      logOf([...open(), ...missing, acknowledging(far, 'stray'), s(0, 'xyz', 3), acknowledging(3, 'def')]),
    ).toEqual([`${begun} abc <xyz> <uvw> def end input_end`]);
  });
  test('nor an acknowledgement', () => {
    expect(logOf([...open(), c(0, 'abc'), ...idle(GAP_GRACE_PACKETS * 2, far), c(3, 'def')])).toEqual([
      `${begun} abc def end input_end`,
    ]);
  });
  test('two that follow each other are', () => {
    const [log] = logOf([...open(), c(0, 'abc'), c(far, 'ghi'), c(far + 3, 'jkl'), c(far + 6, 'mno')]);
    expect(log).toBe(`${begun} abc skip ${MAX_SEQUENCE_JUMP} ghi jkl mno end input_end`);
  });
  test('one that the peer answers is', () => {
    expect(logOf([...open(), c(0, 'abc'), c(far, 'ghi'), s(0, 'xyz', far + 3)])).toEqual([
      `${begun} abc skip ${MAX_SEQUENCE_JUMP} ghi <xyz> end input_end`,
    ]);
    expect(logOf([...open(), c(0, 'abc'), c(far, 'ghi'), s(0, 'xyz', far + 2)])).toEqual([
      `${begun} abc <xyz> end input_end`,
    ]);
  });
  test('one that was cut, and the next', () => {
    const [log] = logOf([...open(), c(0, 'abc'), cut(c(far, 'ghi'), 41), c(far + 3, 'jkl')]);
    expect(log).toBe(`${begun} abc skip ${MAX_SEQUENCE_JUMP} g skip 2 jkl end input_end`);
  });
  test('two that follow each other, while the others go on, are of somebody else', () => {
    const [log] = logOf([...open(), c(0, 'abc'), c(far, 'ghi'), c(3, 'def'), c(far + 3, 'jkl'), c(6, 'ghi')]);
    expect(log).toBe(`${begun} abc def ghi end input_end`);
  });
  test('nor is believed what somebody out of the window acknowledges', () => {
    const stray = new Array<Uint8Array>(GAP_GRACE_PACKETS * 2).fill(s(far, none, 500));
    expect(logOf([...open(), c(0, 'abc'), s(0, 'xyz', 3), ...stray, c(3, 'def')])).toEqual([
      `${begun} abc <xyz> def end input_end`,
    ]);
  });
  test('they wait within the bound of all that waits', () => {
    const { network } = keepAll([...open(), c(0, 'abc'), c(far, 'ghi'), c(far + 9, 'ghi')]);
    expect(waitingBytes(network)).toBe(0);
  });
});

/** The ports are used again, and the new SYNs were not captured: numbers begin anywhere, but for some time ahead. */
describe('another connection without its beginning', () => {
  const jump = `skip ${MAX_SEQUENCE_JUMP}`;
  const bothJump = `${jump} aaa <${jump}> <bbb> ccc <ddd>`;
  const cases: [name: string, clientMoved: number, serverMoved: number, log: string][] = [
    ['far ahead', 0x60000000, 0x60000000, bothJump],
    ['far behind', -0x60000000, -0x60000000, bothJump],
    ['behind, where no copy can be', -500_000_000, -500_000_000, bothJump],
    ['ahead', 500_000_000, 500_000_000, 'skip 499999997 <skip 499999997> aaa <bbb> ccc <ddd>'],
    ['behind as a copy, but for what it acknowledges', -100_000_000, 0x60000000, bothJump],
    ['behind as a copy, and far behind', -100_000_000, -500_000_000, bothJump],
    ['far, and behind as a copy', 0x60000000, -100_000_000, bothJump],
    ['far behind, and behind as a copy', -500_000_000, -100_000_000, bothJump],
    ['ahead, and behind as a copy', 500_000_000, -100_000_000, `skip 499999997 aaa <${jump}> <bbb> ccc <ddd>`],
  ];
  const calls = (clientMoved: number, serverMoved: number) => {
    const call = (at: number, data: string) => c(at, data, ACK, ISN + clientMoved, PEER + serverMoved + 1 + at);
    const reply = (at: number, data: string) =>
      tcp(server, client, text(data), {
        sequence: word(PEER + serverMoved + 1 + at),
        acknowledgement: word(ISN + clientMoved + 1 + at + 3),
      });
    return [call(0, 'aaa'), reply(0, 'bbb'), call(3, 'ccc'), reply(3, 'ddd')];
  };
  test.each(cases)('%s', (_, clientMoved, serverMoved, log) => {
    const moved = calls(clientMoved, serverMoved).map((packet) => later(packet, GAP_GRACE_SECONDS + 1));
    expect(logOf([...open(), c(0, 'abc'), s(0, 'xyz', 3), ...moved])).toEqual([
      `${begun} abc <xyz> ${log} end input_end`,
    ]);
  });
  test.each(cases)('%s, after the end', (_, clientMoved, serverMoved) => {
    const ended = [c(0, 'abc', FIN | ACK), s(0, 'xyz', 4, FIN | ACK)];
    expect(logOf([...open(), ...ended, ...calls(clientMoved, serverMoved)])).toEqual([
      `${begun} abc <xyz> end closed`,
      'join aaa <join> <bbb> ccc <ddd> end input_end',
    ]);
  });
});

describe('a FIN that was sent on the old connection ends nothing of the new one', () => {
  const last = [c(3, none, FIN | ACK), s(0, 'xyz', 4), s(3, none, 4, FIN | ACK)];
  test.each([
    ['behind', -700_000_000],
    ['close behind', -3000],
    ['far', 2_000_000_000],
  ])('%s', (_, place) => {
    const stale = s(place, none, place, FIN | ACK);
    const [syn, answer] = open();
    expect(logOf([syn, stale, answer, c(0, 'abc'), ...last])).toEqual([`${begun} abc <xyz> end closed`]);
    expect(logOf([syn, answer, c(0, 'abc'), stale, ...last])).toEqual([`${begun} abc <xyz> end closed`]);
  });
});

test('what a server still says on the old connection (RFC 5961 §4) does not count for the new one', () => {
  const old = 600_000_000;
  const challenge = s(old, none, old);
  const rest = [c(0, 'abc'), s(0, 'xyz', 3), ...idle(GAP_GRACE_PACKETS * 2, 3), c(3, 'def')];
  expect(logOf([open()[0], challenge, c(old, none, RST), ...open(), ...rest])).toEqual([
    `${begun} abc <xyz> def end input_end`,
  ]);
});

function tcpOf(network: unknown): TcpContext {
  return (network as { transport: { tcp: TcpContext } }).transport.tcp;
}

function reassemblyOf(network: Network): Reassembly {
  return ([...network.flows.values()][0].state as unknown as { reassembly: Reassembly }).reassembly;
}

function waitingBytes(network: unknown): number {
  return tcpOf(network).waitingBytes;
}

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

// Properties

function sum(run: Run): number {
  return run.reduce<number>((total, part) => total + (typeof part === 'number' ? part : part.length), 0);
}

/** The client's bytes with zeros for holes, and which of them were there. */
function lay(run: Run): { bytes: Buffer; there: boolean[] } {
  const there = run.flatMap((part) =>
    new Array<boolean>(typeof part === 'number' ? part : part.length).fill(typeof part !== 'number'),
  );
  return { bytes: Buffer.concat(run.map((part) => (typeof part === 'number' ? Buffer.alloc(part) : part))), there };
}

const total = 3000;
const source = Buffer.from(Array.from({ length: total }, (_, i) => (i * 31 + (i >> 8) * 7) & 255));

interface Segmentation {
  /** Where segments begin and end, as sent: they may overlap and come again. */
  segments: [start: number, end: number][];
  /** How far each moves back or forth in time. */
  moves: number[];
}

const segmentation: fc.Arbitrary<Segmentation> = fc
  .record({
    cuts: fc.array(fc.integer({ min: 1, max: total - 1 }), { minLength: 1, maxLength: 40 }),
    again: fc.array(fc.tuple(fc.nat(total - 1), fc.integer({ min: 1, max: 200 })), { maxLength: 8 }),
    moves: fc.array(fc.integer({ min: -6, max: 6 }), { minLength: 50, maxLength: 50 }),
  })
  .map(({ cuts, again, moves }) => {
    const ends = [...new Set([...cuts, total])].sort((a, b) => a - b);
    const segments = ends.map((end, i): [number, number] => [i === 0 ? 0 : ends[i - 1], end]);
    for (const [start, length] of again) {
      const place = segments.findIndex(([from]) => from > start);
      segments.splice(place < 0 ? segments.length : place, 0, [start, Math.min(total, start + length)]);
    }
    return { segments, moves };
  });

function order<T>(items: readonly T[], moves: readonly number[]): T[] {
  return items
    .map((item, i) => [item, i + moves[i % moves.length]] as const)
    .sort((a, b) => a[1] - b[1])
    .map(([item]) => item);
}

const run = (kept: Kept): Run => kept.streams[0]?.runs[0] ?? [];
const bases = fc.constantFrom(ISN, -1, -1500, 0x7ffffff0, -0x80000000);

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

describe('properties', () => {
  test('cut anywhere, doubled, swapped within a window: the same bytes', () => {
    fc.assert(
      fc.property(segmentation, bases, ({ segments, moves }, base) => {
        const packets = order(segments, moves).map(([start, end]) => c(start, source.subarray(start, end), ACK, base));
        const kept = keepAll([...open(base), ...packets]);
        expect(kept.streams).toHaveLength(1);
        expect(run(kept).every((part) => typeof part !== 'number')).toBe(true);
        expect(lay(run(kept)).bytes.equals(source)).toBe(true);
        expect(kept.network.counts.holes).toBe(0);
      }),
      { seed: 21, numRuns: 200 },
    );
  });

  test('joined in mid-stream, cut anywhere, doubled, swapped: the same bytes, whether or not the peer acknowledges', () => {
    fc.assert(
      fc.property(segmentation, bases, fc.boolean(), ({ segments, moves }, base, acknowledges) => {
        const seen = new Array<boolean>(total).fill(false);
        const packets = order(segments, moves).flatMap(([start, end]) => {
          seen.fill(true, start, end);
          const acked = seen.includes(false) ? seen.indexOf(false) : total;
          const segment = c(start, source.subarray(start, end), ACK, base);
          return acknowledges ? [segment, s(0, none, acked, ACK, base)] : [segment];
        });
        const kept = keepAll(packets);
        expect(kept.streams[0].log[0]).toBe('join');
        expect(lay(run(kept)).bytes.equals(source)).toBe(true);
        expect(kept.network.counts.holes).toBe(0);
      }),
      { seed: 23, numRuns: 200 },
    );
  });

  test('with segments lost or cut: every byte that is handed on stands at its place, and holes make up the rest', () => {
    const losses = fc.array(fc.nat(48), { maxLength: 12 });
    const snaplens = fc.array(fc.tuple(fc.nat(48), fc.nat(60)), { maxLength: 5 });
    fc.assert(
      fc.property(segmentation, bases, losses, snaplens, fc.nat(3), ({ segments, moves }, base, lost, cuts, acks) => {
        const sent = order(segments, moves).flatMap(([start, end], i): Packet[] => {
          if (lost.includes(i)) return [];
          const packet = c(start, source.subarray(start, end), ACK, base);
          const snaplen = cuts.find(([index]) => index === i)?.[1];
          const acknowledged = acks === 0 ? [] : idle(acks, end).map((each) => rebased(each, base));
          return [snaplen === undefined ? packet : cut(packet, Math.min(packet.length, 40 + snaplen)), ...acknowledged];
        });
        const kept = keepAll([...open(base), ...sent]);
        const { bytes, there } = lay(run(kept));
        expect(there.findIndex((isThere, i) => isThere && bytes[i] !== source[i])).toBe(-1);
        const missing = there.filter((isThere) => !isThere).length;
        expect(kept.network.counts.missingBytes).toBe(missing);
        const last = Math.max(0, ...sent.map(endOf(base)));
        expect(bytes.length).toBe(last);
      }),
      { seed: 22, numRuns: 200 },
    );
  });
});

/** Calls and replies of so many bytes, up to the FINs; parts of the calls are sent again behind a reply, and acknowledge it. */
function dialogue(exchanges: readonly [asked: number, answered: number, again: number][]): Uint8Array[] {
  let [asked, answered] = [0, 0];
  const call = (at: number, data: string, flags = ACK) => c(at, data, flags, ISN, PEER + 1 + answered);
  const packets = exchanges.flatMap(([question, answer, again]) => {
    const sent = [call(asked, 'c'.repeat(question)), s(answered, 's'.repeat(answer), asked + question)];
    [asked, answered] = [asked + question, answered + answer];
    return again === 0 ? sent : [...sent, call(Math.max(0, asked - again), 'c'.repeat(again))];
  });
  return [
    ...packets,
    call(asked, '', FIN | ACK),
    s(answered, 's', asked + 1),
    s(answered + 1, none, asked + 1, FIN | ACK),
  ];
}

test('both directions, swapped, lost and sent again: nothing waits but for what is missing', () => {
  const arbitrary = fc.record({
    exchanges: fc.array(fc.tuple(fc.integer({ min: 1, max: 6 }), fc.nat(4), fc.nat(9)), {
      minLength: 1,
      maxLength: 12,
    }),
    moves: fc.array(fc.integer({ min: -6, max: 6 }), { minLength: 40, maxLength: 40 }),
    lost: fc.array(fc.nat(39), { maxLength: 4 }),
  });
  fc.assert(
    fc.property(arbitrary, ({ exchanges, moves, lost }) => {
      const packets = order(dialogue(exchanges), moves).filter((_, i) => !lost.includes(i));
      const { network } = kept(open());
      packets.forEach((data, i) => {
        giveFrame(network, { data, seconds: 0 }, i + 3);
        const { sides } = reassemblyOf(network);
        for (const [side, peer] of [sides, [...sides].reverse()]) {
          expect(side.gapPacket >= 0).toBe(side.waiting.length > 0 || side.acknowledgedGap > 0);
          expect(side.hasNext && (peer.hasNext || peer.acknowledgedGap <= 0)).toBe(false);
        }
      });
    }),
    { seed: 23, numRuns: 300 },
  );
});

/** An acknowledgement for a stream that began elsewhere. */
function rebased(packet: Uint8Array, base: number): Uint8Array {
  const moved = Buffer.from(packet);
  moved.writeUInt32BE(word(moved.readUInt32BE(28) - ISN + base), 28);
  return moved;
}

/** Where in the stream a packet says that it ends: its own bytes for the client, what it acknowledges for the server. */
function endOf(base: number): (packet: Packet) => number {
  return (packet) => {
    const data = Buffer.from(packet instanceof Uint8Array ? packet : packet.data);
    const wire = packet instanceof Uint8Array ? data.length : packet.wireLength!;
    const at = data[15] === 1 ? data.readUInt32BE(24) + wire - 40 : data.readUInt32BE(28);
    return (at - base - 1) | 0;
  };
}

const LETTERS = 'abcdefghijklmnop'.repeat(8);

test('segments in order are handed on as all segments are, whatever else comes between them', () => {
  /** `isNext`: at the sender's next byte, and acknowledges all of the peer's, whatever `at` and `acked` say. */
  const piece = fc.record({
    isClient: fc.boolean(),
    isNext: fc.oneof({ weight: 12, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
    at: fc.nat(9),
    length: fc.nat(4),
    acked: fc.nat(12),
    flags: fc.oneof(
      { weight: 12, arbitrary: fc.constantFrom(ACK, ACK | 8) },
      { weight: 1, arbitrary: fc.constantFrom(0, ACK | FIN, ACK | RST, SYN) },
    ),
  });
  const connections = TcpConnection.prototype as unknown as { isInOrder: (...parameters: unknown[]) => boolean };
  const { isInOrder } = connections;
  let inOrder = 0;
  const counted = function (this: unknown, ...parameters: unknown[]): boolean {
    const answer = isInOrder.apply(this, parameters);
    if (answer) inOrder++;
    return answer;
  };
  try {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 24 }), fc.boolean(), (pieces, isOpened) => {
        const sent = { client: 0, server: 0 };
        const packets = pieces.map(({ isClient, isNext, at, length, acked, flags }) => {
          const [own, peer] = isClient ? (['client', 'server'] as const) : (['server', 'client'] as const);
          const [from, to] = isNext ? [sent[own], sent[peer]] : [at, acked];
          const data = LETTERS.slice(from, from + length);
          sent[own] = Math.max(sent[own], from + data.length);
          return isClient ? c(from, data, flags, ISN, PEER + 1 + to) : s(from, data, to, flags);
        });
        const all = isOpened ? [...open(), ...packets] : packets;
        connections.isInOrder = () => false;
        const careful = logOf(all);
        connections.isInOrder = counted;
        expect(logOf(all)).toEqual(careful);
      }),
      { seed: 24, numRuns: 300 },
    );
  } finally {
    connections.isInOrder = isInOrder;
  }
  expect(inOrder).toBeGreaterThan(500);
});
