/** Types to plans: typedefs gone, lists found, roots of arguments, names of procedures; and types that hold themselves. */
import { describe, expect, test } from 'vitest';
import { PlanBuilder } from '../../src/xdr/build-plan.js';
import { leastSize, type Plan } from '../../src/xdr/plan.js';
import { planOf, specificationOf } from '../helpers/plans.js';

/** A plan in short; what is being written already is `…`. */
function shape(plan: Plan, within: readonly Plan[] = []): string {
  if (within.includes(plan)) return '…';
  const inner = (each: Plan) => shape(each, [...within, plan]);
  switch (plan.kind) {
    case 'struct':
      return `{${plan.fields.map((field) => `${field.name}:${inner(field.plan)}`).join(' ')}}`;
    case 'union': {
      const arms = [...plan.arms].map(([value, arm]) => `${value}=${arm ? `${arm.name}:${inner(arm.plan)}` : 'void'}`);
      if (plan.otherwise !== undefined)
        arms.push(`*=${plan.otherwise ? `${plan.otherwise.name}:${inner(plan.otherwise.plan)}` : 'void'}`);
      return `(${plan.discriminant.name}:${inner(plan.discriminant.plan)} ${arms.join(' ')})`;
    }
    case 'array':
      return `${inner(plan.element)}[${plan.length < 0 ? `<${plan.max}` : plan.length}]`;
    case 'optional':
      return `${inner(plan.element)}?`;
    case 'list':
      return `${inner(plan.element)}${plan.leading ? '+' : '*'}`;
    case 'string':
      return `string<${plan.max}`;
    case 'opaque':
      return `opaque${plan.length < 0 ? `<${plan.max}` : plan.length}`;
    default:
      return plan.kind;
  }
}

const MAX = 4294967295;

describe('plans', () => {
  test.each([
    ['typedefs are followed', 'typedef int a; typedef a b; struct t { b x; };', '{x:int}'],
    ['bounds of typedefs', 'typedef opaque h<8>; typedef h hs<4>; struct t { hs x; };', '{x:opaque<8[<4]}'],
    ['no bound', 'struct t { string s<>; opaque o<>; int a<>; };', `{s:string<${MAX} o:opaque<${MAX} a:int[<${MAX}]}`],
    ['optional', 'struct t { int *x; };', '{x:int?}'],
    ['a list', 'struct n { int v; n *next; }; struct t { n *x; };', '{x:{v:int}*}'],
    ['a list used by value', 'struct n { int v; n *next; }; struct t { n x; };', '{x:{v:int}+}'],
    ['a list by typedef', 'typedef struct n *l; struct n { int v; l next; }; struct t { l x; };', '{x:{v:int}*}'],
    [
      'a list of lists',
      'struct n { int v; n *next; }; struct m { n *a; m *next; }; struct t { m *x; };',
      '{x:{a:{v:int}*}*}',
    ],
    [
      'its member is not the last one: no list',
      'struct n { n *next; int v; }; struct t { n *x; };',
      '{x:{next:…? v:int}?}',
    ],
    ['nothing but itself: no list', 'struct n { n *next; }; struct t { n *x; };', '{x:{next:…?}?}'],
    [
      'through another struct: no list',
      'struct n { int v; a *next; }; struct a { int w; n *next; }; struct t { n *x; };',
      '{x:{v:int next:{w:int next:…?}?}?}',
    ],
    [
      'a union',
      'union t switch (int n) { case 1: case 2: int a; case 3: void; default: hyper b; };',
      '(n:int 1=a:int 2=a:int 3=void *=b:hyper)',
    ],
    ['a void default', 'union t switch (bool n) { case TRUE: int a; default: void; };', '(n:bool 1=a:int *=void)'],
    [
      'inline types',
      'struct t { struct { int a; } s; union switch (int n) { case 1: int b; } u; enum { A = 1 } e; };',
      '{s:{a:int} u:(n:int 1=b:int) e:enum}',
    ],
    [
      'mutual recursion',
      'struct a { int v; b *x; int w; }; struct b { a y<>; }; typedef a t;',
      '{v:int x:{y:…[<4294967295]}? w:int}',
    ],
    ['recursion by an array', 'struct t { t x<>; };', '{x:…[<4294967295]}'],
  ])('%s', (_, text, expected) => {
    expect(shape(planOf(text))).toBe(expected);
  });

  test.each([
    ['an array of itself', 'typedef t t<>;', '…[<4294967295]'],
    ['two arrays of each other', 'typedef a t<>; typedef t a<>;', '…[<4294967295][<4294967295]'],
  ])('a typedef that is %s', (_, text, expected) => {
    expect(shape(planOf(text))).toBe(expected);
  });
});

describe('least sizes', () => {
  test.each([
    ['struct t { int a; hyper b; double c; quadruple d; };', 36],
    ['struct t { string a<>; opaque b<>; opaque c[5]; int d<>; int e[3]; };', 4 + 4 + 8 + 4 + 12],
    ['struct t { bool a; int *b; };', 8],
    ['union t switch (int n) { case 1: hyper a; };', 4],
    ['struct n { int v; n *next; }; struct t { n *a; n b; };', 4 + 8],
    ['struct t { t x<>; };', 4],
  ])('%s', (text, size) => {
    expect(leastSize(planOf(text))).toBe(size);
  });
});

describe('programs', () => {
  const text = `
    struct point { int x; int y; };
    /*@ name SHORT; title "A title"; prefix DO_ */
    program LONG_PROG { /*@ name OTHER */ version V2 {
      void DO_NOTHING(void) = 0;
      point DO_MOVE(point) = 1;
      int DO_ADD(int, int) = 2;
      int NAMED(int first, point second) = 3;
      /*@ name TEST; call "{x}"; reply "" */ string DO_X(point) = 4;
    } = 2; version V3 { void DO_NOTHING(void) = 0; } = 3; } = 0x20000001;`;
  const specification = specificationOf(text);
  const builder = new PlanBuilder(specification);
  const [program] = specification.programs;
  const [v2, v3] = program.versions.map((version) => builder.program(program, version));

  test('names and numbers', () => {
    expect([v2.name, v2.title, v2.number, v2.version]).toEqual(['OTHER', 'A title', 0x20000001, 2]);
    expect([v3.name, v3.version]).toEqual(['SHORT', 3]);
    expect([...v2.procedures.keys()].map((number) => v2.procedures.get(number)?.name)).toEqual([
      'NOTHING',
      'MOVE',
      'ADD',
      'NAMED',
      'TEST',
    ]);
    expect([v2.procedures.has(4), v2.procedures.has(5), v2.procedures.get(5)]).toEqual([true, false, undefined]);
  });

  test.each([
    [0, 'void', 'void'],
    [1, '{x:int y:int}', '{x:int y:int}'],
    [2, '{arg1:int arg2:int}', 'int'],
    [3, '{first:int second:{x:int y:int}}', 'int'],
    [4, '{x:int y:int}', `string<${MAX}`],
  ])('procedure %i', (number, args, result) => {
    const procedure = v2.procedures.get(number)!;
    expect([shape(procedure.arguments), shape(procedure.result)]).toEqual([args, result]);
  });

  test('summaries', () => {
    expect(v2.procedures.get(4)?.call).toEqual([{ kind: 'field', path: 'x', format: '' }]);
    expect(v2.procedures.get(4)?.reply).toEqual([]);
    expect(v2.procedures.get(1)?.call).toBeNull();
  });
});
