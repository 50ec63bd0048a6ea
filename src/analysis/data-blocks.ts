/**
 * The application data blocks of WRITE_SAME (RFC 7862 sections 8.2 and 15.12): one pattern, at the same place in each of so many blocks. What
 * a block has beside the pattern is not said, and of its number not how many bytes it takes, so neither is made up.
 */

/** Where a pattern of `length` bytes goes: at `offset`, and `count` times in all, each `step` bytes behind the one before. */
export interface Repetition {
  offset: number;
  length: number;
  step: number;
  count: number;
}

export interface DataBlocks {
  /** null: there is no pattern in them. */
  pattern: Repetition | null;
  hasNumbers: boolean;
}

/** NFS4_UINT64_MAX: the field is in none of the blocks. */
const ABSENT = 2 ** 64;

/** @param field The number of an app_data_block4; undefined where its bytes are not there. @param length Of the pattern. */
export function dataBlocks(field: (name: string) => number | undefined, length: number): DataBlocks {
  const get = (name: string) => field(`adb_${name}`) ?? 0;
  const [step, count, start] = [get('block_size'), get('block_count'), get('reloff_pattern')];
  const hasNumbers = count > 0 && get('reloff_blocknum') < ABSENT;
  // Of a pattern that is longer than its block the next one would have other bytes.
  const fits = Math.min(length, step - start);
  if (count === 0 || start >= ABSENT || fits <= 0) return { pattern: null, hasNumbers };
  return { pattern: { offset: get('offset') + start, length: fits, step, count }, hasNumbers };
}
