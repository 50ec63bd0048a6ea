/** Rows are told apart by all values of `--by`, whatever characters the values have. */
import { expect, test } from 'vitest';
import { RowKeys } from '../../src/analysis/row-keys.js';
import type { Dissection } from '../../src/dissect/dissection.js';
import { controlProcedure, type GssCall } from '../../src/dissect/gss.js';
import type { FileSubjects } from '../../src/dissect/names/file-subjects.js';
import { GSS_INIT, rpcsecGss } from '../../src/rpc/auth/rpcsec-gss.js';

const message = { program: 100003, version: 3, procedure: 3, connection: 1, seconds: 0, nanoseconds: 0 };
const dissection = { message, procedure: null, procedureName: 'LOOKUP' } as unknown as Dissection;

/** How many rows the values have, each pair a file and its directory. */
function rowsOf(values: readonly [file: string, directory: string][], interval?: number): number {
  const subjects = { file: '', directory: '', number: 0, read: () => {} };
  const keys = new RowKeys(['file', 'directory'], interval, subjects as unknown as FileSubjects, false);
  const rows = values.map(([file, directory]) => {
    Object.assign(subjects, { file, directory });
    return keys.of(dissection);
  });
  return new Set(rows).size;
}

test.each<[string, [string, string][], number]>([
  [
    'equal ones',
    [
      ['a', 'b'],
      ['a', 'b'],
    ],
    1,
  ],
  [
    'lengths as text',
    [
      ['x', 'y\n5\nz'],
      ['x\n1\ny', 'z'],
    ],
    2,
  ],
  [
    'lengths in front',
    [
      ['1\na1', 'b'],
      ['1', 'a1\nb'],
    ],
    2,
  ],
  [
    'a value that ends in the length of the next one',
    [
      ['4\nx', 'b'],
      ['', 'x1\nb'],
    ],
    2,
  ],
  [
    'an empty one',
    [
      ['', 'ab'],
      ['ab', ''],
    ],
    2,
  ],
])('%s', (_, values, expected) => {
  expect(rowsOf(values)).toBe(expected);
  expect(rowsOf(values, 1)).toBe(expected);
});

test('a control procedure of a flavor has a row for each program', () => {
  const keys = new RowKeys([], undefined, null, false);
  const gss = { flavor: rpcsecGss, procedure: GSS_INIT } as GssCall;
  const rows = [100003, 100005, 100003, 100005].map((program) => {
    const procedure = controlProcedure(gss, program, 3);
    return keys.of({ ...dissection, message: { ...message, program }, procedure } as unknown as Dissection);
  });
  expect(rows.map(({ key }) => key.programNumber)).toEqual([100003, 100005, 100003, 100005]);
  expect(new Set(rows).size).toBe(2);
});
