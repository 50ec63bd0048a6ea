/** Status words found in few steps are those that the whole way finds, of every message of every fixture. */
import { expect, test } from 'vitest';
import { Dissector } from '../../src/dissect/dissector.js';
import { Inspection } from '../../src/index.js';
import { fixtureCaptures } from '../helpers/fixtures.js';
import { library } from '../helpers/render.js';

const dissectors = Dissector.prototype as unknown as { findStatus: unknown };
const { findStatus } = dissectors;

/** What is known of each message where nothing but status words is wanted. */
async function statusesOf(path: string): Promise<string[]> {
  const statuses: string[] = [];
  const inspection = await Inspection.open([path], { library, wants: 'status' }, (dissection) => {
    const { programName, procedureName, status, isPlainSuccess, error, undecoded, requestCache, related } = dissection;
    const body = [dissection.plan !== null, dissection.compound !== null, dissection.integrity !== null];
    const all = [programName, procedureName, status, isPlainSuccess, error, undecoded, requestCache, related, body];
    statuses.push(JSON.stringify([dissection.message.number, ...all]));
  });
  await inspection.run();
  return statuses;
}

test('in all fixtures', async () => {
  for (const path of fixtureCaptures()) {
    dissectors.findStatus = () => false;
    const whole = await statusesOf(path);
    dissectors.findStatus = findStatus;
    expect(await statusesOf(path)).toEqual(whole);
  }
});
