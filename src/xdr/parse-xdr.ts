/**
 * The front end of the `.x` compiler: a source text to its specification (RFC 4506 §6, RFC 5531 §12). Never throws; opens no file:
 * what is included comes through the caller's callback. With errors, the specification holds what could be understood, and types
 * that could not stand as void; a caller that decodes with it should refuse a file that has errors.
 */
import { Diagnostics } from './diagnostics.js';
import { fallbackTrees } from './fallback.js';
import type { Diagnostic, Source, Specification } from './model.js';
import { parseTree } from './parse-tree.js';
import type { Include } from './preprocessor.js';
import { Resolver } from './resolver.js';

export { renderDiagnostic } from './diagnostics.js';
export type { Include } from './preprocessor.js';

export interface ParseOptions {
  /**
   * Gives the file that `from` includes under `name` (its `name` tells files apart: each is read once), or the reason why it
   * cannot be had. Also asked for `other.x` where a `%` line includes `other.h` and names are missing.
   */
  include?: Include;
}

/** Compiles `source`; `diagnostics` come file by file, in the order of their places. */
export function parseXdr(
  source: Source,
  options: ParseOptions = {},
): { specification: Specification; diagnostics: Diagnostic[] } {
  const include = options.include ?? (() => 'this file may not include others');
  const diagnostics = new Diagnostics();
  const { tree, preprocessed } = parseTree(source, include, diagnostics);
  const fallback = () => fallbackTrees(preprocessed.escapedDirectives, preprocessed.files, include);
  const specification = new Resolver(tree, preprocessed.failedIncludes, fallback, diagnostics).resolve();
  return { specification, diagnostics: diagnostics.sorted() };
}
