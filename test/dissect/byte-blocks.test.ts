/** Blocks of bytes: they never overlap, come back, and stay within their bound. */
import { describe, expect, test } from 'vitest';
import { ByteBlocks, type Page } from '../../src/dissect/byte-blocks.js';
import { Random } from '../helpers/random.js';

const KiB = 1024;
const MiB = 1024 * KiB;

interface Taken {
  page: Page;
  offset: number;
  length: number;
  mark: number;
}

function take(blocks: ByteBlocks, length: number, mark = 0): Taken | null {
  const page = blocks.take(length);
  if (page === null) return null;
  const { offset } = blocks;
  page.bytes.fill(mark, offset, offset + length);
  return { page, offset, length, mark };
}

const isWhole = ({ page, offset, length, mark }: Taken) =>
  offset + length <= page.bytes.length && page.bytes.subarray(offset, offset + length).every((byte) => byte === mark);

test('what is written to one is not in another, whatever is taken and given back', () => {
  const random = new Random(1);
  const blocks = new ByteBlocks(4 * MiB);
  const taken: Taken[] = [];
  for (let i = 0; i < 4000; i++) {
    const length = 1 + random.below(2 ** random.below(19));
    const block = random.below(100) < 55 ? take(blocks, length, i & 0xff) : null;
    if (block !== null) taken.push(block);
    else if (taken.length > 0) {
      const [one] = taken.splice(random.below(taken.length), 1);
      expect(isWhole(one)).toBe(true);
      blocks.release(one.page, one.offset);
    }
  }
  expect(taken.every(isWhole)).toBe(true);
  const pages = new Set(taken.map(({ page }) => page));
  expect([...pages].reduce((sum, { bytes }) => sum + bytes.length, 0)).toBeLessThanOrEqual(4 * MiB);
});

describe('the bound', () => {
  test('is reached, and there is room again when blocks come back', () => {
    const blocks = new ByteBlocks(256 * KiB);
    const taken = Array.from({ length: 1024 }, () => take(blocks, 256)!);
    expect(take(blocks, 1)).toBeNull();
    for (const { page, offset } of taken) blocks.release(page, offset);
    // Pages that are empty serve any size, and make room for larger ones.
    expect(take(blocks, 4000)).not.toBeNull();
    expect(take(blocks, 60 * KiB)).not.toBeNull();
    expect(take(blocks, 60 * KiB)).not.toBeNull();
    expect(take(blocks, 60 * KiB)).toBeNull();
  });

  test('nothing fits where it is less than a page', () => {
    expect(take(new ByteBlocks(10), 1)).toBeNull();
  });
});
