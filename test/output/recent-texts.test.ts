/** Texts of what was spoken of last stay; each takes the place of the one that many before. */
import { expect, test } from 'vitest';
import { RecentTexts } from '../../src/output/recent-texts.js';

test.each([
  ['nothing', [], []],
  ['as many as are kept', [1, 2, 3, 4], [1, 2, 3, 4]],
  ['not in order', [7, 2, 1, 4], [1, 2, 4, 7]],
  ['one more takes the place of the first', [1, 2, 3, 4, 5], [2, 3, 4, 5]],
  ['one that comes again', [1, 2, 3, 4, 5, 1], [1, 2, 3, 4]],
  ['twice as many', [1, 2, 3, 4, 5, 6, 7, 8], [5, 6, 7, 8]],
])('%s', (_, keys, kept) => {
  const texts = new RecentTexts<string>(4);
  for (const key of keys) texts.set(key, String(key));
  const found = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].filter((key) => texts.get(key) !== undefined);
  expect(found).toEqual(kept);
  expect(found.map((key) => texts.get(key))).toEqual(kept.map(String));
});
