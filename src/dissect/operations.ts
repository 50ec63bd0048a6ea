/**
 * Compounds: a procedure whose arguments and results are arrays of operations (NFSv4 COMPOUND, RFC 8881 §16.2). Finds the operations
 * of a message, picks the one that matters, and writes it with what it is done on; then the others by name.
 *
 * The one that matters is the first of those that the hint `minor` does not name; of the named ones, the first in its order. In a
 * failed reply it is the last one: the operation that ended the compound.
 */
import type { ByteWriter } from '../xdr/byte-writer.js';
import { read32, readInt32 } from '../xdr/bytes.js';
import { endOf } from '../xdr/codegen-extract.js';
import type { OperationsPlan, Plan, UnionPlan } from '../xdr/plan.js';
import { findStatus, statusText } from './status.js';
import { type Extent, Summary, type SummaryContext } from './summary.js';

const SLASH = 0x2f;
/** Operations listed of one message: an honest compound has at most a few dozen. */
const MAX_OPERATIONS = 1024;
/** Names written after the main operation. */
const SHOWN_OPERATIONS = 12;

export interface Operation {
  /** Without its prefix: `LOOKUP`. */
  name: string;
  /** As it stands on the wire. */
  number: number;
  /** The field of its arm: `oplookup`; '' where it has none. */
  field: string;
  /** As text; null for calls, and where the reply does not reach so far. */
  status: string | null;
  /** The same as a number; NaN where there is none. */
  statusNumber: number;
  plan: Plan | null;
  at: number;
}

const NO_STATUS: Pick<Operation, 'status' | 'statusNumber'> = { status: null, statusNumber: Number.NaN };

/** The operations of one message. */
export interface Compound {
  /** The field that holds them: `argarray`. */
  field: string;
  operations: Operation[];
  /** Index of the operation that matters; -1 when there is none. */
  main: number;
  /** False when some could not be read: another one might matter more. */
  isComplete: boolean;
}

export class Operations {
  private readonly summaries = new Map<Plan, Summary>();
  private readonly names = new Map<UnionPlan, Map<number, string>>();

  constructor(
    private readonly plan: OperationsPlan,
    private readonly problem: (message: string) => void,
  ) {}

  /** Finds the operations in the arguments or the result, as far as the bytes go. */
  find(root: Plan, isCall: boolean, isError: boolean, extent: Extent): Compound {
    const operations: Operation[] = [];
    const field = isCall ? this.plan.call : this.plan.reply;
    const array = this.arrayOf(root, field, extent);
    const isComplete = array !== null && this.read(array.element, array.at, isCall, extent, operations);
    const main = isError ? operations.length - 1 : this.mainOf(operations);
    return { field, operations, main, isComplete };
  }

  /** Writes the operation that matters, then the others. */
  write(out: ByteWriter, compound: Compound, context: SummaryContext, extent: Extent): void {
    const { operations, main } = compound;
    if (main < 0) return;
    out.word(operations[main].name);
    const subject = operations.slice(0, main).findLast((operation) => operation.name === this.plan.subject);
    const named = out.length;
    if (subject !== undefined) this.writeText(out, subject, context, extent);
    const start = out.length;
    this.writeText(out, operations[main], context, extent);
    if (start > named) joinPath(out, start);
    const others = operations.filter((_, index) => index !== main).map((operation) => operation.name);
    if (others.length === 0) return;
    const shown = others.slice(0, SHOWN_OPERATIONS).join(', ');
    out.utf8(others.length > SHOWN_OPERATIONS ? ` (${shown}, … ${others.length} in all)` : ` (${shown})`);
  }

  /** Where the elements of a field of the root begin, and their plan. */
  private arrayOf(root: Plan, name: string, extent: Extent): { element: UnionPlan; at: number } | null {
    let { at } = extent;
    for (const field of root.kind === 'struct' ? root.fields : []) {
      if (field.name !== name) {
        at = endOf(field.plan, extent.bytes, at, extent.end);
        if (at < 0) return null;
      } else if (field.plan.kind === 'array' && field.plan.element.kind === 'union') {
        return { element: field.plan.element, at };
      }
    }
    return null;
  }

  /** Reads the operations; answers whether these are all. */
  private read(element: UnionPlan, start: number, isCall: boolean, extent: Extent, operations: Operation[]): boolean {
    const { bytes, end } = extent;
    if (start + 4 > end) return false;
    const count = Math.min(read32(bytes, start), MAX_OPERATIONS);
    const names = this.namesOf(element);
    for (let at = start + 4; operations.length < count && at + 4 <= end; ) {
      const value = readInt32(bytes, at);
      const arm = element.arms.has(value) ? element.arms.get(value) : element.otherwise;
      if (arm === undefined) {
        const name = names.get(value) ?? String(value);
        operations.push({ name, number: value, field: '', ...NO_STATUS, plan: null, at: at + 4 });
        return false;
      }
      const plan = arm?.plan ?? null;
      const name = names.get(value) ?? String(value);
      const status = isCall || !plan ? NO_STATUS : this.statusOf(plan, at + 4, extent);
      operations.push({ name, number: value, field: arm?.name ?? '', ...status, plan, at: at + 4 });
      at = plan === null ? at + 4 : endOf(plan, bytes, at + 4, end);
      if (at < 0) return operations.length === count;
    }
    return operations.length === count;
  }

  private namesOf(element: UnionPlan): Map<number, string> {
    let names = this.names.get(element);
    if (names === undefined) {
      const { plan } = element.discriminant;
      const { prefix } = this.plan;
      names = new Map();
      for (const [value, name] of plan.kind === 'enum' ? plan.names : []) {
        names.set(value, name.startsWith(prefix) ? name.slice(prefix.length) : name);
      }
      this.names.set(element, names);
    }
    return names;
  }

  private statusOf(plan: Plan, at: number, extent: Extent): typeof NO_STATUS {
    const field = findStatus(plan);
    if (field === null || at + 4 > extent.end) return NO_STATUS;
    // The status word is the first of every result.
    const statusNumber = readInt32(extent.bytes, at);
    return { status: statusText(field.plan, statusNumber), statusNumber };
  }

  private mainOf(operations: readonly Operation[]): number {
    const { minor } = this.plan;
    let best = -1;
    let bestRank = Number.POSITIVE_INFINITY;
    operations.forEach(({ name }, index) => {
      const rank = minor.indexOf(name);
      if (rank < bestRank) {
        best = index;
        bestRank = rank;
      }
    });
    return best;
  }

  private writeText(out: ByteWriter, operation: Operation, context: SummaryContext, extent: Extent): void {
    const { plan, at } = operation;
    if (plan === null) return;
    let summary = this.summaries.get(plan);
    if (summary === undefined) {
      summary = new Summary(plan, [{ kind: 'field', path: '', format: '' }], [], this.problem);
      this.summaries.set(plan, summary);
    }
    const limit = endOf(plan, extent.bytes, at, extent.end);
    const inner = { bytes: extent.bytes, at, end: extent.end, limit: limit < 0 ? extent.limit : limit };
    summary.find(inner);
    summary.write(out, context, inner);
  }
}

/** What begins with a slash at `start` is in what was written before it: the blank between them goes, and a root's own slash. */
function joinPath(out: ByteWriter, start: number): void {
  const { bytes } = out;
  if (out.length < start + 2 || bytes[start + 1] !== SLASH) return;
  const skip = bytes[start - 1] === SLASH ? 2 : 1;
  bytes.copyWithin(start, start + skip, out.length);
  out.length -= skip;
}
