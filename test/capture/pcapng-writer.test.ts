/** What the pcapng writer writes, the reader reads. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ByteQueue } from '../../src/capture/byte-queue.js';
import { CaptureFile } from '../../src/capture/capture-file.js';
import { emptyFrame } from '../../src/capture/frame.js';
import { PcapngReader } from '../../src/capture/pcapng.js';
import { PcapngWriter } from '../../src/capture/pcapng-writer.js';
import { ByteWriter } from '../../src/xdr/byte-writer.js';

const frames = fc.array(
  fc.record({
    bytes: fc.uint8Array({ maxLength: 70 }),
    cut: fc.nat(9),
    seconds: fc.integer({ min: 0, max: 4_000_000_000 }),
    nanoseconds: fc.nat(999_999_999),
    linkType: fc.constantFrom(1, 101, 276),
    interfaceIndex: fc.nat(2),
    comments: fc.array(fc.string({ maxLength: 9 }), { maxLength: 2 }),
  }),
  { maxLength: 8 },
);

test('frames come back with their times, lengths and link types', () => {
  fc.assert(
    fc.property(frames, (written) => {
      const out = new ByteWriter();
      const writer = new PcapngWriter(out);
      writer.begin('test');
      for (const { bytes, cut, comments, ...frame } of written) {
        const whole = { ...emptyFrame(), ...frame, bytes, start: 0, end: bytes.length, wireLength: bytes.length + cut };
        writer.frame(whole, 0, 'eth0', comments);
      }
      const queue = new ByteQueue();
      queue.append(out.bytes.subarray(0, out.length));
      const file = new CaptureFile(queue, () => false);
      const reader = new PcapngReader(file);
      const read = [];
      while (reader.next()) {
        const { bytes, start, end, wireLength, seconds, nanoseconds, linkType } = file.frame;
        read.push({
          data: Buffer.from(bytes.subarray(start, end)).toString('hex'),
          wireLength,
          seconds,
          nanoseconds,
          linkType,
        });
      }
      reader.finish();
      expect(reader.fault).toBe(null);
      expect(read).toEqual(
        written.map(({ bytes, cut, seconds, nanoseconds, linkType }) => ({
          data: Buffer.from(bytes).toString('hex'),
          wireLength: bytes.length + cut,
          seconds,
          nanoseconds,
          linkType,
        })),
      );
    }),
  );
});
