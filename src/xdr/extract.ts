/**
 * Extract: finds where chosen fields lie in a body, and skips the rest without
 * building anything. Summaries, status words, call contexts, filters and statistics
 * read what they need at these offsets. The slow twin of codegen-extract.ts.
 *
 * A path names a field as the tree does (`resok.object.data`). Optionals are stepped
 * through; elements of arrays and lists are not entered. Extraction ends quietly at the
 * first fault: the slots of fields that were not reached, or are not whole, stay -1.
 */
import { MAX_BITMAP_WORDS, MAX_DEPTH, MAX_EMPTY_ELEMENTS } from '../limits/xdr.js';
import { padded, read32, readInt32 } from './bytes.js';
import { CHOOSERS } from './chosen.js';
import { type ChosenPlan, leastSize, type Plan, type StructPlan, setBits, type UnionPlan } from './plan.js';

/** Chosen paths as a tree of names. */
export interface Wanted {
  /** Slot of the path that ends here, or -1. */
  slot: number;
  children: Map<string, Wanted> | null;
}

/** Makes the tree of names for `paths`; path i fills slot i. An empty path is the root. Two equal paths need one slot. */
export function wantPaths(paths: readonly string[]): Wanted {
  const root: Wanted = { slot: -1, children: null };
  paths.forEach((path, slot) => {
    let node = root;
    for (const name of path === '' ? [] : path.split('.')) {
      node.children ??= new Map();
      let child = node.children.get(name);
      if (child === undefined) {
        child = { slot: -1, children: null };
        node.children.set(name, child);
      }
      node = child;
    }
    node.slot = slot;
  });
  return root;
}

/**
 * Fills `slots[2 * i]` with the offset of path i in `bytes` (of its length prefix, where it has one) and `slots[2 * i + 1]` with
 * the count of a list; -1 where the field is not there. `bytes[at..end)` is there of a body that reaches to `limit`.
 */
export function extract(
  plan: Plan,
  wanted: Wanted,
  bytes: Uint8Array,
  at: number,
  end: number,
  limit: number,
  slots: Int32Array,
): void {
  slots.fill(-1);
  new Walk(bytes, Math.min(end, limit), limit, slots).value(plan, at, wanted, 0);
}

/** Where a value that begins at `at` ends; -1 where it is not whole, or does not decode. */
export function walkOver(plan: Plan, bytes: Uint8Array, at: number, end: number): number {
  return new Walk(bytes, end, end, NO_SLOTS).value(plan, at, undefined, 0);
}

/** One slot that nothing fills. Without it a walk would stop at once, because all its slots are filled. */
const NO_SLOTS = new Int32Array(2);
const STOP = -1;

/** Where a field lies. */
interface Place {
  plan: Plan;
  at: number;
}

type Scope = Map<string, Place>;

class Walk {
  private left: number;
  private emptyElements = 0;
  /** The fields passed so far of each enclosing struct and union, the innermost last. */
  private readonly scopes: Scope[] = [];

  constructor(
    private readonly bytes: Uint8Array,
    private end: number,
    private limit: number,
    private readonly slots: Int32Array,
  ) {
    this.left = slots.length >> 1;
  }

  /** Walks over a value; answers where the next one begins, or STOP at a fault or when all slots are filled. */
  value(plan: Plan, at: number, wanted: Wanted | undefined, depth: number): number {
    switch (plan.kind) {
      case 'void':
        return at;
      case 'string':
        return this.counted(at, wanted);
      case 'opaque':
        return plan.length < 0 ? this.counted(at, wanted) : this.fixed(at, plan.length, wanted);
      case 'bool':
        return at + 4 <= this.end && read32(this.bytes, at) > 1 ? STOP : this.fixed(at, 4, wanted);
      case 'array':
      case 'optional':
      case 'list':
      case 'struct':
      case 'union':
      case 'typed':
        return depth >= MAX_DEPTH ? STOP : this.nested(plan, at, wanted, depth + 1);
      case 'chosen':
        if (depth >= MAX_DEPTH) return STOP;
        if (wanted?.children) this.chosen(plan, at, wanted, depth + 1);
        return this.counted(at, wanted);
      case 'body':
        return this.counted(at, wanted);
      case 'dictionary':
        return this.dictionary(at, wanted);
      case 'bitmap':
        return this.bitmap(at, wanted);
      default:
        return this.fixed(at, leastSize(plan), wanted);
    }
  }

  private nested(plan: Plan, at: number, wanted: Wanted | undefined, depth: number): number {
    switch (plan.kind) {
      case 'struct':
        return this.struct(plan, at, wanted, depth);
      case 'union':
        return this.union(plan, at, wanted, depth);
      case 'optional': {
        const present = this.flag(at);
        if (present < 0) return STOP;
        return present === 0 ? at + 4 : this.value(plan.element, at + 4, wanted, depth);
      }
      case 'array':
        return this.array(plan.element, plan.length, at, wanted, depth);
      case 'list':
        return this.list(plan.element, plan.leading, at, wanted, depth);
      case 'typed':
        return this.typed(plan.element, at, wanted, depth);
      default:
        return STOP;
    }
  }

  private struct(plan: StructPlan, at: number, wanted: Wanted | undefined, depth: number): number {
    let next = at;
    const scope = this.openScope(wanted);
    for (const field of plan.fields) {
      if (field.isLater && next === this.limit) break;
      const start = next;
      next = this.value(field.plan, next, wanted?.children?.get(field.name), depth);
      if (next < 0 || this.left === 0) return STOP;
      scope?.set(field.name, { plan: field.plan, at: start });
    }
    if (scope !== null) this.scopes.pop();
    this.mark(wanted, at, -1);
    return this.left === 0 ? STOP : next;
  }

  /** Opens a scope only on the way to a wanted field: only there is the field asked for that chooses a type. */
  private openScope(wanted: Wanted | undefined): Scope | null {
    if (!wanted?.children) return null;
    const scope: Scope = new Map();
    this.scopes.push(scope);
    return scope;
  }

  /**
   * Walks into an opaque whose type is chosen by the nearest field of
   * a name. Contents that do not decode stay bytes, as in `typed`.
   */
  private chosen(plan: ChosenPlan, at: number, wanted: Wanted, depth: number): void {
    const chooser = this.scopes.findLast((scope) => scope.has(plan.by))?.get(plan.by);
    if (chooser === undefined || !CHOOSERS.has(chooser.plan.kind) || at + 4 > this.end) return;
    const { end, limit } = this;
    const around = this.scopes.length;
    this.limit = Math.min(limit, at + 4 + read32(this.bytes, at));
    this.end = Math.min(end, this.limit);
    const isCut = this.end < this.limit;
    if (isCut || this.arms(plan, chooser, at + 4, undefined, depth) >= 0)
      this.arms(plan, chooser, at + 4, wanted, depth);
    this.end = end;
    this.limit = limit;
    this.scopes.length = around;
  }

  /**
   * Walks over the value that a number chooses, or over one for each bit of a bitmap up to the first that is not known.
   */
  private arms({ union }: ChosenPlan, chooser: Place, at: number, wanted: Wanted | undefined, depth: number): number {
    const { plan, at: from } = chooser;
    if (plan.kind !== 'bitmap') {
      const arm = union.arms.get(plan.kind === 'unsigned' ? read32(this.bytes, from) : readInt32(this.bytes, from));
      return arm ? this.value(arm.plan, at, wanted, depth) : at;
    }
    // Its values are the members of a struct.
    if (depth >= MAX_DEPTH) return STOP;
    let next = at;
    for (const bit of setBits(this.bytes, from + 4, read32(this.bytes, from))) {
      const arm = union.arms.get(bit);
      if (arm === undefined || next < 0) break;
      if (arm !== null) next = this.value(arm.plan, next, wanted?.children?.get(arm.name), depth + 1);
    }
    return next;
  }

  private bitmap(at: number, wanted: Wanted | undefined): number {
    if (at + 4 > this.end) return STOP;
    const count = read32(this.bytes, at);
    const size = 4 * count;
    if (count > MAX_BITMAP_WORDS || at + 4 + size > this.end) return STOP;
    this.mark(wanted, at, -1);
    return this.left === 0 ? STOP : at + 4 + size;
  }

  private union(plan: UnionPlan, at: number, wanted: Wanted | undefined, depth: number): number {
    const { discriminant } = plan;
    const next = this.value(discriminant.plan, at, wanted?.children?.get(discriminant.name), depth);
    if (next < 0 || this.left === 0) return STOP;
    const value = discriminant.plan.kind === 'unsigned' ? read32(this.bytes, at) : readInt32(this.bytes, at);
    const arm = plan.arms.has(value) ? plan.arms.get(value) : plan.otherwise;
    if (arm === undefined) return STOP;
    const scope = this.openScope(wanted);
    scope?.set(discriminant.name, { plan: discriminant.plan, at });
    const last = arm === null ? next : this.value(arm.plan, next, wanted?.children?.get(arm.name), depth);
    if (last < 0) return STOP;
    if (scope !== null) this.scopes.pop();
    this.mark(wanted, at, -1);
    return this.left === 0 ? STOP : last;
  }

  private array(element: Plan, fixed: number, at: number, wanted: Wanted | undefined, depth: number): number {
    let next = at;
    let count = fixed;
    if (fixed < 0) {
      if (at + 4 > this.end) return STOP;
      count = read32(this.bytes, at);
      next = at + 4;
    }
    const least = leastSize(element);
    if (least === 0) this.emptyElements += count;
    if (count * least > this.limit - next || this.emptyElements > MAX_EMPTY_ELEMENTS) return STOP;
    for (let i = 0; least > 0 && i < count; i++) {
      next = this.value(element, next, undefined, depth);
      if (next < 0) return STOP;
    }
    this.mark(wanted, at, count);
    return this.left === 0 ? STOP : next;
  }

  private list(element: Plan, leading: boolean, at: number, wanted: Wanted | undefined, depth: number): number {
    let next = at;
    let count = 0;
    let more = leading ? 1 : this.flag(at);
    if (!leading) next += 4;
    while (more === 1) {
      next = this.value(element, next, undefined, depth);
      if (next < 0) return STOP;
      count++;
      more = this.flag(next);
      next += 4;
    }
    if (more < 0) return STOP;
    this.mark(wanted, at, count);
    return this.left === 0 ? STOP : next;
  }

  private typed(element: Plan, at: number, wanted: Wanted | undefined, depth: number): number {
    if (at + 4 > this.end) return STOP;
    const length = read32(this.bytes, at);
    const start = at + 4;
    if (length > this.limit - start) return STOP;
    const { end, limit } = this;
    const around = this.scopes.length;
    if (wanted !== undefined) {
      this.limit = start + length;
      this.end = Math.min(end, this.limit);
      // Contents that do not decode stay bytes, and have no fields; if they are only cut off, the fields before the cut
      // count.
      const isCut = this.end < this.limit;
      if (isCut || this.value(element, start, undefined, depth) >= 0) this.value(element, start, wanted, depth);
      this.end = end;
      this.limit = limit;
      this.scopes.length = around;
    }
    return this.left === 0 || start + length > end ? STOP : Math.min(start + padded(length), limit);
  }

  /** A dictionary, which fills the opaque around it. */
  private dictionary(at: number, wanted: Wanted | undefined): number {
    let next = at;
    const count = at + 4 <= this.end ? read32(this.bytes, at) : 0;
    if (at < this.limit) next += 4;
    for (let i = 0; i < count; i++) {
      if (next + 8 > this.end) return STOP;
      next += 9 + read32(this.bytes, next) + read32(this.bytes, next + 4);
    }
    if (next > this.end) return STOP;
    this.mark(wanted, at, count);
    return this.left === 0 ? STOP : next;
  }

  /** A value behind a length prefix. */
  private counted(at: number, wanted: Wanted | undefined): number {
    if (at + 4 > this.end) return STOP;
    const length = read32(this.bytes, at);
    if (length > this.limit - at - 4 || at + 4 + length > this.end) return STOP;
    this.mark(wanted, at, -1);
    return this.left === 0 ? STOP : Math.min(at + 4 + padded(length), this.limit);
  }

  private fixed(at: number, size: number, wanted: Wanted | undefined): number {
    if (at + size > this.end) return STOP;
    this.mark(wanted, at, -1);
    return this.left === 0 ? STOP : Math.min(at + padded(size), this.limit);
  }

  private flag(at: number): number {
    if (at + 4 > this.end) return -1;
    const word = read32(this.bytes, at);
    return word > 1 ? -1 : word;
  }

  private mark(wanted: Wanted | undefined, at: number, count: number): void {
    if (wanted === undefined || wanted.slot < 0) return;
    this.slots[2 * wanted.slot] = at;
    this.slots[2 * wanted.slot + 1] = count;
    this.left--;
  }
}
