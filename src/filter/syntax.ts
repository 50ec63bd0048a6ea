/** The syntax tree of a display filter. Names and values are as written; the resolver gives them their meaning. */

/** Offsets in the filter's text, `end` exclusive. */
export interface Span {
  start: number;
  end: number;
}

/**
 * One step of a path. `anywhere`: the name at any depth below the step before; `index`: one element of a list, from 0.
 */
export type PathStep = { kind: 'name' | 'anywhere'; name: string } | { kind: 'index'; index: number };

/** Part of a value in bytes: a negative `from` counts from the end; `length` null goes to the end. */
export interface Slice {
  from: number;
  length: number | null;
}

export interface FieldReference {
  span: Span;
  steps: PathStep[];
  /** Parts of the value, joined; null: all of it. */
  slices: Slice[] | null;
}

/** A value as written; a `string` has its bytes, without escapes. */
export type Literal =
  | { kind: 'word'; text: string; span: Span }
  | { kind: 'string'; text: string; bytes: Uint8Array; span: Span };

export type Comparator = '==' | '!=' | '>' | '>=' | '<' | '<=' | 'contains' | 'matches';

/**
 * Whether one of several values is enough; null: the operator's own rule (`!=` must hold for all, the others for any).
 */
export type Quantifier = 'any' | 'all' | null;

/** One member of `in {…}`: a value, or the range from `low` to `high`. */
export interface Element {
  low: Literal;
  high: Literal | null;
}

export type Expression =
  | { kind: 'and' | 'or'; operands: Expression[] }
  | { kind: 'not'; operand: Expression }
  | { kind: 'presence'; field: FieldReference }
  | { kind: 'comparison'; comparator: Comparator; quantifier: Quantifier; field: FieldReference; value: Literal }
  | { kind: 'membership'; quantifier: Quantifier; field: FieldReference; elements: Element[]; span: Span };
