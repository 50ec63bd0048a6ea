/** What `rpcdump services` prints of a service: names and versions that are unknown, frames, and requests in vain. */
import { expect, test } from 'vitest';
import type { Service } from '../../src/analysis/services.js';
import { servicesRecords, servicesTable } from '../../src/output/services.js';
import { makeStyles } from '../../src/terminal/style.js';

const frames = (...numbers: number[]) => numbers.map((frame, order) => ({ frame, file: order % 2, order }));

const NFS: Service = {
  name: 'NFS',
  program: 100003,
  version: 3,
  transport: 'tcp',
  address: '10.0.0.2',
  port: 2049,
  announced: [],
  refused: [],
  calls: 2,
  replies: 1,
  errors: 0,
  first: { frame: 9, file: 0, order: 9 },
};

function cells(
  change: Partial<Service>,
  columns: number | null = null,
  files: readonly string[] | null = null,
): string[] {
  const text = servicesTable([{ ...NFS, ...change }], { styles: makeStyles(false), columns, files });
  return text.split('\n').at(-3)!.split(/ {2,}/);
}

test.each<[change: Partial<Service>, line: string]>([
  [{}, 'NFS 100003 3 tcp 10.0.0.2 2049 2 1 0'],
  [{ name: undefined, program: 400, version: -1 }, '? 400 ? tcp 10.0.0.2 2049 2 1 0'],
  [{ version: 0 }, 'NFS 100003 0 tcp 10.0.0.2 2049 2 1 0'],
  [{ announced: frames(1, 2, 3) }, 'NFS 100003 3 tcp 10.0.0.2 2049 2 1 0 1, 2, 3'],
  [{ announced: frames(1, 2, 3, 4) }, 'NFS 100003 3 tcp 10.0.0.2 2049 2 1 0 1, 2, 3, …'],
])('a row: %j', (change, line) => {
  expect(cells(change).join(' ')).toBe(line);
});

test('on a narrow terminal a row has fewer columns and one frame', () => {
  const change = { name: undefined, announced: frames(1, 2) };
  expect(cells(change, 99).join(' ')).toBe('100003 3 tcp 10.0.0.2 2049 2 0 1, …');
  expect(cells(change, 100).join(' ')).toBe('? 100003 3 tcp 10.0.0.2 2049 2 1 0 1, 2');
  expect(cells(change, null, ['a', 'b']).at(-1)).toBe('1 of a, 2 of b');
});

test('requests in vain stand below the table and are no services', () => {
  const options = { styles: makeStyles(false), columns: null, files: null };
  const refused = [frames(7), frames(7, 8)].map((each) => ({ ...NFS, refused: each }));
  expect(
    servicesTable([...refused, NFS], options)
      .split('\n')
      .slice(2),
  ).toEqual([
    '1 service of 1 program',
    'NFS v3 tcp was asked for at 10.0.0.2 and is not there: frame 7',
    'NFS v3 tcp was asked for at 10.0.0.2 and is not there: frames 7, 8',
    '',
  ]);
  expect(servicesTable(refused.slice(0, 1), { ...options, columns: 60 })).toBe(
    'no services\nNFS v3 tcp was asked for at 10.0.0.2 and is not there: frame\n    7\n',
  );
});

test('records have what is known', () => {
  const record = (change: Partial<Service>, files: readonly string[] | null = null) =>
    JSON.parse(servicesRecords([{ ...NFS, ...change }], files));
  const { name, program, announced, refused, first, ...same } = NFS;
  const plain = { ...same, program: 'NFS', program_number: 100003, announced: [], first_frame: 9 };
  expect(record({})).toEqual(plain);
  const { program: _, version: __, ...nameless } = plain;
  expect(record({ name: undefined, version: -1 })).toEqual(nameless);
  expect(record({ refused: frames(7) }, ['a', 'b'])).toEqual({
    ...plain,
    announced_files: [],
    refused: [7],
    refused_files: ['a'],
    file: 'a',
  });
});
