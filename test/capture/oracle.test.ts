/** pcap-parser, another reader of the classic format, must agree frame by frame. */
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readCapture } from '../helpers/capture-reader.js';
import { PCAP_MICROSECONDS, type TestFrame, writePcap } from '../helpers/capture-writer.js';

interface FrameOfDay extends TestFrame {
  day: number;
}

interface OraclePacket {
  header: {
    timestampSeconds: number;
    timestampMicroseconds: number;
    capturedLength: number;
    originalLength: number;
  };
  data: Buffer;
}

interface Oracle {
  on(event: 'packet', listener: (packet: OraclePacket) => void): Oracle;
  on(event: 'end', listener: () => void): Oracle;
  on(event: 'error', listener: (error: Error) => void): Oracle;
}

const { parse } = createRequire(import.meta.url)('pcap-parser') as { parse(stream: Readable): Oracle };
const FIXTURES = join(import.meta.dirname, '../../fixtures/captures');

function readByOracle(capture: Buffer): Promise<unknown[]> {
  return new Promise((resolve, reject) => {
    const frames: unknown[] = [];
    const take = ({ header, data }: OraclePacket) => {
      frames.push({
        seconds: header.timestampSeconds,
        nanoseconds: header.timestampMicroseconds * 1000,
        wireLength: Math.max(header.capturedLength, header.originalLength),
        data: data.toString('hex'),
      });
    };
    parse(Readable.from([capture]))
      .on('packet', take)
      .on('end', () => resolve(frames))
      .on('error', reject);
  });
}

async function expectAgreement(capture: Buffer): Promise<void> {
  const { frames, fault } = readCapture(capture, 4096);
  const own = frames.map(({ seconds, nanoseconds, wireLength, data }) => ({ seconds, nanoseconds, wireLength, data }));
  expect(own).toEqual(await readByOracle(capture));
  expect(fault).toBeNull();
}

function isClassic(file: string): boolean {
  const first = readFileSync(file).subarray(0, 4);
  if (first.length < 4) return false;
  return first.readUInt32BE() === PCAP_MICROSECONDS || first.readUInt32LE() === PCAP_MICROSECONDS;
}

const entries = readdirSync(FIXTURES, { recursive: true, withFileTypes: true });
const fixtures = entries
  .filter((entry) => entry.isFile() && isClassic(join(entry.parentPath, entry.name)))
  .map((entry) => join(entry.parentPath, entry.name));

test('pcap-parser agrees on generated captures', async () => {
  const frame = fc.record({
    data: fc.uint8Array({ maxLength: 40 }),
    day: fc.integer({ min: 0, max: 86_399 }),
    nanoseconds: fc.integer({ min: 0, max: 999_999 }).map((microseconds) => microseconds * 1000),
    wireLength: fc.integer({ min: 0, max: 0xffffffff }),
  });
  // Frames of odd lengths are believed where they are of about the same time, which is not that of zeros.
  const start = fc.integer({ min: 1, max: 0xffffffff - 86_400 });
  const frames = fc.tuple(start, fc.array(frame, { maxLength: 30 }));
  const run = ([start, frames]: [number, FrameOfDay[]], bigEndian: boolean) =>
    expectAgreement(
      writePcap(
        frames.map((frame) => ({ ...frame, seconds: start + frame.day })),
        { bigEndian },
      ),
    );
  await fc.assert(fc.asyncProperty(frames, fc.boolean(), run));
});

test.each(fixtures)('pcap-parser agrees on %s', async (file) => {
  await expectAgreement(readFileSync(file));
});
