import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { COMPRESSION_NAMES } from '../../src/capture/compression.js';
import { FORMAT_NAMES } from '../../src/capture/format.js';
import { type OwnedFrame, readCapture, traceCapture } from '../helpers/capture-reader.js';
import { bytes, u32, writePcap } from '../helpers/capture-writer.js';
import { SAMPLES, type Sample } from './samples.js';

const README = readFileSync(fileURLToPath(new URL('../../README.md', import.meta.url)), 'utf8');
const CHUNK_SIZES = [1, 2, 3, 5, 16, 24, 100];

function expectedFrames({ frames, linkType }: Sample): Omit<OwnedFrame, 'interfaceIndex'>[] {
  return frames.map(({ data, seconds = 0, nanoseconds = 0, wireLength = data.length }, index) => ({
    data: Buffer.from(data).toString('hex'),
    wireLength,
    seconds,
    nanoseconds,
    linkType,
    number: index + 1,
  }));
}

test('every format has a sample, and the README names it', () => {
  const samples = new Set(SAMPLES.map(({ name }) => name.split(/[ ,]/)[0]));
  expect([...samples].sort()).toEqual([...FORMAT_NAMES].sort());
  const [named] = /\*\*Captures\*\* are [^;]*/.exec(README)!;
  for (const name of [...FORMAT_NAMES, ...COMPRESSION_NAMES]) expect(named).toMatch(new RegExp(`\\b${name}\\b`));
});

describe.each(SAMPLES)('$name', (sample) => {
  const { capture } = sample;

  it('gives its frames', () => {
    const { frames, fault } = readCapture(capture);
    expect(fault).toBeNull();
    expect(frames.map(({ interfaceIndex: _, ...frame }) => frame)).toEqual(expectedFrames(sample));
  });

  it.each(CHUNK_SIZES)('gives the same in chunks of %i', (size) => {
    expect(readCapture(capture, size)).toEqual(readCapture(capture));
  });

  it('gives every whole frame, and a fault, wherever it is cut', () => {
    const whole = traceCapture(capture);
    // Which of the two kinds of modified records it is cannot be seen where the second one is cut in its header.
    const isAmbiguous = sample.name.includes('modified');
    for (let cut = 16; cut < capture.length; cut++) {
      const { frames, fault, left } = traceCapture(capture.subarray(0, cut), 11);
      if (left > 0) expect(fault, `cut at ${cut}`).not.toBeNull();
      if (isAmbiguous) continue;
      const count = whole.ends.filter((end) => end <= cut).length;
      expect(frames, `cut at ${cut}`).toEqual(whole.frames.slice(0, count));
      if (fault !== null) expect(fault).toMatchObject({ frame: count + 1 });
    }
  });

  it('survives any damage, and reads it the same in chunks of any size', () => {
    const damage = fc.array(fc.tuple(fc.nat(capture.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 });
    const run = (changes: [number, number][], size: number) => {
      const damaged = Buffer.from(capture);
      for (const [at, value] of changes) if (at >= 12) damaged[at] = value;
      expect(readCapture(damaged, size)).toEqual(readCapture(damaged));
    };
    fc.assert(fc.property(damage, fc.integer({ min: 1, max: 50 }), run));
  });

  it('survives anything behind its beginning', () => {
    const run = (garbage: Uint8Array, size: number) => {
      const damaged = bytes(capture.subarray(0, 24), garbage);
      expect(readCapture(damaged, size)).toEqual(readCapture(damaged));
    };
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), fc.integer({ min: 1, max: 50 }), run));
  });
});

test('a lying length is found before its bytes are waited for', () => {
  const capture = bytes(writePcap([{ data: bytes('01') }]), u32(0), u32(0), u32(0xffffffff, false), u32(1), '00');
  const { frames, fault } = readCapture(capture, 1);
  expect(frames).toHaveLength(1);
  expect(fault).toEqual({
    frame: 2,
    offset: 41,
    reason: 'damaged: the frame claims 4294967295 captured bytes; the last 17 bytes cannot be read',
  });
});
