/** One small capture of every format and variant, with what must be read from it. */
import {
  bytes,
  PCAP_MODIFIED,
  PCAP_NANOSECONDS,
  PcapngWriter,
  type TestFrame,
  u32,
  writeIptrace,
  writePcap,
  writePcapng,
  writeSnoop,
} from '../helpers/capture-writer.js';

export interface Sample {
  name: string;
  capture: Buffer;
  frames: readonly TestFrame[];
  linkType: number;
}

/** Lengths on all sides of a multiple of four, one frame cut by a snaplen, one empty; times in whole microseconds. */
const FRAMES: readonly TestFrame[] = [
  { data: bytes('0001020304050607'), seconds: 1_600_000_000, nanoseconds: 1000 },
  { data: bytes('aa'), seconds: 1_600_000_000, nanoseconds: 999_999_000, wireLength: 1514 },
  { data: bytes(''), seconds: 1_600_000_001, nanoseconds: 0 },
  { data: bytes(Buffer.alloc(61, 7)), seconds: 4_294_967_295, nanoseconds: 5000 },
  { data: bytes('0a0d0d0a1c000000'), seconds: 0, nanoseconds: 0 },
];

const whole = FRAMES.map(({ data, seconds, nanoseconds }) => ({ data, seconds, nanoseconds }) as TestFrame);
const wholeSeconds = whole.map(({ data, seconds }) => ({ data, seconds }) as TestFrame);
const finer = FRAMES.map((frame, index) => ({ ...frame, nanoseconds: (frame.nanoseconds ?? 0) + index * 7 }));

function mixed(): Buffer {
  const writer = new PcapngWriter().section(true).block(10, bytes('0102030405060708')).interface({ name: 'eth0' });
  FRAMES.forEach(({ data, seconds = 0, nanoseconds = 0, wireLength = data.length }, index) => {
    const time = BigInt(seconds) * 1_000_000n + BigInt(nanoseconds / 1000);
    if (index === 2) writer.section(false).interface({ offset: 5n }).interface({ resolution: 6 }).block(4, bytes(''));
    if (index === 1) writer.packet(data, time, { wireLength });
    else
      writer.enhanced(data, time, { id: index >= 2 ? 1 : 0, wireLength, options: writer.option(1, Buffer.from('hi')) });
  });
  return writer.block(5, bytes('00000000 0000000000000000')).bytes();
}

export const SAMPLES: readonly Sample[] = [
  { name: 'pcap', capture: writePcap(FRAMES), frames: FRAMES, linkType: 1 },
  { name: 'pcap, big-endian', capture: writePcap(FRAMES, { bigEndian: true }), frames: FRAMES, linkType: 1 },
  { name: 'pcap, nanoseconds', capture: writePcap(finer, { magic: PCAP_NANOSECONDS }), frames: finer, linkType: 1 },
  {
    name: 'pcap, nanoseconds, big-endian',
    capture: writePcap(finer, { magic: PCAP_NANOSECONDS, bigEndian: true, linkType: 276 }),
    frames: finer,
    linkType: 276,
  },
  {
    name: 'pcap, modified',
    capture: writePcap(FRAMES, { magic: PCAP_MODIFIED, extraRecordHeader: bytes('02000000 0008 00 00') }),
    frames: FRAMES,
    linkType: 1,
  },
  {
    name: 'pcap, modified, SuSE 6.3',
    capture: writePcap(FRAMES, { magic: PCAP_MODIFIED, extraRecordHeader: bytes('02000000 0008 00 0000 000000') }),
    frames: FRAMES,
    linkType: 1,
  },
  {
    name: 'pcap, Ixia hardware, big-endian',
    capture: writePcap(finer, { magic: 0x1c0001ac, bigEndian: true, extraFileHeader: u32(99) }),
    frames: finer,
    linkType: 1,
  },
  { name: 'pcapng', capture: writePcapng(finer), frames: finer, linkType: 1 },
  { name: 'pcapng, big-endian', capture: writePcapng(finer, { bigEndian: true }), frames: finer, linkType: 1 },
  { name: 'pcapng, sections of both byte orders', capture: mixed(), frames: FRAMES, linkType: 1 },
  { name: 'snoop', capture: writeSnoop(FRAMES), frames: FRAMES, linkType: 1 },
  { name: 'iptrace 1.0', capture: writeIptrace(wholeSeconds, { version: '1.0' }), frames: wholeSeconds, linkType: 1 },
  { name: 'iptrace 2.0', capture: writeIptrace(whole), frames: whole, linkType: 1 },
];
