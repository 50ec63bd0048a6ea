/** Hints that do not fit their field, or name nothing: each is a warning, and nothing fails when messages come. */
import { expect, test } from 'vitest';
import { startCpuTime } from '../helpers/cpu-time.js';
import { useFully } from '../helpers/every-use.js';
import { words } from '../helpers/rpc-writer.js';

const MESSAGES = [
  words(),
  words(0),
  words(5, 6),
  words(1, 1, 1, 4, 7),
  words(4, 0x61616161, 4, 0x62626262, 0, 0, 0, 0),
  words(0, 4, 0x61616161, 1, 4, 0x62626262, 4, 0x63636363, 0),
];

const misfit = (hint: string) => `the hint '${hint}' does not fit here`;

/** A `.x` whose procedure has these hints, `t` as arguments and `r` as result. */
function program(hints: string, types: string): string {
  return `${types} program P { version V { /*@ ${hints} */ r F(t) = 1; } = 1; } = 0x20000001;`;
}

const FILES = `
  struct t { opaque dir<32>; string name<255>; int number; };
  struct entry { opaque handle<32>; string name<>; hyper fileid; int small; entry *next; };
  struct r { int status; opaque object<32>; entry *entries; hyper fsid; int small; };`;

test.each<[string, string[]]>([
  ['unlink call.dir call.name', []],
  ['unlink call.dirr call.name', ["'call.dirr' names no field that 'unlink' can use"]],
  ['unlink call.dir', ["'unlink' takes 2 operands"]],
  ['unlink call.number call.name', ["'call.number' names no field that 'unlink' can use"]],
  ['link call.dir call.name objj', ["'objj' names no field that 'link' can use"]],
  ['link call.dir call.nam object', ["'call.nam' names no field that 'link' can use"]],
  ['root call.name', ["'root' takes 2 operands"]],
  ['rename call.dir call.name call.dir call.other', ["'call.other' names no field that 'rename' can use"]],
  ['entries call.dir entries name handle', []],
  ['entries call.dir entries name fileid', ["'entries' is no list with 'name' and 'fileid'"]],
  ['entries call.dir object name handle', ["'object' is no list with 'name' and 'handle'"]],
  ['listing call.dir entries name fileid fsid', []],
  ['listing call.dir entries name fileid fsidd', ["'fsidd' names no field that 'listing' can use"]],
  ['listing call.dir entries name fileid call.number', ["'call.number' names no field that 'listing' can use"]],
  ['listing call.dir entries name fileid small', ["'entries' is no list with 'name' and 'fileid'"]],
  ['identity object fsid fsid', []],
  ['identity object fsid small', ["'fsid' and 'small' are not two numbers of one size"]],
  ['identity object object small', ["'object' names no field that 'identity' can use"]],
])('lesson: %s', (hint, warnings) => {
  expect(useFully(program(hint, FILES), MESSAGES)).toMatchObject({ errors: [], warnings });
});

test.each<[string, string, string[]]>([
  ['a time', '/*@ show time nano */ struct t { hyper a; unsigned b; };', []],
  ['a time of a struct', 'struct e { }; /*@ show time nano */ struct t { e a; unsigned b; };', [misfit('show')]],
  ['a time of wide fractions', '/*@ show time micro */ struct t { int a; hyper b; };', [misfit('show')]],
  ['flags of 32 bits', 'enum e { A = 1, B = 2 }; struct t { /*@ show flags e */ int a; };', []],
  ['flags of 64 bits', 'enum e { A = 1, B = 2 }; struct t { /*@ show flags e */ hyper a; };', [misfit('show')]],
  ['octal of 64 bits', 'struct t { /*@ show octal */ unsigned hyper a; };', [misfit('show')]],
  ['hex of 64 bits', 'struct t { /*@ show hex */ unsigned hyper a; };', []],
  ['hex of a double', 'struct t { /*@ show hex */ double a; };', [misfit('show')]],
  ['identifier of 64 bits', 'struct t { /*@ identifier */ hyper a<>; };', []],
  ['identifier of 32 bits', 'struct t { /*@ identifier */ unsigned a; };', [misfit('identifier')]],
  ['user of 64 bits', 'struct t { /*@ user */ hyper a; };', [misfit('user')]],
  ['unset', 'struct t { /*@ unset 0 */ int a; /*@ unset -1 */ unsigned b; };', []],
  ['unset of no struct of one value', '/*@ unset 0 */ struct t { int a; };', [misfit('unset')]],
  ['unset of an empty struct', '/*@ unset 0 */ struct t { };', [misfit('unset')]],
  ['unset before show', '/*@ unset 0; show time nano */ struct t { int a; int b; };', []],
  ['unset beyond 32 bits', 'struct t { /*@ unset 4294967296 */ int a; };', [misfit('unset')]],
  ['unset of strings', 'struct t { /*@ unset "" */ string a<>; /*@ unset "" */ string b<2>; };', []],
  ['unset of an empty number', 'struct t { /*@ unset "" */ int a; };', [misfit('unset')]],
  ['unset of a string that is not empty', 'struct t { /*@ unset 0 */ string a<>; };', [misfit('unset')]],
  ['unset of a float', 'struct t { /*@ unset 0 */ float a; };', [misfit('unset')]],
  [
    'an array of itself',
    'typedef u u<>; struct t { /*@ show hex; varies; handle */ u a; };',
    [misfit('show'), misfit('varies'), misfit('handle')],
  ],
  ['a type of a number', 'struct t { /*@ is t */ int a; };', [misfit('is')]],
  [
    'a chooser that is no field',
    'union u switch (int d) { case 0: int a; }; struct t { int d; /*@ is u by e */ opaque x<>; };',
    [misfit('is')],
  ],
  [
    'an arm named like the discriminant',
    'union t switch (bool a) { case TRUE: int a_; case FALSE: /*@ handle */ opaque a<>; };',
    [],
  ],
])('%s', (_, types, warnings) => {
  expect(useFully(program('call "{.}"', `${types} typedef t r;`), MESSAGES)).toMatchObject({ errors: [], warnings });
});

test('a path in a fixed array has no count', () => {
  const text = program('call "{p}"', 'struct t { /*@ path */ part p[2]; }; typedef string part<>; typedef t r;');
  const message = words(3, 0x61616100, 4, 0x62626262);
  expect(useFully(text, [message]).lines[0]).toBe(' /aaa/bbbb');
});

test('entries in a fixed array have no count', () => {
  const types = `struct t { opaque dir<>; }; struct entry { string name<>; opaque handle<>; };
    struct r { opaque dir<>; entry entries[1]; };`;
  const message = words(0, 4, 0x61616161, 4, 0x62626262);
  expect(useFully(program('entries call.dir entries name handle', types), [message])).toMatchObject({ warnings: [] });
});

test('a field behind unions that choose themselves is looked for once', () => {
  const union = `union u switch (int d) { case 0: /*@ is u by d */ opaque a<>; case 1: /*@ is u by d */ opaque b<>; };`;
  const text = program('call "{x.zzz}"', `${union} struct t { int d; /*@ is u by d */ opaque x<>; }; typedef t r;`);
  expect(useFully(text, MESSAGES).warnings).toEqual(["'x.zzz' names no field"]);
});

test('a bitmap is known in its own arm only, and hidden by a nearer field of its name', () => {
  const types = (inner: string) => `typedef unsigned bm<>; enum bits { A = 0, B = 1 };
    union values switch (bits which) { case A: int a; case B: int b; };
    ${inner} struct t { /*@ bitmap bits */ bm mask; inner u; }; typedef t r;`;
  const messages = [words(1, 1, 1, 4, 7), words(1, 1, 0, 1, 2), words(1, 1, 1, 4, 9), words(1, 3, 1, 8, 7, 9)];
  for (const inner of [
    'union inner switch (int d) { case 0: /*@ bitmap bits */ bm mask; case 1: /*@ is values by mask */ opaque x<>; };',
    'struct inner { int mask; /*@ is values by mask */ opaque x<>; };',
    'struct inner { optional *o; /*@ is values by mask */ opaque x<>; }; struct optional { /*@ bitmap bits */ bm mask; };',
  ]) {
    expect(useFully(program('call "{.}"', types(inner)), messages)).toMatchObject({ errors: [], warnings: [] });
  }
});

test('warnings are bounded', () => {
  const fields = Array.from({ length: 5000 }, (_, i) => `/*@ handle */ int f${i};`).join('\n');
  const { warnings } = useFully(`struct t { ${fields} };`);
  expect(warnings.length).toBe(101);
  expect(warnings.at(-1)).toBe('more hints do not fit; they are not shown');
});

const many = (count: number, each: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => each(i)).join('\n');

test.each<[string, string, string, string[]]>([
  ['[', '[', 'struct t { int a; };', ["missing ']'"]],
  ['nested brackets', `${'['.repeat(20_000)}{a}`, 'struct t { int a; };', ["'[' is nested deeper than 50 levels"]],
  [
    'flags of a large enum',
    '{.}',
    `enum e { ${many(20_000, (i) => `A_${i} = ${i}${i < 19_999 ? ',' : ''}`)} }; struct t { ${many(2000, (i) => `/*@ show flags e */ int f${i};`)} };`,
    [],
  ],
  [
    'bitmaps of a large enum',
    '{.}',
    `enum e { ${many(20_000, (i) => `A_${i} = ${i}${i < 19_999 ? ',' : ''}`)} }; struct t { ${many(2000, (i) => `/*@ bitmap e */ unsigned f${i}<>;`)} };`,
    [],
  ],
  [
    'a choice of many types',
    '{x}',
    `union u switch (int d) { ${many(10_000, (i) => `case ${i}: s${i} a${i};`)} }; ${many(10_000, (i) => `struct s${i} { int p${i}; int q${i}; };`)} struct t { int d; /*@ is u by d */ opaque x<>; };`,
    ['it leads to more than 2048 fields'],
  ],
])('hints of a size: %s', (_, template, types, warnings) => {
  const cpuSeconds = startCpuTime();
  expect(useFully(program(`call "${template}"`, `${types} typedef int r;`)).warnings).toEqual(warnings);
  // Quadratic work takes minutes.
  expect(cpuSeconds()).toBeLessThan(10);
});
