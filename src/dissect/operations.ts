/**
 * Compounds: a procedure whose arguments and results are arrays of operations (NFSv4 COMPOUND, RFC 8881 §16.2). Finds the operations
 * of a message, picks the one that matters, and writes it with what it is done on; then the others by name.
 *
 * The one that matters is the first of those that the hint `minor` does not name; of the named ones, the first in its order. In a
 * failed reply it is the last one: the operation that ended the compound.
 */
import type { ByteWriter } from '../xdr/byte-writer.js';
import { read32, readInt32 } from '../xdr/bytes.js';
import { beginSkips, metFault, Skip } from '../xdr/codegen-extract.js';
import type { OperationsPlan, Plan } from '../xdr/plan.js';
import { type OperationKind, Shape, Shapes } from './operation-shapes.js';
import { statusText } from './status.js';
import { type Extent, Summary, type SummaryContext } from './summary.js';

const SLASH = 0x2f;
/** Operations listed of one message: an honest compound has at most a few dozen. */
const MAX_OPERATIONS = 1024;
/** Compounds of so many operations use the same objects again and again. */
const MAX_REUSED = 32;

/** One operation of the message at hand. */
export class Operation {
  kind!: OperationKind;
  /** Where its arguments or its result are; `end` is -1 where they are not whole. */
  at = 0;
  end = 0;
  /** The status as a number; NaN for calls, and where the reply does not reach so far. */
  statusNumber = Number.NaN;

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

  /** As text; null where there is none. */
  get status(): string | null {
    const { kind, statusNumber } = this;
    return Number.isNaN(statusNumber) ? null : statusText(kind.status!.plan, statusNumber);
  }
}

/** The operations of one message. One is used again for all calls, another for all replies, and so are their operations. */
export interface Compound {
  /** The field that holds them: `argarray`. */
  field: string;
  operations: readonly Operation[];
  shape: Shape;
  /** Index of the operation that matters; -1 when there is none. */
  main: number;
  /** False when some could not be read: another one might matter more. */
  isComplete: boolean;
  /** True when they reach to the end of the body, and nothing is wrong with what was stepped over. */
  isFilled: boolean;
}

const NO_OPERATIONS = new Shape(null, null, 0);
const NONE: readonly Operation[] = [];

/** True when all operations of a reply have the status 0, or nothing that could have one. */
export function isAllPlain({ operations }: Compound): boolean {
  for (let i = 0; i < operations.length; i++) {
    if (operations[i].statusNumber !== 0 && operations[i].kind.status !== null) return false;
  }
  return true;
}

/**
 * Where arguments or results have their operations, and those of the message last read there: a call that was kept and its reply are
 * looked at together.
 */
class Place {
  readonly compound: Compound;
  /** What stands before the operations. */
  private readonly before: Skip[];
  private readonly isLast: boolean;
  private readonly shapes: Shapes | null;
  private readonly pool: Operation[] = [];
  /** The first operations of the pool by their count. */
  private readonly pooled: (readonly Operation[])[] = [];

  constructor(root: Plan, field: string, plan: OperationsPlan) {
    const fields = root.kind === 'struct' ? root.fields : [];
    const index = fields.findIndex(({ name }) => name === field);
    const array = fields[index]?.plan;
    this.before = fields.slice(0, Math.max(0, index)).map((each) => new Skip(each.plan));
    this.isLast = index === fields.length - 1;
    this.shapes = array?.kind === 'array' && array.element.kind === 'union' ? new Shapes(plan, array.element) : null;
    this.compound = { field, operations: [], shape: NO_OPERATIONS, main: -1, isComplete: false, isFilled: false };
  }

  /** Reads the operations of a body, as far as its bytes go. */
  read(isCall: boolean, { bytes, at: start, end, limit }: Extent): void {
    const { compound, shapes } = this;
    let at = start;
    beginSkips();
    for (const skip of this.before) if (at >= 0) at = skip.over(bytes, at, end);
    compound.operations = NONE;
    compound.shape = shapes?.none ?? NO_OPERATIONS;
    compound.isComplete = false;
    compound.isFilled = false;
    if (shapes === null || at < 0 || at + 4 > end) return;
    const count = Math.min(read32(bytes, at), MAX_OPERATIONS);
    at += 4;
    let length = 0;
    let isKnown = true;
    while (isKnown && length < count && at >= 0 && at + 4 <= end) {
      const shape = shapes.after(compound.shape, readInt32(bytes, at));
      const kind = shape.kind!;
      const operation = this.operationOf(length++);
      compound.shape = shape;
      operation.kind = kind;
      operation.at = at + 4;
      // The status word is the first of every result.
      const hasStatus = !isCall && kind.status !== null && at + 8 <= end;
      operation.statusNumber = hasStatus ? readInt32(bytes, at + 4) : Number.NaN;
      at = kind.skip === null ? at + 4 : kind.skip.over(bytes, at + 4, end);
      operation.end = at;
      isKnown = kind.isKnown;
    }
    compound.operations = this.firstOperations(length);
    compound.isComplete = isKnown && length === count;
    compound.isFilled = compound.isComplete && this.isLast && at === limit && !metFault();
  }

  private operationOf(index: number): Operation {
    if (index === this.pool.length) this.pool.push(new Operation());
    return this.pool[index];
  }

  private firstOperations(count: number): readonly Operation[] {
    if (count > MAX_REUSED) return this.pool.slice(0, count);
    this.pooled[count] ??= this.pool.slice(0, count);
    return this.pooled[count];
  }
}

export class Operations {
  private readonly places: [call: Place | null, reply: Place | null] = [null, null];
  private readonly inner: Extent = { bytes: new Uint8Array(0), at: 0, end: 0, limit: 0 };

  constructor(
    private readonly plan: OperationsPlan,
    private readonly problem: (message: string) => void,
  ) {}

  /** Finds the operations in the arguments or the result, of which `root` is the plan; they hold until the next call's or result's. */
  find(root: Plan, isCall: boolean, isError: boolean, extent: Extent): Compound {
    const place = this.places[isCall ? 0 : 1] ?? this.addPlace(root, isCall);
    const { compound } = place;
    place.read(isCall, extent);
    compound.main = isError ? compound.operations.length - 1 : compound.shape.main;
    return compound;
  }

  /** Writes the operation that matters, then the others. */
  write(out: ByteWriter, compound: Compound, context: SummaryContext, extent: Extent): void {
    const { operations, main, shape } = compound;
    if (main < 0) return;
    out.text(operations[main].kind.text);
    const named = out.length;
    const subject = this.subjectOf(operations, main);
    if (subject >= 0) this.writeText(out, operations[subject], context, extent);
    const start = out.length;
    this.writeText(out, operations[main], context, extent);
    if (start > named) joinPath(out, start);
    out.text(shape.others(main));
  }

  /** The last operation before `main` that says what it is done on; -1 where none does. */
  private subjectOf(operations: readonly Operation[], main: number): number {
    let index = main - 1;
    while (index >= 0 && operations[index].name !== this.plan.subject) index--;
    return index;
  }

  private addPlace(root: Plan, isCall: boolean): Place {
    const place = new Place(root, isCall ? this.plan.call : this.plan.reply, this.plan);
    this.places[isCall ? 0 : 1] = place;
    return place;
  }

  private writeText(out: ByteWriter, operation: Operation, context: SummaryContext, extent: Extent): void {
    const { kind, at, end } = operation;
    if (kind.plan === null) return;
    kind.summary ??= new Summary(kind.plan, [{ kind: 'field', path: '', format: '' }], [], this.problem);
    const { inner } = this;
    inner.bytes = extent.bytes;
    inner.at = at;
    inner.end = extent.end;
    inner.limit = end < 0 ? extent.limit : end;
    kind.summary.find(inner);
    kind.summary.write(out, context, inner);
  }
}

/** What begins with a slash at `start` is in what was written before it: the blank between them goes, and a root's own slash. */
function joinPath(out: ByteWriter, start: number): void {
  const { bytes } = out;
  if (out.length < start + 2 || bytes[start + 1] !== SLASH) return;
  const skip = bytes[start - 1] === SLASH ? 2 : 1;
  // Names are short: a call into the runtime costs more than the loop.
  for (let at = start + skip; at < out.length; at++) bytes[at - skip] = bytes[at];
  out.length -= skip;
}
