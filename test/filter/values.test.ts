/** Values as they are written in filters: numbers, durations, times, addresses, bytes; and regular expressions. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isIn, parseAddress, parseNetwork } from '../../src/filter/address-literal.js';
import type { NumberType } from '../../src/filter/field.js';
import { bytesOf, durationOf, numberOf, timeOf } from '../../src/filter/literal.js';
import { parseFilter } from '../../src/filter/parser.js';
import { compileBytePattern, compilePattern } from '../../src/filter/pattern.js';
import { PatternError } from '../../src/filter/pattern-parser.js';
import type { Comparator, FieldReference, Literal } from '../../src/filter/syntax.js';
import { comparisonTests, NEVER, slicedTests } from '../../src/filter/tests.js';
import { formatAddress, readAddress } from '../../src/xdr/address.js';

const word = (text: string): Literal => ({ kind: 'word', text, span: { start: 0, end: text.length } });
const tested = (comparator: Comparator, literal: string) =>
  comparisonTests(comparator, word(literal), new Set(['number']))!;

test.each<[Comparator, string, number | bigint, NumberType | undefined, boolean]>([
  // Wireshark's unsigned notation.
  ['==', '3717522060', -577445236, 'int', true],
  ['==', '0xffffffff', -1, 'int', true],
  ['==', '4294967295', -1, 'hyper', false],
  ['==', '4294967295', -1, undefined, false],
  ['==', '18446744073709551615', -1n, 'hyper', true],
  ['>', '3000000000', -1, 'int', true],
  ['>', '2147483647', -1, 'int', false],
  ['<', '2147483648', -1, 'int', false],
  ['==', '-1', -1, 'int', true],
  // Single precision.
  ['==', '3.3', Math.fround(3.3), 'float', true],
  ['==', '3.299999952316284', Math.fround(3.3), 'float', true],
  ['==', '3.3', Math.fround(3.3), undefined, false],
  ['>=', '0.1', Math.fround(0.1), 'float', true],
  ['>', '0.1', Math.fround(0.1), 'float', false],
  ['<', '3000000000.1', 3e9, 'float', false],
  ['==', 'inf', Infinity, 'float', true],
])('%s %s: %s of type %s: %s', (comparator, literal, value, type, expected) => {
  expect(tested(comparator, literal).number(value, type)).toBe(expected);
});

const hex = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString('hex');

test.each([
  ['12', 12],
  ['-12', -12],
  ['0x1F', 31],
  ['017', 15],
  ['0', 0],
  ['0b101', 5],
  ['64KiB', 65536],
  ['1.5k', 1536],
  ['2MB', 2_000_000],
  ['18446744073709551615', 2n ** 64n - 1n],
  ['-9223372036854775808', -(2n ** 63n)],
  ['1.25', 1.25],
  ['-1e300', -1e300],
  ['.5e-3', 0.0005],
  ['-inf', -Infinity],
  ['1e', undefined],
  ['12x', undefined],
  ['0x', undefined],
  ['', undefined],
  ['5constructor', undefined],
])('number %s', (text, expected) => expect(numberOf(word(text))).toBe(expected));

test.each([
  ['10ms', 10_000_000],
  ['1.5us', 1500],
  ['0.000000001', 1],
  ['2', 2_000_000_000],
  ['3min', 180_000_000_000],
  ['1h', 3_600_000_000_000],
  ['0.1', 100_000_000],
  ['10 ms', undefined],
  ['10apples', undefined],
  ['5toString', undefined],
  ['5constructor', undefined],
])('duration %s', (text, expected) => expect(durationOf(word(text))).toBe(expected));

test.each([
  ['2026-11-22 06:46:00.5', 1795329960, 500_000_000],
  ['2026-11-22T06:46:00Z', 1795329960, 0],
  ['2026-11-22T07:46:00+01:00', 1795329960, 0],
  ['2026-11-22T05:16:00-0130', 1795329960, 0],
  ['2026-11-22', 1795305600, 0],
  ['1795329960.123456789', 1795329960, 123_456_789],
  ['2026-13-01', undefined, undefined],
  ['2026-02-31', undefined, undefined],
  ['2028-02-29', 1835395200, 0],
  ['now', undefined, undefined],
  ['2026-11-22 06:46:00 UTC', 1795329960, 0],
  ['Nov 22, 2026 06:46:00.500000000 UTC', 1795329960, 500_000_000],
  ['Nov  2, 2026 06:46', 1793601960, 0],
  ['Nov 22, 2026 06:46:00 CET', undefined, undefined],
  ['Nix 22, 2026 06:46:00', undefined, undefined],
])('time %s', (text, seconds, nanoseconds) => {
  expect(timeOf(word(text))).toEqual(seconds === undefined ? undefined : { seconds, nanoseconds });
});

test.each([
  ['aa:bb', 'aabb'],
  ['aa-bb-0c', 'aabb0c'],
  ['0xaabb', 'aabb'],
  ['aabb', 'aabb'],
  ['aab', undefined],
  ['xx', undefined],
])('bytes %s', (text, expected) => expect(hex(bytesOf(word(text)))).toBe(expected));

test.each([
  ['10.0.0.0/8', '10.255.1.2', true],
  ['10.0.0.0/8', '11.0.0.1', false],
  ['10.128.0.0/9', '10.127.0.1', false],
  ['10.0.0.1', '10.0.0.1', true],
  ['0.0.0.0/0', '1.2.3.4', true],
  ['0.0.0.0/0', '::1', false],
  ['fe80::/10', 'febf::1', true],
  ['fe80::/10', 'fec0::1', false],
  ['::ffff:10.0.0.1', '::ffff:a00:1', true],
])('network %s holds %s: %s', (network, address, expected) => {
  expect(isIn(parseNetwork(network)!, parseAddress(address)!)).toBe(expected);
});

test.each([
  '10.0.0',
  '10.0.0.256',
  '10.0.0.1/33',
  '1.2.3.4/',
  ':::',
  '1::2::3',
  '1:2:3:4:5:6:7',
  '12345::',
  'x',
  '::1/129',
  '1:2:3:4:5:6:7:8::',
])('no address: %s', (text) => expect(parseNetwork(text)).toBe(undefined));

test('addresses that rpcdump writes are read back', () => {
  const addresses = fc.oneof(
    fc.uint8Array({ minLength: 4, maxLength: 4 }),
    fc.uint8Array({ minLength: 16, maxLength: 16 }),
  );
  const sparse = addresses.map((bytes) => bytes.map((byte) => (byte < 200 ? 0 : byte)));
  fc.assert(
    fc.property(sparse, (bytes) => {
      const text = formatAddress(readAddress(bytes, 0, bytes.length).map((value) => value >>> 0));
      expect(hex(parseAddress(text))).toBe(hex(bytes));
    }),
  );
});

test.each([
  ['[0:2]', 'ab'],
  ['[1:]', 'bc'],
  ['[0:3]', 'abc'],
  ['[-3:]', 'abc'],
  ['[-2:1]', 'b'],
  ['[-3]', 'a'],
  ['[2:1,0-1]', 'cab'],
  // What the value does not have is left out, as in Wireshark.
  ['[0:4]', undefined],
  ['[2-3]', undefined],
  ['[3:]', undefined],
  ['[-4:2]', undefined],
  ['[0:2,2:5]', 'ab'],
  ['[7:1,3:]', undefined],
])('of "abc", %s is %s', (slices, expected) => {
  const parsed = parseFilter(`field${slices}`) as { field: FieldReference };
  const found: string[] = [];
  const bytes = (value: Uint8Array) => found.push(Buffer.from(value).toString()) > 0;
  expect(slicedTests(parsed.field.slices!, { ...NEVER, bytes }).string(Buffer.from('abc'))).toBe(found.length > 0);
  expect(found[0]).toBe(expected);
});

describe('regular expressions', () => {
  /** Patterns that both engines know; JavaScript's own is the oracle. */
  const part: fc.Arbitrary<string> = fc.constantFrom(
    'a',
    'b',
    'B',
    '.',
    '\\d',
    '\\w',
    '\\W',
    '\\s',
    '[ab]',
    '[^a]',
    '[a-c1]',
    '[\\d-]',
    '^',
    '$',
    '\\b',
    '\\B',
    '\\.',
    '\\x41',
    '(?:ab)',
    '(a|b)',
    '(a|)',
    '|',
  );
  const repeated = fc
    .tuple(
      part.filter((text) => !['^', '$', '\\b', '\\B', '|'].includes(text)),
      fc.constantFrom('', '', '*', '+', '?', '{2}', '{1,3}', '{2,}', '*?'),
    )
    .map((parts) => parts.join(''));
  const pattern = fc.array(fc.oneof(part, repeated), { maxLength: 6 }).map((parts) => parts.join(''));
  const text = fc
    .array(fc.constantFrom('a', 'b', 'A', 'B', 'c', '1', ' ', '.', '-', '_'), { maxLength: 8 })
    .map((parts) => parts.join(''));

  test('match what JavaScript matches', () => {
    fc.assert(
      fc.property(pattern, text, (source, subject) => {
        expect([source, subject, compilePattern(source)(subject)]).toEqual([
          source,
          subject,
          new RegExp(source, 'i').test(subject),
        ]);
        expect([source, subject, compilePattern(`(?-i)${source}`)(subject)]).toEqual([
          source,
          subject,
          new RegExp(source).test(subject),
        ]);
      }),
      { numRuns: 2000 },
    );
  });

  test('(?i) says what holds anyway, (?-i) that case matters', () => {
    expect(['(?i)a', '(?-i)a', '(?-i)É'].map((source) => compilePattern(source)('AÉ'))).toEqual([true, false, true]);
    expect(compileBytePattern('(?-i)PNG')('png')).toBe(false);
  });

  // PCRE has these, JavaScript does not.
  test.each([
    ['[[:alpha:]]', 'Az', '09 _'],
    ['[[:digit:]x]', '0x', 'a:'],
    ['[[:^digit:]]', 'a:', '09'],
    ['[^[:alnum:]_]', ' é', 'a0_'],
    ['(?-i)[[:upper:]]', 'AZ', 'az'],
    ['(?-i)[[:lower:]]', 'az', 'AZ'],
    ['[[:xdigit:]-]', '0fF-', 'gG'],
    ['[[:punct:]]', '!/:@[`{~', 'a0 '],
    ['[[:space:]]', ' \t\n\r', 'a\xa0'],
    ['[[:blank:]]', ' \t', '\n'],
    ['[[:cntrl:]]', '\0\x1f\x7f', ' ~'],
    ['[[:print:]]', ' ~', '\x1f\x7f'],
    ['[[:graph:]]', '!~', ' \x7f'],
    ['[[:ascii:]]', '\0\x7f', 'é'],
    ['[[:word:]]', 'aZ0_', '-'],
    ['[[:x]', '[:x', 'y'],
    ['\\s', ' \t\v', '\xa0'],
    ['[\\D]', 'a:', '09'],
    ['[\\b]', '\b', 'b'],
    ['\\u0041', 'aA', 'u0'],
    ['^.$', 'é😀', '\n'],
    ['\\012|[\\0-\\07]', '\n\0\x07', '12'],
  ])('%s matches each of %j, none of %j', (source, ...subjects) => {
    const matches = compilePattern(source);
    expect(subjects.map((characters) => [...characters].filter(matches).join(''))).toEqual([subjects[0], '']);
  });

  test.each([
    ['a$', 'a\n', true],
    ['a$', 'a\n\n', false],
    ['a$', 'a\nb', false],
    ['^$', '\n', true],
    ['a\\n$', 'a\n', true],
  ])('%s in %j: %s, as in PCRE', (source, subject, expected) => {
    expect(compilePattern(source)(subject)).toBe(expected);
  });

  test.each(['É', 'straße'])('letters beyond ASCII: %s', (subject) => {
    expect(compilePattern(`^${subject.toLowerCase()}$`)(subject)).toBe(true);
  });

  test('a letter that takes several in the other case is none of them', () => {
    expect(compilePattern('S')('ß')).toBe(false);
    expect(compilePattern('F')('ﬁ')).toBe(false);
  });

  test('bytes are characters, of which ASCII has cases', () => {
    const bytes = (hex: string) => Buffer.from(hex, 'hex').toString('latin1');
    expect(compileBytePattern(bytes('89504e47'))(bytes('0089706e6700'))).toBe(true);
    expect(compileBytePattern(bytes('c3'))(bytes('e3'))).toBe(false);
  });

  test.each(['^(a+)+$', '^(a|a)*$', '(.*a){20}$', '^(a*)*$'])('%s takes no time that grows by the power', (source) => {
    // A backtracking engine would not come back.
    expect(compilePattern(source)(`${'a'.repeat(2000)}b`)).toBe(false);
  });

  test.each([
    '(',
    ')',
    '[',
    '[b-a]',
    '*a',
    'a**',
    '\\',
    '(?=a)',
    '(?<x>a)',
    '\\1',
    'a{3,2}',
    '\\x4',
    '\\q',
    '(a{999}){999}',
    '(?x)a',
    'a(?-i)b',
    '[:alpha:]',
    '[[:letter:]]',
    '[[.a.]]',
    '[[=a=]]',
  ])('refused: %s', (source) => expect(() => compilePattern(source)).toThrow(PatternError));

  test('any text compiles or is refused', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ab()[]{}|*+?\\^$.,1-:=d') }), (source) => {
        try {
          compilePattern(source)('aab');
        } catch (error) {
          expect(error).toBeInstanceOf(PatternError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
