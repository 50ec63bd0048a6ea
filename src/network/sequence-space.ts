/** One direction of a TCP connection: where its bytes are up to, what the peer acknowledged, and what came before its turn. */
import { MAX_RESEND_DISTANCE, MAX_SEQUENCE_JUMP, MAX_WAITING_BYTES } from '../limits.js';
import type { Rest } from './rest.js';
import type { Stamp } from './stamp.js';

export interface WaitingSegment {
  sequence: number;
  acknowledgement: number;
  bytes: Uint8Array;
  length: number;
  carrier: Stamp;
  /** The connection's count of packets when it came. */
  packet: number;
}

/**
 * Of two segments of opposite directions: what one acknowledges came before it, whatever the order of their frames. Where each
 * acknowledges the other, the later one was sent again, and its bytes came before.
 */
export function precedes(one: WaitingSegment, other: WaitingSegment): boolean {
  const isAnswered = ((other.acknowledgement - one.sequence) | 0) > 0;
  const isAnswer = ((one.acknowledgement - other.sequence) | 0) > 0;
  const isEarlier = one.carrier.order < other.carrier.order;
  return isAnswered === isAnswer ? isEarlier !== isAnswered : isAnswered;
}

/** Shared by all that nothing waits in: most, and there are many. Never written to. */
const NOTHING: WaitingSegment[] = [];

/** Sequence numbers are signed 32-bit words; all comparisons are differences modulo 2^32. */
export class SequenceSpace {
  started = false;
  /** Next expected sequence number; means nothing before `started`. */
  next = 0;
  /** The sequence number of its first byte; means nothing before `started`. */
  first = 0;
  /** The SYN's sequence number, when it was seen. */
  initial: number | null = null;
  /** Before `started`: where the direction is known to have been, by what its sender or the peer said. */
  reached: number | null = null;
  /** Highest number the peer acknowledged beyond `next`; meaningful with `hasAcknowledgement`. */
  acknowledged = 0;
  hasAcknowledgement = false;
  /** In order of sequence. */
  waiting: WaitingSegment[] = NOTHING;
  waitingBytes = 0;
  /** Packet count and second of the connection when bytes were first known to be missing; -1: nothing is. */
  gapPacket = -1;
  gapSeconds = 0;
  /** Bytes before `unseenEnd` that were given up while nothing was seen behind them; they count while `next` is there. */
  unseen = 0;
  unseenEnd = 0;
  /** Believed if the next one continues it, or the peer has it, and nothing else came in order. */
  far: WaitingSegment | null = null;
  /** Sequence number of the FIN: where the direction's bytes end. */
  finish: number | null = null;
  seen = false;
  /** Its sender last said that it takes no more bytes: a window of 0, whatever its scale. */
  isFull = false;

  get hasFinished(): boolean {
    return this.finish !== null;
  }

  /** True when all bytes before the FIN have passed. */
  get isFinished(): boolean {
    if (this.finish === null) return false;
    return this.started ? ((this.next - this.finish) | 0) >= 0 : this.waiting.length === 0;
  }

  /** Bytes the peer acknowledged that were not seen. */
  get acknowledgedGap(): number {
    if (!this.hasAcknowledgement) return 0;
    // The FIN takes a sequence number of its own, but is no byte.
    const { finish, acknowledged } = this;
    const end = finish !== null && ((acknowledged - finish) | 0) > 0 ? finish : acknowledged;
    return (end - this.next) | 0;
  }

  /** True when nothing is missing before the first segment that waits. */
  get hasNext(): boolean {
    return this.started && this.waiting.length > 0 && ((this.next - this.waiting[0].sequence) | 0) >= 0;
  }

  /** True when nothing is missing and nothing waits. */
  get isQuiet(): boolean {
    return this.gapPacket < 0 && this.waiting.length === 0 && this.far === null;
  }

  /** What is known at rest. */
  keepAtRest(rest: Rest): void {
    this.started = rest.flag(this.started);
    this.next = rest.integer(this.next);
    this.first = rest.integer(this.first);
    this.initial = rest.integerOrNull(this.initial);
    this.reached = rest.integerOrNull(this.reached);
    this.acknowledged = rest.integer(this.acknowledged);
    this.hasAcknowledgement = rest.flag(this.hasAcknowledgement);
    this.unseen = rest.integer(this.unseen);
    this.unseenEnd = rest.integer(this.unseenEnd);
    this.finish = rest.integerOrNull(this.finish);
    this.seen = rest.flag(this.seen);
    this.isFull = rest.flag(this.isFull);
  }

  /** True for a number outside of any window: more was lost than can be told, or it is of another connection. */
  isFar(sequence: number): boolean {
    const ahead = (sequence - this.next) | 0;
    return this.started && (ahead > MAX_SEQUENCE_JUMP || ahead < -MAX_RESEND_DISTANCE);
  }

  /**
   * True when who acknowledges this may have sent what lies behind `next` on its own side: neither farther ahead than what would wait here, nor
   * behind what is sent again.
   */
  mayHave(acknowledgement: number): boolean {
    const ahead = (acknowledgement - this.next) | 0;
    return !this.started || (ahead <= MAX_WAITING_BYTES && ahead >= -MAX_RESEND_DISTANCE);
  }

  /** Bytes that nothing was seen behind are given up. @returns True: those before them were, too. */
  giveUpUnseen(length: number): boolean {
    const goesOn = this.unseen > 0 && this.unseenEnd === this.next;
    this.unseen = length + (goesOn ? this.unseen : 0);
    this.unseenEnd = (this.next + length) | 0;
    return goesOn;
  }

  /** True for a segment that begins within these: its side of the capture lags. */
  isLagging(sequence: number): boolean {
    const behind = (this.next - sequence) | 0;
    return behind > 0 && behind <= this.unseen && this.next === this.unseenEnd;
  }

  /** Its bytes end at `sequence`. A FIN before bytes that passed, or far from them, was sent on an earlier connection of the ports. */
  noteFinish(sequence: number): void {
    const ahead = (sequence - this.next) | 0;
    // Of one that was acknowledged and comes late, its own number was taken for a missing byte.
    if (!this.started || (ahead >= -1 && ahead <= MAX_SEQUENCE_JUMP)) this.finish = sequence;
  }

  /** Begins at `sequence`. */
  start(sequence: number): void {
    const { finish } = this;
    this.started = true;
    this.next = sequence;
    this.first = sequence;
    this.finish = null;
    if (finish !== null) this.noteFinish(finish);
  }

  acknowledge(acknowledgement: number): void {
    if (!this.hasAcknowledgement || ((acknowledgement - this.acknowledged) | 0) > 0) {
      this.acknowledged = acknowledgement;
    }
    this.hasAcknowledgement = true;
  }

  /** The first byte from `sequence` on that neither passed nor waits. */
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

  /** How many of those that wait begin at `sequence` or before it. */
  private placeOf(sequence: number): number {
    const { waiting } = this;
    let at = waiting.length;
    while (at > 0 && ((waiting[at - 1].sequence - sequence) | 0) > 0) at--;
    return at;
  }

  /** Keeps a segment in its place. */
  keep(entry: WaitingSegment): void {
    if (this.waiting === NOTHING) this.waiting = [];
    this.waiting.splice(this.placeOf(entry.sequence), 0, entry);
    this.waitingBytes += entry.bytes.length;
  }

  /** Takes out the first segment that waits; there is one. */
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
