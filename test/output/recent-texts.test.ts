/** Texts of what was spoken of last stay; what nobody asked for while others came goes. */
import { expect, test } from 'vitest';
import { RecentTexts } from '../../src/output/recent-texts.js';

test.each([
  ['as many as are kept', [1, 2], [1, 2], [1, 2]],
  ['one more makes the others older', [1, 2, 3], [1, 2, 3], [1, 2, 3]],
  ['older ones go when the newer are as many', [1, 2, 3, 4, 5], [1, 2, 3, 4, 5], [3, 4, 5]],
  ['who is asked for stays', [1, 2, 3, -1, 4, 5], [1, 2], [1]],
] as const)('%s', (_, steps, asked, kept) => {
  const texts = new RecentTexts<number, string>(4);
  for (const step of steps) {
    if (step > 0) texts.set(step, String(step));
    else expect(texts.get(-step)).toBe(String(-step));
  }
  const found = asked.filter((key) => texts.get(key) === String(key));
  expect(found).toEqual(kept);
});
