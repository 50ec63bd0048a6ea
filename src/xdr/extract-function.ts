/**
 * Generates the functions of `codegen-extract.ts`. Each steps over a value of one plan, fills the slots of the wanted
 * fields, and looks into opaques that hold a typed value (`contents.ts`). Bytes behind the last wanted field are not
 * looked at, unless the end of the value is needed (`isFollowed`).
 */
import { MAX_BITMAP_WORDS } from '../limits/xdr.js';
import { padded } from './bytes.js';
import { CHOOSERS } from './chosen.js';
import { type Cell, Cells, type CompositePlan, discriminantAt, Emitter, word } from './codegen.js';
import { ChosenContents, lookInto, type Step, type Steps, TypedContents } from './contents.js';
import type { Wanted } from './extract.js';
import {
  type ChosenPlan,
  type FieldPlan,
  leastSize,
  type Plan,
  type StructPlan,
  type TypedPlan,
  type UnionPlan,
} from './plan.js';

export interface ExtractState extends Steps {
  slots: Int32Array;
}

/** Returns the offset where it stopped; -1: it gave up, and the interpreter (`extract.ts`) takes over. */
export type Extract = (s: ExtractState, p: number) => number;

/** By plan: the function that steps over a value. */
export const skips: Cells<Extract> = new Cells((plan) => new ExtractFunction().generate(plan, undefined));

const stepOf = (plan: Plan) => skips.get(plan) as Cell<Step>;
const stepOverArm = ({ plan }: FieldPlan) => stepOf(plan);
const sizeOfArm = ({ plan }: FieldPlan) => fixedSize(plan, 0);

const MAX_STORED_SLOTS = 32;

/** The most levels that a path is followed through: an optional that holds itself would never end. */
const MAX_WANTED_NESTING = 32;

/** Generates one function: for chosen paths, or, where none are wanted, for a step over the whole value. */
export class ExtractFunction extends Emitter {
  /** The current run has a boolean. It may be wrong, but is checked only when all bytes of the run are there. */
  private hasBool = false;

  generate(plan: Plan, wanted: Wanted | undefined, isFollowed = wanted === undefined): Extract {
    this.value(plan, wanted, isFollowed, true);
    this.endRun();
    const variables = 'const i = s.i, end = s.end, t = s.slots; let p = from;';
    const before = [this.depthCheck(), variables, emptySlots(wanted)];
    return this.assemble<Extract>('s, from', before, 'return p;', null);
  }

  protected override endRun(): void {
    super.endRun();
    this.hasBool = false;
  }

  /** Up to three missing bytes may be padding, behind which the interpreter goes on; so they do not count as a cut. */
  protected override giveUpFor(needed: string): string {
    const unseen = this.hasBool ? 's.hasFault = true; ' : '';
    return `{ ${unseen}s.isCut = ${needed} <= s.limit && ${needed} - end > 3; return -1; }`;
  }

  /** `isFollowed`: something behind this value is wanted, so its end matters. */
  protected value(plan: Plan, wanted: Wanted | undefined, isFollowed: boolean, isRoot = false): void {
    if (wanted === undefined && !isFollowed) return;
    switch (plan.kind) {
      case 'void':
        return;
      case 'string':
        return this.skipCounted(wanted);
      // Its contents depend on other fields and on the call, so the interpreter has to look.
      case 'body':
        return this.skipCounted(wanted, () => 's.hasFault = true;');
      case 'opaque':
        if (plan.length < 0) return this.skipCounted(wanted);
        return this.fixed(padded(plan.length), wanted);
      case 'bool':
        return this.bool(wanted);
      case 'typed':
        return this.giveUpWhere(wanted, () => this.skipTyped(plan));
      // Its chooser is in a struct further out; choosers in the same struct are handled in `struct`.
      case 'chosen':
        return this.giveUpWhere(wanted, () => this.skipCounted(wanted, () => 's.hasFault = true;'));
      case 'bitmap':
        return this.bitmap(wanted);
      case 'array':
      case 'optional':
      case 'list':
      case 'struct':
      case 'union':
        if (wanted === undefined && !isRoot && !this.isSkippedInPlace(plan)) return this.skip(plan);
        if (this.nesting >= MAX_WANTED_NESTING) return this.line('return -1;');
        return this.nested(() => this.composite(plan, wanted, isFollowed));
      default:
        return this.fixed(leastSize(plan), wanted);
    }
  }

  private composite(plan: CompositePlan, wanted: Wanted | undefined, isFollowed: boolean): void {
    switch (plan.kind) {
      case 'array':
        return this.array(plan.element, plan.length, wanted);
      case 'optional':
        return this.optional(plan.element, wanted, isFollowed);
      case 'list':
        return this.list(plan.element, plan.leading, wanted);
      case 'struct':
        return this.struct(plan, wanted, isFollowed);
      case 'union':
        return this.union(plan, wanted, isFollowed);
    }
  }

  private isSkippedInPlace(plan: Plan): boolean {
    return plan.kind !== 'struct' && this.isInPlace(plan);
  }

  /** Fields wanted inside a typed opaque are left to the interpreter. */
  private giveUpWhere(wanted: Wanted | undefined, action: () => void): void {
    if (wanted === undefined) return action();
    this.endRun();
    this.line('return -1;');
  }

  /** Steps over a value: a fixed-size one joins the run, any other has a function of its own. */
  private skip(plan: Plan): void {
    const size = fixedSize(plan, 0);
    if (size >= 0) {
      this.read(size);
      return;
    }
    const cell = this.constant(skips.get(plan));
    this.endRun();
    this.line(`s.depth += ${this.nesting}; p = ${cell}.f(s, p); s.depth -= ${this.nesting}; if (p < 0) return -1;`);
  }

  private struct(plan: StructPlan, wanted: Wanted | undefined, isBefore: boolean): void {
    this.markHere(wanted);
    // A struct that is wanted itself must be whole.
    const isFollowed = isBefore || isMarked(wanted);
    const last = plan.fields.findLastIndex((field) => wanted?.children?.has(field.name));
    const chosen = lastChosen(plan);
    const choosers = new Map<string, Chooser>();
    for (const [index, field] of plan.fields.entries()) {
      if (index > last && !isFollowed) break;
      const inner = wanted?.children?.get(field.name);
      const chooser = field.plan.kind === 'chosen' ? choosers.get(field.plan.by) : undefined;
      if (CHOOSERS.has(field.plan.kind) && (chosen.get(field.name) ?? -1) > index)
        choosers.set(field.name, { plan: field.plan, at: this.here() });
      if (chooser !== undefined && inner === undefined) this.skipChosen(field.plan as ChosenPlan, chooser);
      else if (chooser?.plan.kind === 'bitmap') this.findChosen(field.plan as ChosenPlan, chooser, inner!);
      else this.value(field.plan, inner, isFollowed || index < last);
    }
  }

  /** Keeps the offset that was reached in a variable; returns its name. */
  private here(): string {
    const at = this.fresh();
    this.endRun();
    this.line(`const ${at} = p;`);
    return at;
  }

  private skipTyped(plan: TypedPlan): void {
    const contents = this.constant(new TypedContents(plan, stepOf));
    const look = this.constant(lookInto);
    this.skipCounted(
      undefined,
      (p, end) => `if (!${look}(s, ${contents}, ${this.nesting}, 0, ${p}, ${end})) s.hasFault = true;`,
    );
  }

  private skipChosen(plan: ChosenPlan, chooser: Chooser): void {
    const steps = new ChosenContents(plan, chooser.plan, stepOverArm, sizeOfArm);
    const look = `${this.constant(lookInto)}(s, ${this.constant(steps)}, ${this.nesting}, ${chooser.at},`;
    this.skipCounted(undefined, (p, end) => `if (!${look} ${p}, ${end})) s.hasFault = true;`);
  }

  /**
   * Finds wanted members of the values that a bitmap chooses. Where one of them is wrong the function gives up, and the
   * interpreter finds those before it.
   */
  private findChosen(plan: ChosenPlan, chooser: Chooser, wanted: Wanted): void {
    const finders = new Map<FieldPlan, Cell<Step>>();
    const isWanted = ({ name }: FieldPlan) => wanted.children?.has(name) === true;
    const finderOf = (arm: FieldPlan) => {
      if (!isWanted(arm)) return stepOverArm(arm);
      let cell = finders.get(arm);
      if (cell === undefined) {
        cell = { f: new ExtractFunction().generate(arm.plan, wanted.children?.get(arm.name), true) as Step };
        finders.set(arm, cell);
      }
      return cell;
    };
    const steps = new ChosenContents(plan, chooser.plan, finderOf, (arm) => (isWanted(arm) ? -1 : sizeOfArm(arm)));
    const look = `${this.constant(lookInto)}(s, ${this.constant(steps)}, ${this.nesting}, ${chooser.at},`;
    this.skipCounted(wanted, (p, end) => `if (!${look} ${p}, ${end})) return -1;`);
  }

  private union(plan: UnionPlan, wanted: Wanted | undefined, isBefore: boolean): void {
    this.markHere(wanted);
    const isFollowed = isBefore || isMarked(wanted);
    const { discriminant } = plan;
    const at = this.read(4);
    const value = this.fresh();
    this.line(`const ${value} = ${discriminantAt(discriminant.plan, at)};`);
    if (discriminant.plan.kind === 'bool') this.line(`if (${value} > 1) return -1;`);
    this.mark(wanted?.children?.get(discriminant.name), at, '-1');
    this.arms(plan, value, (arm) => {
      if (arm !== null) this.value(arm.plan, wanted?.children?.get(arm.name), isFollowed);
    });
  }

  private optional(element: Plan, wanted: Wanted | undefined, isFollowed: boolean): void {
    this.line(`if (${this.presence()}) {`);
    this.value(element, wanted, isFollowed);
    this.endRun();
    this.line('}');
  }

  private array(element: Plan, length: number, wanted: Wanted | undefined): void {
    const count = this.fresh();
    this.markHere(length < 0 ? undefined : wanted, `${length}`);
    if (length < 0) {
      const at = this.read(4);
      this.line(`const ${count} = ${word(at)};`);
      this.mark(wanted, at, `${count} | 0`);
    } else this.line(`const ${count} = ${length};`);
    this.endRun();
    const least = leastSize(element);
    this.line(`if (${count} * ${least} > s.limit - p) return -1;`);
    // Only the interpreter counts the empty elements of a whole body.
    if (least === 0) return this.line(`if (${count} > 0) return -1;`);
    if (fixedSize(element, 0) >= 0) {
      const next = `p + ${count} * ${fixedSize(element, 0)}`;
      this.line(`if (${next} > end) ${this.giveUpFor(next)} p = ${next};`);
      return;
    }
    const index = this.fresh();
    this.line(`for (let ${index} = 0; ${index} < ${count}; ${index}++) {`);
    this.value(element, undefined, true);
    this.endRun();
    this.line('}');
  }

  private list(element: Plan, leading: boolean, wanted: Wanted | undefined): void {
    const start = this.fresh();
    const more = this.fresh();
    const count = this.fresh();
    this.endRun();
    this.line(`const ${start} = p;`);
    const at = leading ? '' : this.read(4);
    this.line(`let ${more} = ${leading ? '1' : word(at)}, ${count} = 0;`);
    this.endRun();
    this.line(`while (${more} === 1) {`);
    this.value(element, undefined, true);
    const next = this.read(4);
    this.line(`${more} = ${word(next)}; ${count}++;`);
    this.endRun();
    this.line('}');
    this.line(`if (${more} !== 0) return -1;`);
    this.mark(wanted, start, count);
  }

  private bool(wanted: Wanted | undefined): void {
    const at = this.read(4);
    this.hasBool = true;
    this.line(`if (${word(at)} > 1) return -1;`);
    this.mark(wanted, at, '-1');
  }

  private fixed(size: number, wanted: Wanted | undefined): void {
    const at = this.read(size);
    this.mark(wanted, at, '-1');
  }

  /** @param look Makes the statement that looks into the bytes, for contents that may be wrong. */
  private skipCounted(wanted: Wanted | undefined, look?: (start: string, end: string) => string): void {
    const at = this.read(4);
    const length = this.fresh();
    this.line(`const ${length} = ${word(at)};`);
    this.mark(wanted, at, '-1');
    this.endRun();
    const unseen = look === undefined ? '' : 's.hasFault = true; ';
    this.line(`if (${length} > end - p) { ${unseen}${this.giveUpFor(`p + ${length}`)} }`);
    if (look !== undefined) this.line(look('p', `p + ${length}`));
    this.line(`p += ${length} + (-${length} & 3); if (p > s.limit) p = s.limit;`);
  }

  private bitmap(wanted: Wanted | undefined): void {
    const at = this.read(4);
    const count = this.fresh();
    this.line(`const ${count} = ${word(at)};`);
    this.endRun();
    this.line(`if (${count} > ${MAX_BITMAP_WORDS}) return -1;`);
    this.line(`if (${count} * 4 > end - p) ${this.giveUpFor(`p + ${count} * 4`)}`);
    this.mark(wanted, 'p - 4', '-1');
    this.line(`p += ${count} * 4;`);
  }

  private markHere(wanted: Wanted | undefined, count = '-1'): void {
    if (isMarked(wanted)) {
      this.endRun();
      this.mark(wanted, 'p', count);
    }
  }

  private mark(wanted: Wanted | undefined, at: string, count: string): void {
    if (wanted === undefined || wanted.slot < 0) return;
    this.line(`t[${2 * wanted.slot}] = ${at}; t[${2 * wanted.slot + 1}] = ${count};`);
  }
}

/** A field that chooses the type of another one; `at` is the variable with its offset. */
interface Chooser {
  plan: Plan;
  at: string;
}

/** By the name of each field that chooses the type of later ones: the index of the last of these. */
function lastChosen({ fields }: StructPlan): Map<string, number> {
  const last = new Map<string, number>();
  for (const [index, { plan }] of fields.entries()) if (plan.kind === 'chosen') last.set(plan.by, index);
  return last;
}

/** The statements that empty the slots. For a few slots, stores cost less than a call into the runtime. */
function emptySlots(wanted: Wanted | undefined): string {
  const slots = slotsOf(wanted);
  if (slots.length > MAX_STORED_SLOTS) return 't.fill(-1);';
  return slots.map((slot) => `t[${2 * slot}] = -1; t[${2 * slot + 1}] = -1;`).join(' ');
}

function slotsOf(wanted: Wanted | undefined): number[] {
  if (wanted === undefined) return [];
  const own = wanted.slot < 0 ? [] : [wanted.slot];
  return [...own, ...[...(wanted.children?.values() ?? [])].flatMap(slotsOf)];
}

function isMarked(wanted: Wanted | undefined): boolean {
  return wanted !== undefined && wanted.slot >= 0;
}

/** Sizes computed so far; without them, structs of structs would be walked again and again. */
const fixedSizes = new WeakMap<Plan, number>();

/** The bytes that every value of the plan takes, if none of them has to be checked; else -1. */
export function fixedSize(plan: Plan, depth: number): number {
  if (depth > 8) return -1;
  switch (plan.kind) {
    case 'void':
      return 0;
    case 'opaque':
      return plan.length < 0 ? -1 : padded(plan.length);
    case 'struct': {
      const size = fixedSizes.get(plan) ?? sumOfSizes(plan, depth + 1);
      fixedSizes.set(plan, size);
      return size;
    }
    case 'int':
    case 'unsigned':
    case 'enum':
    case 'hyper':
    case 'unsignedHyper':
    case 'float':
    case 'double':
    case 'quadruple':
      return leastSize(plan);
    default:
      return -1;
  }
}

function sumOfSizes({ fields }: StructPlan, depth: number): number {
  let sum = 0;
  for (const { plan, isLater } of fields) {
    const size = isLater ? -1 : fixedSize(plan, depth);
    if (size < 0) return -1;
    sum += size;
  }
  return sum;
}
