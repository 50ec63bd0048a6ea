/**
 * Names of last resort. A `.x` file written for rpcgen may leave names to the C compiler: `%#define MAX 8`, `%#include
 * "other.h"` (whose source is `other.x`), and the types of the C library's rpc headers. These sources are read only
 * when a name is otherwise unknown. Their programs are ignored, and their errors are not reported.
 */
import { libraryTypes } from './builtin-types.js';
import { Diagnostics } from './diagnostics.js';
import type { Source, Span } from './model.js';
import { parseTree } from './parse-tree.js';
import { type Include, preprocess } from './preprocessor.js';
import type { SyntaxTree } from './syntax.js';

const MAX_HEADERS = 16;
/** Characters of a `%#` line that are looked at. */
const MAX_DIRECTIVE = 1000;

/** The trees in which names are looked up, in this order; `files` are those already read. */
export function fallbackTrees(directives: Span[], files: Set<string>, include: Include): SyntaxTree[] {
  const texts = directives.map(({ source, start, end }) => ({
    source,
    text: source.text.slice(start, Math.min(end, start + MAX_DIRECTIVE)),
  }));
  const defines = texts.filter(({ text }) => /^#\s*define\b/.test(text)).map(({ text }) => text);
  return [
    definesTree(defines),
    ...headerTrees(texts, files, include),
    parseTree(libraryTypes, refuse, new Diagnostics()).tree,
  ];
}

function definesTree(lines: string[]): SyntaxTree {
  const source = { name: '%#define', text: lines.join('\n') };
  const { macros } = preprocess(source, refuse, new Diagnostics());
  return { constants: [], enums: [], types: [], programs: [], macros, lost: new Set() };
}

function headerTrees(lines: { source: Source; text: string }[], files: Set<string>, include: Include): SyntaxTree[] {
  const trees: SyntaxTree[] = [];
  const tried = new Set<string>();
  for (const { source, text } of lines) {
    const name = headerSource(text);
    if (name === null || tried.has(name) || tried.size >= MAX_HEADERS) continue;
    tried.add(name);
    const found = include(name, source);
    if (typeof found === 'string' || files.has(found.name)) continue;
    trees.push({ ...parseTree(found, include, new Diagnostics()).tree, programs: [] });
  }
  return trees;
}

/** `nis.x` for `#include <rpcsvc/nis.h>`. */
function headerSource(text: string): string | null {
  const path = /^#\s*include\s*[<"]([^<>"]+)\.h[>"]/.exec(text)?.[1];
  return path === undefined ? null : `${path.slice(path.lastIndexOf('/') + 1)}.x`;
}

function refuse(): string {
  return 'nothing is included here';
}
