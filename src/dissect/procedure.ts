/**
 * A procedure of one version of one program, ready for messages: its plans, summaries, status word, and what its reply
 * needs to know of the call.
 */
import { read32 } from '../xdr/bytes.js';
import { Extractor } from '../xdr/codegen-extract.js';
import type { OpaquePlan, Plan, ProcedurePlan, StringPlan } from '../xdr/plan.js';
import { PreparedText } from '../xdr/prepared-text.js';
import { Announcement } from './announcement.js';
import { CompoundLine } from './compound-line.js';
import type { Extent } from './extent.js';
import { planAt } from './field-path.js';
import { bytesField, handlePaths } from './names/fields.js';
import { type LessonPaths, NameLesson } from './names/name-lesson.js';
import { Operations } from './operations.js';
import { findCallStatus, findStatus, type StatusField } from './status.js';
import { generatedTemplate, Summary } from './summary.js';

/** A handle that is in no array or list: its path in records, and its index among the extra paths of the summary. */
export interface HandleField {
  field: string;
  plan: OpaquePlan | StringPlan;
  extra: number;
}

/**
 * Indices of the first extra paths of a summary with a status (`Summary.at`): the status word, and for errno-style ones
 * the field that says which failure it is.
 */
export const STATUS = 0;
export const ERROR = 1;

/**
 * What is wanted of messages. The less it is, the fewer fields are looked for in bodies.
 * - `summaries`: all that a summary says;
 * - `names`: only what file names are learnt from, and the handles that have them;
 * - `operations`: the status word, and the operations of compounds;
 * - `status`: the status word, and the operations of calls only.
 */
export type Wants = 'summaries' | 'names' | 'operations' | 'status';

let procedures = 0;

export class Procedure {
  /** A number of its own, counted from 0, so that tables by procedure can be arrays. */
  readonly id = procedures++;
  readonly status: StatusField | null;
  /** The status in the arguments, of a call that answers another call. */
  readonly callStatus: StatusField | null;
  /** null for all procedures but compounds. */
  readonly operations: Operations | null;
  readonly compoundLine: CompoundLine | null;
  readonly name: PreparedText;
  readonly callSummary: Summary;
  readonly replySummary: Summary;
  /** Finds nothing but the status word. */
  readonly statusSummary: Summary;
  readonly callHandles: HandleField[];
  readonly replyHandles: HandleField[];
  /** What its replies teach of file names; null when that is nothing. */
  readonly nameLesson: NameLesson | null;
  /** What its replies say of where programs are; null when that is nothing. */
  readonly announcement: Announcement | null;
  /** Paths of the call's arguments that the result's plan asks for (`call.prog`). */
  readonly contextPaths: string[];
  private readonly context: Extractor;
  /**
   * True where calls have no status of their own, and leave
   * nothing to their replies but names: see `Dissector.findUsual`.
   */
  readonly hasStatusOnly: boolean;

  constructor(
    readonly plan: ProcedurePlan,
    problem: (message: string) => void = () => {},
    wants: Wants = 'summaries',
  ) {
    this.status = findStatus(plan.result);
    this.callStatus = plan.result.kind === 'void' ? findCallStatus(plan.arguments) : null;
    this.operations = plan.operations && new Operations(plan.operations);
    this.compoundLine = plan.operations && new CompoundLine(plan.operations, problem);
    this.name = new PreparedText(plan.name);
    const hasText = wants === 'summaries';
    const hasNames = hasText || wants === 'names';
    const call = hasText ? (plan.call ?? generatedTemplate(plan.arguments)) : [];
    const reply = hasText ? (plan.reply ?? generatedTemplate(plan.result)) : [];
    const paths: LessonPaths = { call: statusPaths(this.callStatus), reply: statusPaths(this.status) };
    this.callHandles = hasNames ? handlesOf(plan.arguments, 'args', paths.call) : [];
    this.replyHandles = hasNames ? handlesOf(plan.result, 'result', paths.reply) : [];
    this.nameLesson = hasNames ? NameLesson.of(plan, paths, problem) : null;
    this.announcement = Announcement.of(plan, problem);
    this.callSummary = new Summary(plan.arguments, call, paths.call, problem);
    this.replySummary = new Summary(plan.result, reply, paths.reply, problem);
    this.statusSummary = hasNames ? new Summary(plan.result, [], statusPaths(this.status), problem) : this.replySummary;
    this.contextPaths = [...new Set(callPaths(plan.result))];
    for (const path of this.contextPaths) {
      if (planAt(plan.arguments, path) === undefined) problem(`'call.${path}' names no field of the call`);
    }
    this.context = new Extractor(plan.arguments, this.contextPaths);
    this.hasStatusOnly = this.callStatus === null && this.contextPaths.length === 0;
  }

  /** Reads what the reply will ask for from a call's arguments; null when it asks for nothing. */
  readContext({ bytes, at, end, limit }: Extent): Map<string, number> | null {
    const { contextPaths, context } = this;
    if (contextPaths.length === 0) return null;
    context.find(bytes, at, end, limit);
    const found = contextPaths.map((path, i) => [path, context.at(i)] as const).filter(([, offset]) => offset >= 0);
    return new Map(found.map(([path, offset]) => [path, read32(bytes, offset)]));
  }
}

/** The status word's path, then its error's. */
function statusPaths(status: StatusField | null): string[] {
  if (status === null) return [];
  return status.error === null ? [status.path] : [status.path, status.error.path];
}

/** The handles of a body; their paths are added to `paths`. */
function handlesOf(root: Plan, name: string, paths: string[]): HandleField[] {
  return handlePaths(root).map((path) => {
    const field = path === '' ? name : `${name}.${path}`;
    return { field, plan: bytesField(root, path)!.plan, extra: paths.push(path) - 1 };
  });
}

/** The `call.` operands anywhere in a plan. */
function* callPaths(plan: Plan, seen = new Set<Plan>()): Generator<string> {
  if (seen.has(plan)) return;
  seen.add(plan);
  switch (plan.kind) {
    case 'body':
      for (const operand of [plan.program, plan.version, plan.procedure]) {
        if (operand.kind === 'call') yield operand.path;
      }
      return;
    case 'struct':
      for (const field of plan.fields) yield* callPaths(field.plan, seen);
      return;
    case 'union':
      for (const arm of [...plan.arms.values(), plan.otherwise]) if (arm) yield* callPaths(arm.plan, seen);
      return;
    case 'array':
    case 'optional':
    case 'list':
    case 'typed':
      yield* callPaths(plan.element, seen);
      return;
    default:
      return;
  }
}
