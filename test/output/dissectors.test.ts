/** `rpcdump dissectors --json` against its schema, and docs/json.md, which names every schema. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { DissectorLibrary } from '../../src/dissect/library.js';
import { dissectorRecords, dissectorTable } from '../../src/output/dissectors.js';
import { makeStyles } from '../../src/terminal/style.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const schema = JSON.parse(readFileSync(`${ROOT}schemas/dissectors.schema.json`, 'utf8'));

test('rows are as the schema says, their keys in its order', () => {
  const isRow = new Ajv2020().compile(schema);
  const rows = dissectorRecords(new DissectorLibrary([]).list()).trimEnd().split('\n');
  expect(rows.length).toBeGreaterThan(50);
  for (const row of rows.map((line) => JSON.parse(line))) {
    expect(isRow(row) ? [] : isRow.errors).toEqual([]);
    expect(Object.keys(row)).toEqual(Object.keys(schema.properties));
  }
});

test('rows are safe for a terminal', () => {
  const entry = { ...new DissectorLibrary([]).list()[0], program: 'A\u202e', file: '\u009b2J.x' };
  const row = dissectorRecords([entry]);
  expect(row).not.toMatch(/[\u009b\u202e]/);
  expect(JSON.parse(row)).toMatchObject({ program: entry.program, file: entry.file });
});

test('on a narrow terminal each heading line ends the style that it began', () => {
  const [entry] = new DissectorLibrary([]).list();
  const [heading] = dissectorTable([entry], { styles: makeStyles(true), columns: 30 }).split('\n');
  expect(heading).toContain('…');
  expect(heading.split('\u001b[1m').length).toBe(heading.split('\u001b[22m').length);
});

test('totals of one', () => {
  const entry = { ...new DissectorLibrary([]).list()[0], procedures: 1 };
  const table = dissectorTable([entry], { styles: makeStyles(false), columns: null });
  expect(table.split('\n').at(-2)).toBe('1 program, 1 version, 1 procedure');
});

test('docs/json.md says who writes by which schema', () => {
  const document = readFileSync(`${ROOT}docs/json.md`, 'utf8');
  const table = document.slice(document.indexOf('## The schemas'));
  expect([...table.matchAll(/`([\w./]+\.schema\.json)`/g)].map(([, name]) => name).sort()).toEqual(
    ['record.schema.json', ...readdirSync(`${ROOT}schemas`).map((name) => `schemas/${name}`)].sort(),
  );
});
