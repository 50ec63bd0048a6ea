/**
 * Calls that have no reply when the capture ends, or at a time that the user chose: how long they
 * have waited, and what is known of the cause. Replies that the capture may have missed, and replies
 * that a server may omit, are not waited for but counted; a TCP reply of which only the first part
 * has come is waited for. Bounded: the oldest calls are kept.
 */

import { ChosenFields } from '../dissect/chosen-fields.js';
import type { Dissection } from '../dissect/dissection.js';
import type { Exchange } from '../dissect/exchange.js';
import { ExchangeSummary } from '../dissect/exchange-summary.js';
import { sureOperation } from '../dissect/operations.js';
import { isToManyHosts } from '../dissect/silence.js';
import { MAX_PENDING_CALLS } from '../limits/analysis.js';
import type { Endpoint } from '../network/flow.js';
import type { ConnectionState } from '../rpc/connection-state.js';
import type { IcmpNote } from '../rpc/exchange-facts.js';
import type { Outcome } from '../rpc/outcome.js';
import type { Time } from './account.js';
import { compareMoments } from './retry-loops.js';

/** The slot of an NFSv4.1 session that a call uses (RFC 8881 §2.10.6.1). */
export interface SessionSlot {
  /** In hex. */
  session: string;
  slot: number;
  sequence: number;
}

export interface PendingCall extends Time {
  frame: number;
  /** Index of the input. */
  file: number;
  client: Endpoint;
  server: Endpoint;
  protocol: number;
  connection: number;
  xid: number;
  program: string | undefined;
  programNumber: number;
  version: number;
  procedure: string | undefined;
  procedureNumber: number;
  operation: string | undefined;
  summary: string;
  outcome: Outcome;
  /** null for UDP. */
  connectionState: ConnectionState | null;
  retransmissions: number;
  tcpRetransmissions: number;
  hasIncompleteReply: boolean;
  icmpError: IcmpNote | null;
  slot: SessionSlot | null;
  /** Why the server drops the call for its RPCSEC_GSS sequence number (RFC 2203 §5.3.3.1); null: it does not. */
  gssObjection: string | null;
  notes: readonly string[];
}

const GSS_NOTE = 'credential.seq_num: ';

export class PendingCalls {
  /** Counts: calls whose reply the capture may have lost, calls that need no reply, and calls beyond the bound. */
  lostToCapture = 0;
  silent = 0;
  dropped = 0;
  private calls: PendingCall[] = [];
  private readonly summary = new ExchangeSummary();
  private readonly sequence = new ChosenFields(['sa_sessionid', 'sa_slotid', 'sa_sequenceid']);

  /** Takes a finished exchange. */
  add(exchange: Exchange): void {
    const { call, reply, outcome } = exchange;
    if (reply !== null || call === null) return;
    if (outcome === 'lost_to_capture' && !isWithinReply(exchange)) this.lostToCapture++;
    else if (call.procedure?.plan.isSilent || isToManyHosts(call.message)) this.silent++;
    else this.keep(this.rowOf(exchange, call));
  }

  /** The calls, the oldest first. */
  rows(): readonly PendingCall[] {
    this.keepOldest();
    return this.calls;
  }

  private keep(call: PendingCall): void {
    this.calls.push(call);
    if (this.calls.length > 2 * MAX_PENDING_CALLS) this.keepOldest();
  }

  private keepOldest(): void {
    this.calls.sort(compareMoments);
    this.dropped += Math.max(0, this.calls.length - MAX_PENDING_CALLS);
    this.calls.length = Math.min(this.calls.length, MAX_PENDING_CALLS);
  }

  private rowOf(exchange: Exchange, call: Dissection): PendingCall {
    const { message, programName, procedureName, compound } = call;
    const gss = message.notes.find((note) => note.startsWith(GSS_NOTE));
    return {
      frame: message.frame,
      file: message.file,
      seconds: message.seconds,
      nanoseconds: message.nanoseconds,
      client: exchange.client,
      server: exchange.server,
      protocol: message.protocol,
      connection: message.connection,
      xid: message.xid,
      program: programName,
      programNumber: message.program,
      version: message.version,
      procedure: procedureName,
      procedureNumber: message.procedure,
      operation: sureOperation(compound),
      summary: this.summary.of(exchange),
      outcome: exchange.outcome,
      connectionState: exchange.connectionState,
      retransmissions: exchange.retransmissions,
      tcpRetransmissions: exchange.tcpRetransmissions,
      hasIncompleteReply: exchange.hasIncompleteReply,
      icmpError: exchange.icmpError,
      slot: this.slotOf(call),
      gssObjection: gss === undefined ? null : gss.slice(GSS_NOTE.length),
      notes: message.notes.filter((note) => note !== gss),
    };
  }

  private slotOf({ compound, extent }: Dissection): SessionSlot | null {
    const first = compound?.operations[0];
    if (first?.name !== 'SEQUENCE' || first.plan === null) return null;
    const { sequence } = this;
    sequence.find(first.plan, extent, first.at);
    const [session, slot, number] = [sequence.hex(0), sequence.number(1), sequence.number(2)];
    return session === undefined || slot === undefined || number === undefined
      ? null
      : { session, slot, sequence: number };
  }
}

/**
 * True where the capture ends within the reply over TCP: the rest may be what hangs, as behind a link that drops large
 * packets. Over UDP the missing fragments are lost.
 */
function isWithinReply({ hasIncompleteReply, connectionState }: Exchange): boolean {
  return hasIncompleteReply && connectionState !== null;
}
