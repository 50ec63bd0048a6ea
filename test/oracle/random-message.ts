/**
 * Messages for the oracle: small random values of a plan, the same for the same seed, that reach every arm of every union in
 * turn. Sound messages keep to what C can hold (no NUL in strings, `char` within its range); damaged ones have one word changed.
 */
import type { ArrayPlan, NumberPlan, Plan, UnionPlan } from '../../src/xdr/plan.js';
import { Random } from '../helpers/random.js';
import { writeXdr, type XdrValue } from '../helpers/xdr-writer.js';

/** Leaves of one message, about; beyond, optionals and variable arrays are empty. */
const MAX_LEAVES = 40;
/** Words that lie: as a length, a count, a flag or a discriminant. */
const LYING_WORDS = [0, 1, 2, 3, 7, 64, 300, 0xffffffff];
const TEXTS = ['', 'a', 'file.txt', 'été', 'tab\there', 'a "quoted" \\ name', 'x'.repeat(31)];

export class MessageMaker {
  private readonly random: Random;
  private leaves = 0;
  private beyond = 0;
  private readonly turns = new Map<UnionPlan, number>();

  constructor(seed: number) {
    this.random = new Random(seed);
  }

  /** With `overBounds`, declared bounds are passed where a value would reach them. */
  message(plan: Plan, overBounds = false): Buffer {
    this.leaves = 0;
    this.beyond = overBounds ? 1 : 0;
    return writeXdr(plan, this.value(plan));
  }

  /** True while a union below `plan` has an arm that no message had. */
  hasOpenArms(plan: Plan): boolean {
    return [...unionsBelow(plan)].some((union) => (this.turns.get(union) ?? 0) < union.arms.size);
  }

  /** A copy with one word changed. */
  damaged(message: Buffer): Buffer {
    const copy = Buffer.from(message);
    if (copy.length >= 4) copy.writeUInt32BE(this.random.oneOf(LYING_WORDS), 4 * this.random.below(copy.length >> 2));
    return copy;
  }

  private value(plan: Plan): XdrValue {
    switch (plan.kind) {
      case 'struct':
        return plan.fields.map((field) => this.value(field.plan));
      case 'union':
        return this.union(plan);
      case 'array':
        return this.elements(plan.element, plan.length < 0 ? this.arrayCount(plan) : plan.length);
      case 'list':
        return this.elements(plan.element, Math.max(plan.leading ? 1 : 0, this.count(3)));
      case 'optional':
        return this.count(1) === 0 ? null : this.value(plan.element);
      default:
        this.leaves++;
        return this.leaf(plan);
    }
  }

  private leaf(plan: Plan): XdrValue {
    switch (plan.kind) {
      case 'void':
        return null;
      case 'bool':
        return this.random.below(2);
      case 'enum':
        return this.random.below(8) === 0 ? this.random.below(100_000) : this.random.oneOf([...plan.names.keys()]);
      case 'string':
        return Buffer.from(this.random.oneOf(TEXTS)).subarray(0, plan.max + this.beyond);
      case 'opaque':
        return this.random.bytes(
          plan.length < 0 ? Math.min(this.random.below(10), plan.max + this.beyond) : plan.length,
        );
      default:
        return this.number(plan as NumberPlan);
    }
  }

  /** Mostly few bits, sometimes all of them. */
  private number({ kind, spelling }: NumberPlan): XdrValue {
    const wide = (BigInt(this.random.next()) << 32n) | BigInt(this.random.next());
    const size = /char|int8/.test(spelling) ? 8 : /short|int16/.test(spelling) ? 16 : 32;
    const small = this.random.below(2) === 0 ? wide & 0xffn : wide;
    switch (kind) {
      case 'int':
        return Number(BigInt.asIntN(size, small));
      case 'unsigned':
        return Number(BigInt.asUintN(size, small));
      case 'hyper':
        return BigInt.asIntN(64, small);
      case 'unsignedHyper':
        return small;
      default:
        return this.random.oneOf([0, -0, 1.5, -2.75e-3, 1 / 3, Infinity, -Infinity, 5e-324, this.random.next() / 7]);
    }
  }

  private union(plan: UnionPlan): XdrValue {
    const turn = this.turns.get(plan) ?? 0;
    this.turns.set(plan, turn + 1);
    const values = [...plan.arms.keys()];
    const other = this.otherValue(plan);
    if (other !== null) values.push(other);
    const empty = values.filter((value) => this.armOf(plan, value) === null);
    const isFull = this.leaves > MAX_LEAVES && empty.length > 0;
    const value = isFull ? empty[0] : values[turn % values.length];
    this.leaves++;
    const arm = this.armOf(plan, value);
    return [value, arm ? this.value(arm.plan) : null];
  }

  private armOf(plan: UnionPlan, value: number) {
    return plan.arms.has(value) ? plan.arms.get(value)! : (plan.otherwise ?? null);
  }

  /** A discriminant that has no arm of its own, if there is a default. */
  private otherValue(plan: UnionPlan): number | null {
    if (plan.otherwise === undefined) return null;
    const { plan: discriminant } = plan.discriminant;
    const named = discriminant.kind === 'enum' ? [...discriminant.names.keys()] : [];
    const candidates = discriminant.kind === 'bool' ? [0, 1] : [...named, 4711, 0];
    const free = candidates.filter((value) => !plan.arms.has(value));
    return free.length === 0 ? null : this.random.oneOf(free);
  }

  private elements(element: Plan, count: number): XdrValue[] {
    return Array.from({ length: count }, () => this.value(element));
  }

  private count(max: number): number {
    return this.leaves > MAX_LEAVES ? 0 : this.random.below(Math.min(max, 3) + 1);
  }

  /** More of unions, which have many arms to reach. */
  private arrayCount({ element, max }: ArrayPlan): number {
    const isUnion = element.kind === 'union' && this.leaves <= MAX_LEAVES && max > 0;
    return isUnion ? Math.min(max, 3 + this.random.below(3)) : this.count(max + this.beyond);
  }
}

function unionsBelow(plan: Plan): Set<UnionPlan> {
  const seen = new Set<Plan>();
  const unions = new Set<UnionPlan>();
  const visit = (each: Plan): void => {
    if (seen.has(each)) return;
    seen.add(each);
    if (each.kind === 'union') unions.add(each);
    for (const part of partsOf(each)) visit(part);
  };
  visit(plan);
  return unions;
}

function partsOf(plan: Plan): Plan[] {
  switch (plan.kind) {
    case 'struct':
      return plan.fields.map((field) => field.plan);
    case 'union':
      return [...plan.arms.values(), plan.otherwise].flatMap((arm) => (arm ? [arm.plan] : []));
    case 'array':
    case 'list':
    case 'optional':
      return [plan.element];
    default:
      return [];
  }
}
