/**
 * RPC-with-TLS (RFC 9289): what is RPC before STARTTLS, and nothing after it; TLS and DTLS known by their record headers. The bytes
 * of the records are made up: their headers are what rpcdump may look at.
 */
import { describe, expect, test } from 'vitest';
import { bytes, u16 } from '../helpers/capture-writer.js';
import { inspect, recordsOf } from '../helpers/inspect.js';
import { client, SYN, server, type TestPacket, tcp, udp } from '../helpers/packets.js';
import { call, denied, record, reply, words } from '../helpers/rpc-writer.js';

const AUTH_TLS = 7;
const probe = call({ xid: 5, credential: { flavor: AUTH_TLS } });
const startTls = { flavor: 0, body: Buffer.from('STARTTLS') };
const accepted = reply({ xid: 5, verifier: startTls });

/** What is in records: nothing to be read, and, after STARTTLS, calls, to be sure that nobody looks. */
const sealed = Buffer.from(Array.from({ length: 61 }, (_, i) => (i * 167 + 91) & 0xff));
const decoy = record(call({ xid: 77 }));
const tls = (type: number, body: Uint8Array = sealed, minor = 3) => bytes([type, 3, minor], u16(body.length), body);
const hello = tls(22, sealed, 1);
const application = bytes(tls(20, Buffer.of(1)), ...new Array(6).fill(tls(23)));
const decoys = bytes(tls(20, Buffer.of(1)), ...new Array(6).fill(tls(23, decoy)));
const dtls = (type: number, body: Uint8Array = sealed) =>
  bytes([type, 0xfe, 0xfd], Buffer.alloc(8), u16(body.length), body);

interface Part {
  from: 'client' | 'server';
  data: Uint8Array;
}
const up = (data: Uint8Array): Part => ({ from: 'client', data });
const down = (data: Uint8Array): Part => ({ from: 'server', data });

/** The packets of one connection; without its SYN when it is joined. */
function connection(parts: readonly Part[], joined = false): Uint8Array[] {
  const next = { client: 1000, server: 9000 };
  const packets = joined
    ? []
    : [
        tcp(client, server, Buffer.alloc(0), { sequence: 999, flags: SYN }),
        tcp(server, client, Buffer.alloc(0), { sequence: 8999, acknowledgement: 1000, flags: SYN | 16 }),
      ];
  for (const { from, data } of parts) {
    const isUp = from === 'client';
    const options = { sequence: next[from], acknowledgement: next[isUp ? 'server' : 'client'] };
    packets.push(isUp ? tcp(client, server, data, options) : tcp(server, client, data, options));
    next[from] += data.length;
  }
  return packets;
}

const seen = (packets: readonly (Uint8Array | TestPacket)[]) => {
  const { messages, rpc } = inspect(packets);
  return { xids: messages.map(({ xid }) => xid), tls: rpc.counts.tlsConnections, headless: rpc.counts.headlessRecords };
};

const handshake = [up(hello), down(bytes(hello, application)), up(application), down(application)];
const opened = [up(tls(22, decoy, 1)), down(decoys), up(decoys), down(decoys)];

describe('a connection', () => {
  const cases: [name: string, packets: Uint8Array[], xids: number[], tls: number][] = [
    ['turns to TLS', connection([up(record(probe)), down(record(accepted)), ...opened]), [5, 5], 1],
    ['joined at its probe', connection([up(record(probe)), down(record(accepted)), ...opened], true), [5, 5], 1],
    ['joined at the answer', connection([down(record(accepted)), ...opened], true), [5], 1],
    [
      'stays RPC when the probe is denied',
      connection([
        up(record(probe)),
        down(record(denied(5, 1, 1))),
        up(record(call({ xid: 6 }))),
        down(record(reply({ xid: 6 }))),
      ]),
      [5, 5, 6, 6],
      0,
    ],
    [
      'stays RPC when the probe is accepted without the token',
      connection([up(record(probe)), down(record(reply({ xid: 5 }))), up(record(call({ xid: 6 })))]),
      [5, 5, 6],
      0,
    ],
    [
      'stays RPC when a token answers what was no probe',
      connection([up(record(call({ xid: 5 }))), down(record(accepted)), up(record(call({ xid: 6 })))]),
      [5, 5, 6],
      0,
    ],
    ['that is TLS from its SYN', connection(handshake), [], 1],
    ['that is TLS and joined', connection(handshake, true), [], 1],
    [
      'that is TLS and joined within a record',
      connection([down(bytes(application.subarray(9))), down(application), up(application)], true),
      [],
      1,
    ],
  ];
  test.each(cases)('%s', (_, packets, xids, count) => {
    expect(seen(packets)).toEqual({ xids, tls: count, headless: 0 });
  });

  test('is TLS whatever its segments', () => {
    const data = bytes(hello, application, application);
    for (let at = 1; at < data.length; at += 7) {
      expect([at, seen(connection([up(data.subarray(0, at)), up(data.subarray(at))], true))]).toEqual([
        at,
        { xids: [], tls: 1, headless: 0 },
      ]);
    }
  });

  test('is TLS also with a hole in a record', () => {
    const packets = connection([up(tls(23, Buffer.alloc(400, 0x41))), up(application)], true);
    const short = { data: packets[0].subarray(0, 200), wireLength: packets[0].length };
    expect(seen([short, packets[1]])).toMatchObject({ xids: [], tls: 1 });
  });

  test('whose answer to the probe was lost is TLS by its records', () => {
    const packets = connection([up(record(probe)), down(record(accepted)), ...handshake, ...handshake]);
    expect(seen(packets.filter((_, index) => index !== 3))).toEqual({ xids: [5], tls: 1, headless: 0 });
  });

  test('that carries TLS records as data stays RPC', () => {
    const write = record(call({ xid: 1, procedure: 7, args: application }));
    const packets = connection([up(write), up(record(call({ xid: 2 })))]);
    expect(seen(packets)).toMatchObject({ xids: [1, 2], tls: 0 });
  });

  test('the records say it', () => {
    const [asked, answered] = recordsOf(connection([up(record(probe)), down(record(accepted)), ...handshake]));
    expect(asked).toMatchObject({ credential: { flavor: 'AUTH_TLS' }, notes: ['asks for RPC-with-TLS'] });
    expect(answered).toMatchObject({
      verifier: { flavor: 'AUTH_NONE', body: startTls.body.toString('hex') },
      notes: ['STARTTLS: what follows on this connection is TLS'],
    });
  });
});

describe('datagrams', () => {
  const after = [udp(client, server, dtls(22)), udp(server, client, dtls(22)), udp(client, server, dtls(23))];
  test.each<[string, Uint8Array[], number[], number]>([
    ['turn to DTLS', [udp(client, server, probe), udp(server, client, accepted), ...after], [5, 5], 1],
    ['that are DTLS', after, [], 1],
    ['that only look like it', [udp(client, server, dtls(26)), udp(client, server, dtls(22).subarray(0, 30))], [], 0],
    [
      'stay RPC',
      [udp(client, server, probe), udp(server, client, reply({ xid: 5 })), udp(client, server, call({ xid: 6 }))],
      [5, 5, 6],
      0,
    ],
  ])('%s', (_, packets, xids, count) => {
    expect(seen(packets)).toEqual({ xids, tls: count, headless: 0 });
  });

  test('the answer alone is RPC', () => {
    expect(seen([udp(server, client, accepted)])).toMatchObject({ xids: [5], tls: 1 });
    const other = reply({ xid: 5, verifier: { flavor: 0, body: Buffer.from('STARTTLX') }, result: words(1) });
    expect(seen([udp(server, client, other)])).toMatchObject({ xids: [], tls: 0 });
  });
});
