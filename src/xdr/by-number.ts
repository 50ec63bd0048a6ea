/**
 * What has small numbers, as procedures, operations and most names of enums have: found by a place in an array, which a map takes some
 * 50 ns for.
 */

/** Most programs and enums number from 0; NFSv4.2 has operations up to 77 and attributes up to 92 (RFC 9766, draft-ietf-nfsv4-posix-acls). */
const DENSE_NUMBERS = 93;

export class ByNumber<T> {
  private readonly dense: (T | undefined)[] = new Array(DENSE_NUMBERS).fill(undefined);
  /** Larger numbers: the few that programs have, and what captures make up; NFSv4's errors. */
  private readonly further = new Map<number, T>();

  get(number: number): T | undefined {
    return number >= 0 && number < DENSE_NUMBERS ? this.dense[number] : this.further.get(number);
  }

  set(number: number, value: T): void {
    if (number >= 0 && number < DENSE_NUMBERS) this.dense[number] = value;
    else this.further.set(number, value);
  }
}
