/**
 * Statistics of the operations of compounds (NFSv4), wherever they stand in the compound: how often each
 * was called, executed, and not executed because an earlier one failed; its own errors; and the response
 * times of its compounds, because an operation has none of its own. Other procedures are not counted here.
 */
import type { Dissection } from '../dissect/dissection.js';
import type { Operation } from '../dissect/operation-shapes.js';
import type { UnansweredOutcome } from '../rpc/outcome.js';
import type { KeyedRow } from './row-keys.js';
import { rpcError, Statistics } from './statistics.js';
import type { StatisticsRow } from './statistics-row.js';

/** A compound that waits for its reply: the operations of its call, in order. */
interface PendingCompound {
  keyed: KeyedRow;
  names: string[];
  /** False where the call was cut off: it may have more operations. */
  isComplete: boolean;
}

export class OperationStatistics extends Statistics {
  private readonly compounds: (PendingCompound | 'other' | 'unreadable' | undefined)[] = [];

  protected override open(dissection: Dissection): void {
    const { compound, message, procedure } = dissection;
    let pending: (typeof this.compounds)[0] = 'other';
    if (compound !== null) {
      const names = compound.operations.map(({ name }) => name);
      pending = { keyed: this.keys.of(dissection), names, isComplete: compound.isComplete };
    } else if (procedure !== null && procedure.operations !== null) pending = 'unreadable';
    this.compounds[message.exchange] = pending;
  }

  override addUnanswered(exchange: number, outcome: UnansweredOutcome): void {
    const pending = this.take(exchange);
    if (pending === undefined) return;
    for (const name of pending.names) this.called(pending, exchange, name, '').unanswered[outcome]++;
  }

  protected override addAnswer(dissection: Dissection): void {
    const { message, compound } = dissection;
    const pending = this.take(message.exchange);
    if (pending === undefined) return;
    const stat = rpcError(message);
    const done = compound?.operations ?? [];
    const rows = new Set<StatisticsRow>();
    namesOf(pending, done).forEach((name, index) => {
      const operation = done[index];
      const row = this.called(pending, message.exchange, name, stat ?? operation?.status ?? '');
      rows.add(row);
      if (operation !== undefined) countExecuted(row, operation);
      else if (stat !== null || compound?.isComplete === true) row.notExecuted++;
      else row.unreadable++;
    });
    for (const row of rows) {
      row.addReply(0, message.elapsed);
      if (stat !== null) row.addRpcError(stat);
    }
  }

  /** The row of one operation of a call, with the call counted. */
  private called({ keyed }: PendingCompound, exchange: number, name: string, status: string): StatisticsRow {
    const row = this.rowOf(this.keys.withStatus(this.keys.withOperation(keyed, name), status));
    row.addCall(0, this.exchanges().callTimeOf(exchange) - this.first);
    return row;
  }

  private take(exchange: number): PendingCompound | undefined {
    const pending = this.compounds[exchange];
    this.compounds[exchange] = undefined;
    if (pending === 'other') this.besideRows.otherCalls++;
    else if (pending === 'unreadable') this.besideRows.unreadableCompounds++;
    else return pending;
    return undefined;
  }
}

/**
 * The operations that were called: those of the call and, where the call was cut off, the further ones of the reply.
 */
function namesOf({ names, isComplete }: PendingCompound, done: readonly Operation[]): string[] {
  return isComplete ? names : [...names, ...done.slice(names.length).map(({ name }) => name)];
}

function countExecuted(row: StatisticsRow, { status, statusNumber }: Operation): void {
  row.executed++;
  if (status !== null && statusNumber !== 0) row.addError(status);
}
