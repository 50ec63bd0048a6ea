/**
 * Shapes: what compounds with the same operations in the same order have in common. Clients
 * send few shapes, again and again. Shapes form a tree: each knows those that are one operation
 * longer, so reading an operation is a step down. A shape has the names, the operation that
 * matters and the texts made of them; only offsets and statuses are a message's own.
 */
import { MAX_CACHED_TEXTS } from '../limits/xdr.js';
import { ByNumber } from '../xdr/by-number.js';
import { readInt32 } from '../xdr/bytes.js';
import { behindStatus, Skip } from '../xdr/codegen-extract.js';
import { fixedSize } from '../xdr/extract-function.js';
import type { OperationsPlan, Plan, UnionPlan } from '../xdr/plan.js';
import { findStatus, type StatusField, statusText } from './status.js';
import type { Summary } from './summary.js';

/** Operations listed of one message: an honest compound has at most a few dozen. */
export const MAX_OPERATIONS = 1024;
/** What an operation without a value has. */
const NOTHING: Plan = { kind: 'void' };
/** Shapes of so many operations keep the list of them. */
const MAX_KEPT = 32;

/** What all operations of one number have in common, in calls or in replies. */
export interface OperationKind {
  /** Without its prefix: `LOOKUP`. */
  readonly name: string;
  /** As it stands on the wire. */
  readonly number: number;
  /** The field of its arm: `oplookup`; '' where it has none. */
  readonly field: string;
  readonly plan: Plan | null;
  /** Steps over its value. */
  readonly skip: Skip;
  /** The status word that its result begins with; null where it has none, and for calls. */
  readonly status: StatusField | null;
  /** What of its result is written where only its name is, unless it is 0; null where there is none, and for calls. */
  readonly notice: Notice | null;
  /** The lower, the more it matters; negative unless it is a minor one. */
  readonly rank: number;
  /** False where nobody knows what follows it. */
  readonly isKnown: boolean;
  /** Writes what it is done on; made when that is first asked for. */
  summary: Summary | null;
  /** What it says about the saved subject; null where it does not work on that, undefined until it is asked for. */
  savedText: SavedSummary | null | undefined;
}

/** A number of a result with status 0, which lies `offset` bytes behind the result's first one. */
export interface Notice {
  readonly offset: number;
  readonly plan: Plan;
}

/** Writes what an operation says about the saved subject, before or behind what it is done on. */
export interface SavedSummary {
  readonly isBefore: boolean;
  readonly summary: Summary;
}

/** Where the operations of the message at hand are. One is used again for all calls of a procedure, another for all its replies. */
export class OperationPlaces {
  /** What is there of the message is `bytes[…end)`. */
  bytes: Uint8Array = new Uint8Array(0);
  end = 0;
  /** Where the number of the first one is, then where each one ends: -1 where it is not whole. */
  readonly bounds = new Int32Array(MAX_OPERATIONS + 1);
}

/** One operation of a shape, as it is in the message at hand. */
export class Operation {
  constructor(
    readonly kind: OperationKind,
    private readonly index: number,
    private readonly places: OperationPlaces,
  ) {}

  /** Where its arguments or its result are. */
  get at(): number {
    return this.places.bounds[this.index] + 4;
  }

  /** Where they end; -1 where they are not whole. */
  get end(): number {
    return this.places.bounds[this.index + 1];
  }

  get name(): string {
    return this.kind.name;
  }

  get number(): number {
    return this.kind.number;
  }

  get field(): string {
    return this.kind.field;
  }

  get plan(): Plan | null {
    return this.kind.plan;
  }

  /** The status as a number; NaN for calls, and where the reply does not reach so far. */
  get statusNumber(): number {
    const { at } = this;
    const { bytes, end } = this.places;
    // The status word is the first of every result.
    return this.kind.status !== null && at + 4 <= end ? readInt32(bytes, at) : Number.NaN;
  }

  /** Where the notice in its result lies; -1 where it has none, or one of 0. */
  get noticeAt(): number {
    const { kind, at } = this;
    const { bytes, end } = this.places;
    if (kind.notice === null || this.statusNumber !== 0) return -1;
    const found = at + kind.notice.offset;
    return found + 4 <= end && readInt32(bytes, found) !== 0 ? found : -1;
  }

  /** As text; null where there is none. */
  get status(): string | null {
    const { kind, statusNumber } = this;
    return Number.isNaN(statusNumber) ? null : statusText(kind.status!.plan, statusNumber);
  }
}

/**
 * A table of facts that are derived once for each shape, used as
 * a WeakMap is: each shape holds its facts, by the table's index.
 */
export class ByShape<T> {
  private static count = 0;
  private readonly index = ByShape.count++;

  get({ facts }: Shape): T | undefined {
    return facts[this.index] as T | undefined;
  }

  set({ facts }: Shape, value: T): void {
    facts[this.index] = value;
  }
}

export class Shape {
  /** The shapes with one operation more, by its number; and the one asked for last, which mostly is asked for again. */
  private readonly next = new ByNumber<Shape>();
  private newest: Shape | null = null;
  /** See `ByShape`. */
  readonly facts: unknown[] = [];
  /** The operation that matters; -1 when there is none. */
  readonly main: number;
  private readonly mainRank: number;
  private kept: readonly Operation[] | null = null;
  /** How often it was found operation by operation (`usual-shapes.ts`). */
  misses = 0;
  /** The number of its last operation; -1 for the shape of none. */
  readonly number: number;

  constructor(
    readonly parent: Shape | null,
    /** The last operation; null for the shape of none. */
    readonly last: Operation | null,
    readonly length: number,
  ) {
    const kind = last?.kind ?? null;
    const matters = kind !== null && (parent === null || parent.main < 0 || kind.rank < parent.mainRank);
    this.main = matters ? length - 1 : (parent?.main ?? -1);
    this.mainRank = matters ? kind.rank : (parent?.mainRank ?? 0);
    this.number = kind?.number ?? -1;
  }

  /** True when no further operation can matter more: the one that does is not a minor one. */
  get isMainSure(): boolean {
    return this.main >= 0 && this.mainRank < 0;
  }

  get(number: number): Shape | undefined {
    const { newest } = this;
    if (newest !== null && newest.number === number) return newest;
    const shape = this.next.get(number);
    if (shape !== undefined) this.newest = shape;
    return shape;
  }

  add(kind: OperationKind, places: OperationPlaces): Shape {
    const shape = new Shape(this, new Operation(kind, this.length, places), this.length + 1);
    this.next.set(kind.number, shape);
    return shape;
  }

  /** The same shape, in no tree. */
  copy(): Shape {
    return new Shape(this.parent?.copy() ?? null, this.last, this.length);
  }

  /** Its operations, in order. */
  get operations(): readonly Operation[] {
    if (this.kept !== null) return this.kept;
    const operations = this.listOperations();
    if (this.length <= MAX_KEPT) this.kept = operations;
    return operations;
  }

  kinds(): OperationKind[] {
    return this.operations.map(({ kind }) => kind);
  }

  private listOperations(): readonly Operation[] {
    const operations: Operation[] = [];
    for (let shape: Shape | null = this; shape?.last != null; shape = shape.parent) operations.push(shape.last);
    return operations.reverse();
  }
}

/** The field with the hint `notice`, a number of 32 bits behind fields of fixed sizes; null where there is none. */
function findNotice(plan: Plan): Notice | null {
  const result = behindStatus(plan)?.plan;
  let offset = 4;
  for (const field of result?.kind === 'struct' ? result.fields : []) {
    if (field.isNotice && (field.plan.kind === 'int' || field.plan.kind === 'unsigned'))
      return { offset, plan: field.plan };
    const size = fixedSize(field.plan, 0);
    if (size < 0) return null;
    offset += size;
  }
  return null;
}

/** The shapes of calls, or of replies. */
export class Shapes {
  none = new Shape(null, null, 0);
  readonly places = new OperationPlaces();
  private readonly kinds = new Map<number, OperationKind>();
  private readonly names = new Map<number, string>();
  private count = 0;

  constructor(
    private readonly plan: OperationsPlan,
    private readonly element: UnionPlan,
    private readonly isCall: boolean,
  ) {
    const { plan: numbers } = element.discriminant;
    const { prefix } = plan;
    for (const [value, name] of numbers.kind === 'enum' ? numbers.names : []) {
      this.names.set(value, name.startsWith(prefix) ? name.slice(prefix.length) : name);
    }
  }

  /** The shape with one operation more. */
  after(shape: Shape, number: number): Shape {
    return shape.get(number) ?? this.add(shape, number);
  }

  private add(shape: Shape, number: number): Shape {
    if (++this.count > MAX_CACHED_TEXTS) {
      this.none = new Shape(null, null, 0);
      this.count = 0;
    }
    return shape.add(this.kindOf(number), this.places);
  }

  private kindOf(number: number): OperationKind {
    const known = this.kinds.get(number);
    if (known !== undefined) return known;
    const kind = this.makeKind(number);
    // Numbers that a capture makes up are not kept.
    if (this.element.arms.has(number)) this.kinds.set(number, kind);
    return kind;
  }

  private makeKind(number: number): OperationKind {
    const { element } = this;
    const name = this.names.get(number) ?? String(number);
    const arm = element.arms.has(number) ? element.arms.get(number) : element.otherwise;
    const plan = arm?.plan ?? null;
    return {
      name,
      number,
      field: arm?.name ?? '',
      plan,
      skip: new Skip(plan ?? NOTHING),
      status: plan && !this.isCall ? findStatus(plan) : null,
      notice: plan && !this.isCall ? findNotice(plan) : null,
      rank: this.plan.minor.indexOf(name),
      isKnown: arm !== undefined,
      summary: null,
      savedText: undefined,
    };
  }
}
