import { describe, expect, it, test } from 'vitest';
import { MAX_FRAME, MAX_INTERFACES, MAX_SECONDS } from '../../src/limits.js';
import { readCapture } from '../helpers/capture-reader.js';
import { bytes, PcapngWriter } from '../helpers/capture-writer.js';

const DATA = bytes('0102030405');

function oneInterface(): PcapngWriter {
  return new PcapngWriter().section().interface();
}

describe('time', () => {
  it.each([
    ['microseconds by default', {}, 1_600_000_000_123_456n, 1_600_000_000, 123_456_000],
    ['milliseconds', { resolution: 3 }, 1_600_000_000_123n, 1_600_000_000, 123_000_000],
    ['seconds', { resolution: 0 }, 1_600_000_000n, 1_600_000_000, 0],
    ['nanoseconds', { resolution: 9 }, 1_600_000_000_123_456_789n, 1_600_000_000, 123_456_789],
    ['picoseconds', { resolution: 12 }, 1_234_567_890_123_456_789n, 1_234_567, 890_123_456],
    ['2^-20 seconds', { resolution: 0x94 }, (1_600_000_000n << 20n) + (1n << 19n), 1_600_000_000, 500_000_000],
    [
      '2^-32 seconds, as NTP counts',
      { resolution: 0xa0 },
      (1_600_000_000n << 32n) + 0xffffffffn,
      1_600_000_000,
      999_999_999,
    ],
    ['an offset', { offset: 1_600_000_000n }, 1_500_000n, 1_600_000_001, 500_000_000],
    ['an offset before 1970', { offset: -10n }, 12_000_000n, 2, 0],
    ['a time before 1970', { offset: -(1n << 62n) }, 12_345_678n, 0, 345_678_000],
    ['an offset behind the year 9999', { offset: 1n << 62n }, 12_345_678n, MAX_SECONDS, 345_678_000],
    ['a time behind the year 9999', { resolution: 0 }, 1n << 63n, MAX_SECONDS, 0],
  ])('%s', (_, description, timestamp, seconds, nanoseconds) => {
    for (const bigEndian of [false, true]) {
      const capture = new PcapngWriter().section(bigEndian).interface(description).enhanced(DATA, timestamp).bytes();
      expect(readCapture(capture).frames[0]).toMatchObject({ seconds, nanoseconds });
    }
  });

  test('of a simple packet is that of the frame before', () => {
    const capture = oneInterface().simple(DATA).enhanced(DATA, 5_000_001n).simple(DATA).bytes();
    expect(readCapture(capture).frames.map(({ seconds, nanoseconds }) => [seconds, nanoseconds])).toEqual([
      [0, 0],
      [5, 1000],
      [5, 1000],
    ]);
  });
});

describe('interfaces', () => {
  test('count over all sections, and belong to theirs', () => {
    const capture = new PcapngWriter()
      .section()
      .interface({ linkType: 1, name: 'eth0' })
      .interface({ linkType: 276 })
      .enhanced(DATA, 0n, { id: 1 })
      .section(true)
      .interface({ linkType: 101 })
      .enhanced(DATA, 0n, { id: 0 })
      .bytes();
    const { frames, interfaces } = readCapture(capture);
    expect(frames.map(({ linkType, interfaceIndex }) => [linkType, interfaceIndex])).toEqual([
      [276, 1],
      [101, 2],
    ]);
    expect(interfaces.map(({ linkType, name }) => [linkType, name])).toEqual([
      [1, 'eth0'],
      [276, undefined],
      [101, undefined],
    ]);
  });

  test('of an earlier section are not known in the next', () => {
    const capture = oneInterface().enhanced(DATA).section().enhanced(DATA).bytes();
    expect(readCapture(capture)).toMatchObject({ frames: [{ number: 1 }], fault: { frame: 2 } });
  });

  test('are bounded', () => {
    const one = new PcapngWriter().interface().bytes();
    const many = Buffer.alloc(one.length * (MAX_INTERFACES + 1));
    for (let at = 0; at < many.length; at += one.length) one.copy(many, at);
    const { interfaces, fault } = readCapture(bytes(new PcapngWriter().section().bytes(), many));
    expect([interfaces.length, fault?.reason]).toEqual([MAX_INTERFACES, `more than ${MAX_INTERFACES} interfaces`]);
  });
});

describe('simple packets', () => {
  it.each([
    ['whole', 0, 5, '0102030405'],
    ['cut by the snap length', 3, 900, '010203'],
    ['cut by a snap length that the interface hides', 0, 900, '0102030405000000'],
  ])('%s', (_, snapLength, wireLength, data) => {
    const capture = new PcapngWriter().section().interface({ snapLength }).simple(DATA, wireLength).bytes();
    expect(readCapture(capture).frames[0]).toMatchObject({ data, wireLength });
  });
});

describe('what is refused, after the frame before it', () => {
  const body = new PcapngWriter().section();
  const packet = (captured: number) =>
    bytes(body.u32(0), Buffer.alloc(8), body.u32(captured), body.u32(5), Buffer.alloc(8));
  it.each<[string, (writer: PcapngWriter) => PcapngWriter, string]>([
    ['a block shorter than its header', (w) => w.block(6, DATA, 8), 'damaged: a block claims 8 bytes'],
    ['a block of odd length', (w) => w.block(6, packet(5), 47), 'damaged: a block claims 47 bytes'],
    ['a block of 4 GiB', (w) => w.block(6, packet(5), 0xfffffffc), 'damaged: a block claims 4294967292 bytes'],
    ['lengths that differ', (w) => w.block(6, packet(5), 40, 44), 'damaged: the lengths of a block differ (40 and 44)'],
    [
      'lengths that differ in a block that is skipped',
      (w) => w.block(77, Buffer.alloc(8), 20, 24),
      'damaged: the lengths of a block differ (20 and 24)',
    ],
    ['an unknown block without length', (w) => w.block(77, DATA, 0), 'damaged: a block claims 0 bytes'],
    [
      'another major version',
      (w) => w.block(0x0a0d0d0a, bytes(w.u32(0x1a2b3c4d), w.u16(2), w.u16(0), Buffer.alloc(8))),
      'pcapng version 2 is not supported',
    ],
    ['a section without byte order', (w) => w.block(0x0a0d0d0a, Buffer.alloc(16)), 'damaged: no byte-order magic'],
  ])('%s', (_, damage, reason) => {
    const writer = oneInterface().enhanced(DATA);
    const offset = writer.bytes().length;
    const { frames, fault } = readCapture(damage(writer).enhanced(DATA).bytes(), 7);
    expect(frames).toHaveLength(1);
    expect(fault).toMatchObject({ frame: 2, reason });
    if (!reason.includes('differ')) expect(fault?.offset).toBe(offset);
  });
});

describe('what is wrong inside of a block ends nothing', () => {
  const packet = (id: number, claimed: number) => {
    const writer = new PcapngWriter().section();
    return bytes(writer.u32(id), Buffer.alloc(8), writer.u32(claimed), writer.u32(5), DATA, [0, 0, 0]);
  };
  const liar = (writer: PcapngWriter) => writer.option(2, bytes('61626364'), 9);
  it.each<[string, (writer: PcapngWriter) => PcapngWriter, string, number[]]>([
    [
      'an interface that is not described',
      (w) => w.block(6, packet(1, 5)),
      "damaged: the frame's interface 1 is not described; all blocks but 1 are sound",
      [1, 3],
    ],
    [
      'two of them',
      (w) => w.block(6, packet(9, 5)).block(6, packet(1, 5)),
      "damaged: the frame's interface 9 is not described; all blocks but 2 are sound",
      [1, 4],
    ],
    [
      'a captured length over its block: its bytes are those of the block',
      (w) => w.block(6, packet(0, 9)),
      'damaged: the frame claims 9 captured bytes, its block has 8; all blocks but 1 are sound',
      [1, 2, 3],
    ],
    [
      'an option of an interface that claims more than its block',
      (w) => w.block(1, bytes(w.u16(1), w.u16(0), w.u32(0), liar(w))).enhanced(DATA, 0n, { id: 1 }),
      'damaged: option 2 claims 9 bytes, 4 are left; all blocks but 1 are sound',
      [1, 2, 3],
    ],
    [
      'an option of a section',
      (w) =>
        w.block(0x0a0d0d0a, bytes(w.u32(0x1a2b3c4d), w.u16(1), w.u16(0), Buffer.alloc(8, 0xff), liar(w))).interface(),
      'damaged: option 2 claims 9 bytes, 4 are left; all blocks but 1 are sound',
      [1, 2],
    ],
  ])('%s', (_, damage, reason, numbers) => {
    const writer = oneInterface().enhanced(DATA);
    const offset = writer.bytes().length;
    const { frames, fault } = readCapture(damage(writer).enhanced(DATA).bytes(), 7);
    expect(frames.map(({ number }) => number)).toEqual(numbers);
    expect(fault).toEqual({ frame: 2, offset, reason });
  });

  test('an end that was cut off is told, and that there was more', () => {
    const capture = oneInterface().block(6, packet(1, 5)).enhanced(DATA).bytes();
    const { frames, fault } = readCapture(capture.subarray(0, -3), 7);
    expect(frames).toEqual([]);
    expect(fault).toMatchObject({
      frame: 2,
      reason: 'cut short in the middle of a block (37 of 40 bytes); damaged blocks before it: 1',
    });
  });
});

test('blocks of unknown types are skipped, longer ones than any frame too', () => {
  const capture = oneInterface()
    .block(0x80001234, Buffer.alloc(2 * MAX_FRAME))
    .enhanced(DATA)
    .bytes();
  expect(readCapture(capture, 1 << 20)).toMatchObject({ fault: null, frames: [{ number: 1 }] });
});

test('where a file ends within a block of an unknown type, it is cut', () => {
  const frame = oneInterface().enhanced(DATA).bytes();
  const capture = oneInterface().enhanced(DATA).block(0x80001234, Buffer.alloc(16)).bytes();
  for (let length = frame.length + 1; length < capture.length; length++) {
    expect([length, readCapture(capture.subarray(0, length)).fault?.reason]).toEqual([length, 'cut short']);
  }
});
