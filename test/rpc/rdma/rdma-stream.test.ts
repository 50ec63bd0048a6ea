/** RPC over reliable connections of RDMA: which messages come out of which packets. */
import { expect, test } from 'vitest';
import { inspect } from '../../helpers/inspect.js';
import type { TestPacket } from '../../helpers/packets.js';
import {
  type Carry,
  infiniBand,
  inline,
  localInfiniBand,
  RdmaConversation,
  rdmaHeader,
  roceV1,
} from '../../helpers/rdma.js';
import { call, opaque, reply, words } from '../../helpers/rpc-writer.js';

function messages(packets: TestPacket[]): string[] {
  return inspect(packets).messages.map(
    ({ type, xid, connection, source, destination, exchange, have, length, frameCount }) =>
      `${type === 0 ? 'call' : 'reply'} ${xid} of ${connection}: ${source.port} → ${destination.port}` +
      `${exchange < 0 ? ', unknown' : ''}${have < length ? `, ${have} of ${length}` : ''}` +
      `${frameCount > 1 ? `, ${frameCount} frames` : ''}`,
  );
}

/** A call, and the acknowledgement that tells which two queue pairs belong together. */
function opened(carry?: Carry): RdmaConversation {
  return new RdmaConversation([0x11, 0x22], carry).send(0, inline(call({ xid: 1 }))).acknowledge(1);
}

/** A reply in three packets. */
const long = (xid: number) => inline(reply({ xid, result: opaque(Buffer.alloc(2500)) }));

const FIRST = 'call 1 of 1: 17 → 34';

test.each([
  ['RoCE version 2', undefined],
  ['RoCE version 1', roceV1],
  ['InfiniBand', infiniBand],
  ['InfiniBand within a subnet', localInfiniBand],
])('%s: calls and replies in one SEND each', (_, carry) => {
  const conversation = opened(carry)
    .send(1, inline(reply({ xid: 1 })))
    .acknowledge(0)
    .send(0, inline(call({ xid: 2 })))
    .send(1, inline(reply({ xid: 2 })));
  expect(messages(conversation.packets)).toEqual([
    FIRST,
    'reply 1 of 1: 34 → 17',
    'call 2 of 1: 17 → 34',
    'reply 2 of 1: 34 → 17',
  ]);
});

/** The packets of `opened`, then those of a reply in three packets (2, 3, 4), in this order. */
const REPLIES: [name: string, order: number[], result: string[]][] = [
  ['in order', [2, 3, 4], ['reply 1 of 1: 34 → 17, 3 frames']],
  ['sent again', [2, 3, 2, 3, 4, 3, 4], ['reply 1 of 1: 34 → 17, 3 frames']],
  ['swapped', [2, 4, 3], ['reply 1 of 1: 34 → 17, 3 frames']],
  ['a packet lost, and all sent again from there', [2, 4, 3, 4], ['reply 1 of 1: 34 → 17, 3 frames']],
  ['its middle missing', [2, 4], []],
  ['its beginning missing', [3, 4], []],
  ['its end missing', [2, 3], []],
];

test.each(REPLIES)('a reply in several SENDs: %s', (_, order, result) => {
  const { packets } = opened().send(1, long(1));
  expect(messages([0, 1, ...order].map((i) => packets[i]))).toEqual([FIRST, ...result]);
});

test('a hole costs the message it is in; behind it, messages are read on', () => {
  const conversation = opened();
  for (const xid of [1, 2, 3]) conversation.send(1, long(xid));
  const { packets } = conversation;
  const seen = inspect(packets.filter((_, i) => i !== 6));
  expect(seen.messages.map(({ xid }) => xid)).toEqual([1, 1, 3]);
  expect(seen.network.counts).toMatchObject({ rdmaHoles: 1, resentPackets: 0 });
});

test('sequence numbers wrap', () => {
  const conversation = new RdmaConversation([0x11, 0x22], undefined, 1024, [0xffffff, 0xfffffe])
    .send(0, inline(call({ xid: 1 })))
    .acknowledge(1)
    .send(1, long(1))
    .acknowledge(0)
    .send(0, inline(call({ xid: 2 })));
  expect(messages(conversation.packets)).toEqual([FIRST, 'reply 1 of 1: 34 → 17, 3 frames', 'call 2 of 1: 17 → 34']);
});

test('the numbers that a READ takes are no hole', () => {
  const conversation = opened()
    .send(1, inline(reply({ xid: 1 })))
    .request(1, { key: 1, length: 5000 })
    .send(1, inline(reply({ xid: 1 })));
  expect(inspect(conversation.packets).network.counts.rdmaHoles).toBe(0);
});

test('without acknowledgements, a reply shows which queue pair belongs to which', () => {
  const several = [1, 2].map((n) =>
    new RdmaConversation([16 * n, 17 * n]).send(0, inline(call({ xid: n }))).send(1, inline(reply({ xid: n }))),
  );
  const [first, second] = several.map(({ packets }) => packets);
  const packets = [first[0], second[0], second[1], first[1]].map((packet) => ({ ...packet, seconds: 0 }));
  expect(messages(packets)).toEqual([
    'call 2 of 1: 32 → 34',
    'reply 2 of 1: 34 → 32',
    'call 1 of 2: 16 → 17',
    'reply 1 of 2: 17 → 16',
  ]);
});

test('a call whose reply comes late is passed on without the number of its queue pair', () => {
  const [sent, answer] = new RdmaConversation().send(0, inline(call())).send(1, inline(reply())).packets;
  const packets = [sent, { data: Buffer.alloc(1), seconds: 1 }, { ...answer, seconds: 9 }];
  expect(messages(packets)).toEqual(['call 1 of 1: 0 → 34', 'reply 1 of 2: 34 → 17']);
});

test.each<[string, Uint8Array]>([
  ['another version', rdmaHeader(1, { version: 2 })],
  ['an unknown procedure', rdmaHeader(1, { procedure: 5 })],
  ['another xid', Buffer.concat([rdmaHeader(2), call({ xid: 1 })])],
  ['neither call nor reply', Buffer.concat([rdmaHeader(1), words(1, 2, 2, 100003, 3, 0, 0, 0, 0, 0)])],
  ['a list that does not end', Buffer.concat([words(1, 1, 32, 0), Buffer.alloc(400, Buffer.from([0, 0, 0, 1]))])],
  ['nothing', Buffer.alloc(0)],
  ['an iSER login', Buffer.alloc(76, 0x43)],
])('no RPC-over-RDMA: %s', (_, data) => {
  const { messages, rpc } = inspect(new RdmaConversation().send(0, data).packets);
  expect([messages.length, rpc.counts.notRpc]).toEqual([0, 1]);
});

test('errors of RPC-over-RDMA are counted', () => {
  const error = Buffer.concat([words(1, 1, 32, 4, 1, 1, 1)]);
  const { messages, rpc } = inspect(opened().send(1, error).packets);
  expect([messages.length, rpc.counts.rdmaErrors]).toEqual([1, 1]);
});
