/**
 * A value of a layout plan for people to read: small numbers that count up, strings that say which field they are in, two elements an array,
 * the successful arm of a union. The same plan always gives the same value. Bitmaps, chosen types and other programs' bodies are empty.
 */
import type { EnumPlan, FieldPlan, Plan, UnionPlan } from '../../src/xdr/plan.js';
import type { XdrValue } from '../helpers/xdr-writer.js';

/** Optionals and elements stop here: types may hold themselves. */
const MAX_DEPTH = 10;
const ELEMENTS = 2;
const BYTES = 8;

export class SampleValues {
  private count = 0;

  /** `name` is the field that holds the value. */
  value(plan: Plan, name: string, depth = 0): XdrValue {
    switch (plan.kind) {
      case 'void':
        return null;
      case 'bool':
        return 1;
      case 'int':
      case 'unsigned':
        return plan.status === undefined ? ++this.count : successOf(plan.status.success);
      case 'hyper':
      case 'unsignedHyper':
        return BigInt(++this.count);
      case 'float':
      case 'double':
        return ++this.count / 2;
      case 'enum':
        return enumValue(plan);
      case 'quadruple':
        return this.bytes(16);
      case 'string':
        return Buffer.from(`${plan.role === 'path' ? '/' : ''}${name}`).subarray(0, plan.max);
      case 'opaque':
        return this.bytes(plan.length < 0 ? Math.min(BYTES, plan.max) : plan.length);
      case 'array':
        return this.elements(plan.element, name, plan.length < 0 ? this.size(plan.max, depth) : plan.length, depth);
      case 'list':
        return this.elements(plan.element, name, plan.leading ? 1 : this.size(ELEMENTS, depth), depth);
      case 'optional':
        return depth > MAX_DEPTH ? null : this.value(plan.element, name, depth + 1);
      case 'struct':
        return plan.fields.map((field) => this.value(field.plan, field.name, depth + 1));
      case 'union':
        return this.union(plan, depth);
      case 'typed':
        return this.value(plan.element, name, depth + 1);
      case 'dictionary':
        return ['first', 'second'].map((key) => [Buffer.from(key), Buffer.from(`${name}-${key}\0`)]);
      case 'body':
        return Buffer.alloc(0);
      case 'rest':
        return this.bytes(BYTES);
      default:
        throw new Error(`${plan.kind} has no sample`);
    }
  }

  private elements(plan: Plan, name: string, count: number, depth: number): XdrValue[] {
    return Array.from({ length: count }, () => this.value(plan, name, depth + 1));
  }

  private size(max: number, depth: number): number {
    return depth > MAX_DEPTH ? 0 : Math.min(max, ELEMENTS);
  }

  private union(plan: UnionPlan, depth: number): XdrValue {
    const chosen = discriminantOf(plan);
    const arm = plan.arms.has(chosen) ? plan.arms.get(chosen) : plan.otherwise;
    return [chosen, arm ? this.value((arm as FieldPlan).plan, arm.name, depth + 1) : null];
  }

  private bytes(length: number): Buffer {
    const start = ++this.count;
    return Buffer.from(Array.from({ length }, (_, i) => (start + i) & 0xff));
  }
}

function successOf(success: ReadonlySet<number>): number {
  return [...success][0] ?? 0;
}

function enumValue(plan: EnumPlan): number {
  if (plan.status !== undefined) return successOf(plan.status.success);
  return [...plan.names.keys()][0] ?? 0;
}

/** Success, or the first arm that holds something. */
function discriminantOf(plan: UnionPlan): number {
  const { plan: type } = plan.discriminant;
  const status = 'status' in type ? type.status : undefined;
  if (status !== undefined) return successOf(status.success);
  const holding = [...plan.arms].find(([, arm]) => arm !== null)?.[0];
  return holding ?? [...plan.arms.keys()][0] ?? 0;
}
