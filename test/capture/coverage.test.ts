/** Which time captures cover (src/capture/coverage.ts): frames of files as [file, seconds], and for each frame the end of what came before the pause behind it. */
import { expect, test } from 'vitest';
import { Coverage } from '../../src/capture/coverage.js';
import type { Frame } from '../../src/capture/frame.js';
import { CAPTURE_PAUSE_SECONDS } from '../../src/limits/capture.js';

const LATER = CAPTURE_PAUSE_SECONDS + 1;

const cases: [name: string, frames: [file: number, seconds: number][], ends: (number | null)[]][] = [
  [
    'one file, however quiet',
    [
      [0, 0],
      [0, 9 * LATER],
    ],
    [null, null],
  ],
  [
    'files of a ring buffer',
    [
      [0, 0],
      [0, 5],
      [1, 6],
      [1, 60],
      [2, 60 + CAPTURE_PAUSE_SECONDS],
    ],
    [null, null, null, null, null],
  ],
  [
    'files of different times',
    [
      [0, 0],
      [0, 5],
      [1, 5 + LATER],
      [2, 6 + 2 * LATER],
    ],
    [5, 5, 5 + LATER, null],
  ],
  [
    'one goes on behind the other',
    [
      [0, 0],
      [1, 1],
      [1, 2],
      [0, 3],
      [2, 3 + LATER],
    ],
    [3, 3, 3, 3, null],
  ],
  [
    'the first goes on after the second',
    [
      [0, 0],
      [1, LATER],
      [0, 2 * LATER],
    ],
    [null, null, null],
  ],
  [
    'a third one goes on, of two that had ended',
    [
      [0, 0],
      [1, 3],
      [2, 3 + LATER],
      [0, 4 + LATER],
    ],
    [null, null, null, null],
  ],
  [
    'the clock ran backwards',
    [
      [0, 100],
      [0, 0],
      [1, 101 + LATER],
    ],
    [100, 100, null],
  ],
];

test.each(cases)('%s', (_, frames, expected) => {
  const coverage = new Coverage();
  for (const [file, seconds] of frames) coverage.frame({ seconds, nanoseconds: 7 } as Frame, file);
  const ends = frames.map(([, seconds]) => coverage.endAfter(seconds + 7e-9)?.seconds ?? null);
  expect(ends).toEqual(expected);
});
