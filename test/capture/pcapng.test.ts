import { describe, expect, it, test } from 'vitest';
import { MAX_FRAME, MAX_INTERFACE_NAME, MAX_INTERFACES, MAX_SECONDS } from '../../src/limits/capture.js';
import { type OwnedFrame, readCapture } from '../helpers/capture-reader.js';
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
      const { frames, damage } = readCapture(capture);
      expect(frames[0]).toMatchObject({ seconds, nanoseconds });
      const isDamaged = seconds === 0 || seconds === MAX_SECONDS;
      const reason = expect.stringContaining('outside of the years 1970 to 9999');
      expect(damage).toEqual(isDamaged ? expect.objectContaining({ frame: 1, reason }) : null);
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

  test.each([
    ['eth0', 'eth0'],
    ['eth0\0\0and what a writer left behind it', 'eth0'],
    ['x'.repeat(MAX_INTERFACE_NAME + 1), 'x'.repeat(MAX_INTERFACE_NAME)],
  ])('the name %j', (name, expected) => {
    const { interfaces } = readCapture(new PcapngWriter().section().interface({ name }).enhanced(DATA).bytes());
    expect(interfaces.map((each) => each.name)).toEqual([expected]);
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

describe('damage between blocks costs the bytes to the next sound block', () => {
  const body = new PcapngWriter().section();
  const packet = (captured: number) =>
    bytes(body.u32(0), Buffer.alloc(8), body.u32(captured), body.u32(5), Buffer.alloc(8));
  it.each<[string, (writer: PcapngWriter) => PcapngWriter, string]>([
    [
      'a block shorter than its header',
      (w) => w.block(6, DATA, 8),
      'damaged: a block claims 8 bytes; 17 bytes passed over, reading went on',
    ],
    [
      'a block of odd length',
      (w) => w.block(6, packet(5), 47),
      'damaged: a block claims 47 bytes; 40 bytes passed over, reading went on',
    ],
    [
      'a block of 4 GiB',
      (w) => w.block(6, packet(5), 0xfffffffc),
      'damaged: a block claims 4294967292 bytes; 40 bytes passed over, reading went on',
    ],
    [
      'a block of 4 KiB, where the file has less',
      (w) => w.block(6, packet(5), 4096),
      'damaged: a block claims 4096 bytes, only 120 left; 40 bytes passed over, reading went on',
    ],
    [
      'lengths that differ',
      (w) => w.block(6, packet(5), 40, 44),
      'damaged: the lengths of a block differ (40 and 44); 40 bytes passed over, reading went on',
    ],
    [
      'lengths that differ in a block that is skipped',
      (w) => w.block(77, Buffer.alloc(8), 20, 24),
      'damaged: the lengths of a block differ (20 and 24); 20 bytes passed over, reading went on',
    ],
    [
      'a block that is skipped and claims those behind it',
      (w) => w.block(77, Buffer.alloc(8), 20 + 256, 20),
      'damaged: a block claims 276 bytes, only 100 left; 20 bytes passed over, reading went on',
    ],
    [
      'an unknown block without length',
      (w) => w.block(77, DATA, 0),
      'damaged: a block claims 0 bytes; 17 bytes passed over, reading went on',
    ],
    ['zeros', (w) => w.raw(Buffer.alloc(50)), 'zeros in place of a block; 50 bytes passed over, reading went on'],
    [
      'a part of a block, before another section in another byte order',
      (w) => w.raw(bytes('06000000 28000000 00')).section(true).interface(),
      'damaged: the lengths of a block differ (40 and 28); 9 bytes passed over, reading went on',
    ],
    [
      'two of them',
      (w) => w.raw(Buffer.alloc(12)).enhanced(DATA).raw(Buffer.alloc(20)),
      'zeros in place of a block; 2 damaged places, 32 bytes passed over, reading went on',
    ],
  ])('%s', (_, damage, reason) => {
    const writer = oneInterface().enhanced(DATA);
    const offset = writer.bytes().length;
    const capture = damage(writer).enhanced(DATA).enhanced(DATA).bytes();
    const { frames, fault, damage: found } = readCapture(capture, 7);
    expect(frames.at(0)?.number).toBe(1);
    expect(frames.slice(-2).map(({ data }) => data)).toEqual(['0102030405', '0102030405']);
    expect(frames.at(-1)?.number).toBe(reason.includes('2 damaged') ? 6 : 4);
    expect([fault, found]).toMatchObject([null, { frame: 2, reason }]);
    expect(found?.offset).toBe(offset);
  });

  it.each<[string, type: number, length: number, body: string]>([
    ['a section header that is too short', 0x0a0d0d0a, 24, '4d3c2b1a 00000000 00000000'],
    ['an interface description that is too short', 1, 16, '00000000'],
    ['a packet that is too short', 2, 28, '00000000'.repeat(4)],
    ['a simple packet that is too short', 3, 12, ''],
    ['interface statistics that are too short', 5, 20, '00000000'.repeat(2)],
    ['an enhanced packet that is too short', 6, 28, '00000000'.repeat(4)],
    ['an enhanced packet of odd length', 6, 33, `${'00000000'.repeat(5)}00`],
    ['a block of an unknown type', 77, 16, '00000000'],
  ])('%s is no sound block, although its lengths agree', (_, type, length, body) => {
    const writer = new PcapngWriter().section();
    const looks = bytes(Buffer.alloc(12), writer.u32(type), writer.u32(length), body, writer.u32(length));
    const { frames, damage } = readCapture(oneInterface().raw(looks).enhanced(DATA).bytes(), 7);
    expect(frames.map(({ number }) => number)).toEqual([2]);
    expect(damage?.reason).toBe(`zeros in place of a block; ${looks.length} bytes passed over, reading went on`);
  });

  it.each<[string, Uint8Array, string]>([
    ['zeros', Buffer.alloc(4000), 'zeros in place of a block; the last 4000 bytes cannot be read'],
    [
      'a lying length',
      bytes('06000000 2d000000', Buffer.alloc(40)),
      'damaged: a block claims 45 bytes; the last 48 bytes cannot be read',
    ],
  ])('%s that nothing follows', (_, tail, reason) => {
    const { frames, fault } = readCapture(oneInterface().enhanced(DATA).raw(tail).bytes(), 7);
    expect([frames.length, fault]).toMatchObject([1, { frame: 2, reason }]);
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
      'an interface that is not described, where the lengths of the frame do not fit either',
      (w) => w.block(6, packet(1, 9)),
      'damaged: interface 1 is not described; reading went on',
      [1, 3],
    ],
    [
      'two of them',
      (w) => w.block(6, packet(9, 9)).block(6, packet(1, 77)),
      'damaged: interface 9 is not described; 2 damaged places, reading went on',
      [1, 4],
    ],
    [
      'another major version, where the blocks are those of version 1',
      (w) => w.block(0x0a0d0d0a, bytes(w.u32(0x1a2b3c4d), w.u16(2), w.u16(0), Buffer.alloc(8))).interface(),
      'damaged: pcapng version 2, read as version 1; reading went on',
      [1, 2],
    ],
    [
      'a section of zeros',
      (w) => w.block(0x0a0d0d0a, Buffer.alloc(16)).interface(),
      'damaged: no byte-order magic; reading went on',
      [1, 2],
    ],
    [
      'another block type of a frame',
      (w) => w.block(0x106, packet(0, 5)),
      'damaged: a frame has block type 262; reading went on',
      [1, 2, 3],
    ],
    ['a block type that is unknown, and no frame', (w) => w.block(0x106, packet(0, 9)), '', [1, 2]],
    [
      'another block type of a section header',
      (w) => w.block(0x0a0d0d0b, new PcapngWriter().section().bytes().subarray(8, 24)).interface(),
      'damaged: a section header has another block type; reading went on',
      [1, 2],
    ],
    [
      'a captured length over its block: its bytes are those of the block',
      (w) => w.block(6, packet(0, 9)),
      'damaged: the frame claims 9 captured bytes, its block has 8; reading went on',
      [1, 2, 3],
    ],
    [
      'an option of an interface that claims more than its block',
      (w) => w.block(1, bytes(w.u16(1), w.u16(0), w.u32(0), liar(w))).enhanced(DATA, 0n, { id: 1 }),
      'damaged: option 2 claims 9 bytes, only 4 left; reading went on',
      [1, 2, 3],
    ],
    [
      'an option of a section',
      (w) =>
        w.block(0x0a0d0d0a, bytes(w.u32(0x1a2b3c4d), w.u16(1), w.u16(0), Buffer.alloc(8, 0xff), liar(w))).interface(),
      'damaged: option 2 claims 9 bytes, only 4 left; reading went on',
      [1, 2],
    ],
  ])('%s', (_, damage, reason, numbers) => {
    const writer = oneInterface().enhanced(DATA);
    const offset = writer.bytes().length;
    const { frames, damage: found } = readCapture(damage(writer).enhanced(DATA).bytes(), 7);
    expect(frames.map(({ number }) => number)).toEqual(numbers);
    expect(found).toEqual(reason === '' ? null : { frame: 2, offset, reason });
  });

  test('an end that was cut off is told beside it', () => {
    const capture = oneInterface().block(6, packet(1, 9)).enhanced(DATA).bytes();
    const { frames, fault, damage } = readCapture(capture.subarray(0, -3), 7);
    expect(frames).toEqual([]);
    expect(fault).toMatchObject({ frame: 2, reason: 'cut short in the middle of a block (37 of 40 bytes)' });
    expect(damage).toMatchObject({ frame: 1, reason: expect.stringMatching(/interface 1 is not described/) });
  });
});

test('blocks of unknown types are skipped, longer ones than any frame too', () => {
  const capture = oneInterface()
    .block(0x80001234, Buffer.alloc(2 * MAX_FRAME))
    .enhanced(DATA)
    .bytes();
  expect(readCapture(capture, 1 << 20)).toMatchObject({ fault: null, frames: [{ number: 1 }] });
});

/** As in Wireshark, in whose lists they are lines. */
test.each([
  ['an entry of a journal', 9, 40, 3],
  ['a custom block', 0xbad, 8, 3],
  ['a custom block that is not to be copied', 0x40000bad, 8, 3],
  ['a custom block longer than any frame', 0xbad, 2 * MAX_FRAME, 3],
  ['decryption secrets', 10, 8, 2],
  ['a block of an unknown type', 0x77, 8, 2],
])('%s before a frame gives it this number', (_, type, length, expected) => {
  const capture = oneInterface().enhanced(DATA).block(type, Buffer.alloc(length, 1)).enhanced(DATA).bytes();
  expect(readCapture(capture).frames.map(({ number }) => number)).toEqual([1, expected]);
});

describe.each([false, true])('a changed byte costs no frame (big-endian: %s)', (bigEndian) => {
  // A section header of 28 bytes, descriptions of 40 (with a name and a unit of time) and 20, two frames.
  const section = (writer: PcapngWriter) =>
    writer
      .section(bigEndian)
      .interface({ name: 'eth0', resolution: 9 })
      .interface({ linkType: 101 })
      .enhanced(DATA, 1_700_000_000_000_000_123n)
      .enhanced(DATA, 1_700_000_000_000_123n, { id: 1 });
  const first = section(new PcapngWriter()).bytes();
  const capture = section(new PcapngWriter().raw(first)).bytes();
  const whole = readCapture(capture).frames.map(identity);

  it.each<[string, from: number, to: number, unless: number[]]>([
    ['of a section header', 0, 28, []],
    [
      'of a description, unless it is the link type or leads to the unit of time',
      28,
      68,
      [36, 37, 46, 47, 52, 53, 54, 55, 56],
    ],
    ['of a description without options, unless it is the link type', 68, 88, [76, 77]],
  ])('%s', (_, from, to, unless) => {
    for (const start of [0, first.length]) {
      for (let at = from; at < to; at++) {
        if (unless.includes(at)) continue;
        for (const change of [0x01, 0x44, 0x80]) {
          const damaged = Buffer.from(capture);
          damaged[start + at] ^= change;
          const { frames, fault } = readCapture(damaged, 7);
          expect([start + at, change, frames.map(identity), fault]).toEqual([start + at, change, whole, null]);
        }
      }
    }
  });
});

test.each([
  ['with options', false, { name: 'eth0', resolution: 9 }],
  ['without', false, {}],
  ['with options, big-endian', true, { name: 'eth0', resolution: 9 }],
  ['without, big-endian', true, {}],
])(
  'two descriptions in a row of which a type or a length is changed cost no frame: %s',
  (_, bigEndian, description) => {
    const writer = new PcapngWriter().section(bigEndian);
    const start = writer.bytes().length;
    const middle = writer.interface(description).bytes().length;
    const end = writer.interface({ linkType: 101 }).bytes().length;
    writer.interface({ linkType: 276, name: 'any' });
    for (const id of [0, 1, 2]) writer.enhanced(DATA, 1_700_000_000_000_123n, { id });
    const capture = writer.bytes();
    const whole = readCapture(capture).frames.map(identity);
    const places = (from: number, to: number) => [0, 1, 2, 3, 4, 5, 6, 7].map((at) => from + at).concat(to - 4, to - 3);
    for (const one of places(start, middle)) {
      for (const other of places(middle, end)) {
        for (const change of [0x01, 0x10]) {
          const damaged = Buffer.from(capture);
          damaged[one] ^= change;
          damaged[other] ^= change;
          const { frames, fault } = readCapture(damaged);
          expect([one, other, change, frames.map(identity), fault]).toEqual([one, other, change, whole, null]);
        }
      }
    }
  },
);

function identity({ data, linkType, seconds, nanoseconds, number }: OwnedFrame): unknown[] {
  return [data, linkType, seconds, nanoseconds, number];
}

describe('the frames of an interface whose description is lost are read', () => {
  const ip = bytes('4500001c 00010000 40110000 0a000001 0a000002 08010801 00080000');
  const ethernet = bytes('020000000001 020000000002 0800', ip);
  const section = () => new PcapngWriter().section();
  it.each<[string, PcapngWriter, linkType: number, nanoseconds: number]>([
    ['like those of another interface', section().interface({ linkType: 113, resolution: 9 }), 113, 123],
    [
      'like those of the section before',
      section().interface({ linkType: 276, resolution: 9, offset: 0n }).section(),
      276,
      123,
    ],
    ['as what they fit', section(), 1, 123],
  ])('%s', (_, writer, linkType, nanoseconds) => {
    const frame = (data: Uint8Array) => writer.enhanced(data, 1_700_000_000_000_000_123n, { id: 3 });
    frame(ethernet);
    const { frames, damage, fault } = readCapture(frame(ethernet).bytes(), 7);
    expect(frames).toMatchObject(Array(2).fill({ linkType, seconds: 1_700_000_000, nanoseconds }));
    const reason = `damaged: interface 3 is not described, its frames are read as link type ${linkType}; reading went on`;
    expect([fault, damage]).toMatchObject([null, { frame: 1, reason }]);
  });

  it.each<[string, Buffer, number]>([
    ['Ethernet', ethernet, 1],
    ['Ethernet with a VLAN', bytes('020000000001 020000000002 81000005 0800', ip), 1],
    ['Linux cooked', bytes('0000 0001 0006 020000000001 0000 0800', ip), 113],
    ['Linux cooked, version 2', bytes('0800 0000 00000002 0001 00 06 020000000001 0000', ip), 276],
    ['BSD loopback', bytes('02000000', ip), 0],
    ['raw IP', ip, 101],
    ['raw IPv6', bytes('60000000 00083a40', Buffer.alloc(40)), 101],
    ['Ethernet, where nothing fits', bytes('020000000001 020000000002 0806', Buffer.alloc(28, 1)), 1],
  ])('%s', (_, data, linkType) => {
    const simple = readCapture(section().simple(data).bytes());
    expect(simple.frames).toMatchObject([{ data: data.toString('hex'), linkType, interfaceIndex: 0 }]);
    const { frames, interfaces } = readCapture(section().enhanced(data, 1_700_000_000_000_123n).bytes());
    expect(frames).toMatchObject([{ linkType, seconds: 1_700_000_000, nanoseconds: 123_000 }]);
    expect(interfaces).toEqual([{ linkType }]);
  });
});

test('a block of an unknown type that claims more than any frame, and holds others, is damage', () => {
  const writer = oneInterface().block(0x80001234, Buffer.alloc(8), 20 + 2 * MAX_FRAME, 20);
  const offset = oneInterface().bytes().length;
  for (let n = 0; n < 600; n++) writer.enhanced(Buffer.alloc(1500, n));
  const { frames, fault, damage } = readCapture(writer.bytes(), 1 << 16);
  const reason = `damaged: a block claims ${20 + 2 * MAX_FRAME} bytes; 20 bytes passed over, reading went on`;
  expect([frames.length, fault, damage]).toEqual([600, null, { frame: 1, offset, reason }]);
});

test('where a file ends within a block of an unknown type, it is cut', () => {
  const frame = oneInterface().enhanced(DATA).bytes();
  const capture = oneInterface().enhanced(DATA).block(0x80001234, Buffer.alloc(16)).bytes();
  for (let length = frame.length + 1; length < capture.length; length++) {
    expect([length, readCapture(capture.subarray(0, length)).fault?.reason]).toMatchObject([
      length,
      expect.stringMatching(/^cut short/),
    ]);
  }
});
