/** The interpreter: every type's JSON, what is noted, what is malformed or cut; and properties of trees of any bytes. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_DEPTH, MAX_EMPTY_ELEMENTS, MAX_NOTES } from '../../src/limits/xdr.js';
import type { TreeNode } from '../../src/xdr/tree-node.js';
import { bytes } from '../helpers/capture-writer.js';
import { startCpuTime } from '../helpers/cpu-time.js';
import { decode, feasiblePlans, jsonText, nodesOf, planOf } from '../helpers/plans.js';
import { opaque, words } from '../helpers/rpc-writer.js';
import { randomValue, writeXdr } from '../helpers/xdr-writer.js';
import { randomSpecification } from './random-specification.js';

const hex = (text: string) => Buffer.from(text.replace(/ /g, ''), 'hex');
const color = 'enum color { RED = 0, BLUE = 2, BELOW = -1 };';
const node = 'struct node { int v; node *next; };';
const tree = 'struct tree { tree *left; tree *right; int v; };';

describe('values', () => {
  const cases: [name: string, type: string, data: Uint8Array, json: string][] = [
    ['int', 'struct t { int a; int b; };', hex('7fffffff 80000000'), '{"a":2147483647,"b":-2147483648}'],
    ['unsigned', 'struct t { unsigned a; unsigned int b; };', hex('ffffffff 00000000'), '{"a":4294967295,"b":0}'],
    [
      'hyper',
      'struct t { hyper a; hyper b; };',
      hex('7fffffffffffffff 8000000000000000'),
      '{"a":9223372036854775807,"b":-9223372036854775808}',
    ],
    ['unsigned hyper', 'struct t { unsigned hyper a; };', hex('ffffffffffffffff'), '{"a":18446744073709551615}'],
    [
      'an identifier',
      'struct t { /*@ identifier */ unsigned hyper a; };',
      hex('ffffffffffffffff'),
      '{"a":"18446744073709551615"}',
    ],
    [
      'float',
      'struct t { float a; float b; };',
      hex('3dcccccd 7f7fffff'),
      '{"a":0.10000000149011612,"b":3.4028234663852886e+38}',
    ],
    ['double', 'struct t { double a; double b; };', hex('3fb999999999999a 0000000000000001'), '{"a":0.1,"b":5e-324}'],
    ['negative zero', 'struct t { float a; double b; };', hex('80000000 8000000000000000'), '{"a":-0,"b":-0}'],
    [
      'NaN and infinities',
      'struct t { float a; double b; double c; };',
      hex('7fc00000 7ff0000000000000 fff0000000000000'),
      '{"a":null,"b":null,"c":null}',
    ],
    [
      'quadruple',
      'struct t { quadruple a; };',
      hex('3fff0000000000000000000000000001'),
      '{"a":"3fff0000000000000000000000000001"}',
    ],
    ['bool', 'struct t { bool a; bool b; };', words(0, 1), '{"a":false,"b":true}'],
    ['enum', `${color} struct t { color a; color b; color c; };`, words(2, -1, 7), '{"a":"BLUE","b":"BELOW","c":"7"}'],
    ['an enum value outside, negative', `${color} struct t { color a; };`, words(-9), '{"a":"-9"}'],
    [
      'string',
      'struct t { string a<>; string b<3>; string c<>; };',
      bytes(opaque('hello'), opaque('abc'), opaque('')),
      '{"a":"hello","b":"abc","c":""}',
    ],
    ['UTF-8', 'struct t { string a<>; };', opaque('größe 文件 🎉'), '{"a":"größe 文件 🎉"}'],
    [
      'characters that act',
      'struct t { string a<>; };',
      opaque('a\n\x1b[31m"\\\x7f\u202e\u200b'),
      '{"a":"a\\u000a\\u001b[31m\\"\\\\\\u007f\\u202e\\u200b"}',
    ],
    [
      'bytes that are not UTF-8',
      'struct t { string a<>; int b; };',
      bytes(opaque(hex('61ff62')), words(1)),
      '{"a":"a\ufffdb","a_hex":"61ff62","b":1}',
    ],
    ['U+FFFD itself', 'struct t { string a<>; };', opaque('\ufffd'), '{"a":"\ufffd"}'],
    [
      'an optional string that is not UTF-8',
      'typedef string name<>; struct t { name *a; };',
      bytes(words(1), opaque(hex('ff'))),
      '{"a":"\ufffd","a_hex":"ff"}',
    ],
    [
      'its bytes beside a member of that name',
      'struct t { string a_hex<>; string a<>; string a_hex_<>; };',
      bytes(opaque('x'), opaque(hex('ff')), opaque('y')),
      '{"a_hex":"x","a":"\ufffd","a_hex__":"ff","a_hex_":"y"}',
    ],
    [
      'an array of strings that are not UTF-8',
      'typedef string name<>; struct t { name a<>; int b; };',
      bytes(words(2), opaque('x'), opaque(hex('ff')), words(1)),
      '{"a":["x","\ufffd"],"a_hex":["78","ff"],"b":1}',
    ],
    [
      'arrays of them, and of optionals',
      'typedef string name<>; typedef name *maybe; typedef maybe row[2]; struct t { row a<>; };',
      bytes(words(2, 1), opaque(hex('ff')), words(0, 1), opaque('x'), words(0)),
      '{"a":[["\ufffd",null],["x",null]],"a_hex":[["ff",null],["78",null]]}',
    ],
    [
      'a string in an opaque',
      'typedef string name<>; struct t { /*@ is name */ opaque a<>; };',
      opaque(opaque(hex('ff'))),
      '{"a":"\ufffd","a_hex":"ff"}',
    ],
    [
      'strings in structs in an array keep theirs',
      'struct in { string s<>; }; struct t { in a<>; };',
      bytes(words(1), opaque(hex('ff'))),
      '{"a":[{"s":"\ufffd","s_hex":"ff"}]}',
    ],
    [
      'opaque',
      'struct t { opaque a<>; opaque b[5]; opaque c<>; };',
      bytes(opaque(hex('00ff10')), hex('0102030405 000000'), words(0)),
      '{"a":"00ff10","b":"0102030405","c":""}',
    ],
    [
      'arrays',
      'struct t { int a<>; int b[2]; int c<>; };',
      words(3, 1, 2, 3, 8, 9, 0),
      '{"a":[1,2,3],"b":[8,9],"c":[]}',
    ],
    [
      'an array of strings',
      'typedef string name<>; struct t { name a<>; };',
      bytes(words(2), opaque('x'), opaque('yz')),
      '{"a":["x","yz"]}',
    ],
    ['arrays of arrays', 'typedef int row<>; struct t { row a<>; };', words(2, 1, 5, 0), '{"a":[[5],[]]}'],
    ['a fixed array of nothing', 'struct t { int a[0]; opaque b[0]; int c; };', words(1), '{"a":[],"b":"","c":1}'],
    ['optional', 'struct t { int *a; int *b; };', words(1, 5, 0), '{"a":5,"b":null}'],
    ['a list', `${node} struct t { node *a; };`, words(1, 10, 1, 20, 0), '{"a":[{"v":10},{"v":20}]}'],
    ['an empty list', `${node} struct t { node *a; int b; };`, words(0, 7), '{"a":[],"b":7}'],
    ['a list by value', `${node} struct t { node a; };`, words(10, 1, 20, 0), '{"a":[{"v":10},{"v":20}]}'],
    [
      'a list by typedef',
      'typedef struct node *nodes; struct node { int v; nodes next; }; struct t { nodes a; };',
      words(1, 10, 0),
      '{"a":[{"v":10}]}',
    ],
    [
      'a tree',
      `${tree} struct t { tree *a; };`,
      words(1, 1, 0, 0, 2, 0, 1),
      '{"a":{"left":{"left":null,"right":null,"v":2},"right":null,"v":1}}',
    ],
    [
      'a union by enum',
      `${color} union u switch (color c) { case RED: int a; case BLUE: void; default: string b<>; }; struct t { u x; u y; u z; };`,
      bytes(words(0, 9, 2, 77), opaque('q')),
      '{"x":{"c":"RED","a":9},"y":{"c":"BLUE"},"z":{"c":"77","b":"q"}}',
    ],
    [
      'a union by bool',
      'union u switch (bool there) { case TRUE: int a; case FALSE: void; }; struct t { u x; u y; };',
      words(1, 9, 0),
      '{"x":{"there":true,"a":9},"y":{"there":false}}',
    ],
    [
      'a union by int, negative cases',
      'union u switch (int n) { case -1: int a; case 0: void; }; struct t { u x; };',
      words(-1, 3),
      '{"x":{"n":-1,"a":3}}',
    ],
    [
      'a union by unsigned',
      'union u switch (unsigned n) { case 0xffffffff: int a; default: void; }; struct t { u x; };',
      words(-1, 3),
      '{"x":{"n":4294967295,"a":3}}',
    ],
    [
      'a union with a void default',
      'union u switch (int n) { case 1: int a; default: void; }; struct t { u x; };',
      words(9),
      '{"x":{"n":9}}',
    ],
    [
      'several cases of one arm',
      'union u switch (int n) { case 1: case 2: int a; default: void; }; struct t { u x; u y; };',
      words(1, 5, 2, 6),
      '{"x":{"n":1,"a":5},"y":{"n":2,"a":6}}',
    ],
    [
      'names of JavaScript',
      'struct t { int __proto__; int constructor; int toString; };',
      words(1, 2, 3),
      '{"__proto__":1,"constructor":2,"toString":3}',
    ],
    ['an empty struct', 'struct e { }; struct t { e a; int b; };', words(1), '{"a":{},"b":1}'],
    ['data', 'struct t { /*@ data */ opaque d<>; int b; };', bytes(opaque('secret'), words(1)), '{"d_length":6,"b":1}'],
    [
      'a typed opaque',
      'struct in { int a; }; struct t { /*@ is in */ opaque x<>; int b; };',
      words(4, 5, 6),
      '{"x":{"a":5},"b":6}',
    ],
  ];
  test.each(cases)('%s', (_, type, data, json) => {
    const { root, fault, next } = decode(planOf(type), data);
    expect([fault, next]).toEqual([null, 4 + data.length]);
    expect(jsonText(root)).toBe(json);
    JSON.parse(jsonText(root));
  });

  test('the contents of files with --payload', () => {
    const { root } = decode(planOf('struct t { /*@ data */ opaque d<>; };'), opaque('ab'));
    expect(jsonText(root, { payload: true })).toBe('{"d_length":2,"d":"6162"}');
  });

  test('64-bit values as strings with --int64 string', () => {
    const { root } = decode(planOf('struct t { hyper a; unsigned hyper b; int c; };'), words(-1, -1, -1, -1, -1));
    expect(jsonText(root, { int64Strings: true })).toBe('{"a":"-1","b":"18446744073709551615","c":-1}');
  });

  test('void alone', () => {
    expect(decode({ kind: 'void' }, Buffer.alloc(0))).toMatchObject({ fault: null, notes: [] });
  });
});

describe('notes: decoded all the same', () => {
  const cases: [name: string, type: string, data: Uint8Array, json: string, note: RegExp][] = [
    [
      'padding that is not zero',
      'struct t { string a<>; int b; };',
      bytes(
        words(1),
        'a\0\0\x01'.split('').map((c) => c.charCodeAt(0)),
        words(5),
      ),
      '{"a":"a","b":5}',
      /^args\.a: .*padding/,
    ],
    [
      'padding of a fixed opaque',
      'struct t { opaque a[2]; int b; };',
      bytes(hex('0102 0001'), words(5)),
      '{"a":"0102","b":5}',
      /^args\.a: .*padding/,
    ],
    [
      'padding that is missing at the end',
      'struct t { string a<>; };',
      bytes(words(1), [0x61]),
      '{"a":"a"}',
      /^args\.a: .*padding/,
    ],
    ['a string over its bound', 'struct t { string a<2>; };', opaque('abc'), '{"a":"abc"}', /^args\.a: 3 .*2/],
    ['an opaque over its bound', 'struct t { opaque a<2>; };', opaque('abc'), '{"a":"616263"}', /^args\.a: 3 .*2/],
    ['an array over its bound', 'struct t { int a<1>; };', words(2, 7, 8), '{"a":[7,8]}', /^args\.a: 2 .*1/],
    ['bytes behind the end', 'struct t { int a; };', words(1, 2), '{"a":1}', /^args: 4 bytes/],
    ['NaN', 'struct t { double a; };', hex('7ff8000000000000'), '{"a":null}', /^args\.a: NaN/],
    ['an infinity', 'struct t { float a; };', hex('ff800000'), '{"a":null}', /^args\.a: -Infinity/],
    [
      'bytes behind a typed value',
      'struct in { int a; }; struct t { /*@ is in */ opaque x<>; };',
      words(8, 1, 2),
      '{"x":{"a":1}}',
      /^args\.x: 4 bytes/,
    ],
    [
      'in an element',
      'typedef string name<2>; struct t { name a<>; };',
      bytes(words(2), opaque('ab'), opaque('abc')),
      '{"a":["ab","abc"]}',
      /^args\.a\[1\]: 3/,
    ],
  ];
  test.each(cases)('%s', (_, type, data, json, note) => {
    const { root, fault, notes } = decode(planOf(type), data);
    expect(fault).toBeNull();
    expect(jsonText(root)).toBe(json);
    expect(notes).toEqual([expect.stringMatching(note)]);
  });

  test('no more than some', () => {
    const { notes } = decode(
      planOf('typedef string name<0>; struct t { name a<>; };'),
      bytes(words(100), ...new Array(100).fill(opaque('x'))),
    );
    expect(notes).toHaveLength(MAX_NOTES + 1);
    expect(notes.at(-1)).toBe('and 84 more');
  });
});

describe('malformed: what is before the fault stays', () => {
  const cases: [name: string, type: string, data: Uint8Array, json: string, offset: number, path: string][] = [
    ['a boolean of 2', 'struct t { int a; bool b; int c; };', words(1, 2, 3), '{"a":1}', 4, 'args.b'],
    ['an optional of 2', 'struct t { int a; int *b; };', words(1, 2, 3), '{"a":1}', 4, 'args.b'],
    ['a list that goes on with 3', `${node} struct t { node *a; };`, words(1, 5, 3), '{"a":[{"v":5}]}', 8, 'args.a[0]'],
    [
      'a discriminant without arm',
      'union u switch (int n) { case 1: int a; }; struct t { int b; u x; int c; };',
      words(7, 5, 9),
      '{"b":7,"x":{"n":5}}',
      4,
      'args.x.n',
    ],
    [
      'a length beyond the message',
      'struct t { int a; string b<>; };',
      bytes(words(1, 100), [1, 2, 3, 4]),
      '{"a":1}',
      4,
      'args.b',
    ],
    ['a length of almost 4 GiB', 'struct t { opaque a<>; };', words(0xffffffff, 0), '{}', 0, 'args.a'],
    [
      'a count beyond the message',
      'struct t { int a; int b<>; };',
      words(1, 100, 7, 8),
      '{"a":1,"b":[7,8]}',
      4,
      'args.b',
    ],
    ['a count of almost 4 GiB', 'struct t { hyper a<>; };', words(0xffffffff, 0, 1), '{"a":[1]}', 0, 'args.a'],
    [
      'a count of nothings',
      'struct e { }; struct t { e a<>; };',
      words(MAX_EMPTY_ELEMENTS + 1),
      '{"a":[]}',
      0,
      'args.a',
    ],
    [
      'more nothings than any message has, by the definition',
      'struct e { }; struct t { int a; e b[4294967295]; };',
      words(1),
      '{"a":1}',
      4,
      'args.b',
    ],
    ['a message that ends', 'struct t { int a; hyper b; };', words(1, 2), '{"a":1}', 4, 'args.b'],
    [
      'in an element of an array',
      'struct e { int v; bool b; }; struct t { e a<>; };',
      words(2, 1, 1, 2, 9),
      '{"a":[{"v":1,"b":true},{"v":2}]}',
      16,
      'args.a[1].b',
    ],
    [
      'in an arm',
      'union u switch (int n) { case 1: bool a; }; struct t { u x; };',
      words(1, 7),
      '{"x":{"n":1}}',
      4,
      'args.x.a',
    ],
    ['in a fixed array', 'struct t { bool a[3]; int c; };', words(1, 5, 0, 1), '{"a":[true]}', 4, 'args.a[1]'],
  ];
  test.each(cases)('%s', (_, type, data, json, offset, path) => {
    const { root, fault } = decode(planOf(type), data);
    expect(fault).toMatchObject({ kind: 'malformed', offset: 4 + offset, path, reason: expect.stringMatching(/./) });
    expect(jsonText(root) || '{}').toBe(json);
  });

  test('a typed opaque that does not decode is its bytes, and what follows is read', () => {
    const plan = planOf('struct in { bool a; }; struct t { /*@ is in */ opaque x<>; int b; };');
    const { root, fault, next } = decode(plan, words(4, 7, 6));
    expect(jsonText(root)).toBe('{"x":"00000007","b":6}');
    expect(fault).toMatchObject({ kind: 'malformed', offset: 8, path: 'args.x.a' });
    expect(next).toBe(16);
  });
});

describe('truncated: nothing that is not whole', () => {
  const cases: [name: string, type: string, have: Uint8Array, limit: number, json: string, path: string][] = [
    ['nothing', 'struct t { int a; };', Buffer.alloc(0), 4, '', 'args.a'],
    ['in a number', 'struct t { int a; hyper b; };', words(1, 2), 12, '{"a":1}', 'args.b'],
    [
      'in a string',
      'struct t { int a; string b<>; };',
      bytes(words(1, 8), Buffer.from('abc')),
      16,
      '{"a":1}',
      'args.b',
    ],
    ['in an array: its elements', 'struct t { int a<>; };', bytes(words(3, 1, 2), [0]), 16, '{"a":[1,2]}', 'args.a[2]'],
    ['in a list: its elements', `${node} struct t { node *a; };`, words(1, 5, 1), 40, '{"a":[{"v":5}]}', 'args.a[1].v'],
    [
      'in a union: its discriminant',
      'union u switch (int n) { case 1: int a; }; struct t { u x; };',
      words(1),
      8,
      '{"x":{"n":1}}',
      'args.x.a',
    ],
    ['in an optional', 'struct t { int a; int *b; };', words(1, 1), 12, '{"a":1}', 'args.b'],
    [
      'in a typed opaque',
      'struct in { int a; int b; }; struct t { /*@ is in */ opaque x<>; };',
      words(8, 5),
      12,
      '{"x":{"a":5}}',
      'args.x.b',
    ],
    ['only padding is missing', 'struct t { string a<>; };', bytes(words(1), [0x61]), 8, '{"a":"a"}', ''],
  ];
  test.each(cases)('%s', (_, type, have, limit, json, path) => {
    const { root, fault } = decode(planOf(type), have, limit);
    expect(jsonText(root)).toBe(json);
    expect(fault?.path ?? '').toBe(path);
    if (path !== '') expect(fault?.kind).toBe('truncated');
  });

  test('a length that lies is malformed, also where the bytes were not captured', () => {
    expect(decode(planOf('struct t { string a<>; };'), words(100), 20).fault?.kind).toBe('malformed');
  });
});

describe('depth', () => {
  test('a list is no nesting', () => {
    const count = 20_000;
    const data = words(...Array.from({ length: count }, (_, i) => [1, i]).flat(), 0);
    const { root, fault } = decode(planOf(`${node} struct t { node *a; };`), data);
    expect([fault, root?.children[0].value]).toEqual([null, count]);
  });

  test('other recursion ends where it is too deep', () => {
    const data = words(...new Array(10_000).fill(1));
    const { fault } = decode(planOf(`${tree} struct t { tree *a; };`), data);
    expect(fault).toMatchObject({ kind: 'malformed', reason: expect.stringContaining(String(MAX_DEPTH)) });
  });
});

const sample = randomSpecification
  .map(feasiblePlans)
  .filter((plans) => plans.length > 0)
  .chain((plans) => fc.constantFrom(...plans));

/** Nodes lie in order, within bounds and within their parents; a parent's children do not overlap. */
function misplaced(root: TreeNode | null, from: number, to: number, isFaulty = false): string[] {
  const wrong: string[] = [];
  const visit = (each: TreeNode, path: string, low: number, high: number) => {
    // What a fault ended within may not know its length; the tests of spans have that.
    const end = isFaulty && each.length === 0 && each.children.length > 0 ? high : each.offset + each.length;
    if (each.offset < low || end > high || each.length < 0) wrong.push(path);
    let at = each.offset;
    for (const child of each.children) {
      visit(child, `${path}.${child.name}`, at, end);
      at = child.offset + child.length;
    }
  };
  if (root !== null) visit(root, '', from, to);
  return wrong;
}

describe('the count of a list that a fault ended within', () => {
  const cases: [name: string, type: string, data: Uint8Array, count: number][] = [
    ['before its first element', `${node} struct t { node *x; };`, words(1), 0],
    ['behind its first element', `${node} struct t { node *x; };`, words(1, 5), 1],
    ['within its second element', 'struct l { int v; int w; l *next; }; struct t { l x; };', words(1, 2, 1, 3), 2],
  ];
  test.each(cases)('%s', (_, type, data, count) => {
    const { root } = decode(planOf(type), data, 40);
    expect(root?.children[0].value).toBe(count);
    expect(root?.children[0].children).toHaveLength(count);
  });
});

describe('spans of what a fault ended within', () => {
  const cases: [name: string, type: string, data: Uint8Array, limit: number][] = [
    ['a struct', 'struct in { int a; int b; }; struct t { in x; };', words(1), 8],
    ['an array', 'struct t { int x<>; };', words(2, 1), 12],
    ['a fixed array', 'struct t { int x[2]; };', words(1), 8],
    ['a list', `${node} struct t { node *x; };`, words(1, 5), 12],
    ['an optional', 'struct in { int a; int b; }; struct t { in *x; };', words(1, 5), 12],
    ['a typed opaque', 'struct in { int a; int b; }; struct t { /*@ is in */ opaque x<>; };', words(8, 5), 12],
  ];
  test.each(cases)('%s', (_, type, data, limit) => {
    const { root } = decode(planOf(type), data, limit);
    expect(root?.children[0]).toMatchObject({ offset: 4, length: data.length });
  });
});

/** A tree's values as `writeXdr` takes them. */
function valueIn(each: TreeNode): unknown {
  const { plan, value, children } = each;
  switch (plan.kind) {
    case 'bool':
      return value ? 1 : 0;
    case 'array':
    case 'list':
    case 'struct':
      return children.map(valueIn);
    case 'optional':
      return value ? valueIn(children[0]) : null;
    case 'union':
      return [Number(children[0].value), children[1] ? valueIn(children[1]) : null];
    default:
      return value instanceof Uint8Array ? [...value] : value;
  }
}

const plainOf = (value: unknown): unknown =>
  value instanceof Uint8Array ? [...value] : Array.isArray(value) ? value.map(plainOf) : value;

describe('properties', () => {
  test('what was written is read', () => {
    const written = sample.chain((plan) =>
      randomValue(plan).map((value) => ({ plan, value, data: writeXdr(plan, value) })),
    );
    fc.assert(
      fc.property(written, ({ plan, value, data }) => {
        const { root, fault, notes, next } = decode(plan, data);
        expect([fault, next]).toEqual([null, 4 + data.length]);
        expect(notes.filter((note) => !note.endsWith('null in JSON'))).toEqual([]);
        if (root !== null) expect(valueIn(root)).toEqual(plainOf(value));
        expect(misplaced(root, 4, 4 + data.length)).toEqual([]);
        JSON.parse(jsonText(root) || 'null');
      }),
      { seed: 41, numRuns: 400 },
    );
  });

  test('cut anywhere: the same fields up to there', () => {
    const cutSample = sample.chain((plan) =>
      fc.tuple(fc.constant(plan), randomValue(plan), fc.double({ min: 0, max: 1, noNaN: true })),
    );
    fc.assert(
      fc.property(cutSample, ([plan, value, share]) => {
        const data = writeXdr(plan, value);
        const end = Math.floor(data.length * share);
        const whole = decode(plan, data);
        const part = decode(plan, data.subarray(0, end), data.length);
        expect(part.fault === null || part.fault.kind === 'truncated').toBe(true);
        if (part.fault === null) expect(data.length - end).toBeLessThan(4);
        expect(misplaced(part.root, 4, 4 + data.length, true)).toEqual([]);
        const all = new Map(whole.root === null ? [] : nodesOf(whole.root));
        for (const [path, each] of part.root === null ? [] : nodesOf(part.root)) {
          if (each.children.length > 0 || each.plan.kind === 'array' || each.plan.kind === 'list') continue;
          expect([path, each.offset, each.value]).toEqual([path, all.get(path)?.offset, all.get(path)?.value]);
        }
        JSON.parse(jsonText(part.root) || 'null');
      }),
      { seed: 42, numRuns: 400 },
    );
  });

  test('any bytes: no exception, everything in its place, JSON', () => {
    const smallWords = fc
      .array(fc.constantFrom(0, 0, 1, 1, 2, 3, 8, 0x7fffffff, 0xffffffff), { maxLength: 60 })
      .map((list) => words(...list));
    fc.assert(
      fc.property(sample, fc.oneof(fc.uint8Array({ maxLength: 200 }), smallWords), fc.nat(50), (plan, data, more) => {
        const limit = data.length + more;
        const { root, next, fault } = decode(plan, data, limit);
        expect(misplaced(root, 4, 4 + limit, fault !== null)).toEqual([]);
        expect(next).toBeLessThanOrEqual(4 + limit);
        if (fault?.kind === 'truncated') expect(more).toBeGreaterThan(0);
        JSON.parse(jsonText(root) || 'null');
      }),
      { seed: 43, numRuns: 1000 },
    );
  });

  test.each([
    ['arrays of arrays of lying counts', 'typedef int row<>; struct t { row a<>; };', 0x7fffffff],
    ['lists of lists', `${node} struct l { node *a; l *next; }; struct t { l *b; };`, 1],
    ['trees', `${tree} struct t { tree a<>; };`, 1],
    ['typed in typed', 'struct in { bool a; }; struct t { /*@ is in */ opaque x<>; }; struct u { t a<>; };', 1],
  ])('time follows length: %s', (_, type, value) => {
    const plan = planOf(type);
    const count = 100_000;
    const data = bytes(words(count), Buffer.alloc(4 * count, words(value)));
    const cpuSeconds = startCpuTime();
    decode(plan, data);
    // A step for each pair of words would take minutes.
    expect(cpuSeconds()).toBeLessThan(5);
  });

  test('a message makes no more nodes than it has bytes for, but for the bound on nothings', () => {
    const plan = planOf('struct e { }; typedef e row<>; struct t { row a<>; };');
    const rows = 100;
    const { root } = decode(plan, words(rows, ...new Array(rows).fill(MAX_EMPTY_ELEMENTS)));
    expect([...nodesOf(root!)].length).toBeLessThan(2 * MAX_EMPTY_ELEMENTS + 4 * rows);
  });
});
