/** `stats --sort`: each column has a row of its own that comes first, and rows that come first in another column only. */
import { expect, test } from 'vitest';
import { SORT_NAMES, sortRows, topRows } from '../../src/analysis/sort-rows.js';
import { StatisticsRow } from '../../src/analysis/statistics-row.js';

const newRow = (procedure: string, interval?: number) =>
  new StatisticsRow({ program: 'P', programNumber: 7, version: 1, procedure, operation: undefined, by: [], interval });

/** A row with replies after these times. */
const answered = (...times: number[]) => {
  return (row: StatisticsRow) => {
    for (const time of times) row.addReply(0, time);
  };
};
const of = (count: number, time: number) => new Array<number>(count).fill(time);

const ROWS: Record<string, (row: StatisticsRow) => void> = {
  calls: (row) => {
    for (let i = 0; i < 30; i++) row.addCall(0, 0);
  },
  resends: (row) => {
    row.retransmissions = 9;
  },
  unanswered: (row) => Object.assign(row.unanswered, { open_at_end: 3, never_answered: 3 }),
  'unanswered in one way': (row) => Object.assign(row.unanswered, { open_at_end: 5 }),
  errors: (row) => {
    row.addError('A', 3);
    row.addRpcError('B', 3);
  },
  'errors of the program': (row) => row.addError('A', 5),
  'errors of RPC': (row) => row.addRpcError('B', 5),
  bytes: (row) => {
    row.addCall(60, 0);
    row.addReply(60, 0);
  },
  'bytes of calls': (row) => row.addCall(100, 0),
  'bytes of replies': (row) => row.addReply(100, 0),
  total: answered(...of(20, 100)),
  mean: answered(10, 10, 700),
  p50: answered(230),
  p99: answered(...of(58, 1), 800, 800),
  max: answered(...of(199, 1), 900),
};

test.each(SORT_NAMES)('by %s', (name) => {
  const rows = Object.entries(ROWS).map(([procedure, fill]) => {
    const row = newRow(procedure);
    fill(row);
    return row;
  });
  expect(sortRows(rows, name)[0].key.procedure).toBe(name);
});

test('rows that are alike are in the order of their names, each interval for itself', () => {
  const rows = [2, 1].flatMap((interval) => ['c', 'a', 'b'].map((name) => newRow(name, interval)));
  rows[0].addCall(0, 0);
  const sorted = sortRows(rows, 'calls').map(({ key }) => `${key.interval}${key.procedure}`);
  expect(sorted).toEqual(['1a', '1b', '1c', '2c', '2a', '2b']);
  expect(topRows(sortRows(rows, 'calls'), 1).map(({ key }) => key.procedure)).toEqual(['a', 'c']);
});
