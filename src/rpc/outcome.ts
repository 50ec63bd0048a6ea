/**
 * The outcome of an exchange, and what the capture must have shown for it. Without a complete reply it is
 *
 *   lost_to_capture   the reply may have existed: after the call a hole in the other direction swallowed records or the
 *                     beginning of one, that direction was never captured, the capture ended within the reply, or fragments
 *                     of the reply's datagram are missing and the client did not send the call again;
 *   never_answered    the server had its chance: the same connection answered a call that was sent `PASSED_OVER_SECONDS`
 *                     later, the client used the xid for another call, an ICMP error came back, or a call over UDP waited
 *                     for `DATAGRAM_ANSWER_SECONDS`; or so many calls followed that this one left the table (unless the
 *                     capture had no reply at all by then: that is lost_to_capture);
 *   connection_ended  neither, and the connection was closed, reset or replaced by a new one;
 *   open_at_end       neither, and the capture ended: the reply may have come later. Of captures made at different times,
 *                     the end of the one that has the call counts (`capture/coverage.ts`).
 *
 * The first that applies, in this order, is the outcome.
 */
import { DATAGRAM_ANSWER_SECONDS, PASSED_OVER_SECONDS } from '../limits/rpc.js';
import type { Rest } from '../network/rest.js';
import { AdoptedCalls } from './adopted-calls.js';
import { CONNECTION_STATES, type ConnectionState } from './connection-state.js';
import {
  CALL_NANOSECONDS,
  CALL_SECONDS,
  type ExchangeSlots,
  ICMP_FRAME,
  LAST_CALL_NANOSECONDS,
  LAST_CALL_SECONDS,
  NONE,
  RESENDS,
  STATE,
} from './exchange-slots.js';

export const UNANSWERED = ['never_answered', 'connection_ended', 'lost_to_capture', 'open_at_end'] as const;
export type UnansweredOutcome = (typeof UNANSWERED)[number];
export type Outcome = 'answered' | UnansweredOutcome;

// Bits of a slot's STATE. Above them is the stored outcome of a call whose connection ended: its index in UNANSWERED
// plus 1.
/** A reply came that its receiver never had whole, and the call was not sent again since. */
export const INCOMPLETE_REPLY = 1;
/** The client used the xid for another call. */
export const SUPERSEDED = 2;
/** The outcome was reported. */
export const REPORTED = 4;
const OUTCOME_SHIFT = 4;
/**
 * The state of the connection, as its index in CONNECTION_STATES. The bits between hold an ICMP error
 * (exchange-facts.ts).
 */
const CONNECTION_SHIFT = 24;
const CONNECTION_MASK = 0xf << CONNECTION_SHIFT;

/** What the table knows of the calls in one direction of a TCP connection. */
export class CallStream {
  /** The newest call's slot, and how many calls have no reply yet. */
  newest = NONE;
  unanswered = 0;
  /** When the newest of the answered calls was sent, in seconds. */
  answeredSeconds = Number.NEGATIVE_INFINITY;
  /** Calls of ended connections that were sent again on this one; null: there were none. */
  adopted: AdoptedCalls | null = null;
  /** Program of the newest call; -1 before the first. */
  program = -1;

  constructor(readonly owner: number) {}

  /** Writes or reads what is kept at rest. */
  keepAtRest(rest: Rest): void {
    this.newest = rest.integer(this.newest);
    this.unanswered = rest.integer(this.unanswered);
    this.answeredSeconds = rest.double(this.answeredSeconds);
    this.program = rest.integer(this.program);
    if (rest.flag(this.adopted !== null)) {
      this.adopted ??= new AdoptedCalls();
      this.adopted.keepAtRest(rest);
    }
  }
}

/** How a connection ended, as far as outcomes depend on it. */
export interface StreamEnd {
  /** False where only the capture ended. */
  isConnectionEnd: boolean;
  /** Segments of the direction that carries replies were captured. */
  sawReplies: boolean;
  state: ConnectionState;
}

/**
 * The outcome of a TCP call without a reply, at the end of its connection or of the capture.
 * @param mayBeLost Bytes of replies are missing since the call.
 */
export function streamOutcome(
  slots: ExchangeSlots,
  slot: number,
  stream: CallStream,
  end: StreamEnd,
  mayBeLost: boolean,
): UnansweredOutcome {
  const state = slots.get(slot, STATE);
  const isInReply = (state & INCOMPLETE_REPLY) !== 0 && !end.isConnectionEnd;
  if (isInReply || !end.sawReplies || mayBeLost) return 'lost_to_capture';
  const passedOver = stream.answeredSeconds - sentAt(slots, slot) >= PASSED_OVER_SECONDS;
  if (passedOver || (state & SUPERSEDED) !== 0) return 'never_answered';
  return end.isConnectionEnd ? 'connection_ended' : 'open_at_end';
}

/** The outcome of a UDP call without a reply for which its client waited so many seconds. */
export function datagramOutcome(slots: ExchangeSlots, slot: number, waited: number): UnansweredOutcome {
  const state = slots.get(slot, STATE);
  if ((state & INCOMPLETE_REPLY) !== 0) return 'lost_to_capture';
  const isGivenUp = (state & SUPERSEDED) !== 0 || slots.get(slot, ICMP_FRAME) !== 0;
  return isGivenUp || waited >= DATAGRAM_ANSWER_SECONDS ? 'never_answered' : 'open_at_end';
}

/** When the call was last sent, in seconds. */
export function sentAt(slots: ExchangeSlots, slot: number): number {
  const [seconds, nanoseconds] =
    slots.get(slot, RESENDS) > 0 ? [LAST_CALL_SECONDS, LAST_CALL_NANOSECONDS] : [CALL_SECONDS, CALL_NANOSECONDS];
  return slots.getDouble(slot, seconds) + slots.get(slot, nanoseconds) / 1e9;
}

/** The outcome that was stored when the connection ended; undefined: it has not ended. */
export function storedOutcome(slots: ExchangeSlots, slot: number): UnansweredOutcome | undefined {
  return UNANSWERED[((slots.get(slot, STATE) >> OUTCOME_SHIFT) & 7) - 1];
}

export function storeOutcome(slots: ExchangeSlots, slot: number, outcome: UnansweredOutcome): void {
  const rest = slots.get(slot, STATE) & ~(7 << OUTCOME_SHIFT);
  slots.set(slot, STATE, rest | ((UNANSWERED.indexOf(outcome) + 1) << OUTCOME_SHIFT));
}

/** The call was sent again on another connection, so what became of the old one no longer counts. */
export function clearOutcome(slots: ExchangeSlots, slot: number): void {
  slots.set(slot, STATE, slots.get(slot, STATE) & ~(7 << OUTCOME_SHIFT) & ~INCOMPLETE_REPLY & ~CONNECTION_MASK);
}

export function storedConnection(slots: ExchangeSlots, slot: number): ConnectionState {
  return CONNECTION_STATES[(slots.get(slot, STATE) >> CONNECTION_SHIFT) & 0xf];
}

export function storeConnection(slots: ExchangeSlots, slot: number, state: ConnectionState): void {
  const rest = slots.get(slot, STATE) & ~CONNECTION_MASK;
  slots.set(slot, STATE, rest | (CONNECTION_STATES.indexOf(state) << CONNECTION_SHIFT));
}
