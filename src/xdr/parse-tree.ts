/**
 * Turns a source text into its syntax tree, by preprocessor and parser; returns what the preprocessor found beside it.
 */
import { Diagnostics } from './diagnostics.js';
import type { Source } from './model.js';
import { Parser } from './parser.js';
import { endAfter, type Include, type Preprocessed, preprocess } from './preprocessor.js';
import type { Macro, Specifier, SyntaxTree } from './syntax.js';

/** Reports to `diagnostics` what cannot be understood. */
export function parseTree(
  source: Source,
  include: Include,
  diagnostics: Diagnostics,
): { tree: SyntaxTree; preprocessed: Preprocessed } {
  const preprocessed = preprocess(source, include, diagnostics);
  const parser = new Parser(preprocessed.tokens, diagnostics);
  parser.parse();
  const { constants, enums, types, programs, lost } = parser;
  return { tree: { constants, enums, types, programs, macros: preprocessed.macros, lost }, preprocessed };
}

/**
 * The type that a macro's body names; null for none, and for a body that defines a type. The body must not be empty.
 */
export function parseMacroType({ body }: Macro): Specifier | null {
  if (body.some(({ text }) => text === '{')) return null;
  return new Parser([...body, endAfter(body.at(-1)!)], new Diagnostics()).parseType();
}
