/** Plans that were looked through in vain, to a depth: types of types would be walked again and again (a `.x` of ten lines, for good). */
import type { Plan } from '../xdr/plan.js';

export class VainSearch {
  /** How deep plans were, the least: from deeper still less of them is seen. */
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
