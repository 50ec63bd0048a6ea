/** What hangs: known answers of real captures, and each state, loop and finding by messages made for it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { Pending, type PendingReport } from '../../src/analysis/pending.js';
import { compareMoments } from '../../src/analysis/retry-loops.js';
import { MAX_FINDINGS, MAX_RETRY_LOOPS, MAX_WATCHED } from '../../src/limits.js';
import { pendingText } from '../../src/output/pending.js';
import { pendingRecords } from '../../src/output/pending-record.js';
import { makeStyles } from '../../src/terminal/style.js';
import { bytes } from '../helpers/capture-writer.js';
import { Conversation } from '../helpers/conversation.js';
import { eachExchange, eachExchangeOf } from '../helpers/exchanges.js';
import { fixtureCaptures } from '../helpers/fixtures.js';
import { callback, compound, compoundReply, sequence, sequenceReply, session, stateid } from '../helpers/nfs4.js';
import { client, server, type TestPacket, udp } from '../helpers/packets.js';
import { FIXTURES, nameOf } from '../helpers/render.js';
import { call, opaque, reply, words } from '../helpers/rpc-writer.js';

const schema = JSON.parse(readFileSync(join(FIXTURES, '../schemas/pending.schema.json'), 'utf8'));
const validate = new Ajv2020({ strictTypes: false, strictRequired: false }).compile(schema);
const OPTIONS = { styles: makeStyles(false), columns: null, files: null, age: () => 1_500_000_000 };

function pendingOf(packets: readonly (Uint8Array | TestPacket)[]): PendingReport {
  const pending = new Pending();
  eachExchange(packets, pending.add);
  return checked(pending.report());
}

async function pendingOfCapture(name: string): Promise<PendingReport> {
  const pending = new Pending();
  await eachExchangeOf(join(FIXTURES, 'captures', name), pending.add);
  return checked(pending.report());
}

/** Its records are those of the schema. */
function checked(report: PendingReport): PendingReport {
  for (const line of pendingRecords(report, OPTIONS).split('\n').slice(0, -1)) {
    if (!validate(JSON.parse(line))) throw new Error(`${line}: ${JSON.stringify(validate.errors)}`);
  }
  return report;
}

const at = (seconds: number, data: Uint8Array): TestPacket => ({ data, seconds, nanoseconds: 0 });
const toServer = (seconds: number, message: Uint8Array) => at(seconds, udp(client, server, message));
const toClient = (seconds: number, message: Uint8Array) => at(seconds, udp(server, client, message));

test.each(fixtureCaptures().map((capture) => [nameOf(capture), capture]))(
  '%s: its records fit the schema',
  async (_, capture) => {
    const pending = new Pending();
    await eachExchangeOf(capture, pending.add);
    checked(pending.report());
  },
);

test.each([
  ['10.0.0.2', 1, 0],
  ['255.255.255.255', 0, 1],
  ['224.0.0.1', 0, 1],
  ['239.255.255.255', 0, 1],
  ['240.0.0.1', 1, 0],
  ['ff02::202', 0, 1],
])('a call to %s without a reply: %i waits, %i needs none', (address, waiting, silent) => {
  const source = { address: address.includes(':') ? 'fe80::1' : '10.0.0.1', port: 800 };
  const report = pendingOf([at(1, udp(source, { address, port: 111 }, call({ program: 100000, version: 2 })))]);
  expect([report.calls.length, report.silent]).toEqual([waiting, silent]);
});

test('frames of several inputs: the file of each is told where it differs', () => {
  const moment = (frame: number, file: number, seconds: number) => ({ frame, file, seconds, nanoseconds: 0 });
  const [first, last] = [moment(7, 0, 1), moment(7, 1, 2)];
  const loop = {
    client,
    server,
    program: 'NFS',
    programNumber: 100003,
    version: 4,
    procedure: 'COMPOUND',
    summary: 'OPEN a',
    status: 'NFS4ERR_DELAY',
    count: 2,
    first,
    last,
    end: moment(9, 1, 3),
    endStatus: 'NFS4_OK',
  } as unknown as PendingReport['loops'][number];
  const finding = { rule: 'slots_in_use', client: 'c', server: 's', subject: 'x', text: 'y', count: 2, first, last };
  const report = { ...new Pending().report(), loops: [loop], findings: [finding] };
  const options = { ...OPTIONS, files: ['a.pcap', 'b.pcap'] };
  const records = pendingRecords(report, options)
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
  expect(records.map(({ file, last_file }) => [file, last_file])).toEqual([
    ['a.pcap', 'b.pcap'],
    ['a.pcap', 'b.pcap'],
  ]);
  expect(records[0].end).toMatchObject({ frame: 9, file: 'b.pcap' });
  expect(records.filter((record) => !validate(record))).toEqual([]);
  const text = pendingText(report, options);
  expect(text.match(/7–7 of b\.pcap/g)).toHaveLength(2);
  expect(text).toContain('NFS4_OK in frame 9 of b.pcap');
});

test('calls at the same time are in the order of their inputs', () => {
  const moments = [
    [2, 9],
    [1, 0],
    [1, 3],
  ].map(([file, frame]) => ({ file, frame, seconds: 5, nanoseconds: 0 }));
  expect(moments.sort(compareMoments).map(({ file, frame }) => [file, frame])).toEqual([
    [1, 0],
    [1, 3],
    [2, 9],
  ]);
});

describe('known answers', () => {
  test('rpc/errors-auth: one was passed over, two went to a server that closed', async () => {
    const { calls } = await pendingOfCapture('rpc/errors-auth.pcap');
    expect(calls.map(({ frame, outcome, connectionState }) => [frame, outcome, connectionState])).toEqual([
      [30, 'never_answered', 'closed'],
      [75, 'connection_ended', 'closed'],
      [82, 'connection_ended', 'closed'],
    ]);
  });

  test('nfs3/midstream: those of the last frames', async () => {
    const { calls } = await pendingOfCapture('nfs3/midstream.pcap');
    expect(calls.map(({ frame }) => frame)).toEqual([...Array(7).fill(118), 120, 120]);
    expect(new Set(calls.map(({ connectionState }) => connectionState))).toEqual(new Set(['open']));
  });

  test('nfs3/locks-quota: the server reset both connections', async () => {
    const { calls } = await pendingOfCapture('nfs3/locks-quota.pcap');
    expect(calls.map(({ frame, connectionState }) => [frame, connectionState])).toEqual([
      [105, 'reset'],
      [129, 'reset'],
    ]);
  });

  test('nfs4/client-4.2: the slot that a call waits in', async () => {
    const { calls, findings } = await pendingOfCapture('nfs4/client-4.2.pcap');
    expect(calls).toMatchObject([{ frame: 149, operation: 'WRITE', slot: { slot: 0, sequence: 48 } }]);
    expect(findings).toMatchObject([{ rule: 'slots_in_use', text: '1 of 30 slots in use at the end, at most 1' }]);
  });

  test('pending/grace: a lock that was asked for nine times', async () => {
    const { calls, loops } = await pendingOfCapture('../pending/grace.pcap');
    expect(calls).toEqual([]);
    expect(loops).toMatchObject([
      {
        status: 'NFS4ERR_GRACE',
        count: 8,
        first: { frame: 8 },
        last: { frame: 32 },
        end: { frame: 42 },
        endStatus: 'NFS4_OK',
      },
    ]);
    expect(loops[0].summary).toMatch(/^LOCK .*\/lk WRITEW_LT/);
  });

  test('nfs3/merged: broadcasts that nobody need answer are not pending', async () => {
    const { calls, silent } = await pendingOfCapture('nfs3/merged.pcapng');
    expect([calls.map(({ frame }) => frame), silent]).toEqual([[172], 8]);
  });
});

describe('what the connection is', () => {
  const begun = () => new Conversation().open(1).call(call(), 2).acknowledge(1, 2);
  test.each<[string, TestPacket[], string]>([
    ['open', begun().packets, 'open'],
    ['reset', begun().reset(3).packets, 'reset'],
    ['closed by both', begun().close(3).packets, 'closed'],
    ['the server sends no more', begun().finish(1, 3).packets, 'server_closed'],
    [
      'who is called back sends no more',
      new Conversation().open(1).reply(call(), 2).acknowledge(0, 2).finish(0, 3).packets,
      'server_closed',
    ],
    ['the client sends no more', begun().finish(0, 3).packets, 'client_closed'],
    ['the server takes no more', begun().acknowledge(1, 3, 0).packets, 'server_full'],
    ['the client takes no more', begun().acknowledge(0, 3, 0).packets, 'client_full'],
    ['the server takes some again', begun().acknowledge(1, 3, 0).acknowledge(1, 4, 1).packets, 'open'],
    ['an RST tells of no window', begun().reset(3).packets, 'reset'],
    ['its ports were taken', [...begun().packets, ...new Conversation(900_000).open(9).packets], 'replaced'],
  ])('%s', (_, packets, expected) => {
    expect(pendingOf(packets).calls.map(({ connectionState }) => connectionState)).toEqual([expected]);
  });

  test('a capture of one direction: nobody knows', () => {
    const all = new Conversation()
      .open(1)
      .call(call({ xid: 1 }), 2)
      .call(call({ xid: 2 }), 3).packets;
    const { calls, lostToCapture } = pendingOf(all.filter((_, i) => i !== 1));
    expect([calls, lostToCapture]).toEqual([[], 2]);
  });

  test('a server that said nothing since its SYN hangs', () => {
    const { calls, lostToCapture } = pendingOf(new Conversation().open(1).call(call(), 2).packets);
    expect([calls.length, lostToCapture]).toEqual([1, 0]);
  });
});

describe('the order', () => {
  test('the oldest comes first, whatever the clock does', () => {
    const calls = [30, 10, 20].map((seconds, i) =>
      toServer(seconds, call({ xid: i + 1, procedure: 1, args: words(i) })),
    );
    expect(pendingOf(calls).calls.map(({ xid }) => xid)).toEqual([2, 3, 1]);
  });

  test('replies before their calls, and no messages at all', () => {
    expect(pendingOf([toClient(1, reply({ xid: 5 }))]).calls).toEqual([]);
    expect(pendingText(pendingOf([]), OPTIONS)).toBe('no pending calls\n');
    expect(pendingRecords(pendingOf([]), OPTIONS)).toBe('');
  });
});

describe('loops', () => {
  const JUKEBOX = 10008;
  const getattr = (xid: number, handle = 'file') => call({ xid, procedure: 1, args: opaque(handle) });
  const answer = (xid: number, status: number) => reply({ xid, result: words(status) });
  const asked = (times: number, xid = 1) =>
    Array.from({ length: times }, (_, i) => [
      toServer(10 * i, getattr(xid + i)),
      toClient(10 * i + 1, answer(xid + i, JUKEBOX)),
    ]).flat();

  test('the same call, with another xid each time', () => {
    const { loops } = pendingOf(asked(3));
    expect(loops).toMatchObject([
      { status: 'NFS3ERR_JUKEBOX', count: 3, first: { frame: 1 }, last: { frame: 6 }, end: null },
    ]);
  });

  const lock = bytes(opaque('c'), words(1, 1), opaque('kcl'), opaque('fh'), opaque('me'));
  const [nlm, nlm4] = [1, 4].map((version) => ({
    program: 100021,
    version,
    procedure: 2,
    args: bytes(lock, words(...Array(version === 4 ? 5 : 3).fill(0), 0, 5)),
  }));
  const denied = bytes(opaque('c'), words(4));
  const delayed = bytes(words(10008), opaque(''), words(1, 24, 10008));
  const putRoot = bytes(opaque(''), words(2, 1, 24));
  test.each([
    ['LCK_DENIED_GRACE_PERIOD', nlm, denied],
    ['NLM4_DENIED_GRACE_PERIOD', nlm4, denied],
    ['NFS4ERR_DELAY', { version: 4, procedure: 1, args: putRoot }, delayed],
  ])('%s', (status, of, result) => {
    const { loops } = pendingOf(
      [1, 2].flatMap((xid) => [toServer(10 * xid, call({ xid, ...of })), toClient(10 * xid, reply({ xid, result }))]),
    );
    expect(loops).toMatchObject([{ status, count: 2, first: { frame: 1 }, last: { frame: 4 } }]);
  });

  test('what ended it', () => {
    const { loops } = pendingOf([...asked(2), toServer(50, getattr(9)), toClient(51, answer(9, 70))]);
    expect(loops).toMatchObject([{ count: 2, end: { frame: 6 }, endStatus: 'NFS3ERR_STALE' }]);
  });

  test('once is none, and another file is another call', () => {
    const other = [toServer(90, getattr(9, 'other')), toClient(91, answer(9, JUKEBOX))];
    expect(pendingOf([...asked(1), ...other]).loops).toEqual([]);
  });
});

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
const destroyed = operation(3, 44, session(7), 0);
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
    ['each version has its verifier', [...write(1, 5), ...write4(2, 6), ...commit(3, 5)], []],
    ['a copy that OFFLOAD_STATUS says is done', [...copy, ...operation(5, 67, stateid(8), 0, words(0, 5, 1, 0))], []],
    [
      'a copy that OFFLOAD_STATUS says goes on',
      [...copy, ...operation(5, 67, stateid(8), 0, words(0, 5, 0))],
      [['copy_without_offload', '00000008'.repeat(3), 1]],
    ],
    ['a copy that was cancelled', [...copy, ...operation(5, 66, stateid(8), 0)], []],
    [
      'all slots in use, and the session destroyed',
      [...full, ...destroyed],
      [['slots_in_use', '00000007'.repeat(4), 1]],
    ],
    [
      'CB_SEQUENCE with a number that the slot did not expect',
      [
        toClient(5, callback(50, bytes(words(11), session(7), words(9, 2, 2, 0, 0)))),
        toServer(5, reply({ xid: 50, result: bytes(words(10063), opaque(''), words(1, 11, 10063)) })),
      ],
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
    ['a number', failed(1, 10063), 'SEQUENCE: slot 3 did not expect sequence number 5'],
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

  test('callbacks are the client’s, whoever calls', () => {
    expect(pendingOf([recall]).findings).toMatchObject([{ client: client.address, server: server.address }]);
  });
});

describe('more than is watched', () => {
  const returns = (from: number, count: number) =>
    Array.from({ length: count }, (_, i) =>
      answered(from + i, [bytes(words(8), stateid(from + i)), words(8, 0)]),
    ).flat();
  const recalls = (count: number) =>
    Array.from({ length: count }, (_, i) => [
      toClient(5, callback(i, bytes(words(4), stateid(100 + i), words(0), opaque('file')))),
      recallAnswer(i),
    ]).flat();
  const recallAnswer = (xid: number) =>
    toServer(5, reply({ xid, result: bytes(words(0), opaque(''), words(1, 4, 0)) }));

  test('returns of other delegations do not push out a recall', () => {
    const { findings, dropped } = pendingOf([recall, recallAnswer(50), ...returns(100, MAX_WATCHED + 1)]);
    expect(findings).toMatchObject([
      {
        rule: 'recall_without_return',
        text: `delegation ${'00000009'.repeat(3)} was recalled, and no DELEGRETURN came`,
      },
    ]);
    expect(dropped.states).toBe(0);
  });

  test('a recall that nobody answered: its return may be forgotten', () => {
    const { findings } = pendingOf([recall, ...returns(100, MAX_WATCHED + 1)]);
    expect(findings).toMatchObject([{ text: expect.stringMatching(/no DELEGRETURN came, as far as is remembered$/) }]);
  });

  test('recalls that find no room are counted, and the oldest are kept', () => {
    const { findings, dropped } = pendingOf(recalls(MAX_WATCHED + 2));
    expect(findings[0]).toMatchObject({ subject: '00000064'.repeat(3) });
    expect(dropped).toMatchObject({ findings: MAX_WATCHED - MAX_FINDINGS, states: 2 });
  });
});

describe('more loops than are followed', () => {
  const jukebox = (xid: number, file: number, seconds: number, status = 10008) => [
    toServer(seconds, call({ xid, procedure: 3, args: bytes(opaque('dir!'), opaque(`f${file}`)) })),
    toClient(seconds, reply({ xid, result: words(status, 0) })),
  ];
  /** Each file is refused once in each round, `pause` seconds apart. */
  const rounds = (files: number, count: number, pause: number) =>
    Array.from({ length: files * count }, (_, i) =>
      jukebox(i + 1, i % files, 1 + pause * Math.floor(i / files)),
    ).flat();

  test.each<[string, TestPacket[], { loops: number; refusals: number; dropped: number }]>([
    ['all have room', rounds(MAX_RETRY_LOOPS, 2, 5), { loops: MAX_RETRY_LOOPS, refusals: 0, dropped: 0 }],
    ['one does not', rounds(MAX_RETRY_LOOPS + 1, 2, 5), { loops: MAX_RETRY_LOOPS, refusals: 2, dropped: 0 }],
    [
      'calls that were refused once, long ago, make room',
      [...rounds(MAX_RETRY_LOOPS, 1, 5), ...jukebox(9001, 9001, 62), ...jukebox(9002, 9001, 67)],
      { loops: 1, refusals: 0, dropped: 0 },
    ],
    [
      'loops that are over do not push out the one that goes on',
      [...rounds(MAX_RETRY_LOOPS, 2, 5), ...[67, 72, 77].flatMap((seconds) => jukebox(seconds, 9001, seconds))],
      { loops: MAX_RETRY_LOOPS + 1, refusals: 0, dropped: 0 },
    ],
  ])('%s', (_, packets, { loops, refusals, dropped }) => {
    const report = pendingOf(packets);
    expect([report.loops.length, report.dropped.refusals, report.dropped.loops]).toEqual([loops, refusals, dropped]);
  });

  test('of those that are over the longest are kept, and the text tells of the others', () => {
    const ended = (from: number) =>
      Array.from({ length: 2 * MAX_RETRY_LOOPS }, (_, i) => {
        const xid = from + 4 * i;
        const tries = i === 5000 ? 3 : 2;
        const tried = Array.from({ length: tries }, (_, n) => jukebox(xid + n, xid, n));
        return [...tried, jukebox(xid + 3, xid, 3, 0)].flat();
      }).flat();
    const report = pendingOf(ended(1));
    expect([report.loops.length, report.loops[0].count, report.dropped.loops]).toEqual([
      MAX_RETRY_LOOPS,
      3,
      MAX_RETRY_LOOPS,
    ]);
    expect(pendingText(report, OPTIONS)).toMatch(
      /^4,096 loops beyond the most that are kept, with no more replies than these$/m,
    );
  });
});

describe('the table', () => {
  const report = pendingOf([
    toServer(1, call({ xid: 1, procedure: 1, args: opaque('file') })),
    toServer(2, call({ xid: 1, procedure: 1, args: opaque('file') })),
  ]);

  test('says what is known', () => {
    expect(pendingText(report, OPTIONS)).toMatchInlineSnapshot(`
      "1 pending call
      frame    age  client → server               call                       what is known
          1  1.50s  10.0.0.1:800 → 10.0.0.2:2049  NFS v3 GETATTR 0x8c9f3610  open at the end; 1 retransmission
      "
    `);
  });

  test.each([60, 80, 100])('fits %i columns', (columns) => {
    const lines = pendingText(report, { ...OPTIONS, columns }).split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
  });
});

test('on 80 columns what does not fit stands below its row', async () => {
  const report = await pendingOfCapture('rpc/errors-auth.pcap');
  const text = (files: string[] | null) => pendingText(report, { ...OPTIONS, columns: 80, files });
  expect(`\n${text(null)}\n${text(['/srv/captures/errors-auth.pcap'])}`).toMatchInlineSnapshot(`
    "
    3 pending calls
    frame    age  client → server
          call
          what is known
       30  1.50s  10.77.0.2:58876 → 10.77.0.1:40303
          536871683 v1 procedure 21
          never answered; connection closed later
       75  1.50s  10.77.0.2:58876 → 10.77.0.1:40303
          536871683 v1 NULL
          connection closed; rpcvers is 3, not 2
       82  1.50s  10.77.0.2:58878 → 10.77.0.1:40303
          536871683 v1 NULL
          connection closed; rpcvers is 1, not 2

    3 pending calls
    file                            frame    age  client → server
          call
          what is known
    /srv/captures/errors-auth.pcap     30  1.50s  10.77.0.2:58876 → 10.77.0.1:40303
          536871683 v1 procedure 21
          never answered; connection closed later
    /srv/captures/errors-auth.pcap     75  1.50s  10.77.0.2:58876 → 10.77.0.1:40303
          536871683 v1 NULL
          connection closed; rpcvers is 3, not 2
    /srv/captures/errors-auth.pcap     82  1.50s  10.77.0.2:58878 → 10.77.0.1:40303
          536871683 v1 NULL
          connection closed; rpcvers is 1, not 2
    "
  `);
});
