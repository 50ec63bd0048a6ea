/** Records that are put together share so many bytes: who keeps what when there are more. */
import { describe, expect, test } from 'vitest';
import { MAX_DIFF_RECORDS_TOTAL } from '../../src/limits/diff.js';
import { MAX_FREE_RECORDS, MAX_RECORDS_TOTAL, SILENT_RECORD } from '../../src/limits/rpc.js';
import { BufferPool } from '../../src/rpc/buffer-pool.js';
import { RecordStore } from '../../src/rpc/record-store.js';

const KiB = 1024;
/** Large buffers have 15 of 16 parts of it: 1 MiB, and the room for headers of some buffers. */
const BOUND = 1100 * KiB;
const SEGMENT = 4 * KiB;

type Step = [store: 'a' | 'b' | 'c', kibibytes: number];

/** Takes bytes of three records of 8 MiB as they come, in segments; what is kept of each, in KiB, with '!' where more came. */
function keptAfter(steps: readonly Step[]): Record<string, string> {
  const pool = new BufferPool(BOUND);
  const stores = { a: new RecordStore(pool), b: new RecordStore(pool), c: new RecordStore(pool) };
  for (const store of Object.values(stores)) store.open();
  for (const [name, kibibytes] of steps) {
    const segment = new Uint8Array(SEGMENT).fill(name.charCodeAt(0));
    for (let left = kibibytes; left > 0; left -= 4) stores[name].keep(segment, 0, SEGMENT, 8192 * KiB);
  }
  for (const [name, { bytes, length }] of Object.entries(stores)) {
    expect(bytes?.subarray(0, length).every((byte) => byte === name.charCodeAt(0)) ?? true).toBe(true);
  }
  const shown = ({ length, isHoled, isKeptInPart }: RecordStore) =>
    `${length / KiB}${isHoled ? '!' : ''}${isHoled === isKeptInPart ? '' : '?'}`;
  return Object.fromEntries(Object.entries(stores).map(([name, store]) => [name, shown(store)]));
}

describe('where there is no more room, the newest record gets no more', () => {
  test.each<[string, Step[], string[]]>([
    [
      'all have room',
      [
        ['a', 256],
        ['b', 256],
      ],
      ['256', '256', '0'],
    ],
    [
      'the third has less: what it grew from counts until it has grown',
      [
        ['a', 256],
        ['b', 256],
        ['c', 512],
      ],
      ['256', '256', '257!'],
    ],
    [
      'nor who would go on',
      [
        ['a', 512],
        ['b', 256],
        ['a', 8],
      ],
      ['513!', '256', '0'],
    ],
    ['alone, as much as the bound leaves', [['a', 2048]], ['513!', '0', '0']],
  ])('%s', (_, steps, [a, b, c]) => {
    expect(keptAfter(steps)).toEqual({ a, b, c });
  });
});

test.each([
  ['a large one', 512, SILENT_RECORD, ['4!', 512]],
  ['a large one, not for as long', 512, SILENT_RECORD - 2, ['512', 5]],
  ['what fits beside it', 200, SILENT_RECORD, ['512', 200]],
])('a record that was silent while others grew gives up its own for another: %s', (_, kibibytes, others, expected) => {
  const pool = new BufferPool(BOUND);
  const [silent, busy] = [new RecordStore(pool), new RecordStore(pool)];
  const take = (store: RecordStore, length: number) => {
    store.open();
    store.keep(new Uint8Array(length), 0, length, length);
  };
  take(silent, 512 * KiB);
  take(busy, 256 * KiB);
  for (let i = 1; i < others; i++) {
    busy.release();
    take(busy, 256 * KiB);
  }
  const last = new RecordStore(pool);
  take(last, kibibytes * KiB);
  expect([`${silent.length / KiB}${silent.isHoled ? '!' : ''}`, last.length / KiB]).toEqual(expected);
});

test('a record keeps its header where others leave no room for a small buffer, and takes none of it back', () => {
  const pool = new BufferPool(12 * KiB);
  const [first, second, third] = [new RecordStore(pool), new RecordStore(pool), new RecordStore(pool)];
  const take = (store: RecordStore, length: number) => {
    store.open();
    store.keep(
      Uint8Array.from({ length }, (_, i) => i),
      0,
      length,
      8192 * KiB,
    );
    store.keep(new Uint8Array(length), 0, length, 8192 * KiB);
    return [store.length, store.isHoled, store.isKeptInPart];
  };
  const kept = [first, second, third].map((store) => take(store, 600));
  expect(kept).toEqual([
    [1200, false, false],
    [1200, false, false],
    [512, true, true],
  ]);
  expect(third.bytes!.every((byte, i) => byte === (i & 255))).toBe(true);
  // What was not the pool's does not become so.
  for (const store of [third, first, second]) store.release();
  expect([third, first, second].map((store) => take(store, 600)[0])).toEqual([1200, 1200, 512]);
});

test('free buffers count: they go where others are needed', () => {
  const pool = new BufferPool(BOUND);
  const [large, small] = [new RecordStore(pool), new RecordStore(pool)];
  for (let round = 0; round < 3; round++) {
    for (const [store, length] of [
      [large, 512 * KiB],
      [small, 8 * KiB],
    ] as const) {
      store.open();
      store.keep(new Uint8Array(length), 0, length, length);
      expect([store.length, store.isHoled]).toEqual([length, false]);
      store.release();
    }
  }
});

describe('READs and WRITEs of 1 MiB at once, each in segments that take turns', () => {
  const LENGTH = 1024 * KiB + 200;

  /** Takes as many records as they come; answers how many are whole. */
  function wholeOf(count: number, pool: BufferPool): number {
    const stores = Array.from({ length: count }, () => new RecordStore(pool));
    const segment = new Uint8Array(28_960);
    for (const store of stores) store.open();
    for (let at = 0; at < LENGTH; at += segment.length) {
      const length = Math.min(segment.length, LENGTH - at);
      for (const store of stores) store.keep(segment, 0, length, LENGTH - at);
    }
    const whole = stores.filter(({ length }) => length === LENGTH).length;
    for (const store of stores) store.release();
    return whole;
  }

  test.each([
    [1, MAX_RECORDS_TOTAL, 1],
    [40, MAX_RECORDS_TOTAL, 40],
    [100, MAX_RECORDS_TOTAL, 43],
    [20, MAX_DIFF_RECORDS_TOTAL, 20],
  ])('of %i with %i bytes for all, %i are whole, again and again', (count, bound, expected) => {
    const pool = new BufferPool(bound);
    for (let round = 0; round < 3; round++) expect(wholeOf(count, pool)).toBe(expected);
  });

  test('a small record beside more of them than have room is whole', () => {
    const pool = new BufferPool();
    const stores = Array.from({ length: 100 }, () => new RecordStore(pool));
    for (const store of stores) {
      store.open();
      for (let left = LENGTH; left > 0; left -= 4 * KiB) store.keep(new Uint8Array(4 * KiB), 0, 4 * KiB, LENGTH);
    }
    const small = new RecordStore(pool);
    small.open();
    small.keep(new Uint8Array(9000), 0, 9000, 9000);
    expect([small.length, small.isHoled]).toEqual([9000, false]);
    expect(stores.every(({ length }) => length >= 4 * KiB)).toBe(true);
  });

  test('buffers that a busy time leaves are dropped, but for some', () => {
    const pool = new BufferPool();
    const holder = new RecordStore(pool);
    const buffers = Array.from({ length: 40 }, () => pool.take(LENGTH, holder)!);
    for (const buffer of buffers) pool.release(buffer, holder);
    for (let i = 0; i < 1000; i++) pool.release(pool.take(4 * KiB, holder)!, holder);
    const again = Array.from({ length: 40 }, () => pool.take(LENGTH, holder)!);
    expect(again.filter((buffer) => buffers.includes(buffer)).length * LENGTH).toBeLessThanOrEqual(MAX_FREE_RECORDS);
  });
});
