/** Follows paths in layout plans. A path does not name optionals, lists and typed opaques: it passes through them. */
import type { Operation } from '../dissect/operation-shapes.js';
import {
  type ArrayPlan,
  armsOf,
  type DictionaryPlan,
  type FieldPlan,
  freeName,
  holdsData,
  type ListPlan,
  membersOfBody,
  PAYLOAD,
  type Plan,
} from '../xdr/plan.js';
import type { PathStep } from './syntax.js';

/**
 * The length of contents (hint `data`), which JSON has in place
 * of the bytes. It is the length prefix of a counted opaque.
 */
const LENGTH: Plan = { kind: 'unsigned', spelling: 'unsigned int' };
/** The length of other contents, which is not among the bytes. */
const UNWRITTEN_LENGTH: Plan = { ...LENGTH };

/** The fields of this name in a struct or union; the `name` of the result is that of the field on the wire. */
export function membersNamed(plan: Plan, name: string): FieldPlan[] {
  const fields = membersOfBody(plan);
  const found = fields.filter((field) => field.name === name);
  if (found.length > 0 || !name.includes('_length')) return found;
  return fields
    .filter(({ name: opaque, plan }) => holdsData(plan) && freeName(`${opaque}_length`, fields) === name)
    .map((opaque) => ({ name: opaque.name, plan: lengthOf(opaque.plan) }));
}

function lengthOf(data: Plan): Plan {
  const opaque = contentOf(data);
  const isCounted = opaque.kind === 'opaque' && opaque.length < 0 && opaque !== PAYLOAD;
  return isCounted ? LENGTH : UNWRITTEN_LENGTH;
}

/** True for fields without a place in a body's type, which only the tree of a body has. */
export function isUnwritten(plan: Plan): boolean {
  return plan === PAYLOAD || plan === UNWRITTEN_LENGTH;
}

/** Skips optionals and typed opaques: their content has their place. */
export function contentOf(plan: Plan): Plan {
  return plan.kind === 'optional' || plan.kind === 'typed' ? contentOf(plan.element) : plan;
}

/** True when messages of this plan may have a value at the path; otherwise their bodies need not be read. */
export function reaches(plan: Plan, steps: readonly PathStep[]): boolean {
  let plans: Plan[] = [plan];
  for (const step of steps) {
    const from = closure(plans, step.kind === 'anywhere');
    // The contents of another program's body are unknown until it is seen.
    if (from.some((each) => each.kind === 'body')) return true;
    if (step.kind === 'index') plans = from.flatMap(elementOf);
    else plans = from.flatMap((each) => membersNamed(each, step.name).map((field) => field.plan));
  }
  return plans.length > 0;
}

/** The plan of a compound with one operation only, or none: in its array, `field` of the body, there are no other arms. */
export function withOperation(body: Plan, field: string, operation: Operation | null): Plan {
  const fields = membersOfBody(body).map((member): FieldPlan => {
    const { name, plan } = member;
    if (name !== field || plan.kind !== 'array' || plan.element.kind !== 'union') return member;
    const { discriminant } = plan.element;
    const arms = armsOf(plan.element).filter((arm) => arm.name === operation?.field);
    return { name, plan: { ...plan, element: { kind: 'struct', name: '', fields: [discriminant, ...arms] } } };
  });
  return { kind: 'struct', name: '', fields };
}

function closure(plans: readonly Plan[], isDeep: boolean): Plan[] {
  const found = new Set<Plan>();
  const waiting = [...plans];
  for (let plan = waiting.pop(); plan !== undefined; plan = waiting.pop()) {
    if (found.has(plan)) continue;
    found.add(plan);
    waiting.push(...insideOf(plan));
    if (isDeep) waiting.push(...membersOfBody(plan).map((field) => field.plan));
  }
  return [...found];
}

function insideOf(plan: Plan): Plan[] {
  if (plan.kind === 'optional' || plan.kind === 'typed') return [plan.element];
  return plan.kind === 'chosen' ? armsOf(plan.union).map((arm) => arm.plan) : elementOf(plan);
}

/** True for plans with elements; a path passes through them. */
export function isSequence(plan: Plan): plan is ArrayPlan | ListPlan | DictionaryPlan {
  return plan.kind === 'array' || plan.kind === 'list' || plan.kind === 'dictionary';
}

function elementOf(plan: Plan): Plan[] {
  return isSequence(plan) ? [plan.element] : [];
}
