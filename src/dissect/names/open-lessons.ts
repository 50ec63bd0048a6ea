/**
 * What calls left for their replies, to learn names with, by exchange. It is large, and the reply may never come, so
 * no more than `MAX_TEACHING_CALLS` wait at a time: the oldest makes room, and is counted. Links that are known already
 * do not count: they take no memory of their own.
 */
import { MAX_TEACHING_CALLS } from '../../limits/dissect.js';
import type { CallNames } from '../names.js';
import { Link } from './file.js';

export class OpenLessons {
  /** Calls whose lesson was dropped before their reply came. */
  dropped = 0;
  private readonly lessons: (CallNames | null)[] = [];
  /** How many of them take memory, and the slot from which on the oldest of these stands. */
  private waiting = 0;
  private hand = 0;

  constructor(private readonly bound = MAX_TEACHING_CALLS) {}

  /** An exchange opens, and nothing is left yet. Slots are taken in turn, so the array has no holes. */
  open(exchange: number): void {
    if (exchange < this.lessons.length) this.take(exchange);
    else this.lessons[exchange] = null;
  }

  /** Keeps what a transmission of a call left, in place of what an earlier one did. */
  keep(exchange: number, lesson: CallNames): void {
    this.take(exchange);
    if (takesMemory(lesson)) {
      if (this.waiting >= this.bound) this.dropOldest();
      this.waiting++;
    }
    this.lessons[exchange] = lesson;
  }

  has(exchange: number): boolean {
    return exchange >= 0 && exchange < this.lessons.length && this.lessons[exchange] !== null;
  }

  /** Takes what a call left; nothing is left then. */
  take(exchange: number): CallNames | null {
    if (!this.has(exchange)) return null;
    const lesson = this.lessons[exchange]!;
    this.lessons[exchange] = null;
    if (takesMemory(lesson)) this.waiting--;
    return lesson;
  }

  private dropOldest(): void {
    while (!takesMemory(this.lessons[this.hand])) {
      this.hand = this.hand + 1 < this.lessons.length ? this.hand + 1 : 0;
    }
    this.take(this.hand);
    this.dropped++;
  }
}

function takesMemory(lesson: CallNames | null): boolean {
  return lesson !== null && !(lesson instanceof Link);
}
