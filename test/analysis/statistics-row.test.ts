/** A row of statistics: adding up loses no number, and neither does a file. */
import { expect, test } from 'vitest';
import { RowNumbers } from '../../src/analysis/row-numbers.js';
import { StatisticsRow } from '../../src/analysis/statistics-row.js';

const KEY = {
  program: 'P',
  programNumber: 7,
  version: 1,
  procedure: 'READ',
  operation: undefined,
  by: [],
  interval: undefined,
};

/** A row of which no number is 0. */
function filled(table = new RowNumbers(1)): StatisticsRow {
  const row = new StatisticsRow(KEY, table);
  for (let seconds = 0; seconds < 20; seconds++) row.addCall(100, seconds);
  for (let time = 0; time < 12; time++) row.addReply(10, 1000 * time);
  row.addReply(10, -1);
  row.addRpcError('PROC_UNAVAIL', 2);
  row.addError('ERR', 3);
  Object.assign(row, { retransmissions: 4, unreadable: 5, executed: 6, notExecuted: 7 });
  Object.assign(row.unanswered, { never_answered: 1, connection_ended: 2, lost_to_capture: 3, open_at_end: 4 });
  return row;
}
const doubled = (value: unknown): unknown => {
  if (typeof value === 'number') return 2 * value;
  if (Array.isArray(value)) return value.map(doubled);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, doubled(each)]));
};

test('two rows add up to twice the one', () => {
  const [sum, one] = [filled(), filled()];
  sum.merge(filled());
  const { counts, rpcErrors, errors, elapsed } = one.toJson();
  expect(sum.toJson()).toMatchObject({
    counts: doubled(counts),
    rpcErrors: doubled(rpcErrors),
    errors: doubled(errors),
  });
  expect([sum.elapsed.count, sum.elapsed.sum, sum.elapsed.max]).toEqual([24, 2 * elapsed.sum, elapsed.max]);
  expect(sum.activity.parts(20, 4)).toEqual(doubled(one.activity.parts(20, 4)));
  expect(one.activity.parts(20, 4)).toEqual([5, 5, 5, 5]);
  expect([sum.errorTotal, sum.unansweredTotal]).toEqual([10, 20]);
});

test('a file has all but the activity', () => {
  const saved = filled().toJson();
  expect(StatisticsRow.fromJson(JSON.parse(JSON.stringify(saved))).toJson()).toEqual(saved);
});

test('a row that was added up gives its place back, empty', () => {
  const table = new RowNumbers(2);
  const [row, other] = [filled(table), filled(table)];
  row.addUpTo(other);
  expect([row.current, other.calls, other.elapsed.count]).toEqual([other, 40, 24]);
  const next = new StatisticsRow(KEY, table);
  expect([next.at, next.calls, next.replies, next.elapsed.count]).toEqual([row.at, 0, 0, 0]);
});
