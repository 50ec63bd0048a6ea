/** Texts of what was spoken of last stay; each takes the place of the one that many before. */
import { expect, test } from 'vitest';
import { RecentTexts } from '../../src/output/recent-texts.js';

/** The keys from one up to another, both included. */
const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);

test.each([
  ['nothing', 4, [], []],
  ['as many as are kept', 4, [1, 2, 3, 4], [1, 2, 3, 4]],
  ['not in order', 4, [7, 2, 1, 4], [1, 2, 4, 7]],
  ['one more takes the place of the first', 4, [1, 2, 3, 4, 5], [2, 3, 4, 5]],
  ['one that comes again', 4, [1, 2, 3, 4, 5, 1], [1, 2, 3, 4]],
  ['twice as many', 4, [1, 2, 3, 4, 5, 6, 7, 8], [5, 6, 7, 8]],
  ['zero', 4, [0], [0]],
  ['a ring that grows', 256, range(0, 255), range(0, 255)],
  ['a ring that grows for two keys far apart', 256, [3, 3 + 128], [3, 3 + 128]],
  ['a ring that cannot hold both', 256, [3, 3 + 256], [3 + 256]],
  ['a ring that grew and is full', 256, range(0, 299), range(44, 299)],
])('%s', (_, bound, keys, kept) => {
  const texts = new RecentTexts<string>(bound);
  for (const key of keys) texts.set(key, String(key));
  const found = range(0, 600).filter((key) => texts.get(key) !== undefined);
  expect(found).toEqual(kept);
  expect(found.map((key) => texts.get(key))).toEqual(kept.map(String));
});
