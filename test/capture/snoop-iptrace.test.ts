import { describe, expect, it, test } from 'vitest';
import { ETHERNET, FDDI, TOKEN_RING, UNKNOWN_LINK } from '../../src/capture/link-types.js';
import { readCapture } from '../helpers/capture-reader.js';
import { bytes, u32, writeIptrace, writeSnoop } from '../helpers/capture-writer.js';

const DATA = bytes('0102030405');

describe('snoop', () => {
  it.each([
    [0, 1],
    [4, 1],
    [8, 10],
    [9, 0],
    [26, 0x10000],
    [0x80000005, 226],
    [99, UNKNOWN_LINK],
  ])('data link type %i is link type %i', (linkType, expected) => {
    expect(readCapture(writeSnoop([{ data: DATA }], { linkType })).frames[0].linkType).toBe(expected);
  });

  test('of another version is refused', () => {
    expect(readCapture(writeSnoop([], { version: 3 })).fault?.reason).toBe('snoop version 3 is not supported');
  });

  it.each([
    ['shorter than its header', 5, 20],
    ['shorter than its frame', 5, 28],
    ['of 4 GiB', 5, 0xffffffff],
    ['with a frame of 4 GiB', 0xffffffff, 32],
  ])('a record %s is damage', (_, captured, length) => {
    const capture = bytes(writeSnoop([{ data: DATA }]), u32(5), u32(captured), u32(length), Buffer.alloc(20));
    expect(readCapture(capture)).toMatchObject({
      frames: [{ number: 1 }],
      fault: {
        frame: 2,
        offset: 48,
        reason: `damaged: the frame claims ${captured} captured bytes in a record of ${length}; the last 32 bytes cannot be read`,
      },
    });
  });
});

describe('a snoop record of another length than its frame has', () => {
  const frames = [1, 2, 3, 4].map((n) => ({ data: Buffer.alloc(20, n), seconds: 1_700_000_000 + n }));
  const capture = writeSnoop(frames);

  it.each([1, 0x08, 0x80])('%i is damage where other records begin before its end', (high) => {
    const damaged = Buffer.from(capture);
    damaged[16 + 10] = high;
    const more = bytes(damaged, ...Array(900).fill(capture.subarray(16)));
    for (const size of [5, 1 << 20]) {
      const { frames: read, fault, damage } = readCapture(more, size);
      expect([read.length, fault]).toEqual([3604, null]);
      const reason = `damaged: a record claims ${44 + 256 * high} bytes, the next begins after 44; reading went on`;
      expect(damage).toEqual({ frame: 1, offset: 16, reason });
    }
  });

  it.each([4, 20, 24, 4096])('is padded by %i bytes more', (padding) => {
    const records = frames.map((_, n) => capture.subarray(16 + 44 * n, 60 + 44 * n));
    const padded = records.flatMap((record) => [record, Buffer.alloc(padding)]).map(Buffer.from);
    for (let n = 0; n < padded.length; n += 2) padded[n].writeUInt32BE(44 + padding, 8);
    expect(readCapture(bytes(capture.subarray(0, 16), ...padded), 7)).toMatchObject({
      frames: frames.map(({ data }) => ({ data: data.toString('hex') })),
      fault: null,
      damage: null,
    });
  });
});

describe('iptrace', () => {
  it.each([
    [0x06, 1],
    [0x18, 101],
    [0x3d, 101],
    [0xee, UNKNOWN_LINK],
  ])('interface type %i is link type %i', (interfaceType, expected) => {
    expect(readCapture(writeIptrace([{ data: DATA }], { interfaceType })).frames[0].linkType).toBe(expected);
  });

  test('FDDI frames have three bytes before them', () => {
    const { frames } = readCapture(writeIptrace([{ data: DATA }], { interfaceType: 0x0f, padding: 3 }));
    expect(frames[0]).toMatchObject({ data: DATA.toString('hex'), linkType: 10, wireLength: 5 });
  });

  it.each([
    ['1.0', 7, 0, [7, 0]],
    ['2.0', 7, 999_999_999, [7, 999_999_999]],
    ['2.0', 7, 1_000_000_000, [8, 0]],
    ['2.0', 7, 2_200_000_000, [9, 200_000_000]],
  ])('of version %s, at %i s and %i ns', (version, seconds, nanoseconds, expected) => {
    const frames = [1, 2].map(() => ({ data: DATA, seconds, nanoseconds }));
    const { frames: read, interfaces } = readCapture(writeIptrace(frames, { version }));
    expect(read.map((frame) => [frame.seconds, frame.nanoseconds])).toEqual([expected, expected]);
    expect(interfaces).toEqual([{ linkType: ETHERNET }]);
  });

  it.each([0, 31, 0x7fffffff, 0xffffffff])('a record of %i bytes is damage', (length) => {
    const capture = bytes(writeIptrace([{ data: DATA }]), u32(length), Buffer.alloc(60));
    expect(readCapture(capture)).toMatchObject({ frames: [{ number: 1 }], fault: { frame: 2, offset: 56 } });
  });
});

describe('damage and joined files', () => {
  const frames = [1, 2, 3].map((n) => ({ data: Buffer.alloc(20, n), seconds: 1_700_000_000 + n, nanoseconds: 0 }));
  it.each([
    ['snoop', writeSnoop(frames), 16, writeSnoop(frames, { linkType: 8 }), [ETHERNET, FDDI]],
    ['iptrace', writeIptrace(frames), 11, writeIptrace(frames, { interfaceType: 9 }), [ETHERNET, TOKEN_RING]],
  ])('%s', (_, capture, header, other, linkTypes) => {
    for (const size of [5, 1 << 20]) {
      const zeros = readCapture(bytes(capture, Buffer.alloc(99), capture.subarray(header)), size);
      expect(zeros.frames.map(({ number }) => number)).toEqual([1, 2, 3, 5, 6, 7]);
      const reason = 'zeros in place of a frame; 99 bytes passed over, reading went on';
      expect([zeros.fault, zeros.damage]).toEqual([null, { frame: 4, offset: capture.length, reason }]);
      const tail = readCapture(bytes(capture, Buffer.alloc(99)), size);
      expect(tail.fault?.reason).toBe('zeros in place of a frame; the last 99 bytes cannot be read');
      const joined = readCapture(bytes(capture, other), size);
      expect([joined.fault, joined.damage]).toEqual([null, null]);
      expect(joined.frames.map(({ linkType }) => linkType)).toEqual(linkTypes.flatMap((type) => [type, type, type]));
    }
  });
});
