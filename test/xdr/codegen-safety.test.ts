/**
 * Names of a `.x` cannot become code: what is generated of hostile ones holds them as string literals only. And where making code
 * from text is forbidden, the interpreter serves.
 */
import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { PlanBuilder } from '../../src/xdr/build-plan.js';
import type { EnumPlan, FieldPlan, Plan } from '../../src/xdr/plan.js';
import { decodeTree } from '../../src/xdr/tree.js';
import { noContext } from '../../src/xdr/tree-node.js';
import { treeValue } from '../../src/xdr/value.js';
import { specificationOf } from '../helpers/plans.js';
import { program } from '../helpers/program.js';
import { FIXTURES } from '../helpers/render.js';
import { words } from '../helpers/rpc-writer.js';
import { Products } from './codegen-products.js';

/** Runs `action`, and gives the text of every function that it makes. */
function sourcesOf(action: () => void): string[] {
  const { Function: original } = globalThis;
  const sources: string[] = [];
  globalThis.Function = new Proxy(original, {
    construct: (target, texts: string[]) => {
      sources.push(texts.join('\n'));
      return new target(...texts);
    },
  });
  try {
    action();
  } finally {
    globalThis.Function = original;
  }
  return sources;
}

/** Source text without its string literals. */
function bare(source: string): string {
  return source.replace(/"(?:[^"\\]|\\.)*"/g, '""');
}

describe('hostile names', () => {
  // What a `.x` can say: identifiers. U+2028 and quotes it cannot, but plans are checked with them all the same, below.
  const TEXT = `
    const evil = 1;
    enum evil_enum { evil_member = 1, evil_other = 2 };
    struct evil_struct { int __proto__; int constructor; int evil_field; string evil_text<>; hyper evil_hyper; };
    struct evil_chain { int evil_value; evil_chain *evil_next; };
    union evil_union switch (evil_enum evil_switch) {
      case evil_member: evil_struct evil_arm; case evil_other: evil_chain *evil_list; default: void;
    };
  `;

  test('of a text are string literals', () => {
    const specification = specificationOf(TEXT);
    const builder = new PlanBuilder(specification);
    const sources = sourcesOf(() => {
      const products = new Products();
      for (const data of [words(1, 1, 2, 3, 0, 0, 9), words(2, 1, 5, 1, 6, 0), words(3)]) {
        expect(products.compare(builder.typePlan('evil_union')!, data)).toMatchObject({
          json: true,
          value: true,
          tree: true,
        });
      }
    });
    expect(sources.length).toBeGreaterThan(6);
    for (const source of sources) expect(bare(source)).not.toMatch(/evil|__proto__|constructor/);
    expect(sources.join()).toContain('"evil_field"');
  });

  test.each([
    'a;process.exit()',
    '"];process.exit();//',
    '\u0060$\u007bprocess.exit()}\u0060',
    "'+process.exit()+'",
    '*/process.exit()/*',
    'a\u2028process.exit()',
    'a\nprocess.exit()\r\n//',
    '\\',
    '\ud800',
    '\0',
  ])('of a plan that no text could give: %j', (name) => {
    const names: EnumPlan = { kind: 'enum', name, names: new Map([[1, name]]) };
    const number: Plan = { kind: 'unsigned', spelling: name };
    const field = (plan: Plan, own = name): FieldPlan => ({ name: own, plan });
    const union: Plan = {
      kind: 'union',
      name,
      discriminant: field(names, `${name}d`),
      arms: new Map([[1, field({ kind: 'struct', name, fields: [field(number)] })]]),
      otherwise: null,
    };
    const sources = sourcesOf(() => {
      const plan: Plan = { kind: 'array', element: union, length: -1, max: 9 };
      const verdict = new Products().compare(plan, words(2, 1, 7, 5));
      expect(verdict).toMatchObject({ value: true, tree: true });
      expect(treeValue(verdict.decoded.root!)).toEqual([
        { [`${name}d`]: name, [name]: { [name]: 7 } },
        { [`${name}d`]: '5' },
      ]);
    });
    expect(sources.length).toBeGreaterThan(3);
    for (const source of sources) expect(bare(source)).not.toMatch(/process|[\u2028`\\\0\ud800]/);
  });
});

test('numbers of a text cannot be more than numbers', () => {
  const text = 'struct t { opaque a<4294967295>; int b<0xffffffff>; opaque c[0x7fffffff]; string d<2147483648>; };';
  const plan = new PlanBuilder(specificationOf(text)).typePlan('t')!;
  const sources = sourcesOf(() => new Products().compare(plan, words(0, 0, 0)));
  for (const source of sources) expect(bare(source)).not.toMatch(/NaN|Infinity|undefined;|\de\+/);
});

describe('without code from text', () => {
  const pathOf = (capture: string) => join(FIXTURES, 'captures', `${capture}.pcap`);
  const node = (...args: string[]) =>
    execFileSync(process.execPath, ['--disallow-code-generation-from-strings', ...args], {
      maxBuffer: 1 << 28,
    }).toString();

  test('the command line prints the same', () => {
    for (const path of ['nfs3/linux-client', 'nfs4/client-4.2', 'rpcbind/loopback'].map(pathOf)) {
      for (const args of [['--json', path], [path]]) {
        const generated = execFileSync(process.execPath, [program.main, ...args], { maxBuffer: 1 << 28 }).toString();
        expect(node(program.main, ...args)).toBe(generated);
        expect(generated).not.toBe('');
      }
    }
  });

  test('the library decodes', () => {
    const index = pathToFileURL(join(dirname(dirname(program.main)), 'index.js')).href;
    const script = `
      import { compile, open } from ${JSON.stringify(index)};
      const t = compile('struct t { int a; hyper b; };').types.get('t');
      const { value } = t.decode(Buffer.alloc(12, 1));
      let count = 0;
      for await (const record of open(${JSON.stringify(pathOf('nfs3/linux-client'))})) count++;
      console.log(value.a, value.b, t.toJson(Buffer.alloc(12)), count > 0);
      try { new Function('')(); } catch { console.log('refused'); }`;
    expect(node('--input-type=module', '--eval', script)).toBe(
      '16843009 72340172838076673n {"a":0,"b":0} true\nrefused\n',
    );
  });
});

test('the interpreter itself makes no code', () => {
  const plan = new PlanBuilder(specificationOf('struct t { int a; };')).typePlan('t')!;
  const bytes = words(1);
  const sources = sourcesOf(() => decodeTree(plan, { bytes, start: 0, end: 4, limit: 4, context: noContext }, 'args'));
  expect(sources).toEqual([]);
});
