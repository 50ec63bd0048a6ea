/** Hints: what each directive of dissectors/README.md makes of text, and that JSON is plain XDR without them (docs/json.md). */
import { describe, expect, test } from 'vitest';
import { generatedTemplate, Summary } from '../../src/dissect/summary.js';
import { MAX_SHOWN_BYTES, MAX_SHOWN_TEXT } from '../../src/limits/xdr.js';
import { PlanBuilder } from '../../src/xdr/build-plan.js';
import { ByteWriter } from '../../src/xdr/byte-writer.js';
import type { Plan } from '../../src/xdr/plan.js';
import { parseTemplate } from '../../src/xdr/template.js';
import { bytes } from '../helpers/capture-writer.js';
import { decode, jsonText, planOf, specificationOf } from '../helpers/plans.js';
import { opaque, words } from '../helpers/rpc-writer.js';

/** The text that a template makes of bytes; null: the generated one. */
function textOf(
  plan: Plan,
  template: string | null,
  data: Uint8Array,
  limit = data.length,
  problems: string[] = [],
): string {
  const parsed = template === null ? { template: generatedTemplate(plan), error: null } : parseTemplate(template);
  if (parsed.error !== null) problems.push(parsed.error);
  const summary = new Summary(plan, parsed.template, [], (message) => problems.push(message));
  const held = bytes(Buffer.alloc(4, 0xee), data, Buffer.alloc(256, 0x11));
  const extent = { bytes: held, at: 4, end: 4 + data.length, limit: 4 + limit };
  const out = new ByteWriter(64);
  summary.find(extent);
  summary.write(
    out,
    {
      bytes: held,
      programs: (number) => (number === 100003 ? 'NFS' : undefined),
      callField: () => undefined,
      writeBody: () => {},
    },
    extent,
  );
  return out.toString();
}

function dictionary(...pairs: [key: string, value: string][]): Uint8Array {
  const written = pairs.map(([key, value]) =>
    bytes(words(key.length, value.length), Buffer.from(key), [0], Buffer.from(value, 'latin1')),
  );
  return bytes(words(pairs.length), ...written);
}

const flags = 'enum f { F_READ = 1, F_LOOKUP = 2, F_MODIFY = 4 };';
const time = 'struct when { unsigned s; unsigned n; }; struct since { int s; int n; };';

describe('show', () => {
  const cases: [hint: string, type: string, data: Uint8Array, text: string, json: string][] = [
    ['show hex', 'int', words(255), '0xff', '255'],
    ['show hex', 'int', words(-1), '0xffffffff', '-1'],
    ['show hex', 'unsigned hyper', words(1, 0), '0x100000000', '4294967296'],
    ['show octal', 'unsigned', words(0o644), '0644', '420'],
    ['show octal', 'unsigned', words(0), '0', '0'],
    ['show time', 'unsigned', words(1795329960), '2026-11-22T06:46:00Z', '1795329960'],
    ['show duration', 'unsigned', words(5400), '1h30m', '5400'],
    ['show duration', 'unsigned', words(90), '90s', '90'],
    ['show duration', 'unsigned', words(2 * 86400), '2d', '172800'],
    ['show duration', 'int', words(-5400), '-1h30m', '-5400'],
    ['show duration', 'hyper', words(-1, -5400), '-1h30m', '-5400'],
    ['show time', 'int', words(-1), '1969-12-31T23:59:59Z', '-1'],
    ['show size', 'int', words(-1), '-1 B', '-1'],
    ['show duration micro', 'since', words(-2, 0), '-2s', '{"s":-2,"n":0}'],
    ['show address', 'unsigned', words(0x0a000002), '10.0.0.2', '167772162'],
    ['show port', 'unsigned', words(2049), '2049', '2049'],
    ['show size', 'unsigned', words(65536), '64 KiB', '65536'],
    ['show size', 'unsigned', words(1536), '1.5 KiB', '1536'],
    ['show size', 'unsigned', words(512), '512 B', '512'],
    ['show size', 'unsigned', words(10_187), '9.9 KiB', '10187'],
    ['show size', 'unsigned', words(10_239), '10 KiB', '10239'],
    ['show size', 'unsigned', words(1_048_575), '1.0 MiB', '1048575'],
    ['show size', 'hyper', words(1, 0), '4 GiB', '4294967296'],
    ['show load', 'unsigned', words(1541), '6.02', '1541'],
    ['show load', 'int', words(0), '0.00', '0'],
    ['show protocol', 'unsigned', words(6), 'tcp', '6'],
    ['show protocol', 'unsigned', words(17), 'udp', '17'],
    ['show protocol', 'unsigned', words(99), '99', '99'],
    ['show program', 'unsigned', words(100003), 'NFS', '100003'],
    ['show program', 'unsigned', words(7), '7', '7'],
    ['show enum f', 'int', words(2), 'F_LOOKUP', '2'],
    ['show enum f', 'int', words(9), '9', '9'],
    ['show flags f', 'unsigned', words(3), 'READ|LOOKUP', '3'],
    ['show flags f', 'unsigned', words(0x13), 'READ|LOOKUP|0x10', '19'],
    ['show flags f', 'unsigned', words(0), '0', '0'],
    [
      'show time nano',
      'when',
      words(1795329960, 500_000_000),
      '2026-11-22T06:46:00.5Z',
      '{"s":1795329960,"n":500000000}',
    ],
    ['show time micro', 'when', words(1795329960, 5), '2026-11-22T06:46:00.000005Z', '{"s":1795329960,"n":5}'],
    [
      'show time nano',
      'when',
      words(0, 1_500_000_000),
      '1970-01-01T00:00:00Z + 1500000000 ns',
      '{"s":0,"n":1500000000}',
    ],
    [
      'show time nano',
      'when',
      words(0, 1_000_000_000),
      '1970-01-01T00:00:00Z + 1000000000 ns',
      '{"s":0,"n":1000000000}',
    ],
    ['show time micro', 'since', words(-1, 500_000), '1969-12-31T23:59:59.5Z', '{"s":-1,"n":500000}'],
    ['show duration micro', 'since', words(-1, 500_000), '-0.5s', '{"s":-1,"n":500000}'],
    ['show duration micro', 'since', words(-3, 250_000), '-2.75s', '{"s":-3,"n":250000}'],
    ['show duration micro', 'since', words(-2, 1_000_000), '-2s + 1000000 µs', '{"s":-2,"n":1000000}'],
    ['show duration nano', 'when', words(2, 500_000_000), '2.5s', '{"s":2,"n":500000000}'],
    ['identifier', 'unsigned hyper', words(0xffffffff, 0xffffffff), '18446744073709551615', '"18446744073709551615"'],
    ['identifier', 'hyper', words(0xffffffff, 0xffffffff), '-1', '"-1"'],
    ['unset 4294967295', 'unsigned', words(0xffffffff), '', '4294967295'],
    ['unset 4294967295', 'unsigned', words(5), '5', '5'],
    ['unset -1', 'int', words(-1), '', '-1'],
    ['unset 0; show time nano', 'when', words(0, 0), '', '{"s":0,"n":0}'],
    ['unset ""', 'string', words(0), '', '""'],
    ['unset ""', 'string', words(1, 0x61_000000), '"a"', '"a"'],
  ];
  test.each(cases)('/*@ %s */ %s', (hint, type, data, text, json) => {
    const plan = planOf(`${flags} ${time} struct t { /*@ ${hint} */ ${type} x; };`);
    expect(textOf(plan, '{x}', data).trim()).toBe(text);
    expect(jsonText(decode(plan, data).root)).toBe(`{"x":${json}}`);
  });

  test.each(cases)('/*@ %s */ typedef %s', (hint, type, data, text, json) => {
    const plan = planOf(`${flags} ${time} /*@ ${hint} */ typedef ${type} own; struct t { own x; };`);
    expect(textOf(plan, '{x}', data).trim()).toBe(text);
    expect(jsonText(decode(plan, data).root)).toBe(`{"x":${json}}`);
  });
});

describe('bytes', () => {
  const cases: [hint: string, declaration: string, data: Uint8Array, text: string, json: string][] = [
    [
      'dictionary',
      'opaque x<>',
      opaque(dictionary(['k', 'v\0'], ['b', '\0\0'])),
      '2',
      '{"x":[{"key":"k","value":"v"},{"key":"b","value":"\\u0000\\u0000"}]}',
    ],
    [
      'dictionary',
      'opaque x<>',
      opaque(dictionary(['k', '\xff'])),
      '1',
      '{"x":[{"key":"k","value":"\ufffd","value_hex":"ff"}]}',
    ],
    ['dictionary', 'opaque x<>', opaque(''), '0', '{"x":[]}'],
    ['dictionary', 'opaque x<>', opaque(bytes(words(2, 0x7fffffff, 1), [0])), '', '{"x":"000000027fffffff0000000100"}'],
    ['handle', 'opaque x<>', opaque(Buffer.from('123456789')), '0xcbf43926', '{"x":"313233343536373839"}'],
    ['handle', 'opaque x[9]', bytes(Buffer.from('123456789'), [0, 0, 0]), '0xcbf43926', '{"x":"313233343536373839"}'],
    ['filename', 'string x<>', opaque('a.txt'), 'a.txt', '{"x":"a.txt"}'],
    ['filename', 'opaque x<>', opaque('a.txt'), 'a.txt', '{"x":"612e747874"}'],
    ['path', 'string x<>', opaque('/export/a'), '/export/a', '{"x":"/export/a"}'],
    ['', 'string x<>', opaque('plain'), '"plain"', '{"x":"plain"}'],
    ['', 'opaque x<>', opaque('ab'), '6162', '{"x":"6162"}'],
    ['', 'opaque x<>', opaque(Buffer.alloc(40, 1)), `${'01'.repeat(32)}… (40 bytes)`, `{"x":"${'01'.repeat(40)}"}`],
    ['terminated', 'string x<>', opaque('a\0'), '"a"', '{"x":"a"}'],
    ['terminated; filename', 'string x<>', opaque('a\0'), 'a', '{"x":"a"}'],
    ['terminated', 'string x<>', opaque('a'), '"a"', '{"x":"a"}'],
    ['terminated; unset ""', 'string x<>', opaque(''), '', '{"x":""}'],
    ['data', 'opaque x<>', opaque('contents'), '8 bytes', '{"x_length":8}'],
    ['data', 'opaque x<>; int x_length', bytes(opaque('abc'), words(9)), '3 bytes', '{"x_length_":3,"x_length":9}'],
    ['show address', 'opaque x<>', opaque(Buffer.from([10, 0, 0, 2])), '10.0.0.2', '{"x":"0a000002"}'],
    ['show address', 'opaque x[16]', bytes(Buffer.alloc(15), [1]), '::1', `{"x":"${'00'.repeat(15)}01"}`],
    ['show address', 'string x<>', opaque('10.0.0.2.8.1'), '10.0.0.2:2049', '{"x":"10.0.0.2.8.1"}'],
    ['show address', 'string x<>', opaque('/run/é'), '/run/é', '{"x":"/run/é"}'],
    ['show port', 'opaque x[2]', bytes([8, 1, 0, 0]), '2049', '{"x":"0801"}'],
    ['show text', 'opaque x<>', opaque('*IDN?\r\n'), '*IDN?', '{"x":"2a49444e3f0d0a"}'],
    ['show text', 'opaque x<>', opaque('a\nb'), '610a62', '{"x":"610a62"}'],
    ['show text', 'opaque x[4]', bytes([0x61, 0x62, 0, 0]), 'ab', '{"x":"61620000"}'],
    [
      'show text',
      'opaque x<>',
      opaque('a'.repeat(MAX_SHOWN_TEXT + 1)),
      `${'61'.repeat(MAX_SHOWN_BYTES)}… (${MAX_SHOWN_TEXT + 1} bytes)`,
      `{"x":"${'61'.repeat(MAX_SHOWN_TEXT + 1)}"}`,
    ],
    ['show address', 'string x<>', opaque('::1.8.1'), '[::1]:2049', '{"x":"::1.8.1"}'],
    ['show address', 'string x<>', opaque('/run/rpcbind.sock'), '/run/rpcbind.sock', '{"x":"/run/rpcbind.sock"}'],
  ];
  test.each(cases)('/*@ %s */ %s', (hint, declaration, data, text, json) => {
    const plan = planOf(`struct t { ${hint === '' ? '' : `/*@ ${hint} */ `}${declaration}; };`);
    expect(textOf(plan, '{x}', data).trim()).toBe(text);
    expect(jsonText(decode(plan, data).root)).toBe(json);
  });
});

describe('templates', () => {
  const point = '/*@ text "({x},{y})" */ struct point { int x; int y; };';
  const cases: [name: string, type: string, template: string | null, data: Uint8Array, text: string][] = [
    ['literal text', 'struct t { int a; };', 'say  {a} ! ', words(5), ' say 5 !'],
    ['no blank where none is', 'struct t { int a; int b; };', '{a}/{b}', words(1, 2), ' 1/2'],
    ['an empty template', 'struct t { int a; };', '', words(5), ''],
    ['a group whose field is there', 'struct t { int *a; };', 'x[ a={a}]', words(1, 5), ' x a=5'],
    ['a group whose field is not', 'struct t { int *a; };', 'x[ a={a}] y', words(0), ' x y'],
    ['groups in groups', 'struct t { int *a; int *b; };', '[{a}[ and {b}]]', words(1, 5, 0), ' 5'],
    ['the text of a type', `${point} struct t { point p; };`, 'at {p}', words(1, 2), ' at (1,2)'],
    ['the only field of a struct', 'struct in { int v; }; struct t { in a; };', '{a}', words(7), ' 7'],
    [
      'the arm of a union',
      'union u switch (int n) { case 1: int a; case 2: hyper b; default: void; }; struct t { u x; };',
      '{x}',
      words(2, 0, 9),
      ' 9',
    ],
    [
      'a field of an arm',
      'struct in { int v; }; union u switch (int n) { case 1: in a; default: void; }; struct t { u x; };',
      '{x.a.v}',
      words(1, 9),
      ' 9',
    ],
    ['an array of numbers', 'struct t { int a<>; };', '{a}', words(3, 1, 2, 3), ' 1, 2, 3'],
    [
      'a long array',
      'struct t { int a<>; };',
      '{a}',
      words(20, ...Array.from({ length: 20 }, (_, i) => i)),
      ' 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, … (20)',
    ],
    ['an array of enums', 'enum e { A = 1, B = 2 }; struct t { e a<>; };', '{a}', words(2, 1, 2), ' A, B'],
    [
      'an array of strings',
      'typedef string name<>; struct t { name a<>; };',
      '{a}',
      bytes(words(2), opaque('x'), opaque('yz')),
      ' "x", "yz"',
    ],
    [
      'the elements of an array, each by its text',
      `${point} struct t { point a<>; int z; };`,
      'at {a|each} {z}',
      words(2, 1, 2, 3, 4, 9),
      ' at (1,2), (3,4) 9',
    ],
    ['those of a fixed array', `${point} struct t { point a[2]; };`, '{a|each}', words(1, 2, 3, 4), ' (1,2), (3,4)'],
    [
      'those of a list',
      'struct n { int v; string s<>; n *next; }; struct t { n *a; int z; };',
      '{a|each} {z}',
      bytes(words(1, 5), opaque('x'), words(1, 6), opaque('yz'), words(0, 9)),
      ' v=5 s="x", v=6 s="yz" 9',
    ],
    [
      'those of a list by value',
      'struct n { int v; n *next; }; struct t { n a; };',
      '{a|each}',
      words(5, 1, 6, 0),
      ' 5, 6',
    ],
    [
      'elements in elements',
      `${point} /*@ text "{p|each} end" */ struct line { point p<>; }; struct t { line a<>; };`,
      '{a|each}',
      words(2, 2, 1, 2, 3, 4, 1, 5, 6),
      ' (1,2), (3,4) end, (5,6) end',
    ],
    [
      'elements that have no text',
      '/*@ text "{x}" */ struct e { int *x; }; struct t { e a<>; };',
      '{a|each}',
      words(4, 0, 1, 7, 0, 1, 8),
      ' 7, 8',
    ],
    ['no elements', `${point} struct t { point a<>; int z; };`, '[at {a|each}] {z}', words(0, 9), ' 9'],
    [
      'more elements than a line has room for',
      'struct e { int v; }; struct t { e a<>; };',
      '{a|each}',
      words(18, ...Array.from({ length: 18 }, (_, i) => i)),
      ' 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, … (18)',
    ],
    ['how many elements', 'struct n { int v; n *next; }; struct t { n *a; };', '{a|count}', words(1, 5, 1, 6, 0), ' 2'],
    [
      'how many bytes',
      'struct t { string a<>; opaque b<>; };',
      '{a|count} {b|count}',
      bytes(opaque('abc'), opaque('abcd')),
      ' 3 4',
    ],
    [
      'numbers with what they count',
      'struct t { int a; unsigned hyper b; /*@ unset 0 */ int c; };',
      '{a|count byte} {b|count entry} {c|count job}',
      words(1, 0, 2, 0),
      ' 1 byte 2 entries',
    ],
    [
      'a group around one that was left out',
      '/*@ text "[{x} {y}]" */ struct in { int x; int *y; }; struct t { in i; int z; };',
      '[of {i}] {z}',
      words(7, 0, 9),
      ' 9',
    ],
    ['a flag', 'struct t { bool eof; bool other; };', '[{eof|flag}][ {other|flag}]', words(1, 0), ' eof'],
    [
      'flags of 64 bits',
      'struct t { hyper a; unsigned hyper b; hyper c; };',
      '{a|flag} {b|flag} {c|flag}',
      words(0, 1, 1, 0, 0, 0),
      ' a b',
    ],
    [
      'a flag of a union',
      'union u switch (bool b) { case TRUE: int a; case FALSE: void; }; struct t { u size; };',
      '{size|flag}',
      words(1, 7),
      ' size',
    ],
    ['a format of a field', 'struct t { unsigned a; };', '{a|hex}', words(255), ' 0xff'],
    ['a format of elements', 'struct t { unsigned a<>; };', '{a|hex}', words(2, 16, 255), ' 0x10, 0xff'],
    ['the root', 'typedef unsigned t;', '{.|size}', words(2048), ' 2 KiB'],
    [
      'generated, of what has a count',
      'struct e { int a; e *next; }; struct t { e *list; e one; int numbers<>; struct { int x; } pairs<>; };',
      null,
      words(1, 7, 1, 8, 0, 5, 0, 2, 3, 4, 1, 9),
      ' list=2 elements one=1 element numbers=3, 4 pairs=1 element',
    ],
    [
      'what has a count, in a struct that has no text',
      'struct e { int a; int b; }; struct in { int n; e pairs<>; }; struct one { e pairs<>; }; struct t { in i; one o; };',
      '{i} {o} {o|count} {o|count pair}',
      words(7, 1, 1, 2, 2, 1, 2, 3, 4),
      ' n=7 pairs=1 element 2 elements 2 2 pairs',
    ],
    [
      'generated',
      'struct in { int c; }; struct t { int a; string b<>; in i; };',
      null,
      bytes(words(1), opaque('x'), words(3)),
      ' a=1 b="x" c=3',
    ],
    ['a typed opaque', 'struct in { int v; }; struct t { /*@ is in */ opaque x<>; };', '{x.v}', words(4, 9), ' 9'],
    [
      'what a field further out chooses',
      'union choice switch (int n) { case 1: struct { int a; } one; }; struct in { /*@ is choice by n */ opaque body<>; }; struct t { int n; in x; };',
      '{x.body.a} {x}',
      words(1, 4, 7),
      ' 7 7',
    ],
    [
      'the bits of a bitmap further out',
      'union choice switch (int n) { case 1: int a; }; struct in { /*@ is choice by m */ opaque body<>; }; struct t { /*@ bitmap choice */ unsigned m<>; in x; };',
      '{x.body.a} {x}',
      words(1, 2, 4, 7),
      ' 7 a 7',
    ],
    [
      'a typed opaque, by itself',
      'struct in { int v; }; struct t { /*@ is in */ opaque x<>; };',
      '{x}',
      words(4, 9),
      ' 9',
    ],
  ];
  test.each(cases)('%s', (_, type, template, data, text) => {
    const problems: string[] = [];
    expect(textOf(planOf(type), template, data, data.length, problems)).toBe(text);
    expect(problems).toEqual([]);
  });

  test.each([
    ['{nothing}', /nothing/],
    ['{a.b}', /a\.b/],
    ['{a|nonsense}', /nonsense/],
    ['{a|each}', /'a' has no elements/],
    ['{}', /empty/],
    ['{a', /missing/],
    ['[{a}', /missing/],
  ])('%s is a problem', (template, problem) => {
    const problems: string[] = [];
    textOf(planOf('struct t { int a; };'), template, words(1), 4, problems);
    expect(problems.join()).toMatch(problem);
  });

  test.each([
    ['itself', `/*@ text "${'{.}'.repeat(10)}" */ struct t { int a; };`],
    [
      'each other',
      `struct t0 { int a; int b; };
      ${Array.from({ length: 8 }, (_, i) => `/*@ text "{a} {b} {c} {d} {e} {f}" */ struct t${i + 1} { t${i} a; t${i} b; t${i} c; t${i} d; t${i} e; t${i} f; };`).join('\n')}
      typedef t8 t;`,
    ],
    [
      'their elements',
      `struct t0 { int a; int b; };
      ${Array.from({ length: 8 }, (_, i) => `/*@ text "${'{a|each}'.repeat(6)}" */ struct t${i + 1} { t${i} a<>; };`).join('\n')}
      typedef t8 t;`,
    ],
  ])('texts that multiply %s end', (_, type) => {
    const problems: string[] = [];
    textOf(planOf(type), '{.}', words(1), 4, problems);
    expect(problems).toEqual([expect.stringMatching(/more than \d+ fields/)]);
  });

  // The buffer goes on behind what was captured, with bytes of 0x11.
  test.each([
    ['an array that was cut', 'struct t { int a<>; };', '{a}', words(3, 1), 16],
    ['an array whose count lies', 'struct t { int a<>; };', '{a}', words(900, 1), 8],
    ['a fixed array that was cut', 'struct t { int a[3]; };', '{a}', words(1), 12],
    ['a time that was cut', `${time} struct t { /*@ show time nano */ when a; };`, '{a}', words(1), 8],
    [
      'a flag of a union that was cut',
      'union u switch (bool b) { case TRUE: int v; case FALSE: void; }; struct t { u a; };',
      '{a|flag}',
      Buffer.alloc(0),
      8,
    ],
    ['a number that was cut', 'struct t { int a; };', '{a}', words(1).subarray(0, 3), 4],
    ['a string that was cut', 'struct t { string a<>; };', '{a}', bytes(words(4), [1, 2]), 8],
  ] as [string, string, string, Uint8Array, number][])(
    '%s writes nothing that was not captured',
    (_, type, template, data, limit) => {
      expect(textOf(planOf(type), template, data, limit)).toBe('');
    },
  );
});

describe('hints that do not fit', () => {
  test.each([
    ['struct t { /*@ handle */ int a; };', /handle/],
    ['struct t { /*@ data */ string a<>; };', /data/],
    ['struct t { /*@ show nonsense */ int a; };', /show/],
    ['struct t { /*@ show enum nothing */ int a; };', /show/],
    ['struct t { /*@ is nothing */ opaque a<>; };', /is/],
    ['struct in { int a; }; struct t { /*@ is in */ opaque a[4]; };', /is/],
    ['struct t { /*@ body call program 1 */ opaque a<>; };', /body/],
    ['struct t { /*@ nonsense */ int a; };', /nonsense/],
    ['/*@ status; success NOPE */ enum e { A = 0 }; struct t { e a; };', /NOPE/],
    ['struct t { /*@ unset x */ int a; };', /unset/],
    ['struct t { /*@ identifier */ string a<>; };', /identifier/],
    ['struct t { /*@ path */ int a; };', /path/],
  ])('%s', (text, expected) => {
    const problems: string[] = [];
    const plan = planOf(text, 't', problems);
    expect(problems.join()).toMatch(expected);
    expect(plan.kind).toBe('struct');
  });
});

const one = (name: string) => `'${name}' takes one argument; a text with blanks needs quotes`;

test.each([
  ['/*@ nonsense */ struct t { int a; };', "unknown hint 'nonsense'"],
  ['/*@ call "" */ struct t { int a; };', "the hint 'call' does not fit here"],
  ['/*@ nonsense */ enum t { A = 0 };', "unknown hint 'nonsense'"],
  ['enum t { /*@ success */ A = 0 };', "the hint 'success' does not fit here"],
  ['union t switch (int a) { case 0: /*@ later */ int b; };', "the hint 'later' does not fit here"],
  ['/*@ notice */ struct t { int a; };', "the hint 'notice' does not fit here"],
  ['/*@ later */ typedef int t;', "the hint 'later' does not fit here"],
  ['/*@ varies */ union t switch (int a) { default: void; };', "the hint 'varies' does not fit here"],
  ['/*@ text "" */ program t { version V { void P(void) = 0; } = 1; } = 1;', "the hint 'text' does not fit here"],
  ['program t { /*@ nmae V */ version V { void P(void) = 0; } = 1; } = 1;', "unknown hint 'nmae'"],
  ['program t { version V { /*@ calll "" */ void P(void) = 0; } = 1; } = 1;', "unknown hint 'calll'"],
  ['/*@ name */ program t { version V { void P(void) = 0; } = 1; } = 1;', one('name')],
  ['program t { /*@ title All notes */ version V { void P(void) = 0; } = 1; } = 1;', one('title')],
  ['program t { version V { /*@ call */ void P(void) = 0; } = 1; } = 1;', "'call' has no template"],
  ['/*@ text */ struct t { int a; };', "'text' has no template"],
])('nobody reads the hint of %s', (text, expected) => {
  const problems: string[] = [];
  const specification = specificationOf(text);
  const builder = new PlanBuilder(specification, (_, message) => problems.push(message));
  for (const name of specification.types.keys()) builder.typePlan(name);
  for (const program of specification.programs) builder.program(program, program.versions[0]).procedures.get(0);
  expect(problems).toEqual([expected]);
});

describe('text of what another field chooses', () => {
  const types = `
    /*@ text "point {x}/{y}" */ struct point { int x; int y; };
    union shape switch (int kind) { case 1: string name<>; case 2: int side; };
    struct alike { int z; };
    union choice switch (unsigned n) {
    case 1: point a; case 2: shape b; case 3: alike c; case 4: alike d; case 5: int e; case 6: void;
    };
    struct t { unsigned n; /*@ is choice by n */ opaque body<>; int last; };`;
  const plan = planOf(types);

  test.each([
    ['a struct', words(1, 8, 7, 8, 9), '1 point 7/8 9'],
    ['a union', bytes(words(2, 12, 1), opaque('abc'), words(9)), '2 "abc" 9'],
    ['types with fields of one name are not told apart', words(3, 4, 7, 9), '3 9'],
    ['a number has no field to be told by', words(5, 4, 7, 9), '5 9'],
    ['nothing', words(6, 0, 9), '6 9'],
    ['what no arm is for', words(7, 4, 7, 9), '7 9'],
    ['no bytes', words(1, 0, 9), '1 9'],
  ])('%s', (_, data, text) => {
    const problems: string[] = [];
    expect(textOf(plan, '{n} {body} {last}', data, data.length, problems)).toBe(` ${text}`);
    expect(problems).toEqual([]);
  });
});
