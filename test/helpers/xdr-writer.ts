/** Values of a layout plan and their XDR bytes (RFC 4506): the inverse of the decoders, for tests. */
import fc from 'fast-check';
import type { FieldPlan, Plan } from '../../src/xdr/plan.js';
import { bytes, pad4, u32 } from './capture-writer.js';

/**
 * Numbers as they are, 64-bit ones as bigint; enums, booleans and discriminants as numbers; strings, opaques and quadruples as
 * bytes; arrays, lists and structs as arrays; optionals as the value or null; unions as [discriminant, arm or null].
 */
export type XdrValue = number | bigint | Uint8Array | null | XdrValue[];

export function writeXdr(plan: Plan, value: XdrValue): Buffer {
  switch (plan.kind) {
    case 'void':
      return Buffer.alloc(0);
    case 'int':
    case 'unsigned':
    case 'enum':
    case 'bool':
      return u32(value as number);
    case 'hyper':
    case 'unsignedHyper':
      return u64(value as bigint);
    case 'float':
      return float(value as number, 4);
    case 'double':
      return float(value as number, 8);
    case 'quadruple':
      return Buffer.from(value as Uint8Array);
    case 'string':
      return counted(value as Uint8Array);
    case 'opaque':
      return plan.length < 0 ? counted(value as Uint8Array) : pad4(value as Uint8Array);
    case 'array':
      return bytes(
        plan.length < 0 ? u32((value as XdrValue[]).length) : [],
        ...(value as XdrValue[]).map((each) => writeXdr(plan.element, each)),
      );
    case 'optional':
      return value === null ? u32(0) : bytes(u32(1), writeXdr(plan.element, value));
    case 'list': {
      const elements = (value as XdrValue[]).map((each) => writeXdr(plan.element, each));
      return bytes(...elements.flatMap((each, i) => (i === 0 && plan.leading ? [each] : [u32(1), each])), u32(0));
    }
    case 'struct':
      return bytes(...plan.fields.map((field, i) => writeXdr(field.plan, (value as XdrValue[])[i])));
    case 'union': {
      const [discriminant, arm] = value as [number, XdrValue];
      const field = armOf(plan, discriminant);
      return bytes(u32(discriminant), field ? writeXdr(field.plan, arm) : []);
    }
    case 'typed':
      return counted(writeXdr(plan.element, value));
    case 'dictionary': {
      const pairs = value as [Uint8Array, Uint8Array][];
      const written = pairs.map(([key, data]) => bytes(u32(key.length), u32(data.length), key, [0], data));
      return bytes(u32(pairs.length), ...written);
    }
    case 'body':
      return counted(value as Uint8Array);
    case 'rest':
      return Buffer.from(value as Uint8Array);
    default:
      throw new Error(`${plan.kind} is not written`);
  }
}

function armOf(plan: Plan & { kind: 'union' }, discriminant: number): FieldPlan | null {
  return (plan.arms.has(discriminant) ? plan.arms.get(discriminant) : plan.otherwise) ?? null;
}

function counted(data: Uint8Array): Buffer {
  return bytes(u32(data.length), pad4(data));
}

function u64(value: bigint): Buffer {
  const written = Buffer.alloc(8);
  written.writeBigUInt64BE(BigInt.asUintN(64, value));
  return written;
}

function float(value: number, size: 4 | 8): Buffer {
  const written = Buffer.alloc(size);
  if (size === 4) written.writeFloatBE(value);
  else written.writeDoubleBE(value);
  return written;
}

/** Fixed lengths beyond this are left to hand-written tests. */
const MAX_FIXED = 64;
const MAX_DEPTH = 8;

/** True when a value of the plan can be made within the depth and sizes of `randomValue`. */
export function isFeasible(plan: Plan, depth = 0): boolean {
  if (depth > MAX_DEPTH) return false;
  switch (plan.kind) {
    case 'opaque':
      return plan.length <= MAX_FIXED;
    case 'array':
      return plan.length <= 0 || (plan.length <= MAX_FIXED && isFeasible(plan.element, depth + 1));
    case 'list':
      return !plan.leading || isFeasible(plan.element, depth + 1);
    case 'struct':
      return plan.fields.every((field) => isFeasible(field.plan, depth + 1));
    case 'union':
      return armValues(plan, depth).length > 0;
    case 'typed':
      return isFeasible(plan.element, depth + 1);
    case 'bitmap':
    case 'chosen':
    case 'rest':
      return false;
    default:
      return true;
  }
}

/** Discriminants whose arms can be made: one of each arm, and one that has none of its own if there is a default. */
function armValues(plan: Plan & { kind: 'union' }, depth: number): number[] {
  const free = [0x7fff_0001, 3, 2, 1, 0].find(
    (value) => !plan.arms.has(value) && (plan.discriminant.plan.kind !== 'bool' || value < 2),
  );
  const values =
    plan.otherwise === undefined || free === undefined ? [...plan.arms.keys()] : [...plan.arms.keys(), free];
  return values.filter((value) => {
    const arm = armOf(plan, value);
    return arm === null || isFeasible(arm.plan, depth + 1);
  });
}

/** Values of a feasible plan; declared bounds are kept. */
export function randomValue(plan: Plan, depth = 0): fc.Arbitrary<XdrValue> {
  switch (plan.kind) {
    case 'void':
      return fc.constant(null);
    case 'bool':
      return fc.constantFrom(0, 1);
    case 'int':
      return fc.integer();
    case 'unsigned':
      return fc.nat(0xffffffff);
    case 'enum':
      return fc.oneof(fc.constantFrom(...plan.names.keys()), fc.integer());
    case 'hyper':
      return fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
    case 'unsignedHyper':
      return fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
    case 'float':
      return fc.float();
    case 'double':
      return fc.double();
    case 'quadruple':
      return fc.uint8Array({ minLength: 16, maxLength: 16 });
    case 'string':
    case 'body':
      return fc
        .oneof(
          fc.string({ maxLength: 9 }).map((text) => Buffer.from(text)),
          fc.uint8Array({ maxLength: 9 }),
        )
        .map((data) => data.subarray(0, plan.max));
    case 'opaque':
      return plan.length < 0
        ? fc.uint8Array({ maxLength: Math.min(9, plan.max) })
        : fc.uint8Array({ minLength: plan.length, maxLength: plan.length });
    case 'array': {
      if (plan.length === 0 || (plan.length < 0 && !goesOn(plan.element, depth))) return fc.constant([]);
      const element = randomValue(plan.element, depth + 1);
      return plan.length < 0
        ? fc.array(element, { maxLength: Math.min(3, plan.max) })
        : fc.array(element, { minLength: plan.length, maxLength: plan.length });
    }
    case 'optional':
      return goesOn(plan.element, depth) ? fc.option(randomValue(plan.element, depth + 1)) : fc.constant(null);
    case 'list':
      if (!plan.leading && !goesOn(plan.element, depth)) return fc.constant([]);
      return fc.array(randomValue(plan.element, depth + 1), { minLength: plan.leading ? 1 : 0, maxLength: 3 });
    case 'struct':
      return fc.tuple(...plan.fields.map((field) => randomValue(field.plan, depth + 1)));
    case 'union':
      return fc.constantFrom(...armValues(plan, depth)).chain((value) => {
        const arm = armOf(plan, value);
        return fc.tuple(fc.constant(value), arm === null ? fc.constant(null) : randomValue(arm.plan, depth + 1));
      }) as fc.Arbitrary<XdrValue>;
    case 'typed':
      return randomValue(plan.element, depth + 1);
    case 'dictionary':
      return fc.array(randomValue(plan.element, depth + 1), { maxLength: 3 });
    default:
      throw new Error(`${plan.kind} has no random values`);
  }
}

function goesOn(plan: Plan, depth: number): boolean {
  return depth < MAX_DEPTH / 2 && isFeasible(plan, depth + 1);
}

/** Paths of fields as templates name them; recursion ends at `depth`. */
export function pathsOf(plan: Plan, prefix = '', depth = 0): string[] {
  const own = prefix === '' ? [] : [prefix];
  if (depth > 6) return own;
  const join = (name: string) => (prefix === '' ? name : `${prefix}.${name}`);
  switch (plan.kind) {
    case 'optional':
    case 'typed':
      return pathsOf(plan.element, prefix, depth + 1);
    case 'struct':
      return [...own, ...plan.fields.flatMap((field) => pathsOf(field.plan, join(field.name), depth + 1))];
    case 'chosen':
      return [
        ...own,
        ...[...plan.union.arms.values()].flatMap((arm) => (arm ? pathsOf(arm.plan, join(arm.name), depth + 1) : [])),
      ];
    case 'union': {
      const arms = [...plan.arms.values(), plan.otherwise].filter((arm) => arm !== null && arm !== undefined);
      return [
        ...new Set([
          ...own,
          ...[plan.discriminant, ...arms].flatMap((field) => pathsOf(field.plan, join(field.name), depth + 1)),
        ]),
      ];
    }
    default:
      return own;
  }
}
