/** What is asked of V8 while much of what is allocated lives for a while: only as long, because Node may wait for ever at its exit otherwise. */
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { markAtOnceDuring } from '../../src/cli/heap.js';

const flags: string[] = [];
// It is imported when it is needed, so that other test files of this worker have the real one.
vi.doMock('node:v8', () => ({ setFlagsFromString: (flag: string) => flags.push(flag) }));
afterAll(() => vi.doUnmock('node:v8'));

const { versions } = process;
afterEach(() => {
  Object.defineProperty(process, 'versions', { value: versions });
  flags.length = 0;
});

const during = (v8: string, work: () => void) => {
  Object.defineProperty(process, 'versions', { value: { ...versions, v8 } });
  return markAtOnceDuring(async () => work());
};

test.each([
  ['11.3.244.8-node.38', []],
  ['13.6.233.8-node.27', ['--no-incremental-marking', 'work', '--incremental-marking']],
])('V8 %s', async (version, expected) => {
  await during(version, () => flags.length > 0 && flags.push('work'));
  expect(flags).toEqual(expected);
});

test('an error ends it, too', async () => {
  const work = () => {
    throw new Error('no more');
  };
  await expect(during('14.1', work)).rejects.toThrow('no more');
  expect(flags.at(-1)).toBe('--incremental-marking');
});
