/** Extract agrees with the tree: on random types and values, on bytes cut anywhere, and on damaged ones. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_DEPTH } from '../../src/limits/xdr.js';
import { Extractor } from '../../src/xdr/codegen-extract.js';
import { extract, wantPaths } from '../../src/xdr/extract.js';
import type { Plan } from '../../src/xdr/plan.js';
import type { TreeNode } from '../../src/xdr/tree-node.js';
import { bytes } from '../helpers/capture-writer.js';
import { startCpuTime } from '../helpers/cpu-time.js';
import { decode, feasiblePlans, nodesOf, planOf } from '../helpers/plans.js';
import { words } from '../helpers/rpc-writer.js';
import { pathsOf, randomValue, writeXdr } from '../helpers/xdr-writer.js';
import { randomSpecification } from './random-specification.js';

/** Where each path lies (from the body's start) and its count; null where it is not there. */
function extractAll(
  plan: Plan,
  paths: readonly string[],
  data: Uint8Array,
  limit = data.length,
): ([number, number] | null)[] {
  const held = Buffer.concat([Buffer.alloc(4, 0xee), data, Buffer.alloc(64, 0xee)]);
  const slots = new Int32Array(2 * paths.length);
  extract(plan, wantPaths(paths), held, 4, 4 + data.length, 4 + limit, slots);
  return paths.map((_, i) => (slots[2 * i] < 0 ? null : [slots[2 * i] - 4, slots[2 * i + 1]]));
}

/** The same from the tree. What is not whole is not there. */
function fromTree(
  plan: Plan,
  paths: readonly string[],
  data: Uint8Array,
  limit = data.length,
): ([number, number] | null)[] {
  const { root, next, fault } = decode(plan, data, limit);
  const found = new Map<string, [number, number]>();
  for (const [path, node] of root === null ? [] : nodesOf(root)) {
    const isWhole =
      fault === null || node.offset + node.length < next || (isLeaf(node) && node.offset + node.length <= next);
    if (!isWhole || node.plan.kind === 'optional' || node.plan.kind === 'typed') continue;
    const count = node.plan.kind === 'array' || node.plan.kind === 'list' ? (node.value as number) : -1;
    found.set(path, [node.offset - 4, count]);
  }
  return paths.map((path) => found.get(path) ?? null);
}

const isLeaf = (node: TreeNode) =>
  node.children.length === 0 && !['struct', 'union', 'array', 'list'].includes(node.plan.kind);

/** A random plan that values can be made of, a value's bytes, and the paths in it. */
const sample = randomSpecification
  .map((specification) => feasiblePlans(specification))
  .filter((plans) => plans.length > 0)
  .chain((plans) => fc.constantFrom(...plans).chain((plan) => fc.tuple(fc.constant(plan), randomValue(plan))))
  .map(([plan, value]) => ({ plan, data: writeXdr(plan, value), paths: pathsOf(plan).slice(0, 60) }))
  .filter(({ data, paths }) => data.length < 2000 && paths.length > 0);

/** What holds at the least of every composite: where it begins. */
const leaves = (plan: Plan, paths: readonly string[]) =>
  paths.filter((path) => !['struct', 'union', 'array', 'list'].includes(planAt(plan, path)?.kind ?? 'struct'));

function planAt(plan: Plan, path: string, depth = 0): Plan | undefined {
  // A pointer to pointers, without end, holds nothing.
  if (depth > MAX_DEPTH) return undefined;
  if (plan.kind === 'optional' || plan.kind === 'typed') return planAt(plan.element, path, depth + 1);
  if (path === '') return plan;
  const [name, ...rest] = path.split('.');
  const fields =
    plan.kind === 'struct'
      ? plan.fields
      : plan.kind === 'union'
        ? [plan.discriminant, ...[...plan.arms.values(), plan.otherwise].filter((arm) => arm != null)]
        : [];
  const field = fields.find((each) => each.name === name);
  return field && planAt(field.plan, rest.join('.'));
}

const countOf = (places: readonly unknown[]) => places.filter((place) => place !== null).length;

describe('random types', () => {
  test('whole values: every path, all at once', () => {
    let found = 0;
    fc.assert(
      fc.property(sample, ({ plan, data, paths }) => {
        const expected = fromTree(plan, paths, data);
        found += countOf(expected);
        expect(extractAll(plan, paths, data)).toEqual(expected);
      }),
      { seed: 31, numRuns: 400 },
    );
    expect(found).toBeGreaterThan(1000);
  });

  test('whole values: every path alone', () => {
    fc.assert(
      fc.property(sample, ({ plan, data, paths }) => {
        for (const path of paths.slice(0, 12))
          expect([path, extractAll(plan, [path], data)]).toEqual([path, fromTree(plan, [path], data)]);
      }),
      { seed: 32, numRuns: 200 },
    );
  });

  test('cut at every byte: leaves', () => {
    let found = 0;
    fc.assert(
      fc.property(sample, ({ plan, data, paths }) => {
        const some = leaves(plan, paths);
        fc.pre(some.length > 0);
        for (let end = 0; end < Math.min(data.length, 200); end++) {
          const part = data.subarray(0, end);
          const expected = fromTree(plan, some, part, data.length);
          found += countOf(expected);
          expect([end, extractAll(plan, some, part, data.length)]).toEqual([end, expected]);
        }
      }),
      { seed: 33, numRuns: 120 },
    );
    expect(found).toBeGreaterThan(1000);
  });

  test('corrupted: leaves', () => {
    const change = fc.tuple(fc.nat(2000), fc.constantFrom(0, 1, 2, 0x7f, 0x80, 0xff));
    let found = 0;
    fc.assert(
      fc.property(sample, fc.array(change, { minLength: 1, maxLength: 3 }), ({ plan, data, paths }, changes) => {
        const damaged = Buffer.from(data);
        for (const [at, value] of changes) if (at < damaged.length) damaged[at] = value;
        const some = leaves(plan, paths);
        fc.pre(some.length > 0);
        const expected = fromTree(plan, some, damaged);
        found += countOf(expected);
        expect(extractAll(plan, some, damaged)).toEqual(expected);
      }),
      { seed: 34, numRuns: 600 },
    );
    expect(found).toBeGreaterThan(1000);
  });
});

test.each([
  ['int', -2],
  ['int', 3],
  ['unsigned int', 0xfffffffe],
])('what a number chooses: %s %d', (type, number) => {
  const plan = planOf(`
    union choice switch (${type} kind) { case ${number}: struct { int a; int b; } pair; };
    struct t { ${type} kind; /*@ is choice by kind */ opaque body<>; };`);
  const data = words(number, 8, 5, 6);
  expect(extractAll(plan, ['body.b'], data)).toEqual([[12, -1]]);
  expect(fromTree(plan, ['body.b'], data)).toEqual([[12, -1]]);
});

describe('what a field chooses', () => {
  const pair =
    'union choice switch (int kind) { case 7: struct { int a; bool b; } pair; case 8: void; case 9: int other; };';
  const inner = `${pair} struct inner { int before; /*@ is choice by kind */ opaque body<>; };`;
  const bits = `${pair} struct t { /*@ bitmap choice */ unsigned mask<1>; /*@ is choice by mask */ opaque body<>; };`;
  const cases: [name: string, type: string, path: string, data: Buffer, at: number | null][] = [
    ['further out', `${inner} struct t { int kind; inner in; };`, 'in.body.b', words(7, 0, 8, 5, 1), 16],
    [
      'the nearest of two',
      `${inner} struct mid { int kind; inner in; }; struct t { int kind; mid m; };`,
      'm.in.body.b',
      words(9, 7, 0, 8, 5, 1),
      20,
    ],
    [
      'the discriminant of a union around',
      `${inner} union t switch (int kind) { case 7: inner in; };`,
      'in.body.b',
      words(7, 0, 8, 5, 1),
      16,
    ],
    ['through an optional', `${inner} struct t { int kind; inner *in; };`, 'in.body.b', words(7, 1, 0, 8, 5, 1), 20],
    ['behind an arm without a value', bits, 'body.other', words(1, 0x300, 4, 6), 12],
    [
      'of what does not decode, nothing',
      `${inner} struct t { int kind; inner in; };`,
      'in.body.a',
      words(7, 0, 8, 5, 2),
      null,
    ],
    ['of what is empty, nothing', `${inner} struct t { int kind; inner in; };`, 'in.body.b', words(7, 0, 0), null],
    ['nothing that comes later', `${inner} struct t { inner in; int kind; };`, 'in.body.b', words(0, 8, 5, 1, 7), null],
    ['no hyper', `${inner} struct t { hyper kind; inner in; };`, 'in.body.b', words(7, 0, 0, 8, 5, 1), null],
  ];
  test.each(cases)('%s', (_, type, path, data, at) => {
    const plan = planOf(type);
    const expected = [at === null ? null : [at, -1]];
    expect(extractAll(plan, [path], data)).toEqual(expected);
    expect(fromTree(plan, [path], data)).toEqual(expected);
    for (let end = 0; end < data.length; end++) {
      const part = data.subarray(0, end);
      expect([end, extractAll(plan, [path], part, data.length)]).toEqual([
        end,
        fromTree(plan, [path], part, data.length),
      ]);
    }
    const held = Buffer.concat([data, Buffer.alloc(64, 0xee)]);
    const extractor = new Extractor(plan, [path]);
    extractor.find(held, 0, data.length, data.length);
    expect(extractor.at(0)).toBe(at ?? -1);
  });
});

describe('what is not whole is not there', () => {
  const cases: [name: string, type: string, path: string, data: Uint8Array, limit: number][] = [
    ['an array that was cut', 'struct t { int a<>; };', 'a', words(3, 1), 16],
    ['an array whose count lies', 'struct t { int a<>; };', 'a', words(900, 1), 8],
    ['a fixed array that was cut', 'struct t { int a[3]; };', 'a', words(1), 12],
    ['a list that was cut', 'struct e { int v; e *next; }; struct t { e *a; };', 'a', words(1, 5, 1), 100],
    ['a struct that was cut', 'struct e { int v; int w; }; struct t { e a; };', 'a', words(1), 8],
    ['a union that was cut', 'union u switch (bool b) { case TRUE: int v; }; struct t { u a; };', 'a', words(1), 8],
    [
      'a union whose discriminant was cut',
      'union u switch (bool b) { case TRUE: int v; }; struct t { u a; };',
      'a',
      Buffer.alloc(2),
      8,
    ],
    ['an opaque that was cut', 'struct t { opaque a<>; };', 'a', bytes(words(8), [1, 2]), 12],
    ['a hyper that was cut', 'struct t { hyper a; };', 'a', words(8), 8],
  ];
  test.each(cases)('%s', (_, type, path, data, limit) => {
    const plan = planOf(type);
    expect(extractAll(plan, [path], data, limit)).toEqual([null]);
  });

  test('fields within a typed opaque that does not decode', () => {
    const plan = planOf('struct inner { int a; bool b; }; struct t { /*@ is inner */ opaque x<>; int after; };');
    const paths = ['x.a', 'x.b', 'after'];
    const good = words(8, 5, 1, 9);
    const bad = words(8, 5, 7, 9);
    expect(extractAll(plan, paths, good)).toEqual([
      [4, -1],
      [8, -1],
      [12, -1],
    ]);
    expect(extractAll(plan, paths, bad)).toEqual(fromTree(plan, paths, bad));
  });
});

test('code for a struct of a hundred thousand fields is made in linear time', () => {
  const count = 100_000;
  const names = Array.from({ length: count }, (_, i) => `f${i}`);
  const plan = planOf(`struct t { ${names.map((name) => `int ${name};`).join(' ')} };`);
  const cpuSeconds = startCpuTime();
  const extractor = new Extractor(plan, names.slice(-1));
  extractor.find(new Uint8Array(4 * count), 0, 4 * count, 4 * count);
  expect([...extractor.slots]).toEqual([4 * (count - 1), -1]);
  // Quadratic work takes a minute.
  expect(cpuSeconds()).toBeLessThan(10);
});
