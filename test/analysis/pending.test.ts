/** What hangs: known answers of real captures, and each state and loop by messages made for it. */
import { describe, expect, test } from 'vitest';
import { Pending, type PendingReport } from '../../src/analysis/pending.js';
import { compareMoments } from '../../src/analysis/retry-loops.js';
import { pendingText } from '../../src/output/pending.js';
import { UNFINISHED } from '../../src/rpc/message.js';
import { bytes } from '../helpers/capture-writer.js';
import { Conversation } from '../helpers/conversation.js';
import { eachExchangeOf } from '../helpers/exchanges.js';
import { fixtureCaptures } from '../helpers/fixtures.js';
import { client, server, type TestPacket, udp } from '../helpers/packets.js';
import {
  at,
  checked,
  OPTIONS,
  pendingOf,
  pendingOfCapture,
  recordsOf,
  toClient,
  toServer,
} from '../helpers/pending.js';
import { nameOf } from '../helpers/render.js';
import { call, opaque, record, reply, words } from '../helpers/rpc-writer.js';

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
  const records = recordsOf(report, options);
  expect(records.map(({ file, last_file }) => [file, last_file])).toEqual([
    ['a.pcap', 'b.pcap'],
    ['a.pcap', 'b.pcap'],
  ]);
  expect(records[0].end).toMatchObject({ frame: 9, file: 'b.pcap' });
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

  const asked = () => new Conversation().open(1).call(call(), 2);
  const part = record(reply({ result: words(0) })).subarray(0, 30);
  test.each([
    ['of which a part came', asked().send(1, part, 3).packets, ['open', true], 0],
    ['that its client stopped taking', asked().send(1, part, 3).acknowledge(0, 3, 0).packets, ['client_full', true], 0],
  ])('a reply %s hangs', (_, packets, expected, lost) => {
    const { calls, lostToCapture } = pendingOf(packets);
    expect(calls.map(({ connectionState, hasIncompleteReply }) => [connectionState, hasIncompleteReply])).toEqual([
      expected,
    ]);
    expect(lostToCapture).toBe(lost);
  });

  test('a call hangs whose segments are sent again and again', () => {
    const part = record(call()).subarray(0, 32);
    const { calls } = pendingOf(
      new Conversation().open(1).send(0, part, 2).again(0, part, 3).again(0, part, 5).packets,
    );
    expect(calls).toMatchObject([{ tcpRetransmissions: 2, notes: [UNFINISHED] }]);
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
    expect(recordsOf(pendingOf([]), OPTIONS)).toEqual([]);
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
  const isHeld = bytes(opaque('c'), words(1));
  const holder = bytes(words(1, 5), opaque('it'), words(0, 0, 0, 0));
  const lock4 = bytes(opaque(''), words(1, 1, 12, 4, 0, 0, 0, 0, 1, 0, 1, 1, 1, 1, 1));
  const isHeld4 = bytes(words(10010), opaque(''), words(1, 12, 10010, 0, 0, 0, 1, 2, 0, 7), opaque('it'));
  test.each([
    ['LCK_DENIED_GRACE_PERIOD', nlm, denied],
    ['NLM4_DENIED_GRACE_PERIOD', nlm4, denied],
    ['NFS4ERR_DELAY', { version: 4, procedure: 1, args: putRoot }, delayed],
    ['LCK_DENIED', nlm, isHeld],
    ['NLM4_DENIED', nlm4, isHeld],
    ['NFS4ERR_DENIED', { version: 4, procedure: 1, args: lock4 }, isHeld4],
  ])('%s', (status, of, result) => {
    const { loops } = pendingOf(
      [1, 2].flatMap((xid) => [toServer(10 * xid, call({ xid, ...of })), toClient(10 * xid, reply({ xid, result }))]),
    );
    expect(loops).toMatchObject([{ status, count: 2, first: { frame: 1 }, last: { frame: 4 } }]);
  });

  test('who asks whether a lock is held does not wait for it', () => {
    const of = { ...nlm4, procedure: 1 };
    const result = bytes(isHeld, holder);
    const { loops } = pendingOf(
      [1, 2].flatMap((xid) => [toServer(10 * xid, call({ xid, ...of })), toClient(10 * xid, reply({ xid, result }))]),
    );
    expect(loops).toEqual([]);
  });

  test('what ended it', () => {
    const { loops } = pendingOf([...asked(2), toServer(50, getattr(9)), toClient(51, answer(9, 70))]);
    expect(loops).toMatchObject([{ count: 2, end: { frame: 6 }, endStatus: 'NFS3ERR_STALE' }]);
  });

  test('another status ends it, and may begin another', () => {
    const results = [10013, 10013, 10008, 10008, 10008].map((status) =>
      bytes(words(status), opaque(''), words(1, 24, status)),
    );
    const { loops } = pendingOf(
      results.flatMap((result, xid) => [
        toServer(10 * xid, call({ xid, version: 4, procedure: 1, args: putRoot })),
        toClient(10 * xid, reply({ xid, result })),
      ]),
    );
    expect(loops).toMatchObject([
      { status: 'NFS4ERR_DELAY', count: 3, first: { frame: 5 }, last: { frame: 10 }, end: null },
      { status: 'NFS4ERR_GRACE', count: 2, last: { frame: 4 }, end: { frame: 6 }, endStatus: 'NFS4ERR_DELAY' },
    ]);
  });

  test('two files of one server end one after the other', () => {
    const refused = (xid: number, handle: string) => [
      toServer(xid, getattr(xid, handle)),
      toClient(xid, answer(xid, xid < 5 ? JUKEBOX : 0)),
    ];
    const files = ['one', 'two', 'one', 'two', 'one', 'two'];
    const { loops } = pendingOf(files.flatMap((file, i) => refused(i + 1, file)));
    expect(loops.map(({ count, end }) => [count, end?.frame])).toEqual([
      [2, 10],
      [2, 12],
    ]);
  });

  test('once is none, and another file is another call', () => {
    const other = [toServer(90, getattr(9, 'other')), toClient(91, answer(9, JUKEBOX))];
    expect(pendingOf([...asked(1), ...other]).loops).toEqual([]);
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
