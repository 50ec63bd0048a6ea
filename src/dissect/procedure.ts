/** A procedure ready for messages: its plans, summaries, status word, and what its reply needs to know of the call. */

import { readInt32 } from '../xdr/bytes.js';
import { extract, type Wanted, wantPaths } from '../xdr/extract.js';
import type { Plan, ProcedurePlan } from '../xdr/plan.js';
import { PreparedText } from '../xdr/prepared-text.js';
import { Operations } from './operations.js';
import { findStatus, type StatusField } from './status.js';
import { follow, generatedTemplate, Summary } from './summary.js';

export class Procedure {
  readonly status: StatusField | null;
  /** null but for compounds. */
  readonly operations: Operations | null;
  readonly name: PreparedText;
  readonly callSummary: Summary;
  readonly replySummary: Summary;
  /** Finds the status word of a reply and nothing else. */
  readonly replyStatus: Summary;
  /** Paths of the call's arguments that the result's plan asks for (`call.prog`). */
  readonly contextPaths: string[];
  private readonly contextWanted: Wanted;

  constructor(
    readonly plan: ProcedurePlan,
    problem: (message: string) => void = () => {},
  ) {
    this.status = findStatus(plan.result);
    this.operations = plan.operations && new Operations(plan.operations, problem);
    this.name = new PreparedText(plan.name);
    const call = plan.call ?? generatedTemplate(plan.arguments);
    const reply = plan.reply ?? generatedTemplate(plan.result);
    this.callSummary = new Summary(plan.arguments, call, [], problem);
    this.replySummary = new Summary(plan.result, reply, statusPaths(this.status), problem);
    this.replyStatus = new Summary(plan.result, [], statusPaths(this.status), problem);
    this.contextPaths = [...new Set(callPaths(plan.result))];
    for (const path of this.contextPaths) {
      if (follow(plan.arguments, path.split('.')) === undefined) problem(`'call.${path}' names no field of the call`);
    }
    this.contextWanted = wantPaths(this.contextPaths);
  }

  /** Reads what the reply will ask for from a call's arguments; null when it asks for nothing. */
  readContext(bytes: Uint8Array, at: number, end: number, limit: number): Map<string, number> | null {
    if (this.contextPaths.length === 0) return null;
    const slots = new Int32Array(2 * this.contextPaths.length);
    extract(this.plan.arguments, this.contextWanted, bytes, at, end, limit, slots);
    const found = this.contextPaths.map((path, i) => [path, slots[2 * i]] as const).filter(([, offset]) => offset >= 0);
    return new Map(found.map(([path, offset]) => [path, readInt32(bytes, offset) >>> 0]));
  }
}

/** The status word's path, then its error's. */
function statusPaths(status: StatusField | null): string[] {
  if (status === null) return [];
  return status.error === null ? [status.path] : [status.path, status.error.path];
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
