/**
 * Captures that no program at hand can be recorded for: what the capture writer makes is what lies in fixtures/captures. `npm run
 * test:update` writes them.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { RAW_IP } from '../../src/capture/link-types.js';
import { bytes, writePcap } from '../helpers/capture-writer.js';
import { client, server, udp } from '../helpers/packets.js';
import { inline, RdmaConversation } from '../helpers/rdma.js';
import {
  compoundRead,
  DIRECTORY,
  FILE,
  longLookup,
  read as readByChunk,
  readlink,
  write,
} from '../helpers/rdma-nfs.js';
import { FIXTURES } from '../helpers/render.js';
import { call, denied, opaque, record, reply, words } from '../helpers/rpc-writer.js';
import { accepted, connection, down, dtls, handshake, probe, up } from '../helpers/tls-traffic.js';

const START = 1_795_330_000;

/** Connections one after the other on the same ports: TLS accepted, refused, joined in mid-stream; then DTLS. */
function tlsPackets(): Uint8Array[] {
  const other = { address: '10.0.0.3', port: 801 };
  return [
    ...connection([up(record(probe)), down(record(accepted)), ...handshake]),
    ...connection(
      [up(record(probe)), down(record(denied(5, 1, 1))), up(record(call({ xid: 6 }))), down(record(reply({ xid: 6 })))],
      { from: { address: '10.0.0.3', port: 800 } },
    ),
    ...connection(handshake, { isJoined: true, from: other }),
    ...[
      udp(client, server, probe),
      udp(server, client, accepted),
      udp(client, server, dtls(22)),
      udp(server, client, dtls(22)),
    ],
  ];
}

const NO_ATTRIBUTES = words(0);

/**
 * NFS by RPC-over-RDMA: calls and replies in one SEND each, and in several, one of which is sent twice; data by chunks of
 * all kinds; and data that were not captured.
 */
function rdmaPackets(): Uint8Array[] {
  const lookup = bytes(opaque(DIRECTORY), opaque('a.txt'));
  const read = (count: number) => bytes(opaque(FILE), words(0, 0, count));
  const data = (length: number) => bytes(words(0), NO_ATTRIBUTES, words(length, 1), opaque(Buffer.alloc(length, 'x')));
  const conversation = new RdmaConversation()
    .open()
    .send(0, inline(call({ xid: 1 })))
    .acknowledge(1)
    .send(1, inline(reply({ xid: 1 })))
    .acknowledge(0)
    .send(0, inline(call({ xid: 2, procedure: 3, args: lookup })))
    .acknowledge(1)
    .send(1, inline(reply({ xid: 2, result: bytes(words(0), opaque(FILE), NO_ATTRIBUTES, NO_ATTRIBUTES) })))
    .acknowledge(0)
    .send(0, inline(call({ xid: 3, procedure: 6, args: read(3000) })))
    .acknowledge(1)
    .send(1, inline(reply({ xid: 3, result: data(3000) })))
    .again(2)
    .acknowledge(0);
  write(conversation, 4, Buffer.alloc(2500, 'w'));
  readByChunk(conversation, 5, Buffer.alloc(2501, 'r'), { room: 2048 });
  readlink(conversation, 6, '../a/b');
  longLookup(conversation, 7, 'b.txt');
  compoundRead(conversation, 8, Buffer.alloc(100, 'c'));
  write(conversation, 9, Buffer.alloc(200), 'none');
  readByChunk(conversation, 10, Buffer.alloc(200), { captured: 'none' });
  return conversation.packets.map(({ data }) => data);
}

test.each([
  ['rpc/tls.pcap', tlsPackets],
  ['rpc/rdma.pcap', rdmaPackets],
])('%s', (name, make) => {
  const frames = make().map((data, i) => ({ data, seconds: START, nanoseconds: i * 1_000_000 }));
  const capture = writePcap(frames, { linkType: RAW_IP });
  const path = join(FIXTURES, 'captures', name);
  if (process.env.UPDATE_GOLDENS === '1') writeFileSync(path, capture);
  expect(capture.equals(readFileSync(path))).toBe(true);
});
