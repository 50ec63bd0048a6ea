/** The operation that matters in an NFSv4 compound is one of those that matter to tshark (tables by make-tables.sh). */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { open } from '../../src/index.js';
import { FIXTURES } from '../helpers/render.js';

const TABLES = join(FIXTURES, 'opinion/nfs4');
const names = new Map(
  readFileSync(join(import.meta.dirname, '../dissect/nfs4-sections.tsv'), 'utf8')
    .split('\n')
    .map((line) => line.split('\t'))
    .filter(([kind]) => kind === 'operation')
    .map(([, number, name]) => [number, name.replace(/^OP_/, '')]),
);

test.each(readdirSync(TABLES).filter((file) => file.endsWith('.main')))('%s', async (file) => {
  const theirs = new Map(
    readFileSync(join(TABLES, file), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\t'))
      .map(([frame, xid, numbers]) => [
        `${frame} ${Number(xid)}`,
        numbers.split(',').map((number) => names.get(number)),
      ]),
  );
  let compared = 0;
  for await (const record of open(join(FIXTURES, 'captures/nfs4', file.replace(/\.main$/, '.pcap')))) {
    const expected = theirs.get(`${record.frame} ${record.xid}`);
    // Of a failed compound tshark shows what was asked for, rpcdump what ended it.
    if (expected === undefined || record.program !== 'NFS' || record.error === true) continue;
    expect([record.frame, expected]).toEqual([record.frame, expect.arrayContaining([record.operation])]);
    compared++;
  }
  expect(compared).toBeGreaterThan(theirs.size / 2);
});
