/** `--ignore`: record paths, checked against the existing fields. */
import { Ignored, type IgnoredStep } from '../analysis/diff/ignored.js';
import type { FilterOptions } from '../filter/filter.js';
import { FilterError } from '../filter/filter-error.js';
import { parseFilter } from '../filter/parser.js';
import { Resolver } from '../filter/resolver.js';
import { Vocabulary } from '../filter/vocabulary.js';
import { suggest } from '../xdr/suggestion.js';
import { UsageError } from './exit.js';

/** The compared fields of an exchange. */
const ROOTS = ['args', 'result', 'credential', 'transport', 'outcome', 'reply_stat', 'accept_stat', 'reject_stat'];
const OTHER_ROOTS = ['auth_stat', 'mismatch', 'malformed'];

/** @throws UsageError that points at the mistake in a path. */
export function ignoredPaths(paths: readonly string[], { library }: FilterOptions): Ignored | null {
  const resolver = new Resolver(Vocabulary.of(library));
  return Ignored.of(paths.map((path) => stepsOf(path, resolver)));
}

function stepsOf(path: string, resolver: Resolver): IgnoredStep[] {
  try {
    const parsed = parseFilter(path);
    const span = { start: 0, end: path.length };
    if (parsed.kind !== 'presence' || parsed.field.slices !== null) {
      throw new FilterError('this is not the path of a field', span, path);
    }
    const { steps } = parsed.field;
    const [first] = steps;
    const roots = [...ROOTS, ...OTHER_ROOTS];
    if (first.kind === 'name' && !roots.includes(first.name)) {
      const reason = `'${first.name}' is not compared${suggest(first.name, roots)}; compared are ${roots.join(', ')}`;
      throw new FilterError(reason, span, path);
    }
    if (steps.length > 1 || first.kind === 'anywhere') resolver.resolve(parsed.field, path);
    return steps;
  } catch (error) {
    if (error instanceof FilterError) throw new UsageError(`--ignore: ${error.message.replace(/^filter: /, '')}`);
    throw error;
  }
}
