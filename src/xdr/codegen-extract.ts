/**
 * Finds by generated code where the fields of a summary, a status word or a filter
 * are, where a value ends, and whether something in it is wrong. `extract-function.ts`
 * generates the functions; where code generation is refused, `extract.ts` serves.
 */
import { padded, viewOf } from './bytes.js';
import { type Cell, canGenerate } from './codegen.js';
import { extract, type Wanted, walkOver, wantPaths } from './extract.js';
import { type Extract, ExtractFunction, type ExtractState, fixedSize, skips } from './extract-function.js';
import type { FieldPlan, Plan } from './plan.js';
import type { SequenceWalk } from './sequence-function.js';

const state: ExtractState = {
  b: new Uint8Array(0),
  i: new DataView(new ArrayBuffer(0)),
  end: 0,
  limit: 0,
  depth: 0,
  hasFault: false,
  isCut: false,
  slots: new Int32Array(0),
};

/** Sets the bytes to read: they are there up to `end`; the value must end by `limit`. */
function enter(bytes: Uint8Array, end: number, limit: number): void {
  state.b = bytes;
  state.i = viewOf(bytes);
  state.end = end;
  state.limit = limit;
  state.depth = 0;
}

/**
 * Finds chosen paths in values of one plan; the compiled twin of `extract`. Its functions are generated when they are
 * first needed, and it holds what was found last.
 */
export class Extractor {
  /** As `extract` fills them: the offset of each path, and the count of a list. */
  readonly slots: Int32Array;
  private readonly wanted: Wanted;
  /** Stops at the last path; undefined: not generated yet, null: generating is refused. */
  private run: Extract | null | undefined;
  /** The same, but goes on to the value's end. */
  private runToEnd: Extract | null | undefined;

  constructor(
    private readonly plan: Plan,
    paths: readonly string[],
  ) {
    this.wanted = wantPaths(paths);
    this.slots = new Int32Array(2 * paths.length).fill(-1);
  }

  /** Looks into `bytes[at..end)`, which is there of a value that reaches to `limit`. */
  find(bytes: Uint8Array, at: number, end: number, limit: number): void {
    if (this.run === undefined) this.run = this.generate(false);
    if (this.run !== null && end >= limit && this.enterAndRun(this.run, bytes, at, limit) >= 0) return;
    extract(this.plan, this.wanted, bytes, at, end, limit, this.slots);
  }

  /** Like `find`. True means that the value is sound and fills `bytes[at..limit)`; false means nothing. */
  findWhole(bytes: Uint8Array, at: number, end: number, limit: number): boolean {
    if (this.runToEnd === undefined) this.runToEnd = this.generate(true);
    if (this.runToEnd !== null && end >= limit) {
      state.hasFault = false;
      const next = this.enterAndRun(this.runToEnd, bytes, at, limit);
      if (next >= 0) return next === limit && !state.hasFault;
    }
    extract(this.plan, this.wanted, bytes, at, end, limit, this.slots);
    return false;
  }

  /**
   * Like `find`, for one of several consecutive values. Returns where the next one begins; -1 where this one is not
   * whole.
   */
  findNext(bytes: Uint8Array, at: number, end: number): number {
    if (this.runToEnd === undefined) this.runToEnd = this.generate(true);
    if (this.runToEnd !== null) {
      const next = this.enterAndRun(this.runToEnd, bytes, at, end);
      if (next >= 0) return next;
    }
    extract(this.plan, this.wanted, bytes, at, end, end, this.slots);
    return walkOver(this.plan, bytes, at, end);
  }

  /** Offset of the field of a path, by its index among the paths; -1 where it is not there. */
  at(index: number): number {
    return this.slots[2 * index];
  }

  private generate(isFollowed: boolean): Extract | null {
    return canGenerate ? new ExtractFunction().generate(this.plan, this.wanted, isFollowed) : null;
  }

  private enterAndRun(run: Extract, bytes: Uint8Array, at: number, end: number): number {
    enter(bytes, end, end);
    state.slots = this.slots;
    return run(state, at);
  }
}

/** True when a value fills `bytes[at..limit)` exactly, and nothing in it is wrong; false where the interpreter has to look. */
export function fills(plan: Plan, bytes: Uint8Array, at: number, limit: number): boolean {
  if (!canGenerate) return false;
  enter(bytes, limit, limit);
  state.hasFault = false;
  return skips.get(plan).f(state, at) === limit && !state.hasFault;
}

/**
 * True when a value that reaches to `limit` is sound as far as it was
 * captured, `bytes[at..end)`; false where the interpreter has to look.
 */
export function isCutOff(plan: Plan, bytes: Uint8Array, at: number, end: number, limit: number): boolean {
  if (!canGenerate) return false;
  enter(bytes, end, limit);
  state.hasFault = false;
  state.isCut = false;
  const next = skips.get(plan).f(state, at);
  return (next >= 0 || state.isCut) && !state.hasFault;
}

/** Runs a generated walk over `bytes[at..end)`. */
export function runWalk(
  walk: SequenceWalk,
  bytes: Uint8Array,
  at: number,
  end: number,
  count: number,
  bounds: Int32Array,
): number {
  enter(bytes, end, end);
  return walk(state, at, count, bounds);
}

/** Clears what `metFault` answers. */
export function beginSkips(): void {
  state.hasFault = false;
}

/**
 * True when, since `beginSkips`, `Skip` or `runWalk` stepped
 * over a value whose contents are wrong or were not looked into.
 */
export function metFault(): boolean {
  return state.hasFault;
}

/**
 * Steps over values of one plan; see `endOf`. The values of most operations need no
 * generated function, whose call would cost more than the step: values of a fixed
 * size, counted bytes, and results that have one of these behind a status of 0.
 */
export class Skip {
  private readonly cell: Cell<Extract> | null;
  /** The value is a status, with something behind it only if that is 0. */
  private readonly hasStatus: boolean;
  /** The fixed size in bytes; -1 where sizes vary. */
  private readonly size: number;
  private readonly isCounted: boolean;

  constructor(private readonly plan: Plan) {
    this.cell = canGenerate ? skips.get(plan) : null;
    const inner = behindStatus(plan)?.plan;
    this.hasStatus = inner !== undefined;
    this.size = fixedSize(inner ?? plan, 0);
    this.isCounted = isCounted(inner ?? plan);
  }

  /** @param view Of the same bytes: words are read in one access. */
  over(bytes: Uint8Array, view: DataView, at: number, end: number): number {
    if (this.size >= 0 || this.isCounted) return this.overSimple(view, at, end);
    if (this.cell === null) return walkOver(this.plan, bytes, at, end);
    enter(bytes, end, end);
    return this.cell.f(state, at);
  }

  private overSimple(view: DataView, start: number, end: number): number {
    let at = start;
    if (this.hasStatus) {
      if (at + 4 > end) return -1;
      at += 4;
      if (view.getInt32(at - 4) !== 0) return at;
    }
    if (this.size >= 0) return at + this.size <= end ? at + this.size : -1;
    if (at + 4 > end) return -1;
    const length = view.getUint32(at);
    at += 4;
    if (length > end - at) return -1;
    return Math.min(end, at + padded(length));
  }
}

/**
 * The field of a result behind a status of 0; undefined for plans of any other form than a union on an enum with the
 * arm 0 and a void default.
 */
export function behindStatus(plan: Plan): FieldPlan | undefined {
  if (plan.kind !== 'union' || plan.otherwise !== null || plan.arms.size !== 1) return undefined;
  return plan.discriminant.plan.kind === 'enum' ? (plan.arms.get(0) ?? undefined) : undefined;
}

function isCounted(plan: Plan): boolean {
  if (plan.kind === 'struct' && plan.fields.length === 1) return isCounted(plan.fields[0].plan);
  return plan.kind === 'string' || (plan.kind === 'opaque' && plan.length < 0);
}

/** Where a value that begins at `at` ends; -1 where it is not whole, or does not decode. */
export function endOf(plan: Plan, bytes: Uint8Array, at: number, end: number): number {
  if (!canGenerate) return walkOver(plan, bytes, at, end);
  enter(bytes, end, end);
  return skips.get(plan).f(state, at);
}
