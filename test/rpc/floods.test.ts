/** Floods of connections: what is known of each is bounded, what was forgotten is counted, and what carries RPC is still found. */
import { describe, expect, test } from 'vitest';
import { MAX_AWAKE_FLOWS, MAX_FLOWS } from '../../src/limits/network.js';
import { RECONNECT_SECONDS } from '../../src/limits/rpc.js';
import { type Endpoint, FlowTable } from '../../src/network/flow.js';
import { Network } from '../../src/network/network.js';
import { newStamp } from '../../src/network/stamp.js';
import { CallArguments } from '../../src/rpc/call-arguments.js';
import { ExchangeSlots, NONE } from '../../src/rpc/exchange-slots.js';
import { Message } from '../../src/rpc/message.js';
import { Messages } from '../../src/rpc/messages.js';
import { Orphans } from '../../src/rpc/orphans.js';
import { client, frameOf, type Host, readPacket, SYN, server, tcp } from '../helpers/packets.js';
import { call, record, reply } from '../helpers/rpc-writer.js';

const SYNS = 150_000;
/** Packets of the honest connection come once in so many of the flood. */
const EVERY = 1000;

const attacker = (i: number): Host => ({ address: `10.${1 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}`, port: 1024 });

test('a SYN flood around a connection that goes on', () => {
  const xids: number[] = [];
  const rpc = new Messages(newStamp(), ({ xid }) => xids.push(xid));
  const network = new Network(rpc, rpc.now);
  let frames = 0;
  const feed = (packet: Uint8Array) => network.frame(frameOf({ data: packet, seconds: 0 }, ++frames), 0);
  const sent = { client: 1, server: 1 };
  const expected: number[] = [];
  for (let i = 0; i < SYNS; i++) {
    feed(tcp(attacker(i), server, Buffer.alloc(0), { sequence: i, flags: SYN }));
    if (i % EVERY !== 0) continue;
    const [asked, answered] = [record(call({ xid: i })), record(reply({ xid: i }))];
    feed(tcp(client, server, asked, { sequence: sent.client, acknowledgement: sent.server }));
    sent.client += asked.length;
    feed(tcp(server, client, answered, { sequence: sent.server, acknowledgement: sent.client }));
    sent.server += answered.length;
    expected.push(i, i);
  }
  network.finish();
  expect(xids).toEqual(expected);
  expect([...network.flows.values()].length).toBeLessThanOrEqual(MAX_FLOWS);
  expect(network.flows.evicted).toBe(SYNS + 1 - MAX_FLOWS);
  expect(network.counts.missingBytes).toBe(0);
});

test('more connections than are awake: what was put to rest goes on where it was', () => {
  const clients = MAX_AWAKE_FLOWS + 500;
  const answered = new Map<string, number[]>();
  const now = newStamp();
  const rpc = new Messages(now, ({ type, exchange, source, destination, xid, notes }) => {
    expect(notes).toEqual([]);
    if (type === 0) return;
    expect(exchange).toBeGreaterThanOrEqual(0);
    expect(source.port).toBe(server.port);
    answered.set(destination.address, [...(answered.get(destination.address) ?? []), xid]);
  });
  const network = new Network(rpc, now);
  let frames = 0;
  const feed = (packet: Uint8Array) => network.frame(frameOf({ data: packet, seconds: 0 }, ++frames), 0);
  const [first, second] = [record(call({ xid: 1 })), record(call({ xid: 2 }))];
  const [one, two] = [record(reply({ xid: 1 })), record(reply({ xid: 2 }))];
  const half = second.length / 2;
  const rounds: ((host: Host) => Uint8Array)[] = [
    (host) => tcp(host, server, Buffer.alloc(0), { sequence: 0xffffffff, flags: SYN }),
    (host) => tcp(host, server, first, { sequence: 0, acknowledgement: 1 }),
    (host) => tcp(server, host, one, { sequence: 1, acknowledgement: first.length }),
    (host) => tcp(host, server, second.subarray(0, half), { sequence: first.length, acknowledgement: 1 + one.length }),
    (host) =>
      tcp(host, server, second.subarray(half), { sequence: first.length + half, acknowledgement: 1 + one.length }),
    (host) => tcp(server, host, two, { sequence: 1 + one.length, acknowledgement: first.length + second.length }),
  ];
  for (const packet of rounds) for (let i = 0; i < clients; i++) feed(packet(attacker(i)));
  network.finish();
  expect(answered.size).toBe(clients);
  expect([...answered.values()].every((xids) => xids.join() === '1,2')).toBe(true);
  expect([network.flows.evicted, network.counts.missingBytes, rpc.counts.resynchronisations]).toEqual([0, 0, 0]);
});

describe('connections that end before the reply to their call', () => {
  const CALLS = 2000;
  const hosts = Array.from({ length: CALLS + 1 }, (_, id) => ({
    id,
    address: `10.0.${id >> 8}.${id & 255}`,
    port: 2049,
  }));

  test.each<[name: string, ends: (i: number) => [client: Endpoint, server: Endpoint], capacity: number, known: number]>(
    [
      ['of clients that come once', (i) => [hosts[i], hosts[CALLS]], 256, RECONNECT_SECONDS + 1],
      ['to servers that are asked once', (i) => [hosts[CALLS], hosts[i]], 256, RECONNECT_SECONDS + 1],
      ['more in their time than there are exchanges', (i) => [hosts[i], hosts[CALLS]], 64, 64],
    ],
  )('%s: of those that were given up nothing is kept', (_, ends, capacity, known) => {
    const expired: number[] = [];
    const orphans = new Orphans(new ExchangeSlots(capacity), (slot) => expired.push(slot));
    for (let i = 0; i < CALLS; i++) {
      orphans.expire(i);
      orphans.add(i % capacity, ...ends(i), i, i);
    }
    const { servers } = orphans as unknown as { servers: Map<Endpoint, Map<string, unknown>> };
    expect([...servers.values()].reduce((sum, clients) => sum + clients.size, 0)).toBe(known);
    expect(expired).toHaveLength(CALLS - known);
  });
});

describe('names that would share one chain if hashes were known', () => {
  const COUNT = 40_000;

  test('xids whose sum with their swapped bytes is the same', () => {
    const slots = new ExchangeSlots();
    const message = new Message();
    for (let i = 0; i < COUNT; i++) {
      const [high, low] = [i >> 8, i & 255];
      message.xid = ((high << 24) | (low << 16) | ((255 - low) << 8) | (255 - high)) >>> 0;
      slots.open(message, 1, new CallArguments(), NONE);
    }
    const { heads } = slots as unknown as { heads: Int32Array };
    // Of each 64 neighbours, all have one sum.
    expect(heads.filter((head) => head !== 0).length).toBeGreaterThan(COUNT / 128);
  });

  test('neighbouring xids are neighbours in memory, in either byte order', () => {
    const { bucketOf } = ExchangeSlots.prototype as unknown as { bucketOf(owner: number, xid: number): number };
    const slots = new ExchangeSlots();
    const line = (xid: number) => bucketOf.call(slots, 1, xid) >> 6;
    for (let i = 0; i < 64; i++)
      expect([line(0x1234_5640 + i), line((i << 24) | 0x345678)]).toEqual([line(0x1234_5640), line(0x345678)]);
  });

  test.each([
    ['IPv4', (i: number) => `10.0.${(i >> 8) ^ 0x55}.${(i & 255) ^ 0xaa}`],
    ['IPv6', (i: number) => `::${(i ^ 0x55aa).toString(16)}`],
  ])('flows whose port is a part of the address: %s', (_, addressOf) => {
    const flows = new FlowTable({ evict: () => {}, rest: () => true });
    const to = { address: addressOf(0), port: 111 };
    for (let port = 0; port < COUNT; port++) flows.lookup(readPacket({ address: addressOf(port), port }, to, 17));
    const { buckets, endpoints } = flows as unknown as { buckets: Int32Array; endpoints: { buckets: unknown[] } };
    expect(buckets.filter((slot) => slot >= 0).length).toBeGreaterThan(COUNT / 4);
    expect(endpoints.buckets.filter((entry) => entry !== null).length).toBeGreaterThan(COUNT / 4);
  });
});
