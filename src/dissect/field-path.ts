/** Paths of fields (`resok.object.data`): put together while a plan is walked, and followed to the plan at their end. */
import { MAX_DEPTH } from '../limits/xdr.js';
import { membersOf, type Plan } from '../xdr/plan.js';

/** One path inside another; either may be empty. */
export function joinPaths(outer: string, inner: string): string {
  if (outer === '') return inner;
  return inner === '' ? outer : `${outer}.${inner}`;
}

/** The plan that a path leads to, the empty one to `plan` itself; where arms of a union share a name, the first one's. */
export function planAt(plan: Plan, path: string): Plan | undefined {
  return new PathSearch(path === '' ? [] : path.split('.')).from(plan, 0, 0);
}

/** Follows one path. Types that are found in many ways are searched once for each place in it. */
class PathSearch {
  /** By how many names were found before: the plans that do not lead to the others. */
  private readonly vain: Set<Plan>[];

  constructor(private readonly names: readonly string[]) {
    this.vain = names.map(() => new Set());
  }

  from(plan: Plan, index: number, depth: number): Plan | undefined {
    if (index === this.names.length) return plan;
    if (depth > MAX_DEPTH || this.vain[index].has(plan)) return undefined;
    this.vain[index].add(plan);
    if (plan.kind === 'optional' || plan.kind === 'typed') return this.from(plan.element, index, depth + 1);
    const fields = membersOf(plan);
    for (const field of fields) {
      const found = field.name === this.names[index] ? this.from(field.plan, index + 1, depth + 1) : undefined;
      if (found !== undefined) return found;
    }
    // A value that a number chooses has no name of its own in the path.
    for (const field of plan.kind === 'chosen' ? fields : []) {
      const found = this.from(field.plan, index, depth + 1);
      if (found !== undefined) return found;
    }
    return undefined;
  }
}
