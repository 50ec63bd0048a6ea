/**
 * The front end of the `.x` compiler: turns a source text into its specification (RFC 4506 §6,
 * RFC 5531 §12). Never throws, and opens no file: included files come from the caller's
 * callback. Where there are errors, the specification holds what could be understood, with void
 * in place of other types; a caller that decodes with it should refuse a file that has errors.
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
   * Returns the file that `from` includes as `name`, or the reason why there is
   * none. Files are told apart by `Source.name`, and each is read once. Also called
   * for `other.x` where a `%` line includes `other.h` and names are missing.
   */
  include?: Include;
}

/** Compiles `source`; `diagnostics` are sorted by file, then by place. */
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
