/** Fields as lines and as CSV, and records of chosen keys. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FieldSource } from '../../src/dissect/field-source.js';
import { MessageSource } from '../../src/filter/filter.js';
import { SelectedFields } from '../../src/filter/selected-fields.js';
import { Inspection } from '../../src/index.js';
import { CSV_LAYOUT, FIELDS_LAYOUT, type FieldsLayout, FieldsWriter, TIME_TEXTS } from '../../src/output/fields.js';
import { keepKeys, RECORD_KEYS } from '../../src/output/only.js';
import { ByteWriter } from '../../src/xdr/byte-writer.js';
import { FIXTURES, library, records } from '../helpers/render.js';

const NFS4 = join(FIXTURES, 'captures/nfs4/client-4.2.pcap');
const NFS3 = join(FIXTURES, 'captures/nfs3/allprocs-start.pcap');

async function lines(capture: string, names: string[], layout = FIELDS_LAYOUT): Promise<string[]> {
  const out = new ByteWriter();
  const fields = new SelectedFields(names, { library }, TIME_TEXTS);
  const writer = new FieldsWriter(out, fields, layout);
  writer.begin();
  const inspection: Inspection = await Inspection.open([capture], { library }, (dissection) => {
    writer.write(source.of(dissection));
  });
  const source = new MessageSource(inspection.dissector);
  await inspection.run();
  return out.toString().split('\n').slice(0, -1);
}

describe('fields are those of the records', () => {
  test.each([
    ['frame'],
    ['time'],
    ['time_epoch'],
    ['src'],
    ['src_port'],
    ['xid'],
    ['type'],
    ['program'],
    ['procedure'],
    ['elapsed'],
    ['accept_stat'],
    ['status'],
    ['status_number'],
    ['error'],
    ['summary'],
    ['credential.flavor'],
    ['credential.machinename'],
    ['args.where.name'],
    ['result.resok.obj_attributes.attributes.size'],
  ])('%s', async (path) => {
    // biome-ignore lint/suspicious/noExplicitAny: records are open objects.
    const fieldOf = (record: any): unknown => path.split('.').reduce((value, key) => value?.[key], record);
    const expected = (await records(NFS3)).map((record) => fieldOf(record));
    const actual = await lines(NFS3, [path]);
    expect(actual.map((text) => (text === '' ? undefined : text))).toEqual(
      expected.map((value) => {
        if (value === undefined || value === null) return undefined;
        // The capture has microseconds.
        return path === 'time_epoch' ? `${(value as number).toFixed(6)}000` : String(value);
      }),
    );
  });
});

describe('several values', () => {
  test('of a list, those of its elements and no more', async () => {
    const capture = join(FIXTURES, 'captures/nfs3/udp-retransmit.pcap');
    const all = await records(capture);
    expect(await lines(capture, ['credential.gids'])).toEqual(
      all.map((record) => record.credential?.gids?.join() ?? ''),
    );
    // Elements with members have no text of their own.
    const entries = all.map((record) => record.result?.resok?.reply?.entries?.map(() => 1).join() ?? '');
    expect(await lines(capture, ['result.resok.reply.entries'])).toEqual(entries);
    expect([
      all.some((record) => record.credential?.gids?.length > 1),
      entries.some((each) => each.startsWith('1,1')),
    ]).toEqual([true, true]);
  });

  test.each([
    [{}, 'SEQUENCE,PUTROOTFH,GETFH,GETATTR'],
    [{ occurrence: 'f' as const }, 'SEQUENCE'],
    [{ occurrence: 'l' as const }, 'GETATTR'],
    [{ aggregator: ' ' }, 'SEQUENCE PUTROOTFH GETFH GETATTR'],
    [{ quote: '"' as const }, '"SEQUENCE,PUTROOTFH,GETFH,GETATTR"'],
    [{ quote: 'csv' as const, separator: ',' }, '"SEQUENCE,PUTROOTFH,GETFH,GETATTR"'],
    [{ quote: 'csv' as const, separator: ';' }, 'SEQUENCE,PUTROOTFH,GETFH,GETATTR'],
  ])('%j', async (layout, expected) => {
    expect(await lines(NFS4, ['operations.op'], { ...FIELDS_LAYOUT, ...layout })).toContain(expected);
  });
});

test.each<[layout: Partial<FieldsLayout>, text: string, expected: string]>([
  [{ quote: '"' }, 'a "b"', '"a ""b"""'],
  [{ quote: "'" }, "it's", "'it''s'"],
  [{ quote: 'csv' }, 'a "b"', '"a ""b"""'],
  [{ quote: 'csv' }, "it's", "it's"],
  [{}, 'a "b"', 'a "b"'],
  [{ quote: 'csv' }, 'a\n\u001b', 'a\\u000a\\u001b'],
])('%j of %j: %s', (layout, text, expected) => {
  const out = new ByteWriter();
  const fields = { names: ['summary'], textsOf: () => [text] } as unknown as SelectedFields;
  new FieldsWriter(out, fields, { ...FIELDS_LAYOUT, ...layout }).write({} as FieldSource);
  expect(out.toString()).toBe(`${expected}\n`);
});

test('names have no quotes where values have', async () => {
  const [header, row] = await lines(NFS3, ['frame', 'type'], { ...FIELDS_LAYOUT, header: true, quote: '"' });
  expect([header, row]).toEqual(['frame\ttype', '"4"\t"call"']);
});

test('CSV has a header, and as many columns in each line', async () => {
  const [header, ...rows] = await lines(NFS3, ['frame', 'summary', 'args..name'], CSV_LAYOUT);
  expect(header).toBe('frame,summary,args..name');
  // RFC 4180 §2 as a pattern of three columns.
  const cell = '(?:[^",]*|"(?:[^"]|"")*")';
  for (const row of rows) expect(row).toMatch(new RegExp(`^${cell},${cell},${cell}$`));
  expect(rows.length).toBe((await records(NFS3)).length);
});

describe('chosen keys of records', () => {
  test('are what JSON.parse gives of them', () => {
    const keys = fc.uniqueArray(fc.constantFrom('a', 'b', 'args', 'x,y', '{'), { maxLength: 4 });
    const record = fc.dictionary(fc.constantFrom('a', 'b', 'args', 'result', 'c'), fc.jsonValue());
    fc.assert(
      fc.property(record, keys, (object, chosen) => {
        const out = new ByteWriter();
        out.utf8('before');
        out.utf8(JSON.stringify(object));
        keepKeys(out, 6, new Set(chosen));
        const expected = Object.entries(object).filter(([key]) => (chosen as string[]).includes(key));
        expect(out.toString()).toBe(`before${JSON.stringify(Object.fromEntries(expected))}`);
      }),
    );
  });

  test('are all that the schema has', () => {
    const schema = JSON.parse(readFileSync(join(FIXTURES, '../record.schema.json'), 'utf8'));
    expect([...RECORD_KEYS].sort()).toEqual(Object.keys(schema.properties).sort());
  });
});
