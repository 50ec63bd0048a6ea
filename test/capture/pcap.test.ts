import { describe, expect, it, test } from 'vitest';
import { MAX_FRAME } from '../../src/limits/capture.js';
import { type OwnedFrame, readCapture } from '../helpers/capture-reader.js';
import { bytes, PCAP_MODIFIED, PCAP_NANOSECONDS, type TestFrame, u32, writePcap } from '../helpers/capture-writer.js';

const DATA = bytes('0102030405060708');

describe('the file header', () => {
  it.each([
    ['no FCS', 1, 1, 8, 8],
    ['an FCS of two 16-bit words', 0x24000001, 1, 4, 4],
    ['FCS bits that are not marked valid', 0x20000001, 1, 8, 8],
    ['an FCS longer than the frame', 0xf4000071, 113, 0, 0],
  ])('%s', (_, field, linkType, captured, wireLength) => {
    const [frame] = readCapture(writePcap([{ data: DATA }], { linkType: field })).frames;
    expect([frame.linkType, frame.data.length / 2, frame.wireLength]).toEqual([linkType, captured, wireLength]);
  });

  test('an FCS that the snaplen cut off takes nothing from the frame', () => {
    const [frame] = readCapture(writePcap([{ data: DATA, wireLength: 100 }], { linkType: 0x24000001 })).frames;
    expect([frame.data.length / 2, frame.wireLength]).toEqual([8, 96]);
  });

  test("AIX's version 2.2 counts nanoseconds and RFC 1573 interface types", () => {
    const capture = writePcap([{ data: DATA, nanoseconds: 5_000_000 }], { minor: 2, linkType: 6, bigEndian: true });
    expect(readCapture(capture).frames[0]).toMatchObject({ nanoseconds: 5000, linkType: 1 });
  });

  test('alone it is a capture of no frames', () => {
    expect(readCapture(writePcap([]))).toMatchObject({ frames: [], fault: null, interfaces: [{ linkType: 1 }] });
  });

  test('cut, it is a fault', () => {
    expect(readCapture(writePcap([]).subarray(0, 20)).fault).toMatchObject({
      frame: 1,
      reason: 'cut short in the file header',
    });
  });
});

describe('records', () => {
  test('that captured more than was on the wire are taken for whole', () => {
    expect(readCapture(writePcap([{ data: DATA, wireLength: 3 }])).frames[0]).toMatchObject({ wireLength: 8 });
  });

  test('of version 2.3 may have their lengths swapped', () => {
    const swapped = bytes(writePcap([], { minor: 3 }), u32(1), u32(2), u32(60, false), u32(8, false), DATA);
    expect(readCapture(swapped)).toMatchObject({
      fault: null,
      frames: [{ data: DATA.toString('hex'), wireLength: 60 }],
    });
  });

  test('with a million microseconds or more carry them over', () => {
    const capture = bytes(writePcap([]), u32(7, false), u32(2_500_000, false), u32(0), u32(0));
    expect(readCapture(capture).frames[0]).toMatchObject({ seconds: 9, nanoseconds: 500_000_000 });
  });

  test('may be as long as MAX_FRAME', () => {
    const capture = writePcap([{ data: Buffer.alloc(MAX_FRAME, 1) }, { data: DATA }]);
    const { frames, fault } = readCapture(capture, 1 << 20);
    expect(fault).toBeNull();
    expect(frames.map(({ data }) => data.length / 2)).toEqual([MAX_FRAME, 8]);
  });

  test('longer than MAX_FRAME are damage', () => {
    const capture = bytes(writePcap([{ data: DATA }]), u32(0), u32(0), u32(MAX_FRAME + 1, false), u32(0), DATA);
    expect(readCapture(capture)).toMatchObject({ frames: [{ number: 1 }], fault: { frame: 2 } });
  });

  test('that are cut say how much is there', () => {
    expect(readCapture(writePcap([{ data: DATA }]).subarray(0, 43)).fault).toEqual({
      frame: 1,
      offset: 24,
      reason: 'cut short in the middle of the frame (3 of 8 bytes)',
    });
    expect(readCapture(writePcap([{ data: DATA }]).subarray(0, 30)).fault).toMatchObject({
      reason: 'cut short in the header of the frame (6 of 16 bytes)',
    });
  });
});

describe('modified records', () => {
  it.each(['02000000 0008 00 00', '02000000 0008 00 0000 000000'])('alone in a file: %s', (extra) => {
    const capture = writePcap([{ data: DATA }], { magic: PCAP_MODIFIED, extraRecordHeader: bytes(extra) });
    expect(readCapture(capture, 1)).toMatchObject({ fault: null, frames: [{ data: DATA.toString('hex') }] });
  });

  test('the last of which is cut', () => {
    const options = { magic: PCAP_MODIFIED, extraRecordHeader: bytes('02000000 0008 00 00') };
    const capture = writePcap([{ data: DATA }, { data: DATA }], options);
    const { frames, fault } = readCapture(capture.subarray(0, capture.length - 20), 5);
    expect([frames.length, fault?.frame]).toEqual([1, 2]);
  });
});

describe('damage costs the bytes to where three sound records follow one another', () => {
  const at = (seconds: number, length = 20): TestFrame => ({ data: Buffer.alloc(length, 0xee), seconds });
  const head = writePcap([at(1_700_000_000), at(1_700_000_001)]);
  const records = (frames: TestFrame[]) => writePcap(frames).subarray(24);
  const sound = [at(1_700_000_002), at(1_700_000_003, 1500), at(1_700_000_004, 7)];
  const long = bytes(u32(1_700_000_002, false), u32(0), u32(0x7fffffff, false), u32(60, false), Buffer.alloc(60, 1));

  it.each<[string, Uint8Array, Uint8Array, number[], string]>([
    [
      'a length that is none',
      long,
      records(sound),
      [1, 2, 4, 5, 6],
      'damaged: the frame claims 2147483647 captured bytes; 76 bytes passed over, reading went on',
    ],
    [
      'zeros',
      Buffer.alloc(99),
      records(sound),
      [1, 2, 4, 5, 6],
      'zeros in place of a frame; 99 bytes passed over, reading went on',
    ],
    [
      'a length over the end of the file',
      bytes(u32(1_700_000_002, false), u32(0), u32(9999, false), u32(60, false), Buffer.alloc(60, 1)),
      records(sound),
      [1, 2, 4, 5, 6],
      'damaged: the frame claims 9999 captured bytes, only 1635 left; 76 bytes passed over, reading went on',
    ],
    [
      'records up to the end of the file',
      long,
      records(sound.slice(0, 1)),
      [1, 2, 4],
      'damaged: the frame claims 2147483647 captured bytes; 76 bytes passed over, reading went on',
    ],
    [
      'zeros, and another file',
      Buffer.alloc(99),
      writePcap(sound.slice(0, 1), { bigEndian: true }),
      [1, 2, 4],
      'zeros in place of a frame; 99 bytes passed over, reading went on',
    ],
  ])('%s', (_, damage, rest, numbers, reason) => {
    for (const size of [5, 1 << 20]) {
      const { frames, fault, damage: found } = readCapture(bytes(head, damage, rest), size);
      expect(frames.map(({ number }) => number)).toEqual(numbers);
      expect([fault, found]).toEqual([null, { frame: 3, offset: head.length, reason }]);
    }
  });

  it.each([1, 2, 8, 64])('a frame that claims %i times 256 bytes of those behind it is whole', (high) => {
    const capture = bytes(head, ...Array(300).fill(records(sound)));
    capture[24 + 8 + 1] = high;
    for (const size of [5, 1 << 20]) {
      const { frames, fault, damage } = readCapture(capture, size);
      expect([frames.length, fault, frames[0].data]).toEqual([902, null, Buffer.alloc(20, 0xee).toString('hex')]);
      const reason = `damaged: the frame claims ${20 + 256 * high} captured bytes, the next record begins after 20`;
      expect(damage).toEqual({ frame: 1, offset: 24, reason: `${reason}; reading went on` });
    }
  });

  // A header without its first word, before the addresses of a loopback frame, looks like one of 1970.
  it.each([1, 2, 3, 4, 8, 12, 15])('a frame that lacks %i bytes costs the one behind it', (missing) => {
    const frames = Array.from({ length: 9 }, (_, n) => ({
      data: bytes(Buffer.alloc(12), '0800', Buffer.alloc(40 + n, 0xee)),
      seconds: 1_700_000_000 + n,
      nanoseconds: 500_000_000 + 1000 * n,
    }));
    for (const options of [{}, { bigEndian: true }, { magic: PCAP_NANOSECONDS }]) {
      const before = writePcap(frames.slice(0, 3), options);
      const capture = bytes(before.subarray(0, -missing), writePcap(frames.slice(3), options).subarray(24));
      for (const size of [5, 1 << 20]) {
        const { frames: read, fault, damage } = readCapture(capture, size);
        expect([read.map(({ seconds }) => seconds - 1_700_000_000), fault]).toEqual([[0, 1, 2, 4, 5, 6, 7, 8], null]);
        expect(damage?.frame).toBe(4);
      }
    }
  });

  it.each<[string, Uint8Array, string]>([
    ['zeros', Buffer.alloc(4096), 'zeros in place of a frame; the last 4096 bytes cannot be read'],
    [
      'records of another day',
      bytes(long, records(sound.map((frame) => ({ ...frame, seconds: 1_800_000_000 })))),
      'damaged: the frame claims 2147483647 captured bytes; the last 1651 bytes cannot be read',
    ],
  ])('%s that no sound record follows', (_, tail, reason) => {
    const { frames, fault } = readCapture(bytes(head, tail), 7);
    expect([frames.length, fault]).toEqual([2, { frame: 3, offset: head.length, reason }]);
  });

  test('zeros from the first record on are no frames', () => {
    expect(readCapture(bytes(writePcap([]), Buffer.alloc(160)), 7)).toMatchObject({
      frames: [],
      fault: { frame: 1, offset: 24, reason: 'zeros in place of a frame; the last 160 bytes cannot be read' },
    });
  });

  test('an empty frame of 1970 is one among others', () => {
    const capture = writePcap([{ data: bytes('') }, { data: DATA }, { data: bytes('') }, { data: bytes('') }]);
    for (const size of [1, 100])
      expect(readCapture(capture, size)).toMatchObject({ frames: { length: 4 }, fault: null });
  });
});

describe('files that were joined by cat are read one after another', () => {
  const one = writePcap([{ data: DATA, seconds: 1_700_000_000 }]);
  it.each<[string, Uint8Array, Partial<OwnedFrame>]>([
    ['of the same kind', writePcap([{ data: DATA, seconds: 9 }]), { linkType: 1, interfaceIndex: 0 }],
    ['in the other byte order', writePcap([{ data: DATA, seconds: 9 }], { bigEndian: true }), { interfaceIndex: 0 }],
    [
      'with nanoseconds and another link type, which is another interface',
      writePcap([{ data: DATA, seconds: 9, nanoseconds: 123 }], { magic: PCAP_NANOSECONDS, linkType: 113 }),
      { nanoseconds: 123, linkType: 113, interfaceIndex: 1 },
    ],
    ['behind an empty file', bytes(writePcap([]), writePcap([{ data: DATA, seconds: 9 }])), { interfaceIndex: 0 }],
  ])('%s', (_, other, expected) => {
    for (const size of [1, 1 << 20]) {
      const { frames, fault, damage } = readCapture(bytes(one, other), size);
      expect([frames.length, fault, damage]).toEqual([2, null, null]);
      expect(frames[1]).toMatchObject({ data: DATA.toString('hex'), seconds: 9, number: 2, ...expected });
    }
  });

  it.each([0, 1, 2, 3, 4, 5])(
    'a changed byte %i of the second header, which seems a frame of 2055, costs no frame',
    (at) => {
      const frames = [0, 1, 2].map((n) => ({ data: Buffer.alloc(60, n + 1), seconds: 1_700_000_000 + n }));
      const capture = bytes(writePcap(frames), writePcap(frames));
      const offset = capture.length / 2;
      capture[offset + at] ^= 0x10;
      const { frames: read, fault, damage } = readCapture(capture, 7);
      expect([read.map(({ number }) => number), fault]).toEqual([[1, 2, 3, 5, 6, 7], null]);
      const reason =
        'the frame is a day or more from the one before it, and no record follows it; 24 bytes passed over';
      expect(damage).toEqual({ frame: 4, offset, reason: `damaged: ${reason}, reading went on` });
    },
  );

  test('a clock that jumps is no damage', () => {
    const at = (seconds: number) => ({ data: DATA, seconds });
    for (const times of [
      [3, 1_700_000_000, 1_700_000_001],
      [1_700_000_000, 4_000_000_000, 5],
      [9, 9, 1_700_000_000],
    ]) {
      expect(readCapture(writePcap(times.map(at)), 7)).toMatchObject({
        frames: times.map((seconds) => ({ seconds })),
        damage: null,
      });
    }
  });

  test('a header that is cut', () => {
    expect(readCapture(bytes(one, writePcap([]).subarray(0, 20)), 7).fault).toMatchObject({
      frame: 2,
      offset: one.length,
      reason: 'cut short in the file header',
    });
  });
});
