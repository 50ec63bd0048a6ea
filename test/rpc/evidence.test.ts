/** What is taken for RPC on UDP, and what is not (evidence.ts has the table). */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytes, u16, u32 } from '../helpers/capture-writer.js';
import { inspect } from '../helpers/inspect.js';
import { client, server, udp } from '../helpers/packets.js';
import { call, denied, reply, words } from '../helpers/rpc-writer.js';

const countOf = (...payloads: Uint8Array[]) =>
  inspect(payloads.map((each) => udp(client, server, each))).messages.length;

const question = Buffer.from('\x03www\x07example\x03com\0\0\x01\0\x01', 'latin1');
const dnsHeader = (id: number, flags: number, ...counts: number[]) =>
  bytes(u16(id), u16(flags), ...counts.map((count) => u16(count)));

describe('no message', () => {
  const cases: [name: string, payload: Uint8Array][] = [
    ['a DNS question', bytes(dnsHeader(0x1234, 0x0100, 1, 0, 0, 0), question)],
    [
      'a DNS answer',
      bytes(
        dnsHeader(0x1234, 0x8180, 1, 1, 0, 0),
        question,
        [0xc0, 12],
        u16(1),
        u16(1),
        u32(300),
        u16(4),
        [1, 2, 3, 4],
      ),
    ],
    [
      'an mDNS question',
      bytes(dnsHeader(0, 0, 1, 0, 0, 0), Buffer.from('\x05_http\x04_tcp\x05local\0\0\x0c\0\x01', 'latin1')),
    ],
    [
      'an mDNS answer',
      bytes(
        dnsHeader(0, 0x8400, 0, 1, 0, 0),
        Buffer.from('\x05_http\x04_tcp\x05local\0', 'latin1'),
        Buffer.alloc(30, 1),
      ),
    ],
    ['an NTP request', bytes([0x23, 0, 6, 0xec], Buffer.alloc(44))],
    ['an NTP answer', bytes([0x24, 1, 3, 0xe9], u32(0x1a), u32(1), Buffer.from('GPS\0'), Buffer.alloc(32, 0xd4))],
    ['an NTP request of zeros', bytes([0x1b], Buffer.alloc(47))],
    [
      'QUIC, long header',
      bytes([0xc3], u32(1), [8], Buffer.alloc(8, 0x11), [8], Buffer.alloc(8, 0x22), Buffer.alloc(1180)),
    ],
    ['QUIC, short header', bytes([0x40], Buffer.alloc(60, 0x93))],
    ['a STUN request', bytes(u16(1), u16(0), u32(0x2112a442), Buffer.alloc(12, 9))],
    ['SNMP', bytes('3026 0201 01 0406 7075626c6963 a019 0204 00000001 0201 00 0201 00 300b 3009 0605 2b06010201 0500')],
    ['DHCP', bytes([1, 1, 6, 0], u32(0x3903f326), Buffer.alloc(228), u32(0x63825363), Buffer.alloc(60))],
    ['SSDP', Buffer.from('M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\n\r\n')],
    ['syslog', Buffer.from('<34>Oct 11 22:14:15 mymachine su: failed for lonvick')],
    ['TFTP', Buffer.from('\0\x01file\0octet\0')],
    ['RTP', bytes([0x80, 0], u16(1), u32(160), u32(0xdeadbeef), Buffer.alloc(160, 0xd5))],
    ['nothing', words()],
    ['zeros', Buffer.alloc(500)],
    ['ones', Buffer.alloc(500, 1)],
    ['counting words', words(...Array.from({ length: 100 }, (_, i) => i))],
    ['words of 0 and 1', words(...Array.from({ length: 100 }, (_, i) => i % 2))],
    ['a call of RPC version 3', call({ rpcvers: 3 })],
    ['a call cut on the wire', call().subarray(0, 36)],
    [
      'a call of an unassigned program with absurd credentials',
      call({ program: 7, credential: { flavor: 1, length: 0x10000 } }),
    ],
    [
      'a call of an unassigned program with a credential that is longer than the message',
      call({ program: 7, credential: { flavor: 1, length: 40 } }),
    ],
    ['a call of program 0', call({ program: 0 })],
    ['a call of an unassigned program with an absurd version', call({ program: 7, version: 512_000 })],
    [
      'a call with an absurd version and verifier',
      call({ program: 6_620_260, version: 262_537_472, verifier: { flavor: 1, length: 56_887_653 } }),
    ],
    ['a reply with a flavor that there is not', reply({ verifier: { flavor: 99, body: Buffer.alloc(8) } })],
    ['a reply with AUTH_NONE and a body', reply({ verifier: { flavor: 0, body: Buffer.alloc(8) } })],
    ['a reply with an absurd verifier', reply({ verifier: { flavor: 6, length: 1000 }, result: Buffer.alloc(1200) })],
    ['a reply with an accept_stat that there is not', reply({ acceptStat: 6 })],
    ['a reply with an error and a result', reply({ acceptStat: 1, result: words(1) })],
    ['a PROG_MISMATCH without its versions', reply({ acceptStat: 2 })],
    ['an AUTH_ERROR with an auth_stat that there is not', denied(1, 1, 19)],
    ['an RPC_MISMATCH without its versions', denied(1, 0)],
    ['a reply whose length is odd', bytes(reply({ result: words(0) }), [0])],
  ];
  test.each(cases)('%s', (_, payload) => {
    expect(countOf(payload)).toBe(0);
  });

  test('random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (payload) => {
        expect(countOf(payload)).toBe(0);
      }),
      { seed: 2, numRuns: 500 },
    );
  });
});

describe('a message', () => {
  const cases: [name: string, payload: Uint8Array][] = [
    ['a call', call()],
    ['a call of a transient program', call({ program: 0x40000000, version: 1 })],
    ['a call of an unassigned program', call({ program: 7 })],
    ['a call of an absurd version', call({ version: 262_537_472 })],
    ['a call of an absurd procedure', call({ procedure: 0x7fffffff })],
    ["rpcinfo's call for all versions", call({ version: 0xffffffff })],
    ['a call whose credential lies', call({ credential: { flavor: 1, length: 5000 } })],
    ['a reply of void', reply()],
    ['a reply with a result', reply({ result: words(1, 2, 3) })],
    ['a reply with a GSS verifier', reply({ verifier: { flavor: 6, body: Buffer.alloc(37) } })],
    ...[1, 3, 4, 5].map((acceptStat) => [`accept_stat ${acceptStat}`, reply({ acceptStat })] as [string, Uint8Array]),
    ['PROG_MISMATCH', reply({ acceptStat: 2, result: words(1, 2) })],
    ['RPC_MISMATCH', denied(1, 0, 2, 2)],
    ['AUTH_ERROR', denied(1, 1, 14)],
    ['AUTH_ERROR of RFC 7861', denied(1, 1, 18)],
  ];
  test.each(cases)('%s', (_, payload) => {
    expect(countOf(payload)).toBe(1);
  });

  test('an odd reply to a known call', () => {
    const odd = [
      reply({ acceptStat: 6 }),
      denied(1, 1, 99),
      bytes(reply({ result: words(0) }), [0]),
      reply({ verifier: { flavor: 99, body: Buffer.alloc(8) } }),
    ];
    for (const answer of odd)
      expect(inspect([udp(client, server, call()), udp(server, client, answer)]).messages).toHaveLength(2);
  });

  test('a reply whose call was not captured, to who serves RPC itself, as rpcbind does on the port from which it forwards CALLIT', () => {
    const packets = [
      udp(client, server, call()),
      udp(server, client, reply()),
      udp({ ...client, port: 43_402 }, server, reply({ xid: 2, result: words(1, 2) })),
    ];
    expect(inspect(packets).messages.map(({ xid }) => xid)).toEqual([1, 1, 2]);
  });

  test('a call of RPC version 3 to a known server', () => {
    const packets = [
      udp(client, server, call()),
      udp(server, client, reply()),
      udp(client, server, call({ xid: 2, rpcvers: 3 })),
    ];
    expect(inspect(packets).messages.map((message) => message.rpcVersion)).toEqual([2, -1, 3]);
  });

  test('any port', () => {
    for (const port of [53, 80, 123, 443, 639, 854, 862, 5353, 65_535, 1]) {
      expect(inspect([udp({ ...client, port }, server, call())]).messages).toHaveLength(1);
      expect(inspect([udp(client, { ...server, port }, call())]).messages).toHaveLength(1);
    }
  });
});
