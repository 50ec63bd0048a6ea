/**
 * Interpreter and generated code are equal for all products: on random types, random values, and bytes that are damaged or cut.
 * Where generated code gives up, it leaves nothing behind.
 */
import { deepStrictEqual } from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readSpecification } from '../../src/dissect/library.js';
import { MAX_DEPTH } from '../../src/limits/xdr.js';
import type { Plan } from '../../src/xdr/plan.js';
import { treeValue } from '../../src/xdr/value.js';
import { feasiblePlans, jsonText, planOf, specificationOf } from '../helpers/plans.js';
import { opaque, words } from '../helpers/rpc-writer.js';
import { randomValue, writeXdr, type XdrValue } from '../helpers/xdr-writer.js';
import { expectedValue, leavesOf, leavesOfValue, Products, serialised } from './codegen-products.js';
import { randomSpecification } from './random-specification.js';

function holds<Ts>(property: fc.IProperty<Ts>, numRuns: number): void {
  fc.assert(property, { seed: 4506, numRuns });
}

const randomPlan: fc.Arbitrary<Plan> = randomSpecification
  .map(feasiblePlans)
  .filter((plans) => plans.length > 0)
  .chain((plans) => fc.constantFrom(...plans));

const written: fc.Arbitrary<[Plan, XdrValue]> = randomPlan.chain((plan) =>
  fc.tuple(fc.constant(plan), randomValue(plan)),
);

/** What happens to bytes: bits flip, words change (lengths, counts, discriminants), the end is lost, bytes are too many. */
type Damage = (bytes: Buffer) => Buffer;

const damage: fc.Arbitrary<Damage> = fc.oneof(
  fc.nat().map(
    (n): Damage =>
      (bytes) =>
        changed(bytes, (copy) => {
          const bit = n % (bytes.length * 8);
          copy[bit >> 3] ^= 1 << (bit & 7);
        }),
  ),
  fc.tuple(fc.nat(), fc.constantFrom(0, 1, 2, 3, 5, 0x7fffffff, 0x80000000, 0xfffffffd, 0xffffffff)).map(
    ([n, word]): Damage =>
      (bytes) =>
        changed(bytes, (copy) => copy.writeUInt32BE(word, 4 * (n % (bytes.length / 4)))),
  ),
  fc.nat().map(
    (n): Damage =>
      (bytes) =>
        bytes.subarray(0, n % bytes.length),
  ),
  fc.uint8Array({ minLength: 1, maxLength: 8 }).map(
    (more): Damage =>
      (bytes) =>
        Buffer.concat([bytes, more]),
  ),
);

function changed(bytes: Buffer, change: (copy: Buffer) => void): Buffer {
  const copy = Buffer.from(bytes);
  change(copy);
  return copy;
}

/** What random types lack: other discriminants, hints, chains, and shapes at the edges of the generator. */
const EDGES = `
  enum sign { MINUS = -1, ZERO = 0, PLUS = 2147483647 };
  union by_enum switch (sign which) { case MINUS: hyper a; case ZERO: void; case PLUS: opaque b<5>; };
  union by_bool switch (bool which) { case TRUE: by_enum a; case FALSE: string b<>; };
  union by_unsigned switch (unsigned which) { case 0: int a; case 0xffffffff: double b; default: by_bool c; };
  struct hints {
    /*@ identifier */ unsigned hyper id; /*@ identifier */ hyper other;
    /*@ data */ opaque contents<>; /*@ data */ opaque fixed[5];
    /*@ handle */ opaque handle<8>; /*@ filename */ string file<>;
    /*@ is by_enum */ opaque inner<>; hyper after;
  };
  struct chain { by_unsigned value; chain *next; };
  struct uses { chain *maybe; chain one; chain many<>; };
  struct tree { int leaf; tree *left; tree children<>; };
  struct nested { int a[2]; by_bool b[2]; int *c[2]; float d<3>; quadruple e<2>; opaque f[3]; };
  typedef nested matrix<4>;
  struct flat { int a; bool b; sign c; hyper d; };
  struct beside { /*@ data */ opaque d<>; unsigned d_length; string s<>; string s_hex<>; };
  union either switch (int d_length) { case 0: /*@ data */ opaque d<>; case 1: /*@ data */ opaque e[3]; default: int e_length; };
  struct flats { flat first; flat rest[2]; flat more<>; string name<3>; flat last; };
  struct odd { int __proto__; int constructor; int hasOwnProperty; int toString; int name; };
  struct numbers { float a; double b; quadruple c; unsigned d; unsigned hyper e; };
  typedef opaque big<>;
  typedef opaque wide[100];
  struct wider { int before; wide middle; int after; };
`;

const DISSECTORS = fileURLToPath(new URL('../../dissectors', import.meta.url));

/** The types of all dissectors, each file read by itself. */
function dissectorPlans(): Plan[] {
  const files = readdirSync(DISSECTORS, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.x'));
  return files.flatMap((file) => feasiblePlans(readSpecification(join(DISSECTORS, file))));
}

describe.each([
  ['hand-made types', () => feasiblePlans(specificationOf(EDGES)), 2500],
  ['types of the dissectors', dissectorPlans, 2500],
] as const)('%s', (_, plansOf, numRuns) => {
  test('whole values, and damaged ones', () => {
    const products = new Products();
    const plans = plansOf();
    expect(plans.length).toBeGreaterThan(10);
    const valued = fc
      .constantFrom(...plans)
      .chain((plan): fc.Arbitrary<[Plan, XdrValue]> => fc.tuple(fc.constant(plan), randomValue(plan)));
    holds(
      fc.property(valued, fc.array(damage, { maxLength: 4 }), ([plan, value], damages) => {
        const whole = writeXdr(plan, value);
        products.compare(plan, whole);
        for (const apply of damages) if (whole.length > 0) products.compare(plan, apply(whole));
      }),
      numRuns,
    );
  });
});

/** Bitmaps, and opaques that hold one value for each bit, or one by a number. */
const CHOSEN = `
  union attribute switch (int which) { case 0: int a; case 1: hyper b; case 2: string c<>; case 33: bool d; case 40: void; };
  struct t {
    /*@ bitmap attribute */ unsigned mask<3>;
    /*@ is attribute by mask */ opaque values<>;
    /*@ bitmap attribute */ unsigned more<2>;
    int kind;
    /*@ is attribute by kind */ opaque one<>;
    int after;
  };
`;
const ATTRIBUTES: [bit: number, value: Buffer][] = [
  [0, words(7)],
  [1, words(1, 2)],
  [2, opaque('abc')],
  [33, words(1)],
  [40, words()],
  [63, words(5)],
];

const attributes = fc
  .record({
    set: fc.subarray(ATTRIBUTES),
    more: fc.array(fc.nat(0xffffffff), { maxLength: 2 }),
    one: fc.constantFrom(...ATTRIBUTES),
  })
  .map(({ set, more, one: [kind, one] }) => {
    const mask = [0, 1].map((word) => set.reduce((sum, [bit]) => sum + (bit >> 5 === word ? 2 ** (bit & 31) : 0), 0));
    const values = opaque(Buffer.concat(set.map(([, value]) => value)));
    return Buffer.concat([words(2, ...mask), values, words(more.length, ...more, kind), opaque(one), words(9)]);
  });

test('bitmaps, and types that they choose', () => {
  const plan = planOf(CHOSEN);
  const bits = planOf('struct t { /*@ bitmap names */ unsigned a<2>; int b; }; enum names { ONE = 1, NAME = 33 };');
  const products = new Products();
  holds(
    fc.property(attributes, fc.array(damage, { maxLength: 6 }), (whole, damages) => {
      products.compare(plan, whole);
      for (const apply of damages) products.compare(plan, apply(whole));
      products.compare(bits, whole.subarray(0, 16));
    }),
    500,
  );
  const verdict = products.compare(bits, words(2, 3, 2, 9));
  expect(verdict).toMatchObject({ isGood: true, value: true, tree: true });
  expect(treeValue(verdict.decoded.root!)).toEqual({ a: ['0', 'ONE', 'NAME'], b: 9 });
  for (const data of [words(3, 0, 0, 0, 9), words(0x40000000, 9), words(0xffffffff, 9)]) {
    expect(products.compare(bits, data)).toMatchObject({ isGood: false, value: false });
  }
});

describe('shapes', () => {
  test('a thousand arms', () => {
    const arms = Array.from({ length: 1000 }, (_, i) => `case ${i * 7}: int arm${i};`).join(' ');
    const labels = Array.from({ length: 1000 }, (_, i) => `case ${-1 - i}:`).join(' ');
    const plan = planOf(`union t switch (int which) { ${arms} ${labels} void; };`);
    const products = new Products();
    for (const which of [0, 7, 6993]) {
      expect(products.compare(plan, words(which, 5))).toMatchObject({
        isGood: true,
        json: true,
        value: true,
        tree: true,
      });
    }
    expect(products.compare(plan, words(-1000))).toMatchObject({ isGood: true, json: true });
    expect(products.compare(plan, words(1, 5))).toMatchObject({ isGood: false, json: false });
  });

  test('recursion to the bound, and beyond it', () => {
    const plan = planOf('union t switch (bool more) { case TRUE: t next; case FALSE: void; };');
    const products = new Products();
    const deep = (levels: number) => Buffer.concat([Buffer.alloc(4 * (levels - 1), '00000001', 'hex'), words(0)]);
    for (const levels of [1, 2, MAX_DEPTH - 1, MAX_DEPTH]) {
      expect(products.compare(plan, deep(levels))).toMatchObject({ isGood: true, json: true, value: true, tree: true });
    }
    expect(products.compare(plan, deep(MAX_DEPTH + 1))).toMatchObject({ isGood: false, json: false });
    expect(products.compare(plan, deep(100_000))).toMatchObject({ isGood: false, json: false });
  });

  const release = 'string name<>; /*@ later */ int pid; int uid; /*@ later */ string key<>;';
  test.each([
    [
      'the newest',
      `struct t { ${release} };`,
      [opaque('a'), words(1, 2), opaque('k')],
      { name: 'a', pid: 1, uid: 2, key: 'k' },
    ],
    ['an older one', `struct t { ${release} };`, [opaque('a'), words(1, 2)], { name: 'a', pid: 1, uid: 2 }],
    ['the oldest', `struct t { ${release} };`, [opaque('a')], { name: 'a' }],
    ['none', `struct t { ${release} };`, [opaque('a'), words(1)], null],
    ['one without fields', 'struct t { /*@ later */ int a; };', [], {}],
    [
      'the oldest in an opaque',
      `struct u { ${release} }; struct t { /*@ is u */ opaque a<>; };`,
      [words(8, 1, 0x61000000)],
      { a: { name: 'a' } },
    ],
    ['the oldest in an array', 'struct u { int a; /*@ later */ int b; }; typedef u t<>;', [words(1, 2)], [{ a: 2 }]],
  ] as const)('fields that a later release added: %s', (_, type, parts, value) => {
    const { decoded, isGood } = new Products().compare(planOf(type), Buffer.concat(parts));
    expect(isGood ? treeValue(decoded.root!) : null).toEqual(value);
  });

  test('typedefs that hold themselves', () => {
    const products = new Products();
    const plan = planOf('typedef t t<>;');
    expect(products.compare(plan, words(2, 0, 1, 0))).toMatchObject({
      isGood: true,
      json: true,
      value: true,
      tree: true,
    });
    expect(products.compare(plan, words(...new Array(MAX_DEPTH + 50).fill(1), 0))).toMatchObject({ isGood: false });
  });

  test('counts and lengths that lie', () => {
    const products = new Products();
    for (const text of [
      'int t<>',
      'string t<>',
      'opaque t<>',
      'int t[0xffffffff]',
      'opaque t[0xffffffff]',
      'opaque t[0x7fffffff]',
    ]) {
      for (const word of [0x7fffffff, 0xfffffffc, 0xffffffff]) {
        expect(products.compare(planOf(`typedef ${text};`), words(word, 1))).toMatchObject({ isGood: false });
      }
    }
  });

  test('names that are no properties of objects', () => {
    const plan = planOf('struct t { int __proto__; int constructor; int hasOwnProperty; };');
    const { decoded, value } = new Products().compare(plan, words(1, 2, 3));
    expect(value).toBe(true);
    expect(Object.entries(treeValue(decoded.root!)!)).toEqual([
      ['__proto__', 1],
      ['constructor', 2],
      ['hasOwnProperty', 3],
    ]);
  });
});

describe('random types', () => {
  test('whole values', () => {
    const products = new Products();
    const seen = { good: 0, json: 0, value: 0, tree: 0 };
    holds(
      fc.property(written, ([plan, value]) => {
        const verdict = products.compare(plan, writeXdr(plan, value));
        if (!verdict.isGood) return;
        seen.good++;
        for (const key of ['json', 'value', 'tree'] as const) if (verdict[key]) seen[key]++;
        const { root } = verdict.decoded;
        deepStrictEqual(treeValue(root!), expectedValue(plan, value));
        deepStrictEqual([...leavesOf(root!)], [...leavesOfValue(treeValue(root!))]);
        if (!/\ufffd|_length"/.test(jsonText(root))) expect(jsonText(root)).toBe(serialised(plan, treeValue(root!)));
      }),
      3000,
    );
    expect(seen.good).toBeGreaterThan(200);
    // Generated code does nearly all of what is good: what it leaves is of opaques with types, and elements of no bytes.
    for (const key of ['json', 'value', 'tree'] as const) expect(seen[key] / seen.good).toBeGreaterThan(0.8);
  });

  test('damaged and cut bytes', () => {
    const products = new Products();
    holds(
      fc.property(written, fc.array(damage, { minLength: 1, maxLength: 6 }), ([plan, value], damages) => {
        const whole = writeXdr(plan, value);
        for (const apply of damages) if (whole.length > 0) products.compare(plan, apply(whole));
      }),
      2000,
    );
  });

  test('any bytes', () => {
    const products = new Products();
    holds(
      fc.property(randomPlan, fc.uint8Array({ maxLength: 64 }), (plan, bytes) => {
        products.compare(plan, bytes);
      }),
      1000,
    );
  });
});
