/**
 * Compounds: a procedure whose arguments and results are arrays of operations (NFSv4 COMPOUND, RFC 8881 §16.2). Finds the operations
 * of a message, picks the one that matters, and writes it with what it is done on; then the others, those that matter as much
 * with their values (`LOOKUP /a | OPEN b`), and the rest by name.
 *
 * The one that matters is the first of those that the hint `minor` does not name; of the named ones, the first in its order. In a
 * failed reply it is the last one: the operation that ended the compound.
 */
import type { ByteWriter } from '../xdr/byte-writer.js';
import { viewOf } from '../xdr/bytes.js';
import { beginSkips, metFault, Skip } from '../xdr/codegen-extract.js';
import type { OperationsPlan, Plan } from '../xdr/plan.js';
import { PreparedText } from '../xdr/prepared-text.js';
import type { Dissection } from './dissection.js';
import type { Extent } from './extent.js';
import {
  ByShape,
  MAX_OPERATIONS,
  type Operation,
  type OperationKind,
  type SavedSummary,
  Shape,
  Shapes,
} from './operation-shapes.js';
import { Summary, type SummaryContext } from './summary.js';
import { UsualShapes } from './usual-shapes.js';

const SLASH = 0x2f;
/** How many operations are written with their values, and how many by name. */
const MAX_WRITTEN = 12;
const MAX_NAMED = 12;
const ARROW = new PreparedText(' →');

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
    const { compound } = this;
    beginSkips();
    const view = viewOf(bytes);
    const at = this.skipBefore(bytes, view, start, end);
    compound.shape = this.shapes?.none ?? NO_OPERATIONS;
    compound.operations = compound.shape.operations;
    compound.isComplete = false;
    compound.isBounded = false;
    compound.isFilled = false;
    if (this.shapes === null || at < 0 || at + 4 > end) return;
    const last = this.findShape(this.shapes, bytes, view, at, end);
    compound.operations = compound.shape.operations;
    compound.isFilled = compound.isComplete && this.isLast && last === limit && !metFault();
  }

  private skipBefore(bytes: Uint8Array, view: DataView, start: number, end: number): number {
    let at = start;
    for (let i = 0; i < this.before.length && at >= 0; i++) at = this.before[i].over(bytes, view, at, end);
    return at;
  }

  /** Finds the operations behind their count; answers where the last one ends, -1 where it is not whole. */
  private findShape(shapes: Shapes, bytes: Uint8Array, view: DataView, at: number, end: number): number {
    const { compound } = this;
    const { bounds } = shapes.places;
    const announced = view.getUint32(at);
    const count = Math.min(announced, MAX_OPERATIONS);
    shapes.places.bytes = bytes;
    shapes.places.end = end;
    const wasSound = !metFault();
    const usual = this.usual.find(bytes, at + 4, end, count, bounds);
    if (usual !== null) {
      compound.shape = usual;
      compound.isComplete = true;
      return bounds[count];
    }
    if (wasSound) beginSkips();
    const last = this.walk(shapes, bytes, view, at + 4, end, count);
    if (compound.isComplete && announced > count) {
      compound.isBounded = true;
      compound.isComplete = false;
    }
    if (compound.isComplete && last >= 0) this.usual.add(compound.shape);
    return last;
  }

  /** Goes from one operation to the next, the first of them at `start`. */
  private walk(shapes: Shapes, bytes: Uint8Array, view: DataView, start: number, end: number, count: number): number {
    const { compound } = this;
    const { bounds } = shapes.places;
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

export class Operations {
  private readonly places: [call: Place | null, reply: Place | null] = [null, null];
  private readonly inner: Extent = { bytes: new Uint8Array(0), at: 0, end: 0, limit: 0 };

  constructor(
    private readonly plan: OperationsPlan,
    private readonly problem: (message: string) => void,
  ) {}

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

  /** Writes the operation that matters, then the others. */
  write(out: ByteWriter, compound: Compound, context: SummaryContext, extent: Extent): void {
    const { operations, main, shape } = compound;
    if (main < 0) return;
    const line = this.lineOf(shape, main === shape.main ? lines : failures, main);
    const { parts } = line;
    const isPlain = line.mayBePlain && areSilent(operations, parts);
    if (isPlain && line.plain !== null) return out.text(line.plain);
    const start = out.length;
    for (let i = 0; i < parts.length; i++) this.writePart(out, operations, parts[i], context, extent);
    out.text(line.rest);
    if (isPlain) line.plain = new PreparedText(out.bytes.subarray(start, out.length));
  }

  /** Writes the name of an operation, what it is done on, and its own values. */
  private writePart(
    out: ByteWriter,
    operations: readonly Operation[],
    part: Part,
    context: SummaryContext,
    extent: Extent,
  ): void {
    const { name, subject, saved, savedText } = part;
    out.text(name);
    if (savedText?.isBefore === true) {
      this.writeOn(out, operations, saved, part, savedText.summary, context, extent);
      out.text(ARROW);
    }
    this.writeOn(out, operations, subject, part, this.summaryOf(operations[part.index].kind), context, extent);
    if (savedText?.isBefore === false && saved >= 0) {
      out.text(ARROW);
      this.writeOn(out, operations, saved, part, savedText.summary, context, extent);
    }
  }

  /** Writes a subject, if there is one, and what `summary` says about an operation on it. */
  private writeOn(
    out: ByteWriter,
    operations: readonly Operation[],
    subject: number,
    { index, isFirst }: Part,
    summary: Summary | null,
    context: SummaryContext,
    extent: Extent,
  ): void {
    const named = out.length;
    if (subject >= 0) {
      this.writeText(out, operations[subject], this.summaryOf(operations[subject].kind), context, extent);
    }
    const start = out.length;
    this.writeText(out, operations[index], summary, context, extent);
    if (out.length < start + 2 || out.bytes[start + 1] !== SLASH) return;
    // A path needs no blank before it, and behind the slash of a root no slash.
    if (start > named) cut(out, start, out.bytes[start - 1] === SLASH ? 2 : 1);
    // A name begins where the operation written before it led to.
    else if (!isFirst && subject < 0) cut(out, start + 1, 1);
  }

  private lineOf(shape: Shape, known: ByShape<Line>, main: number): Line {
    let line = known.get(shape);
    if (line === undefined) {
      line = this.makeLine(shape.operations, main);
      known.set(shape, line);
    }
    return line;
  }

  private makeLine(operations: readonly Operation[], main: number): Line {
    const parts = [this.partOf(operations, main, [])];
    // Of a failed reply, `main` is the last operation, and may be a minor one.
    for (let index = main + 1; index < operations.length && parts.length < MAX_WRITTEN; index++) {
      const { kind } = operations[index];
      if (kind.rank >= 0 || (kind.status !== null && this.saysStatusOnly(kind))) continue;
      parts.push(this.partOf(operations, index, parts));
    }
    const mayBePlain = parts.every((part) =>
      [part.index, part.subject].every((index) => index < 0 || this.saysStatusOnly(operations[index].kind)),
    );
    const rest = operations.filter((_, index) => parts.every((part) => part.index !== index));
    return { parts, mayBePlain, rest: namesOf(rest), plain: null };
  }

  /** @param before Those that are written before it. */
  private partOf(operations: readonly Operation[], index: number, before: readonly Part[]): Part {
    const { kind, name } = operations[index];
    const isFirst = before.length === 0;
    return {
      index,
      ...this.subjectsOf(operations, index, before),
      savedText: this.savedTextOf(kind),
      name: new PreparedText(isFirst ? name : ` | ${name}`),
      isFirst,
    };
  }

  private saysStatusOnly(kind: OperationKind): boolean {
    const summary = this.summaryOf(kind);
    return summary === null || summary.isEmpty || (kind.status !== null && summary.saysFirstWordOnly);
  }

  /**
   * The operations that chose the current subject and the saved one of the operation at `index`; -1 where none did, or
   * where one of those written `before` it leads on from there.
   */
  private subjectsOf(
    operations: readonly Operation[],
    index: number,
    before: readonly Part[],
  ): { subject: number; saved: number } {
    let subject = -1;
    let saved = -1;
    for (let i = 0; i < index; i++) {
      const { name } = operations[i];
      if (name === this.plan.subject) subject = i;
      else if (name === this.plan.save) saved = subject;
      else if (name === this.plan.restore) subject = saved;
      else if (before.some((part) => part.index === i)) subject = -1;
    }
    return { subject, saved };
  }

  private savedTextOf(kind: OperationKind): SavedSummary | null {
    if (kind.savedText === undefined) kind.savedText = this.makeSavedText(kind.plan);
    return kind.savedText;
  }

  private makeSavedText(plan: Plan | null): SavedSummary | null {
    if (plan?.kind !== 'struct' || plan.saved === undefined) return null;
    const { isBefore, text } = plan.saved;
    return { isBefore, summary: new Summary(plan, text, [], this.problem) };
  }

  private addPlace(root: Plan, isCall: boolean): Place {
    const place = new Place(root, isCall ? this.plan.call : this.plan.reply, this.plan, isCall);
    this.places[isCall ? 0 : 1] = place;
    return place;
  }

  private writeText(
    out: ByteWriter,
    { at, end }: Operation,
    summary: Summary | null,
    context: SummaryContext,
    extent: Extent,
  ): void {
    if (summary === null) return;
    const { inner } = this;
    inner.bytes = extent.bytes;
    inner.at = at;
    inner.end = extent.end;
    inner.limit = end < 0 ? extent.limit : end;
    summary.find(inner);
    summary.write(out, context, inner);
  }

  /** Null for an operation without a value. */
  private summaryOf(kind: OperationKind): Summary | null {
    if (kind.plan === null) return null;
    kind.summary ??= new Summary(kind.plan, [{ kind: 'field', path: '', format: '' }], [], this.problem);
    return kind.summary;
  }
}

/** An operation that is written with its values. */
interface Part {
  readonly index: number;
  /** Index of the operation that says what this one is done on; -1 where none does. */
  readonly subject: number;
  /** Index of the operation that chose the saved subject; -1 where none did. */
  readonly saved: number;
  readonly savedText: SavedSummary | null;
  readonly name: PreparedText;
  readonly isFirst: boolean;
}

/** How compounds of a shape are written. */
interface Line {
  /** The operation that matters, then those behind it that matter as much and have values. */
  readonly parts: readonly Part[];
  /** They have nothing but a status to say, and nothing where that is 0. */
  readonly mayBePlain: boolean;
  /** The names of the other operations: ` (PUTFH, GETATTR)`. */
  readonly rest: PreparedText;
  /** The whole text where the parts say nothing; kept once it was written. */
  plain: PreparedText | null;
}

/** By shape: how its compounds are written, and how those that failed at their last operation are. */
const lines = new ByShape<Line>();
const failures = new ByShape<Line>();

/** True where all these operations, and those that say what they are done on, have the status 0 or no value. */
function areSilent(operations: readonly Operation[], parts: readonly Part[]): boolean {
  for (let i = 0; i < parts.length; i++) {
    const { index, subject } = parts[i];
    if (!isQuiet(operations[index]) || (subject >= 0 && !isQuiet(operations[subject]))) return false;
  }
  return true;
}

function isQuiet({ kind, statusNumber }: Operation): boolean {
  return kind.plan === null || statusNumber === 0;
}

function namesOf(operations: readonly Operation[]): PreparedText {
  if (operations.length === 0) return new PreparedText('');
  const names = operations.slice(0, MAX_NAMED).map(({ name }) => name);
  if (operations.length > MAX_NAMED) names.push(`… ${operations.length} in all`);
  return new PreparedText(` (${names.join(', ')})`);
}

/** Takes `count` bytes away at `start`. */
function cut(out: ByteWriter, start: number, count: number): void {
  const { bytes } = out;
  // Names are short: a call into the runtime costs more than the loop.
  for (let at = start + count; at < out.length; at++) bytes[at - count] = bytes[at];
  out.length -= count;
}
