/** The frames that `-w` writes of a call and its reply: those of all transmissions, as far as there is room to remember them. */
import { expect, test } from 'vitest';
import { FrameSelection } from '../../src/analysis/frame-selection.js';
import { MAX_CLOSED_CONNECTIONS, MAX_FRAGMENTED_SEGMENTS } from '../../src/limits/export.js';
import { CALL, Message, REPLY } from '../../src/rpc/message.js';

/** A call in two frames, beginning at `order`. */
const callAt = (order: number, exchange = 0, isFirst = true): Message =>
  Object.assign(new Message(), {
    type: CALL,
    exchange,
    order: order + 1,
    carriers: [order],
    frameCount: 2,
    opening: -1,
    retransmission: isFirst ? null : 'rpc',
  });
const replyAt = (order: number, exchange = 0): Message =>
  Object.assign(new Message(), { type: REPLY, exchange, order, opening: -1 });

function marked(selection: FrameSelection, frames: number): number[] {
  return Array.from({ length: frames }, (_, order) => order).filter((order) => selection.isMarked(order));
}

const give = (selection: FrameSelection, message: Message, isSelected = false) =>
  selection.message(message, isSelected, () => '');

test('a selected reply brings its call, however often that was sent', () => {
  const selection = new FrameSelection();
  for (let i = 0; i < 300; i++) give(selection, callAt(2 * i, 0, i === 0));
  give(selection, replyAt(600), true);
  expect([marked(selection, 602).length, selection.droppedResends]).toEqual([601, 0]);
});

test.each<[string, selects: 'call' | 'reply' | 'none', dropped: number, frames: number[]]>([
  ['of a selected reply', 'reply', 4, [0, 1, 2, 3, 4, 5, 10]],
  ['of a selected call', 'call', 2, [0, 1, 2, 3, 4, 5, 8, 9, 10]],
  ['of a call that nobody selected', 'none', 0, []],
])('what found no room is counted: %s', (_, selects, dropped, frames) => {
  const selection = new FrameSelection(() => {}, 4);
  for (let i = 0; i < 5; i++) give(selection, callAt(2 * i, 0, i === 0), selects === 'call' && i === 4);
  give(selection, replyAt(10), selects === 'reply');
  expect([marked(selection, 12), selection.droppedResends]).toEqual([frames, dropped]);
});

test('another call in the same slot gives the room back', () => {
  const selection = new FrameSelection(() => {}, 4);
  for (let turn = 0; turn < 3; turn++) {
    for (let i = 0; i < 3; i++) give(selection, callAt(10 * turn + 2 * i, 0, i === 0));
  }
  give(selection, replyAt(30), true);
  expect([marked(selection, 31), selection.droppedResends]).toEqual([[20, 21, 22, 23, 24, 25, 30], 0]);
});

test('a segment in IP fragments brings their frames, as long as there is room to remember them', () => {
  const selection = new FrameSelection();
  const last = MAX_FRAGMENTED_SEGMENTS;
  for (let i = 0; i <= last; i++) selection.segmentInFragments([2 * i, 2 * i + 1]);
  give(selection, replyAt(1), true);
  give(selection, replyAt(2 * last + 1), true);
  expect(marked(selection, 2 * last + 2)).toEqual([1, 2 * last, 2 * last + 1]);
});

test.each<[string, isSelected: boolean, frames: number[]]>([
  ['a selected call', true, [0, 1, 2, 4]],
  ['a call that nobody selected', false, []],
])('the end of its connection belongs to %s without a reply', (_, isSelected, frames) => {
  const selection = new FrameSelection();
  give(selection, Object.assign(callAt(0), { connection: 7 }), isSelected);
  selection.closing(7, 2);
  selection.closing(8, 3);
  selection.closing(7, 4);
  selection.connectionEnded(0);
  expect(marked(selection, 5)).toEqual(frames);
});

test('the ends of the newest connections are remembered', () => {
  const selection = new FrameSelection();
  for (let i = 0; i <= MAX_CLOSED_CONNECTIONS; i++) selection.closing(i, i);
  for (const connection of [0, 1]) selection.markClosings(connection);
  expect(marked(selection, 2)).toEqual([1]);
});
