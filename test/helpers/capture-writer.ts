/**
 * Writes captures of all formats for tests: small, plain, and willing to write lies where a test asks for them.
 */

export interface TestFrame {
  data: Uint8Array;
  seconds?: number;
  nanoseconds?: number;
  /** Defaults to the length of `data`. */
  wireLength?: number;
}

export interface PcapOptions {
  bigEndian?: boolean;
  magic?: number;
  /** As it stands in the header: FCS bits included. */
  linkType?: number;
  major?: number;
  minor?: number;
  /** Bytes that follow the ordinary file and record headers. */
  extraFileHeader?: Uint8Array;
  extraRecordHeader?: Uint8Array;
}

export const PCAP_MICROSECONDS = 0xa1b2c3d4;
export const PCAP_NANOSECONDS = 0xa1b23c4d;
export const PCAP_MODIFIED = 0xa1b2cd34;
const NANOSECOND_MAGICS = [PCAP_NANOSECONDS, 0x1c0001ac];

export function u16(value: number, bigEndian = true): Buffer {
  const bytes = Buffer.alloc(2);
  if (bigEndian) bytes.writeUInt16BE(value);
  else bytes.writeUInt16LE(value);
  return bytes;
}

export function u32(value: number, bigEndian = true): Buffer {
  const bytes = Buffer.alloc(4);
  if (bigEndian) bytes.writeUInt32BE(value >>> 0);
  else bytes.writeUInt32LE(value >>> 0);
  return bytes;
}

export function bytes(...parts: (Uint8Array | number[] | string)[]): Buffer {
  return Buffer.concat(
    parts.map((part) => (typeof part === 'string' ? Buffer.from(part.replace(/\s+/g, ''), 'hex') : Buffer.from(part))),
  );
}

export function writePcap(frames: readonly TestFrame[], options: PcapOptions = {}): Buffer {
  const { bigEndian = false, magic = PCAP_MICROSECONDS, linkType = 1, major = 2, minor = 4 } = options;
  const word = (value: number) => u32(value, bigEndian);
  const unit = NANOSECOND_MAGICS.includes(magic) ? 1 : 1000;
  const header = [word(magic), u16(major, bigEndian), u16(minor, bigEndian), word(0), word(0), word(262144)];
  const records = frames.flatMap(({ data, seconds = 0, nanoseconds = 0, wireLength = data.length }) => [
    word(seconds),
    word(Math.floor(nanoseconds / unit)),
    word(data.length),
    word(wireLength),
    options.extraRecordHeader ?? [],
    data,
  ]);
  return bytes(...header, word(linkType), options.extraFileHeader ?? [], ...records);
}

export interface PcapngInterface {
  linkType?: number;
  snapLength?: number;
  /** The byte of if_tsresol. */
  resolution?: number;
  /** Seconds of if_tsoffset. */
  offset?: bigint;
  name?: string;
}

/** Blocks are written in the byte order of the section they are in. */
export class PcapngWriter {
  private readonly parts: Uint8Array[] = [];
  private bigEndian = false;

  section(bigEndian = false): this {
    this.bigEndian = bigEndian;
    return this.block(0x0a0d0d0a, bytes(this.u32(0x1a2b3c4d), this.u16(1), this.u16(0), Buffer.alloc(8, 0xff)));
  }

  interface({ linkType = 1, snapLength = 0, resolution, offset, name }: PcapngInterface = {}): this {
    const body = [this.u16(linkType), this.u16(0), this.u32(snapLength)];
    if (name !== undefined) body.push(this.option(2, Buffer.from(name)));
    if (resolution !== undefined) body.push(this.option(9, Buffer.of(resolution)));
    if (offset !== undefined) body.push(this.option(14, this.i64(offset)));
    if (body.length > 3) body.push(this.option(0, Buffer.alloc(0)));
    return this.block(1, bytes(...body));
  }

  /** `timestamp` in the interface's own unit. */
  enhanced(
    data: Uint8Array,
    timestamp = 0n,
    { id = 0, wireLength = data.length, options = new Uint8Array() as Uint8Array } = {},
  ): this {
    const body = [
      this.u32(id),
      ...this.time(timestamp),
      this.u32(data.length),
      this.u32(wireLength),
      pad4(data),
      options,
    ];
    return this.block(6, bytes(...body));
  }

  simple(data: Uint8Array, wireLength = data.length): this {
    return this.block(3, bytes(this.u32(wireLength), pad4(data)));
  }

  /** The obsolete Packet Block. */
  packet(data: Uint8Array, timestamp = 0n, { id = 0, wireLength = data.length } = {}): this {
    const body = [this.u16(id), this.u16(7), ...this.time(timestamp), this.u32(data.length), this.u32(wireLength)];
    return this.block(2, bytes(...body, pad4(data)));
  }

  block(type: number, body: Uint8Array, length = body.length + 12, lastLength = length): this {
    return this.raw(bytes(this.u32(type), this.u32(length), body, this.u32(lastLength)));
  }

  raw(part: Uint8Array): this {
    this.parts.push(part);
    return this;
  }

  option(code: number, value: Uint8Array, length = value.length): Buffer {
    return bytes(this.u16(code), this.u16(length), pad4(value));
  }

  bytes(): Buffer {
    return bytes(...this.parts);
  }

  u16(value: number): Buffer {
    return u16(value, this.bigEndian);
  }

  u32(value: number): Buffer {
    return u32(value, this.bigEndian);
  }

  private time(timestamp: bigint): Buffer[] {
    return [this.u32(Number(timestamp >> 32n)), this.u32(Number(timestamp & 0xffffffffn))];
  }

  private i64(value: bigint): Buffer {
    const written = Buffer.alloc(8);
    if (this.bigEndian) written.writeBigInt64BE(value);
    else written.writeBigInt64LE(value);
    return written;
  }
}

/** One section, one interface of nanoseconds. */
export function writePcapng(frames: readonly TestFrame[], { bigEndian = false, linkType = 1 } = {}): Buffer {
  const writer = new PcapngWriter().section(bigEndian).interface({ linkType, resolution: 9 });
  for (const { data, seconds = 0, nanoseconds = 0, wireLength = data.length } of frames) {
    writer.enhanced(data, BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds), { wireLength });
  }
  return writer.bytes();
}

/** `linkType` in snoop's own numbering: 4 is Ethernet. */
export function writeSnoop(frames: readonly TestFrame[], { linkType = 4, version = 2 } = {}): Buffer {
  const records = frames.flatMap(({ data, seconds = 0, nanoseconds = 0, wireLength = data.length }) => [
    u32(wireLength),
    u32(data.length),
    u32(24 + pad4(data).length),
    u32(0),
    u32(seconds),
    u32(Math.floor(nanoseconds / 1000)),
    pad4(data),
  ]);
  return bytes(Buffer.from('snoop\0\0\0'), u32(version), u32(linkType), ...records);
}

/** `interfaceType` of RFC 1573: 6 is Ethernet. */
export function writeIptrace(
  frames: readonly TestFrame[],
  { version = '2.0', interfaceType = 6, padding = 0 } = {},
): Buffer {
  const isPrecise = version === '2.0';
  const records = frames.flatMap(({ data, seconds = 0, nanoseconds = 0 }) => [
    u32(data.length + padding + (isPrecise ? 32 : 22)),
    u32(seconds),
    Buffer.alloc(20),
    [interfaceType, 1],
    isPrecise ? bytes([0, 0], u32(seconds), u32(nanoseconds)) : [],
    Buffer.alloc(padding),
    data,
  ]);
  return bytes(Buffer.from(`iptrace ${version}`), ...records);
}

/** Padded with zeros to four bytes. */
export function pad4(data: Uint8Array): Buffer {
  return bytes(data, Buffer.alloc((4 - (data.length % 4)) % 4));
}

/** Zstandard (RFC 8878) in raw blocks, which need no compressor: one frame with a window of 1 MiB, blocks of `size` bytes. */
export function writeZstd(data: Uint8Array, size = 128 * 1024): Buffer {
  const blocks: Uint8Array[] = [];
  for (let at = 0; at === 0 || at < data.length; at += size) {
    const block = data.subarray(at, at + size);
    const isLast = at + size >= data.length;
    blocks.push(u32(((isLast ? 1 : 0) | (block.length << 3)) >>> 0, false).subarray(0, 3), block);
  }
  return bytes('28b52ffd 00 50', ...blocks);
}
