/** Values at a path, in bodies of any type: those that are found without decoding the body, and those in its tree. */
import { expect, test } from 'vitest';
import { makeFinder } from '../../src/filter/finder.js';
import { parseFilter } from '../../src/filter/parser.js';
import type { FieldReference } from '../../src/filter/syntax.js';
import { NEVER } from '../../src/filter/tests.js';
import { searchTree } from '../../src/filter/tree-search.js';
import { bytes } from '../helpers/capture-writer.js';
import { decode, planOf } from '../helpers/plans.js';
import { opaque, words } from '../helpers/rpc-writer.js';

const LIST = 'struct e { int v; e *next; };';
const wide = (write: (bytes: Buffer) => void, size = 8) => {
  const value = Buffer.alloc(size);
  write(value);
  return value;
};

test.each<[type: string, data: Uint8Array, path: string, found: unknown[]]>([
  ['struct t { int a[3]; };', words(1, 2, 3), 'a', ['list', 1, 2, 3]],
  ['struct t { int a[3]; };', words(1, 2, 3), 'a[2]', [3]],
  ['struct t { int a[3]; };', words(1, 2, 3), 'a[3]', []],
  ['struct t { int a<>; };', words(2, 5, 6), 'a[1]', [6]],
  ['struct t { int a<>; };', words(0), 'a', ['list']],
  [`${LIST} struct t { e *list; };`, words(1, 7, 1, 8, 0), 'list.v', [7, 8]],
  [`${LIST} struct t { e *list; };`, words(1, 7, 1, 8, 0), 'list[1].v', [8]],
  [`${LIST} struct t { e list; };`, words(7, 1, 8, 0), 'list.v', [7, 8]],
  [`${LIST} struct t { e list; };`, words(7, 1, 8, 0), 'list[0].v', [7]],
  [
    'struct p { int x; string s<>; }; struct t { p a<>; };',
    bytes(words(2, 3), opaque('abcde'), words(4), opaque('f')),
    'a.s',
    ['abcde', 'f'],
  ],
  ['struct t { int *a; int b; };', words(0, 6), 'a', []],
  ['struct t { int *a; int b; };', words(1, 5, 6), 'a', [5]],
  ['struct t { hyper a; };', words(-1, -2), 'a', [-2n]],
  ['struct t { unsigned hyper a; };', words(-1, -1), 'a', [2n ** 64n - 1n]],
  ['struct t { float a; };', wide((to) => to.writeFloatBE(0.5), 4), 'a', [0.5]],
  ['struct t { double a; };', wide((to) => to.writeDoubleBE(0.1)), 'a', [0.1]],
  ['struct t { quadruple a; int b; };', words(1, 2, 3, 4, 5), 'a', ['\0\0\0\x01\0\0\0\x02\0\0\0\x03\0\0\0\x04']],
])('%s: %o has %s', (type, data, path, expected) => {
  const plan = planOf(type);
  const { steps } = (parseFilter(path) as { field: FieldReference }).field;
  const found: unknown[] = [];
  const keep = (value: unknown) => found.push(value) === 0;
  const text = (value: Uint8Array) => keep(Buffer.from(value).toString('latin1'));
  const tests = { ...NEVER, number: keep, string: text, bytes: text, sequence: () => keep('list') };
  const held = bytes(Buffer.alloc(4, 0xee), data, Buffer.alloc(8, 0xee));
  const [at, end] = [4, 4 + data.length];
  makeFinder(plan, steps)!({ bytes: held, at, end, limit: end, tree: () => decode(plan, data).root }, tests);
  expect(found).toEqual(expected);
  found.length = 0;
  searchTree(decode(plan, data).root!, steps, held, tests);
  expect(found).toEqual(expected);
});
