/** What becomes of exchanges without a reply (src/rpc/outcome.ts), and what joins them: through packets as they come. */
import { describe, expect, test } from 'vitest';
import { MAX_KEPT_CALLS } from '../../src/limits/dissect.js';
import { DATAGRAM_ANSWER_SECONDS, PASSED_OVER_SECONDS, RECONNECT_SECONDS } from '../../src/limits/rpc.js';
import { Network } from '../../src/network/network.js';
import { newStamp } from '../../src/network/stamp.js';
import { Messages } from '../../src/rpc/messages.js';
import { bytes } from '../helpers/capture-writer.js';
import { Conversation } from '../helpers/conversation.js';
import { type ExchangeRecord, eachExchange, exchangesOf } from '../helpers/exchanges.js';
import { client, giveFrame, type Host, ip, server, type TestPacket, tcp, udp, udpPayload } from '../helpers/packets.js';
import { call, mark, record, reply, words } from '../helpers/rpc-writer.js';

const otherPort: Host = { ...client, port: 900 };
const otherClient: Host = { ...client, address: '10.0.0.9' };

const at = (seconds: number, data: Uint8Array): TestPacket => ({ data, seconds, nanoseconds: 0 });
const ask = (xid: number, args = 0) => call({ xid, procedure: 6, args: words(args) });
const answer = (xid: number) => reply({ xid, result: words(0) });

/** Each exchange in short: its xid, its outcome, and what is odd. */
function short(exchanges: readonly ExchangeRecord[]): string[] {
  return exchanges.map(({ xid, outcome, retransmissions, tcp_retransmissions, call: asked }) =>
    [
      `${xid} ${asked === null ? 'no call' : outcome}`,
      retransmissions ? `${retransmissions} resent` : '',
      tcp_retransmissions ? `${tcp_retransmissions} segments` : '',
    ]
      .filter((part) => part !== '')
      .join(', '),
  );
}

const tcpCases: [name: string, conversations: Conversation[], expected: string[]][] = [
  ['answered', [new Conversation().open(0).call(ask(1), 1).reply(answer(1), 2)], ['1 answered']],
  ['the capture ends', [new Conversation().open(0).call(ask(1), 1).acknowledge(1, 90)], ['1 open_at_end']],
  ['closed', [new Conversation().open(0).call(ask(1), 1).close(2)], ['1 connection_ended']],
  ['reset', [new Conversation().open(0).call(ask(1), 1).reset(2)], ['1 connection_ended']],
  [
    'a new connection takes its ports',
    [new Conversation().open(0).call(ask(1), 1), new Conversation(900_000).open(2).call(ask(2), 3).reply(answer(2), 3)],
    ['2 answered', '1 connection_ended'],
  ],
  [
    'a call sent much later was answered',
    [
      new Conversation()
        .open(0)
        .call(ask(1), 1)
        .call(ask(2), 1 + PASSED_OVER_SECONDS)
        .reply(answer(2), 3),
    ],
    ['2 answered', '1 never_answered'],
  ],
  [
    'a call sent soon after was answered',
    [new Conversation().open(0).call(ask(1), 1).call(ask(2), 1.1).reply(answer(2), 3)],
    ['2 answered', '1 open_at_end'],
  ],
  [
    'a call sent a little less later, across a full second, was answered',
    [
      new Conversation()
        .open(0)
        .call(ask(1), 1.9)
        .call(ask(2), 1.8 + PASSED_OVER_SECONDS)
        .reply(answer(2), 3),
    ],
    ['2 answered', '1 open_at_end'],
  ],
  [
    'a call before which one was answered, and the clock set back between them',
    [new Conversation().open(0).call(ask(1), 100).reply(answer(1), 100).call(ask(2), 90)],
    ['1 answered', '2 open_at_end'],
  ],
  [
    'passed over, and then closed',
    [new Conversation().open(0).call(ask(1), 1).call(ask(2), 2).reply(answer(2), 2).close(3)],
    ['2 answered', '1 never_answered'],
  ],
  [
    'the capture missed the reply',
    [
      new Conversation()
        .open(0)
        .call(ask(1), 1)
        .miss(1, answer(1))
        .acknowledge(0, 2)
        .call(ask(2), 6)
        .reply(answer(2), 7)
        .close(8),
    ],
    ['2 answered', '1 lost_to_capture'],
  ],
  [
    'the capture ends within the reply',
    [
      new Conversation()
        .open(0)
        .call(ask(1), 1)
        .send(1, record(answer(1)).subarray(0, 30), 2),
    ],
    ['1 lost_to_capture'],
  ],
  [
    'the connection ends within the reply',
    [
      new Conversation()
        .open(0)
        .call(ask(1), 1)
        .send(1, record(answer(1)).subarray(0, 30), 2)
        .close(3),
    ],
    ['1 connection_ended'],
  ],
  [
    'the capture ends within the reply, before its header is there',
    [
      new Conversation()
        .open(0)
        .call(ask(1), 1)
        .send(1, record(answer(1)).subarray(0, 10), 2),
    ],
    ['1 lost_to_capture'],
  ],
  [
    'so does the connection',
    [
      new Conversation()
        .open(0)
        .call(ask(1), 1)
        .send(1, record(answer(1)).subarray(0, 10), 2)
        .close(3),
    ],
    ['1 connection_ended'],
  ],
  [
    'the reason that stands in an RST is no part of the reply',
    [
      new Conversation()
        .open(0)
        .call(ask(1), 1)
        .send(1, record(answer(1)).subarray(0, 30), 2)
        .reset(3, 'administrator'),
    ],
    ['1 connection_ended'],
  ],
  [
    'an empty record is no reply that was lost',
    [new Conversation().open(0).call(ask(1), 1).call(ask(2), 1.1).send(1, mark(0), 1.2).reply(answer(2), 1.3)],
    ['2 answered', '1 open_at_end'],
  ],
  [
    'one direction only',
    [new Conversation().call(ask(1), 1).call(ask(2), 2)],
    ['1 lost_to_capture', '2 lost_to_capture'],
  ],
  [
    'the xid is used for another call',
    [new Conversation().open(0).call(ask(1, 5), 1).call(ask(1, 6), 1.1).reply(answer(1), 1.2)],
    ['1 answered', '1 never_answered'],
  ],
  [
    'sent again on a new connection, from another port',
    [
      new Conversation().open(0).call(ask(1), 1).close(2),
      new Conversation(900_000, [otherPort, server]).open(3).call(ask(1), 4).reply(answer(1), 5),
    ],
    ['1 answered, 1 resent'],
  ],
  [
    'sent again on a new connection, where the end of the old one was not captured',
    [
      new Conversation().open(0).call(ask(1), 1).miss(0, ask(2)).acknowledge(1, 1).close(2),
      new Conversation(900_000, [otherPort, server]).open(5).call(ask(1), 6).reply(answer(1), 7),
    ],
    ['1 answered, 1 resent'],
  ],
  [
    'sent again twice, the second connection ends too',
    [
      new Conversation().open(0).call(ask(1), 1).close(2),
      new Conversation(900_000).open(3).call(ask(1), 4).reset(5),
      new Conversation(2_900_000).open(6).call(ask(1), 7).reply(answer(1), 8),
    ],
    ['1 answered, 2 resent'],
  ],
  [
    'two calls sent again, the older one behind one that another client sends again',
    [
      new Conversation().open(0).call(ask(1), 1).call(ask(2), 1).close(2),
      new Conversation(5000, [otherClient, server]).open(0).call(ask(1), 1).close(2),
      new Conversation(900_000, [otherClient, server]).open(3).call(ask(1), 4).reply(answer(1), 4),
      new Conversation(900_000).open(5).call(ask(2), 6).reply(answer(2), 6).call(ask(1), 7).reply(answer(1), 7),
    ],
    ['1 answered, 1 resent', '2 answered, 1 resent', '1 answered, 1 resent'],
  ],
  [
    'sent again with other arguments',
    [
      new Conversation().open(0).call(ask(1, 5), 1).close(2),
      new Conversation(900_000).open(3).call(ask(1, 6), 4).reply(answer(1), 5),
    ],
    ['1 answered', '1 connection_ended'],
  ],
  [
    'another client with the same xid',
    [
      new Conversation().open(0).call(ask(1), 1).close(2),
      new Conversation(900_000, [otherClient, server]).open(3).call(ask(1), 4).reply(answer(1), 5),
    ],
    ['1 answered', '1 connection_ended'],
  ],
  [
    'sent again too late',
    [
      new Conversation().open(0).call(ask(1), 1).close(2),
      new Conversation(900_000)
        .open(3 + RECONNECT_SECONDS)
        .call(ask(1), 4 + RECONNECT_SECONDS)
        .reply(answer(1), 5 + RECONNECT_SECONDS),
    ],
    ['1 connection_ended', '1 answered'],
  ],
  [
    'a segment of a call, and one of its reply, sent again before they were complete',
    [
      new Conversation()
        .open(0)
        .send(0, record(ask(1)).subarray(0, 40), 1)
        .again(0, record(ask(1)).subarray(0, 40), 2)
        .send(0, record(ask(1)).subarray(40), 2)
        .send(1, record(answer(1)).subarray(0, 12), 3)
        .again(1, record(answer(1)).subarray(0, 12), 4)
        .send(1, record(answer(1)).subarray(12), 4)
        .call(ask(2), 5)
        .reply(answer(2), 5),
    ],
    ['1 answered, 2 segments', '2 answered'],
  ],
  [
    'segments that TCP sent again count for what they carried',
    [
      new Conversation()
        .open(0)
        .call(ask(1), 1)
        .again(0, record(ask(1)), 1.2)
        .call(ask(2), 1.3)
        .reply(answer(1), 2)
        .reply(answer(2), 2)
        .again(1, record(answer(2)), 2.1),
    ],
    ['1 answered, 1 segments', '2 answered'],
  ],
];

describe('over TCP', () => {
  test.each(tcpCases)('%s', (_, conversations, expected) => {
    expect(short(exchangesOf(conversations.flatMap(({ packets }) => packets)))).toEqual(expected);
  });

  test.each(tcpCases)('%s, where connections rest between their packets', (_, conversations, expected) => {
    const others = [901, 902].map((port) => tcp({ ...otherClient, port }, server, words(), { sequence: 1 }));
    const packets = conversations.flatMap((each) => each.packets);
    const between = packets.flatMap((packet) => [packet, ...others.map((data) => ({ ...packet, data }))]);
    expect(short(exchangesOf(between, undefined, { awakeFlows: 1 }))).toEqual(expected);
  });
});

describe('a reply that was on its way when its client reset the connection', () => {
  const first = new Conversation().open(0).call(ask(1), 1).reset(1, '', 0);
  const before = first.packets.splice(0);
  const late = first.reply(answer(1), 1).packets;
  const others = new Conversation(5000, [otherClient, server])
    .open(1)
    .call(ask(9), 1)
    .reply(answer(9), 1)
    .acknowledge(0, 1).packets;
  const samePorts = new Conversation(900_000).open(1);
  const opening = samePorts.packets.splice(0);
  const again = samePorts.call(ask(1), 2).reply(answer(1), 2).packets;
  const cases: [name: string, packets: TestPacket[], expected: string][] = [
    ['right behind the RST', [...before, ...late], '1 answered'],
    ['behind frames of others', [...before, ...others, ...late], '1 answered'],
    ['behind the SYN of a connection with the same ports', [...before, ...opening, ...late], '1 answered'],
    ['which then sends the call again', [...before, ...opening, ...late, ...again], '1 answered'],
    ['or has done so', [...before, ...opening, ...again, ...late], '1 answered, 1 resent'],
  ];
  test.each(cases)('%s', (_, packets, expected) => {
    expect(short(exchangesOf(packets)).filter((text) => !text.startsWith('9'))).toEqual([expected]);
  });
});

test('a connection that took over calls of another rests once they are answered', () => {
  const rpc = new Messages(newStamp(), () => {});
  const network = new Network(rpc, rpc.now, { awakeFlows: 1 });
  const give = (conversation: Conversation) =>
    conversation.packets.forEach((packet, i) => {
      giveFrame(network, packet, i + 1);
    });
  const isAtRest = () => network.flows.values().map(({ state }) => typeof state === 'string');
  const second = new Conversation(900_000, [otherPort, server]).open(3).call(ask(1), 4);
  give(new Conversation().open(0).call(ask(1), 1).close(2));
  give(second);
  give(new Conversation(5000, [otherClient, server]).open(5));
  expect(isAtRest()).toEqual([true, false, false]);
  second.packets.length = 0;
  give(second.reply(answer(1), 6));
  give(new Conversation(5000, [{ ...otherClient, port: 901 }, server]).open(7));
  expect(isAtRest()).toEqual([true, true, true, false]);
  second.packets.length = 0;
  give(second.call(ask(1), 8));
  expect(rpc.exchanges.counts.retransmissions).toMatchObject({ rpc_reconnect: 1, rpc_after_reply: 1 });
});

const udpCall = (xid: number, args = 0) => udp(client, server, ask(xid, args));
const udpReply = (xid: number) => udp(server, client, answer(xid));
/** The first fragment of a reply whose others never come. */
const lostReply = (xid: number) => {
  const payload = udpPayload(server, client, reply({ xid, result: Buffer.alloc(400) }));
  return ip(server, client, 17, payload.subarray(0, 200), { identification: 99, moreFragments: true });
};

const udpCases: [name: string, packets: TestPacket[], expected: string[]][] = [
  [
    'a broadcast to two networks, with an answer from one',
    [
      ...['10.0.0.255', '10.1.0.255'].map((address) => at(0, udp(client, { ...server, address }, ask(1)))),
      at(1, udpReply(1)),
    ],
    ['1 answered, 1 resent'],
  ],
  [
    'the last frame is older than others',
    [at(2, udpCall(2)), at(100, udpCall(100)), at(0, udp(server, client, Buffer.alloc(9)))],
    ['2 never_answered', '100 open_at_end'],
  ],
  [
    'the clock was set back before the call',
    [at(3600, udpCall(1)), at(3600, udpReply(1)), at(50, udpCall(2)), at(51, udpCall(3)), at(51, udpReply(3))],
    ['1 answered', '3 answered', '2 open_at_end'],
  ],
  ['the capture ends', [at(0, udpCall(1)), at(1, udpCall(1))], ['1 open_at_end, 1 resent']],
  [
    'a minute without an answer',
    [at(0, udpCall(1)), at(DATAGRAM_ANSWER_SECONDS, udpCall(2)), at(DATAGRAM_ANSWER_SECONDS, udpReply(2))],
    ['2 answered', '1 never_answered'],
  ],
  [
    'the xid is used for another call',
    [at(0, udpCall(1, 5)), at(1, udpCall(1, 6)), at(2, udpReply(1))],
    ['1 answered', '1 never_answered'],
  ],
  ['a reply that lost fragments', [at(0, udpCall(1)), at(1, lostReply(1))], ['1 lost_to_capture']],
  [
    'a reply to what the client sent again that lost fragments, too',
    [at(0, udpCall(1)), at(1, udpCall(1)), at(2, lostReply(1))],
    ['1 lost_to_capture, 1 resent'],
  ],
  [
    'and the client asked again',
    [at(0, udpCall(1)), at(1, lostReply(1)), at(2, udpCall(1))],
    ['1 open_at_end, 1 resent'],
  ],
  [
    'and was answered then',
    [at(0, udpCall(1)), at(1, lostReply(1)), at(2, udpCall(1)), at(3, udpReply(1))],
    ['1 answered, 1 resent'],
  ],
  ['a reply without its call', [at(0, udpReply(1))], ['1 no call']],
];

test('an ICMP error that quotes the call says that nobody will answer', () => {
  const sent = udpCall(1);
  const header = words(0x03030000, 0);
  const error = ip(server, client, 1, Buffer.concat([header, sent]));
  const [exchange] = exchangesOf([at(0, sent), at(1, error)]);
  expect(exchange).toMatchObject({ outcome: 'never_answered', icmp_error: { frame: 2, type: 3, code: 3 } });
});

test('with one xid to two servers, it says so of the one that it quotes', () => {
  const other: Host = { ...server, address: '10.0.0.3' };
  const sent = udpCall(1, 5);
  const error = ip(server, client, 1, Buffer.concat([words(0x03030000, 0), sent]));
  const toOther = udp(client, other, ask(1, 6));
  const exchanges = exchangesOf([at(0, sent), at(0, toOther), at(1, error), at(2, udp(other, client, answer(1)))]);
  expect(exchanges.map(({ server, outcome, icmp_error }) => [server, outcome, icmp_error?.frame])).toEqual([
    ['10.0.0.3', 'answered', undefined],
    ['10.0.0.2', 'never_answered', 3],
  ]);
});

describe('over UDP', () => {
  test.each(udpCases)('%s', (_, packets, expected) => {
    expect(short(exchangesOf(packets))).toEqual(expected);
  });
});

describe('RPCSEC_GSS: the arguments inside count', () => {
  const DATA = 0;
  const credential = (sequence: number, service: number, handle = 7) => ({
    flavor: 6,
    body: words(1, DATA, sequence, service, 4, handle),
  });
  const integrity = (sequence: number, argument: number, checksum: number) => words(8, sequence, argument, 4, checksum);
  const gss = (service: number, sequence: number, args: Uint8Array, handle = 7) =>
    udp(client, server, call({ xid: 1, procedure: 6, credential: credential(sequence, service, handle), args }));
  const cases: [name: string, first: Uint8Array, second: Uint8Array, isResend: boolean][] = [
    ['integrity, renewed', gss(2, 1, integrity(1, 5, 111)), gss(2, 2, integrity(2, 5, 222)), true],
    ['integrity, other arguments', gss(2, 1, integrity(1, 5, 111)), gss(2, 2, integrity(2, 6, 111)), false],
    ['privacy, same length', gss(3, 1, words(8, 1, 2)), gss(3, 2, words(8, 3, 4)), true],
    ['privacy, another length', gss(3, 1, words(8, 1, 2)), gss(3, 2, words(12, 1, 2, 3)), false],
    ['privacy, another context', gss(3, 1, words(8, 1, 2)), gss(3, 2, words(8, 3, 4), 8), false],
    ['none', gss(1, 1, words(5)), gss(1, 2, words(5)), true],
    ['a length that lies', gss(2, 1, words(400, 1)), gss(2, 2, words(400, 2)), false],
  ];
  test.each(cases)('%s', (_, first, second, isResend) => {
    const exchanges = exchangesOf([first, second]);
    expect(exchanges.map(({ retransmissions }) => retransmissions)).toEqual(isResend ? [1] : [0, 0]);
  });
});

test('a segment that is sent again counts for each call that it carries a part of', () => {
  const xids = Array.from({ length: 200 }, (_, i) => i + 1);
  const sent = bytes(...xids.slice(50).map((xid) => record(ask(xid))));
  const conversation = new Conversation().open(0);
  for (const xid of xids) conversation.call(ask(xid), 1);
  conversation.again(0, sent, 2);
  for (const xid of xids) conversation.reply(answer(xid), 3);
  expect(short(exchangesOf(conversation.packets))).toEqual(
    xids.map((xid) => (xid <= 50 ? `${xid} answered` : `${xid} answered, 1 segments`)),
  );
});

describe('what is kept of calls', () => {
  test('beyond the bound only the least, and the record says so', () => {
    const packets = [at(0, udpCall(1)), at(1, udpReply(1))];
    expect(eachExchange(packets, () => {}, 10)).toBe(1);
    expect(eachExchange(packets, () => {})).toBe(0);
    const [one] = exchangesOf(packets, 10);
    expect(one).toMatchObject({ xid: 1, program: 'NFS', procedure: 'READ', outcome: 'answered', elapsed: 1 });
    expect(one.call).toMatchObject({ message: 1, frame: 1, length: 44, notes: [expect.stringMatching(/dropped/)] });
    expect(one.call.args).toBeUndefined();
  });

  test('one that waits keeps all while others are answered', () => {
    const others = Array.from({ length: MAX_KEPT_CALLS + 5 }, (_, i) => [
      at(0, udpCall(i + 2)),
      at(0, udpReply(i + 2)),
    ]);
    const forgotten = eachExchange([at(0, udpCall(1)), ...others.flat(), at(1, udpReply(1))], ({ call, either }) => {
      if (either.message.xid === 1) expect(call!.message.notes).toEqual([]);
    });
    expect(forgotten).toBe(0);
  });

  test('of very many, the older ones keep the least', () => {
    const open = MAX_KEPT_CALLS + 5;
    const exchanges = exchangesOf(Array.from({ length: open }, (_, xid) => at(0, udpCall(xid))));
    expect(exchanges.map(({ xid }) => xid)).toEqual(Array.from({ length: open }, (_, xid) => xid));
    expect(exchanges.flatMap(({ xid, call }) => (call.args === undefined ? [xid] : []))).toEqual([0, 1, 2, 3, 4]);
    expect(exchanges[0]).toMatchObject({
      procedure: 'READ',
      call: { frame: 1, notes: [expect.stringMatching(/dropped/)] },
    });
  });
});
