/** Which word of a result is the program's status. */
import { expect, test } from 'vitest';
import { findStatus } from '../../src/dissect/status.js';
import { planOf } from '../helpers/plans.js';

const codes = 'enum code { OK = 0, BAD = 1 };';
const shapes = 'enum shape { CIRCLE = 1, SQUARE = 2 };';

test.each([
  ['the enum that the result switches on', `${codes} union t switch (code c) { case OK: int a; default: void; };`, 'c'],
  ['an enum that names no 0', `${shapes} union t switch (shape s) { case CIRCLE: int a; default: void; };`, null],
  ['the same with a hint', `/*@ status; success CIRCLE */ ${shapes} struct t { int a; shape s; };`, 's'],
  ['an int that the result switches on', 'union t switch (int n) { case 0: int a; default: void; };', null],
  ['a bool that the result switches on', 'union t switch (bool b) { case TRUE: int a; default: void; };', null],
  ['an enum without a hint elsewhere', `${codes} struct t { code c; };`, null],
])('%s', (_, type, path) => {
  expect(findStatus(planOf(type))?.path ?? null).toBe(path);
});
