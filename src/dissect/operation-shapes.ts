/**
 * What messages with the same operations in the same order have in common: clients send few such compounds, again and again. Shapes
 * form a tree: one knows the shapes that are one operation longer, so that reading an operation is a step down. Names, the operation
 * that matters and the texts made of them are known by the shape; only offsets and statuses are a message's own.
 */
import { MAX_CACHED_TEXTS } from '../limits.js';
import { ByNumber } from '../xdr/by-number.js';
import { Skip } from '../xdr/codegen-extract.js';
import type { OperationsPlan, Plan, UnionPlan } from '../xdr/plan.js';
import { PreparedText } from '../xdr/prepared-text.js';
import { findStatus, type StatusField } from './status.js';
import type { Summary } from './summary.js';

/** Names written after the main operation. */
const SHOWN_OPERATIONS = 12;

/** What all operations of one number have in common, in calls or in replies. */
export interface OperationKind {
  /** Without its prefix: `LOOKUP`. */
  readonly name: string;
  readonly text: PreparedText;
  /** As it stands on the wire. */
  readonly number: number;
  /** The field of its arm: `oplookup`; '' where it has none. */
  readonly field: string;
  readonly plan: Plan | null;
  /** Steps over its value; null where it has none. */
  readonly skip: Skip | null;
  /** The status word that its result begins with. */
  readonly status: StatusField | null;
  /** The lower, the more it matters. */
  readonly rank: number;
  /** False where nobody knows what follows it. */
  readonly isKnown: boolean;
  /** Writes what it is done on; made when that is first asked for. */
  summary: Summary | null;
}

/** What is known of a shape besides: derived once, and found by an index. Used as a WeakMap is. */
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
  /** By the number of one operation more. */
  private readonly next = new ByNumber<Shape>();
  /** See `ByShape`. */
  readonly facts: unknown[] = [];
  /** The operation that matters; -1 when there is none. */
  readonly main: number;
  private readonly mainRank: number;
  private mainText: PreparedText | null = null;
  private lastText: PreparedText | null = null;

  constructor(
    readonly parent: Shape | null,
    /** The last operation; null for the shape of none. */
    readonly kind: OperationKind | null,
    readonly length: number,
  ) {
    const matters = kind !== null && (parent === null || parent.main < 0 || kind.rank < parent.mainRank);
    this.main = matters ? length - 1 : (parent?.main ?? -1);
    this.mainRank = matters ? kind.rank : (parent?.mainRank ?? 0);
  }

  get(number: number): Shape | undefined {
    return this.next.get(number);
  }

  add(kind: OperationKind): Shape {
    const shape = new Shape(this, kind, this.length + 1);
    this.next.set(kind.number, shape);
    return shape;
  }

  /** Its operations, in order. */
  kinds(): OperationKind[] {
    return this.kind === null ? [] : [...this.parent!.kinds(), this.kind];
  }

  /** The names of all operations but one, which matters or is the last: ` (PUTFH, GETATTR)`. */
  others(main: number): PreparedText {
    if (main === this.main) {
      this.mainText ??= this.othersText(main);
      return this.mainText;
    }
    this.lastText ??= this.othersText(this.length - 1);
    return this.lastText;
  }

  private othersText(main: number): PreparedText {
    const others = this.kinds().filter((_, index) => index !== main);
    if (others.length === 0) return new PreparedText('');
    const shown = others.slice(0, SHOWN_OPERATIONS).map(({ name }) => name);
    if (others.length > SHOWN_OPERATIONS) shown.push(`… ${others.length} in all`);
    return new PreparedText(` (${shown.join(', ')})`);
  }
}

/** The shapes of calls, or of replies. */
export class Shapes {
  none = new Shape(null, null, 0);
  private readonly kinds = new Map<number, OperationKind>();
  private readonly names = new Map<number, string>();
  private count = 0;

  constructor(
    private readonly plan: OperationsPlan,
    private readonly element: UnionPlan,
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
    return shape.add(this.kindOf(number));
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
      text: new PreparedText(name),
      number,
      field: arm?.name ?? '',
      plan,
      skip: plan && new Skip(plan),
      status: plan && findStatus(plan),
      rank: this.plan.minor.indexOf(name),
      isKnown: arm !== undefined,
      summary: null,
    };
  }
}
