/** RDMA and encrypted frames: named and counted, never taken for RPC, nor RPC for them. */
import { expect, test } from 'vitest';
import { bytes, u16, u32 } from '../helpers/capture-writer.js';
import { client, ethernet, ip, server, type TestPacket, udp } from '../helpers/packets.js';
import { call, reply } from '../helpers/rpc-writer.js';
import { keepAll } from '../helpers/streams.js';

const roce = { ...server, port: 4791 };
/** A base transport header: opcode, flags, partition key, queue pair, sequence number. */
const transport = (opcode: number, queuePair: number, rest: Uint8Array = Buffer.alloc(20)) =>
  bytes([opcode, 0x40], u16(0xffff), u32(queuePair), u32(7), rest);
const local = (next: number) => bytes([0, next], Buffer.alloc(6));
const link = (linkType: number, data: Uint8Array): TestPacket => ({ data, linkType });
const ipoib = bytes(u32(0x0b1b), u32(0x48), u16(0x0800), u16(0), udp(client, server, Buffer.from('hello')));

const NAMED: [name: string, packet: Uint8Array | TestPacket, counts: object][] = [
  ['RoCEv2, a send', udp(client, roce, transport(0x04, 0x11a)), { roceV2: 1 }],
  [
    'RoCEv2, connection management',
    udp(client, roce, transport(0x64, 1, bytes(u32(0x80010000), u32(1)))),
    { roceV2: 1 },
  ],
  ['RoCEv1', link(1, ethernet(transport(0x04, 0x11a), { etherType: 0x8915 })), { roceV1: 1, notIp: 0 }],
  [
    'RoCEv1 in a VLAN',
    link(1, ethernet(transport(0x04, 0x11a), { etherType: 0x8915, vlan: 4 })),
    { roceV1: 1, notIp: 0 },
  ],
  ['InfiniBand, a send', link(247, bytes(local(2), transport(0x04, 0x11a))), { infiniBand: 1, notIp: 0 }],
  [
    'InfiniBand, routed',
    link(247, bytes(local(3), Buffer.alloc(40), transport(0x04, 0x11a))),
    { infiniBand: 1, notIp: 0 },
  ],
  ['MACsec', link(1, ethernet(Buffer.alloc(60, 0x2c), { etherType: 0x88e5 })), { encrypted: 1, notIp: 0 }],
  ['IPsec', ip(client, server, 50, Buffer.alloc(60)), { encrypted: 1, otherProtocols: 0 }],
  ['protected 802.11', link(105, bytes('0841 0000', Buffer.alloc(20), Buffer.alloc(40))), { encrypted: 1, notIp: 0 }],
];

test.each(NAMED)('%s', (_, packet, counts) => {
  const { network, datagrams } = keepAll([packet]);
  expect(network.counts).toMatchObject(counts);
  expect(datagrams).toEqual([]);
});

test.each([
  ['a call', call({ xid: 0x64000000 })],
  ['a reply', reply({ xid: 0x04000001 })],
  ['something short', Buffer.from('hello')],
])('%s to the port of RoCEv2 is tested for RPC', (_, payload) => {
  const { network, datagrams } = keepAll([udp(client, roce, payload)]);
  expect([network.counts.roceV2, datagrams.length]).toEqual([0, 1]);
});

test('IP in InfiniBand datagrams is read', () => {
  const packets = [local(2), bytes(local(3), Buffer.alloc(40))].map((head) =>
    link(247, bytes(head, bytes([0x64, 0], u16(0xffff), u32(0x48), u32(7)), ipoib.subarray(0))),
  );
  const { network, datagrams } = keepAll(packets);
  expect([network.counts.infiniBand, datagrams.map(({ data }) => data.toString())]).toEqual([0, ['hello', 'hello']]);
});
