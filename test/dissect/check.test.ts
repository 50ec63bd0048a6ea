/** What the check of a `.x` says about its hints. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkDissector } from '../../src/dissect/check.js';
import { ownFolder } from '../helpers/with-folder.js';

const folder = ownFolder();

function write(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

const program = (procedure: string) => `program P { version V { ${procedure} = 1; } = 1; } = 0x20000001;`;

test.each([
  ['an argument', program('int F(/*@ show hex */ unsigned a)')],
  ['a field', `struct s { /*@ show hex */ unsigned a; }; ${program('int F(s)')}`],
  ['a field of an anonymous struct', `struct s { struct { /*@ show hex */ unsigned a; } in; }; ${program('int F(s)')}`],
  [
    'a field of the default arm',
    `union u switch (int a) { case 1: void; default: /*@ show hex */ unsigned b; }; ${program('int F(u)')}`,
  ],
  ['an element', `typedef struct { /*@ show hex */ unsigned a; } many<>; ${program('int F(many)')}`],
])('hints of %s are counted', (_, text) => {
  const { hints, diagnostics } = checkDissector(write('counted.x', text));
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
  expect([...hints]).toEqual([['show', 1]]);
});

test('complaints about hints come file by file', () => {
  write('a.x', `${' '.repeat(500)} typedef string far</*@ show hex */ 5>; struct a { /*@ show hex */ string one<>; };`);
  const bad = '/*@ show hex */ string';
  const text = `#include "a.x"\nstruct b { ${bad} one<>; ${' '.repeat(1000)} ${bad} two<>; };`;
  const { diagnostics } = checkDissector(write('b.x', text));
  const files = diagnostics.map(({ span }) => span.source.name.replace(/.*\//, ''));
  expect(files.length).toBeGreaterThan(2);
  expect(files).toEqual([...files].sort());
});
