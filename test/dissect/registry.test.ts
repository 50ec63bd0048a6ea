/** The table of registered programs, and that it is read when it is needed only. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DISSECTORS } from '../../src/dissect/library.js';
import { ProgramRegistry, parseRegistry } from '../../src/dissect/registry.js';

const table = readFileSync(join(DISSECTORS, 'programs.tsv'), 'utf8');

test('every line is a number, a name and, for some, what it is', () => {
  const lines = table
    .trimEnd()
    .split('\n')
    .filter((line) => !line.startsWith('#'));
  expect(lines.filter((line) => !/^\d+\t[\w.+/-]{1,32}(\t[^\t]+)?$/.test(line))).toEqual([]);
  const numbers = lines.map((line) => Number.parseInt(line, 10));
  expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
  expect(Math.max(...numbers)).toBeLessThan(0x20000000);
  expect(parseRegistry(table).size).toBe(lines.length);
});

test.each([
  [100000, 'portmapper'],
  [100029, 'keyserv'],
  [391002, 'sgi_fam'],
  [300019, 'amd'],
])('%i is %s', (number, name) => expect(parseRegistry(table).get(number)?.name).toBe(name));

test('the table is read once, at the first question', () => {
  let reads = 0;
  const registry = new ProgramRegistry(() => {
    reads++;
    return '# numbers\n7\tseven\tThe seventh\n8\teight\n';
  });
  expect(reads).toBe(0);
  expect(registry.find(7)).toEqual({ name: 'seven', title: 'The seventh' });
  expect([registry.find(8), registry.find(9)]).toEqual([{ name: 'eight', title: '' }, undefined]);
  expect(reads).toBe(1);
});
