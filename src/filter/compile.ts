/**
 * Compiles a syntax tree to a predicate of closures. Operands of `and` and `or` that the header
 * decides go first, so that a body is read only if the header leaves the result open. A comparison
 * passes if one of several values passes, `!=` if none is equal; an absent field is false.
 */
import type { FieldSource } from '../dissect/field-source.js';
import { FORMER_FLAVOR_NAMES } from '../rpc/auth/index.js';
import { suggest } from '../xdr/suggestion.js';
import { ComparedValues } from './compared-values.js';
import type { Field, Kind, MessageTest, Tests } from './field.js';
import { FilterError } from './filter-error.js';
import { numberOf } from './literal.js';
import { parseFilter } from './parser.js';
import { PatternError } from './pattern-parser.js';
import { printField } from './print.js';
import type { Resolver } from './resolver.js';
import type { Comparator, Element, Expression, FieldReference, Literal, Quantifier, Slice } from './syntax.js';
import {
  comparisonTests,
  EXPECTED,
  eitherTests,
  elementTests,
  negatedTests,
  PRESENCE,
  slicedTests,
  watchedTests,
} from './tests.js';

export type Predicate = (source: FieldSource) => boolean;

export interface Compiled {
  predicate: Predicate;
  /** True when headers decide it. */
  isHeader: boolean;
}

/** A word that may be a misspelt name: it is compared as a text, and some value of its field has a name much like it. */
export interface Doubt {
  /** What to say if the word never was a value. */
  line: string;
  hasPassed: boolean;
}

const ORDERS: ReadonlySet<Comparator> = new Set(['<', '<=', '>', '>=']);
const TEXTUAL: ReadonlySet<Kind> = new Set(['bytes', 'string', 'text', 'name']);

/** `OK` is the shortest word that Wireshark has in place of a name. */
const SHORTEST_END = 2;
/** Names of values in an error. */
const MOST_LISTED = 10;

type Comparison = Expression & { kind: 'comparison' };

/** @throws FilterError for an unknown name, or a value that its field cannot have. */
export function compileFilter(
  expression: Expression,
  resolver: Resolver,
  text: string,
): Compiled & { doubts: readonly Doubt[] } {
  const compiler = new Compiler(resolver, text);
  return { ...compiler.expression(expression), doubts: compiler.doubts };
}

class Compiler {
  readonly doubts: Doubt[] = [];

  constructor(
    private readonly resolver: Resolver,
    private readonly text: string,
  ) {}

  expression(expression: Expression): Compiled {
    switch (expression.kind) {
      case 'and':
      case 'or':
        return this.chain(expression.operands, expression.kind === 'and');
      case 'not': {
        const { predicate, isHeader } = this.expression(expression.operand);
        return { predicate: (source) => !predicate(source), isHeader };
      }
      case 'presence': {
        const { field, wrap } = this.target(expression.field);
        return { predicate: anyOf(field.compile(wrap(PRESENCE))), isHeader: field.isHeader };
      }
      case 'comparison':
        return this.comparison(expression);
      case 'membership':
        return this.membership(expression);
    }
  }

  private chain(operands: readonly Expression[], isAnd: boolean): Compiled {
    const compiled = operands.map((operand) => this.expression(operand));
    const ordered = [...compiled.filter((each) => each.isHeader), ...compiled.filter((each) => !each.isHeader)];
    const predicates = ordered.map((each) => each.predicate);
    const predicate: Predicate = isAnd
      ? (source) => predicates.every((each) => each(source))
      : (source) => predicates.some((each) => each(source));
    return { predicate, isHeader: compiled.every((each) => each.isHeader) };
  }

  private comparison(expression: Comparison): Compiled {
    const { comparator, quantifier, value } = expression;
    const { field, wrap } = this.target(expression.field);
    const tests = this.orPatternError(value, () =>
      eitherOf(
        this.meanings(field, value, comparator).map((meaning) => comparisonTests(comparator, meaning, field.kinds)),
      ),
    );
    if (tests === null) return this.fieldComparison(expression, field);
    const watched = this.watching(tests, expression.field, field, value, comparator);
    const predicate = quantified(field, wrap(watched), comparator === '!=', quantifier);
    return { predicate, isHeader: field.isHeader };
  }

  private membership(expression: Expression & { kind: 'membership' }): Compiled {
    const { field, wrap } = this.target(expression.field);
    const tests = eitherTests(expression.elements.map((element) => this.element(element, expression.field, field)));
    return { predicate: quantified(field, wrap(tests), false, expression.quantifier), isHeader: field.isHeader };
  }

  private element({ low, high }: Element, reference: FieldReference, field: Field): Tests {
    const lows = high === null ? this.meanings(field, low) : [low];
    const tests = eitherOf(lows.map((meaning) => elementTests({ low: meaning, high }, field.kinds)));
    if (tests === null) {
      const isHigh = high !== null && comparisonTests('>=', low, field.kinds) !== null;
      return this.noValue(field, isHigh ? high : low, high === null ? '==' : '>=');
    }
    return high === null ? this.watching(tests, reference, field, low) : tests;
  }

  /** A comparison with another field. */
  private fieldComparison(expression: Comparison, left: Field): Compiled {
    const { comparator, value, quantifier } = expression;
    const right = value.kind === 'word' ? this.comparableField(left, value) : null;
    if (right === null || quantifier !== null) return this.noValue(left, value, comparator);
    const values = new ComparedValues(comparator);
    const [collectLeft, collectRight] = [anyOf(left.compile(values.left)), anyOf(right.compile(values.right))];
    const predicate: Predicate = (source) => {
      values.clear();
      collectLeft(source);
      collectRight(source);
      return values.compare();
    };
    return { predicate, isHeader: left.isHeader && right.isHeader };
  }

  /** The field that a word names, if its values compare with those of `field`; null otherwise. */
  private comparableField(field: Field, { text, span }: Literal): Field | null {
    try {
      const parsed = parseFilter(text);
      if (parsed.kind !== 'presence') return null;
      const other = this.resolver.tryResolve({ ...parsed.field, span }, this.text);
      const isComparable = (kind: Kind) => kind !== 'structure' && field.kinds.has(kind);
      return other !== null && [...other.kinds].some(isComparable) ? other : null;
    } catch (error) {
      if (error instanceof FilterError) return null;
      throw error;
    }
  }

  /** The field, and a function that applies its slices to tests. `[3]` after bytes is a slice of one byte. */
  private target(reference: FieldReference): { field: Field; wrap: (tests: Tests) => Tests } {
    const last = reference.steps.at(-1);
    const plain = this.resolver.tryResolve(reference, this.text);
    if (plain === null && last?.kind === 'index') {
      const inner = { ...reference, steps: reference.steps.slice(0, -1) };
      const field = this.resolver.tryResolve(inner, this.text);
      if (field !== null) return this.sliced(field, [{ from: last.index, length: 1 }], reference);
    }
    const field = plain ?? this.resolver.resolve(reference, this.text);
    return reference.slices === null
      ? { field, wrap: (tests) => tests }
      : this.sliced(field, reference.slices, reference);
  }

  private sliced(
    field: Field,
    slices: Slice[],
    reference: FieldReference,
  ): { field: Field; wrap: (tests: Tests) => Tests } {
    const hasBytes = (['bytes', 'string', 'text', 'address'] as const).some((kind) => field.kinds.has(kind));
    if (!hasBytes) throw new FilterError('only bytes and strings have slices', reference.span, this.text);
    return { field: { ...field, kinds: new Set(['bytes']) }, wrap: (tests) => slicedTests(slices, tests) };
  }

  /**
   * The names that a word means in any case; none where it is a field.
   * Any other word is an error, unless it can be a value of another kind.
   */
  private meanings(field: Field, literal: Literal, comparator: Comparator = '=='): Literal[] {
    const names = namesFor(field, literal, comparator);
    if (names.length === 0) return [literal];
    const same = sameNames(names, literal);
    const asWords = (texts: readonly string[]) =>
      texts.map((text): Literal => ({ kind: 'word', text, span: literal.span }));
    if (same.length > 0) return asWords(same);
    if (isOther(field, literal)) return [literal];
    if (this.comparableField(field, literal) !== null) return [];
    const longer = longerNames(names, literal);
    if (longer.length > 0) return asWords(longer);
    const other = this.resolver.fieldOfValue(literal.text);
    const near = suggest(literal.text, names) || listed(names);
    const advice = other === null ? near : `: it is a value of '${other}'`;
    throw new FilterError(`no value '${literal.text}'${advice}`, literal.span, this.text);
  }

  /** The same tests; where the literal may be a misspelt name, they see whether a value passes. */
  private watching(
    tests: Tests,
    reference: FieldReference,
    field: Field,
    literal: Literal,
    comparator: Comparator = '==',
  ): Tests {
    const names = namesFor(field, literal, comparator);
    const isName = sameNames(names, literal).length > 0 || longerNames(names, literal).length > 0;
    const advice = isName ? '' : suggest(literal.text, names);
    if (advice === '') return tests;
    const doubt: Doubt = { line: `no '${printField(reference)}' was '${literal.text}'${advice}`, hasPassed: false };
    this.doubts.push(doubt);
    return watchedTests(tests, () => {
      doubt.hasPassed = true;
    });
  }

  private orPatternError<T>(literal: Literal, action: () => T): T {
    try {
      return action();
    } catch (error) {
      if (!(error instanceof PatternError)) throw error;
      throw new FilterError(`this regular expression cannot be used: ${error.message}`, literal.span, this.text);
    }
  }

  private noValue(field: Field, literal: Literal, comparator: Comparator): never {
    const hasText = [...field.kinds].some((kind) => TEXTUAL.has(kind));
    if ((comparator === 'contains' || comparator === 'matches') && !hasText) {
      const advice = field.kinds.has('structure')
        ? "; to search messages, use 'summary' or a field such as '..name'"
        : '';
      const reason = `'${comparator}' is for text and bytes, this field is neither${advice}`;
      throw new FilterError(reason, literal.span, this.text);
    }
    if (ORDERS.has(comparator) && comparisonTests('==', literal, field.kinds) !== null) {
      const reason = `'${literal.text}' has no order here: it is for '==', '!=' and 'in {…}'`;
      throw new FilterError(reason, literal.span, this.text);
    }
    const kinds = [...field.kinds].filter((kind) => kind !== 'structure');
    const expected = [...new Set(kinds.map((kind) => EXPECTED[kind]))].join(' or ');
    const what = kinds.length === 0 ? 'has members, but no value' : `is ${expected}`;
    throw new FilterError(`'${literal.text}' is no value of this field, which ${what}`, literal.span, this.text);
  }
}

/** The names that a literal of this field may be meant to be; none for a number, and where the order counts. */
function namesFor({ names, kinds }: Field, literal: Literal, comparator: Comparator): string[] {
  const isEquality = comparator === '==' || comparator === '!=';
  const isNumber = kinds.has('name') && numberOf(literal) !== undefined;
  const isText = literal.kind === 'string' && (kinds.has('string') || kinds.has('text') || kinds.has('bytes'));
  return isEquality && !isText && !isNumber ? [...(names ?? [])] : [];
}

/**
 * The names that end with a word: Wireshark has no prefixes in many of them (`ERR_NOENT` for NFS3ERR_NOENT, NOQUOTA for
 * Q_NOQUOTA).
 */
function longerNames(names: readonly string[], { text }: Literal): string[] {
  const word = text.toLowerCase();
  const end = word.includes('_') ? word : `_${word}`;
  return word.length < SHORTEST_END ? [] : names.filter((name) => name.toLowerCase().endsWith(end));
}

/** All names, where they are few. */
function listed(names: readonly string[]): string {
  return names.length > MOST_LISTED ? '' : `; its values are ${names.join(', ')}`;
}

/** The names that a literal is, in any case: its own, or the one that replaced it. */
function sameNames(names: readonly string[], { text }: Literal): string[] {
  const same = (word: string) => names.filter((name) => name.toLowerCase() === word.toLowerCase());
  const own = same(text);
  const later = FORMER_FLAVOR_NAMES.get(text.toUpperCase());
  return own.length > 0 || later === undefined ? own : same(later);
}

/** True for a literal that a value of the field without a name may be equal to. */
function isOther({ kinds }: Field, literal: Literal): boolean {
  const others = new Set([...kinds].filter((kind) => kind !== 'name' && kind !== 'text'));
  return comparisonTests('==', literal, others) !== null;
}

/** Passes if one of several tests passes; null when there is none. */
function eitherOf(tests: readonly (Tests | null)[]): Tests | null {
  const all = tests.filter((each) => each !== null);
  return all.length === 0 ? null : eitherTests(all);
}

/** True when a message of the source passes. */
function anyOf(test: MessageTest): Predicate {
  return (source) => {
    for (const message of source.messages) if (test(message, source)) return true;
    return false;
  };
}

function quantified(field: Field, tests: Tests, isInequality: boolean, quantifier: Quantifier): Predicate {
  const isAll = quantifier === null ? isInequality : quantifier === 'all';
  if (!isAll) return anyOf(field.compile(isInequality ? negatedTests(tests) : tests));
  const isPresent = anyOf(field.compile(PRESENCE));
  const fails = anyOf(field.compile(isInequality ? tests : negatedTests(tests)));
  return (source) => isPresent(source) && !fails(source);
}
