/** `NAME_length`, which records have of contents of files (hint `data`): filters find it, wherever the length stands. */
import { expect, test } from 'vitest';
import type { Tests } from '../../src/filter/field.js';
import { makeFinder } from '../../src/filter/finder.js';
import { decode, jsonText, planOf } from '../helpers/plans.js';
import { opaque, words } from '../helpers/rpc-writer.js';

const bytes = (...parts: Uint8Array[]) => Buffer.concat(parts);

test.each([
  ['counted', 'struct t { /*@ data */ opaque d<>; };', opaque('abcde'), 'd_length', [5]],
  ['of a fixed size', 'struct t { /*@ data */ opaque d[5]; };', bytes(words(9, 0)), 'd_length', [5]],
  ['optional', 'struct t { /*@ data */ opaque *d<>; };', bytes(words(1), opaque('abc')), 'd_length', [3]],
  ['optional and not there', 'struct t { /*@ data */ opaque *d<>; };', words(0), 'd_length', []],
  ['behind the body', '/*@ payload d */ struct t { int a; };', bytes(words(7), Buffer.from('abc')), 'd_length', [3]],
  ['none behind the body', '/*@ payload d */ struct t { int a; };', words(7), 'd_length', []],
  [
    'beside a name',
    'struct t { /*@ data */ opaque d<>; int d_length; };',
    bytes(opaque(''), words(4)),
    'd_length_',
    [0],
  ],
])('%s', (_, type, data, name, expected) => {
  const plan = planOf(type);
  const found: number[] = [];
  const number = (value: number | bigint) => found.push(Number(value)) === 0;
  const find = makeFinder(plan, [{ kind: 'name', name }])!;
  const held = bytes(Buffer.alloc(4, 0xee), data, Buffer.alloc(8, 0xee));
  const [at, end] = [4, 4 + data.length];
  find({ bytes: held, at, end, limit: end, tree: () => decode(plan, data).root }, { number } as unknown as Tests);
  expect(found).toEqual(expected);
  const json = JSON.parse(jsonText(decode(plan, data).root));
  expect([json[name]].filter((value) => value !== undefined)).toEqual(expected);
});
