/**
 * The line of a compound: the operation that matters with what it is done on; then those behind it that matter as much
 * with their values (`LOOKUP /a | OPEN b`), and the rest by name.
 */
import { ByteWriter } from '../xdr/byte-writer.js';
import type { OperationsPlan, Plan } from '../xdr/plan.js';
import { PreparedText } from '../xdr/prepared-text.js';
import { writeText } from '../xdr/text.js';
import type { Extent } from './extent.js';
import { ByShape, type Operation, type OperationKind, type SavedSummary, type Shape } from './operation-shapes.js';
import type { Compound } from './operations.js';
import { Summary, type SummaryContext } from './summary.js';

const SLASH = 0x2f;
/** How many operations are written with their values, and how many by name. */
const MAX_WRITTEN = 12;
const MAX_NAMED = 12;
const ARROW = new PreparedText(' →');

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
  /** The other operations, and their names: ` (PUTFH, GETATTR)`. */
  readonly others: readonly Operation[];
  readonly rest: PreparedText;
  /** Those of them that may have a notice. */
  readonly noticed: readonly Operation[];
  /** The whole text where the parts say nothing; kept once it was written. */
  plain: PreparedText | null;
}

/** By shape: how its compounds are written, and how those that failed at their last operation are. */
const lines = new ByShape<Line>();
const failures = new ByShape<Line>();

/** Writes the lines of one procedure's compounds. */
export class CompoundLine {
  // The compound that is being written.
  private out!: ByteWriter;
  private operations: readonly Operation[] = [];
  private context!: SummaryContext;
  /** Of its operations together, and of one of them. */
  private extent!: Extent;
  private readonly inner: Extent = { bytes: new Uint8Array(0), at: 0, end: 0, limit: 0 };

  constructor(
    private readonly plan: OperationsPlan,
    private readonly problem: (message: string) => void,
  ) {}

  /** Writes the operation that matters, then the others. */
  write(out: ByteWriter, compound: Compound, context: SummaryContext, extent: Extent): void {
    const { operations, main, shape } = compound;
    if (main < 0) return;
    const line = this.lineOf(shape, main === shape.main ? lines : failures, main);
    const { parts } = line;
    const hasNotice = line.noticed.length > 0 && line.noticed.some(({ noticeAt }) => noticeAt >= 0);
    const isPlain = line.mayBePlain && !hasNotice && areSilent(operations, parts);
    if (isPlain && line.plain !== null) return out.text(line.plain);
    this.out = out;
    this.operations = operations;
    this.context = context;
    this.extent = extent;
    const start = out.length;
    for (let i = 0; i < parts.length; i++) this.writePart(parts[i]);
    if (hasNotice) out.text(namesOf(line.others, (operation) => this.withNotice(operation)));
    else out.text(line.rest);
    if (isPlain) line.plain = new PreparedText(out.bytes.subarray(start, out.length));
  }

  /** The name of an operation, and its notice: `SEQUENCE LEASE_MOVED`. */
  private withNotice({ name, kind, noticeAt }: Operation): string {
    if (kind.notice === null || noticeAt < 0) return name;
    const text = new ByteWriter(64);
    writeText(
      text,
      { bytes: this.extent.bytes, programs: this.context.programs },
      kind.notice.plan,
      '',
      noticeAt,
      -1,
      '',
    );
    return `${name} ${text.toString()}`;
  }

  /** Writes the name of an operation, what it is done on, and its own values. */
  private writePart(part: Part): void {
    const { name, subject, saved, savedText } = part;
    const { out } = this;
    out.text(name);
    if (savedText?.isBefore === true) {
      this.writeOn(saved, part, savedText.summary);
      out.text(ARROW);
    }
    this.writeOn(subject, part, this.summaryOf(this.operations[part.index].kind));
    if (savedText?.isBefore === false && saved >= 0) {
      out.text(ARROW);
      this.writeOn(saved, part, savedText.summary);
    }
  }

  /** Writes a subject, if there is one, and what `summary` says about an operation on it. */
  private writeOn(subject: number, { index, isFirst }: Part, summary: Summary | null): void {
    const { out, operations } = this;
    const named = out.length;
    if (subject >= 0) this.writeText(operations[subject], this.summaryOf(operations[subject].kind));
    const start = out.length;
    this.writeText(operations[index], summary);
    if (out.length < start + 2 || out.bytes[start + 1] !== SLASH) return;
    // A path needs no blank before it, and behind the slash of a root no slash.
    if (start > named) cut(out, start, out.bytes[start - 1] === SLASH ? 2 : 1);
    // A name begins where the operation written before it led to.
    else if (!isFirst && subject < 0) cut(out, start + 1, 1);
  }

  private writeText({ at, end }: Operation, summary: Summary | null): void {
    if (summary === null) return;
    const { inner, extent } = this;
    inner.bytes = extent.bytes;
    inner.at = at;
    inner.end = extent.end;
    inner.limit = end < 0 ? extent.limit : end;
    summary.find(inner);
    summary.write(this.out, this.context, inner);
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
    const others = operations.filter((_, index) => parts.every((part) => part.index !== index));
    const noticed = others.filter(({ kind }) => kind.notice !== null);
    return { parts, mayBePlain, others, rest: namesOf(others, ({ name }) => name), noticed, plain: null };
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

  /** Null for an operation without a value. */
  private summaryOf(kind: OperationKind): Summary | null {
    if (kind.plan === null) return null;
    kind.summary ??= new Summary(kind.plan, [{ kind: 'field', path: '', format: '' }], [], this.problem);
    return kind.summary;
  }
}

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

function namesOf(operations: readonly Operation[], nameOf: (operation: Operation) => string): PreparedText {
  if (operations.length === 0) return new PreparedText('');
  const names = operations.slice(0, MAX_NAMED).map(nameOf);
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
