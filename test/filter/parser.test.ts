/** The language of filters: what parses to what, what is refused and how, and that any text gives a tree or the one error. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Filter } from '../../src/filter/filter.js';
import { FilterError } from '../../src/filter/filter-error.js';
import { parseFilter } from '../../src/filter/parser.js';
import { printFilter } from '../../src/filter/print.js';
import type { Element, Expression, FieldReference, Literal, PathStep, Slice } from '../../src/filter/syntax.js';
import { FIXTURES, library } from '../helpers/render.js';

describe('one spelling for each', () => {
  test.each([
    ['frame==3', 'frame == 3'],
    ['frame eq 3', 'frame == 3'],
    ['a ne 1 && b gt 2 || c', 'a != 1 and b > 2 or c'],
    ['a || b && c', 'a or b and c'],
    ['(a or b) and c', '(a or b) and c'],
    ['((a))', 'a'],
    ['!a', 'not a'],
    ['not not a', 'not not a'],
    ['!(a == 1)', 'not a == 1'],
    ['not (a or b)', 'not (a or b)'],
    ['a in {1 2,3..5}', 'a in {1, 2, 3 .. 5}'],
    ['a not in {x}', 'not a in {x}'],
    ['a === 1', 'all a == 1'],
    ['a !== 1', 'any a != 1'],
    ['a ~= 1', 'any a != 1'],
    ['any a == 1', 'any a == 1'],
    ['all a > 1', 'all a > 1'],
    ['any', 'any'],
    ['any == 1', 'any == 1'],
    ['a ~ "x"', 'a matches "x"'],
    ['a.b[3].c[0:2] == 01:02', 'a.b[3].c[0:2] == 01:02'],
    ['a[-3:2,5-6,:1,4:] == 01', 'a[-3:2,5:2,0:1,4:] == 01'],
    ['..name == "x"', '..name == "x"'],
    ['args..name.x', 'args..name.x'],
    ['a == "\\x41\\102\\n\\"\\u00e9"', 'a == "AB\\x0a\\"\\xc3\\xa9"'],
    ['a == "\\U0001F600\\u00E9\\X41"', 'a == "\\xf0\\x9f\\x98\\x80\\xc3\\xa9\\\\X41"'],
    ['a < 76.0µs', 'a < 76.0µs'],
    ['a matches r"\\d\\.x"', 'a matches "\\\\d\\\\.x"'],
    ['a == fe80::1/64', 'a == fe80::1/64'],
    ['a == 2026-11-22T06:46:00.5+01:00', 'a == 2026-11-22T06:46:00.5+01:00'],
    ['a == -5', 'a == -5'],
  ])('%s', (text, expected) => {
    expect(printFilter(parseFilter(text))).toBe(expected);
  });
});

const WRONG = [
  '',
  '   ',
  'frame =',
  'frame = 3',
  'frame ==',
  'frame == ==',
  'frame == 3 4',
  'frame == 3)',
  '(frame == 3',
  'frame == "x',
  "frame == 'x'",
  'frame in',
  'frame in {}',
  'frame in {1',
  'frame in {1..}',
  'frame[',
  'frame[]',
  'frame[x] == 1',
  'frame[3-1] == 1',
  'and frame',
  'frame and',
  'frame &',
  'not',
  '3 == frame',
  'a..',
  '.a',
  'a.',
  'frame == 3 | 4',
  'len(nfs.name) > 3',
  'frame (3)',
  'frame # 3',
  `${'('.repeat(200)}frame${')'.repeat(200)}`,
  `${'x'.repeat(70_000)}`,
  'foo',
  'foo == 3',
  'fram == 3',
  'rpc.xidd == 3',
  'nsf',
  'args.what.nam',
  'args.nosuch.name == "x"',
  '..nosuchname == 1',
  'args.what[3]',
  'credential.uidd == 0',
  'verifier.uid == 0',
  'procedure == LOKUP',
  'program == NSF',
  'status == NFS3ERR_NONET',
  'args.argarray.argop == OP_REED',
  'operation in {READ, RITE}',
  'type == request',
  'frame == abc',
  'frame == 10ms',
  'elapsed > 3 apples',
  'frame in {1, abc}',
  'frame in {1..abc}',
  'frame in {abc..9}',
  'status > NFS3_OK',
  'procedure in {READ..WRITE}',
  'src > 10.0.0.0/8',
  'elapsed > fast',
  'time > yesterday',
  'ip.addr == 10.0.0.300',
  'ip.addr == 10.0.0.0/40',
  'src contains "10"',
  'frame matches "3"',
  'frame contains 3',
  'frame[0:2] == 01',
  'args == 3',
  'error == maybe',
  'args.what.name matches "("',
  'args.what.name matches "(?=x)"',
  'args.what.name matches "(a)\\\\1"',
  'args.what.name matches "a{2000}"',
  'args.what.name matches "((((a{99}){99}){99}){99})"',
];

test('what is wrong is said, with its place', () => {
  const golden = join(FIXTURES, 'filter/errors.txt');
  const actual = WRONG.map((text) => {
    try {
      return `no error: ${text}\n${new Filter(text, { library }).text}`;
    } catch (error) {
      if (!(error instanceof FilterError)) throw error;
      return error.message;
    }
  }).join('\n\n');
  if (process.env.UPDATE_GOLDENS === '1') writeFileSync(golden, `${actual}\n`);
  expect(`${actual}\n`).toBe(readFileSync(golden, 'utf8'));
  expect(actual).not.toContain('no error');
});

// Any tree prints to text that parses to it; any text parses, or is refused.

const KEYWORDS = new Set([
  'not',
  'and',
  'or',
  'in',
  'any',
  'all',
  'eq',
  'ne',
  'gt',
  'ge',
  'lt',
  'le',
  'contains',
  'matches',
]);
const name = fc.stringMatching(/^[A-Za-z_]\w{0,6}$/).filter((text) => !KEYWORDS.has(text) && !/^(any|all)_/.test(text));
const span = { start: 0, end: 0 };
const step: fc.Arbitrary<PathStep> = fc.oneof(
  fc.record({ kind: fc.constantFrom('name' as const, 'anywhere' as const), name }),
  fc.record({ kind: fc.constant('index' as const), index: fc.nat(99) }),
);
const slice: fc.Arbitrary<Slice> = fc.record({
  from: fc.integer({ min: -20, max: 20 }),
  length: fc.option(fc.integer({ min: 1, max: 20 })),
});
const field: fc.Arbitrary<FieldReference> = fc
  .tuple(name, fc.array(step, { maxLength: 3 }), fc.option(fc.array(slice, { minLength: 1, maxLength: 3 })))
  .map(([first, rest, slices]) => ({ span, steps: [{ kind: 'name', name: first }, ...rest], slices }));
const literal: fc.Arbitrary<Literal> = fc.oneof(
  fc
    .constantFrom('3', '10ms', '10.0.0.0/8', 'fe80::1', 'READ', 'aa:bb')
    .map((text) => ({ kind: 'word' as const, text, span })),
  fc.uint8Array({ maxLength: 8 }).map((bytes) => ({
    kind: 'string' as const,
    text: Buffer.from(bytes).toString('utf8'),
    bytes: new Uint8Array(bytes),
    span,
  })),
);
const element: fc.Arbitrary<Element> = fc.record({ low: literal, high: fc.option(literal) });
const quantifier = fc.constantFrom(null, 'any' as const, 'all' as const);
const { expression } = fc.letrec<{ expression: Expression }>((tie) => ({
  expression: fc.oneof(
    { depthSize: 'small' },
    fc.record({ kind: fc.constant('presence' as const), field }),
    fc.record({
      kind: fc.constant('comparison' as const),
      comparator: fc.constantFrom('==', '!=', '>', '>=', '<', '<=', 'contains', 'matches'),
      quantifier,
      field,
      value: literal,
    }),
    fc.record({
      kind: fc.constant('membership' as const),
      quantifier,
      field,
      elements: fc.array(element, { minLength: 1, maxLength: 3 }),
      span: fc.constant(span),
    }),
    fc.record({ kind: fc.constant('not' as const), operand: tie('expression') }),
    fc.record({
      kind: fc.constantFrom('and' as const, 'or' as const),
      operands: fc.array(tie('expression'), { minLength: 2, maxLength: 3 }),
    }),
  ) as fc.Arbitrary<Expression>,
}));

/** Without the places, which printing moves. */
function bare(tree: Expression): unknown {
  return JSON.parse(
    JSON.stringify(tree, (key, value) => {
      if (key === 'span') return undefined;
      return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value;
    }),
  );
}

test('a printed filter parses to the same tree', () => {
  fc.assert(
    fc.property(expression, (tree) => {
      expect(bare(parseFilter(printFilter(tree)))).toEqual(bare(tree));
    }),
  );
});

const scraps = fc.constantFrom(
  '(',
  ')',
  '[',
  ']',
  '{',
  '}',
  '..',
  '.',
  '==',
  'and',
  'not',
  'in',
  '"',
  'r"',
  '\\x4',
  'a',
  '3',
  ',',
  ' ',
  '!',
  '~=',
  'é',
);

test.each([
  ['any text', fc.string({ unit: 'binary', maxLength: 40 })],
  ['scraps of filters', fc.array(scraps, { maxLength: 12 }).map((parts) => parts.join(' '))],
  ['scraps without blanks', fc.array(scraps, { maxLength: 12 }).map((parts) => parts.join(''))],
])('%s gives a filter or the one error', (_, texts) => {
  fc.assert(
    fc.property(texts, (text) => {
      try {
        new Filter(text, { library });
      } catch (error) {
        expect(error).toBeInstanceOf(FilterError);
      }
    }),
    { numRuns: 500 },
  );
});
