/** Statistics against the record stream of every fixture capture, schemas/stats.schema.json, and input that is odd. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ByName } from '../../src/analysis/by.js';
import { parseSaved, writeSaved } from '../../src/analysis/saved-statistics.js';
import { sortRows, topRows } from '../../src/analysis/sort-rows.js';
import { rpcError, type Statistics } from '../../src/analysis/statistics.js';
import type { Grouping, StatisticsRow } from '../../src/analysis/statistics-row.js';
import { sumRows } from '../../src/analysis/sum-rows.js';
import { MAX_STATISTICS_ROWS } from '../../src/limits/analysis.js';
import { statsCsv, statsLines, statsRecord } from '../../src/output/stats-record.js';
import { statsTable } from '../../src/output/stats-table.js';
import { Message } from '../../src/rpc/message.js';
import { makeStyles } from '../../src/terminal/style.js';
import { bytes } from '../helpers/capture-writer.js';
import { type ExchangeRecord, exchangesOfCapture } from '../helpers/exchanges.js';
import { fixtureCaptures } from '../helpers/fixtures.js';
import { NfsTraffic } from '../helpers/nfs-traffic.js';
import { compound, compoundReply } from '../helpers/nfs4.js';
import { client, cut, server, type TestPacket, udp } from '../helpers/packets.js';
import { FIXTURES, records } from '../helpers/render.js';
import { call, opaque, reply, words } from '../helpers/rpc-writer.js';
import { faultsOf, statisticsOf, statisticsOfPackets } from '../helpers/statistics.js';

const EXCHANGES = { by: [], operations: false };

const sum = (statistics: Statistics, count: (row: StatisticsRow) => number) =>
  statistics.rows.reduce((total, row) => total + count(row), 0);

interface Counts {
  calls: number;
  replies: number;
  retransmissions: number;
  errors: Record<string, number>;
  rpcErrors: number;
}

/** By program, version and procedure. */
class CountsByProcedure {
  readonly counts: Record<string, Counts> = {};

  of(number: number, version: number, procedure: string | number): Counts {
    const name = `${number} v${version} ${procedure}`;
    this.counts[name] ??= { calls: 0, replies: 0, retransmissions: 0, errors: {}, rpcErrors: 0 };
    return this.counts[name];
  }
}

/** What the records of messages say. */
// biome-ignore lint/suspicious/noExplicitAny: records are open objects.
function countsOf(messages: any[]): CountsByProcedure['counts'] {
  const all = new CountsByProcedure();
  const answered = new Set<string>();
  for (const each of messages) {
    const { type, retransmission, truncated, call_frame, error, status, xid } = each;
    if (each.program_number === undefined && type === 'reply') continue;
    const counts = all.of(each.program_number ?? -1, each.version ?? -1, each.procedure ?? each.procedure_number ?? -1);
    if (type === 'call') counts[retransmission ? 'retransmissions' : 'calls']++;
    else if (!retransmission && !truncated && !answered.has(`${call_frame} ${xid}`)) {
      answered.add(`${call_frame} ${xid}`);
      counts.replies++;
      if (error && status !== undefined) counts.errors[status] = (counts.errors[status] ?? 0) + 1;
      if (error && status === undefined) counts.rpcErrors++;
    }
  }
  return all.counts;
}

/** The same of statistics. */
function countsOfRows(statistics: Statistics): CountsByProcedure['counts'] {
  const all = new CountsByProcedure();
  for (const row of statistics.rows) {
    const counts = all.of(row.key.programNumber, row.key.version, row.key.procedure);
    counts.calls += row.calls;
    counts.replies += row.replies;
    counts.retransmissions += row.retransmissions;
    for (const [name, count] of row.errors) counts.errors[name] = (counts.errors[name] ?? 0) + count;
    for (const count of row.rpcErrors.values()) counts.rpcErrors += count;
  }
  return all.counts;
}

/** What the records of exchanges say of outcomes. */
function outcomesOf(exchanges: ExchangeRecord[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { program_number, version, procedure, procedure_number, outcome, call } of exchanges) {
    // Replies without their call, and those of other hosts to a broadcast.
    if (call?.time === undefined) continue;
    const name = `${program_number} v${version} ${procedure ?? procedure_number} ${outcome}`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

function outcomesOfRows(statistics: Statistics): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { key, replies, unanswered } of statistics.rows) {
    for (const [outcome, count] of Object.entries({ answered: replies, ...unanswered })) {
      const name = `${key.programNumber} v${key.version} ${key.procedure} ${outcome}`;
      if (count > 0) counts[name] = (counts[name] ?? 0) + count;
    }
  }
  return counts;
}

const damaged = /snaplen|dropped|udp-loss|krb5p|rdma/;

describe('every fixture capture: counts by procedure are those of the records', () => {
  // Where replies are truncated, the record stream does not say whether the receiver had them whole.
  const whole = fixtureCaptures().filter((path) => !damaged.test(path));
  test.each(whole)('%s', async (path) => {
    const statistics = await statisticsOf(path);
    const messages = await records(path);
    expect(countsOfRows(statistics)).toEqual(countsOf(messages));
    expect(statistics.besideRows.repliesWithoutCall).toBe(
      messages.filter(({ type, call_frame }) => type === 'reply' && call_frame === undefined).length,
    );
    for (const row of statistics.rows) {
      expect(row.calls).toBe(row.replies + row.unansweredTotal);
      expect(faultsOf(statsRecord(row, EXCHANGES))).toEqual([]);
    }
  });

  test.each(fixtureCaptures().filter((path) => damaged.test(path)))('%s: outcomes', async (path) => {
    expect(outcomesOfRows(await statisticsOf(path))).toEqual(outcomesOf(await exchangesOfCapture(path)));
  });
});

const faultsOfTotal = ({ key: _, ...record }: { key: object }) => faultsOf(record);

const FILES_OF_COMPOUNDS = [
  'CLOSE /w/a 3',
  'CLOSE /w/b 1',
  'CREATE /w 1',
  'CREATE /w/sl 1',
  'CREATE /w/sub 1',
  'LOOKUP /w/b 1',
  'LOOKUP /w/c 1',
  'OPEN /w/a 3',
  'OPEN /w/b 1',
  'OPEN /w/big 1',
  'READDIR / 1',
  'READDIR /w 1',
  'SETATTR /w/b 1',
  'WRITE /w/a 1',
  'WRITE /w/big 1',
];

describe('real captures', () => {
  test.each(['nfs3/midstream.pcap', 'nfs3/udp-loss.pcap', 'nfs4/client-4.2.pcap', 'gluster/lo.pcap'])(
    '%s: percentiles are within 1 %% of those of the sorted times',
    async (name) => {
      const path = join(FIXTURES, 'captures', name);
      const exchanges = (await exchangesOfCapture(path)).filter(({ elapsed }) => elapsed !== undefined);
      const { rows } = await statisticsOf(path);
      for (const { key, elapsed } of rows) {
        const own = ({ program_number: number, version, procedure, operation }: ExchangeRecord) =>
          number === key.programNumber &&
          version === key.version &&
          procedure === key.procedure &&
          operation === key.operation;
        const sorted = exchanges
          .filter((each) => each.call?.time !== undefined && own(each))
          .map((each) => each.elapsed)
          .sort((a, b) => a - b);
        expect([key, elapsed.count]).toEqual([key, sorted.length]);
        for (const part of [0.5, 0.9, 0.99, 0.999]) {
          const exact = sorted[Math.ceil(part * sorted.length) - 1];
          expect(Math.abs(elapsed.percentile(part) / 1e9 - exact)).toBeLessThanOrEqual(exact * 0.01);
        }
        expect([elapsed.min / 1e9, elapsed.max / 1e9]).toEqual([sorted[0], sorted.at(-1)]);
      }
    },
  );

  test.each<[string, object]>([
    // A call is sent twice, and the capture ends before the last reply.
    ['nfs3/udp-retransmit.pcap', { calls: 24, replies: 23, retransmissions: 17, unanswered: 1 }],
    ['nfs3/udp-loss.pcap', { calls: 6, replies: 6, unanswered: 0 }],
    ['nfs3/midstream.pcap', { calls: 77, replies: 68, unanswered: 9 }],
    ['rpc/errors-auth.pcap', { unanswered: 3 }],
  ])('%s: what is known of it', async (name, expected) => {
    const [row] = sumRows((await statisticsOf(join(FIXTURES, 'captures', name))).rows);
    const { calls, replies, retransmissions, unansweredTotal: unanswered } = row;
    expect({ calls, replies, retransmissions, unanswered }).toMatchObject(expected);
  });

  test('files and directories, by the names that they have', async () => {
    const statistics = await statisticsOf(join(FIXTURES, 'captures/nfs3/linux-client.pcap'), {
      by: ['directory', 'file'],
    });
    const named = (row: StatisticsRow) => `${row.key.procedure} ${row.key.by.join(' ')}`;
    const names = statistics.rows.map(named);
    expect(names).toContain('WRITE /srv/x/e/w /srv/x/e/w/b');
    expect(names).toContain('REMOVE /srv/x/e/w /srv/x/e/w/hl');
    expect(names).toContain('NULL  ');
    expect(names.filter((name) => / 0x/.test(name))).toEqual([]);
  });

  test('files of compounds: what the operation that matters is done on', async () => {
    const statistics = await statisticsOf(join(FIXTURES, 'captures/nfs4/client-4.2.pcap'), { by: ['file'] });
    const named = statistics.rows.map(({ key, calls }) => `${key.operation} ${key.by[0]} ${calls}`);
    const shown = named.filter((name) => /^(OPEN|LOOKUP|WRITE|READDIR|SETATTR|CLOSE|CREATE) /.test(name));
    expect(shown.sort()).toEqual(FILES_OF_COMPOUNDS);
  });

  test('behind OPENATTR and PUTPUBFH names are not those of the directory before', () => {
    const putfh: [number, Buffer] = [22, opaque('directory')];
    const lookup: [number, Buffer] = [15, opaque('name')];
    const read: [number, Buffer] = [25, words(0, 0, 0, 0, 0, 0, 9)];
    const traffic = new NfsTraffic();
    for (const between of [[], [[19, words(0)]], [[23, words()]]] as [number, Buffer][][]) {
      traffic.compound([putfh, ...between, lookup, read], [[22, words()]]);
    }
    const { rows } = statisticsOfPackets(traffic.packets, ['file']);
    expect(rows.map(({ key, calls }) => `${key.by[0]} ${calls}`)).toEqual([
      '0x467844da/name 1',
      // OPENATTR is what matters of its compound, and it is done on the handle.
      '0x467844da 1',
      '…/name 1',
    ]);
  });

  test('contexts of RPCSEC_GSS are no NULL, and encrypted replies are told of', async () => {
    const { rows } = await statisticsOf(join(FIXTURES, 'captures/rpc/gss-krb5p.pcap'));
    const names = rows.map(({ key }) => key.procedure);
    expect(names).toContain('RPCSEC_GSS_INIT');
    expect(rows.reduce((total, { unreadable }) => total + unreadable, 0)).toBeGreaterThan(0);
  });

  test('told apart by client and status, sorted, as CSV', async () => {
    const statistics = await statisticsOf(join(FIXTURES, 'captures/nfs3/udp-loss.pcap'), { by: ['client', 'status'] });
    const rows = sortRows(statistics.rows, 'calls').slice(0, 2);
    const [header, ...lines] = statsCsv(rows, { by: ['client', 'status'], operations: false })
      .trimEnd()
      .split('\n');
    expect(header).toMatch(/^time,program,program_number,version,procedure,operation,client,status,calls,/);
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/^,NFS,100003,3,\w+,,10\.78\.0\.2,NFS3\w+,/);
  });

  test.each([[[]], [['client']], [['file', 'status']]] as [ByName[]][])(
    'totals by %s are the sums of rows',
    async (by) => {
      const path = join(FIXTURES, 'captures/nfs4/features-4.2.pcap');
      const asRecords = (rows: StatisticsRow[]) =>
        sortRows(rows, 'calls').map((row) => ({ ...statsRecord(row, { by, operations: false }), key: row.key }));
      const totals = asRecords((await statisticsOf(path, { by, totals: true })).rows);
      expect(totals).toEqual(asRecords(sumRows((await statisticsOf(path, { by })).rows)));
      expect(totals.flatMap(faultsOfTotal)).toEqual([]);
    },
  );

  test('intervals', async () => {
    const statistics = await statisticsOf(join(FIXTURES, 'captures/nfs3/udp-retransmit.pcap'), { interval: 1 });
    const times = new Set(statistics.rows.map(({ key }) => key.interval));
    expect(times.size).toBeGreaterThan(1);
    const tops = topRows(sortRows(statistics.rows, 'calls'), 1);
    expect(tops.map(({ key }) => key.interval)).toEqual([...times].sort());
  });
});

test.each([
  [{}, null],
  [{ replyStat: 0 }, null],
  [{ replyStat: 0, acceptStat: 0 }, null],
  [{ replyStat: 0, acceptStat: 3 }, 'PROC_UNAVAIL'],
  [{ replyStat: 0, acceptStat: 9 }, 'accept_stat 9'],
  [{ replyStat: 1 }, null],
  [{ replyStat: 1, rejectStat: 0 }, 'RPC_MISMATCH'],
  [{ replyStat: 1, rejectStat: 7 }, 'reject_stat 7'],
  [{ replyStat: 1, rejectStat: 1, authStat: 1 }, 'AUTH_BADCRED'],
  [{ replyStat: 1, rejectStat: 1, authStat: 99 }, 'auth_stat 99'],
])('the RPC error of %j is %s', (stats, expected) => {
  expect(rpcError(Object.assign(new Message(), stats))).toBe(expected);
});

test.each([
  [0.1, [12.9, 13.1, 13.3]],
  [0.25, [12.75, 13, 13.25]],
  [1, [12, 13]],
  [1.5, [12]],
  [60, [0]],
])('intervals of %d s begin where they do', (interval, starts) => {
  const times = [12_950_000_000, 13_149_999_999, 13_300_000_000];
  const packets = times.map((time, xid) => ({
    data: udp(client, server, call({ xid, procedure: 1, args: words(0) })),
    seconds: Math.floor(time / 1e9),
    nanoseconds: time % 1e9,
  }));
  const { rows } = statisticsOfPackets(packets, [], interval);
  expect(rows.map(({ key }) => key.interval)).toEqual(starts);
});

describe('a compound that was cut before its LOOKUP', () => {
  const asked = udp(client, server, compound(1, bytes(words(22), opaque('file')), bytes(words(15), opaque('name'))));
  const PUTFH = words(22, 0);
  const answers: [reply: string, Buffer, missing: number, row: (string | undefined)[]][] = [
    ['whole', compoundReply(1, 0, PUTFH, words(15, 0)), 0, ['LOOKUP']],
    ['of a failed LOOKUP', compoundReply(1, 2, PUTFH, words(15, 2)), 0, ['LOOKUP', 'NFS4ERR_NOENT']],
    ['of a failed PUTFH', compoundReply(1, 70, words(22, 70)), 0, [undefined, 'NFS4ERR_STALE']],
    ['cut before LOOKUP too', compoundReply(1, 0, PUTFH, words(15, 0)), 8, [undefined]],
    ['cut behind LOOKUP', compoundReply(1, 0, PUTFH, words(15, 0), words(10, 0)), 8, ['LOOKUP']],
    ['of the server that has no such program', reply({ acceptStat: 1 }), 0, [undefined, 'PROG_UNAVAIL']],
  ];
  test.each(answers)('reply %s', (_, answer, missing, expected) => {
    const answered = udp(server, client, answer);
    const packets = [cut(asked, asked.length - 10), cut(answered, answered.length - missing)];
    for (const wants of ['status', 'names'] as const) {
      const { rows } = statisticsOfPackets(packets, [], undefined, wants);
      const errors = rows.flatMap((row) => [...row.errors.keys(), ...row.rpcErrors.keys()]);
      expect([...rows.map(({ key }) => key.operation), ...errors]).toEqual(expected);
      expect(rows[0]).toMatchObject({ calls: 1, replies: 1, key: { procedure: 'COMPOUND' } });
    }
  });
});

describe('odd input', () => {
  const at = (seconds: number, data: Uint8Array): TestPacket => ({ data, seconds, nanoseconds: 0 });
  const ask = (xid: number, host = client) => udp(host, server, call({ xid, procedure: 1, args: words(0) }));
  const answer = (xid: number) => udp(server, client, reply({ xid, result: words(0) }));
  const text = (statistics: Statistics, columns = 80) =>
    statsTable(statistics, statistics.rows, {
      styles: makeStyles(false),
      ...EXCHANGES,
      columns,
      histogram: true,
    });

  test('nothing', () => {
    expect(text(statisticsOfPackets([]))).toBe('no calls\n');
  });

  test('replies only', () => {
    const statistics = statisticsOfPackets([at(0, answer(1))]);
    expect(text(statistics)).toBe('no calls\n\n        1  reply whose call was not captured\n');
    expect(text(statistics, 40)).toBe('no calls\n\n        1  reply whose call was not\n           captured\n');
  });

  test('a clock that runs backwards', () => {
    const statistics = statisticsOfPackets([at(9, ask(1)), at(5, answer(1)), at(6, ask(2)), at(7, answer(2))]);
    const [row] = statistics.rows;
    expect(row).toMatchObject({ calls: 2, replies: 2, negativeTimes: 1 });
    expect([row.elapsed.count, row.elapsed.min]).toEqual([1, 1e9]);
    expect(text(statistics)).toMatch(/1 {2}reply before its call/);
    expect(text(statistics)).not.toMatch(/NaN|-\d/);
  });

  test('calls only', () => {
    const statistics = statisticsOfPackets([at(0, ask(1)), at(1, ask(1)), at(2, ask(2))]);
    const [row] = statistics.rows;
    expect(row).toMatchObject({ calls: 2, replies: 0, retransmissions: 1, unanswered: { open_at_end: 2 } });
    expect(statsRecord(row, EXCHANGES).elapsed).toBeNull();
  });

  test('names out of a capture cannot act on a terminal', () => {
    const statistics = statisticsOfPackets([at(0, ask(1)), at(1, answer(1))]);
    const [row] = statistics.rows;
    row.key.by = ['/a\u001b[2J\u202e\u009b"\n,b'];
    // Saved statistics may hold any name.
    row.addError('\u009b2J', 1);
    const grouping: Grouping = { by: ['file'], operations: false };
    const table = statsTable(statistics, [row], {
      ...grouping,
      styles: makeStyles(false),
      columns: 80,
      histogram: true,
    });
    const json = statsLines([row], grouping);
    for (const text of [table, json, statsCsv([row], grouping)]) expect(text).not.toMatch(/[\u001b\u009b\u202e]/);
    expect(JSON.parse(json).file).toBe(row.key.by[0]);
    expect(statsCsv([row], grouping)).toContain('"/a\\u001b[2J\\u202e\\u009b""\\u000a,b"');
  });

  test('more rows than are kept are added up', () => {
    const count = MAX_STATISTICS_ROWS + 10;
    const packets = Array.from({ length: count }, (_, i) =>
      at(0, ask(i + 1, { ...client, address: `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}` })),
    );
    const statistics = statisticsOfPackets(packets, ['client']);
    expect(statistics.rows.length).toBeLessThanOrEqual(MAX_STATISTICS_ROWS);
    expect(statistics.table.overflow.rows).toBeGreaterThan(0);
    expect(sum(statistics, ({ calls }) => calls)).toBe(count);
  });

  test('times that found no room have a row of their own beside those of --totals', () => {
    const count = MAX_STATISTICS_ROWS + 10;
    const packets = Array.from({ length: count }, (_, i) => at(i, ask(i + 1)));
    const { rows } = statisticsOfPackets(packets, [], 1);
    const sums = sumRows(rows);
    const others = sums.filter(({ key }) => key.interval === undefined);
    expect(others.map(({ key, calls }) => [key.procedure, calls])).toEqual([['(other)', MAX_STATISTICS_ROWS / 2]]);
    expect(JSON.parse(statsLines(others, EXCHANGES)).procedure).toBe('(other)');
    expect(sums.reduce((total, { calls }) => total + calls, 0)).toBe(count);
  });

  test('exchanges that are over do not keep the rows that were added up', () => {
    const count = MAX_STATISTICS_ROWS + 10;
    const hosts = Array.from({ length: count }, (_, i) => ({
      ...client,
      address: `10.0.${(i >> 8) & 255}.${i & 255}`,
    }));
    const packets = hosts.flatMap((host, i) => [
      at(0, ask(i + 1, host)),
      at(0, udp(server, host, reply({ xid: i + 1, result: words(0) }))),
    ]);
    const statistics = statisticsOfPackets(packets, ['client']);
    expect(statistics.table.condensed).toBe(1);
    const counted = hosts.map((_, exchange) => statistics.countedAt(exchange));
    expect(counted.every((row) => row !== undefined && row.mergedInto === null)).toBe(true);
  });

  test('what is saved and merged is the sum', () => {
    const [one, two] = [1, 2].map(() => statisticsOfPackets([at(0, ask(1)), at(1, answer(1))]));
    const { rows, overflow, besideRows } = parseSaved(writeSaved(two, EXCHANGES));
    one.merge(rows, overflow, besideRows);
    const [row] = one.rows;
    expect([one.rows.length, row.calls, row.elapsed.count, row.elapsed.max]).toEqual([1, 2, 2, 1e9]);
  });

  const saved = writeSaved(statisticsOfPackets([at(0, ask(1)), at(1, answer(1))]), EXCHANGES);
  test.each([
    ['no JSON', saved.slice(0, 50), /not written by/],
    ['other JSON', '[]', /not written by/],
    ['null', 'null', /not written by/],
    ['no rows', '{"rpcdump_statistics":3}', /damaged: a key is missing, or has another type/],
    ['a row that is none', saved.replace(/"rows":\[.*\]/, '"rows":[null]'), /damaged: a key is missing/],
    [
      'another form',
      saved.replace('"rpcdump_statistics":3', '"rpcdump_statistics":2'),
      /by another version of rpcdump/,
    ],
    ['an interval that is none', saved.replace('"by"', '"interval":"1s","by"'), /damaged: "1s" is no interval/],
    ['a count that is none', saved.replace('"calls":1', '"calls":"x"'), /damaged: "x" is no count/],
    ['a count that is missing', saved.replace('"calls":1,', ''), /damaged: a count is missing/],
    ['an outcome that is missing', saved.replace('"open_at_end":0', '"other":0'), /damaged: a count is missing/],
    ['a row without a value of --by', saved.replace('"by":[]', '"by":["client"]'), /damaged: a row without its key/],
    ['a part of a call', saved.replace('"calls":1', '"calls":1.5'), /damaged: 1.5 is no count/],
    ['more calls than can be counted', saved.replace('"calls":1', '"calls":1e300'), /damaged: 1e\+300 is no count/],
    ['times too long', saved.replace(/"sum":\d+/, '"sum":1e300'), /damaged: 1e\+300 is no sum of response times/],
    ['a sum that is none', saved.replace(/"sum":\d+/, '"sum":null'), /damaged: null is no sum of response times/],
    ['an infinite count', saved.replace('"calls":1', '"calls":1e999'), /damaged: null is no count/],
    [
      'an interval beyond all times',
      saved.replace('"programNumber"', '"interval":1e300,"programNumber"'),
      /damaged: a row without its key/,
    ],
    [
      'an interval that is text',
      saved.replace('"programNumber"', '"interval":"x","programNumber"'),
      /damaged: a row without its key/,
    ],
    ['a program that is no text', saved.replace('"program":"NFS"', '"program":{}'), /damaged: a row without its key/],
    [
      'an operation that is no text',
      saved.replace('"programNumber"', '"operation":1,"programNumber"'),
      /damaged: a row without its key/,
    ],
    [
      'an error that is no text',
      saved.replace('"errors":[]', '"errors":[[{},1]]'),
      /damaged: an error without its name/,
    ],
    ['half a bucket', saved.replace(/"buckets":\[\[\d+/, '"buckets":[[5.5'), /damaged: no bucket 5.5/],
    ['a bucket that is none', saved.replace(/"buckets":\[\[\d+/, '"buckets":[[-5'), /damaged: no bucket -5/],
  ])('a saved file with %s is refused', (_, text, expected) => {
    expect(() => parseSaved(text)).toThrow(expected);
  });
});
