/** Opaques with a type of their own, looked into while a value is stepped over: what is right is seen to be, what is wrong is not. */
import { describe, expect, test } from 'vitest';
import { Extractor, fills, isCutOff } from '../../src/xdr/codegen-extract.js';
import { extract, wantPaths } from '../../src/xdr/extract.js';
import { decodeTree } from '../../src/xdr/tree.js';
import { noContext } from '../../src/xdr/tree-node.js';
import { bytes, u32 } from '../helpers/capture-writer.js';
import { planOf } from '../helpers/plans.js';
import { opaque, words } from '../helpers/rpc-writer.js';

const TYPES = `
  struct point { int x; bool y; };
  union values switch (unsigned which) { case 0: unsigned hyper size; case 1: string owner<>; case 33: bool hidden; };
  union point_or_name switch (int which) { case 1: point at; case -2: string name<>; case 3: void; };
  struct typed { /*@ is point */ opaque inner<>; int after; };
  struct attributes { /*@ bitmap values */ unsigned mask<>; /*@ is values by mask */ opaque list<>; };
  struct chosen { int kind; /*@ is point_or_name by kind */ opaque inner<>; };
  struct pairs { /*@ dictionary */ opaque dict<>; };
`;

const pair = (key: string, value: string) => bytes(words(key.length, value.length), Buffer.from(`${key}\0${value}`));
const attributes = (mask: number[], list: Uint8Array) => bytes(words(mask.length, ...mask), opaque(list));

const rows: [string, string, Uint8Array, boolean][] = [
  ['a value', 'typed', bytes(opaque(words(1, 1)), u32(7)), true],
  ['a boolean of 2', 'typed', bytes(opaque(words(1, 2)), u32(7)), false],
  ['half a value', 'typed', bytes(opaque(words(1)), u32(7)), false],
  ['no bytes for a value', 'typed', bytes(opaque(''), u32(7)), false],
  ['values of two bits', 'attributes', attributes([3], bytes(words(0, 5), opaque('root'))), true],
  ['none of them', 'attributes', attributes([3], bytes()), true],
  ['a text longer than all', 'attributes', attributes([3], bytes(words(0, 5, 9))), false],
  ['a bit of the second word', 'attributes', attributes([1, 2], words(0, 5, 1)), true],
  ['a boolean of 7 for it', 'attributes', attributes([1, 2], words(0, 5, 7)), false],
  ['a bit that nobody defined', 'attributes', attributes([1, 4], words(0, 5, 7)), true],
  [
    '32 words of bits',
    'attributes',
    attributes(new Array(32).fill(-1 >>> 0), bytes(words(0, 5), opaque('root'))),
    true,
  ],
  [
    '33 words of bits',
    'attributes',
    attributes(new Array(33).fill(-1 >>> 0), bytes(words(0, 5), opaque('root'))),
    false,
  ],
  ['too little for a number', 'attributes', attributes([1], words(0)), false],
  ['no bits', 'attributes', attributes([], bytes()), true],
  ['the first choice', 'chosen', bytes(u32(1), opaque(words(1, 0))), true],
  ['the first choice, wrong', 'chosen', bytes(u32(1), opaque(words(1, 3))), false],
  ['a negative choice', 'chosen', bytes(u32(0xfffffffe), opaque(opaque('name'))), true],
  ['a negative choice, wrong', 'chosen', bytes(u32(0xfffffffe), opaque(words(8, 0))), false],
  ['a choice of nothing', 'chosen', bytes(u32(3), opaque('')), true],
  ['a choice that nobody defined', 'chosen', bytes(u32(9), opaque('abc')), true],
  ['a dictionary', 'pairs', opaque(bytes(u32(2), pair('a', 'b'), pair('', ''))), true],
  ['no bytes for one', 'pairs', opaque(''), true],
  ['more pairs than there is room for', 'pairs', opaque(bytes(u32(3), pair('a', 'b'))), false],
  ['a key longer than all', 'pairs', opaque(bytes(u32(1), words(99, 0), Buffer.alloc(9))), false],
];

const faultOf = (plan: Parameters<typeof decodeTree>[0], data: Uint8Array, end = data.length) =>
  decodeTree(plan, { bytes: data, start: 0, end, limit: data.length, context: noContext }, 'args').fault;

describe('what is whole', () => {
  test.each(rows)('%s', (_, type, data, isRight) => {
    const plan = planOf(TYPES, type);
    expect(faultOf(plan, data)).toEqual(isRight ? null : expect.objectContaining({ kind: 'malformed' }));
    expect(fills(plan, data, 0, data.length)).toBe(isRight);
  });
});

describe('nested types are as deep as the interpreter says', () => {
  const LEVELS = `
    /*@ is typed */ typedef opaque blob<>;
    struct typed { blob *inner; };
    union values switch (unsigned which) { case 0: listed *of_bit; case 1: int number; };
    struct listed { /*@ bitmap values */ unsigned mask<>; /*@ is values by mask */ opaque list<>; };
    union one switch (int which) { case 1: chosen *inner; };
    struct chosen { int kind; /*@ is one by kind */ opaque inner<>; };
  `;
  const around: [type: string, innermost: Uint8Array, wrap: (inner: Uint8Array) => Uint8Array][] = [
    ['typed', u32(0), (inner) => bytes(u32(1), opaque(inner))],
    ['listed', attributes([2], words(5)), (inner) => attributes([1], bytes(u32(1), inner))],
    ['chosen', bytes(u32(1), opaque(words(0))), (inner) => bytes(u32(1), opaque(bytes(u32(1), inner)))],
  ];
  test.each(around)('%s', (type, innermost, wrap) => {
    const plan = planOf(LEVELS, type);
    let data: Uint8Array = innermost;
    const isRight: boolean[] = [];
    for (let level = 1; level <= 210; level++) {
      isRight.push(faultOf(plan, data) === null);
      expect([level, fills(plan, data, 0, data.length)]).toEqual([level, isRight.at(-1)]);
      data = wrap(data);
    }
    expect(isRight.lastIndexOf(true)).toBeGreaterThan(30);
    expect(isRight.lastIndexOf(true)).toBe(isRight.indexOf(false) - 1);
  });
});

describe('elements without bytes are counted together', () => {
  const plan = planOf('struct empty { }; struct all { empty a<>; empty b<>; int after; };', 'all');
  test.each([
    [600, 400, true],
    [600, 600, false],
    [0, 2000, false],
  ])('%d and %d', (first, second, isRight) => {
    const data = words(first, second, 7);
    const extractor = new Extractor(plan, ['after']);
    extractor.find(data, 0, data.length, data.length);
    expect([faultOf(plan, data) === null, extractor.at(0)]).toEqual([isRight, isRight ? 8 : -1]);
    if (!isRight) expect(fills(plan, data, 0, data.length)).toBe(false);
  });
});

test('nothing is remarked of contents that stay bytes', () => {
  const plan = planOf(
    'struct inner { opaque odd<>; bool wrong; }; struct all { string name<>; /*@ is inner */ opaque inner<>; };',
    'all',
  );
  const odd = bytes(u32(1), 'ff616161');
  const data = bytes(words(1), 'ff000001', opaque(bytes(odd, u32(2))));
  const input = { bytes: data, start: 0, end: data.length, limit: data.length, context: noContext };
  const { notes, fault } = decodeTree(plan, input, 'args');
  expect(fault?.path).toBe('args.inner.wrong');
  expect(notes).toEqual(['args.name: padding is not zero']);
});

describe('what is cut off', () => {
  test.each(rows)('%s', (_, type, data, isRight) => {
    const plan = planOf(TYPES, type);
    const ends = Array.from(data, (_byte, end) => end);
    const seen = ends.filter((end) => isCutOff(plan, data, 0, end, data.length));
    expect(seen.filter((end) => faultOf(plan, data, end)?.kind === 'malformed')).toEqual([]);
    // Of what is right, also behind its first field; a dictionary is one.
    if (isRight && type !== 'pairs') expect(seen.length).toBeGreaterThan(1);
  });
});

describe('members of what a bitmap chooses are found where the interpreter finds them', () => {
  const plan = planOf(`${TYPES} struct around { attributes one; int after; };`, 'around');
  const finders = [
    ['one.list.size'],
    ['one.list.owner'],
    ['one.list.hidden', 'after'],
    ['one.list.owner', 'one.list.size', 'one.list.hidden'],
    ['one.list', 'one.list.owner'],
    ['one.mask', 'one.list.nothing'],
  ].map((paths) => ({ paths, wanted: wantPaths(paths), extractor: new Extractor(plan, paths) }));
  const ofBitmaps = rows.filter(([, type]) => type === 'attributes');

  test.each(ofBitmaps)('%s', (_, __, data) => {
    const whole = bytes(data, u32(7));
    for (const { paths, wanted, extractor } of finders) {
      const compare = (held: Uint8Array, end: number) => {
        const expected = new Int32Array(2 * paths.length);
        extract(plan, wanted, held, 0, end, end, expected);
        extractor.find(held, 0, end, end);
        expect([paths, end, extractor.slots]).toEqual([paths, end, expected]);
      };
      for (let end = 0; end <= Math.min(whole.length, 200); end++) compare(whole, end);
      for (let at = 0; at < Math.min(whole.length, 200); at++) {
        const damaged = Uint8Array.from(whole);
        damaged[at] ^= 1 << (at % 8);
        compare(damaged, damaged.length);
      }
    }
  });

  test('one is found behind others', () => {
    const data = bytes(attributes([3, 2], bytes(words(0, 5), opaque('root'), u32(1))), u32(7));
    const extractor = new Extractor(plan, ['one.list.hidden']);
    extractor.find(data, 0, data.length, data.length);
    expect(extractor.at(0)).toBe(32);
  });
});
