/** parseXdr in small: what the fixtures of fixtures/x do not show. */
import { describe, expect, test } from 'vitest';
import type { Source } from '../../src/xdr/model.js';
import { parseXdr, renderDiagnostic } from '../../src/xdr/parse-xdr.js';
import { complaints, outlineOf, parseEach, parseErrorEach } from './parse-helpers.js';

describe('sound', () => {
  parseEach([
    ['nothing', '', ''],
    ['only comments', '// a\n/* b */\n%c\n#pragma d', ''],
    ['no line end behind the last line', 'const A = 1; // end', 'const A = 1'],
    ['a directive without a line end', 'const A = 1;\n#define B 2', 'const A = 1 const B = 2'],
    ['adjacent signs', 'const A=-1;typedef opaque b<A+2>;', 'const A = -1 type b = opaque<1>'],
    ['a shift as a bound', 'typedef opaque a<1<<4>;', 'type a = opaque<16>'],
    ['a comparison in parentheses as a bound', 'typedef opaque a<(3>2)+(8>>1)>;', 'type a = opaque<5>'],
    ['a number behind a name', 'struct a1{int b2;};', 'type a1 = struct b2: int'],
    ['a name that opens with an underscore', 'typedef int _;', 'type _ = int'],
    ['a bool by the names of its values', 'const A = TRUE + TRUE + FALSE;', 'const A = 2'],
    [
      'a procedure number as a constant',
      'program P{version V{void F(void)=6;}=1;}=2; typedef int a[F];',
      'type a = int[6] program P = 2 version V = 1 F = 6: () -> void',
    ],
    [
      'a type called as its program',
      'struct P{int i;}; program P{version V{P P(P)=1;}=1;}=2;',
      'type P = struct i: int program P = 2 version V = 1 P = 1: (@P) -> @P',
    ],
    [
      'an include from an include',
      '#include "b.x"\n#include "c.x"',
      'type c = int type b = @c',
      { 'b.x': '#include "c.x"\ntypedef c b;', 'c.x': 'typedef int c;' },
    ],
    ['an include within a struct', 'struct s {\n#include "fields"\n};', 'type s = struct a: int', { fields: 'int a;' }],
    [
      'a guarded include',
      '#include "b.x"\n#ifndef B\n#include "b.x"\n#endif',
      'const C = 1',
      { 'b.x': '#define B\nconst C = 1;' },
    ],
    ['an include left out', '#ifdef RPC_HDR\n#include "none.x"\n#endif', ''],
    [
      'a macro undefined after its use',
      '#define N 5\nstruct a { opaque b[N]; };\n#undef N\n#ifdef N\nbad\n#endif\n#if N || defined N\nbad\n#endif',
      'type a = struct b: opaque[5]',
    ],
    [
      'a name that was a macro before',
      '#define N 5\n#define T int\n#undef N\n#undef T\nconst N = 6; typedef hyper T; typedef T a[N];',
      'const N = 6 type T = hyper type a = @T[6]',
    ],
    ['a macro defined alike again', '#define N 5\n#undef N\n#define N  5\nconst A = N;', 'const A = 5 const N = 5'],
    [
      'a header whose names are not needed',
      '%#include "b.h"\ntypedef int a;',
      'type a = int',
      { 'b.x': 'typedef int b;' },
    ],
    [
      'a header whose own file includes',
      '%#include <x/b.h>\ntypedef b a;',
      'type a = @b type b = @c type c = int',
      { 'b.x': '#include "c.x"\ntypedef c b;', 'c.x': 'typedef int c; program P{}=1;' },
    ],
    [
      'a header does not redefine',
      '%#include <b.h>\ntypedef int a; struct s {a x; b y;};',
      'type a = int type s = struct x: @a y: @b type b = hyper',
      { 'b.x': 'typedef hyper a; typedef hyper b;' },
    ],
    [
      'C takes the hint of a define to itself',
      'enum e { A = 3 };\n#define A A\ntypedef int a[A];',
      'type e = enum A = 3 type a = int[3]',
    ],
    ['a macro that is C', '#define X sizeof(int) {\n#define F(a) #a\nconst A = 1;', 'const A = 1'],
    [
      'conditions by values',
      '#define A 2\n#if A == 2 && !(A > 2) || 0\nconst B = 1;\n#endif\n#if A\nconst C = 1;\n#endif',
      'const B = 1 const C = 1 const A = 2',
    ],
    [
      'a condition around an arm',
      'union u switch (int i) {\ncase 0: void;\n#ifdef X\ncase 1: int\n#else\ncase 2: int\n#endif\n a;\n};',
      'type u = union by i: int 0 => void 2 => a: int',
    ],
  ]);
});

describe('refused', () => {
  parseErrorEach([
    [
      'a macro defined otherwise',
      '#define N 5\ntypedef int a[N];\n#undef N\n#define N 6\n#define N 6\n',
      ["4:9: warning: the macro 'N' was defined otherwise before; what it is here counts everywhere"],
    ],
    ['the place after the token before', 'const A = 1 /* here? */\n\n;const B = 2\n', ["3:13: error: missing ';'"]],
    [
      'several in a file',
      'typedef a b;\nconst = 1;\ntypedef c d;',
      [
        "1:9: error: unknown type 'a'",
        "2:7: error: expected the name of a constant, found '='",
        "3:9: error: unknown type 'c'",
      ],
    ],
    [
      'an opaque argument without length',
      'program P{version V{void F(opaque)=1;}=1;}=1;',
      ["1:28: error: 'opaque' needs a length: [n] or <n>"],
    ],
    [
      'an opaque result without length',
      'program P{version V{opaque F(void)=1;}=1;}=1;',
      ["1:21: error: 'opaque' needs a length: [n] or <n>"],
    ],
    [
      'a void array',
      'program P{version V{void<> F(void)=1;}=1;}=1;',
      ["1:26: error: 'void' stands only for a whole arm, argument list or result"],
    ],
    [
      'a macro that is void',
      '#define nothing void\nstruct s { nothing n; };',
      ["1:17: error: 'void' stands only for a whole arm, argument list or result"],
    ],
    ['a macro that defines a type', '#define E enum { A }\nstruct s { E x; };', ["2:12: error: unknown type 'E'"]],
    ['a macro that leads to itself', '#define a b\n#define b a\ntypedef a c;', ["2:11: error: unknown type 'a'"]],
    [
      'a constant in a circle of macros',
      '#define A B\n#define B A\nconst C = A;',
      ["2:11: error: constant 'A' is defined by itself"],
    ],
    ['an enum member in a circle', 'enum e { A = B, B = A };', ["1:21: error: constant 'A' is defined by itself"]],
    [
      'an enum that counts beyond its end',
      'enum e { A = 0xfffffffe, B, C, D = 2147483647, E };',
      ["1:48: error: the value of 'E' does not fit in 32 bits: 2147483648"],
    ],
    ['a type as a constant', 'struct s { int i; }; typedef int a[s];', ["1:36: error: unknown constant 's'"]],
    ['a constant as a type', 'const A = 1; typedef A a;', ["1:22: error: unknown type 'A'"]],
    [
      'a loop of includes with an error',
      '#include "b.x"\ntypedef a b;',
      ["2:9: error: unknown type 'a'"],
      { 'b.x': '#include "test.x"\n' },
    ],
    [
      'an include that is not there, and needed',
      '#include "b.x"\ntypedef a b;',
      ["1:10: error: 'b.x' cannot be included: no such file"],
    ],
    [
      'an include that is not there, and not needed',
      '#include "b.x"',
      ["1:10: warning: 'b.x' is not included: no such file"],
    ],
    ['a condition that no one closes', '#ifndef A\nconst B = 1;', ['1:1: error: this #ifndef has no #endif']],
    [
      'a namespace that no one closes',
      'namespace a { const B = 1;',
      ["1:27: error: expected '}' to close the namespace, found the end of the file"],
    ],
    ['an unknown name once', 'struct s { a b; a c; }; typedef a d;', ["1:12: error: unknown type 'a'"]],
    [
      'infinite by a fixed array',
      'typedef a b[2]; struct a { b c; };',
      ["1:11: error: 'b' contains itself without end (b → a → b); use '*' or '<>' where it may stop"],
    ],
    [
      'infinite in place',
      'struct a { struct { a b; } c; };',
      ["1:8: error: 'a' contains itself without end (a → a); use '*' or '<>' where it may stop"],
    ],
  ]);
});

describe('what is returned', () => {
  test('what could be understood of a file with errors', () => {
    const text =
      'const A = 1; struct broken { int }; struct s { unknown u; int i; }; typedef opaque o; enum e { B, C = X };';
    expect(outlineOf(text).replace(/\s+/g, ' ')).toBe(
      'const A = 1 type s = struct u: void i: int type o = void type e = enum B = 0',
    );
  });

  test('spans are those of the names', () => {
    const text = '/*@ name x */ struct s { int field; }; program P { version V { int F(s argument) = 1; } = 1; } = 1;';
    const { specification } = parseXdr({ name: 'test.x', text });
    const of = ({ span }: { span: { start: number; end: number } }) => text.slice(span.start, span.end);
    const type = specification.types.get('s')!;
    const [program] = specification.programs;
    const [procedure] = program.versions[0].procedures;
    expect(of(type)).toBe('s');
    expect(of(type.hints[0])).toBe('name x');
    expect(of(type.hints[0].arguments[0])).toBe('x');
    expect([program.versions[0], procedure].map(of)).toEqual(['V', 'F']);
  });

  test('one definition for all uses of a name', () => {
    const { types } = parseXdr({ name: 'test.x', text: 'struct a { a *b; };' }).specification;
    const { type } = types.get('a')!;
    const field = type.kind === 'struct' ? type.fields[0].type : type;
    expect(field.kind === 'optional' && field.element.kind === 'named' && field.element.definition).toBe(
      types.get('a'),
    );
  });

  test('the callback is told who includes', () => {
    const asked: string[] = [];
    const include = (name: string, from: Source) => {
      asked.push(`${from.name} ${name}`);
      return { name, text: name === 'b.x' ? '#include "c.x"' : '' };
    };
    parseXdr({ name: 'a.x', text: '#include "b.x"\n#include <d.h>\n#include "e.h"' }, { include });
    expect(asked).toEqual(['a.x b.x', 'b.x c.x']);
  });

  test('without a callback nothing is included', () => {
    const { diagnostics } = parseXdr({ name: 'a.x', text: '#include "b.x"' });
    expect(diagnostics.map((each) => each.code)).toEqual(['include-skipped']);
  });
});

describe('rendering', () => {
  test('the line with its tabs as blanks, and carets below', () => {
    expect(complaints('struct s {\n\tunknown x;\n};')).toEqual([
      "test.x:2:2: error: unknown type 'unknown'\n  unknown x;\n  ^^^^^^^",
    ]);
  });

  test('a long line is cut around the place', () => {
    const [rendered] = complaints(`${' '.repeat(5000)}typedef unknown x;${' '.repeat(5000)}`);
    const [, line, carets] = rendered.split('\n');
    expect(line.length).toBeLessThanOrEqual(120);
    expect(line.slice(carets.indexOf('^'), carets.length)).toBe('unknown');
  });

  test('nothing reaches the terminal that it would act on', () => {
    const [rendered] = complaints('/*\u001b[31m\u202e*/ typedef unknown x;');
    expect(rendered).not.toMatch(/[\u001b\u202e]/);
  });

  test('the end of an empty line', () => {
    const source = { name: 'a.x', text: '' };
    const span = { source, start: 0, end: 0 };
    expect(renderDiagnostic({ code: 'expected', severity: 'error', message: 'm', span })).toBe(
      'a.x:1:1: error: m\n\n^',
    );
  });
});
