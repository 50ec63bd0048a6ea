/** Findings: each by the messages that show it, and by those that show that it is none. */
import { describe, expect, test } from 'vitest';
import { bytes } from '../helpers/capture-writer.js';
import { callback, compound, compoundReply, sequence, sequenceReply, session, stateid } from '../helpers/nfs4.js';
import { client, cut, server, type TestPacket, udp } from '../helpers/packets.js';
import { at, pendingOf, toClient, toServer } from '../helpers/pending.js';
import { call, opaque, reply, words } from '../helpers/rpc-writer.js';

const restart = (verifier: number, from = client) =>
  at(
    1,
    udp(
      from,
      server,
      compound(
        verifier,
        bytes(words(35, verifier, 0), opaque('host'), words(0x40000000), opaque('tcp'), opaque(''), words(1)),
      ),
    ),
  );
const write = (xid: number, verifier: number) => [
  toServer(xid, call({ xid, procedure: 7, args: bytes(opaque('file'), words(0, 0, 4, 0), opaque('data')) })),
  toClient(xid, reply({ xid, result: words(0, 0, 0, 4, 0, verifier, verifier) })),
];
const answered = (xid: number, ...operations: [Uint8Array, Uint8Array][]) => [
  toServer(xid, compound(xid, ...operations.map(([args]) => args))),
  toClient(xid, compoundReply(xid, 0, ...operations.map(([, result]) => result))),
];
const failed = (xid: number, status: number) => [
  toServer(xid, compound(xid, sequence(7, 5, 3))),
  toClient(xid, compoundReply(xid, status, words(53, status))),
];
const attributes = (slots: number) => words(0, 4096, 4096, 4096, 8, slots, 0);
const created = (slots: number): [Uint8Array, Uint8Array] => [
  bytes(words(43, 0, 1, 1, 0), attributes(slots), attributes(1), words(0x40000000, 0)),
  bytes(words(43, 0), session(7), words(1, 0), attributes(slots), attributes(1)),
];
const recall = toClient(5, callback(50, bytes(words(4), stateid(9), words(0), opaque('file'))));
const returned = answered(6, [bytes(words(8), stateid(9, 2)), words(8, 0)]);
const copied = (xid: number, id: Uint8Array) =>
  answered(xid, [
    bytes(words(60), stateid(1), stateid(2), words(0, 0, 0, 0, 0, 9, 1, 0, 0)),
    bytes(words(60, 0), id, words(0, 0, 0, 5, 5, 1, 0)),
  ]);
const copy = copied(4, bytes(words(1), stateid(8)));
const offload = toClient(5, callback(51, bytes(words(15), opaque('file'), stateid(8), words(0, 0, 0, 9, 2, 5, 5))));

/** One operation, which the server answers with a status and its result. */
const operation = (xid: number, number: number, args: Uint8Array, status: number, result: Uint8Array = words()) => [
  toServer(xid, compound(xid, bytes(words(number), args))),
  toClient(xid, compoundReply(xid, status, bytes(words(number, status), result))),
];
const exchangeId = (xid: number, verifier: number, owner: string, from = client) =>
  [
    udp(from, server, compound(xid, bytes(words(42, verifier, 0), opaque('host'), words(0, 0, 0)))),
    udp(
      server,
      from,
      compoundReply(xid, 0, bytes(words(42, 0, 0, 5, 1, 0, 0, 0, 0), opaque(owner), opaque('scope'), words(0))),
    ),
  ].map((data) => at(xid, data));
const write4 = (xid: number, verifier: number) =>
  operation(xid, 38, bytes(stateid(1), words(0, 0, 0), opaque('data')), 0, words(4, 0, verifier, verifier));
const commit = (xid: number, verifier: number) => [
  toServer(xid, call({ xid, procedure: 21, args: bytes(opaque('file'), words(0, 0, 0)) })),
  toClient(xid, reply({ xid, result: words(0, 0, 0, verifier, verifier) })),
];
const full = [...answered(1, created(2)), ...answered(2, [sequence(7, 1, 1), sequenceReply(7, 1, 1, 1)])];
/** Four slots of ten in use, then two granted. */
const shrunk = answered(1, [sequence(7, 1, 3), sequenceReply(7, 1, 3, 9)]).concat(
  answered(2, [sequence(7, 1), sequenceReply(7, 1, 0, 1)]),
);
const fullAgain = [...answered(5, created(2)), ...answered(6, [sequence(7, 1, 1), sequenceReply(7, 1, 1, 1)])];
const destroyed = operation(3, 44, session(7), 0);
const misordered = [
  toClient(5, callback(50, bytes(words(11), session(7), words(9, 2, 2, 0, 0)))),
  toServer(5, reply({ xid: 50, result: bytes(words(10063), opaque(''), words(1, 11, 10063)) })),
];
const ALL_FLAGS = [
  'ADMIN_STATE_REVOKED',
  'BACKCHANNEL_FAULT',
  'CB_GSS_CONTEXTS_EXPIRED',
  'CB_GSS_CONTEXTS_EXPIRING',
  'CB_PATH_DOWN',
  'CB_PATH_DOWN_SESSION',
  'DEVID_CHANGED',
  'DEVID_DELETED',
  'EXPIRED_ALL_STATE_REVOKED',
  'EXPIRED_SOME_STATE_REVOKED',
  'LEASE_MOVED',
  'RECALLABLE_STATE_REVOKED',
  'RESTART_RECLAIM_NEEDED',
];

describe('findings', () => {
  test.each<[string, TestPacket[], [rule: string, subject: string, count: number][]]>([
    [
      'flags',
      [
        ...answered(1, [sequence(7, 1), sequenceReply(7, 1, 0, 29, 0x101)]),
        ...answered(2, [sequence(7, 2), sequenceReply(7, 2, 0, 29, 1)]),
      ],
      [
        ['sequence_flags', 'CB_PATH_DOWN', 2],
        ['sequence_flags', 'RESTART_RECLAIM_NEEDED', 1],
      ],
    ],
    [
      'a flag that nobody knows',
      answered(1, [sequence(7, 1), sequenceReply(7, 1, 0, 29, 1 << 20)]),
      [['sequence_flags', 'bit 20', 1]],
    ],
    ['a number that the slot did not expect', failed(1, 10063), [['seq_misordered', 'SEQUENCE slot 3', 1]]],
    ['a session that the server does not know', failed(1, 10052), [['server_restart', 'NFS4ERR_BADSESSION', 1]]],
    [
      'all slots in use',
      [...answered(1, created(2)), ...answered(2, [sequence(7, 1, 1), sequenceReply(7, 1, 1, 1)])],
      [['slots_in_use', '00000007'.repeat(4), 1]],
    ],
    [
      'fewer slots than were in use before',
      [...shrunk, ...answered(3, [sequence(7, 2, 0), sequenceReply(7, 2, 0, 1)])],
      [],
    ],
    ['some slots in use', answered(2, [sequence(7, 1, 1), sequenceReply(7, 1, 1)]), []],
    ['a recall without a return', [recall], [['recall_without_return', '00000009'.repeat(3), 1]]],
    ['a recall and its return', [recall, ...returned], []],
    ['a return before the recall was seen', [...returned, recall], []],
    ['a copy without its end', copy, [['copy_without_offload', '00000008'.repeat(3), 1]]],
    ['a copy and its end', [...copy, offload], []],
    ['an end before the reply', [copy[0], offload, copy[1]], []],
    ['a copy that was done at once', copied(4, words(0)), []],
    ['another write verifier', [...write(1, 5), ...write(2, 5), ...write(3, 6)], [['write_verifier', 'NFSv3', 1]]],
    ['a client with another verifier', [restart(1), restart(2)], [['client_restart', '686f7374', 1]]],
    ['a client with the same one', [restart(1), at(2, restart(1).data)], []],
    [
      'a client id that the server does not know',
      operation(1, 30, words(0, 5), 10022),
      [['server_restart', 'NFS4ERR_STALE_CLIENTID', 1]],
    ],
    [
      'a stateid that the server does not know',
      operation(1, 25, bytes(stateid(1), words(0, 0, 100)), 10023),
      [['server_restart', 'NFS4ERR_STALE_STATEID', 1]],
    ],
    [
      'a stateid that the server does not know, which a client gives up',
      operation(1, 4, bytes(words(0), stateid(1)), 10023),
      [['server_restart', 'NFS4ERR_STALE_STATEID', 1]],
    ],
    [
      'another server owner',
      [...exchangeId(1, 5, 'one'), ...exchangeId(2, 5, 'one'), ...exchangeId(3, 5, 'two')],
      [['server_restart', 'server owner', 1]],
    ],
    [
      'EXCHANGE_ID with another verifier',
      [...exchangeId(1, 5, 'one'), ...exchangeId(2, 6, 'one')],
      [['client_restart', '686f7374', 1]],
    ],
    ['COMMIT with another verifier', [...write(1, 5), ...commit(2, 6)], [['write_verifier', 'NFSv3', 1]]],
    ['NFSv4 with another verifier', [...write4(1, 5), ...write4(2, 6)], [['write_verifier', 'NFSv4', 1]]],
    [
      'another write verifier behind a WRITE that failed',
      [
        ...write(1, 5),
        toServer(2, call({ xid: 2, procedure: 7, args: bytes(opaque('file'), words(0, 0, 4, 0), opaque('data')) })),
        toClient(2, reply({ xid: 2, result: words(28, 0, 0) })),
        ...write(3, 6),
      ],
      [['write_verifier', 'NFSv3', 1]],
    ],
    ['each version has its verifier', [...write(1, 5), ...write4(2, 6), ...commit(3, 5)], []],
    ['a copy that OFFLOAD_STATUS says is done', [...copy, ...operation(5, 67, stateid(8), 0, words(0, 5, 1, 0))], []],
    [
      'a copy that OFFLOAD_STATUS says goes on',
      [...copy, ...operation(5, 67, stateid(8), 0, words(0, 5, 0))],
      [['copy_without_offload', '00000008'.repeat(3), 1]],
    ],
    [
      'a copy whose OFFLOAD_STATUS nobody answered, or was refused',
      [...copy, toServer(5, compound(5, bytes(words(67), stateid(8)))), ...operation(6, 67, stateid(8), 10023)],
      [['copy_without_offload', '00000008'.repeat(3), 1]],
    ],
    ['a copy that was cancelled', [...copy, ...operation(5, 66, stateid(8), 0)], []],
    [
      'all slots in use, and the session destroyed',
      [...full, ...destroyed],
      [['slots_in_use', '00000007'.repeat(4), 1]],
    ],
    [
      'all slots in use, and again in a session of the same name',
      [...full, ...destroyed, ...fullAgain],
      [['slots_in_use', '00000007'.repeat(4), 2]],
    ],
    [
      'all slots in use, and again in a session that could not be destroyed',
      [...full, ...operation(3, 44, session(7), 10012), ...fullAgain],
      [['slots_in_use', '00000007'.repeat(4), 1]],
    ],
    [
      'flags in the reply to a call that was cut before its operations',
      [
        cut(toServer(1, compound(1, sequence(7, 1))).data, 28 + 40),
        toClient(1, compoundReply(1, 0, sequenceReply(7, 1, 0, 29, 1))),
      ],
      [['sequence_flags', 'CB_PATH_DOWN', 1]],
    ],
    [
      'CB_SEQUENCE with a number that the slot did not expect',
      misordered,
      [['seq_misordered', 'CB_SEQUENCE slot 2', 1]],
    ],
  ])('%s', (_, packets, expected) => {
    const { findings } = pendingOf(packets);
    expect(findings.map(({ rule, subject, count }) => [rule, subject, count])).toEqual(expected);
  });

  test('each flag has its name', () => {
    const { findings } = pendingOf(answered(1, [sequence(7, 1), sequenceReply(7, 1, 0, 29, 0x1fff)]));
    expect(findings.map(({ subject }) => subject).sort()).toEqual(ALL_FLAGS);
  });

  const third = { address: '10.0.0.3', port: 700 };
  test.each([
    [
      'a slot of a session of unknown size',
      [toServer(1, compound(1, sequence(7, 1, 0)))],
      '1 slot in use at the end, at most 1',
    ],
    ['all slots', full, '0 of 2 slots in use at the end, at most 2'],
    [
      'all slots, of which only the reply tells how many there are',
      answered(1, [sequence(7, 1, 9), sequenceReply(7, 1, 9, 9)]),
      '0 of 10 slots in use at the end, at most 10',
    ],
    [
      'all slots, before the server granted more',
      [
        ...answered(1, created(2)),
        ...answered(3, [sequence(7, 2, 1, 1), sequenceReply(7, 2, 1, 9)]),
        ...answered(4, [sequence(7, 3, 4), sequenceReply(7, 3, 4, 9)]),
      ],
      '0 of 10 slots in use at the end, at most 5; all 2 were in use at some time',
    ],
    [
      'slots of which only a reply tells how many there are',
      [
        ...answered(1, [sequence(7, 1), sequenceReply(7, 1, 0, 9)]),
        toServer(2, compound(2, sequence(7, 2, 0, 3))),
        toServer(2, compound(3, sequence(7, 1, 3, 3))),
      ],
      '2 of 10 slots in use at the end, at most 4',
    ],
    ['a number', failed(1, 10063), 'SEQUENCE: slot 3 did not expect sequence number 5'],
    ['a number of a callback', misordered, 'CB_SEQUENCE: slot 2 did not expect sequence number 9'],
    [
      'another client with the same owner',
      [...exchangeId(1, 5, 'one'), ...exchangeId(2, 6, 'one', third)],
      "EXCHANGE_ID of 'host' with another verifier, used before by 10.0.0.1: it restarted",
    ],
    [
      'the same client',
      [...exchangeId(1, 5, 'one'), ...exchangeId(2, 6, 'one')],
      "EXCHANGE_ID of 'host' with another verifier: it restarted",
    ],
    [
      'another server owner',
      [...exchangeId(1, 5, 'one'), ...exchangeId(2, 5, 'two')],
      "EXCHANGE_ID: the server owner was 'one' and is 'two'",
    ],
    [
      'another write verifier',
      [...write4(1, 5), ...write4(2, 6)],
      'NFSv4: 0000000500000005 → 0000000600000006: what was not committed is lost',
    ],
  ] as [string, TestPacket[], string][])('the text of %s', (_, packets, expected) => {
    expect(pendingOf(packets).findings.map(({ text }) => text)).toEqual([expected]);
  });

  test('what recurs is one finding, with its first and last frame, and the newest text', () => {
    const { findings } = pendingOf([...write(1, 5), ...write(2, 6), ...write(3, 7)]);
    expect(findings).toMatchObject([
      { count: 2, first: { frame: 4 }, last: { frame: 6 }, text: expect.stringContaining('→ 0000000700000007') },
    ]);
  });

  test('callbacks are the client’s, whoever calls', () => {
    expect(pendingOf([recall]).findings).toMatchObject([{ client: client.address, server: server.address }]);
  });
});
