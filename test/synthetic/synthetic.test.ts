/**
 * The synthetic captures of fixtures/captures are what the dissectors of today make, and every message of them decodes to its last byte.
 * `UPDATE_SYNTHETIC=1 npx vitest run test/synthetic` writes them; then `npm run test:update`.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { FIXTURES, records } from '../helpers/render.js';
import { syntheticCapture } from './synthetic.js';

/** Of which no server can be recorded: rpcgen has no words for data behind a body, nor for what was never published. */
const folders = ['gluster', 'hclnfsd', 'teklink'];

describe.each(folders)('%s', (folder) => {
  const file = join(FIXTURES, 'captures', folder, 'synthetic.pcap');
  const capture = syntheticCapture(folder);
  if (process.env.UPDATE_SYNTHETIC !== undefined) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, capture);
  }

  test('is what the dissectors make', () => {
    expect(existsSync(file) && capture.equals(readFileSync(file))).toBe(true);
  });

  test('decodes without a word', async () => {
    const found = await records(file);
    const odd = found
      .filter((record) => record.malformed ?? record.truncated ?? record.undecoded ?? notesOf(record))
      .map(({ program, procedure, type, malformed, undecoded, notes }) => ({
        program,
        procedure,
        type,
        malformed,
        undecoded,
        notes,
      }));
    expect(odd).toEqual([]);
    expect(found.length % 2).toBe(0);
    expect(found.length).toBeGreaterThan(0);
  });
});

/** Notes but those of what was never published. */
function notesOf({ notes }: { notes?: string[] }): boolean | undefined {
  return notes?.some((note) => !note.endsWith('of a kind that is not known')) || undefined;
}
