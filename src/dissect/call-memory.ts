/**
 * The part of the exchange table that the dissector needs: where calls went, and what is kept with a call until its
 * reply comes. `CallMemory` is that part alone, for threads that have messages but not the table.
 */
import type { Endpoint } from '../network/flow.js';
import { NO_STATUS } from '../rpc/exchange-slots.js';
import type { ExchangeTable } from '../rpc/exchanges.js';
import { CALL, type Message } from '../rpc/message.js';

export type CallContexts = Pick<ExchangeTable, 'serverOf' | 'contextOf' | 'setContext' | 'statusOf' | 'setStatus'>;

export class CallMemory implements CallContexts {
  private readonly servers: Endpoint[] = [];
  private readonly contexts: unknown[] = [];
  private readonly statuses: number[] = [];

  /** Must be called with each message before it is dissected: a call that is no retransmission takes its slot anew. */
  enter({ type, exchange, retransmission, destination }: Message): void {
    if (type !== CALL || exchange < 0 || retransmission !== null) return;
    this.servers[exchange] = destination;
    this.contexts[exchange] = undefined;
    this.statuses[exchange] = NO_STATUS;
  }

  serverOf(slot: number): Endpoint | null {
    return this.servers[slot] ?? null;
  }

  contextOf(slot: number): unknown {
    return this.contexts[slot];
  }

  setContext(slot: number, context: unknown): void {
    this.contexts[slot] = context;
  }

  statusOf(slot: number): number {
    return this.statuses[slot];
  }

  setStatus(slot: number, status: number): void {
    this.statuses[slot] = status;
  }
}
