import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Xxh64 } from '../../src/capture/xxh64.js';

function digest(...pieces: Uint8Array[]): string {
  const hash = new Xxh64();
  for (const piece of pieces) hash.add(piece);
  return hash.digest.toString(16);
}

test.each([
  ['', 'ef46db3751d8e999'],
  ['a', 'd24ec4f1a98c6e5b'],
  ['abc', '44bc2cf5ad770999'],
  ['The quick brown fox jumps over the lazy dog', 'b242d361fda71bc'],
])('of %j', (text, expected) => {
  expect(digest(Buffer.from(text))).toBe(expected);
});

test('pieces have the hash of the whole', () => {
  const piece = fc.uint8Array({ maxLength: 100 });
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => digest(...pieces) === digest(Buffer.concat(pieces))),
  );
});
