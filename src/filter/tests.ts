/**
 * Makes tests of values from comparisons. A literal is parsed once for each kind of value that the field has.
 * If it cannot be a value of a kind, values of that kind do not pass; if it fits no kind, it is an error.
 */
import { isUtf8 } from 'node:buffer';
import { isIn, parseAddress, parseNetwork } from './address-literal.js';
import type { Kind, NumberType, Tests } from './field.js';
import { booleanOf, bytesOf, durationOf, numberOf, textOf, timeOf } from './literal.js';
import { compileBytePattern, compilePattern } from './pattern.js';
import type { Comparator, Element, Literal, Slice } from './syntax.js';

/** Whether the order of a value relative to the literal (negative, 0, positive) passes. */
type Order = (order: number) => boolean;

const ORDERS: Partial<Record<Comparator, Order>> = {
  '==': (order) => order === 0,
  '!=': (order) => order === 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
};

const never = () => false;
const always = () => true;

/** Passes no value. */
export const NEVER: Tests = testsOf(never);
/** Passes every value: tests whether there is one. */
export const PRESENCE: Tests = testsOf(always);

function testsOf(test: () => boolean): Tests {
  return {
    number: test,
    duration: test,
    time: test,
    address: test,
    bytes: test,
    string: test,
    text: test,
    boolean: test,
    name: test,
    structure: test,
    sequence: test,
  };
}

/** The values that each kind allows, for error messages. */
export const EXPECTED: Record<Exclude<Kind, 'structure'>, string> = {
  number: 'a number (3, 0x1f, 64KiB)',
  duration: 'a duration (10ms, 0.5; plain numbers are seconds)',
  time: 'a time ("2026-11-22 06:46:00", in UTC)',
  address: 'an address or network (10.0.0.0/8, fe80::/10)',
  bytes: 'bytes (aa:bb:cc)',
  string: 'a string',
  text: 'a string',
  boolean: 'true or false',
  name: 'a name',
};

/**
 * Tests for `field COMPARATOR literal`; for `!=` those for equality. null: no value of these kinds compares with it.
 */
export function comparisonTests(comparator: Comparator, literal: Literal, kinds: ReadonlySet<Kind>): Tests | null {
  if (comparator === 'contains') return only(containsTests(literal), kinds);
  if (comparator === 'matches') return only(matchesTests(literal), kinds);
  return only(orderTests(ORDERS[comparator]!, literal, comparator === '==' || comparator === '!='), kinds);
}

/** Tests for one member of a set. */
export function elementTests({ low, high }: Element, kinds: ReadonlySet<Kind>): Tests | null {
  if (high === null) return comparisonTests('==', low, kinds);
  const from = comparisonTests('>=', low, kinds);
  const to = comparisonTests('<=', high, kinds);
  return from === null || to === null ? null : combine((passes) => passes(from) && passes(to));
}

/** Keeps the tests of the field's kinds; null when none is left. */
function only(tests: SomeTests, kinds: ReadonlySet<Kind>): Tests | null {
  const kept = Object.entries(tests).filter(([kind, test]) => test !== undefined && kinds.has(kind as Kind));
  return kept.length === 0 ? null : { ...NEVER, ...Object.fromEntries(kept) };
}

/** Passes if one of several tests passes. */
export function eitherTests(all: readonly Tests[]): Tests {
  return all.length === 1 ? all[0] : combine((passes) => all.some(passes));
}

/** Passes if `tests` do not; a structure or sequence has no value that could differ. */
export function negatedTests(tests: Tests): Tests {
  return { ...combine((passes) => !passes(tests)), structure: never, sequence: never };
}

/** The same tests; `onPass` is called for each value that passes. */
export function watchedTests(tests: Tests, onPass: () => void): Tests {
  return combine((passes) => {
    const isPassed = passes(tests);
    if (isPassed) onPass();
    return isPassed;
  });
}

/** Tests that ask others: `passes` tells whether the value passes one of these. */
function combine(join: (passes: (tests: Tests) => boolean) => boolean): Tests {
  return {
    number: (value, type) => join((tests) => tests.number(value, type)),
    duration: (value) => join((tests) => tests.duration(value)),
    time: (seconds, nanoseconds) => join((tests) => tests.time(seconds, nanoseconds)),
    address: (bytes) => join((tests) => tests.address(bytes)),
    bytes: (bytes) => join((tests) => tests.bytes(bytes)),
    string: (bytes) => join((tests) => tests.string(bytes)),
    text: (text) => join((tests) => tests.text(text)),
    boolean: (value) => join((tests) => tests.boolean(value)),
    name: (text, number) => join((tests) => tests.name(text, number)),
    structure: (stateid) => join((tests) => tests.structure(stateid)),
    sequence: () => join((tests) => tests.sequence()),
  };
}

/** Tests of the bytes in slices. As in Wireshark, slices that the value does not have are left out; without any, none pass. */
export function slicedTests(slices: readonly Slice[], tests: Tests): Tests {
  const bytes = (value: Uint8Array) => {
    const parts = slices.map((slice) => cut(value, slice)).filter((part) => part.length > 0);
    if (parts.length === 0) return false;
    return tests.bytes(parts.length === 1 ? parts[0] : Buffer.concat(parts));
  };
  return { ...NEVER, bytes, string: bytes, address: bytes, text: (text) => bytes(Buffer.from(text, 'utf8')) };
}

/** Empty where the value is too short. */
function cut(value: Uint8Array, { from, length }: Slice): Uint8Array {
  const start = from < 0 ? value.length + from : from;
  const end = length === null ? value.length : start + length;
  return value.subarray(start, start < 0 || end > value.length ? start : end);
}

/** Tests of the kinds that a literal can be a value of. */
type SomeTests = { [kind in keyof Tests]?: Tests[kind] | undefined };

function orderTests(order: Order, literal: Literal, isEquality: boolean): SomeTests {
  const tests: SomeTests = {};
  const number = numberOf(literal);
  if (number !== undefined) tests.number = numberTest(order, number);
  const duration = durationOf(literal);
  if (duration !== undefined) tests.duration = (value) => order(compare(value, duration));
  const time = timeOf(literal);
  if (time !== undefined) {
    tests.time = (seconds, nanoseconds) =>
      order(compare(seconds, time.seconds) || compare(nanoseconds, time.nanoseconds));
  }
  tests.address = addressTest(order, literal, isEquality);
  const bytes = bytesOf(literal);
  if (bytes !== undefined) tests.bytes = (value) => order(Buffer.compare(value, bytes));
  const text = Buffer.from(textOf(literal));
  const words = text.toString('utf8');
  tests.string = (value) => order(text.compare(value) * -1);
  tests.text = (value) => order(compare(value, words));
  const truth = booleanOf(literal);
  if (truth !== undefined && isEquality) tests.boolean = (value) => value === truth;
  // As in Wireshark, they have the order of 0 and 1.
  else if (number !== undefined && !isEquality) tests.boolean = (value) => order(compare(value ? 1 : 0, number));
  if (tests.number !== undefined) tests.name = (_, value) => tests.number!(value, 'int');
  else if (isEquality) tests.name = (value) => value === words;
  return tests;
}

/**
 * A literal that a signed type cannot hold is the unsigned notation of a negative number, as Wireshark writes many of
 * these. Values of single precision are compared with the nearest one to the literal.
 */
function numberTest(order: Order, literal: number | bigint): Tests['number'] {
  const single = Math.fround(Number(literal));
  const plain: Tests['number'] = (value, type) => order(compare(value, type === 'float' ? single : literal));
  if (literal < 2 ** 31) return plain;
  return (value, type) =>
    isBeyond(literal, type) ? order(compare(unsigned(value, type), literal)) : plain(value, type);
}

function isBeyond(literal: number | bigint, type: NumberType | undefined): boolean {
  if (type === 'int') return literal < 2 ** 32;
  return type === 'hyper' && literal >= 2 ** 63 && literal < 2 ** 64;
}

function unsigned(value: number | bigint, type: NumberType | undefined): number | bigint {
  return type === 'int' ? Number(value) >>> 0 : BigInt.asUintN(64, BigInt(value));
}

function compare<T extends string | number | bigint>(a: T | number | bigint, b: T | number | bigint): number {
  return a < b ? -1 : a > b ? 1 : a === b || Number(a) === Number(b) ? 0 : Number.NaN;
}

function addressTest(order: Order, literal: Literal, isEquality: boolean): Tests['address'] | undefined {
  if (isEquality) {
    const network = parseNetwork(literal.text);
    return network && ((address) => isIn(network, address));
  }
  const bytes = parseAddress(literal.text);
  return bytes && ((address) => address.length === bytes.length && order(Buffer.compare(address, bytes)));
}

function containsTests(literal: Literal): SomeTests {
  const text = Buffer.from(textOf(literal));
  const words = text.toString('utf8');
  const bytes = bytesOf(literal);
  return {
    bytes: bytes && ((value) => indexOf(value, bytes) >= 0),
    string: (value) => indexOf(value, text) >= 0,
    text: (value) => value.includes(words),
    name: (value) => value.includes(words),
  };
}

function indexOf(bytes: Uint8Array, part: Uint8Array): number {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf(part);
}

/** A pattern with bytes that are not UTF-8 (`"\\x89PNG"`) is matched by bytes, also in strings. @throws PatternError */
function matchesTests(literal: Literal): SomeTests {
  const matches = compilePattern(literal.text);
  const matchesBytes = compileBytePattern(latin1(textOf(literal)));
  const bytes = (value: Uint8Array) => matchesBytes(latin1(value));
  const isText = isUtf8(textOf(literal));
  return {
    bytes,
    string: isText
      ? (value) => matches(Buffer.from(value.buffer, value.byteOffset, value.length).toString('utf8'))
      : bytes,
    text: matches,
    name: matches,
  };
}

/** One character a byte. */
function latin1({ buffer, byteOffset, length }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, length).toString('latin1');
}
