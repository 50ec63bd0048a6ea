/**
 * Names of fields for completion: all fields of headers and aliases; of bodies only the fields that can follow
 * the typed text (`args.what.` gives `args.what.dir` and `args.what.name`), because all paths would be too many.
 */
import type { DissectorLibrary } from '../dissect/library.js';
import { ALIASES } from './aliases.js';
import { headerFields } from './header-fields.js';
import type { PathStep } from './syntax.js';
import { type Side, Vocabulary } from './vocabulary.js';

const BODIES: readonly Side[] = ['args', 'result'];

/** Names that begin with `typed`, sorted. */
export function fieldCompletions(library: DissectorLibrary, typed: string): string[] {
  const vocabulary = Vocabulary.of(library);
  const own = headerFields(vocabulary).map(({ name }) => name);
  const names = new Set([
    ...own,
    ...ALIASES.map(({ name }) => name),
    ...vocabulary.wiresharkNames,
    ...BODIES,
    ...bodyNames(vocabulary, typed),
  ]);
  return [...names].filter((name) => name.startsWith(typed)).sort();
}

/** The names that can follow the last dot. */
function bodyNames(vocabulary: Vocabulary, typed: string): string[] {
  const parent = typed.slice(0, typed.lastIndexOf('.') + 1);
  const side = BODIES.find((each) => parent.startsWith(`${each}.`));
  if (side === undefined && parent !== '..') return [];
  const roots = side === undefined ? BODIES.flatMap((each) => vocabulary.roots(each)) : vocabulary.roots(side);
  const parts = parent.slice(side === undefined ? 1 : side.length + 1, -1);
  const steps = parts === '' ? [] : stepsOf(parts);
  const places = steps.reduce((from, step) => vocabulary.step(from, step), roots);
  const last: PathStep = { kind: parent.endsWith('..') ? 'anywhere' : 'name', name: '' };
  return [...vocabulary.names(places, last)].map((name) => parent + name);
}

/** The steps of `what.where`; after two dots the name may be at any depth. A list may have an index or not. */
function stepsOf(path: string): PathStep[] {
  return path.split('.').flatMap((part, i, parts): PathStep[] => {
    if (part === '') return [];
    const isAnywhere = i > 0 && parts[i - 1] === '';
    return [{ kind: isAnywhere ? 'anywhere' : 'name', name: part.replace(/\[\d*\]$/, '') }];
  });
}
