/**
 * RPC-with-TLS (RFC 9289): what is RPC before STARTTLS, and nothing after it; TLS and DTLS known by their record headers. The bytes
 * of the records are made up: their headers are what rpcdump may look at.
 */
import { describe, expect, test } from 'vitest';
import { bytes } from '../helpers/capture-writer.js';
import { inspect, recordsOf } from '../helpers/inspect.js';
import { client, server, type TestPacket, udp } from '../helpers/packets.js';
import { call, denied, record, reply, words } from '../helpers/rpc-writer.js';
import {
  accepted,
  application,
  connection,
  down,
  dtls,
  handshake,
  hello,
  opened,
  probe,
  startTls,
  tls,
  up,
} from '../helpers/tls-traffic.js';

const seen = (packets: readonly (Uint8Array | TestPacket)[]) => {
  const { messages, rpc } = inspect(packets);
  return { xids: messages.map(({ xid }) => xid), tls: rpc.counts.tlsConnections, headless: rpc.counts.headlessRecords };
};

describe('a connection', () => {
  const cases: [name: string, packets: Uint8Array[], xids: number[], tls: number][] = [
    ['turns to TLS', connection([up(record(probe)), down(record(accepted)), ...opened]), [5, 5], 1],
    [
      'joined at its probe',
      connection([up(record(probe)), down(record(accepted)), ...opened], { isJoined: true }),
      [5, 5],
      1,
    ],
    ['joined at the answer', connection([down(record(accepted)), ...opened], { isJoined: true }), [5], 1],
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
    ['that is TLS and joined', connection(handshake, { isJoined: true }), [], 1],
    [
      'that is TLS and joined within a record',
      connection([down(bytes(application.subarray(9))), down(application), up(application)], { isJoined: true }),
      [],
      1,
    ],
    [
      'joined within data with two headers of TLS, behind which no third stands, stays RPC',
      connection(
        [
          up(
            bytes(Buffer.alloc(20, 0x20), tls(23, Buffer.alloc(30, 0x20)), tls(23, Buffer.alloc(9)), Buffer.alloc(99)),
          ),
          up(record(call({ xid: 6 }))),
        ],
        { isJoined: true },
      ),
      [6],
      0,
    ],
  ];
  test.each(cases)('%s', (_, packets, xids, count) => {
    expect(seen(packets)).toEqual({ xids, tls: count, headless: 0 });
  });

  test('is TLS whatever its segments', () => {
    const data = bytes(hello, application, application);
    for (let at = 1; at < data.length; at += 7) {
      expect([at, seen(connection([up(data.subarray(0, at)), up(data.subarray(at))], { isJoined: true }))]).toEqual([
        at,
        { xids: [], tls: 1, headless: 0 },
      ]);
    }
  });

  test('is TLS also with a hole in a record', () => {
    const packets = connection([up(tls(23, Buffer.alloc(400, 0x41))), up(application)], { isJoined: true });
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
    [
      'stay RPC where the call did not ask',
      [udp(client, server, call({ xid: 5 })), udp(server, client, accepted)],
      [5, 5],
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
