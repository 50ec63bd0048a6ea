/**
 * One direction of a TCP connection: the next expected byte, what the peer acknowledged, and the
 * segments that wait their turn.
 */
import { MAX_RESEND_DISTANCE, MAX_SEQUENCE_JUMP, MAX_WAITING_BYTES } from '../limits/network.js';
import type { Rest } from './rest.js';
import type { Stamp } from './stamp.js';

export interface WaitingSegment {
  sequence: number;
  acknowledgement: number;
  bytes: Uint8Array;
  length: number;
  carrier: Stamp;
  /** The connection's packet count when it came. */
  packet: number;
}

/**
 * The order of two segments of opposite directions. What a segment acknowledges came before it, whatever the order of
 * their frames. If each acknowledges the other, the later frame is a resend, and its bytes were sent first.
 */
export function precedes(one: WaitingSegment, other: WaitingSegment): boolean {
  const isAnswered = ((other.acknowledgement - one.sequence) | 0) > 0;
  const isAnswer = ((one.acknowledgement - other.sequence) | 0) > 0;
  const isEarlier = one.carrier.order < other.carrier.order;
  return isAnswered === isAnswer ? isEarlier !== isAnswered : isAnswered;
}

/** The empty list of all directions in which nothing waits, which are most. Never written to. */
const NOTHING: WaitingSegment[] = [];

/** A direction's state. Sequence numbers are signed 32-bit words; all comparisons use differences modulo 2^32. */
export class SequenceSpace {
  started = false;
  /** Next expected sequence number; meaningful once `started`. */
  next = 0;
  /** Sequence number of the first byte; meaningful once `started`. */
  first = 0;
  /** The SYN's sequence number, if it was captured. */
  initial: number | null = null;
  /**
   * Before `started`: the highest number that its sender's empty segments or the peer's acknowledgements have shown.
   */
  reached: number | null = null;
  /** Highest number that the peer acknowledged beyond `next`; meaningful with `hasAcknowledgement`, until it has passed. */
  acknowledged = 0;
  hasAcknowledgement = false;
  /** The peer's highest acknowledgement; meaningful once `started`. */
  mostAcknowledged = 0;
  /** Segments ahead of `next`, sorted by sequence number. */
  waiting: WaitingSegment[] = NOTHING;
  waitingBytes = 0;
  /**
   * Packet count of the connection, and second of the capture, when bytes were first known to be missing; -1: none are.
   */
  gapPacket = -1;
  gapSeconds = 0;
  /**
   * Bytes up to `unseenEnd` that became a hole while nothing behind them was seen; meaningful
   * while `next` is `unseenEnd`.
   */
  unseen = 0;
  unseenEnd = 0;
  /**
   * A segment far outside of the window. It is believed if the next one continues it, or the peer acknowledges its last
   * byte, before other bytes come in order.
   */
  far: WaitingSegment | null = null;
  /** Sequence number of the FIN, which is where the bytes end. */
  finish: number | null = null;
  seen = false;
  /** The sender's last window was 0, whatever its scale: it takes no more bytes for now. */
  isFull = false;

  get hasFinished(): boolean {
    return this.finish !== null;
  }

  /** True when all bytes before the FIN have passed. */
  get isFinished(): boolean {
    if (this.finish === null) return false;
    return this.started ? ((this.next - this.finish) | 0) >= 0 : this.waiting.length === 0;
  }

  /** How many bytes the peer acknowledged that were not seen. */
  get acknowledgedGap(): number {
    if (!this.hasAcknowledgement) return 0;
    // A FIN takes a sequence number but is not a byte.
    const { finish, acknowledged } = this;
    const end = finish !== null && ((acknowledged - finish) | 0) > 0 ? finish : acknowledged;
    return (end - this.next) | 0;
  }

  /** True when no bytes are missing before the first segment that waits. */
  get hasNext(): boolean {
    return this.started && this.waiting.length > 0 && ((this.next - this.waiting[0].sequence) | 0) >= 0;
  }

  /** True when nothing is missing and nothing waits. */
  get isQuiet(): boolean {
    return this.gapPacket < 0 && this.waiting.length === 0 && this.far === null;
  }

  /** Writes or reads what is kept at rest. */
  keepAtRest(rest: Rest): void {
    this.started = rest.flag(this.started);
    this.next = rest.integer(this.next);
    this.first = rest.integer(this.first);
    this.initial = rest.integerOrNull(this.initial);
    this.reached = rest.integerOrNull(this.reached);
    this.acknowledged = rest.integer(this.acknowledged);
    this.hasAcknowledgement = rest.flag(this.hasAcknowledgement);
    this.mostAcknowledged = rest.integer(this.mostAcknowledged);
    this.unseen = rest.integer(this.unseen);
    this.unseenEnd = rest.integer(this.unseenEnd);
    this.finish = rest.integerOrNull(this.finish);
    this.seen = rest.flag(this.seen);
    this.isFull = rest.flag(this.isFull);
  }

  /** True for a number outside of any window: behind a hole too large to measure, or of another connection. */
  isFar(sequence: number): boolean {
    const ahead = (sequence - this.next) | 0;
    return this.started && (ahead > MAX_SEQUENCE_JUMP || ahead < -MAX_RESEND_DISTANCE);
  }

  /**
   * True when a segment with this acknowledgement may belong to the connection: it is neither farther ahead of `next`
   * than bytes may wait here, nor farther behind than a resend.
   */
  mayHave(acknowledgement: number): boolean {
    const ahead = (acknowledgement - this.next) | 0;
    return !this.started || (ahead <= MAX_WAITING_BYTES && ahead >= -MAX_RESEND_DISTANCE);
  }

  /**
   * Gives up `length` bytes behind which nothing was seen.
   * @returns True when the bytes right before them were given up so, too.
   */
  giveUpUnseen(length: number): boolean {
    const goesOn = this.unseen > 0 && this.unseenEnd === this.next;
    this.unseen = length + (goesOn ? this.unseen : 0);
    this.unseenEnd = (this.next + length) | 0;
    return goesOn;
  }

  /** True for a segment that begins within the bytes given up: its direction was captured late. */
  isLagging(sequence: number): boolean {
    const behind = (this.next - sequence) | 0;
    return behind > 0 && behind <= this.unseen && this.next === this.unseenEnd;
  }

  /**
   * Sets the end of the bytes. A FIN before bytes that passed, or far from them, is from an
   * earlier connection of the ports.
   */
  noteFinish(sequence: number): void {
    const ahead = (sequence - this.next) | 0;
    // -1: a late FIN whose own number, acknowledged before, was taken for a missing byte.
    if (!this.started || (ahead >= -1 && ahead <= MAX_SEQUENCE_JUMP)) this.finish = sequence;
  }

  /** Sets the direction's first sequence number. */
  start(sequence: number): void {
    const { finish } = this;
    this.started = true;
    this.next = sequence;
    this.first = sequence;
    this.mostAcknowledged = sequence;
    this.finish = null;
    if (finish !== null) this.noteFinish(finish);
  }

  noteAcknowledgement(acknowledgement: number): void {
    if (((acknowledgement - this.mostAcknowledged) | 0) > 0) this.mostAcknowledged = acknowledgement;
  }

  acknowledge(acknowledgement: number): void {
    if (!this.hasAcknowledgement || ((acknowledgement - this.acknowledged) | 0) > 0) {
      this.acknowledged = acknowledgement;
    }
    this.hasAcknowledgement = true;
  }

  /** The first sequence number from `sequence` on whose byte has neither passed nor waits. */
  firstNew(sequence: number): number {
    const { waiting } = this;
    let first = this.started && ((this.next - sequence) | 0) > 0 ? this.next : sequence;
    for (let at = Math.max(0, this.placeOf(first) - 1); at < waiting.length; at++) {
      if (((waiting[at].sequence - first) | 0) > 0) break;
      const end = (waiting[at].sequence + waiting[at].length) | 0;
      if (((end - first) | 0) > 0) first = end;
    }
    return first;
  }

  /** How many waiting segments begin at `sequence` or before it. */
  private placeOf(sequence: number): number {
    const { waiting } = this;
    let at = waiting.length;
    while (at > 0 && ((waiting[at - 1].sequence - sequence) | 0) > 0) at--;
    return at;
  }

  /** Adds a segment to those that wait. */
  keep(entry: WaitingSegment): void {
    if (this.waiting === NOTHING) this.waiting = [];
    this.waiting.splice(this.placeOf(entry.sequence), 0, entry);
    this.waitingBytes += entry.bytes.length;
  }

  /** Removes the first waiting segment; there must be one. */
  release(): WaitingSegment {
    const entry = this.waiting.shift()!;
    this.waitingBytes -= entry.bytes.length;
    if (this.waiting.length === 0) this.waiting = NOTHING;
    return entry;
  }

  reach(sequence: number): void {
    if (this.reached === null || ((sequence - this.reached) | 0) > 0) this.reached = sequence;
  }
}
