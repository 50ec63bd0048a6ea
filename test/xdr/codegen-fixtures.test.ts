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

/** With all options and with none, by generated code and by the interpreter. */
const CHOICES = [true, false].flatMap((isOn) =>
  [true, false].map((codegen) => ({ codegen, int64Strings: isOn, payload: isOn })),
);

test.each(captures)('%s: records', async (_, capture) => {
  const outs = CHOICES.map(() => new ByteWriter());
  const inspection: Inspection = await Inspection.open([capture], { library }, (dissection) => {
    for (const writer of writers) writer.write(dissection);
  });
  const options = { files: null, hasInterfaces: (file: number) => inspection.hasInterfaces(file) };
  const writers = CHOICES.map((choice, index) => {
    return new RecordWriter(outs[index], inspection.dissector, { ...options, ...choice });
  });
  await inspection.run();
  const [allGenerated, all, generated, interpreted] = outs.map(String);
  expect(allGenerated).toBe(all);
  expect(generated).toBe(interpreted);
  expect(generated).not.toBe('');
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
