/**
 * The frames that carried a record: the first, the newest, and how many. The last frame noted need not be
 * the newest, because segments that waited come behind later ones. Frames are compared by order, because
 * several files share frame numbers.
 */
import { MAX_CARRIERS } from '../limits/rpc.js';
import { copyStamp, newStamp, type Stamp } from '../network/stamp.js';

const NO_STAMP = newStamp();

export class Carriers {
  firstFrame = 0;
  firstFile = 0;
  firstSeconds = 0;
  firstNanoseconds = 0;
  count = 0;
  /** If there are several frames: their places among the frames of all inputs, at most MAX_CARRIERS. */
  readonly orders: number[] = [];
  newest: Stamp = NO_STAMP;
  /** Order of the frame last noted (-1: none), and of the first frame. */
  private last = -1;
  private firstOrder = 0;
  /** The stamp that `newest` refers to while frames are noted; made with the first. */
  private kept: Stamp | null = null;
  private readonly remembered: { count: number; newest: Stamp | null } = { count: 0, newest: null };

  /** The whole record is in this frame. */
  setOnly(carrier: Stamp): void {
    this.firstFrame = carrier.frame;
    this.firstFile = carrier.file;
    this.newest = carrier;
    this.count = 1;
  }

  /** This frame has a part of the record. */
  note(carrier: Stamp): void {
    const { order } = carrier;
    if (this.last === order) return;
    this.newest = this.kept ??= newStamp();
    if (this.last < 0) {
      this.count = 0;
      this.orders.length = 0;
      this.noteFirst(carrier);
      copyStamp(carrier, this.newest);
    }
    if (order > this.newest.order) copyStamp(carrier, this.newest);
    if (order < this.firstOrder) this.noteFirst(carrier);
    this.last = order;
    this.count++;
    if (this.orders.length < MAX_CARRIERS) this.orders.push(order);
  }

  /** Adds the frames of another part of the record. */
  add(part: Carriers): void {
    if (part.last < 0) return;
    const isFirst = this.last < 0;
    this.newest = this.kept ??= newStamp();
    if (isFirst) {
      this.count = 0;
      this.orders.length = 0;
    }
    if (isFirst || part.newest.order > this.newest.order) copyStamp(part.newest, this.newest);
    if (isFirst || part.firstOrder < this.firstOrder) {
      this.firstOrder = part.firstOrder;
      this.firstFrame = part.firstFrame;
      this.firstFile = part.firstFile;
      this.firstSeconds = part.firstSeconds;
      this.firstNanoseconds = part.firstNanoseconds;
    }
    this.last = part.last;
    this.count += part.count;
    for (const order of part.orders) if (this.orders.length < MAX_CARRIERS) this.orders.push(order);
  }

  /** Saves what was noted so far for `recall`. */
  remember(): void {
    this.remembered.count = this.count;
    this.remembered.newest ??= newStamp();
    copyStamp(this.newest, this.remembered.newest);
  }

  /** Returns to what `remember` saved. */
  recall(): void {
    const { count, newest } = this.remembered;
    this.count = count;
    this.orders.length = Math.min(this.orders.length, count);
    if (newest !== null) copyStamp(newest, this.newest);
  }

  /** The next frame noted is the first one of another record. */
  restart(): void {
    this.last = -1;
  }

  private noteFirst(carrier: Stamp): void {
    this.firstOrder = carrier.order;
    this.firstFrame = carrier.frame;
    this.firstFile = carrier.file;
    this.firstSeconds = carrier.seconds;
    this.firstNanoseconds = carrier.nanoseconds;
  }
}
