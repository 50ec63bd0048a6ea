/** Records that find no room in the memory for unfinished records: all outputs say that rpcdump, not the capture, lacks their bytes. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { missingParts } from '../../src/analysis/account.js';
import { RAW_IP } from '../../src/capture/link-types.js';
import { type Dissection, Inspection } from '../../src/index.js';
import { MAX_RECORD_KEPT } from '../../src/limits/rpc.js';
import { accountText } from '../../src/output/account.js';
import { HexWriter } from '../../src/output/hex.js';
import { makeStyles } from '../../src/terminal/style.js';
import { ByteWriter } from '../../src/xdr/byte-writer.js';
import { writePcap } from '../helpers/capture-writer.js';
import { checkYaml } from '../helpers/check.js';
import { parallelReads } from '../helpers/parallel-reads.js';
import { library, render } from '../helpers/render.js';
import { ownFolder } from '../helpers/with-folder.js';

const KiB = 1024;
/** One reply that is longer than what is kept of any record. */
let long: string;
const folder = ownFolder();

beforeAll(() => {
  long = join(folder, 'long.pcap');
  writeFileSync(long, writePcap(parallelReads(1, MAX_RECORD_KEPT + 100), { linkType: RAW_IP }));
});

const isRemark = (line: string) => /kept|captured/.test(line);

test('where all records together are too many, the newest is kept in part', async () => {
  const file = join(folder, 'parallel.pcap');
  writeFileSync(file, writePcap(parallelReads(4, 200 * KiB), { linkType: RAW_IP }));
  const replies: [boolean, string[]][] = [];
  const take = ({ message }: Dissection) => {
    if (message.type === 1) replies.push([message.isTruncated, [...message.notes]]);
  };
  const account = await (await Inspection.open([file], { library, recordBytes: 1024 * KiB }, take)).run();
  const note = 'rpcdump kept only the first part of this record, to bound memory';
  expect(replies).toEqual([
    [false, []],
    [false, []],
    [false, []],
    [true, [note]],
  ]);
  expect([account.rpc.truncated, account.rpc.keptInPart, account.rpc.headlessRecords]).toEqual([1, 1, 0]);
  expect(missingParts(account)).toEqual(['1 message kept in part, to bound memory']);
  expect(accountText(account, [file]).split('\n').filter(isRemark)).toEqual([
    '    kept in part                      1  their other bytes were captured: they were not kept, to bound memory',
  ]);
});

test('of records for which there is no room at all, the header is kept', async () => {
  const file = join(folder, 'many.pcap');
  writeFileSync(file, writePcap(parallelReads(4, 40 * KiB), { linkType: RAW_IP }));
  const replies: number[] = [];
  const take = ({ message }: Dissection) => {
    if (message.type === 1) replies.push(message.have);
  };
  const account = await (await Inspection.open([file], { library, recordBytes: 4 * KiB }, take)).run();
  expect(replies).toEqual([512, 512, 512, 512]);
  expect([account.rpc.keptInPart, account.rpc.headlessRecords]).toEqual([4, 0]);
});

test('the list', async () => {
  const lines = (await render(long, 'list')).split('\n');
  expect(lines[1]).toMatch(
    / READ count 8388708 eof \[8388608 of 8388752 bytes kept\] \[rpcdump kept only the first part of this record, to bound memory\]$/,
  );
});

test('the record', async () => {
  const { truncated, notes } = JSON.parse((await render(long, 'ndjson')).split('\n')[1]);
  expect({ truncated, notes }).toEqual({
    truncated: { have: 8388608, need: 8388752 },
    notes: ['rpcdump kept only the first part of this record, to bound memory'],
  });
});

test('the tree', async () => {
  expect((await render(long, 'tree')).split('\n').filter(isRemark)).toEqual([
    '      Truncated: 8388608 of 8388752 bytes were kept',
    '      Note: rpcdump kept only the first part of this record, to bound memory',
  ]);
});

test('the bytes', async () => {
  const out = new ByteWriter();
  const inspection: Inspection = await Inspection.open([long], { library }, (dissection) =>
    new HexWriter(out, inspection.dissector, makeStyles(false)).write(dissection),
  );
  await inspection.run();
  expect(out.toString().slice(-80)).toMatch(/\n {6}\(144 more bytes not kept\)\n\n$/);
});

test('no_truncated', async () => {
  const { rules } = await checkYaml([long], 'rules:\n  - no_truncated: true\n');
  expect(rules[1].places.map(({ what }) => what)).toEqual([
    'NFS v3 reply READ (8388608 of 8388752 bytes kept, to bound memory)',
  ]);
});
