/** The list of exported files: how much of each there is, and what is wrong with it. */
import { expect, test } from 'vitest';
import { FileObject } from '../../src/analysis/file-object.js';
import type { Endpoint } from '../../src/network/flow.js';
import { objectsRecords, objectsText } from '../../src/output/objects.js';
import { Message } from '../../src/rpc/message.js';

/** Known bytes from, to, from, to …; and what else is known. */
function object(ranges: readonly number[], facts: Partial<FileObject> = {}): FileObject {
  const message = Object.assign(new Message(), { frame: 5, file: 0 });
  const key = { server: { address: '10.0.0.2' } as Endpoint, handle: Uint8Array.of(0xab, 1) };
  const made = new FileObject(1, key, message);
  made.ranges.push(...ranges);
  return Object.assign(made, { place: 'a.txt', lastFrame: 9 }, facts);
}

const conflict = { kind: 'write', offset: 4, length: 2, frame: 7, file: 1 } as const;

test.each<[object: FileObject, text: string]>([
  [object([]), '0 B  a.txt'],
  [object([0, 1024]), '1.00 KiB  a.txt'],
  [object([0, 512], { size: 1024 }), '512 B of 1.00 KiB, 1 hole  a.txt'],
  [object([8, 16, 32, 40]), '16 B of 40 B, 2 holes  a.txt'],
  [object([0, 4], { failedWrites: 2 }), '4 B  a.txt  (2 of its WRITEs failed)'],
  [object([0, 4], { conflictCount: 1 }), '4 B  a.txt  (other bytes came again once)'],
  [object([0, 4], { conflictCount: 2 }), '4 B  a.txt  (other bytes came again 2 times)'],
  [object([0, 4], { dropped: 2048 }), '4 B  a.txt  (2.00 KiB left out)'],
  [
    object([0, 4], { failedWrites: 1, conflictCount: 1, dropped: 1 }),
    '4 B  a.txt  (1 of its WRITEs failed; other bytes came again once; 1 B left out)',
  ],
  [object([0, 4], { place: 'a\u001b' }), '4 B  a\\u001b'],
])('a line', (each, text) => {
  expect(objectsText([each])).toBe(`${text}\n`);
});

test('amounts are a column', () => {
  expect(objectsText([object([0, 4]), object([0, 1024], { place: 'b' })])).toBe('4 B       a.txt\n1.00 KiB  b\n');
  expect(objectsText([])).toBe('');
});

test('a record has what is known, and files where there are several', () => {
  const plain = {
    object: 'a.txt',
    server: '10.0.0.2',
    handle: 'ab01',
    size: null,
    length: 4,
    present: 4,
    holes: [],
    reads: 0,
    writes: 0,
    first_frame: 5,
    last_frame: 9,
  };
  const odd = object([2, 4], {
    path: 'dir/\xc3\xa9',
    names: ['dir/two'],
    size: 6,
    failedWrites: 1,
    conflicts: [conflict],
    conflictCount: 3,
    dropped: 1,
    lastFile: 1,
  });
  const more = {
    ...plain,
    path: 'dir/é',
    names: ['dir/two'],
    size: 6,
    length: 6,
    present: 2,
    holes: [
      [0, 2],
      [4, 6],
    ],
    failed_writes: 1,
    conflict_count: 3,
    dropped: 1,
  };
  const parse = (text: string) =>
    text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  const { file: _, ...place } = conflict;
  expect(parse(objectsRecords([object([0, 4]), odd], null))).toEqual([plain, { ...more, conflicts: [place] }]);
  expect(parse(objectsRecords([odd], ['a.pcap', 'b.pcap']))).toEqual([
    { ...more, file: 'a.pcap', last_file: 'b.pcap', conflicts: [{ ...place, file: 'b.pcap' }] },
  ]);
});
