/**
 * Answers questions about an exchange, given its slot, for the layers that dissect, count and write:
 * where its call went and when, what came back, what was sent again, and what was stored with it.
 * exchanges.ts opens and closes exchanges.
 */
import { isSameEndpoint } from '../network/endpoints.js';
import type { Endpoint } from '../network/flow.js';
import { nanosecondsBetween } from '../network/stamp.js';
import type { ConnectionState } from './connection-state.js';
import {
  CALL_LENGTH,
  CALL_NANOSECONDS,
  CALL_SECONDS,
  ExchangeSlots,
  ICMP_FILE,
  ICMP_FRAME,
  LAST_CALL_NANOSECONDS,
  LAST_CALL_SECONDS,
  REPLY_FRAME,
  RESENDS,
  STATE,
  STATUS,
  TCP_RETRANSMISSIONS,
} from './exchange-slots.js';
import { INCOMPLETE_REPLY, storedConnection } from './outcome.js';

/** The ICMP error that quoted a call. */
export interface IcmpNote {
  frame: number;
  /** Index of the input. */
  file: number;
  type: number;
  code: number;
}

/** The bits of a slot's STATE that hold an ICMP error's type and code. */
const ICMP_MASK = 0xffff00;

export class ExchangeFacts {
  protected readonly slots: ExchangeSlots;
  // Not filled in advance: the arrays grow by one entry a call in the ring's first turn, which saves 4 ms at each
  // start.
  /** By slot: where the call went, and who answered first. */
  protected readonly servers: (Endpoint | null)[] = [];
  protected readonly answerers: (Endpoint | null)[] = [];
  /** By slot: what `dissect` needs of a call when its reply comes; see `contextOf`. */
  protected readonly contexts: unknown[] = [];

  constructor(capacity: number) {
    this.slots = new ExchangeSlots(capacity);
  }

  /** The endpoint that the call of this exchange went to. */
  serverOf(slot: number): Endpoint | null {
    return this.servers[slot];
  }

  /** What `setContext` stored with the call of this exchange. */
  contextOf(slot: number): unknown {
    return this.contexts[slot];
  }

  setContext(slot: number, context: unknown): void {
    this.contexts[slot] = context;
  }

  /** The status word of the first reply, as stored by `setStatus`. */
  statusOf(slot: number): number {
    return this.slots.get(slot, STATUS);
  }

  setStatus(slot: number, status: number): void {
    this.slots.set(slot, STATUS, status);
  }

  /** Transmissions of the call after the first. */
  resendsOf(slot: number): number {
    return this.slots.get(slot, RESENDS);
  }

  /** TCP segments sent again that carried a part of the call or the reply. */
  tcpRetransmissionsOf(slot: number): number {
    return this.slots.get(slot, TCP_RETRANSMISSIONS);
  }

  /** Seconds since 1970 of the first transmission of the call. */
  callTimeOf(slot: number): number {
    return this.slots.getDouble(slot, CALL_SECONDS) + this.slots.get(slot, CALL_NANOSECONDS) / 1e9;
  }

  /** Length of the call in bytes. */
  callLengthOf(slot: number): number {
    return this.slots.get(slot, CALL_LENGTH) >>> 0;
  }

  /** Nanoseconds from the last transmission of the call to a point in time. */
  sinceLastCall(slot: number, seconds: number, nanoseconds: number): number {
    const from = this.slots.getDouble(slot, LAST_CALL_SECONDS);
    return nanosecondsBetween(from, this.slots.get(slot, LAST_CALL_NANOSECONDS), seconds, nanoseconds);
  }

  /** The state of a call's TCP connection when the call was given up without a reply. */
  connectionStateOf(slot: number): ConnectionState {
    return storedConnection(this.slots, slot);
  }

  /** True when the exchange was closed by a reply of another endpoint: other hosts may answer a broadcast too. */
  isAnsweredByOther(slot: number, endpoint: Endpoint): boolean {
    const answerer = this.answerers[slot];
    return this.slots.get(slot, REPLY_FRAME) !== 0 && (answerer === null || !isSameEndpoint(answerer, endpoint));
  }

  /** True when a reply came that its receiver never had whole, and the call was not sent again since. */
  hasIncompleteReply(slot: number): boolean {
    return (this.slots.get(slot, STATE) & INCOMPLETE_REPLY) !== 0;
  }

  protected noteIcmpError(slot: number, { frame, file, type, code }: IcmpNote): void {
    const state = this.slots.get(slot, STATE) & ~ICMP_MASK;
    this.slots.set(slot, ICMP_FRAME, frame);
    this.slots.set(slot, ICMP_FILE, file);
    this.slots.set(slot, STATE, state | (type << 8) | (code << 16));
  }

  /** The last ICMP error that quoted the call; null: there was none. */
  icmpErrorOf(slot: number): IcmpNote | null {
    const frame = this.slots.get(slot, ICMP_FRAME) >>> 0;
    const file = this.slots.get(slot, ICMP_FILE);
    const state = this.slots.get(slot, STATE);
    return frame === 0 ? null : { frame, file, type: (state >> 8) & 0xff, code: (state >> 16) & 0xff };
  }
}
