/**
 * Puts exchanges into the order of their calls; they end in the order of their replies. An exchange that ends before
 * that of an earlier call waits for it, up to a bound. Of one that stays open for longer `pass` is told; unless that
 * ends it, it is handled when it ends.
 */
import { MAX_DIFF_HELD } from '../../limits/diff.js';

export class CallOrder<Item> {
  private readonly over = new Map<number, Item>();
  /** Numbers of calls that were not passed on, ascending, from `head` on. */
  private open: number[] = [];
  private head = 0;

  constructor(
    private readonly handle: (item: Item) => void,
    private readonly pass: (number: number) => void = () => {},
    private readonly bound = MAX_DIFF_HELD,
  ) {}

  /** Notes a call by its number. */
  call(number: number): void {
    this.open.push(number);
  }

  /** Takes a finished exchange. */
  end(number: number, item: Item): void {
    if (this.head === this.open.length || number < this.open[this.head]) {
      this.handle(item);
      return;
    }
    this.over.set(number, item);
    this.release(this.bound);
  }

  /** Passes on all waiting exchanges, in order. */
  finish(): void {
    this.release(0);
  }

  private release(held: number): void {
    const { over, open } = this;
    while (this.head < open.length) {
      const item = over.get(open[this.head]);
      if (item === undefined && over.size <= held) break;
      const number = open[this.head++];
      over.delete(number);
      if (item === undefined) this.pass(number);
      else this.handle(item);
    }
    if (this.head > this.bound) {
      open.splice(0, this.head);
      this.head = 0;
    }
  }
}
