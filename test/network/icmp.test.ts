/** Packets that ICMP errors quote: no messages, but news of a flow. */
import { expect, test } from 'vitest';
import { bytes, u32 } from '../helpers/capture-writer.js';
import { inspect } from '../helpers/inspect.js';
import { client, type Host, ip, server, tcp, udp, udpFragments } from '../helpers/packets.js';
import { call as callMessage } from '../helpers/rpc-writer.js';
import { keepAll } from '../helpers/streams.js';

const six: [Host, Host] = [
  { address: 'fe80::1', port: 800 },
  { address: 'fe80::2', port: 2049 },
];
const router: Host = { address: '10.0.0.254', port: 0 };
const hello = Buffer.from('hello, world');
const icmp = (type: number, code: number, quoted: Uint8Array) =>
  ip(router, client, 1, bytes([type, code, 0, 0], u32(0), quoted));
const icmpv6 = (type: number, code: number, quoted: Uint8Array) =>
  ip(six[1], six[0], 58, bytes([type, code, 0, 0], u32(0), quoted));

const sent = udp(client, server, hello);
const sent6 = udp(...six, hello, { extensions: [[60, bytes([0, 1, 4], Buffer.alloc(4))]] });
const segment = tcp(client, server, hello);
const unreachable = { version: 4, type: 3, code: 3 };

const CASES: [name: string, before: Uint8Array, error: Uint8Array, quotes: object[]][] = [
  ['port unreachable', sent, icmp(3, 3, sent), [{ ...unreachable, protocol: 17, direction: 0, text: 'hello, world' }]],
  [
    'eight bytes quoted',
    sent,
    icmp(3, 3, sent.subarray(0, 28)),
    [{ ...unreachable, protocol: 17, direction: 0, text: '' }],
  ],
  [
    'a part of the payload',
    sent,
    icmp(3, 3, sent.subarray(0, 33)),
    [{ ...unreachable, protocol: 17, direction: 0, text: 'hello' }],
  ],
  [
    'time exceeded',
    sent,
    icmp(11, 0, sent),
    [{ version: 4, type: 11, code: 0, protocol: 17, direction: 0, text: 'hello, world' }],
  ],
  [
    'what went back',
    sent,
    icmp(3, 1, udp(server, client, hello)),
    [{ ...unreachable, code: 1, protocol: 17, direction: 1, text: 'hello, world' }],
  ],
  [
    'TCP',
    segment,
    icmp(3, 4, segment.subarray(0, 28)),
    [{ ...unreachable, code: 4, protocol: 6, direction: 0, text: '' }],
  ],
  [
    'TCP with payload',
    segment,
    icmp(3, 4, segment),
    [{ ...unreachable, code: 4, protocol: 6, direction: 0, text: 'hello, world' }],
  ],
  [
    'IPv6',
    sent6,
    icmpv6(1, 4, sent6),
    [{ version: 6, type: 1, code: 4, protocol: 17, direction: 0, text: 'hello, world' }],
  ],
  [
    'IPv6, packet too big',
    sent6,
    icmpv6(2, 0, sent6),
    [{ version: 6, type: 2, code: 0, protocol: 17, direction: 0, text: 'hello, world' }],
  ],
  ['of a flow that nobody knows', sent, icmp(3, 3, udp(server, router, hello)), []],
  ['too little is quoted', sent, icmp(3, 3, sent.subarray(0, 23)), []],
  ['nothing is quoted', sent, icmp(3, 3, new Uint8Array(0)), []],
  ['a later fragment has no ports', sent, icmp(11, 1, udpFragments(client, server, Buffer.alloc(100), 48)[1]), []],
  ['an echo is no error', sent, icmp(8, 0, sent), []],
  ['ICMPv6 information', sent6, icmpv6(135, 0, sent6), []],
  ['an error about an error', sent, icmp(3, 3, icmp(3, 3, sent)), []],
];

test.each(CASES)('%s', (_, before, error, quotes) => {
  const kept = keepAll([before, error]);
  expect(kept.quotes).toEqual(quotes);
  expect(kept.datagrams.length + kept.streams.length).toBe(1);
  expect(kept.network.flows.size).toBe(1);
});

test('a quoted call is not a call', () => {
  const call = udp(client, server, callMessage({ xid: 9 }));
  const { messages, network, rpc } = inspect([call, icmp(3, 3, call)]);
  expect(messages).toHaveLength(1);
  expect([network.counts.icmpErrors, rpc.counts.icmpErrors]).toEqual([1, 1]);
});
