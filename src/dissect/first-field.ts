/**
 * Recognises fields that values begin with, such as the handle of
 * PUTFH and the status of a result: these need not be looked for.
 */
import { read32 } from '../xdr/bytes.js';
import { behindStatus } from '../xdr/codegen-extract.js';
import type { FieldPlan, Plan } from '../xdr/plan.js';
import type { Extent } from './extent.js';

/** True where values of the plan begin with the word that a path leads to. */
export function isFirstWord(plan: Plan, path: string): boolean {
  return begins(plan, path, ({ kind }) => kind === 'enum' || kind === 'int' || kind === 'unsigned');
}

/** True where they begin with bytes that the path leads to, behind their length. */
export function isFirstBytes(plan: Plan, path: string): boolean {
  return begins(plan, path, (field) => field.kind === 'string' || (field.kind === 'opaque' && field.length < 0));
}

/** True where they begin with a status, and behind one of 0 with such bytes. */
export function areBytesBehindStatus(plan: Plan, path: string): boolean {
  const inner = behindStatus(plan);
  return (
    inner !== undefined &&
    path.startsWith(`${inner.name}.`) &&
    isFirstBytes(inner.plan, path.slice(inner.name.length + 1))
  );
}

function begins(plan: Plan, path: string, isKind: (field: Plan) => boolean): boolean {
  const first = firstOf(plan);
  if (first === undefined) return false;
  if (path === first.name) return isKind(first.plan);
  return path.startsWith(`${first.name}.`) && begins(first.plan, path.slice(first.name.length + 1), isKind);
}

function firstOf(plan: Plan): FieldPlan | undefined {
  return plan.kind === 'struct' ? plan.fields[0] : plan.kind === 'union' ? plan.discriminant : undefined;
}

/** True where the word at `at` is there. */
export function hasWord({ end, limit }: Extent, at: number): boolean {
  return at + 4 <= Math.min(end, limit);
}

/** True where the bytes behind the length at `at` are. */
export function hasBytes({ bytes, end, limit }: Extent, at: number): boolean {
  const left = Math.min(end, limit) - at - 4;
  return left >= 0 && read32(bytes, at) <= left;
}
