/** Time and depth: linear in the size of the file, whatever it holds, and no nesting exhausts the stack. */
import { expect, test } from 'vitest';
import { parseXdr } from '../../src/xdr/parse-xdr.js';
import { startCpuTime } from '../helpers/cpu-time.js';

const N = 50_000;
/** Lines that each have an error. */
const M = 15_000;
/** Generous, for slow machines: quadratic work on these files takes a minute. */
const SECONDS = 5;

function repeat(count: number, line: (index: number) => string, separator = '\n'): string {
  return Array.from({ length: count }, (_, index) => line(index)).join(separator);
}

const sound: Record<string, string> = {
  'fifty thousand structs': repeat(N, (i) => `struct s${i} { int a; s${i - (i % 100) + ((i * 7) % 100)} *b; };`),
  'fifty thousand fields': `struct s {\n${repeat(N, (i) => `int f${i};`)}\n};`,
  'fifty thousand cases': `union u switch (int i) {\n${repeat(N, (i) => `case ${i}: int a${i};`)}\n};`,
  'fifty thousand members': `enum e {\n${repeat(N, (i) => `M${i},`)}\n};\n${repeat(1000, (i) => `union u${i} switch (e v) { case M${i}: int a; default: void; };`)}`,
  'a struct of all structs': `struct all {\n${repeat(N, (i) => `s${i} f${i};`)}\n};\n${repeat(N, (i) => `struct s${i} { int i; };`)}`,
  'constants, each of the one before': `const C0 = 0;\n${repeat(N, (i) => `const C${i + 1} = C${i};`)}`,
  'macros, each of the one before': `#define M0 int\n${repeat(N, (i) => `#define M${i + 1} M${i}`)}`,
  'nested conditions': `${repeat(N, () => '#ifndef X')}\nconst A = 1;\n${repeat(N, () => '#endif')}`,
  'conditions left out': `${repeat(N, () => '#ifdef X')}\nconst A = 1;\n${repeat(N, () => '#endif')}`,
  'nested namespaces': `${repeat(N, () => 'namespace n {')}const A = 1;${'}'.repeat(N)}`,
  'comments and % lines': repeat(N, (i) => (i % 2 ? '% line' : '/* comment */ // more')),
  hints: `struct s {\n${repeat(N / 2, (i) => `/*@ show hex; data */ int f${i};`)}\n};`,
  'one long line': `struct s { ${repeat(N, (i) => `int f${i};`, ' ')} };`,
};

test.each(Object.entries(sound))('%s', (_, text) => {
  const cpuSeconds = startCpuTime();
  expect(parseXdr({ name: 'big.x', text }).diagnostics).toEqual([]);
  expect(cpuSeconds()).toBeLessThan(SECONDS);
});

const doubling = repeat(60, (i) => `#define D${i + 1} (D${i} + D${i})`);
const hostile: Record<string, string> = {
  'nested structs': 'struct a { '.repeat(N),
  'nested structs, a line each': 'struct {\n'.repeat(N),
  'nested named structs, a line each': repeat(M, (i) => `struct s${i} {`),
  'nested unions': 'union u switch (int i) { case 0: '.repeat(N),
  'nested parentheses': `const A = ${'('.repeat(N)}1${')'.repeat(N)};`,
  'nested signs': `const A = ${'-'.repeat(N)}1;`,
  'a long sum': `const A = ${'1+'.repeat(N)}1;`,
  'constants, each of the one after': `${repeat(M, (i) => `const C${i} = C${i + 1};`)}\nconst C${M} = 1;`,
  'constants in a circle': `${repeat(M, (i) => `const C${i} = C${(i + 1) % M};`)}`,
  'structs in a circle': repeat(M, (i) => `struct s${i} { s${(i + 1) % M} a; };`),
  'a chain of typedefs, backwards': `${repeat(N, (i) => `typedef t${i + 1} t${i};`)} typedef int t${N};\n${repeat(N / 10, (i) => `union u${i} switch (t${i} d) { case 0: void; };`)}`,
  'a chain of structs, backwards': `${repeat(N, (i) => `struct s${i} { s${i + 1} a; };`)} struct s${N} { int i; };`,
  'a circle of optionals': repeat(M, (i) => `typedef s${(i + 1) % M} *s${i};`),
  'a circle of lists': repeat(M, (i) => `struct s${i} { s${(i + 7) % M} *a; int b; };`),
  'typedefs in a circle': repeat(M, (i) => `typedef s${(i + 1) % M} s${i};`),
  duplicates: repeat(M, () => 'struct a { int i; }; const C = 1;'),
  'unknown names': repeat(M, (i) => `struct s${i} { u${i} a[C${i}]; };`),
  'one unknown name': repeat(M, (i) => `struct s${i} { unknown a; };`),
  'missing semicolons': repeat(M, (i) => `const C${i} = 1`),
  nonsense: 'a ; '.repeat(N),
  'closing braces': '} '.repeat(N),
  'opening braces': '{ '.repeat(N),
  'bad characters': '\u2028 '.repeat(N),
  'open comments': '/* '.repeat(N),
  'open texts': '"\n'.repeat(N),
  'a long number': `const A = ${'9'.repeat(N)};`,
  'a long name': `struct ${'a'.repeat(N)} { ${'b'.repeat(N)} c; };`,
  'doubling macros': `#define D0 1\n${doubling}\n#if D60 > 1\nconst A = D60;\n#endif\nconst B = ;`,
  'doubling macros in many conditions': `#define D0 1\n${doubling}\n${repeat(300, () => '#if D60\n#endif')}\nconst B = ;`,
  'hints before one arm': `union u switch (int i) { ${'/*@ a */'.repeat(3 * N)} case 0: int i; case 0: void; };`,
  'hints before one typedef': `typedef ${'/*@ a */'.repeat(3 * N)} unknown b;`,
  'overlapping case values': `union u switch (int i) {\n${repeat(M, () => 'case 1: void;')}\n};`,
  'open conditions': repeat(M, () => '#if 1'),
  'shift away': 'const A = 1 << 63 << 63 << 63;',
};

test.each(Object.entries(hostile))('%s', (_, text) => {
  const cpuSeconds = startCpuTime();
  const { diagnostics } = parseXdr({ name: 'hostile.x', text });
  expect(cpuSeconds()).toBeLessThan(SECONDS);
  expect(diagnostics.some((each) => each.severity === 'error')).toBe(true);
  expect(diagnostics.length).toBeLessThan(210);
});

test('files that include each other without end', () => {
  let count = 0;
  const include = () => ({ name: `f${++count}.x`, text: '#include "more.x"\n#include "again.x"\n' });
  const { diagnostics } = parseXdr({ name: 'a.x', text: '#include "b.x"\n' }, { include });
  expect(diagnostics.every((each) => each.code === 'include-skipped')).toBe(true);
  expect(count).toBeLessThan(1000);
});
