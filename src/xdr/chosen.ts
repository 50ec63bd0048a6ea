/** The type of an opaque that another field chooses (hint `is … by …`): one value, or one for each bit of a bitmap. */
import { type ChosenPlan, type FieldPlan, type Plan, type StructPlan, setBits } from './plan.js';
import type { TreeNode } from './tree-node.js';

/** The kinds of choosing fields that `extract` and generated code know; only the interpreter handles others. */
export const CHOOSERS: ReadonlySet<Plan['kind']> = new Set(['int', 'unsigned', 'enum', 'bool', 'bitmap']);

/**
 * The plan that the value of `chooser` selects: that of an arm, or for a bitmap a struct with one field for each set
 * bit. null when it selects none.
 */
export function chosenPlan(plan: ChosenPlan, chooser: TreeNode): Plan | null {
  const { arms } = plan.union;
  if (chooser.plan.kind === 'bitmap') return valuesPlan(plan, chooser.value as Uint8Array);
  const arm =
    typeof chooser.value === 'number' || typeof chooser.value === 'boolean' ? arms.get(Number(chooser.value)) : null;
  return arm?.plan ?? null;
}

/** One field for each set bit. At the first bit without a type the rest of the bytes stays undivided. */
function valuesPlan(plan: ChosenPlan, bitmap: Uint8Array): StructPlan {
  const fields: FieldPlan[] = [];
  for (const bit of setBits(bitmap, 0, bitmap.length >> 2)) {
    const arm = plan.union.arms.get(bit);
    if (arm === null) continue;
    if (arm === undefined) {
      fields.push({ name: String(bit), plan: { kind: 'rest' } });
      break;
    }
    fields.push(arm);
  }
  return { kind: 'struct', name: plan.union.name, fields };
}
