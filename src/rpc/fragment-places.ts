/**
 * Where the fragments of a record lie in their direction, for whoever writes into their bytes (`--anonymize`). A walker
 * has one only where somebody asks.
 */
import { MAX_CARRIERS } from '../limits/rpc.js';

export class FragmentPlaces {
  /**
   * Three numbers for each fragment: its offset in the record, the position of its first byte in the direction (missing
   * bytes count), and its mark. At most MAX_CARRIERS fragments.
   */
  readonly numbers: number[] = [];

  /** The next fragment is the first one of another record. */
  restart(): void {
    this.numbers.length = 0;
  }

  note(offset: number, position: number, mark: number): void {
    if (this.numbers.length < 3 * MAX_CARRIERS) this.numbers.push(offset, position, mark);
  }

  /** The fragment noted last begins another record. */
  splitAtLast(): void {
    this.numbers.splice(0, this.numbers.length - 2, 0);
  }
}
