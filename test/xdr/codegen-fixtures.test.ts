/** Every message of the fixtures through every product, interpreted and generated. */
import { expect, test } from 'vitest';
import { Inspection } from '../../src/index.js';
import { RecordWriter } from '../../src/output/record.js';
import { ByteWriter } from '../../src/xdr/byte-writer.js';
import { fixtureCaptures } from '../helpers/fixtures.js';
import { library, nameOf } from '../helpers/render.js';
import { Products } from './codegen-products.js';

const captures = fixtureCaptures().map((capture) => [nameOf(capture), capture] as const);
const products = new Products();

interface JsonChoice {
  codegen: boolean;
  int64Strings: boolean;
  payload: boolean;
}

async function json(capture: string, choice: JsonChoice): Promise<string> {
  const out = new ByteWriter();
  const inspection: Inspection = await Inspection.open([capture], { library }, (dissection) => {
    writer.write(dissection);
    out.byte(0x0a);
  });
  const hasInterfaces = (file: number) => inspection.hasInterfaces(file);
  const writer = new RecordWriter(out, inspection.dissector, { files: null, hasInterfaces, ...choice });
  await inspection.run();
  return out.toString();
}

test.each(captures)('%s: records', async (_, capture) => {
  for (const int64Strings of [false, true]) {
    const choice = { int64Strings, payload: int64Strings };
    const generated = await json(capture, { ...choice, codegen: true });
    expect(generated).toBe(await json(capture, { ...choice, codegen: false }));
    expect(generated).not.toBe('');
  }
});

let count = 0;

test.each(captures)('%s: bodies', async (_, capture) => {
  const inspection: Inspection = await Inspection.open([capture], { library }, ({ plan, extent }) => {
    if (plan === null) return;
    count++;
    products.compare(plan, extent.bytes.subarray(extent.at, Math.min(extent.end, extent.limit)));
  });
  await inspection.run();
});

test('there were bodies', () => {
  expect(count).toBeGreaterThan(500);
});
