/**
 * Exchanges: matches replies to calls, and tells transmissions of a call apart.
 *
 * An exchange is known by its owner and its xid. On TCP the owner is a direction of one incarnation of a connection, so
 * that reused ports and back channels never meet. On UDP it is the caller's endpoint, because a reply may come from
 * another port or address than the call went to. The first transmission opens an exchange. A later call with the same
 * owner, xid, program, version, procedure and arguments joins it, also if it goes to another address, as a broadcast to
 * several networks does; with other arguments it is xid reuse and opens a new one. If the connection of a call ended, the
 * same call on the client's next connection to the server joins it.
 *
 * The first complete reply closes an exchange; outcome.ts decides what becomes of the others. exchange-facts.ts answers
 * questions about an exchange. The table is bounded: when it is full, the oldest exchange leaves and is counted. A call
 * that still waits stays, as long as few do, for the slowest calls matter most.
 */
import {
  ANSWERED_SECONDS,
  MAX_EXCHANGES,
  MAX_RETRANSMISSION_LOOKBACK,
  MAX_SAME_XID,
  STAYING_SHARE,
} from '../limits/rpc.js';
import { isSameEndpoint } from '../network/endpoints.js';
import type { Endpoint } from '../network/flow.js';
import { AdoptedCalls } from './adopted-calls.js';
import { CallArguments, hashBytes } from './call-arguments.js';
import { ExchangeFacts, type IcmpNote } from './exchange-facts.js';
import {
  ARGUMENTS_CAPTURED,
  ARGUMENTS_HASH,
  ARGUMENTS_LENGTH,
  CALL_FILE,
  CALL_FRAME,
  CALL_LENGTH,
  CALL_NANOSECONDS,
  CALL_POSITION,
  CALL_SECONDS,
  LAST_CALL_NANOSECONDS,
  LAST_CALL_SECONDS,
  NONE,
  OWNER,
  PREVIOUS,
  PROCEDURE,
  PROGRAM,
  REPLY_FILE,
  REPLY_FRAME,
  REPLY_HASH,
  REPLY_LENGTH,
  REPLY_POSITION,
  REPLY_SECONDS,
  RESENDS,
  STATE,
  TCP_RETRANSMISSIONS,
  VERSION,
  XID,
} from './exchange-slots.js';
import { ForgottenCalls } from './forgotten-calls.js';
import type { Message, RetransmissionKind } from './message.js';
import { Orphans } from './orphans.js';
import {
  type CallStream,
  clearOutcome,
  datagramOutcome,
  INCOMPLETE_REPLY,
  REPORTED,
  type StreamEnd,
  SUPERSEDED,
  sentAt,
  storeConnection,
  storedOutcome,
  storeOutcome,
  streamOutcome,
  type UnansweredOutcome,
} from './outcome.js';

export interface ExchangeCounts {
  /** Exchanges that left the table because it was full, and how many of them had no reply yet. */
  evicted: number;
  evictedUnanswered: number;
  xidReuses: number;
  /** Repeated messages, by kind; exchanges without a reply, by outcome. */
  retransmissions: Record<RetransmissionKind, number>;
  unanswered: Record<UnansweredOutcome, number>;
}

export class ExchangeTable extends ExchangeFacts {
  readonly counts: ExchangeCounts = {
    evicted: 0,
    evictedUnanswered: 0,
    xidReuses: 0,
    retransmissions: { rpc: 0, rpc_after_reply: 0, rpc_reconnect: 0, duplicate_reply: 0 },
    unanswered: { never_answered: 0, connection_ended: 0, lost_to_capture: 0, open_at_end: 0 },
  };
  private readonly orphans: Orphans;
  private readonly arguments = new CallArguments();
  private readonly forgotten = new ForgottenCalls();
  /** By owner: replies may have been lost for its calls whose serial number is below this. */
  private readonly lostBefore = new Map<number, number>();
  /** False: no reply was matched so far, so this may be a capture of one direction. */
  private hasAnswers = false;

  /**
   * @param onUnanswered Receives each exchange without a reply once its outcome is known.
   * @param comparesReplies False: nobody asks for `Message.sameBytes`.
   */
  constructor(
    capacity = MAX_EXCHANGES,
    private readonly onUnanswered: (slot: number, outcome: UnansweredOutcome) => void = () => {},
    private readonly comparesReplies = true,
  ) {
    super(capacity);
    this.orphans = new Orphans(this.slots, (slot) => this.conclude(slot));
  }

  /** True when a call of `owner` with this xid is known. `stream` is that of the TCP connection; null over UDP. */
  has(owner: number, xid: number, stream: CallStream | null = null): boolean {
    return this.adoptedBy(stream, xid | 0) !== NONE || this.slots.newest(owner, xid | 0) !== NONE;
  }

  /**
   * Enters a call: sets `message.exchange` and, if it repeats a known call, `message.retransmission`.
   * @param stream The direction of a TCP connection that carries it; null over UDP.
   */
  call(message: Message, owner: number, server: Endpoint, stream: CallStream | null = null): void {
    this.arguments.read(message);
    if (this.orphans.any) this.orphans.expire(message.seconds);
    const known = this.find(owner, message.xid | 0, server, stream);
    if (known !== NONE && !this.isForgotten(known, message.seconds)) {
      if (this.isSameCall(known, message)) {
        const isAnswered = this.slots.get(known, REPLY_FRAME) !== 0;
        return this.join(known, message, isAnswered ? 'rpc_after_reply' : 'rpc');
      }
      this.counts.xidReuses++;
      if (this.servers[known] === server) this.setState(known, SUPERSEDED);
    } else if (stream !== null && this.orphans.any && this.adopt(message, server, stream)) return;
    message.exchange = this.open(message, owner, server, stream);
  }

  /**
   * Finds the call of a reply: sets program, version, procedure, `callFrame`, `elapsed`, `isAnswer` and, for a second
   * reply, `retransmission`. A reply that the receiver never had whole closes nothing. Of a call that had to make room
   * only `callFrame` and `elapsed` are known.
   */
  reply(message: Message, owner: number, isWhole: boolean, stream: CallStream | null = null): void {
    const known = this.find(owner, message.xid | 0, message.source, stream);
    const isLate = known === NONE && stream !== null && this.orphans.any;
    const slot = isLate ? this.orphanOf(message) : known;
    if (slot === NONE) {
      if (this.counts.evictedUnanswered > 0) this.forgotten.answer(message, owner);
      return;
    }
    if (this.isForgotten(slot, message.seconds)) return;
    const { slots } = this;
    message.exchange = slot;
    slots.readCall(slot, message);
    const server = this.servers[slot];
    if (server !== null && !isSameEndpoint(server, message.source)) {
      message.notes.push(`reply_from: the call went to ${server.address} port ${server.port}`);
    }
    if (!isWhole) this.noteIncomplete(slot, message);
    else if (slots.get(slot, REPLY_FRAME) === 0) this.answer(slot, message, isLate ? null : stream);
    else this.repeatAnswer(slot, message);
  }

  /** Notes an ICMP error that quotes a call of `owner` to `server`, if the call is known. */
  icmpError(owner: number, xid: number, server: Endpoint, error: IcmpNote): void {
    const slot = this.find(owner, xid | 0, server, null);
    if (slot !== NONE) this.noteIcmpError(slot, error);
  }

  // Connections

  /** True while a call that the stream adopted from an ended connection has no reply. */
  awaitsAdopted({ adopted, owner }: CallStream): boolean {
    return adopted?.slots.some((slot) => this.slots.get(slot, OWNER) === owner && this.isUnanswered(slot)) ?? false;
  }

  /** Stores where in its direction of the stream a message ended; for `resent`. */
  setPosition(message: Message, isCall: boolean, position: number): void {
    if (message.exchange < 0 || message.retransmission !== null) return;
    this.slots.set(message.exchange, isCall ? CALL_POSITION : REPLY_POSITION, position);
  }

  /** A TCP segment was sent again: bytes of calls (or replies) of the stream between two positions. */
  resent(stream: CallStream, isCall: boolean, start: number, end: number): void {
    const { slots } = this;
    const position = isCall ? CALL_POSITION : REPLY_POSITION;
    const length = isCall ? CALL_LENGTH : REPLY_LENGTH;
    let slot = stream.newest;
    for (let i = 0; i < MAX_RETRANSMISSION_LOOKBACK && slot !== NONE; i++) {
      const stop = slots.get(slot, position);
      // Calls before this one end before the resent bytes, too; replies come in any order.
      if (isCall && ((stop - start) | 0) <= 0) return;
      const isThere = isCall || slots.get(slot, REPLY_FRAME) !== 0;
      const overlaps = ((stop - start) | 0) > 0 && ((end - (stop - slots.get(slot, length))) | 0) > 0;
      if (isThere && overlaps) slots.add(slot, TCP_RETRANSMISSIONS);
      slot = this.before(slot, stream);
    }
  }

  /** So many TCP segments of a message were sent again before it was complete. */
  resentWithin({ exchange, retransmission }: Message, count: number): void {
    if (exchange < 0 || retransmission !== null) return;
    for (let i = 0; i < count; i++) this.slots.add(exchange, TCP_RETRANSMISSIONS);
  }

  /** Replies to the stream's calls may have been lost. */
  repliesLost(stream: CallStream): void {
    this.lostBefore.set(stream.owner, this.slots.opened);
  }

  /**
   * True where the reply to an unanswered call is likely not to come any more: bytes of replies of its connection are
   * missing since the call, or at this time, in seconds, the client has given up a call over UDP.
   */
  isGivenUp(slot: number, seconds: number): boolean {
    const { slots } = this;
    if (!this.isUnanswered(slot)) return false;
    if (!isDatagram(slots.get(slot, OWNER))) return this.mayBeLost(slot);
    return datagramOutcome(slots, slot, seconds - sentAt(slots, slot)) !== 'open_at_end';
  }

  /** True for a TCP call since which bytes of replies are missing. */
  private mayBeLost(slot: number): boolean {
    return this.slots.serialOf(slot) < (this.lostBefore.get(this.slots.get(slot, OWNER)) ?? 0);
  }

  /** The connection, or its capture, has ended: decides the outcome of its unanswered calls. */
  ended(stream: CallStream, client: Endpoint, server: Endpoint, end: StreamEnd, seconds: number): void {
    const { slots } = this;
    for (const slot of this.unansweredOf(stream)) {
      storeOutcome(slots, slot, streamOutcome(slots, slot, stream, end, this.mayBeLost(slot)));
      storeConnection(slots, slot, end.state);
      if (end.isConnectionEnd) this.orphans.add(slot, client, server, slots.get(slot, XID), seconds);
    }
    if (end.isConnectionEnd) stream.unanswered = 0;
    this.lostBefore.delete(stream.owner);
  }

  /**
   * No more messages come: reports the outcome of all unanswered calls, one at each step, because they may be many.
   * @param last The time of the last frame, in seconds.
   * @param endAfter Given a time, when the capture that covers it ended; null: with the last frame.
   */
  *finish(last: number, endAfter: (time: number) => number | null): Generator<undefined> {
    const { slots } = this;
    this.decideDatagrams(last, endAfter);
    for (let i = 0; i < slots.size; i++) {
      const slot = slots.at(i);
      if (!this.isUnanswered(slot)) continue;
      this.conclude(slot);
      yield;
    }
  }

  /**
   * Decides the outcome of the unanswered calls over UDP. The frames of a capture need not be sorted by time, so a call
   * waited until the newest time that is known behind it: that of the last frame, or of a later call.
   */
  private decideDatagrams(last: number, endAfter: (time: number) => number | null): void {
    const { slots } = this;
    let newest = last;
    for (let i = slots.size - 1; i >= 0; i--) {
      const slot = slots.at(i);
      const sent = sentAt(slots, slot);
      if (this.isUnanswered(slot) && storedOutcome(slots, slot) === undefined)
        storeOutcome(slots, slot, datagramOutcome(slots, slot, (endAfter(sent) ?? newest) - sent));
      newest = Math.max(newest, sent);
    }
  }

  // Calls

  private open(message: Message, owner: number, server: Endpoint, stream: CallStream | null): number {
    const { slots } = this;
    this.makeRoom(message.seconds);
    const slot = slots.open(message, owner, this.arguments, stream === null ? NONE : stream.newest);
    this.servers[slot] = server;
    this.answerers[slot] = null;
    this.contexts[slot] = undefined;
    if (stream !== null) {
      stream.newest = slot;
      stream.unanswered++;
      // No call answered so far was sent after this one, even if the clock was set back in between.
      stream.answeredSeconds = Math.min(stream.answeredSeconds, message.seconds + message.nanoseconds / 1e9);
      stream.adopted?.forget(message.xid | 0);
    }
    return slot;
  }

  /** Another transmission of a known call. */
  private join(slot: number, message: Message, kind: RetransmissionKind): void {
    const { slots } = this;
    message.exchange = slot;
    message.retransmission = kind;
    message.retransmissionFrame = slots.get(slot, CALL_FRAME) >>> 0;
    message.retransmissionFile = slots.get(slot, CALL_FILE);
    this.counts.retransmissions[kind]++;
    slots.add(slot, RESENDS);
    slots.setDouble(slot, LAST_CALL_SECONDS, message.seconds);
    slots.set(slot, LAST_CALL_NANOSECONDS, message.nanoseconds);
    // A client that sends again did not have the reply.
    slots.set(slot, STATE, slots.get(slot, STATE) & ~INCOMPLETE_REPLY);
  }

  /** Joins a call to its like on a connection that ended. False: there is none. */
  private adopt(message: Message, server: Endpoint, stream: CallStream): boolean {
    const xid = message.xid | 0;
    const slot = this.orphans.find(message.source, server, xid);
    if (slot === NONE || !this.isSameCall(slot, message)) return false;
    const isUnanswered = this.isUnanswered(slot);
    // Answered without an owner: the reply came when the connection had ended, so its client did not take it.
    if (!isUnanswered && !this.slots.isDisowned(slot)) return false;
    this.slots.set(slot, OWNER, stream.owner);
    stream.adopted ??= new AdoptedCalls();
    stream.adopted.add(slot, xid);
    clearOutcome(this.slots, slot);
    if (isUnanswered) stream.unanswered++;
    this.join(slot, message, isUnanswered ? 'rpc_reconnect' : 'rpc_after_reply');
    return true;
  }

  private isSameCall(slot: number, message: Message): boolean {
    const { slots } = this;
    return (
      slots.get(slot, PROGRAM) === (message.program | 0) &&
      slots.get(slot, VERSION) === (message.version | 0) &&
      slots.get(slot, PROCEDURE) === (message.procedure | 0) &&
      slots.get(slot, ARGUMENTS_LENGTH) === (this.arguments.length | 0) &&
      // If different parts of the arguments were captured they cannot be compared, and their length must do.
      (slots.get(slot, ARGUMENTS_CAPTURED) !== (this.arguments.captured | 0) ||
        slots.get(slot, ARGUMENTS_HASH) === this.arguments.hash)
    );
  }

  // Replies

  private answer(slot: number, message: Message, stream: CallStream | null): void {
    const { slots } = this;
    message.isAnswer = true;
    this.hasAnswers = true;
    slots.set(slot, REPLY_FRAME, message.frame);
    slots.set(slot, REPLY_FILE, message.file);
    slots.setDouble(slot, REPLY_SECONDS, message.seconds);
    slots.set(slot, REPLY_LENGTH, message.length);
    if (this.comparesReplies) slots.set(slot, REPLY_HASH, hashBytes(message.bytes, message.start, message.end));
    this.answerers[slot] = message.source;
    if (stream === null) return;
    stream.unanswered--;
    const called = slots.getDouble(slot, CALL_SECONDS) + slots.get(slot, CALL_NANOSECONDS) / 1e9;
    if (called > stream.answeredSeconds) stream.answeredSeconds = called;
  }

  /**
   * If the call was sent again after this incomplete reply, the client waits for another one. (An incomplete datagram
   * is reported late, with the time of its own last frame.)
   */
  private noteIncomplete(slot: number, message: Message): void {
    const isResent = this.slots.get(slot, RESENDS) > 0;
    if (isResent && this.sinceLastCall(slot, message.seconds, message.nanoseconds) < 0) return;
    this.setState(slot, INCOMPLETE_REPLY);
  }

  /** Answers of other hosts to a broadcast are no duplicates of each other. */
  private repeatAnswer(slot: number, message: Message): void {
    if (this.isAnsweredByOther(slot, message.source)) return;
    const { slots } = this;
    message.retransmission = 'duplicate_reply';
    message.retransmissionFrame = slots.get(slot, REPLY_FRAME) >>> 0;
    message.retransmissionFile = slots.get(slot, REPLY_FILE);
    message.sameBytes =
      this.comparesReplies &&
      slots.get(slot, REPLY_LENGTH) === message.length &&
      slots.get(slot, REPLY_HASH) === hashBytes(message.bytes, message.start, message.end);
    this.counts.retransmissions.duplicate_reply++;
  }

  // Finding and leaving

  /** The newest exchange of `owner` with `xid`; one whose call went to `server` wins over others. */
  private find(owner: number, xid: number, server: Endpoint, stream: CallStream | null): number {
    const adopted = this.adoptedBy(stream, xid);
    if (adopted !== NONE) return adopted;
    const first = this.slots.newest(owner, xid);
    let slot = first;
    for (let i = 0; i < MAX_SAME_XID && slot !== NONE; i++) {
      if (this.servers[slot] === server) return slot;
      slot = this.slots.next(owner, xid, slot);
    }
    return first;
  }

  /** The newest call with this xid that the stream adopted from an ended connection. */
  private adoptedBy(stream: CallStream | null, xid: number): number {
    if (stream === null || stream.adopted === null) return NONE;
    const { slots } = this;
    const slot = stream.adopted.find(xid);
    const isThere = slot !== undefined && slots.get(slot, OWNER) === stream.owner && slots.get(slot, XID) === xid;
    return isThere ? slot : NONE;
  }

  /** The call of this reply if its connection had ended: a server may have sent the reply before it heard of a reset. */
  private orphanOf({ destination, source, xid }: Message): number {
    return this.orphans.find(destination, source, xid | 0);
  }

  private isForgotten(slot: number, seconds: number): boolean {
    const { slots } = this;
    return slots.get(slot, REPLY_FRAME) !== 0 && seconds - slots.getDouble(slot, REPLY_SECONDS) > ANSWERED_SECONDS;
  }

  private isUnanswered(slot: number): boolean {
    const { slots } = this;
    const isOpen = slots.get(slot, REPLY_FRAME) === 0 && (slots.get(slot, STATE) & REPORTED) === 0;
    return isOpen && slots.get(slot, CALL_FRAME) !== 0;
  }

  /** The call before this one on the stream; NONE if a newer exchange has taken its slot. */
  private before(slot: number, stream: CallStream): number {
    const { slots } = this;
    const previous = slots.get(slot, PREVIOUS);
    if (previous === NONE || slots.get(previous, OWNER) !== stream.owner) return NONE;
    return slots.serialOf(previous) < slots.serialOf(slot) ? previous : NONE;
  }

  /**
   * The stream's calls without a reply, the oldest first. Between a call that was let stay and those behind it the chain
   * is broken.
   */
  private unansweredOf(stream: CallStream): number[] {
    const { slots } = this;
    const isOwn = (slot: number) => slots.get(slot, OWNER) === stream.owner && this.isUnanswered(slot);
    const found: number[] = [];
    const { unanswered } = stream;
    for (let slot = stream.newest; slot !== NONE && found.length < unanswered; slot = this.before(slot, stream)) {
      if (isOwn(slot)) found.push(slot);
    }
    const stayed = found.length < unanswered ? slots.stayed.filter(isOwn) : [];
    return [...new Set([...(stream.adopted?.slots.filter(isOwn) ?? []), ...stayed, ...found.reverse()])];
  }

  private setState(slot: number, bit: number): void {
    this.slots.set(slot, STATE, this.slots.get(slot, STATE) | bit);
  }

  private conclude(slot: number): void {
    if (!this.isUnanswered(slot)) return;
    const outcome = storedOutcome(this.slots, slot) ?? (this.hasAnswers ? 'never_answered' : 'lost_to_capture');
    this.setState(slot, REPORTED);
    this.counts.unanswered[outcome]++;
    this.onUnanswered(slot, outcome);
  }

  /**
   * Removes the exchange whose slot is to be taken, if there is one. Calls that still wait are passed over, for the
   * slowest call matters most. Written without a branch that only a full ring takes.
   */
  private makeRoom(seconds: number): void {
    const { slots } = this;
    while (this.isUnanswered(slots.oldest)) {
      if (this.mayStay(slots.oldest, seconds)) slots.renew();
      else this.evict(slots.oldest);
    }
    this.counts.evicted += slots.isFull ? 1 : 0;
  }

  /**
   * True where a reply to an old call may still come, and few enough old calls wait. Where nothing was answered so far,
   * this may be a capture of one direction.
   */
  private mayStay(slot: number, seconds: number): boolean {
    const { slots } = this;
    const isOver = storedOutcome(slots, slot) !== undefined || (slots.get(slot, STATE) & SUPERSEDED) !== 0;
    if (!this.hasAnswers || isOver || slots.stayedCount >= slots.capacity * STAYING_SHARE) return false;
    return (
      !isDatagram(slots.get(slot, OWNER)) ||
      datagramOutcome(slots, slot, seconds - sentAt(slots, slot)) === 'open_at_end'
    );
  }

  /** Gives up a call without a reply, because its slot is needed. */
  private evict(slot: number): void {
    const { slots } = this;
    this.counts.evictedUnanswered++;
    this.forgotten.add(slots.get(slot, OWNER), slots.get(slot, XID), {
      frame: slots.get(slot, CALL_FRAME) >>> 0,
      file: slots.get(slot, CALL_FILE),
      seconds: slots.getDouble(slot, CALL_SECONDS),
      nanoseconds: slots.get(slot, CALL_NANOSECONDS),
    });
    this.conclude(slot);
  }
}

/** True for the owner of calls over UDP. */
function isDatagram(owner: number): boolean {
  return (owner & 1) === 1;
}
