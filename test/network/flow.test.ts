/** The flow table: one entry a pair of endpoints, both directions, bounded. */
import { describe, expect, test } from 'vitest';
import { type Flow, FlowTable } from '../../src/network/flow.js';
import { readPacket } from '../helpers/packets.js';

const evicted: Flow[] = [];
const table = (capacity?: number) => {
  evicted.length = 0;
  const bounds = capacity === undefined ? undefined : { flows: capacity, awake: 2, pending: 1 };
  return new FlowTable({ evict: (flow) => evicted.push(flow), rest: () => true }, bounds);
};

function lookup(flows: FlowTable, from: string, fromPort: number, to: string, toPort: number, protocol = 6): Flow {
  return flows.lookup(readPacket({ address: from, port: fromPort }, { address: to, port: toPort }, protocol));
}

const A = '10.0.0.1';
const B = '10.0.0.2';

describe('lookup', () => {
  test('both directions are one flow', () => {
    const flows = table();
    const there = lookup(flows, A, 800, B, 2049);
    expect(flows.direction).toBe(0);
    expect(lookup(flows, B, 2049, A, 800)).toBe(there);
    expect(flows.direction).toBe(1);
    expect(lookup(flows, A, 800, B, 2049)).toBe(there);
    expect(flows.direction).toBe(0);
    expect([there.source(0), there.source(1)].map(({ address, port }) => [address, port])).toEqual([
      [A, 800],
      [B, 2049],
    ]);
  });

  test('what tells flows apart', () => {
    const flows = table();
    const all = [
      lookup(flows, A, 800, B, 2049),
      lookup(flows, A, 800, B, 2049, 17),
      lookup(flows, A, 801, B, 2049),
      lookup(flows, A, 2049, B, 800),
      lookup(flows, A, 800, '10.0.0.3', 2049),
      lookup(flows, '10.0.0.3', 800, B, 2049),
      lookup(flows, A, 65_535, B, 65_535),
      lookup(flows, '::1', 800, '::2', 2049),
      lookup(flows, '::2', 800, '::1', 2049),
      lookup(flows, '::ffff:a00:1', 800, '::ffff:a00:2', 2049),
    ];
    expect(new Set(all).size).toBe(all.length);
    expect(flows.size).toBe(all.length);
  });

  test('both ends may be the same', () => {
    const flows = table();
    expect(lookup(flows, A, 800, A, 800)).toBe(lookup(flows, A, 800, A, 800));
    expect(lookup(flows, A, 800, A, 900)).toBe(lookup(flows, A, 900, A, 800));
  });

  test('an endpoint is one object in all flows that have it', () => {
    const flows = table();
    const first = lookup(flows, A, 800, B, 2049);
    const second = lookup(flows, A, 801, B, 2049);
    expect(second.source(1)).toBe(first.source(1));
    expect(second.source(0).id).not.toBe(first.source(0).id);
  });

  test('flows and endpoints stay the same while the tables grow', () => {
    const flows = table();
    const count = 5000;
    const client = (i: number) => `10.1.${i >> 8}.${i & 255}`;
    const made = Array.from({ length: count }, (_, i) => lookup(flows, client(i), 800, B, 2049));
    const again = made.map((_, i) => lookup(flows, B, 2049, client(i), 800));
    expect(again.findIndex((flow, i) => flow !== made[i])).toBe(-1);
    expect(flows.size).toBe(count);
    expect(new Set(made.map((flow) => flow.source(0).id)).size).toBe(count);
    expect(new Set(made.map((flow) => flow.source(1))).size).toBe(1);
    expect(lookup(flows, client(7), 900, B, 2049).source(1)).toBe(made[0].source(1));
    expect(lookup(flows, client(7), 800, B, 900).source(0)).toBe(made[7].source(0));
  });

  test.each([
    ['10.0.0.1', '10.0.0.1'],
    ['255.255.255.255', '255.255.255.255'],
    ['::1', '::1'],
    ['::', '::'],
    ['fe80::1:0:0:1', 'fe80::1:0:0:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['::ffff:a00:1', '::ffff:10.0.0.1'],
  ])('%s is written %s', (address, text) => {
    expect(lookup(table(), address, 1, address, 2).source(0).address).toBe(text);
  });
});

describe('eviction', () => {
  test('the flow that was silent longest leaves', () => {
    const flows = table(3);
    const [first, second, third] = [1, 2, 3].map((port) => lookup(flows, A, port, B, 2049));
    lookup(flows, B, 2049, A, 1);
    lookup(flows, A, 4, B, 2049);
    expect(evicted).toEqual([second]);
    expect([...flows.values()].slice(0, 2)).toEqual([third, first]);
    expect([flows.size, flows.evicted]).toEqual([3, 1]);
    expect(lookup(flows, A, 1, B, 2049)).toBe(first);
    expect(lookup(flows, A, 2, B, 2049)).not.toBe(second);
  });

  test('too many flows with something pending: the oldest rests if it can by now, or is dropped', () => {
    const told: string[] = [];
    const isPending = new Set([1, 2, 3]);
    const note = (what: string) => (flow: Flow) => {
      told.push(`${what} ${flow.source(0).port}`);
      return !isPending.has(flow.source(0).port);
    };
    const flows = new FlowTable({ evict: note('drop'), rest: note('rest') }, { flows: 512, awake: 2, pending: 1 });
    for (const port of [1, 2, 3]) lookup(flows, A, port, B, 2049);
    expect(told).toEqual(['rest 1']);
    isPending.delete(1);
    lookup(flows, A, 4, B, 2049);
    expect(told.splice(0)).toEqual(['rest 1', 'rest 2', 'rest 1']);
    lookup(flows, A, 5, B, 2049);
    expect(told).toEqual(['rest 3', 'rest 2', 'drop 2']);
    expect(flows.evicted).toBe(1);
  });

  test('many flows through a small table', () => {
    const flows = table(50);
    for (let i = 0; i < 5000; i++) {
      const port = (i * 7919) % 60_000;
      expect(lookup(flows, A, port, B, 2049)).toBe(lookup(flows, B, 2049, A, port));
    }
    expect([flows.size, flows.evicted, [...flows.values()].length]).toEqual([50, 4950, 50]);
  });
});
