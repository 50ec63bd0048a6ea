/**
 * A map whose keys are mostly small numbers: procedures, operations, values of enums. Small keys index an array,
 * because a Map takes some 50 ns to find one.
 */

/** Most programs and enums number from 0; NFSv4.2 has operations up to 77 and attributes up to 92 (RFC 9766, draft-ietf-nfsv4-posix-acls). */
const DENSE_NUMBERS = 93;

export class ByNumber<T> {
  private readonly dense: (T | undefined)[] = new Array(DENSE_NUMBERS).fill(undefined);
  /** Larger numbers: the few that programs define (NFSv4's errors), and those that captures make up. */
  private readonly further = new Map<number, T>();

  get(number: number): T | undefined {
    return number >= 0 && number < DENSE_NUMBERS ? this.dense[number] : this.further.get(number);
  }

  set(number: number, value: T): void {
    if (number >= 0 && number < DENSE_NUMBERS) this.dense[number] = value;
    else this.further.set(number, value);
  }
}
