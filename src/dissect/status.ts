/** The program's status word in a result: the field marked by a hint, or the enum that a result's union switches on. */
import type { EnumPlan, NumberPlan, Plan } from '../xdr/plan.js';

export interface StatusField {
  path: string;
  plan: EnumPlan | NumberPlan;
}

const DEPTH = 6;

export function findStatus(plan: Plan): StatusField | null {
  const marked = findMarked(plan, '', 0);
  if (marked !== null) return marked;
  if (plan.kind === 'union' && plan.discriminant.plan.kind === 'enum') {
    return { path: plan.discriminant.name, plan: plan.discriminant.plan };
  }
  return null;
}

/** Looks where the word always is: in structs and discriminants, not in arms, arrays or optionals. */
function findMarked(plan: Plan, path: string, depth: number): StatusField | null {
  if (depth > DEPTH) return null;
  if ((plan.kind === 'enum' || plan.kind === 'int' || plan.kind === 'unsigned') && plan.status !== undefined) {
    return { path, plan };
  }
  const fields = plan.kind === 'struct' ? plan.fields : plan.kind === 'union' ? [plan.discriminant] : [];
  for (const field of fields) {
    const found = findMarked(field.plan, path === '' ? field.name : `${path}.${field.name}`, depth + 1);
    if (found !== null) return found;
  }
  return null;
}

export function statusText(plan: EnumPlan | NumberPlan, value: number): string {
  const names = plan.status?.names ?? (plan.kind === 'enum' ? plan.names : undefined);
  return names?.get(value) ?? String(value);
}

export function isSuccess(plan: EnumPlan | NumberPlan, value: number): boolean {
  return plan.status === undefined ? value === 0 : plan.status.success.has(value);
}
