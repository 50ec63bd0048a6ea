/**
 * The application data blocks of WRITE_SAME (RFC 7862 sections 8.2 and 15.12): one pattern, at
 * the same place in each of a number of blocks. The protocol does not define the bytes of a block
 * around the pattern, nor how many bytes the block number takes, so neither is made up here.
 */

/** The places of a pattern of `length` bytes: the first at `offset`, `count` in all, `step` bytes apart. */
export interface Repetition {
  offset: number;
  length: number;
  step: number;
  count: number;
}

export interface DataBlocks {
  /** null: the blocks have no pattern. */
  pattern: Repetition | null;
  hasNumbers: boolean;
}

/** NFS4_UINT64_MAX (2^64 − 1), which a double rounds to 2^64: the field is in none of the blocks. */
const ABSENT = 2 ** 64;

/**
 * @param field Returns a number of the app_data_block4; undefined where its bytes are missing.
 * @param length The length of the pattern in bytes.
 */
export function dataBlocks(field: (name: string) => number | undefined, length: number): DataBlocks {
  const get = (name: string) => field(`adb_${name}`) ?? 0;
  const [step, count, start] = [get('block_size'), get('block_count'), get('reloff_pattern')];
  const hasNumbers = count > 0 && get('reloff_blocknum') < ABSENT;
  // A pattern longer than its block is cut: the next block overwrites the rest.
  const fits = Math.min(length, step - start);
  if (count === 0 || start >= ABSENT || fits <= 0) return { pattern: null, hasNumbers };
  return { pattern: { offset: get('offset') + start, length: fits, step, count }, hasNumbers };
}
