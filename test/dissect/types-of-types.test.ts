/** Types that are made of types many times over: what is looked for in them ends soon, whether it is there or not. */
import { expect, test } from 'vitest';
import { handlePaths } from '../../src/dissect/names/fields.js';
import { findStatus } from '../../src/dissect/status.js';
import { generatedTemplate, Summary } from '../../src/dissect/summary.js';
import { MAX_SUMMARY_FIELDS } from '../../src/limits/dissect.js';
import { fills } from '../../src/xdr/codegen-extract.js';
import { startCpuTime } from '../helpers/cpu-time.js';
import { planOf } from '../helpers/plans.js';

const LEVELS = 8;
const WIDTH = 30;

/** A type of `WIDTH` times the one before it, eight times over. */
function typeOfTypes(first: string, next: (name: string, member: (index: number) => string) => string): string {
  const levels = Array.from({ length: LEVELS }, (_, i) => next(`t${i + 1}`, (index) => `t${i} f${index}`));
  return `${first}\n${levels.join('\n')}\ntypedef t${LEVELS} t;`;
}

const indices = Array.from({ length: WIDTH }, (_, i) => i);
const struct = (name: string, member: (index: number) => string) =>
  `struct ${name} { ${indices.map((i) => `${member(i)};`).join(' ')} };`;
const union = (name: string, member: (index: number) => string) =>
  `union ${name} switch (int k) { ${indices.map((i) => `case ${i}: ${member(i)};`).join(' ')} };`;

test.each([
  ['structs of numbers', typeOfTypes('struct t0 { int a; hyper b; };', struct), 0],
  ['structs of strings', typeOfTypes('struct t0 { string a<>; opaque b<>; };', struct), 0],
  ['unions', typeOfTypes('union t0 switch (int k) { case 0: int a; };', union), 0],
  ['structs of optionals of themselves', `struct t { ${indices.map((i) => `t *f${i};`).join(' ')} int a; };`, 0],
  [
    'structs of handles',
    typeOfTypes('struct t0 { /*@ handle */ opaque a<>; int b; };', struct).replace('typedef t8 t', 'typedef t5 t'),
    MAX_SUMMARY_FIELDS,
  ],
])('%s', (_, text, handles) => {
  const cpuSeconds = startCpuTime();
  const plan = planOf(text);
  expect(handlePaths(plan).length).toBe(handles);
  expect(findStatus(plan)).toBeNull();
  new Summary(plan, generatedTemplate(plan), [], () => {});
  expect(fills(plan, Buffer.alloc(64), 0, 64)).toBe(false);
  // Each of these took minutes.
  expect(cpuSeconds()).toBeLessThan(3);
});
