/** Bodies that nobody knows, read as words and texts. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { endOf, guessParts } from '../../src/output/words.js';
import { bytes } from '../helpers/capture-writer.js';
import { opaque, words } from '../helpers/rpc-writer.js';

function guess(data: Uint8Array, most = 64): (number | string)[] {
  return guessParts(data, 0, data.length, most).map((part) => {
    if (part.kind === 'word') return part.value;
    return part.kind === 'text' ? part.text : `bytes ${part.end - part.at}`;
  });
}

describe('guessParts', () => {
  const cases: [data: Uint8Array, parts: (number | string)[]][] = [
    [bytes([]), []],
    [words(1, 2, 0xffffffff), [1, 2, 0xffffffff]],
    [opaque('hello'), ['hello']],
    [opaque('a b'), ['a b']],
    [opaque('ab'), ['ab']],
    [opaque('a\tb'), [3, 0x61096200]],
    [bytes(words(7), opaque('grüße'), words(0)), [7, 'grüße', 0]],
    [bytes(words(4), [1, 2, 3, 4]), [4, 0x01020304]],
    [bytes(words(5), Buffer.from('hello'), [1, 0, 0]), [5, 0x68656c6c, 0x6f010000]],
    [bytes(words(1), Buffer.from('a\0\0\0')), [1, 0x61000000]],
    [bytes(words(100), Buffer.from('abcd')), [100, 0x61626364]],
    [bytes(words(2), [0xc3, 0x28, 0, 0]), [2, 0xc3280000]],
    [bytes(words(9), [1, 2]), [9, 'bytes 2']],
  ];
  test.each(cases)('%o', (data, parts) => expect(guess(data)).toEqual(parts));

  test('no more parts than asked for', () => expect(guess(words(1, 2, 3), 2)).toEqual([1, 2]));
});

test('the parts of any bytes are the bytes, one after the other', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (data) => {
      let next = 0;
      for (const part of guessParts(data, 0, data.length, 1000)) {
        expect(part.at).toBe(next);
        next = endOf(part, data);
      }
      expect(next).toBe(data.length);
    }),
  );
});
