import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { COMPRESSION_NAMES } from '../../src/capture/compression.js';
import { FORMAT_NAMES } from '../../src/capture/format.js';
import { type OwnedFrame, readCapture, traceCapture } from '../helpers/capture-reader.js';
import {
  bytes,
  PCAP_NANOSECONDS,
  PcapngWriter,
  u32,
  writeIptrace,
  writePcap,
  writePcapng,
  writeSnoop,
} from '../helpers/capture-writer.js';
import { SAMPLES, type Sample } from './samples.js';

const README = readFileSync(fileURLToPath(new URL('../../README.md', import.meta.url)), 'utf8');
const DATA = bytes('0102030405');
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

describe('a file of whose magic number one byte is damaged is read', () => {
  const magicOf = (name: string) => (name.startsWith('snoop') ? 8 : name.startsWith('iptrace') ? 11 : 4);
  // The last byte of these tells two kinds apart.
  const ambiguous = (name: string, at: number) =>
    (/Ixia hardware, big-endian/.test(name) && at === 3) || (name.startsWith('iptrace') && at === 8);
  it.each(SAMPLES)('$name', ({ name, capture }) => {
    const whole = readCapture(capture).frames;
    for (let at = 0; at < magicOf(name); at++) {
      const damaged = Buffer.from(capture);
      damaged[at] ^= 0x40;
      if (ambiguous(name, at)) {
        expect(() => readCapture(damaged)).toThrow('not a capture');
        continue;
      }
      const { frames, fault, damage } = readCapture(damaged, 1);
      const [wrong, right] = [damaged[at], capture[at]].map((byte) => `0x${byte.toString(16).padStart(2, '0')}`);
      const reason = `damaged: byte ${at + 1} of the file is ${wrong}, not ${right}; reading went on`;
      expect([at, frames, fault, damage]).toEqual([at, whole, null, { frame: 1, offset: at, reason }]);
    }
  });

  it.each<[string, Uint8Array]>([
    ['two bytes', bytes('d5c4b2a1', writePcap([]).subarray(4))],
    ['the major version too', bytes('d5c3b2a1 0300', writePcap([]).subarray(6))],
    ['a time zone', bytes('d5c3b2a1 0200 0400 10000000', writePcap([]).subarray(12))],
    ['nothing else is there', bytes('d5c3b2a1')],
  ])('not where more is wrong: %s', (_, capture) => {
    expect(() => readCapture(capture)).toThrow('not a capture');
  });
});

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

describe('files of any formats that were joined by cat', () => {
  const times = [1_700_000_000, 1_700_000_001, 1_700_000_002];
  const frames = times.map((seconds) => ({ data: Buffer.alloc(60, seconds & 0xff), seconds, nanoseconds: 5000 }));
  const files: readonly [string, Buffer, linkType: number][] = [
    ['pcap', writePcap(frames), 1],
    ['pcap, big-endian', writePcap(frames, { bigEndian: true, linkType: 113 }), 113],
    ['pcap, nanoseconds', writePcap(frames, { magic: PCAP_NANOSECONDS }), 1],
    ['pcapng', writePcapng(frames, { linkType: 276 }), 276],
    ['pcapng, big-endian', writePcapng(frames, { bigEndian: true }), 1],
    ['snoop', writeSnoop(frames), 1],
    ['iptrace 1.0', writeIptrace(frames, { version: '1.0', interfaceType: 0x18 }), 101],
    ['iptrace 2.0', writeIptrace(frames), 1],
  ];

  it.each(files)('%s before all others', (name, first, firstLink) => {
    for (const [other, second, secondLink] of files) {
      for (const size of [7, 1 << 20]) {
        const { frames: read, fault, damage } = readCapture(bytes(first, second), size);
        expect([name, other, fault, damage]).toEqual([name, other, null, null]);
        expect(read.map(({ number, seconds }) => [number, seconds])).toEqual(
          [...times, ...times].map((seconds, index) => [index + 1, seconds]),
        );
        expect(read.map(({ linkType }) => linkType)).toEqual(
          Array(3).fill(firstLink).concat(Array(3).fill(secondLink)),
        );
      }
    }
  });

  it.each(files)('%s behind zeros at the end of another', (name, second) => {
    for (const [other, first] of files) {
      const { frames: read, fault, damage } = readCapture(bytes(first, Buffer.alloc(99), second), 7);
      expect([name, other, read.slice(-3).map(({ seconds }) => seconds), fault]).toEqual([name, other, times, null]);
      expect([name, other, damage?.reason]).toEqual([
        name,
        other,
        expect.stringContaining('99 bytes passed over, reading went on'),
      ]);
    }
  });

  it.each([false, true])('may begin with an empty one (big-endian: %s)', (bigEndian) => {
    for (const [other, second] of files) {
      const { frames: read, fault } = readCapture(bytes(writePcap([], { bigEndian }), second), 7);
      expect([other, read.map(({ seconds }) => seconds), fault]).toEqual([other, times, null]);
    }
  });

  test('have each their interfaces', () => {
    const named = new PcapngWriter().section().interface({ name: 'eth0' }).enhanced(DATA).bytes();
    const { frames: read, interfaces } = readCapture(bytes(named, writePcap(frames), named, writeSnoop(frames)));
    expect(interfaces).toEqual([
      { linkType: 1, name: 'eth0' },
      { linkType: 1 },
      { linkType: 1, name: 'eth0' },
      { linkType: 1 },
    ]);
    expect(read.map(({ interfaceIndex }) => interfaceIndex)).toEqual([0, 1, 1, 1, 2, 3, 3, 3]);
  });

  test('may be many', () => {
    const many = Buffer.alloc(24 * 100_000, writePcap([]));
    expect(readCapture(bytes(many, writePcapng(frames)))).toMatchObject({ frames: { length: 3 }, fault: null });
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
