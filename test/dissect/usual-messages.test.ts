/** What is found of usual messages in few steps is what the whole way finds, of every message of every fixture. */
import { expect, test } from 'vitest';
import type { Dissection } from '../../src/dissect/dissection.js';
import { Dissector } from '../../src/dissect/dissector.js';
import { FileSubjects } from '../../src/dissect/names/file-subjects.js';
import type { Wants } from '../../src/dissect/procedure.js';
import { Inspection } from '../../src/index.js';
import { ByteWriter } from '../../src/xdr/byte-writer.js';
import { fixtureCaptures } from '../helpers/fixtures.js';
import { library } from '../helpers/render.js';

const dissectors = Dissector.prototype as unknown as { findUsual: (...parameters: unknown[]) => boolean };
const { findUsual } = dissectors;

/** What is known of each message. */
async function statusesOf(path: string, wants: Wants): Promise<string[]> {
  const statuses: string[] = [];
  const inspection: Inspection = await Inspection.open([path], { library, wants }, (dissection) => {
    const { names } = inspection.dissector;
    const subjects = names && new FileSubjects(names);
    subjects?.read(dissection);
    const { programName, procedureName, status, isPlainSuccess, error, undecoded, requestCache, related } = dissection;
    const operations = dissection.compound?.operations.map(({ name, status: own }) => [name, own]);
    const body = [dissection.plan !== null, operations, dissection.integrity !== null];
    const all = [programName, procedureName, status, isPlainSuccess, error, undecoded, requestCache, related, body];
    const files = [subjects?.file, subjects?.directory];
    statuses.push(
      JSON.stringify([dissection.message.number, ...all, ...files, ...saidOf(dissection, inspection, wants)]),
    );
  });
  await inspection.run();
  return statuses;
}

/** What a line says of a message: its summary, and whether it was looked through to its end. */
function saidOf(dissection: Dissection, { dissector }: Inspection, wants: Wants): unknown[] {
  if (wants !== 'summaries') return [];
  const out = new ByteWriter(256);
  dissector.writeSummary(out);
  const { isWhole, verifierPlan } = dissection;
  return [out.toString(), isWhole, verifierPlan !== null, dissector.findFault()];
}

test.each<Wants>(['status', 'operations', 'names', 'summaries'])(
  'in all fixtures, where %s are wanted',
  async (wants) => {
    let usual = 0;
    for (const path of fixtureCaptures()) {
      dissectors.findUsual = () => false;
      const whole = await statusesOf(path, wants);
      dissectors.findUsual = function (this: unknown, ...parameters) {
        const isUsual = findUsual.apply(this, parameters);
        if (isUsual) usual++;
        return isUsual;
      };
      expect(await statusesOf(path, wants)).toEqual(whole);
    }
    dissectors.findUsual = findUsual;
    expect(usual).toBeGreaterThan(2000);
  },
);
