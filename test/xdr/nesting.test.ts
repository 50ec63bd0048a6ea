/** Types that refer to each other: in a circle without members, or in chains too long to be walked. */
import { expect, test } from 'vitest';
import { MAX_TYPE_NESTING } from '../../src/limits/xdr.js';
import { useFully } from '../helpers/every-use.js';
import { words } from '../helpers/rpc-writer.js';

const bare = (name: string, path: string) =>
  `'${name}' stands only for itself (${path}); a struct, a union or '<>' has to stand between`;

test.each([
  ['an optional of itself', 'typedef t *t;', bare('t', 't → t')],
  ['optionals of each other', 'typedef b *t; typedef t *b;', bare('t', 't → b → t')],
  ['through a fixed array', 'typedef b t[2]; typedef t *b;', bare('t', 't → b → t')],
  ['an opaque that holds itself', '/*@ is t */ typedef opaque t<>;', bare('t', 't → t')],
  ['an opaque that holds its typedef', '/*@ is b */ typedef opaque t<>; typedef t b;', bare('t', 't → b → t')],
  ['a typedef of itself, reported once', 'typedef b t; typedef t b;', expect.stringContaining('contains itself')],
  ['an array of itself', 'typedef t t<>;', null],
  ['an array of optionals of itself', 'typedef b t<>; typedef t *b;', null],
  ['a struct of one optional of itself', 'struct t { t *next; };', null],
  ['a list', 'struct t { int a; t *next; };', null],
  ['a union of itself', 'union t switch (bool more) { case TRUE: t next; case FALSE: void; };', null],
  ['an opaque that holds its struct', '/*@ is t */ typedef opaque b<>; struct t { b inner; };', null],
  ['an opaque that holds arrays of itself', '/*@ is t */ typedef opaque b<>; typedef b t<>;', null],
])('%s', (_, types, error) => {
  const text = `${types}
    struct holder { int a; /*@ varies */ t b; /*@ show hex */ t c; /*@ handle */ t d; };
    program P { version V {
      /*@ call "{.} {b.zzz}"; unlink call.arg1 call.arg1 */ t F(t) = 1;
      /*@ link call.b call.c next */ t G(holder) = 2;
    } = 1; } = 0x20000001;`;
  const messages = [words(), words(0, 0, 0, 0), words(1, 1, 1, 1, 1, 1, 1, 0), words(4, 4, 0, 0)];
  expect(useFully(text, messages).errors).toEqual(error === null ? [] : [error]);
});

const chains: [string, (name: string, next: string) => string, string, number][] = [
  ['typedefs', (name, next) => `typedef ${next} ${name};`, 'int', 1],
  ['structs', (name, next) => `struct ${name} { ${next} a; };`, 'int', 2],
  ['structs with optionals', (name, next) => `struct ${name} { int v; ${next} *a; ${next} *b; };`, 'int', 3],
  ['arrays', (name, next) => `typedef ${next} ${name}<>;`, 'int', 2],
  ['fixed arrays', (name, next) => `typedef ${next} ${name}[1];`, 'int', 2],
  ['optionals', (name, next) => `typedef ${next} *${name};`, 'int', 2],
  ['unions', (name, next) => `union ${name} switch (int d) { case 0: ${next} a; default: void; };`, 'int', 2],
  ['typed opaques', (name, next) => `/*@ is ${next} */ typedef opaque ${name}<>;`, 'opaque', 1],
  ['structs of them', (name, next) => `struct ${name} { /*@ is ${next} */ opaque a<>; };`, 'opaque', 2],
];

const PROGRAM =
  'struct s { t0 a; t0 b; }; program P { version V { /*@ call "{a} {b}" */ t0 F(s) = 1; } = 1; } = 0x20000001;';

/** `length` types, each of the next one. */
function chain(length: number, link: (name: string, next: string) => string, last: string): string {
  const links = Array.from({ length }, (_, i) => link(`t${i}`, `t${i + 1}`));
  return `${links.join('\n')} typedef ${last} t${length}${last === 'opaque' ? '<>' : ''}; ${PROGRAM}`;
}

test.each(chains)('chains of %s, as long as may be and longer', (_, link, last, levels) => {
  const longest = Math.floor(MAX_TYPE_NESTING / levels) - 4;
  expect(useFully(chain(longest, link, last), [words(0, 0, 0), words(1, 1, 1)]).errors).toEqual([]);
  for (const length of [longest + 6, 5000]) {
    expect(useFully(chain(length, link, last)).errors).toEqual([
      expect.stringMatching(/^the types within '\w+' are nested deeper than 1000 levels$/),
    ]);
  }
});
