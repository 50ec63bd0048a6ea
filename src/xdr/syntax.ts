/**
 * The syntax tree of a `.x` file, between parser and resolver: names are still words, sizes still expressions, and a declaration
 * is what RFC 4506 §6.2 calls one, a type specifier with what is written around the name.
 */
import type { Hint, Span } from './model.js';

export type TokenKind = 'word' | 'number' | 'string' | 'character' | 'punctuation' | 'bad' | 'end';

/** A token is its own span. `bad` tokens were already reported; nothing more is said about them. */
export interface Token extends Span {
  kind: TokenKind;
  text: string;
  firstOnLine: boolean;
  /** The hint comments between the token before and this one. */
  hintComments: Span[] | null;
}

export type Expression =
  | { kind: 'number'; value: bigint; span: Span }
  | { kind: 'text'; text: string; span: Span }
  | { kind: 'name'; name: string; span: Span }
  | { kind: 'unary'; operator: string; operand: Expression; span: Span }
  | { kind: 'binary'; operator: string; left: Expression; right: Expression; span: Span };

export type Specifier =
  | { kind: 'void' | 'string' | 'opaque'; span: Span }
  /** A number by the words of the language itself: `unsigned hyper`, `long long`, `float`. */
  | { kind: 'number'; spelling: string; span: Span }
  | { kind: 'named'; name: string; span: Span }
  | { kind: 'enum'; members: EnumMemberSyntax[]; span: Span }
  | { kind: 'struct'; fields: Declaration[]; span: Span }
  | UnionSyntax;

/** The words that may stand before the name of a type. */
export type TypePrefix = 'struct' | 'enum' | 'union';

export interface UnionSyntax {
  kind: 'union';
  discriminant: Declaration;
  arms: ArmSyntax[];
  span: Span;
}

export interface ArmSyntax {
  labels: Expression[];
  isDefault: boolean;
  /** null for void. */
  declaration: Declaration | null;
  /** From the first `case` or `default` to the last colon. */
  span: Span;
}

export interface EnumMemberSyntax {
  name: string;
  value: Expression | null;
  hints: Hint[];
  span: Span;
}

export interface Declaration {
  specifier: Specifier;
  pointer: boolean;
  suffix: { kind: 'fixed' | 'variable'; bound: Expression | null } | null;
  /** null only for arguments and results that the source does not name. */
  name: string | null;
  hints: Hint[];
  /** The name, or the specifier where there is none. */
  span: Span;
}

export interface ConstantSyntax {
  name: string;
  value: Expression;
  span: Span;
}

export interface TypeSyntax {
  name: string;
  declaration: Declaration;
  hints: Hint[];
  span: Span;
}

export interface ProgramSyntax {
  name: string;
  number: Expression;
  versions: VersionSyntax[];
  hints: Hint[];
  span: Span;
}

export interface VersionSyntax {
  name: string;
  number: Expression;
  procedures: ProcedureSyntax[];
  hints: Hint[];
  span: Span;
}

export interface ProcedureSyntax {
  name: string;
  number: Expression;
  arguments: Declaration[];
  result: Declaration;
  hints: Hint[];
  span: Span;
}

/** `#define`: its body may be a number, a text, a type, or nothing that is understood. */
export interface Macro {
  name: string;
  body: Token[];
  span: Span;
  /** By `#undef`: it keeps its meaning where nothing else has its name. */
  isUndefined: boolean;
}

/** One file, with what it includes. */
export interface SyntaxTree {
  constants: ConstantSyntax[];
  /** The members of every enum, wherever it stands. */
  enums: EnumMemberSyntax[][];
  types: TypeSyntax[];
  programs: ProgramSyntax[];
  macros: Map<string, Macro>;
  /**
   * Words inside definitions that could not be parsed. Their own
   * definitions may have been there, so they are not reported as unknown.
   */
  lost: Set<string>;
}

/** The span of a token or node without its other properties. */
export function spanOf(from: Span, to: Span = from): Span {
  const end = to.source === from.source ? to.end : from.end;
  return { source: from.source, start: from.start, end };
}
