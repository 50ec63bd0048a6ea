/**
 * Looks into a body without decoding it: finds the operations of a compound, or the fields that summaries and names are
 * made of, and the status. What is not wanted (`Wants`) is not looked for.
 */
import { CALL } from '../rpc/message.js';
import { readInt32 } from '../xdr/bytes.js';
import type { Plan } from '../xdr/plan.js';
import type { CallContexts } from './call-memory.js';
import type { Callbacks } from './callbacks.js';
import type { Dissection } from './dissection.js';
import { MAX_OPERATIONS } from './operation-shapes.js';
import type { Compound, Operations } from './operations.js';
import { ERROR, type Procedure, STATUS, type Wants } from './procedure.js';
import { cacheResult, isCacheable } from './request-cache.js';
import { SessionSlots } from './session-slots.js';
import { errorText, type StatusField } from './status.js';
import type { Summary } from './summary.js';

export class BodyFinder {
  /**
   * True once somebody asked for faults: these are then asked for with
   * each message, so bodies are looked through to their end at once.
   */
  seeksFaults = false;
  private readonly sessionSlots = new SessionSlots();

  constructor(
    private readonly wants: Wants,
    private readonly exchanges: CallContexts,
    private readonly callbacks: Callbacks,
  ) {}

  /** Slots of sessions that were forgotten. */
  get evictedSlots(): number {
    return this.sessionSlots.evicted;
  }

  /** Looks into the body of a dissection; `hasFields`: for more than its status and its operations. */
  find(dissection: Dissection, found: Procedure, hasFields: boolean): void {
    const { operations } = found;
    if (operations === null && hasFields) return this.findFields(dissection, found);
    // A compound's own summary is needed only where it has no operations: `writeSummary` finds its fields then.
    if (dissection.message.type !== CALL) this.findStatus(dissection, found);
    if (operations !== null) this.findOperations(dissection, operations);
  }

  /** Finds what the summary of a body needs, and its status. */
  private findFields(dissection: Dissection, found: Procedure): void {
    const { message, extent } = dissection;
    const isCall = message.type === CALL;
    const summary = isCall ? found.callSummary : found.replySummary;
    if (this.seeksFaults) dissection.isWhole = summary.findWhole(extent);
    else summary.find(extent);
    const status = isCall ? found.callStatus : found.status;
    if (status !== null) this.readStatus(dissection, status, summary);
  }

  private findStatus(dissection: Dissection, { status, statusSummary }: Procedure): void {
    statusSummary.find(dissection.extent);
    if (status !== null) this.readStatus(dissection, status, statusSummary);
  }

  /** The operations of a message, where they are wanted. Calls may announce a program for callbacks. */
  private findOperations(dissection: Dissection, operations: Operations): void {
    const { message, plan, error, extent } = dissection;
    const isCall = message.type === CALL;
    if (!isCall && this.wants === 'status') return;
    const compound = operations.find(plan!, isCall, error === true, extent);
    dissection.compound = compound;
    dissection.isWhole = compound.isFilled;
    if (compound.isBounded) message.notes.push(`the operations beyond the first ${MAX_OPERATIONS} were not looked at`);
    if (isCall) this.callbacks.learn(message, compound, extent.end);
    if (this.wants === 'summaries') this.followSlot(dissection, compound);
  }

  /** Finds which request of an NFSv4.1 session a call repeats. */
  private followSlot(dissection: Dissection, compound: Compound): void {
    const { message, extent } = dissection;
    const related = this.sessionSlots.follow(message, compound, extent.end);
    if (related.length > 0) dissection.related = [...dissection.related, ...related];
  }

  private readStatus(dissection: Dissection, field: StatusField, summary: Summary): void {
    const offset = summary.at(STATUS);
    if (offset < 0) {
      dissection.error = null;
      return;
    }
    const { plan, error } = field;
    const word = readInt32(dissection.extent.bytes, offset);
    if (error !== null) return this.readError(dissection, error.plan, word < 0, summary.at(ERROR));
    const value = plan.kind === 'unsigned' ? word >>> 0 : word;
    const status = field.words.of(value);
    dissection.statusNumber = value;
    dissection.status = status.text;
    dissection.error = !status.isSuccess;
    dissection.isPlainSuccess = status.isPlainSuccess;
    if (isCacheable(dissection.message)) this.compareReplies(dissection, value);
  }

  /** Remembers the status of the first reply for the second. */
  private compareReplies(dissection: Dissection, status: number): void {
    const { message } = dissection;
    if (message.isAnswer) this.exchanges.setStatus(message.exchange, status);
    else if (message.retransmission !== null) {
      dissection.requestCache = cacheResult(message, this.exchanges.statusOf(message.exchange), status);
    }
  }

  /** An errno-style status: the field that says which failure it is, or success, whatever that field holds. */
  private readError(dissection: Dissection, plan: Plan, isFailure: boolean, offset: number): void {
    dissection.error = isFailure;
    if (isFailure && offset < 0) return;
    dissection.statusNumber = isFailure ? readInt32(dissection.extent.bytes, offset) : 0;
    dissection.status = errorText(plan, dissection.statusNumber);
  }
}
