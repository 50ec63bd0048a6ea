/**
 * What a check rule is: something that looks at messages, or at exchanges, and says at the end whether they were as expected. What
 * filters and fields mean is handed in as `Terms`: analysis knows nothing of their language.
 */
import type { FieldSource } from '../../dissect/field-source.js';
import type { DissectorLibrary } from '../../dissect/library.js';
import type { Places } from './places.js';

/** What a rule looks at. */
export type Scope = 'messages' | 'exchanges';

/** A value in a rule, as it was written, and where: an offset in the file of rules. */
export interface Value {
  text: string;
  at: number;
}

/** A key of a rule with its values; one that is no list has one. */
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

/** A rule as it was written: its keys. `at` is where it begins; `source` the same for people, null: on the command line. */
export interface RuleText {
  at: number;
  source: RuleSource | null;
  entries: ReadonlyMap<string, Entry>;
}

/** What is wrong with a rule, and where. */
export class RuleError extends Error {
  constructor(
    message: string,
    readonly at: number,
  ) {
    super(message);
  }
}

/** A filter, compiled. */
export interface Selection {
  readonly text: string;
  matches(source: FieldSource): boolean;
}

/** A field with numbers: plain ones, or nanoseconds. */
export interface Measure {
  /** Hands on each of the values that a message, or an exchange, has. */
  each(source: FieldSource, take: (value: number) => void): void;
  /** A value as written (`10ms`, `64KiB`) as a number; undefined when it is none. */
  parse(text: string): number | undefined;
  format(value: number): string;
}

/** The language of filters, for the rule that is being made. */
export interface Terms {
  /** What the rule looks at: as it says itself, or as the fields that it names do. Asked for when its filters are known. */
  readonly scope: Scope;
  /** Unless the rule says something else, it looks at exchanges. */
  preferExchanges(): void;
  /** @throws RuleError */
  filter(value: Value): Selection;
  /** @throws RuleError */
  measure(field: Value): Measure;
  /** Gives a text for each of these fields, '' where it is not there. */
  texts(fields: readonly string[]): (source: FieldSource) => string[];
  /** Where to keep the places that a verdict points at. */
  places(): Places;
  /** For names of programs, and what their definitions say. */
  readonly library: DissectorLibrary;
}

/** What became of a rule: what was found, in words, and where. */
export interface Verdict {
  ok: boolean;
  found: string;
  places: Places;
}

/** The part of a rule that depends on its kind. */
export interface Judge {
  /** What has to be, in words. */
  readonly expected: string;
  take(source: FieldSource): void;
  verdict(): Verdict;
}

export interface RuleKind {
  readonly name: string;
  /** What the value of its key is: one text, `true`, or a list of texts. */
  readonly takes: 'text' | 'true' | 'list';
  /** For the help: what is expected. */
  readonly about: string;
  /** What it looks at; absent: messages or exchanges, as the rule says. */
  readonly scope?: Scope;
  /** Keys that only this kind has, with the values that they may have. */
  readonly options?: Readonly<Record<string, readonly string[]>>;
  /** @throws RuleError */
  make(values: readonly Value[], terms: Terms, options: ReadonlyMap<string, string>): Judge;
}

/** `message` or `exchange`, by the scope. */
export function nounOf(scope: Scope): 'message' | 'exchange' {
  return scope === 'messages' ? 'message' : 'exchange';
}
