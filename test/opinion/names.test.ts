/** What tshark has under the names of the tables (*.wireshark beside the .x files), rpcdump has too: answers made by make-names.sh. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Filter } from '../../src/filter/filter.js';
import { selectEach } from '../helpers/filters.js';
import { FIXTURES, library } from '../helpers/render.js';

interface Answer {
  name: string;
  frames: number[];
}

const answers = new Map<string, Answer[]>();
for (const line of readFileSync(join(FIXTURES, 'opinion/names.tsv'), 'utf8').trimEnd().split('\n')) {
  const [capture, name, frames] = line.split('\t');
  const known = answers.get(capture) ?? [];
  answers.set(capture, [...known, { name, frames: frames.split(' ').map(Number) }]);
}

describe.each([...answers])('%s', (capture, theirs) => {
  test('no frame is missing', async () => {
    const filters = theirs.map(({ name }) => new Filter(name, { library }));
    const selected = await selectEach(join(FIXTURES, 'captures', `${capture}.pcap`), filters);
    const missing = theirs.flatMap(({ name, frames }, i) => {
      const ours = new Set(selected[i].map(({ frame }) => frame));
      const lost = frames.filter((frame) => !ours.has(frame));
      return lost.length === 0 ? [] : [`${name}: ${lost.join(' ')}`];
    });
    expect(missing).toEqual([]);
  });
});
