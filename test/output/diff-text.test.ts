/** What `rpcdump diff` prints of findings. */
import { describe, expect, test } from 'vitest';
import { Pair } from '../../src/analysis/diff/aliases.js';
import type { Diff } from '../../src/analysis/diff/diff.js';
import type { FieldDifference } from '../../src/analysis/diff/differences.js';
import type { ComparedExchange, Reference } from '../../src/analysis/diff/exchange.js';
import type { Field } from '../../src/analysis/diff/field.js';
import type { Finding } from '../../src/analysis/diff/findings.js';
import { RecentPairs } from '../../src/analysis/diff/recent-pairs.js';
import { MAX_DIFF_SHOWN } from '../../src/limits/diff.js';
import { DiffText } from '../../src/output/diff-text.js';
import { makeStyles } from '../../src/terminal/style.js';
import { ByteWriter } from '../../src/xdr/byte-writer.js';
import { planOf } from '../helpers/plans.js';

const NFS = { program: 'NFS', programNumber: 100003, version: 3, procedureNumber: 3, summary: 'LOOKUP a.txt' };

function exchange(number: number, reference: Partial<Reference> = {}): ComparedExchange {
  return {
    number,
    reference: { ...NFS, connection: 1, frame: number, replyFrame: number + 1, ...reference },
  } as ComparedExchange;
}

const value = (of: string | number | null): Field => ({ kind: 'value', name: '', value: of, plan: null });

function changed(number: number, ...differences: Partial<FieldDifference>[]): Finding {
  const whole = differences.map((each) => ({
    path: 'result.status',
    expected: undefined,
    actual: undefined,
    contradiction: null,
    ...each,
  }));
  return { kind: 'changed', expected: exchange(number), actual: exchange(number + 10), differences: whole };
}

interface Options {
  counts?: Partial<Diff['counts']>;
  isWhole?: boolean;
  columns?: number | null;
  hasColor?: boolean;
}

function textOf(
  findings: readonly Finding[],
  { counts = {}, isWhole = true, columns = null, hasColor = false }: Options = {},
): string {
  const out = new ByteWriter();
  const programs = (number: number) => (number === 100003 ? 'NFS' : undefined);
  const text = new DiffText(out, { styles: makeStyles(hasColor), columns, programs });
  for (const finding of findings) text.write(finding);
  const none = { expected: 0, actual: 0, missing: 0, extra: 0, changed: 0, order: 0 };
  text.end({ counts: { ...none, ...counts } } as Diff, isWhole);
  return out.toString();
}

/** The lines of one finding, without headings and counts. */
const linesOf = (finding: Finding, options?: Options) => textOf([finding], options).split('\n').slice(2, -2);

test.each([
  ['nothing', { expected: 0, actual: 0 }, true, 'no differences in 0 exchanges\n'],
  ['one exchange', { expected: 1, actual: 1 }, true, 'no differences in 1 exchange\n'],
  [
    'a part',
    { expected: 1200, actual: 1200 },
    false,
    'no differences in 1,200 exchanges, as far as they could be compared\n',
  ],
  [
    'one missing',
    { expected: 2, actual: 1, missing: 1 },
    true,
    '\n2 and 1 exchange: 0 changed, 1 missing, 0 extra, 0 out of order\n',
  ],
  [
    'one extra',
    { expected: 1, actual: 2, extra: 1 },
    true,
    '\n1 and 2 exchanges: 0 changed, 0 missing, 1 extra, 0 out of order\n',
  ],
  [
    'one changed',
    { expected: 1, actual: 1, changed: 1 },
    true,
    '\n1 exchange: 1 changed, 0 missing, 0 extra, 0 out of order\n',
  ],
  [
    'as many of each',
    { expected: 9, actual: 9, changed: 2, missing: 2, extra: 2, order: 2 },
    true,
    '\n9 exchanges: 2 changed, 2 missing, 2 extra, 2 out of order\n',
  ],
  [
    'one moved',
    { expected: 5, actual: 5, order: 1 },
    true,
    '\n5 exchanges: 0 changed, 0 missing, 0 extra, 1 out of order\n',
  ],
])('the line of counts: %s', (_, counts, isWhole, expected) => {
  expect(textOf([], { counts, isWhole })).toBe(expected);
});

test('the first difference has a heading of its own, and so have all others together', () => {
  const findings: Finding[] = [
    { kind: 'missing', expected: exchange(7) },
    { kind: 'extra', actual: exchange(9) },
    { kind: 'missing', expected: exchange(12) },
  ];
  expect(textOf(findings, { counts: { expected: 3, actual: 2, missing: 2, extra: 1 } })).toMatchInlineSnapshot(`
    "first difference
            expected   actual
    missing        7        -  NFS v3 LOOKUP a.txt

    further differences
    extra          -        9  NFS v3 LOOKUP a.txt
    missing       12        -  NFS v3 LOOKUP a.txt

    3 and 2 exchanges: 0 changed, 2 missing, 1 extra, 0 out of order
    "
  `);
});

test.each<[string, Partial<Reference>, string]>([
  ['a call', {}, 'missing        7        -  NFS v3 LOOKUP a.txt'],
  ['a file among several', { file: 'a.pcap' }, 'missing a.pcap:7        -  NFS v3 LOOKUP a.txt'],
  [
    'a reply without its call',
    { frame: -1, program: undefined, programNumber: -1, version: -1, procedureNumber: -1, summary: '' },
    'missing        8        -  reply without its call',
  ],
  [
    'a program without dissector',
    { program: undefined, programNumber: 400, summary: '' },
    'missing        7        -  program 400 v3 procedure 3',
  ],
  [
    'a summary that would act on a terminal',
    { summary: 'LOOKUP \u001b[31m' },
    'missing        7        -  NFS v3 LOOKUP \\u001b[31m',
  ],
])('which exchange it is: %s', (_, reference, expected) => {
  expect(linesOf({ kind: 'missing', expected: exchange(7, reference) })).toEqual([expected]);
});

describe('a field that changed', () => {
  const shown = (definition: string, number = 420): Field => ({
    kind: 'value',
    name: '',
    value: number,
    plan: planOf(definition),
  });
  const long = 'x'.repeat(MAX_DIFF_SHOWN);
  test.each<[string, Field | undefined, string]>([
    ['a text', value('NFS3_OK'), 'NFS3_OK'],
    ['no text', value(''), '""'],
    ['no value', value(null), 'none'],
    ['a number', value(420), '420'],
    ['a number with a hint', shown('/*@ show octal */ typedef unsigned t;'), '0644'],
    ['a number of eight bytes', shown('typedef double t;', 0.5), '0.5'],
    ['none on this side', undefined, '(absent)'],
    [
      'members',
      { kind: 'members', name: '', members: [{ ...value(3), name: 'a' } as Field], isUnion: false },
      '{"a":3}',
    ],
    ['numbers that JSON lacks', { kind: 'elements', name: '', elements: [value(Number.NaN), value(1)] }, '[null,1]'],
    ['elements', { kind: 'elements', name: '', elements: [value('a'), value('b')] }, '["a","b"]'],
    ['a text as long as what is shown', value(long), long],
    ['a longer one', value(`${long}y`), `${long}… (121 characters)`],
    ['as many characters beyond the BMP', value('😀'.repeat(MAX_DIFF_SHOWN)), '😀'.repeat(MAX_DIFF_SHOWN)],
    ['more of them', value('😀'.repeat(130)), `${'😀'.repeat(MAX_DIFF_SHOWN)}… (130 characters)`],
    ['a text that would act on a terminal', value('a\u001b'), 'a\\u001b'],
  ])('%s', (_, field, expected) => {
    expect(linesOf(changed(1, { expected: field, actual: value('other') }))).toEqual([
      'changed        1       11  NFS v3 LOOKUP a.txt',
      '    result.status',
      `      - ${expected}`,
      '      + other',
    ]);
  });

  test('a name that stood for something else before', () => {
    const pair = (expected: string, actual: string) =>
      new Pair(1, { expected: `handle ${expected}`, actual: `handle ${actual}` }, false);
    const contradiction = { expected: pair('aa', 'bb'), actual: pair('cc', 'dd') };
    const [, , , , ...lines] = linesOf(changed(1, { expected: value('aa'), actual: value('dd'), contradiction }));
    expect(lines).toEqual(['      - was + bb before', '      + was - cc before']);
  });
});

test.each<[string, from: number, passed: [expected: number, actual: number, summary: string][], expected: string]>([
  ['one place', 5, [[6, 19, 'READ']], '    1 place later: behind NFS v3 READ'],
  [
    'several: the nearest one is named',
    5,
    [
      [6, 17, 'READ'],
      [7, 19, 'WRITE'],
      [8, 18, 'COMMIT'],
    ],
    '    3 places later: behind NFS v3 WRITE',
  ],
  [
    'forward',
    9,
    [
      [6, 22, 'READ'],
      [7, 21, 'WRITE'],
    ],
    '    2 places earlier: before NFS v3 WRITE',
  ],
])('an exchange that moved: %s', (_, from, passed, expected) => {
  const [recent, trail] = [new RecentPairs(), { last: -1, count: 0 }];
  for (const [one, other, summary] of passed) recent.add(trail, exchange(one), exchange(other, { summary }));
  const [moved, place] = [exchange(from), exchange(20)];
  const finding: Finding = {
    kind: 'order',
    expected: moved,
    actual: place,
    passed: recent.crossed(trail, moved, place)!,
  };
  expect(linesOf(finding)[1]).toBe(expected);
});

describe('the paths that changed most', () => {
  const paths = (...each: string[]) => each.map((path, index) => changed(index, { path }));
  test.each<[string, Finding[], string[] | null]>([
    ['of three exchanges are not listed', paths('a', 'a', 'a'), null],
    ['of four, with indexes of lists or without', paths('a[0].b', 'a[1].b', 'a[12].b', 'a.b'), ['    a.b  4']],
    ['changed once each are none', paths('a', 'b', 'c', 'd'), null],
    [
      'are five, the most frequent first',
      paths(...'aabbccddeefff'),
      ['    f  3', '    a  2', '    b  2', '    c  2', '    d  2'],
    ],
    ['count an exchange once', [...paths('b', 'b', 'b'), changed(9, { path: 'a[0]' }, { path: 'a[1]' })], ['    b  3']],
  ])('%s', (_, findings, expected) => {
    const lines = textOf(findings, { counts: { changed: findings.length } }).split('\n');
    const at = lines.indexOf('changed most (--ignore leaves a field out)');
    expect(at < 0 ? null : lines.slice(at + 1, lines.indexOf('', at))).toEqual(expected);
  });
});

test('lines are cut to the columns of the terminal, but keep 20', () => {
  const finding = changed(1, { expected: value('a'.repeat(60)), actual: value('b'.repeat(20)) });
  expect(linesOf(finding, { columns: 40 })).toEqual([
    'changed        1       11  NFS v3 LOOKU…',
    '    result.status',
    `      - ${'a'.repeat(31)}…`,
    `      + ${'b'.repeat(20)}`,
  ]);
  expect(linesOf(finding, { columns: 5 }).slice(2)).toEqual([
    `      - ${'a'.repeat(19)}…`,
    `      + ${'b'.repeat(20)}`,
  ]);
});

test('what is expected and what is there have colours of their own', () => {
  const [exchangeLine, path, expected, actual] = linesOf(changed(1, { expected: value(1), actual: value(2) }), {
    hasColor: true,
  });
  const { error, reply, warning } = makeStyles(true);
  expect(exchangeLine).toMatch(`${warning.open}changed${warning.close} `);
  expect([path, expected, actual]).toEqual([
    '    result.status',
    `${error.open}      - 1${error.close}`,
    `${reply.open}      + 2${reply.close}`,
  ]);
});
