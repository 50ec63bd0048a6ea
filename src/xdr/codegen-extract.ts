/**
 * Generated extract: the paths of a summary, a status word or a filter become a function that fills their slots and steps over
 * the rest. What is behind the last wanted field is not looked at.
 */
import { MAX_EMPTY_ELEMENTS } from '../limits.js';
import { padded, read32 } from './bytes.js';
import { type Cell, Cells, type CompositePlan, canGenerate, Emitter, groupArms, signedWord, word } from './codegen.js';
import { ChosenContents, lookInto, type Step, type Steps, TypedContents } from './contents.js';
import { extract, type Wanted, walkOver } from './extract.js';
import { type ChosenPlan, leastSize, type Plan, type StructPlan, type TypedPlan, type UnionPlan } from './plan.js';

interface ExtractState extends Steps {
  slots: Int32Array;
}

/** Answers where it stopped, or -1 to give up. */
type Extract = (s: ExtractState, p: number) => number;

const state: ExtractState = {
  b: new Uint8Array(0),
  end: 0,
  limit: 0,
  depth: 0,
  hasFault: false,
  isCut: false,
  slots: new Int32Array(0),
};
/** Functions that step over a value of a plan. */
const skips: Cells<Extract> = new Cells((plan) => new ExtractFunction().generate(plan, undefined));

const stepOf = (plan: Plan) => skips.get(plan) as Cell<Step>;

const MAX_STORED_SLOTS = 32;

/** Levels that a path is followed through: an optional of itself has no end. */
const MAX_WANTED_NESTING = 32;

/** Finds chosen paths of one plan; the compiled twin of `extract`. */
export class Extractor {
  private readonly run: Extract | null;

  /** @param isFollowed What is behind the value will be asked for: `findNext`. */
  constructor(
    private readonly plan: Plan,
    private readonly wanted: Wanted,
    isFollowed = false,
  ) {
    this.run = canGenerate ? new ExtractFunction().generate(plan, wanted, isFollowed) : null;
  }

  /**
   * Fills `slots` as `extract` does. Where what follows is asked for, answers whether the value fills `bytes[at..limit)`; false says
   * nothing.
   */
  find(bytes: Uint8Array, at: number, end: number, limit: number, slots: Int32Array): boolean {
    if (this.run !== null && end >= limit) {
      state.b = bytes;
      state.end = limit;
      state.limit = limit;
      state.depth = 0;
      state.hasFault = false;
      state.slots = slots;
      const next = this.run(state, at);
      if (next >= 0) return next === limit && !state.hasFault;
    }
    extract(this.plan, this.wanted, bytes, at, end, limit, slots);
    return false;
  }

  /** Fills `slots` for one of several values in a row; answers where the next one begins, -1 where this one is not whole. */
  findNext(bytes: Uint8Array, at: number, end: number, slots: Int32Array): number {
    if (this.run !== null) {
      state.b = bytes;
      state.end = end;
      state.limit = end;
      state.depth = 0;
      state.slots = slots;
      const next = this.run(state, at);
      if (next >= 0) return next;
    }
    extract(this.plan, this.wanted, bytes, at, end, end, slots);
    return walkOver(this.plan, bytes, at, end);
  }
}

/** True when a value fills `bytes[at..limit)` exactly, and nothing in it is wrong; false where the interpreter has to look. */
export function fills(plan: Plan, bytes: Uint8Array, at: number, limit: number): boolean {
  if (!canGenerate) return false;
  state.b = bytes;
  state.end = limit;
  state.limit = limit;
  state.depth = 0;
  state.hasFault = false;
  return skips.get(plan).f(state, at) === limit && !state.hasFault;
}

/**
 * True when nothing is wrong with a value of which `bytes[at..end)` is there, and the rest up to `limit` is not; false where the interpreter
 * has to look.
 */
export function isCutOff(plan: Plan, bytes: Uint8Array, at: number, end: number, limit: number): boolean {
  if (!canGenerate) return false;
  state.b = bytes;
  state.end = end;
  state.limit = limit;
  state.depth = 0;
  state.hasFault = false;
  state.isCut = false;
  const next = skips.get(plan).f(state, at);
  return (next >= 0 || state.isCut) && !state.hasFault;
}

/** Forgets what `Skip` met so far. */
export function beginSkips(): void {
  state.hasFault = false;
}

/** True where something that was stepped over since then is wrong inside, or was not looked into. */
export function metFault(): boolean {
  return state.hasFault;
}

/**
 * Steps over values of one plan; see `endOf`. What most operations of compounds take is stepped over right here, because calling one
 * of many functions costs more than that: values of one size, counted bytes, and results that have one of both if their status is 0.
 */
export class Skip {
  private readonly cell: Cell<Extract> | null;
  /** Behind a status there is something only if that is 0. */
  private readonly hasStatus: boolean;
  /** Bytes; -1 where they are not always as many. */
  private readonly size: number;
  private readonly isCounted: boolean;

  constructor(private readonly plan: Plan) {
    this.cell = canGenerate ? skips.get(plan) : null;
    const inner = behindStatus(plan);
    this.hasStatus = inner !== undefined;
    this.size = fixedSize(inner ?? plan, 0);
    this.isCounted = isCounted(inner ?? plan);
  }

  over(bytes: Uint8Array, at: number, end: number): number {
    if (this.size >= 0 || this.isCounted) return this.overSimple(bytes, at, end);
    if (this.cell === null) return walkOver(this.plan, bytes, at, end);
    state.b = bytes;
    state.end = end;
    state.limit = end;
    state.depth = 0;
    return this.cell.f(state, at);
  }

  private overSimple(bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    if (this.hasStatus) {
      if (at + 4 > end) return -1;
      at += 4;
      if (read32(bytes, at - 4) !== 0) return at;
    }
    if (this.size >= 0) return at + this.size <= end ? at + this.size : -1;
    if (at + 4 > end) return -1;
    const length = read32(bytes, at);
    at += 4;
    if (length > end - at) return -1;
    return Math.min(end, at + padded(length));
  }
}

/** What a result has behind its status word if that is 0; undefined where a plan says something else. */
function behindStatus(plan: Plan): Plan | undefined {
  if (plan.kind !== 'union' || plan.otherwise !== null || plan.arms.size !== 1) return undefined;
  return plan.discriminant.plan.kind === 'enum' ? plan.arms.get(0)?.plan : undefined;
}

function isCounted(plan: Plan): boolean {
  if (plan.kind === 'struct' && plan.fields.length === 1) return isCounted(plan.fields[0].plan);
  return plan.kind === 'string' || (plan.kind === 'opaque' && plan.length < 0);
}

/** Where a value that begins at `at` ends; -1 where it is not whole, or does not decode. */
export function endOf(plan: Plan, bytes: Uint8Array, at: number, end: number): number {
  if (!canGenerate) return walkOver(plan, bytes, at, end);
  state.b = bytes;
  state.end = end;
  state.limit = end;
  state.depth = 0;
  return skips.get(plan).f(state, at);
}

class ExtractFunction extends Emitter {
  /** The current run has a value that may be wrong, and is looked at once all of the run is there. */
  private hasBool = false;

  generate(plan: Plan, wanted: Wanted | undefined, isFollowed = wanted === undefined): Extract {
    this.value(plan, wanted, isFollowed, true);
    this.endRun();
    const variables = 'const b = s.b, end = s.end, t = s.slots; let p = from;';
    const before = [this.depthCheck(), variables, emptySlots(wanted)];
    return this.assemble<Extract>('s, from', before, 'return p;', null);
  }

  protected override endRun(): void {
    super.endRun();
    this.hasBool = false;
  }

  /** Where three bytes or fewer are missing they may be padding, behind which the interpreter goes on. */
  protected override giveUpFor(needed: string): string {
    const unseen = this.hasBool ? 's.hasFault = true; ' : '';
    return `{ ${unseen}s.isCut = ${needed} <= s.limit && ${needed} - end > 3; return -1; }`;
  }

  /** `isFollowed`: something behind this value is wanted, so where it ends matters. */
  private value(plan: Plan, wanted: Wanted | undefined, isFollowed: boolean, isRoot = false): void {
    if (wanted === undefined && !isFollowed) return;
    switch (plan.kind) {
      case 'void':
        return;
      case 'string':
        return this.skipCounted(wanted);
      // What is inside depends on what only the whole message tells.
      case 'body':
        return this.skipCounted(wanted, () => 's.hasFault = true;');
      case 'opaque':
        if (plan.length < 0) return this.skipCounted(wanted);
        return this.fixed(padded(plan.length), wanted);
      case 'bool':
        return this.bool(wanted);
      case 'typed':
        return this.giveUpWhere(wanted, () => this.skipTyped(plan));
      // Its chooser is further out: see `struct`.
      case 'chosen':
        return this.giveUpWhere(wanted, () => this.skipCounted(wanted, () => 's.hasFault = true;'));
      case 'bitmap':
        return this.words(wanted);
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

  /** What is inside an opaque with a type of its own is the interpreter's, when it is wanted. */
  private giveUpWhere(wanted: Wanted | undefined, action: () => void): void {
    if (wanted === undefined) return action();
    this.endRun();
    this.line('return -1;');
  }

  /** Steps over a value: fixed-size ones join the run, others have a function of their own. */
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
    // What is wanted itself must be whole.
    const isFollowed = isBefore || isMarked(wanted);
    const last = plan.fields.findLastIndex((field) => wanted?.children?.has(field.name));
    const choosers = new Map<string, Chooser>();
    for (const [index, field] of plan.fields.entries()) {
      if (index > last && !isFollowed) break;
      const inner = wanted?.children?.get(field.name);
      const chooser = field.plan.kind === 'chosen' && inner === undefined ? choosers.get(field.plan.by) : undefined;
      if (isChooser(plan, index)) choosers.set(field.name, { plan: field.plan, at: this.here() });
      if (chooser !== undefined) this.skipChosen(field.plan as ChosenPlan, chooser);
      else this.value(field.plan, inner, isFollowed || index < last);
    }
  }

  /** A variable for the place that was reached. */
  private here(): string {
    const at = this.fresh();
    this.endRun();
    this.line(`const ${at} = p;`);
    return at;
  }

  private skipTyped(plan: TypedPlan): void {
    const contents = this.constant(new TypedContents(plan, stepOf));
    this.skipCounted(undefined, (start, end) => `${this.constant(lookInto)}(s, ${contents}, 0, ${start}, ${end});`);
  }

  private skipChosen(plan: ChosenPlan, chooser: Chooser): void {
    const contents = this.constant(new ChosenContents(plan, chooser.plan, stepOf, (arm) => fixedSize(arm, 0)));
    const look = this.constant(lookInto);
    this.skipCounted(undefined, (start, end) => `${look}(s, ${contents}, ${chooser.at}, ${start}, ${end});`);
  }

  private union(plan: UnionPlan, wanted: Wanted | undefined, isBefore: boolean): void {
    this.markHere(wanted);
    const isFollowed = isBefore || isMarked(wanted);
    const { discriminant } = plan;
    const at = this.read(4);
    const value = this.fresh();
    this.line(`const ${value} = ${discriminant.plan.kind === 'unsigned' ? word(at) : signedWord(at)};`);
    if (discriminant.plan.kind === 'bool') this.line(`if (${value} >>> 0 > 1) return -1;`);
    this.mark(wanted?.children?.get(discriminant.name), at, '-1');
    this.endRun();
    this.line(`switch (${value}) {`);
    for (const [arm, values] of groupArms(plan)) {
      for (const label of values) this.line(`case ${label}:`);
      if (arm !== null) this.value(arm.plan, wanted?.children?.get(arm.name), isFollowed);
      this.endRun();
      this.line('break;');
    }
    this.line('default:');
    const { otherwise } = plan;
    if (otherwise === undefined) this.line('return -1;');
    else if (otherwise !== null) this.value(otherwise.plan, wanted?.children?.get(otherwise.name), isFollowed);
    this.endRun();
    this.line('}');
  }

  private optional(element: Plan, wanted: Wanted | undefined, isFollowed: boolean): void {
    const at = this.read(4);
    const flag = this.fresh();
    this.line(`const ${flag} = ${word(at)}; if (${flag} > 1) return -1;`);
    this.endRun();
    this.line(`if (${flag} === 1) {`);
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
    if (least === 0) {
      this.line(`if (${count} > ${MAX_EMPTY_ELEMENTS}) return -1;`);
      return;
    }
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

  /** @param look The statement that looks at what is inside, where something may be wrong there. */
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

  /** A counted array of words. */
  private words(wanted: Wanted | undefined): void {
    const at = this.read(4);
    const count = this.fresh();
    this.line(`const ${count} = ${word(at)};`);
    this.endRun();
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

/** A field that gives another one its type, and the variable of where it stands. */
interface Chooser {
  plan: Plan;
  at: string;
}

/** What fields that choose a type mostly are; others are the interpreter's. */
const CHOOSERS: ReadonlySet<Plan['kind']> = new Set(['int', 'unsigned', 'enum', 'bool', 'bitmap']);

/** True where a field behind this one of the struct has the type that this one chooses. */
function isChooser({ fields }: StructPlan, index: number): boolean {
  if (!CHOOSERS.has(fields[index].plan.kind)) return false;
  return fields.some(({ plan }, i) => i > index && plan.kind === 'chosen' && plan.by === fields[index].name);
}

/** The statements that say that nothing is found yet. A call into the runtime to fill so few places costs more. */
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

/** Bytes that every value of the plan takes, when none of them has to be looked at; else -1. */
function fixedSize(plan: Plan, depth: number): number {
  if (depth > 8) return -1;
  switch (plan.kind) {
    case 'void':
      return 0;
    case 'opaque':
      return plan.length < 0 ? -1 : padded(plan.length);
    case 'struct': {
      let size = 0;
      for (const field of plan.fields) {
        const part = fixedSize(field.plan, depth + 1);
        if (part < 0) return -1;
        size += part;
      }
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
