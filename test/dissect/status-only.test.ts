/** Status words, and names, found in few steps are those that the whole way finds, of every message of every fixture. */
import { expect, test } from 'vitest';
import { Dissector } from '../../src/dissect/dissector.js';
import { FileSubjects } from '../../src/dissect/names/file-subjects.js';
import type { Wants } from '../../src/dissect/procedure.js';
import { Inspection } from '../../src/index.js';
import { fixtureCaptures } from '../helpers/fixtures.js';
import { library } from '../helpers/render.js';

const dissectors = Dissector.prototype as unknown as { findStatus: unknown };
const { findStatus } = dissectors;

/** What is known of each message where nothing but status words, and names, is wanted. */
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
    statuses.push(JSON.stringify([dissection.message.number, ...all, subjects?.file, subjects?.directory]));
  });
  await inspection.run();
  return statuses;
}

test.each<Wants>(['status', 'operations', 'names'])('in all fixtures, where %s are wanted', async (wants) => {
  for (const path of fixtureCaptures()) {
    dissectors.findStatus = () => false;
    const whole = await statusesOf(path, wants);
    dissectors.findStatus = findStatus;
    expect(await statusesOf(path, wants)).toEqual(whole);
  }
});
