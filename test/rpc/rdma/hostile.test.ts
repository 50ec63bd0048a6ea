/** Hostile RDMA: nothing throws, nothing grows without bound, and what is sound is found all the same. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MAX_QUEUE_PAIRS } from '../../../src/limits/network.js';
import { MAX_RDMA_CHUNK_PARTS } from '../../../src/limits/rpc.js';
import { bytes } from '../../helpers/capture-writer.js';
import { inspect, recordsOf } from '../../helpers/inspect.js';
import type { TestPacket } from '../../helpers/packets.js';
import { inline, RdmaConversation, rdmaHeader } from '../../helpers/rdma.js';
import { compoundRead, longLookup, read, readlink, write } from '../../helpers/rdma-nfs.js';
import { call, reply } from '../../helpers/rpc-writer.js';

const RUNS = { numRuns: 100 };

function traffic(): TestPacket[] {
  const conversation = new RdmaConversation();
  write(conversation, 1, Buffer.alloc(3000, 1));
  read(conversation, 2, Buffer.alloc(3000, 2), { room: 1024 });
  longLookup(conversation, 3, 'a');
  readlink(conversation, 4, 'b');
  compoundRead(conversation, 5, Buffer.alloc(99));
  return conversation.packets;
}

const sound = traffic();
/** Where the base transport header begins. */
const TRANSPORT = 28;

test('packets changed at will', () => {
  const change = fc.record({
    packet: fc.nat(sound.length - 1),
    at: fc.integer({ min: TRANSPORT, max: 200 }),
    value: fc.nat(255),
  });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 20 }), (changes) => {
      const packets = sound.map((packet) => ({ ...packet, data: Buffer.from(packet.data) }));
      for (const { packet, at, value } of changes) {
        const { data } = packets[packet];
        data[at % data.length] = value;
      }
      for (const { have, length } of inspect(packets).messages) expect(have).toBeLessThanOrEqual(length);
    }),
    RUNS,
  );
});

test('packets left out, repeated, cut and in any order', () => {
  const some = fc.array(fc.record({ packet: fc.nat(sound.length - 1), cut: fc.nat(400) }), { maxLength: 80 });
  fc.assert(
    fc.property(some, (chosen) => {
      const packets = chosen.map(({ packet, cut }) => {
        const { data } = sound[packet];
        return { data: data.subarray(0, Math.max(TRANSPORT, data.length - cut)), wireLength: data.length, seconds: 0 };
      });
      recordsOf(packets);
    }),
    RUNS,
  );
});

test('swapped neighbours change nothing', () => {
  const expected = recordsOf(
    sound.map((packet) => ({ ...packet, seconds: 0 })),
    undefined,
    true,
  );
  const results = (records: typeof expected) =>
    records.map(({ xid, type, args, result, truncated }) => ({ xid, type, args, result, truncated }));
  fc.assert(
    fc.property(fc.nat(sound.length - 2), (at) => {
      const packets = sound.map((packet) => ({ ...packet, seconds: 0 }));
      // Only packets of one direction: whether an acknowledgement was sent before a request cannot be told.
      if (packets[at].data[12 + 3] !== packets[at + 1].data[12 + 3]) return;
      [packets[at], packets[at + 1]] = [packets[at + 1], packets[at]];
      expect(results(recordsOf(packets, undefined, true))).toEqual(results(expected));
    }),
    { numRuns: 60 },
  );
});

test('headers of random words', () => {
  const word = fc.oneof(fc.nat(3), fc.integer({ min: 0, max: 0xffffffff }));
  fc.assert(
    fc.property(fc.array(word, { maxLength: 60 }), fc.nat(2), (list, procedure) => {
      const data = bytes(
        rdmaHeader(1, { procedure }).subarray(0, 16),
        ...list.map((each) => rdmaHeader(each).subarray(0, 4)),
      );
      const conversation = new RdmaConversation().send(0, inline(call())).acknowledge(1);
      inspect(conversation.send(0, data).send(1, data).packets);
    }),
    RUNS,
  );
});

test('more queue pairs than are known at a time', () => {
  const packets: TestPacket[] = [];
  for (let i = 0; i < MAX_QUEUE_PAIRS + 10; i++) {
    const sent = new RdmaConversation([0x100000 + i, 0x200000 + i]).send(0, inline(call({ xid: i })));
    packets.push({ ...sent.packets[0], seconds: 0 });
  }
  const { messages, network } = inspect(packets);
  expect([messages.length, network.evictedFlows]).toEqual([packets.length, 10]);
});

test('more chunks than are known at a time: the first calls are forgotten', () => {
  const conversation = new RdmaConversation();
  const room = Array.from({ length: 250 }, (_, i) => ({ key: i, length: 1 }));
  const calls = Math.ceil(MAX_RDMA_CHUNK_PARTS / 250) + 2;
  for (let xid = 1; xid <= calls; xid++) conversation.send(0, inline(call({ xid }), { reply: room })).acknowledge(1);
  const answer = reply({ xid: 1 });
  conversation.send(1, rdmaHeader(1, { procedure: 1, reply: [{ key: 0, length: answer.length }] }));
  const { messages, rpc } = inspect(conversation.packets);
  expect([messages.length, rpc.counts.headlessRecords]).toEqual([calls, 1]);
});
