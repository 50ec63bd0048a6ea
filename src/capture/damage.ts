/**
 * Damage that does not end the reading of a capture: where it was, and how much was passed over. Behind it, the search
 * finds the next place at which sound records follow one another, so that damage costs only the bytes around it.
 */
import { MAX_DAMAGE_LOOKAHEAD, MAX_DAMAGE_TIME, MAX_FRAME } from '../limits/capture.js';
import { byteCount } from '../xdr/plural.js';
import type { ByteQueue } from './byte-queue.js';
import type { CaptureFile } from './capture-file.js';
import type { CaptureFault, Frame } from './frame.js';

/** There is no sound record; more bytes are needed to know; the bytes are sure to begin something that can be read. */
export const UNSOUND = 0;
export const UNKNOWN = -1;
export const CERTAIN = Number.POSITIVE_INFINITY;

/** The reason for bytes in place of a record that `isBelieved` denies. */
export const NO_RECORD = 'damaged: the frame is a day or more from the one before it, and no record follows it';

/** The most bytes that a frame may lack if what follows is still looked for where it is: fewer than any header has. */
const LARGEST_SLIP = 15;

/** What the search asks the reader about the record that begins at an index of the queue's buffer. */
export interface RecordProbe {
  /** Length in bytes, at most `MAX_DAMAGE_LOOKAHEAD`; UNSOUND, UNKNOWN or CERTAIN. */
  lengthAt(at: number): number;
  /** Arrival in seconds of a record whose length is a number of bytes. */
  secondsAt(at: number): number;
}

export class Damage {
  /** True while the next sound record is looked for, from the queue's position on. */
  isSearching = false;
  private readonly queue: ByteQueue;
  private readonly frame: Frame;
  /** The place that is searched behind. */
  private current: CaptureFault | null = null;
  private cutReason: string | null = null;
  private isFrame = true;

  /**
   * @param file What is passed over has a number, as its frames have.
   * @param chain How many records in a row must be sound: many where a record says little about itself.
   */
  constructor(
    private readonly file: CaptureFile,
    private readonly chain: number,
    private readonly probe: RecordProbe,
  ) {
    ({ queue: this.queue, frame: this.frame } = file);
  }

  /** Damage behind which reading goes on at once. */
  note(frame: number, reason: string): void {
    this.file.noteDamage({ frame, offset: this.queue.consumed, reason }, 0);
  }

  /**
   * Damage at the queue's position, behind which `search` is to be called.
   * @param cutReason The reason where nothing readable follows, if the file may only be cut short.
   * @param isFrame False: what is damaged has no frame's number.
   */
  begin(frame: number, reason: string, cutReason: string | null = null, isFrame = true): void {
    this.current = { frame, offset: this.queue.consumed, reason };
    this.cutReason = cutReason;
    this.isFrame = isFrame;
    this.isSearching = true;
    // The record itself is not sound: its first byte is passed over.
    this.queue.position++;
  }

  /**
   * Moves the queue to the next sound record. False: more bytes are needed, or, where `isEnded` tells that none will
   * come, no record follows.
   */
  search(isEnded: boolean): boolean {
    const { queue } = this;
    for (; queue.position < queue.limit; queue.position++) {
      const isSound = this.isSoundAt(queue.position, isEnded);
      if (isSound === undefined) return false;
      if (isSound) {
        this.goOn();
        return true;
      }
    }
    return false;
  }

  /** The fault of a file in which nothing readable follows the damage that was searched behind last. */
  get lost(): CaptureFault {
    const { frame, offset, reason } = this.current!;
    const bytes = this.queue.consumed + this.queue.unread - offset;
    return { frame, offset, reason: this.cutReason ?? `${reason}; the last ${byteCount(bytes)} cannot be read` };
  }

  private goOn(): void {
    const damage = this.current!;
    this.file.noteDamage(damage, this.queue.consumed - damage.offset);
    this.current = null;
    this.isSearching = false;
    if (this.isFrame) this.frame.number++;
  }

  /**
   * True: sound records follow one another from this index of the queue's buffer on, each of about the time of the frame
   * before the damage. Undefined: more bytes are needed.
   */
  isSoundAt(index: number, isEnded: boolean): boolean | undefined {
    const { queue, chain, probe, frame } = this;
    let time = frame.number === 0 ? null : frame.seconds;
    let at = index;
    for (let records = 0; records < chain; records++) {
      // A chain that ends with the file, or in its last record, is one too.
      if (isEnded && at === queue.limit) return records > 0;
      const length = this.lengthAt(at);
      if (length === UNSOUND) return false;
      if (length === UNKNOWN) return isEnded ? records > 1 : undefined;
      if (length === CERTAIN) return true;
      const seconds = probe.secondsAt(at);
      if (time === null ? seconds === 0 : Math.abs(seconds - time) > MAX_DAMAGE_TIME) return false;
      time ??= seconds;
      at += length;
    }
    return true;
  }

  /**
   * True: the record at `at` can be believed. It is of about the time of the frame before, or it looks sound, and so does
   * what begins at its end, `next`. Undefined: more bytes are needed.
   */
  isBelieved(at: number, next: number, seconds: number, isEnded: boolean): boolean | undefined {
    const { frame, probe } = this;
    if (frame.number === 0) return !this.file.beginsFile(at);
    if (Math.abs(seconds - frame.seconds) <= MAX_DAMAGE_TIME) return true;
    if (probe.lengthAt(at) === UNSOUND) return false;
    const length = this.lengthAt(next);
    if (length === UNKNOWN && !isEnded) return undefined;
    return length !== UNSOUND && this.isInStep(next, isEnded);
  }

  /**
   * False: records of about the time of the frame before begin a few bytes before `next`. That frame lacks so many bytes,
   * and took them from the next header. (Of pcap headers, those without their first word look like headers, too, one
   * after the other.) Undefined: more bytes are needed.
   */
  private isInStep(next: number, isEnded: boolean): boolean | undefined {
    for (let at = next - LARGEST_SLIP; at < next; at++) {
      const isSound = this.probe.lengthAt(at) !== UNSOUND && this.isSoundAt(at, isEnded);
      if (isSound !== false) return isSound === true ? false : undefined;
    }
    return true;
  }

  /** What the probe says. Another file is sure to be readable. */
  private lengthAt(at: number): number {
    const length = this.probe.lengthAt(at);
    return length === UNSOUND && this.file.beginsFile(at) ? CERTAIN : length;
  }
}

/** A record of the search is short enough to wait for, and its frame was no longer on the wire than any is. */
export function isPlausible(length: number, wireLength: number): boolean {
  return length <= MAX_DAMAGE_LOOKAHEAD && wireLength <= MAX_FRAME;
}

export function isZero(bytes: Uint8Array, at: number, length: number): boolean {
  for (let i = at; i < at + length; i++) if (bytes[i] !== 0) return false;
  return true;
}
