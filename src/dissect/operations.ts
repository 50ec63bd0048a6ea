/**
 * Compounds: a procedure whose arguments and results are arrays of operations (NFSv4 COMPOUND, RFC 8881 §16.2). Finds
 * the operations of a message, and the one that matters; `compound-line.ts` writes them.
 *
 * The one that matters is the first of those that the hint `minor` does not name; of the named ones, the first in its
 * order. In a failed reply it is the last one: the operation that ended the compound.
 */
import { viewOf } from '../xdr/bytes.js';
import { beginSkips, metFault, Skip } from '../xdr/codegen-extract.js';
import type { OperationsPlan, Plan } from '../xdr/plan.js';
import type { Dissection } from './dissection.js';
import type { Extent } from './extent.js';
import { MAX_OPERATIONS, type Operation, Shape, Shapes } from './operation-shapes.js';
import { UsualShapes } from './usual-shapes.js';

/**
 * The operations of one message. One object is used again for all calls of a procedure, another for all its replies.
 */
export interface Compound {
  /** The field that holds them: `argarray`. */
  field: string;
  operations: readonly Operation[];
  shape: Shape;
  /** Index of the operation that matters; -1 when there is none. */
  main: number;
  /** False when some could not be read. */
  isComplete: boolean;
  /** True when no operation that could not be read would matter more, or be the one that failed. */
  isMainSure: boolean;
  /** True when there are more than MAX_OPERATIONS: only these were looked at. */
  isBounded: boolean;
  /** True when they reach to the end of the body, and nothing is wrong with what was stepped over. */
  isFilled: boolean;
}

/** The name of the operation that matters most; undefined if there is none, or if one that could not be read might be it. */
export function sureOperation(compound: Compound | null): string | undefined {
  return compound?.isMainSure === true ? mainOperation(compound) : undefined;
}

/** The name of the operation that matters most among those that could be read; undefined if there is none. */
export function mainOperation(compound: Compound | null): string | undefined {
  return compound === null || compound.main < 0 ? undefined : compound.operations[compound.main].name;
}

/**
 * The name of the operation that matters most in the call of a reply, from the reply alone; undefined if it does not
 * tell. A failed reply lacks the operations behind the one that failed.
 */
export function operationOfCall({ procedure, plan, compound, error, extent }: Dissection): string | undefined {
  const operations = procedure?.operations ?? null;
  if (operations === null || plan === null) return undefined;
  const { shape, isComplete } = compound ?? operations.find(plan, false, error === true, extent);
  const isSure = shape.isMainSure || (isComplete && error === false);
  return isSure && shape.main >= 0 ? shape.operations[shape.main].name : undefined;
}

const NO_OPERATIONS = new Shape(null, null, 0);

/** True when all operations of a reply have the status 0, or nothing that could have one. */
export function isAllPlain({ operations }: Compound): boolean {
  for (let i = 0; i < operations.length; i++) {
    if (operations[i].statusNumber !== 0 && operations[i].kind.status !== null) return false;
  }
  return true;
}

/**
 * The operations in the arguments, or in the results, of a procedure; and those of the message last read. There is one
 * for each direction, because a call that was kept and its reply are looked at together.
 */
class Place {
  readonly compound: Compound;
  /** Step over the fields before the operations. */
  private readonly before: Skip[];
  private readonly isLast: boolean;
  private readonly shapes: Shapes | null;
  private readonly usual = new UsualShapes();

  constructor(root: Plan, field: string, plan: OperationsPlan, isCall: boolean) {
    const fields = root.kind === 'struct' ? root.fields : [];
    const index = fields.findIndex(({ name }) => name === field);
    const array = fields[index]?.plan;
    this.before = fields.slice(0, Math.max(0, index)).map((each) => new Skip(each.plan));
    this.isLast = index === fields.length - 1;
    const element = array?.kind === 'array' ? array.element : null;
    this.shapes = element?.kind === 'union' ? new Shapes(plan, element, isCall) : null;
    this.compound = {
      field,
      operations: NO_OPERATIONS.operations,
      shape: NO_OPERATIONS,
      main: -1,
      isComplete: false,
      isMainSure: false,
      isBounded: false,
      isFilled: false,
    };
  }

  /** Reads the operations of a body, as far as its bytes go. */
  read({ bytes, at: start, end, limit }: Extent): void {
    const { compound, shapes } = this;
    beginSkips();
    compound.shape = shapes?.none ?? NO_OPERATIONS;
    compound.operations = compound.shape.operations;
    compound.isComplete = false;
    compound.isBounded = false;
    compound.isFilled = false;
    if (shapes === null) return;
    const view = viewOf(bytes);
    const at = this.skipBefore(bytes, view, start, end);
    if (at < 0 || at + 4 > end) return;
    shapes.places.bytes = bytes;
    shapes.places.end = end;
    const last = this.findShape(shapes, view, at);
    compound.operations = compound.shape.operations;
    compound.isFilled = compound.isComplete && this.isLast && last === limit && !metFault();
  }

  private skipBefore(bytes: Uint8Array, view: DataView, start: number, end: number): number {
    let at = start;
    for (let i = 0; i < this.before.length && at >= 0; i++) at = this.before[i].over(bytes, view, at, end);
    return at;
  }

  /** Finds the operations behind their count at `at`; answers where the last one ends, -1 where it is not whole. */
  private findShape(shapes: Shapes, view: DataView, at: number): number {
    const { compound } = this;
    const { places } = shapes;
    const announced = view.getUint32(at);
    const count = Math.min(announced, MAX_OPERATIONS);
    const wasSound = !metFault();
    const usual = this.usual.find(places, at + 4, count);
    if (usual !== null) {
      compound.shape = usual;
      compound.isComplete = true;
      return places.bounds[count];
    }
    if (wasSound) beginSkips();
    const last = this.walk(shapes, view, at + 4, count);
    if (compound.isComplete && announced > count) {
      compound.isBounded = true;
      compound.isComplete = false;
    }
    if (compound.isComplete && last >= 0) this.usual.add(compound.shape);
    return last;
  }

  /** Goes from one of `count` operations to the next, the first of them at `start`. */
  private walk(shapes: Shapes, view: DataView, start: number, count: number): number {
    const { compound } = this;
    const { bytes, end, bounds } = shapes.places;
    let shape = shapes.none;
    let length = 0;
    let at = start;
    let isKnown = true;
    bounds[0] = at;
    while (length < count && isKnown && at >= 0 && at + 4 <= end) {
      shape = shapes.after(shape, view.getInt32(at));
      const { kind } = shape.last!;
      at = kind.skip.over(bytes, view, at + 4, end);
      bounds[++length] = at;
      isKnown = kind.isKnown;
    }
    compound.shape = shape;
    compound.isComplete = isKnown && length === count;
    return at;
  }
}

/** Finds the operations of one procedure's messages. */
export class Operations {
  private readonly places: [call: Place | null, reply: Place | null] = [null, null];

  constructor(private readonly plan: OperationsPlan) {}

  /**
   * Finds the operations in the arguments or the result, whose plan is `root`. They hold until those of the next call,
   * or the next reply, are found.
   */
  find(root: Plan, isCall: boolean, isError: boolean, extent: Extent): Compound {
    const place = this.places[isCall ? 0 : 1] ?? this.addPlace(root, isCall);
    const { compound } = place;
    place.read(extent);
    compound.main = isError ? compound.operations.length - 1 : compound.shape.main;
    compound.isMainSure = compound.isComplete || (!isError && compound.shape.isMainSure);
    return compound;
  }

  private addPlace(root: Plan, isCall: boolean): Place {
    const place = new Place(root, isCall ? this.plan.call : this.plan.reply, this.plan, isCall);
    this.places[isCall ? 0 : 1] = place;
    return place;
  }
}
