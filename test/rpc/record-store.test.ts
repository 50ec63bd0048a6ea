/** Records that are put together share so many bytes: who keeps what when there are more. */
import { describe, expect, test } from 'vitest';
import { SILENT_RECORD } from '../../src/limits.js';
import { BufferPool } from '../../src/rpc/buffer-pool.js';
import { RecordStore } from '../../src/rpc/record-store.js';

const KiB = 1024;
const BOUND = 1024 * KiB;
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
  const shown = ({ length, isHoled }: RecordStore) => `${length / KiB}${isHoled ? '!' : ''}`;
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
      ['256', '256', '256!'],
    ],
    [
      'nor who would go on',
      [
        ['a', 512],
        ['b', 256],
        ['a', 8],
      ],
      ['512!', '256', '0'],
    ],
    ['alone, as much as the bound leaves', [['a', 2048]], ['512!', '0', '0']],
  ])('%s', (_, steps, [a, b, c]) => {
    expect(keptAfter(steps)).toEqual({ a, b, c });
  });
});

test.each([
  ['a large one', 512, SILENT_RECORD, ['4!', 512]],
  ['a large one, not for as long', 512, SILENT_RECORD - 2, ['512', 0]],
  ['what fits beside it', 256, SILENT_RECORD, ['512', 256]],
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
