/**
 * Captures that no program at hand can be recorded for: what the capture writer makes is what lies in fixtures/captures. `npm run
 * test:update` writes them.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { RAW_IP } from '../../src/capture/link-types.js';
import { writePcap } from '../helpers/capture-writer.js';
import { client, server, udp } from '../helpers/packets.js';
import { FIXTURES } from '../helpers/render.js';
import { call, denied, record, reply } from '../helpers/rpc-writer.js';
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

test.each([['rpc/tls.pcap', tlsPackets]])('%s', (name, make) => {
  const frames = make().map((data, i) => ({ data, seconds: START, nanoseconds: i * 1_000_000 }));
  const capture = writePcap(frames, { linkType: RAW_IP });
  const path = join(FIXTURES, 'captures', name);
  if (process.env.UPDATE_GOLDENS === '1') writeFileSync(path, capture);
  expect(capture.equals(readFileSync(path))).toBe(true);
});
