/**
 * Writes pcapng (draft-ietf-opsawg-pcapng): one little-endian section, its interfaces with nanosecond times, and
 * Enhanced Packet Blocks with comments. The reader is pcapng.ts.
 */
import type { ByteWriter } from '../xdr/byte-writer.js';
import type { Frame } from './frame.js';
import { BYTE_ORDER_MAGIC, ENHANCED_PACKET, INTERFACE_DESCRIPTION, SECTION_HEADER } from './pcapng-blocks.js';

const OPTION_END = 0;
const OPTION_COMMENT = 1;
const OPTION_NAME = 2;
const OPTION_APPLICATION = 4;
const OPTION_TIME_RESOLUTION = 9;
const NANOSECONDS = 9;
/** An option's length has 16 bits. */
const MAX_OPTION = 0xffff;

export class PcapngWriter {
  /** Numbers of the interfaces written so far, by file, interface index and link type. */
  private readonly interfaces = new Map<string, number>();

  constructor(readonly out: ByteWriter) {}

  /** Writes the section header, which must come first. */
  begin(application: string): void {
    this.block(SECTION_HEADER, () => {
      this.uint32(BYTE_ORDER_MAGIC);
      this.uint16(1);
      this.uint16(0);
      // All ones: the length of the section is not known.
      this.uint32(0xffffffff);
      this.uint32(0xffffffff);
      this.option(OPTION_APPLICATION, Buffer.from(application, 'utf8'));
      this.option(OPTION_END, Buffer.alloc(0));
    });
  }

  /** Writes a frame, and before it its interface where that is new. Each comment becomes an option of its own. */
  frame(frame: Frame, file: number, interfaceName: string | undefined, comments: readonly string[]): void {
    const { bytes, start, end, wireLength, seconds, nanoseconds } = frame;
    const number = this.interfaceNumber(frame, file, interfaceName);
    const time = BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds);
    this.block(ENHANCED_PACKET, () => {
      this.uint32(number);
      this.uint32(Number((time >> 32n) & 0xffffffffn));
      this.uint32(Number(time & 0xffffffffn));
      this.uint32(end - start);
      this.uint32(Math.max(wireLength, end - start));
      this.padded(bytes, start, end);
      for (const comment of comments) this.option(OPTION_COMMENT, Buffer.from(comment, 'utf8').subarray(0, MAX_OPTION));
      if (comments.length > 0) this.option(OPTION_END, Buffer.alloc(0));
    });
  }

  private interfaceNumber({ linkType, interfaceIndex }: Frame, file: number, name: string | undefined): number {
    const key = `${file} ${interfaceIndex} ${linkType}`;
    const known = this.interfaces.get(key);
    if (known !== undefined) return known;
    const number = this.interfaces.size;
    this.interfaces.set(key, number);
    this.block(INTERFACE_DESCRIPTION, () => {
      this.uint16(linkType);
      this.uint16(0);
      this.uint32(0);
      if (name !== undefined) this.option(OPTION_NAME, Buffer.from(name, 'utf8').subarray(0, MAX_OPTION));
      this.option(OPTION_TIME_RESOLUTION, Buffer.of(NANOSECONDS));
      this.option(OPTION_END, Buffer.alloc(0));
    });
    return number;
  }

  /** Writes a block: type, length, what `body` writes, and the length again. */
  private block(type: number, body: () => void): void {
    const start = this.out.length;
    this.uint32(type);
    this.uint32(0);
    body();
    const length = this.out.length - start + 4;
    this.uint32(length);
    this.out.bytes.writeUInt32LE(length, start + 4);
  }

  private option(code: number, value: Uint8Array): void {
    this.uint16(code);
    this.uint16(value.length);
    this.padded(value, 0, value.length);
  }

  private padded(bytes: Uint8Array, start: number, end: number): void {
    this.out.copy(bytes, start, end);
    for (let left = (start - end) & 3; left > 0; left--) this.out.byte(0);
  }

  private uint16(value: number): void {
    this.out.byte(value & 0xff);
    this.out.byte(value >> 8);
  }

  private uint32(value: number): void {
    this.uint16(value & 0xffff);
    this.uint16(value >>> 16);
  }
}
