/** Calls matched to replies, transmissions told apart, through packets as they come. */
import { describe, expect, test } from 'vitest';
import { GAP_GRACE_PACKETS, GAP_GRACE_SECONDS } from '../../src/limits/network.js';
import { ANSWERED_SECONDS } from '../../src/limits/rpc.js';
import type { Endpoint } from '../../src/network/flow.js';
import { ExchangeTable } from '../../src/rpc/exchanges.js';
import { Message } from '../../src/rpc/message.js';
import { CallStream, type StreamEnd } from '../../src/rpc/outcome.js';
import { bytes } from '../helpers/capture-writer.js';
import { Conversation } from '../helpers/conversation.js';
import { inspect, type OwnedMessage } from '../helpers/inspect.js';
import { ACK, client, FIN, type Host, RST, SYN, server, type TestPacket, tcp, udp } from '../helpers/packets.js';
import { call, mark, record, reply, words } from '../helpers/rpc-writer.js';

const other: Host = { address: '10.0.0.3', port: 2049 };
const otherPort: Host = { address: '10.0.0.2', port: 40_000 };
const broadcast: Host = { address: '10.0.0.255', port: 111 };

const at = (seconds: number, data: Uint8Array, nanoseconds = 0): TestPacket => ({ data, seconds, nanoseconds });

/** Each message in short: what it is, the frame of its call, and what kind of retransmission. */
function short(messages: readonly OwnedMessage[]): string[] {
  return messages.map((message) => {
    const kind =
      message.type === 0
        ? 'call'
        : message.callFrame < 0
          ? 'reply'
          : `reply to ${message.callFrame} p${message.procedure}`;
    const repeat =
      message.retransmission === null ? '' : ` ${message.retransmission} of ${message.retransmissionFrame}`;
    const same = message.retransmission === 'duplicate_reply' ? (message.sameBytes ? ' same' : ' other') : '';
    return `${message.frame} ${kind}${repeat}${same}${message.notes.some((note) => note.startsWith('reply_from')) ? ' from elsewhere' : ''}`;
  });
}

/** Packets of another flow that are no RPC. */
const others = (count: number, seconds: number) =>
  new Array<TestPacket>(count).fill(at(seconds, udp(otherPort, client, words(7))));

const ask = (xid = 1, procedure = 3, argument = 0) =>
  udp(client, server, call({ xid, procedure, args: words(argument) }));
const answer = (xid = 1, result = 0, from = server) => udp(from, client, reply({ xid, result: words(result) }));

const cases: [name: string, packets: (Uint8Array | TestPacket)[], expected: string[]][] = [
  ['a call and its reply', [ask(), answer()], ['1 call', '2 reply to 1 p3']],
  [
    'interleaved',
    [ask(1, 3), ask(2, 4), answer(2), answer(1)],
    ['1 call', '2 call', '3 reply to 2 p4', '4 reply to 1 p3'],
  ],
  ['a reply without its call', [answer()], ['1 reply']],
  ['a reply before its call', [answer(), ask()], ['2 call', '1 reply to 2 p3']],
  [
    'two replies before their calls, which swapped too',
    [answer(2), answer(1), ask(1), ask(2, 4)].map((data) => at(0, data)),
    ['3 call', '2 reply to 3 p3', '4 call', '1 reply to 4 p4'],
  ],
  [
    'a reply from another port before its call',
    [answer(1, 0, otherPort), ask()],
    ['2 call', '1 reply to 2 p3 from elsewhere'],
  ],
  [
    'a reply before its call, others between',
    [at(0, answer()), ...others(GAP_GRACE_PACKETS - 1, 0), at(0, ask())],
    ['65 call', '1 reply to 65 p3'],
  ],
  [
    'a reply before its call, more others between',
    [at(0, answer()), ...others(GAP_GRACE_PACKETS, 0), at(0, ask())],
    ['1 reply', '66 call'],
  ],
  [
    'a reply whose call comes seconds later',
    [at(0, answer()), at(1 + GAP_GRACE_SECONDS, ask())],
    ['1 reply', '2 call'],
  ],
  [
    'two replies before their call',
    [answer(), answer(), ask()],
    ['3 call', '1 reply to 3 p3', '2 reply to 3 p3 duplicate_reply of 1 same'],
  ],
  ['a reply with another xid', [ask(1), answer(9)], ['1 call', '2 reply']],
  [
    'xid 0 and 0xffffffff',
    [ask(0), ask(0xffffffff, 5), answer(0xffffffff), answer(0)],
    ['1 call', '2 call', '3 reply to 2 p5', '4 reply to 1 p3'],
  ],
  ['a resend before the reply', [ask(), ask(), answer()], ['1 call', '2 call rpc of 1', '3 reply to 1 p3']],
  ['two resends', [ask(), ask(), ask(), answer()], ['1 call', '2 call rpc of 1', '3 call rpc of 1', '4 reply to 1 p3']],
  [
    'a resend after the reply',
    [ask(), answer(), ask(), answer()],
    ['1 call', '2 reply to 1 p3', '3 call rpc_after_reply of 1', '4 reply to 1 p3 duplicate_reply of 2 same'],
  ],
  [
    'a second reply with other bytes',
    [ask(), ask(), answer(1, 0), answer(1, 5)],
    ['1 call', '2 call rpc of 1', '3 reply to 1 p3', '4 reply to 1 p3 duplicate_reply of 3 other'],
  ],
  ['xid reuse: other arguments', [ask(1, 3, 7), ask(1, 3, 8), answer()], ['1 call', '2 call', '3 reply to 2 p3']],
  [
    'xid reuse: another procedure',
    [ask(1, 3), answer(), ask(1, 4), answer()],
    ['1 call', '2 reply to 1 p3', '3 call', '4 reply to 3 p4'],
  ],
  ...[{ program: 100005 }, { version: 4 }].map((other): (typeof cases)[number] => [
    `xid reuse: another ${Object.keys(other)[0]}`,
    [ask(), udp(client, server, call({ xid: 1, procedure: 3, args: words(0), ...other })), answer()],
    ['1 call', '2 call', '3 reply to 2 p3'],
  ]),
  ['a reply from another port', [ask(), answer(1, 0, otherPort)], ['1 call', '2 reply to 1 p3 from elsewhere']],
  ['a reply from another address', [ask(), answer(1, 0, other)], ['1 call', '2 reply to 1 p3 from elsewhere']],
  [
    'the exact server wins over another with the same xid',
    [ask(1, 3), udp(client, other, call({ xid: 1, procedure: 4 })), answer(1), answer(1, 0, other)],
    ['1 call', '2 call', '3 reply to 1 p3', '4 reply to 2 p4'],
  ],
  [
    'a broadcast that many answer: no answer duplicates another',
    [
      udp(client, broadcast, call({ xid: 1, program: 100000, version: 2, procedure: 3, args: words(1, 2, 17, 0) })),
      ...[2, 3, 4].map((host) =>
        udp({ address: `10.0.0.${host}`, port: 111 }, client, reply({ xid: 1, result: words(host) })),
      ),
    ],
    ['1 call', ...[2, 3, 4].map((frame) => `${frame} reply to 1 p3 from elsewhere`)],
  ],
  [
    'one host that answers a broadcast twice',
    [
      udp(client, broadcast, call({ xid: 1, program: 100000, version: 2, procedure: 3 })),
      udp({ address: '10.0.0.2', port: 111 }, client, reply({ xid: 1, result: words(2) })),
      udp({ address: '10.0.0.2', port: 111 }, client, reply({ xid: 1, result: words(2) })),
    ],
    ['1 call', '2 reply to 1 p3 from elsewhere', '3 reply to 1 p3 duplicate_reply of 2 same from elsewhere'],
  ],
  [
    'two clients with one xid',
    [
      ask(1, 3),
      udp({ ...client, port: 801 }, server, call({ xid: 1, procedure: 5 })),
      udp(server, { ...client, port: 801 }, reply({ result: words(0) })),
      answer(),
    ],
    ['1 call', '2 call', '3 reply to 2 p5', '4 reply to 1 p3'],
  ],
  [
    'an answered exchange is known for its time',
    [at(0, ask()), at(1, answer()), at(1 + ANSWERED_SECONDS, ask())],
    ['1 call', '2 reply to 1 p3', '3 call rpc_after_reply of 1'],
  ],
  [
    'and then forgotten',
    [at(0, ask()), at(1, answer()), at(2 + ANSWERED_SECONDS, ask()), at(2 + ANSWERED_SECONDS, answer())],
    ['1 call', '2 reply to 1 p3', '3 call', '4 reply to 3 p3'],
  ],
  [
    'an unanswered one is not',
    [at(0, ask()), at(500, ask()), at(501, answer())],
    ['1 call', '2 call rpc of 1', '3 reply to 1 p3'],
  ],
  [
    'credentials do not count: GSS renews them',
    [1, 2].map((stamp) =>
      udp(client, server, call({ xid: 1, credential: { flavor: 1, body: words(stamp, 0, 0, 0, 0) }, args: words(5) })),
    ),
    ['1 call', '2 call rpc of 1'],
  ],
];

describe('over UDP', () => {
  test.each(cases)('%s', (_, packets, expected) => {
    expect(short(inspect(packets).messages)).toEqual(expected);
  });

  test('elapsed goes from the first transmission, exact to the nanosecond', () => {
    const { messages } = inspect([at(100, ask(), 999_999_999), at(101, ask(), 5), at(102, answer(), 1)]);
    expect(messages.map((message) => message.elapsed)).toEqual([-1, -1, 1_000_000_002]);
  });

  test('a resend is the same call when the capture cut the one and not the other', () => {
    const whole = udp(client, server, call({ args: words(1, 2, 3, 4) }));
    const packets = [{ data: whole.subarray(0, whole.length - 8), wireLength: whole.length }, whole];
    expect(short(inspect(packets).messages)).toEqual(['1 call', '2 call rpc of 1']);
    expect(short(inspect([...packets].reverse()).messages)).toEqual(['1 call', '2 call rpc of 1']);
  });

  test('a reply whose fragments were lost closes nothing', () => {
    const big = reply({ result: Buffer.alloc(400) });
    const lost = udp(server, client, big, {});
    const first = { data: lost.subarray(0, 20 + 200) };
    first.data = Buffer.from(first.data);
    // More fragments follow, at an identification of their own; they never come.
    first.data.writeUInt16BE(220, 2);
    first.data.writeUInt16BE(99, 4);
    first.data.writeUInt16BE(0x2000, 6);
    const { messages } = inspect([at(0, ask()), at(1, first.data), at(2, ask()), at(3, udp(server, client, big))]);
    const kinds = messages.map(({ type, retransmission, have, length }) => [type, retransmission, have < length]);
    expect(kinds).toContainEqual([1, null, true]);
    expect(kinds).toContainEqual([1, null, false]);
    expect(kinds).toContainEqual([0, 'rpc', false]);
  });
});

describe('over TCP', () => {
  let sequences: [number, number] = [0, 0];
  const open = (base: number): Uint8Array[] => {
    sequences = [base + 1, base + 1001];
    return [
      tcp(client, server, words(), { sequence: base, flags: SYN }),
      tcp(server, client, words(), { sequence: base + 1000, acknowledgement: base + 1, flags: SYN | ACK }),
    ];
  };
  const send = (fromClient: boolean, message: Uint8Array, flags = ACK): Uint8Array => {
    const me = fromClient ? 0 : 1;
    const data = message.length === 0 ? message : record(message);
    const packet = fromClient
      ? tcp(client, server, data, { sequence: sequences[0], acknowledgement: sequences[1], flags })
      : tcp(server, client, data, { sequence: sequences[1], acknowledgement: sequences[0], flags });
    sequences[me] += data.length + (flags & FIN);
    return packet;
  };

  test('equal xids in both directions: a back channel', () => {
    const packets = [
      ...open(5000),
      send(true, call({ xid: 1, procedure: 3 })),
      send(false, call({ xid: 1, program: 0x40000000, version: 1, procedure: 1 })),
      send(true, reply()),
      send(false, reply()),
    ];
    expect(short(inspect(packets).messages)).toEqual(['3 call', '4 call', '5 reply to 4 p1', '6 reply to 3 p3']);
  });

  test.each([
    ['closed', () => [send(true, words(), FIN | ACK), send(false, words(), FIN | ACK)]],
    ['reset', () => [send(true, words(), RST | ACK)]],
    ['silent', () => []],
  ] as [string, () => Uint8Array[]][])('a new SYN is another incarnation; the old one was %s', (_, end) => {
    const packets = [
      ...open(5000),
      send(true, call({ procedure: 3 })),
      ...end(),
      ...open(900_000),
      send(true, call({ procedure: 3, args: words(9) })),
      send(false, reply()),
    ];
    const { messages } = inspect(packets);
    const frame = messages[1].frame;
    expect(short(messages)).toEqual(['3 call', `${frame} call`, `${frame + 1} reply to ${frame} p3`]);
    expect(messages.map((message) => message.connection)).toEqual([1, 2, 2]);
  });

  test('segments that TCP resends make no record', () => {
    const [syn, synAck] = open(5000);
    const [first, second] = [send(true, call({ xid: 1 })), send(false, reply())];
    const { messages, network } = inspect([syn, synAck, first, first, second, first, second]);
    expect(short(messages)).toEqual(['3 call', '5 reply to 3 p0']);
    expect(network.counts.retransmittedSegments).toBe(3);
  });
});

describe('a bounded table', () => {
  const endpoint = (id: number): Endpoint => ({ id, address: '10.0.0.1', port: id });
  const messageOf = (xid: number, data: Uint8Array, frame: number): Message => {
    const message = new Message();
    Object.assign(message, {
      xid,
      bytes: data,
      start: 0,
      end: data.length,
      length: data.length,
      body: 0,
      frame,
      program: 1,
      version: 1,
      procedure: xid,
      source: endpoint(1),
    });
    return message;
  };

  test('the oldest exchange leaves and is counted', () => {
    const table = new ExchangeTable(4);
    for (let xid = 1; xid <= 6; xid++) table.call(messageOf(xid, words(xid), xid), 8, endpoint(2));
    expect([1, 2, 3, 4, 5, 6].map((xid) => table.has(8, xid))).toEqual([false, false, true, true, true, true]);
    expect(table.counts).toMatchObject({ evicted: 2, evictedUnanswered: 2, xidReuses: 0 });
    // Nothing was answered so far: this may be a capture of one direction.
    expect(table.counts.unanswered).toMatchObject({ never_answered: 0, lost_to_capture: 2 });
  });

  test('a slot that is taken again has nothing of the exchange before it', () => {
    const table = new ExchangeTable(1);
    for (const frame of [1, 2]) table.call(messageOf(1, words(1), frame), 8, endpoint(2));
    table.icmpError(8, 1, endpoint(2), { frame: 3, file: 6, type: 3, code: 3 });
    expect([table.resendsOf(0), table.icmpErrorOf(0)]).toEqual([1, { frame: 3, file: 6, type: 3, code: 3 }]);
    table.call(messageOf(2, words(2), 4), 8, endpoint(2));
    expect([table.resendsOf(0), table.icmpErrorOf(0)]).toEqual([0, null]);
    table.call(messageOf(3, words(3), 5), 8, endpoint(2));
    expect(table.counts).toMatchObject({ evictedUnanswered: 2, unanswered: { lost_to_capture: 2 } });
  });

  test('a connection that takes over calls of ever others knows those that are in the table', () => {
    const table = new ExchangeTable(4);
    const stream = new CallStream(4);
    const to = endpoint(2);
    const end: StreamEnd = { isConnectionEnd: true, sawReplies: true, state: 'reset' };
    for (let xid = 1; xid <= 10; xid++) {
      const other = new CallStream(4 + 4 * xid);
      table.call(messageOf(xid, words(xid), xid), other.owner, to, other);
      table.ended(other, messageOf(xid, words(xid), xid).source, to, end, 0);
      const again = messageOf(xid, words(xid), xid);
      table.call(again, stream.owner, to, stream);
      expect(again.retransmission).toBe('rpc_reconnect');
    }
    expect(stream.adopted?.slots).toEqual([2, 3, 0, 1]);
    expect([6, 7].map((xid) => stream.adopted?.find(xid))).toEqual([undefined, 2]);
  });

  test('answered ones are counted apart', () => {
    const table = new ExchangeTable(2);
    table.call(messageOf(1, words(1), 1), 8, endpoint(2));
    table.reply(messageOf(1, words(1, 1, 0), 2), 8, true);
    for (const xid of [2, 3, 4]) table.call(messageOf(xid, words(xid), xid), 8, endpoint(2));
    expect(table.counts).toMatchObject({ evicted: 2, evictedUnanswered: 1, xidReuses: 0 });
  });

  test('many rounds of a small ring stay true', () => {
    const table = new ExchangeTable(64);
    for (let xid = 1; xid <= 20_000; xid++) {
      table.call(messageOf(xid, words(xid), xid), xid % 3, endpoint(2));
      const old = xid - (xid % 32);
      const message = messageOf(old, words(old, 1, 0), xid);
      message.program = -1;
      table.reply(message, old % 3, true);
      expect(message.exchange >= 0 ? message.procedure : old).toBe(old);
      expect(message.exchange >= 0).toBe(old > 0);
    }
    expect(table.counts.evicted).toBe(20_000 - 64);
  });

  test('any order of owners and xids finds what the newest exchanges of a small ring are', () => {
    const table = new ExchangeTable(8);
    const newest: string[] = [];
    let random = 1;
    for (let i = 0; i < 5000; i++) {
      random = Math.imul(random, 1103515245) + 12345;
      const [owner, xid] = [(random >>> 16) % 3, ((random >>> 20) % 5) << 17];
      table.call(messageOf(xid, words(i), i + 1), owner, endpoint(2));
      newest.unshift(`${owner} ${xid}`);
      newest.length = Math.min(newest.length, 8);
      for (let key = 0; key < 15; key++) {
        const [ofOwner, ofXid] = [key % 3, Math.floor(key / 3) << 17];
        expect(table.has(ofOwner, ofXid)).toBe(newest.includes(`${ofOwner} ${ofXid}`));
      }
    }
  });

  test('a flood of calls with one xid to as many servers ends', () => {
    const table = new ExchangeTable();
    const message = messageOf(1, words(1), 1);
    for (let i = 0; i < 200_000; i++) {
      message.procedure = i;
      table.call(message, 1, endpoint(i));
    }
    expect(table.counts).toMatchObject({ xidReuses: 199_999, retransmissions: { rpc: 0 } });
  });
});

describe('peers that never mark a last fragment: each call has its reply, in the frame that it came in', () => {
  const unmarked = (message: Uint8Array) => bytes(mark(message.length, false), message);
  const asked = (xid: number) => call({ xid, procedure: xid + 2, args: words(...new Array<number>(xid * 9).fill(7)) });
  const answered = (xid: number) => reply({ xid, result: words(...new Array<number>(xid * 9).fill(7)) });

  test.each<[who: string, (message: Uint8Array) => Uint8Array, (message: Uint8Array) => Uint8Array, segment: number]>([
    ['the client', unmarked, record, 1000],
    ['the server', record, unmarked, 1000],
    ['both', unmarked, unmarked, 1000],
    ['both, in small segments', unmarked, unmarked, 7],
  ])('%s', (_, markCall, markReply, segment) => {
    const conversation = new Conversation().open(0);
    const pieces = (from: 0 | 1, data: Uint8Array, seconds: number) => {
      for (let at = 0; at < data.length; at += segment)
        conversation.send(from, data.subarray(at, at + segment), seconds);
    };
    for (const xid of [1, 2, 3, 4]) {
      pieces(0, markCall(asked(xid)), xid * 10);
      pieces(1, markReply(answered(xid)), xid * 10 + 1);
    }
    const seen = inspect(conversation.packets).messages.sort((a, b) => a.order - b.order);
    expect(seen.map(({ xid, type, seconds }) => [xid, type, seconds])).toEqual(
      [1, 2, 3, 4].flatMap((xid) => [
        [xid, 0, xid * 10],
        [xid, 1, xid * 10 + 1],
      ]),
    );
    const replies = seen.filter(({ type }) => type === 1);
    expect(replies.map(({ elapsed, procedure }) => [elapsed, procedure])).toEqual(
      [1, 2, 3, 4].map((xid) => [1_000_000_000, xid + 2]),
    );
  });

  test('a call whose fragments were never marked is not over before it is answered', () => {
    const first = call({ xid: 1, procedure: 3 });
    const rest = words(1, 2, 3, 4);
    const conversation = new Conversation()
      .open(0)
      .send(0, unmarked(first), 1)
      .send(0, bytes(mark(16), rest), 2);
    const { messages } = inspect(conversation.reply(answered(1), 3).packets);
    expect(messages.map(({ type, length, seconds }) => [type, length, seconds])).toEqual([
      [0, first.length + 16, 2],
      [1, answered(1).length, 3],
    ]);
  });
});
