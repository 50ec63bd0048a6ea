/**
 * The frames that carried a record: the first, the newest, and how many. Segments that waited come behind later ones, so the last frame that
 * is noted need not be the newest. A frame is known by its order, because several files share numbers.
 */
import { MAX_CARRIERS } from '../limits.js';
import { copyStamp, newStamp, type Stamp } from '../network/stamp.js';

const NO_STAMP = newStamp();

export class Carriers {
  firstFrame = 0;
  firstSeconds = 0;
  firstNanoseconds = 0;
  count = 0;
  /** Their places among all inputs' frames, where there are several; as many as MAX_CARRIERS. */
  readonly orders: number[] = [];
  newest: Stamp = NO_STAMP;
  /** The order of the last one noted, -1 before any, and of the first. */
  private last = -1;
  private firstOrder = 0;
  /** What `newest` is where several are noted; made with the first. */
  private kept: Stamp | null = null;
  private readonly remembered: { count: number; newest: Stamp | null } = { count: 0, newest: null };

  /** All of the record is in one frame. */
  setOnly(carrier: Stamp): void {
    this.firstFrame = carrier.frame;
    this.newest = carrier;
    this.count = 1;
  }

  /** A part of the record is in this frame. */
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

  /** Keeps what was noted so far for `recall`. */
  remember(): void {
    this.remembered.count = this.count;
    this.remembered.newest ??= newStamp();
    copyStamp(this.newest, this.remembered.newest);
  }

  /** Forgets what was noted since `remember`. */
  recall(): void {
    const { count, newest } = this.remembered;
    this.count = count;
    this.orders.length = Math.min(this.orders.length, count);
    if (newest !== null) copyStamp(newest, this.newest);
  }

  /** The next one noted is the first of another record. */
  restart(): void {
    this.last = -1;
  }

  private noteFirst(carrier: Stamp): void {
    this.firstOrder = carrier.order;
    this.firstFrame = carrier.frame;
    this.firstSeconds = carrier.seconds;
    this.firstNanoseconds = carrier.nanoseconds;
  }
}
