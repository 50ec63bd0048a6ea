/** `rpcdump help filter`: a line for each field and each of Wireshark's names, none of them a paragraph. */
import { expect, test } from 'vitest';
import { ALIASES } from '../../src/filter/aliases.js';
import { filterHelp } from '../../src/output/filter-help.js';
import { library } from '../helpers/render.js';

const text = filterHelp(library);
const lines = text.split('\n');
const names = text.slice(text.indexOf("Wireshark's names")).split('\n');

test.each(ALIASES)('$name says what it stands for', ({ name }) => {
  const own = names.filter((line) => line.startsWith(`  ${name} `));
  expect(own).toEqual([expect.stringMatching(/^ {2}\S+ +\S/)]);
});

test('sentences fit 80 columns, tables 100', () => {
  const sentences = lines.slice(0, lines.indexOf('Fields:'));
  expect(sentences.filter((line) => line.length > 80)).toEqual([]);
  expect(lines.filter((line) => line.length > 100)).toEqual([]);
});
