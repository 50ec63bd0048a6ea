/** Text prepared, taken over and filled in: what a writer holds is what was written, whatever its capacity. */
import { crc32 as zlibCrc32 } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ByteWriter, jsonString } from '../../src/xdr/byte-writer.js';
import { crc32 } from '../../src/xdr/crc32.js';
import { PreparedText } from '../../src/xdr/prepared-text.js';

const texts = fc.array(fc.string({ unit: 'binary', maxLength: 40 }), { maxLength: 8 });

test('prepared texts one behind the other', () => {
  fc.assert(
    fc.property(texts, fc.integer({ min: 1, max: 64 }), (parts, capacity) => {
      const out = new ByteWriter(capacity);
      for (const part of parts) {
        out.text(new PreparedText(part));
        out.blanks(part.length % 3);
      }
      expect(out.toString()).toBe(parts.map((part) => part + ' '.repeat(part.length % 3)).join(''));
    }),
  );
});

test('a string that was written as it is becomes a JSON string', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (value) => {
      const out = new ByteWriter(8);
      out.ascii('[');
      out.byte(0x22);
      const start = out.length;
      out.utf8(value);
      out.endJsonString(start);
      expect(out.toString(1)).toBe(jsonString(value));
    }),
  );
});

test('CRC-32 of any length is that of zlib', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(8), (bytes, start) => {
      const from = Math.min(start, bytes.length);
      expect(crc32(bytes, from, bytes.length)).toBe(zlibCrc32(bytes.subarray(from)) | 0);
    }),
  );
});

test('plain is printable ASCII, at every place of a word', () => {
  for (let byte = 0; byte < 256; byte++) {
    for (let place = 0; place < 7; place++) {
      const out = new ByteWriter(16);
      out.ascii('\tabcdefg');
      out.bytes[1 + place] = byte;
      expect(out.isPlainSince(1), `${byte} at ${place}`).toBe(byte >= 0x20 && byte <= 0x7e);
    }
  }
});
