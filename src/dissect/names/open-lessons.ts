/**
 * What calls left for their replies, to learn names with, by exchange. It is large,
 * and the reply may never come, so only the last `MAX_TEACHING_CALLS` calls keep
 * it. Links that are known already do not count: they take no memory of their own.
 */
import { MAX_TEACHING_CALLS } from '../../limits.js';
import type { CallNames } from '../names.js';
import { Link } from './file.js';

export class OpenLessons {
  private readonly lessons: (CallNames | null)[] = [];
  /** The exchanges that keep something, in a ring; and where in it an exchange stands. */
  private readonly kept = new Int32Array(MAX_TEACHING_CALLS);
  private readonly places: number[] = [];
  private next = 0;

  /** An exchange opens, and nothing is left yet. Those that open take places in turn, so that the arrays have no holes. */
  open(exchange: number): void {
    this.lessons[exchange] = null;
    this.places[exchange] = -1;
  }

  keep(exchange: number, lesson: CallNames): void {
    if (!(lesson instanceof Link)) this.dropOldest(exchange);
    this.lessons[exchange] = lesson;
  }

  has(exchange: number): boolean {
    return exchange >= 0 && exchange < this.lessons.length && this.lessons[exchange] !== null;
  }

  /** Takes what a call left; nothing is left then. */
  take(exchange: number): CallNames | null {
    if (!this.has(exchange)) return null;
    const lesson = this.lessons[exchange];
    this.lessons[exchange] = null;
    return lesson;
  }

  private dropOldest(exchange: number): void {
    const { kept, places, next } = this;
    const oldest = kept[next];
    // A newer call may have the oldest one's slot by now. This has no branch, so that V8 does not throw code away when
    // the ring is full for the first time.
    this.lessons[places[oldest] === next ? oldest : exchange] = null;
    kept[next] = exchange;
    places[exchange] = next;
    this.next = (next + 1) % MAX_TEACHING_CALLS;
  }
}
