/** Comments of frames: those of a frame in their order, whatever else shares its bucket, page or text. */
import { expect, test } from 'vitest';
import { FrameComments } from '../../src/analysis/frame-comments.js';
import { MAX_FRAME_COMMENTS } from '../../src/limits/export.js';

/** Frames so far apart share a bucket. */
const BUCKETS = 1 << 16;

test('several of a frame, and of another in its bucket', () => {
  const comments = new FrameComments();
  for (const frame of [3, 3 + BUCKETS, 4]) comments.add(frame, 10 * frame, () => 'a call');
  comments.add(3, 31, () => 'a reply, ä');
  expect(comments.of(3)).toEqual(['message 30: a call', 'message 31: a reply, ä']);
  expect(comments.of(3 + BUCKETS)).toEqual([`message ${10 * (3 + BUCKETS)}: a call`]);
  expect([comments.of(4), comments.of(5)]).toEqual([['message 40: a call'], []]);
});

test('as many as there may be, with texts of which some recur; more are counted and not asked for', () => {
  const comments = new FrameComments();
  const text = (i: number) => (i % 3 === 0 ? 'NULL' : `call ${i}`);
  for (let i = 0; i < MAX_FRAME_COMMENTS; i++) comments.add(i, i + 1, () => text(i));
  comments.add(0, 1, () => {
    throw new Error('asked for');
  });
  expect(comments.dropped).toBe(1);
  for (let i = 0; i < MAX_FRAME_COMMENTS; i += 997) expect(comments.of(i)).toEqual([`message ${i + 1}: ${text(i)}`]);
});
