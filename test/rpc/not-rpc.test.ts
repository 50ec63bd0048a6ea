/**
 * Traffic of other protocols gives no message: over TCP and UDP, on any port, RPC's own too, whole, joined in mid-stream and with holes.
 * evidence.test.ts and record-scan.test.ts have single payloads; here are conversations.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SCAN_BUDGET } from '../../src/limits/rpc.js';
import { bytes, u16, u32 } from '../helpers/capture-writer.js';
import { inspect } from '../helpers/inspect.js';
import { ACK, cut, type Host, SYN, type TestPacket, tcp, udp } from '../helpers/packets.js';
import { call, record, reply } from '../helpers/rpc-writer.js';

/** The payloads of a client and a server, in turn. */
type Conversation = Uint8Array[];

const name = Buffer.from('\x03www\x07example\x03com\0', 'latin1');
const question = (id: number) => bytes(u16(id), u16(0x0100), u16(1), u32(0), u16(0), name, u16(1), u16(1));
const answer = (id: number) =>
  bytes(
    ...[u16(id), u16(0x8180), u16(1), u16(1), u32(0), name, u16(1), u16(1)],
    ...[[0xc0, 12], u16(1), u16(1), u32(300), u16(4), [192, 0, 2, 1]],
  );
const overTcp = (message: Uint8Array) => bytes(u16(message.length), message);
const page = Buffer.from(`HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n${'<p>Hello, world</p>\n'.repeat(300)}`);
const smb1 = (command: number, body: Uint8Array) =>
  netBios(bytes([0xff], Buffer.from('SMB'), [command], Buffer.alloc(27), body));
const smb2 = (command: number, id: number, body: Uint8Array) =>
  netBios(
    bytes(
      ...[[0xfe], Buffer.from('SMB'), [64, 0, 1, 0], Buffer.alloc(4), [command, 0, 1, 0], Buffer.alloc(8)],
      ...[[id, 0, 0, 0], Buffer.alloc(36), body],
    ),
  );
const netBios = (message: Uint8Array) => bytes(u32(message.length), message);
const tls = (type: number, size: number, seed: number) => bytes([type, 3, 3], u16(size), noise(size, seed));

/** Bytes that look random, and are the same each time. */
function noise(size: number, seed: number): Buffer {
  const data = Buffer.alloc(size);
  let state = seed | 1;
  for (let i = 0; i < size; i++) {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9;
    data[i] = state >>> 24;
  }
  return data;
}

const twice = (pairs: [Uint8Array, Uint8Array][]): Conversation => [...pairs, ...pairs].flat();

const CONVERSATIONS: [name: string, conversation: Conversation][] = [
  ['DNS', twice([1, 2, 256, 512].map((id) => [question(id), answer(id)]))],
  ['DNS over TCP', twice([1, 2, 256, 512].map((id) => [overTcp(question(id)), overTcp(answer(id))]))],
  ['HTTP', twice([[Buffer.from('GET / HTTP/1.1\r\nHost: example.com\r\n\r\n'), page]])],
  [
    'TLS',
    twice([
      [tls(22, 500, 1), tls(22, 4000, 2)],
      [tls(20, 1, 3), tls(23, 9000, 4)],
    ]),
  ],
  [
    'SMB 1',
    twice([0x72, 0x73, 0x75, 0x2e].map((command) => [smb1(command, noise(40, 5)), smb1(command, Buffer.alloc(600))])),
  ],
  [
    'SMB 2',
    twice(
      [0, 1, 3, 8].map((command) => [smb2(command, command, noise(60, 6)), smb2(command, command, Buffer.alloc(700))]),
    ),
  ],
  [
    'SSH',
    twice([
      [Buffer.from('SSH-2.0-OpenSSH_9.2\r\n'), Buffer.from('SSH-2.0-OpenSSH_9.2\r\n')],
      [noise(1500, 7), noise(1100, 8)],
    ]),
  ],
  ['random bytes', twice([[noise(1400, 9), noise(6000, 10)]])],
  ['zeros', twice([[Buffer.alloc(900), Buffer.alloc(5000)]])],
  ['ones', twice([[Buffer.alloc(900, 1), Buffer.alloc(5000, 1)]])],
  ['0xff', twice([[Buffer.alloc(900, 0xff), Buffer.alloc(5000, 0xff)]])],
  ['small numbers', twice([[counting(0, 300), counting(1, 1400)]])],
];

/** Words 0, 1, 2, 0, 1, 2 …: xids, types and versions wherever one looks. */
function counting(from: number, words: number): Buffer {
  return bytes(...Array.from({ length: words }, (_, i) => u32((from + i) % 3)));
}

const PORTS = [2049, 111, 53, 445, 40000];
const SEGMENT = 1000;
const client: Host = { address: '10.0.0.1', port: 700 };

/** A TCP connection of the payloads, in segments. */
function stream(conversation: Conversation, port: number): Uint8Array[] {
  const ends = [client, { address: '10.0.0.2', port }];
  const next = [1000, 5000];
  const packets = ends.map((_, i) => tcp(ends[i], ends[1 - i], Buffer.alloc(0), { sequence: next[i] - 1, flags: SYN }));
  conversation.forEach((data, turn) => {
    const from = turn & 1;
    for (let at = 0; at < data.length; at += SEGMENT) {
      const part = data.subarray(at, at + SEGMENT);
      packets.push(tcp(ends[from], ends[1 - from], part, { sequence: next[from], acknowledgement: next[1 - from] }));
      next[from] += part.length;
    }
  });
  return packets;
}

function datagrams(conversation: Conversation, port: number): Uint8Array[] {
  const server = { address: '10.0.0.2', port };
  return conversation.map((data, turn) =>
    turn & 1 ? udp(server, client, data.subarray(0, 8000)) : udp(client, server, data.subarray(0, 8000)),
  );
}

const xids = (packets: readonly (Uint8Array | TestPacket)[]) => inspect(packets).messages.map(({ xid }) => xid);

describe.each(CONVERSATIONS)('%s', (_, conversation) => {
  test.each(PORTS)('on port %i', (port) => {
    const packets = stream(conversation, port);
    expect(xids(packets)).toEqual([]);
    expect(xids(packets.slice(3))).toEqual([]);
    expect(xids(packets.filter((_, index) => index % 3 !== 2))).toEqual([]);
    expect(xids(packets.map((packet) => cut(packet, 200)))).toEqual([]);
    expect(xids(datagrams(conversation, port))).toEqual([]);
  });

  test('where RPC is spoken too', () => {
    const server = { address: '10.0.0.2', port: 2049 };
    const rpc = [udp(client, server, call({ xid: 7 })), udp(server, client, reply({ xid: 7 }))];
    expect(xids([...rpc, ...datagrams(conversation, 2049), ...stream(conversation, 2049)])).toEqual([7, 7]);
  });
});

describe('random bytes', () => {
  const small = fc.array(fc.oneof(fc.integer({ min: 0, max: 8 }), fc.nat(0xffff)), { maxLength: 60 });
  // Words as small as those of RPC headers come near to what is evidence; bytes of any value do not.
  test.each<[string, fc.Arbitrary<Uint8Array>, number]>([
    ['of any value', fc.uint8Array({ maxLength: 400 }), 0],
    ['in small words', small.map((words) => bytes(...words.map((word) => u32(word)))), 2],
  ])('%s', (_, arbitrary, most) => {
    const samples = fc.sample(arbitrary, { numRuns: 4000, seed: 12 });
    const packets = samples.flatMap((data, i) => [
      udp({ ...client, port: 1000 + i }, { ...client, port: 111 }, data),
      ...stream([data, data], 10_000 + i),
    ]);
    const found = new Set(
      inspect(packets).messages.flatMap(({ source, destination }) => [source.port, destination.port]),
    );
    found.delete(111);
    found.delete(client.port);
    expect(found.size).toBeLessThanOrEqual(most);
  });
});

describe('a long stream', () => {
  const junk = Buffer.alloc(SEGMENT * 60, 0x61);
  const server = { address: '10.0.0.2', port: 2049 };
  const long = Array.from({ length: Math.ceil(SCAN_BUDGET / junk.length) + 1 }, () => junk);
  const segments = [...long, record(call({ xid: 9 })), record(call({ xid: 10 }))];

  function direction(payloads: readonly Uint8Array[], first = 1000): Uint8Array[] {
    let sequence = first;
    const packets = payloads.map((data) => {
      const packet = tcp(client, server, data, { sequence });
      sequence += data.length;
      return packet;
    });
    return [
      tcp(client, server, Buffer.alloc(0), { sequence: first - 1, flags: SYN }),
      tcp(server, client, Buffer.alloc(0), { sequence: 0, acknowledgement: first, flags: SYN | ACK }),
      ...packets,
    ];
  }

  test('is given up', () => expect(xids(direction(segments))).toEqual([]));

  test('is looked at again when RPC comes the other way', () => {
    const packets = direction(segments);
    const answer = tcp(server, client, record(reply({ xid: 8 })), { sequence: 1, acknowledgement: 1 });
    expect(xids([...packets.slice(0, -2), answer, ...packets.slice(-2)])).toEqual([8, 9, 10]);
  });

  test('is looked at again with each record that comes the other way', () => {
    const packets = direction(segments);
    const answers = [7, 8].map((xid) => record(reply({ xid })));
    const [first, second] = answers.map((data, i) =>
      tcp(server, client, data, { sequence: 1 + i * data.length, acknowledgement: 1 }),
    );
    const [opening, middle, last] = [packets.slice(0, 2), packets.slice(2, -2), packets.slice(-2)];
    expect(xids([...opening, first, ...middle, second, ...last])).toEqual([7, 8, 9, 10]);
  });
});
