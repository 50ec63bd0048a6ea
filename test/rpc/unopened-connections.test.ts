/** TCP connections that did not open: what counts as one, and as which. */
import { expect, test } from 'vitest';
import { MAX_UNOPENED_CONNECTIONS } from '../../src/limits/rpc.js';
import { Network, type NetworkOptions } from '../../src/network/network.js';
import { newStamp } from '../../src/network/stamp.js';
import { Messages } from '../../src/rpc/messages.js';
import { UnopenedConnections } from '../../src/rpc/unopened-connections.js';
import { Conversation } from '../helpers/conversation.js';
import { ACK, client, giveFrame, type Host, RST, server, type TestPacket, tcp } from '../helpers/packets.js';
import { call, words } from '../helpers/rpc-writer.js';

const NOTHING = words();
const other: Host = { ...client, port: 900 };

const tried = (seconds: number, host = client, base = 5000) =>
  new Conversation(base, [host, server]).open(seconds).packets.slice(0, 1);
const refused = (seconds: number, host = client, base = 5000): TestPacket[] => [
  ...tried(seconds, host, base),
  {
    data: tcp(server, host, NOTHING, { sequence: 0, acknowledgement: base + 1, flags: RST | ACK, window: 0 }),
    seconds,
    nanoseconds: 1,
  },
];

/** Each row in short: frame, times, how. */
function unopenedOf(packets: readonly TestPacket[], options?: NetworkOptions): [number, number, string][] {
  const rpc = new Messages(newStamp(), () => {});
  const network = new Network(rpc, rpc.now, options);
  packets.forEach((packet, i) => {
    giveFrame(network, packet, i + 1);
  });
  network.finish();
  for (const row of rpc.unopened.rows()) expect([row.client, row.server]).toMatchObject([client.address, server]);
  return rpc.unopened.rows().map(({ first, count, isRefused }) => [first.frame, count, isRefused ? 'refused' : 'none']);
}

test.each<[name: string, packets: TestPacket[], expected: [number, number, string][]]>([
  ['a SYN without an answer', tried(1), [[1, 1, 'none']]],
  ['sent again', [...tried(1), ...tried(2), ...tried(4)], [[1, 1, 'none']]],
  ['tried again from the same port', [...tried(1), ...tried(9, client, 90_000)], [[1, 2, 'none']]],
  ['refused', refused(1), [[1, 1, 'refused']]],
  ['refused, and tried from another port', [...refused(1), ...refused(2, other)], [[1, 2, 'refused']]],
  [
    'first without an answer, then refused',
    [...tried(1), ...refused(2, other)],
    [
      [1, 1, 'none'],
      [2, 1, 'refused'],
    ],
  ],
  ['opened, and unused', new Conversation().open(1).packets, []],
  ['opened and reset', new Conversation().open(1).reset(2).packets, []],
  [
    'of the client alone, used',
    new Conversation()
      .open(1)
      .call(call(), 2)
      .packets.filter((_, i) => i !== 1),
    [],
  ],
  ['of the client alone, its ACK', new Conversation().open(1).packets.filter((_, i) => i !== 1), []],
  ['of the server alone', new Conversation().open(1).packets.slice(1, 2), []],
  ['that begins in mid-stream', new Conversation().call(call(), 1).packets, []],
])('%s', (_, packets, expected) => {
  expect(unopenedOf(packets)).toEqual(expected);
  expect(unopenedOf(packets, { awakeFlows: 1 })).toEqual(expected);
});

test('rows beyond the bound are counted', () => {
  const found = new UnopenedConnections();
  for (let port = 0; port < MAX_UNOPENED_CONNECTIONS + 2; port++) {
    found.add(client.address, { ...server, id: port, port }, true, newStamp());
  }
  found.add(client.address, { ...server, id: 0, port: 0 }, true, newStamp());
  expect([found.rows().length, found.rows()[0].count, found.dropped]).toEqual([MAX_UNOPENED_CONNECTIONS, 2, 2]);
});
