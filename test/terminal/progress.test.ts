/** The line of progress: what it says, to whom it is shown, and that nothing of it stays. */
import { describe, expect, test, vi } from 'vitest';
import { PROGRESS_BYTES } from '../../src/limits/cli.js';
import { Progress, progressLine } from '../../src/terminal/progress.js';

describe('the line', () => {
  test.each([
    [0, 300e6, 1, '0 %, 0 of 300 MB'],
    [150e6, 300e6, 3, '50 %, 150 of 300 MB, 3 s left'],
    [299.9e6, 300e6, 10, '99 %, 300 of 300 MB, 1 s left'],
    [2000e6, 2000e6, 10, '100 %, 2,000 of 2,000 MB, 0 s left'],
    // A file that grows while it is read.
    [400e6, 300e6, 10, '100 %, 400 of 300 MB, 0 s left'],
    [0, 0, 0, '100 %, 0 of 0 MB, 0 s left'],
  ])('%d of %d bytes after %d s', (read, total, seconds, expected) => {
    expect(progressLine(read, total, seconds)).toBe(expected);
  });
});

describe('who sees it', () => {
  const large = { read: 1e6, total: PROGRESS_BYTES };
  test.each([
    ['a person with a large capture', true, large, true],
    ['not a log file', false, large, false],
    ['not for a small capture', true, { read: 0, total: PROGRESS_BYTES - 1 }, false],
    ['not for a pipe, whose size nobody knows', true, { read: 1e9, total: undefined }, false],
  ])('%s', (_, isTTY, state, isShown) => {
    vi.useFakeTimers();
    const written: string[] = [];
    const progress = new Progress(() => state, { isTTY, write: (text) => written.push(text) });
    vi.advanceTimersByTime(1000);
    const lines = written.length;
    progress.end();
    vi.advanceTimersByTime(1000);
    vi.useRealTimers();
    expect(lines > 0).toBe(isShown);
    // The last write erases the line, and none comes after it.
    expect(written.slice(lines)).toEqual(isShown ? ['\r\u001b[K'] : []);
  });
});

test('a line that is written in its place begins at the first column', () => {
  vi.useFakeTimers();
  let written = '';
  const progress = new Progress(() => ({ read: 1e6, total: PROGRESS_BYTES }), {
    isTTY: true,
    write: (text) => {
      written += text;
    },
  });
  progress.hide();
  vi.advanceTimersByTime(250);
  progress.hide();
  written += 'rpcdump: a.pcap: cut short\n';
  progress.hide();
  vi.advanceTimersByTime(250);
  progress.end();
  vi.useRealTimers();
  expect(written.replaceAll(/\d+ %[^\r]*/g, '(progress)').split('\r\u001b[K')).toEqual([
    '',
    '(progress)',
    'rpcdump: a.pcap: cut short\n',
    '(progress)',
    '',
  ]);
});
