/** Operations of compounds counted one by one, against the records of every NFSv4 fixture. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Statistics } from '../../src/analysis/statistics.js';
import type { StatisticsRow } from '../../src/analysis/statistics-row.js';
import { statsCsv, statsRecord } from '../../src/output/stats-record.js';
import { statsTable } from '../../src/output/stats-table.js';
import { makeStyles } from '../../src/terminal/style.js';
import { fixtureCaptures } from '../helpers/fixtures.js';
import { compound, compoundReply, sequence, sequenceReply } from '../helpers/nfs4.js';
import { client, server, udp } from '../helpers/packets.js';
import { FIXTURES, nameOf, type records as Records, records } from '../helpers/render.js';
import { reply, words } from '../helpers/rpc-writer.js';
import { faultsOf, statisticsOf } from '../helpers/statistics.js';
import { withCapture } from '../helpers/with-folder.js';

const OPERATIONS = { by: [], operations: true };

type Counts = Record<string, { calls: number; executed: number; notExecuted: number; errors: Record<string, number> }>;

/** What the records say of the operations of calls and of their first replies. */
function countsOf(messages: Awaited<ReturnType<typeof Records>>): Counts {
  const counts: Counts = {};
  const waiting = new Map<string, string[]>();
  const of = ({ program, version }: { program: string; version: number }, op: string) => {
    const name = `${program} v${version} ${op}`;
    counts[name] ??= { calls: 0, executed: 0, notExecuted: 0, errors: {} };
    return counts[name];
  };
  for (const message of messages) {
    if (message.retransmission) continue;
    if (message.type === 'call' && message.operations) {
      const names = message.operations.map(({ op }: { op: string }) => op);
      for (const name of names) of(message, name).calls++;
      waiting.set(`${message.frame} ${message.xid}`, names);
    } else if (message.type === 'reply') {
      const key = `${message.call_frame} ${message.xid}`;
      for (const [i, name] of (waiting.get(key) ?? []).entries()) {
        const done = message.operations?.[i];
        if (done === undefined) of(message, name).notExecuted++;
        else of(message, name).executed++;
        const { errors } = of(message, name);
        if (done?.status && !/_OK$/.test(done.status)) errors[done.status] = (errors[done.status] ?? 0) + 1;
      }
      waiting.delete(key);
    }
  }
  return counts;
}

const rowsByName = (statistics: Statistics) =>
  Object.fromEntries(
    statistics.rows.map((row) => {
      const { key, calls, executed, notExecuted, errors } = row;
      const counts = { calls, executed, notExecuted, errors: Object.fromEntries(errors) };
      return [`${key.program} v${key.version} ${key.operation}`, counts];
    }),
  );

test.each(fixtureCaptures().filter((path) => nameOf(path).startsWith('nfs4/')))('%s', async (path) => {
  const statistics = await statisticsOf(path, { operations: true });
  expect(rowsByName(statistics)).toEqual(countsOf(await records(path)));
  for (const row of statistics.rows) {
    expect(row.calls).toBe(row.executed + row.notExecuted + row.unansweredTotal + row.unreadable);
    expect(faultsOf(statsRecord(row, OPERATIONS))).toEqual([]);
  }
});

// Of SEQUENCE and PUTROOTFH: executed, not executed, unreadable, unanswered.
test.each<[string, Uint8Array[], sequence: number[], putRoot: number[]]>([
  ['answered', [compoundReply(1, 0, sequenceReply(7, 1), words(24, 0))], [1, 0, 0, 0], [1, 0, 0, 0]],
  ['that failed at the first', [compoundReply(1, 10052, words(53, 10052))], [1, 0, 0, 0], [0, 1, 0, 0]],
  ['refused by RPC', [reply({ xid: 1, acceptStat: 3 })], [0, 1, 0, 0], [0, 1, 0, 0]],
  ['whose reply cannot be read', [reply({ xid: 1 })], [0, 0, 1, 0], [0, 0, 1, 0]],
  ['without a reply', [], [0, 0, 0, 1], [0, 0, 0, 1]],
])('operations of a compound %s', async (_, replies, ...expected) => {
  const packets = [
    udp(client, server, compound(1, sequence(7, 1), words(24))),
    ...replies.map((each) => udp(server, client, each)),
  ];
  const { rows } = await withCapture(packets, (file) => statisticsOf(file, { operations: true }));
  expect(rows.map((row) => [row.executed, row.notExecuted, row.unreadable, row.unansweredTotal])).toEqual(expected);
});

test('main operations add up to the compounds', async () => {
  const path = join(FIXTURES, 'captures/nfs4/features-4.2.pcap');
  const statistics = await statisticsOf(path);
  const compounds = (await records(path)).filter(({ type, operations }) => type === 'call' && operations);
  const sum = (count: (row: StatisticsRow) => number) => statistics.rows.reduce((total, row) => total + count(row), 0);
  expect(sum(({ key, calls }) => (key.operation === undefined ? 0 : calls))).toBe(compounds.length);
});

test('its times are labelled as those of compounds', async () => {
  const statistics = await statisticsOf(join(FIXTURES, 'captures/nfs4/features-4.2.pcap'), { operations: true });
  const options = { ...OPERATIONS, styles: makeStyles(false), columns: null, histogram: false };
  const [first, second] = statsTable(statistics, statistics.rows, options).split('\n');
  expect([first, second]).toEqual([
    expect.stringMatching(/^ +compound {2}compound /),
    expect.stringMatching(/^program +operation +calls +executed .* min +mean +p50 /),
  ]);
  expect(statsCsv(statistics.rows, OPERATIONS).split('\n')[0]).toMatch(/,compound_min,compound_mean,/);
  expect(Object.keys(statsRecord(statistics.rows[0], OPERATIONS))).toContain('compound_elapsed');
});

test('what is no compound is counted apart', async () => {
  const statistics = await statisticsOf(join(FIXTURES, 'captures/nfs3/linux-client.pcap'), { operations: true });
  expect(statistics.rows).toEqual([]);
  expect(statistics.besideRows.otherCalls).toBeGreaterThan(0);
});
