/** Statistics against the record stream of every fixture capture, schemas/stats.schema.json, and input that is odd. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import type { ByName } from '../../src/analysis/by.js';
import { parseSaved, writeSaved } from '../../src/analysis/saved-statistics.js';
import { sortRows } from '../../src/analysis/sort-rows.js';
import { Statistics } from '../../src/analysis/statistics.js';
import type { StatisticsRow } from '../../src/analysis/statistics-row.js';
import { Dissector } from '../../src/dissect/dissector.js';
import { Inspection } from '../../src/index.js';
import { MAX_STATISTICS_ROWS } from '../../src/limits.js';
import { Network } from '../../src/network/network.js';
import { statsCsv, statsRecord } from '../../src/output/stats-record.js';
import { statsTable } from '../../src/output/stats-table.js';
import { Messages } from '../../src/rpc/messages.js';
import { makeStyles } from '../../src/terminal/style.js';
import { fixtureCaptures } from '../helpers/fixtures.js';
import { feed } from '../helpers/inspect.js';
import { client, server, type TestPacket, udp } from '../helpers/packets.js';
import { FIXTURES, library, records } from '../helpers/render.js';
import { call, reply, words } from '../helpers/rpc-writer.js';

const schema = fileURLToPath(new URL('../../schemas/stats.schema.json', import.meta.url));
const validate = new Ajv2020({ strictTypes: false }).compile(JSON.parse(readFileSync(schema, 'utf8')));

async function statisticsOf(path: string, by: ByName[] = [], interval?: number): Promise<Statistics> {
  const statistics: Statistics = new Statistics(() => inspection.exchanges, { by, interval });
  const inspection: Inspection = await Inspection.open(
    [path],
    {
      library,
      wants: 'status',
      onUnanswered: (exchange, outcome) => statistics.addUnanswered(exchange, outcome),
    },
    (dissection) => statistics.add(dissection),
  );
  await inspection.run();
  return statistics;
}

function statisticsOfPackets(packets: readonly TestPacket[], by: ByName[] = []): Statistics {
  const network: Network = new Network({
    datagram: (...datagram) => rpc.datagram(...datagram),
    open: (flow) => rpc.open(flow),
    quoted: (...quoted) => rpc.quoted(...quoted),
  });
  const statistics: Statistics = new Statistics(() => rpc.exchanges, { by, interval: undefined });
  const rpc: Messages = new Messages(
    network.now,
    (message) => statistics.add(dissector.dissect(message)),
    (exchange, outcome) => statistics.addUnanswered(exchange, outcome),
  );
  const dissector = new Dissector(library, rpc.exchanges, { wants: 'status' });
  feed(network, packets);
  rpc.finish();
  return statistics;
}

const sum = (statistics: Statistics, count: (row: StatisticsRow) => number) =>
  [...statistics.rows.values()].reduce((total, row) => total + count(row), 0);

// biome-ignore lint/suspicious/noExplicitAny: records are open objects.
function countsOf(messages: any[]): Record<string, number> {
  const counts: Record<string, number> = {};
  const add = (name: string, times = 1) => {
    counts[name] = (counts[name] ?? 0) + times;
  };
  const answered = new Set<string>();
  for (const { type, retransmission, truncated, call_frame, error, status, xid } of messages) {
    if (type === 'call') add(retransmission ? 'retransmissions' : 'calls');
    else if (call_frame !== undefined && !retransmission && !truncated && !answered.has(`${call_frame} ${xid}`)) {
      answered.add(`${call_frame} ${xid}`);
      add('replies');
      if (error && status !== undefined) add('errors');
      if (error && status === undefined) add('rpcErrors');
    } else if (call_frame === undefined) add('without');
  }
  return counts;
}

describe('every fixture capture', () => {
  // Where replies are truncated, the record stream does not say whether the receiver had them whole.
  const whole = fixtureCaptures().filter((path) => !/snaplen|dropped|udp-loss|krb5p/.test(path));
  test.each(whole)('%s', async (path) => {
    const statistics = await statisticsOf(path);
    const expected = countsOf(await records(path));
    const sizes = (pick: (row: StatisticsRow) => Map<string, number>) =>
      sum(statistics, (row) => [...pick(row).values()].reduce((a, b) => a + b, 0));
    expect({
      calls: sum(statistics, ({ calls }) => calls),
      replies: sum(statistics, ({ replies }) => replies),
      errors: sizes(({ errors }) => errors),
      rpcErrors: sizes(({ rpcErrors }) => rpcErrors),
      retransmissions: sum(statistics, ({ retransmissions }) => retransmissions),
      without: statistics.repliesWithoutCall,
    }).toEqual({ calls: 0, replies: 0, errors: 0, rpcErrors: 0, retransmissions: 0, without: 0, ...expected });
    for (const row of statistics.rows.values()) {
      expect(row.calls).toBe(row.replies + row.unansweredTotal);
      const record = JSON.parse(JSON.stringify(statsRecord(row, [])));
      expect(validate(record) ? [] : validate.errors).toEqual([]);
    }
  });
});

describe('real captures', () => {
  test('percentiles are those of the records', async () => {
    const path = join(FIXTURES, 'captures/nfs3/midstream.pcap');
    const statistics = await statisticsOf(path);
    const times = (await records(path)).filter((each) => each.procedure === 'GETATTR' && each.elapsed !== undefined);
    const sorted = times.map(({ elapsed }) => elapsed).sort((a, b) => a - b);
    const row = [...statistics.rows.values()].find(({ key }) => key.procedure === 'GETATTR')!;
    for (const part of [0.5, 0.9, 0.99]) {
      const exact = sorted[Math.ceil(part * sorted.length) - 1];
      expect(Math.abs(row.elapsed.percentile(part) / 1e9 - exact)).toBeLessThanOrEqual(exact * 0.01);
    }
  });

  test('contexts of RPCSEC_GSS are no NULL, and encrypted replies are told of', async () => {
    const { rows } = await statisticsOf(join(FIXTURES, 'captures/rpc/gss-krb5p.pcap'));
    const names = [...rows.values()].map(({ key }) => key.procedure);
    expect(names).toContain('RPCSEC_GSS_INIT');
    expect([...rows.values()].reduce((total, { unreadable }) => total + unreadable, 0)).toBeGreaterThan(0);
  });

  test('told apart by client and status, sorted, as CSV', async () => {
    const statistics = await statisticsOf(join(FIXTURES, 'captures/nfs3/udp-loss.pcap'), ['client', 'status']);
    const rows = sortRows([...statistics.rows.values()], 'calls').slice(0, 2);
    const [header, ...lines] = statsCsv(rows, ['client', 'status']).trimEnd().split('\r\n');
    expect(header).toMatch(/^time,program,program_number,version,procedure,operation,client,status,calls,/);
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/^,NFS,100003,3,\w+,,10\.78\.0\.2,NFS3\w+,/);
  });

  test('intervals', async () => {
    const statistics = await statisticsOf(join(FIXTURES, 'captures/nfs3/udp-retransmit.pcap'), [], 1);
    const times = new Set([...statistics.rows.values()].map(({ key }) => key.interval));
    expect(times.size).toBeGreaterThan(1);
  });
});

describe('odd input', () => {
  const at = (seconds: number, data: Uint8Array): TestPacket => ({ data, seconds, nanoseconds: 0 });
  const ask = (xid: number, host = client) => udp(host, server, call({ xid, procedure: 1, args: words(0) }));
  const answer = (xid: number) => udp(server, client, reply({ xid, result: words(0) }));
  const text = (statistics: Statistics) =>
    statsTable(statistics, [...statistics.rows.values()], {
      styles: makeStyles(false),
      by: [],
      columns: 80,
      histogram: true,
    });

  test('nothing', () => {
    expect(text(statisticsOfPackets([]))).toBe('no calls\n');
  });

  test('replies only', () => {
    expect(text(statisticsOfPackets([at(0, answer(1))]))).toMatch(/^no calls\n\n +1 {2}replies whose call/);
  });

  test('a clock that runs backwards', () => {
    const statistics = statisticsOfPackets([at(9, ask(1)), at(5, answer(1)), at(6, ask(2)), at(7, answer(2))]);
    const [row] = statistics.rows.values();
    expect(row).toMatchObject({ calls: 2, replies: 2, negativeTimes: 1 });
    expect([row.elapsed.count, row.elapsed.min]).toEqual([1, 1e9]);
    expect(text(statistics)).toMatch(/1 {2}replies before their calls/);
    expect(text(statistics)).not.toMatch(/NaN|-\d/);
  });

  test('calls only', () => {
    const statistics = statisticsOfPackets([at(0, ask(1)), at(1, ask(1)), at(2, ask(2))]);
    const [row] = statistics.rows.values();
    expect(row).toMatchObject({ calls: 2, replies: 0, retransmissions: 1, unanswered: { open_at_end: 2 } });
    expect(statsRecord(row, []).elapsed).toBeNull();
  });

  test('more rows than are kept are added up', () => {
    const count = MAX_STATISTICS_ROWS + 10;
    const packets = Array.from({ length: count }, (_, i) =>
      at(0, ask(i + 1, { ...client, address: `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}` })),
    );
    const statistics = statisticsOfPackets(packets, ['client']);
    expect(statistics.rows.size).toBeLessThanOrEqual(MAX_STATISTICS_ROWS);
    expect(statistics.mergedRows).toBeGreaterThan(0);
    expect(sum(statistics, ({ calls }) => calls)).toBe(count);
  });

  test('what is saved and merged is the sum', () => {
    const [one, two] = [1, 2].map(() => statisticsOfPackets([at(0, ask(1)), at(1, answer(1))]));
    one.merge(parseSaved(writeSaved(two, [])).rows);
    const [row] = one.rows.values();
    expect([one.rows.size, row.calls, row.elapsed.count, row.elapsed.max]).toEqual([1, 2, 2, 1e9]);
  });

  const saved = writeSaved(statisticsOfPackets([at(0, ask(1)), at(1, answer(1))]), []);
  test.each([
    ['no JSON', saved.slice(0, 50), /not written by/],
    ['other JSON', '[]', /not written by/],
    ['null', 'null', /not written by/],
    ['no rows', '{"rpcdump_statistics":1}', /damaged/],
    ['a count that is none', saved.replace('"calls":1', '"calls":"x"'), /damaged: "x" is no count/],
    ['a bucket that is none', saved.replace(/"buckets":\[\[\d+/, '"buckets":[[-5'), /damaged: no bucket -5/],
  ])('a saved file with %s is refused', (_, text, expected) => {
    expect(() => parseSaved(text)).toThrow(expected);
  });
});
