/** What `rpcdump pending` prints: what is known of a call, rows beyond the table, and what the tables do not show. */
import { describe, expect, test } from 'vitest';
import type { PendingReport } from '../../src/analysis/pending.js';
import type { PendingCall } from '../../src/analysis/pending-calls.js';
import type { Moment, RetryLoop } from '../../src/analysis/retry-loops.js';
import { MAX_TABLE_ROWS } from '../../src/limits/output.js';
import type { Endpoint } from '../../src/network/flow.js';
import { newStamp } from '../../src/network/stamp.js';
import { pendingText } from '../../src/output/pending.js';
import { makeStyles } from '../../src/terminal/style.js';
import { client, server } from '../helpers/packets.js';
import { recordsOf } from '../helpers/pending.js';

const ends = { client: { id: 1, ...client } as Endpoint, server: { id: 2, ...server } as Endpoint };
const NFS = { program: 'NFS', programNumber: 100003, version: 3, procedure: 'LOOKUP' };
const moment = (frame: number, seconds = 0, file = 0): Moment => ({ frame, file, seconds, nanoseconds: 0 });

const CALL: PendingCall = {
  ...moment(7),
  ...ends,
  ...NFS,
  procedureNumber: 3,
  protocol: 6,
  connection: 1,
  xid: 1,
  operation: undefined,
  summary: 'LOOKUP a.txt',
  outcome: 'open_at_end',
  connectionState: 'open',
  retransmissions: 0,
  tcpRetransmissions: 0,
  hasIncompleteReply: false,
  icmpError: null,
  slot: null,
  gssObjection: null,
  notes: [],
};

const LOOP: RetryLoop = {
  ...ends,
  ...NFS,
  summary: 'GETATTR a.txt',
  status: 'NFS3ERR_JUKEBOX',
  count: 1234,
  first: moment(3, 0),
  last: moment(9, 90),
  end: null,
  endStatus: null,
};

const NONE = { calls: 0, loops: 0, refusals: 0, findings: 0, states: 0, connections: 0 };
const EMPTY: PendingReport = {
  calls: [],
  loops: [],
  findings: [],
  connections: [],
  lostToCapture: 0,
  silent: 0,
  dropped: NONE,
};

function linesOf(
  report: Partial<PendingReport>,
  files: readonly string[] | null = null,
  columns: number | null = null,
): string[] {
  const options = { styles: makeStyles(false), columns, files, age: () => 65e9 };
  return pendingText({ ...EMPTY, ...report }, options)
    .split('\n')
    .slice(0, -1);
}

const PLACE = '    7  65.0s  10.0.0.1:800 → 10.0.0.2:2049  NFS v3 LOOKUP a.txt  ';

test.each<[change: Partial<PendingCall>, known: string]>([
  [{}, 'connection open'],
  [{ connectionState: 'reset', outcome: 'connection_ended' }, 'connection reset'],
  [{ connectionState: 'closed', outcome: 'never_answered' }, 'never answered; connection closed later'],
  [
    { connectionState: 'replaced', outcome: 'never_answered' },
    'never answered; connection replaced by a new one later',
  ],
  [{ connectionState: 'open', outcome: 'never_answered' }, 'never answered; connection open'],
  [{ connectionState: 'client_closed' }, 'the client closed its side'],
  [{ connectionState: 'server_closed' }, 'the server closed its side'],
  [{ connectionState: 'server_full' }, 'the server takes no more bytes (window 0)'],
  [{ connectionState: 'client_full' }, 'the client takes no more bytes (window 0)'],
  [{ connectionState: null }, 'open at the end'],
  [
    { connectionState: null, icmpError: { frame: 8, file: 0, type: 3, code: 1 } },
    'open at the end; ICMP error in frame 8: host unreachable (type 3 code 1)',
  ],
  [
    { connectionState: null, icmpError: { frame: 8, file: 0, type: 3, code: 77 } },
    'open at the end; ICMP error in frame 8: type 3 code 77',
  ],
  [{ gssObjection: '4 is below the window' }, 'connection open; seq_num 4 is below the window'],
  [{ hasIncompleteReply: true, outcome: 'lost_to_capture' }, 'connection open; only a part of a reply came'],
  [{ hasIncompleteReply: true }, 'connection open; only a part of a reply came'],
  [{ retransmissions: 1 }, 'connection open; 1 retransmission'],
  [{ tcpRetransmissions: 1 }, 'connection open; 1 TCP retransmission'],
  [{ retransmissions: 2, tcpRetransmissions: 3 }, 'connection open; 2 retransmissions; 3 TCP retransmissions'],
  [{ slot: { session: 'ab', slot: 2, sequence: 9 } }, 'connection open; session slot 2 seq 9'],
  [{ notes: ['one', 'two'] }, 'connection open; one; two'],
])('what is known of a call: %j', (change, known) => {
  expect(linesOf({ calls: [{ ...CALL, ...change }] })[2]).toBe(PLACE + known);
});

test('ICMPv6 numbers its errors differently', () => {
  const icmpError = { frame: 8, file: 0, type: 1, code: 4 };
  const call = { ...CALL, icmpError, server: { ...ends.server, address: '::1' } };
  expect(linesOf({ calls: [call] })[2]).toMatch(/ICMP error in frame 8: port unreachable \(type 1 code 4\)$/);
});

test.each<[change: Partial<PendingCall>, what: string]>([
  [{ summary: '' }, 'NFS v3 LOOKUP'],
  [{ summary: '', procedure: undefined }, 'NFS v3 procedure 3'],
  [{ summary: '', procedure: undefined, program: undefined }, '100003 v3 procedure 3'],
  [
    { summary: '', procedure: undefined, procedureNumber: -1, program: undefined, programNumber: -1, version: -1 },
    'RPC',
  ],
])('which call it is: %j', (change, what) => {
  expect(linesOf({ calls: [{ ...CALL, ...change }] })[2]).toMatch(
    new RegExp(` → 10\\.0\\.0\\.2:2049 {2}${what} +connection open$`),
  );
});

describe('a loop', () => {
  const files = ['a.pcap', 'b.pcap'];
  test.each<[name: string, change: Partial<RetryLoop>, files: readonly string[] | null, expected: string[]]>([
    ['goes on', {}, null, ['3–9', '1,234', '90.0s', 'no other answer']],
    ['of one frame', { last: LOOP.first, count: 1 }, null, ['3', '1', '0ns', 'no other answer']],
    ['ended', { end: moment(11), endStatus: 'NFS3_OK' }, null, ['3–9', '1,234', '90.0s', 'NFS3_OK in frame 11']],
    ['ended by a cut reply', { end: moment(11) }, null, ['3–9', '1,234', '90.0s', 'another answer in frame 11']],
    ['within a file', { end: moment(11) }, files, ['a.pcap', '3–9', '1,234', '90.0s', 'another answer in frame 11']],
    [
      'over two files',
      { last: moment(3, 90, 1), end: moment(4, 91, 1), endStatus: 'NFS3_OK' },
      files,
      ['a.pcap', '3–3 of b.pcap', '1,234', '90.0s', 'NFS3_OK in frame 4 of b.pcap'],
    ],
  ])('%s', (_, change, inputs, expected) => {
    const line = linesOf({ loops: [{ ...LOOP, ...change }] }, inputs).at(-1)!;
    const rest = ['10.0.0.1 → 10.0.0.2', 'NFS v3 GETATTR a.txt', 'NFS3ERR_JUKEBOX'];
    expect(line.trim().split(/ {2,}/)).toEqual([...expected.slice(0, -1), ...rest, expected.at(-1)]);
  });
});

test('connections that did not open', () => {
  const first = { ...newStamp(), frame: 5, file: 1 };
  const row = { client: client.address, server: ends.server, isRefused: true, count: 1200, first };
  const report = { ...EMPTY, connections: [row, { ...row, isRefused: false, count: 1 }] };
  expect(linesOf(report)).toMatchInlineSnapshot(`
    [
      "no pending calls",
      "",
      "1,201 connections that did not open",
      "frame    age  times  client → server           what is known",
      "    5  65.0s  1,200  10.0.0.1 → 10.0.0.2:2049  refused (RST)",
      "    5  65.0s      1  10.0.0.1 → 10.0.0.2:2049  no answer to the SYN",
    ]
  `);
  expect(linesOf(report, ['a.pcap', 'b.pcap']).at(-1)).toMatch(/^b\.pcap +5 /);
  expect(recordsOf(report, { files: ['a.pcap', 'b.pcap'], age: () => 65e9 })[0]).toEqual({
    kind: 'connection',
    frame: 5,
    file: 'b.pcap',
    time: '1970-01-01T00:00:00.000000000Z',
    age: 65,
    count: 1200,
    client: '10.0.0.1',
    server: '10.0.0.2',
    server_port: 2049,
    refused: true,
  });
});

test('what the tables do not show', () => {
  expect(
    linesOf({
      lostToCapture: 1,
      silent: 2,
      dropped: { calls: 1, loops: 2, refusals: 1, findings: 1, states: 3000, connections: 1 },
    }),
  ).toMatchInlineSnapshot(`
    [
      "no pending calls",
      "",
      "1 call whose reply may be lost to the capture",
      "2 calls that a server may leave without a reply",
      "1 pending call beyond the most that are kept, younger than these",
      "2 loops beyond the most that are kept, with no more replies than these",
      "1 refusal of calls in loops beyond the most that are followed",
      "1 finding beyond the most that are kept",
      "1 connection that did not open, beyond the most that are kept",
      "3,000 states of clients and servers beyond the most that a rule of findings watches",
    ]
  `);
  expect(linesOf({ dropped: { ...NONE, states: 3000 } }, null, 60).slice(2)).toEqual([
    '3,000 states of clients and servers beyond the most that a',
    '      rule of findings watches',
  ]);
  const many = Array.from({ length: MAX_TABLE_ROWS + 1 }, () => CALL);
  expect(linesOf({ calls: many }).at(-1)).toBe('1 more: --json has them all');
  expect(linesOf({ calls: many.slice(1) }).at(-1)).toBe(`${PLACE}connection open`);
});
