/**
 * What a check rule is: it looks at messages, or at exchanges, and says at the end whether they were as expected.
 * The meaning of filters and fields is passed in as `Terms`, because analysis does not know the filter language.
 */
import type { FieldSource } from '../../dissect/field-source.js';
import type { DissectorLibrary } from '../../dissect/library.js';
import type { Places } from './places.js';

/** What a rule looks at. */
export type Scope = 'messages' | 'exchanges';

/** A value in a rule, as it was written, and its offset in the file of rules. */
export interface Value {
  text: string;
  at: number;
}

/** A key of a rule with its values; without a list there is one. */
export interface Entry {
  at: number;
  values: readonly Value[];
}

/** Where a rule was written: line and column from 1. */
export interface RuleSource {
  file: string;
  line: number;
  column: number;
}

/**
 * A rule as it was written. `at` is its offset, `source` its position for people; null for a rule on the command line.
 */
export interface RuleText {
  at: number;
  source: RuleSource | null;
  entries: ReadonlyMap<string, Entry>;
}

/** Something is wrong with a rule, at an offset of its text. */
export class RuleError extends Error {
  constructor(
    message: string,
    readonly at: number,
  ) {
    super(message);
  }
}

/** A compiled filter. */
export interface Selection {
  readonly text: string;
  matches(source: FieldSource): boolean;
}

/** A field with numeric values: plain numbers, or nanoseconds. */
export interface Measure {
  /** Passes on each value that a message, or an exchange, has. */
  each(source: FieldSource, take: (value: number) => void): void;
  /** A value as written (`10ms`, `64KiB`), as a number; undefined for other texts. */
  parse(text: string): number | undefined;
  format(value: number): string;
}

/** The filter language, for the rule that is being made. */
export interface Terms {
  /** What the rule looks at: as it says, or as the fields that it names require. Valid once its filters are known. */
  readonly scope: Scope;
  /** The rule looks at exchanges unless it says otherwise. */
  preferExchanges(): void;
  /** @throws RuleError */
  filter(value: Value): Selection;
  /** @throws RuleError */
  measure(field: Value): Measure;
  /** Returns a function that gives the text of each field, '' where it is absent. */
  texts(fields: readonly string[]): (source: FieldSource) => string[];
  /** A new list for the places that a verdict points at. */
  places(): Places;
  /** For names of programs and their definitions. */
  readonly library: DissectorLibrary;
}

/** The result of a rule: what was found, in words, and where. */
export interface Verdict {
  ok: boolean;
  found: string;
  places: Places;
}

/** The part of a rule that depends on its kind. */
export interface Judge {
  /** What is expected, in words. */
  readonly expected: string;
  take(source: FieldSource): void;
  verdict(): Verdict;
}

export interface RuleKind {
  readonly name: string;
  /** The value of its key: one text, `true`, or a list of texts. */
  readonly takes: 'text' | 'true' | 'list';
  /** For the help: what is expected. */
  readonly about: string;
  /** What it looks at; absent: messages or exchanges, as the rule says. */
  readonly scope?: Scope;
  /** Keys that only this kind has, with their possible values. */
  readonly options?: Readonly<Record<string, readonly string[]>>;
  /** @throws RuleError */
  make(values: readonly Value[], terms: Terms, options: ReadonlyMap<string, string>): Judge;
}

/** `message` or `exchange`, by the scope. */
export function nounOf(scope: Scope): 'message' | 'exchange' {
  return scope === 'messages' ? 'message' : 'exchange';
}
