/** Records that are put together share so many bytes: who keeps what when there are more. */
import { describe, expect, test } from 'vitest';
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

describe('of more bytes than there may be, the record that grew longest ago gives up its own', () => {
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
      'one that is silent',
      [
        ['a', 512],
        ['b', 256],
        ['c', 256],
      ],
      ['4!', '256', '256'],
    ],
    [
      'two',
      [
        ['a', 256],
        ['b', 256],
        ['c', 512],
      ],
      ['4!', '4!', '512'],
    ],
    [
      'what came behind that is gone, too',
      [
        ['a', 512],
        ['b', 512],
        ['a', 8],
      ],
      ['4!', '512', '0'],
    ],
    [
      'small ones stay',
      [
        ['a', 32],
        ['b', 512],
        ['c', 512],
      ],
      ['32', '4!', '512'],
    ],
    ['alone, as much as the bound leaves', [['a', 2048]], ['512!', '0', '0']],
  ])('%s', (_, steps, [a, b, c]) => {
    expect(keptAfter(steps)).toEqual({ a, b, c });
  });
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
