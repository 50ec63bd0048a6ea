/**
 * The captures of rpcgen-made servers hold every procedure of their programs, with a reply, and decode without a word.
 * `RECORD_PROGRAMS=amd,autofs npx vitest run test/oracle/record.test.ts` (or `all`) records them anew into fixtures/captures: needs root,
 * rpcgen, a C compiler, libtirpc, tcpdump and mergecap.
 */
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DISSECTORS } from '../../src/dissect/library.js';
import { FIXTURES, records } from '../helpers/render.js';
import { missingRecorder, recordPrograms, rowsOf } from './recorder.js';

const captureOf = (folder: string) => join(FIXTURES, 'captures', folder, 'rpcgen.pcap');
const recorded = readdirSync(DISSECTORS).filter((folder) => existsSync(captureOf(folder)));

const wanted = process.env.RECORD_PROGRAMS;
if (wanted !== undefined) {
  const missing = missingRecorder();
  if (missing !== null) throw new Error(missing);
  for (const folder of wanted === 'all' ? recorded : wanted.split(',')) {
    mkdirSync(dirname(captureOf(folder)), { recursive: true });
    recordPrograms(folder, captureOf(folder));
  }
}

describe('captures of rpcgen-made servers', () => {
  test('are there', () => expect(recorded.length).toBeGreaterThan(20));

  test.each(recorded)('%s', async (folder) => {
    const found = await records(captureOf(folder));
    expect(
      found.filter(({ malformed, truncated, undecoded, notes }) => malformed ?? truncated ?? undecoded ?? notes),
    ).toEqual([]);
    const keys = found.map(({ program_number, version, procedure_number, type }) =>
      [program_number, version, procedure_number, type].join(),
    );
    const expected = rowsOf(folder).flatMap(({ program, version, procedure: { number } }) =>
      ['call', 'reply'].map((type) => [program, version, number, type].join()),
    );
    expect(keys.sort()).toEqual(expected.sort());
  });
});
