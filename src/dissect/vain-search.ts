/**
 * Remembers plans in which a search of limited depth found nothing. Without it, types of types would be walked again
 * and again: a `.x` of ten lines could take for ever.
 */
import type { Plan } from '../xdr/plan.js';

export class VainSearch {
  /** The least depth at which each plan was searched in vain: from deeper, still less of it is seen. */
  private readonly depths = new WeakMap<Plan, number>();

  constructor(private readonly deepest: number) {}

  /** True where a plan at this depth has nothing, or is too deep to be looked into. */
  has(plan: Plan, depth: number): boolean {
    return depth > this.deepest || depth >= (this.depths.get(plan) ?? Number.POSITIVE_INFINITY);
  }

  /** Nothing was found in a plan at this depth. */
  add(plan: Plan, depth: number): void {
    this.depths.set(plan, depth);
  }
}
