/**
 * Solaris snoop files (RFC 1761), version 2: big-endian, microseconds. Records whose lengths contradict each other are
 * damage.
 */
import { MAX_FRAME, MAX_INTERFACES } from '../limits/capture.js';
import { read32 } from '../xdr/bytes.js';
import { isPlausible, UNSOUND } from './damage.js';
import type { Drops } from './drops.js';
import { ETHERNET, FDDI, IPNET, NULL_LOOPBACK, SNOOP_INFINIBAND, TOKEN_RING, UNKNOWN_LINK } from './link-types.js';
import { SizedRecordReader } from './sized-records.js';
import { normalizeTime } from './timestamp.js';

const FILE_HEADER = 16;
const RECORD_HEADER = 24;
const VERSION = 2;
/** RFC 1761 pads records to four bytes; the rest is for writers that align them to pages. */
const MAX_RECORD_LENGTH = MAX_FRAME + 64 * 1024;

/** The numbers of RFC 1761 (0 IEEE 802.3, 4 Ethernet, 9 other), and those that <sys/dlpi.h> added. */
const LINK_TYPES: ReadonlyMap<number, number> = new Map([
  [0, ETHERNET],
  [2, TOKEN_RING],
  [4, ETHERNET],
  [8, FDDI],
  [9, NULL_LOOPBACK],
  [14, NULL_LOOPBACK],
  [26, SNOOP_INFINIBAND],
  [0x80000005, IPNET],
]);

export const SNOOP_MAGIC: Uint8Array = Buffer.from('snoop\0\0\0', 'latin1');

export function isSnoopFile(bytes: Uint8Array, at: number): boolean {
  return SNOOP_MAGIC.every((byte, index) => bytes[at + index] === byte);
}

export class SnoopReader extends SizedRecordReader {
  protected readonly fileHeader = FILE_HEADER;
  protected readonly recordHeader = RECORD_HEADER;
  /** Frames dropped before the frame that was read last. */
  private dropped = 0;

  get drops(): readonly Drops[] {
    return [{ recording: null, frames: this.dropped }];
  }

  protected readFileHeader(at: number): boolean {
    const { bytes } = this.queue;
    const version = read32(bytes, at + 8);
    if (version !== VERSION) return this.fail(`snoop version ${version} is not supported`);
    const linkType = LINK_TYPES.get(read32(bytes, at + 12)) ?? UNKNOWN_LINK;
    return this.file.useLinkType(linkType) || this.fail(`more than ${MAX_INTERFACES} interfaces`);
  }

  protected lengthAt(at: number): number {
    return read32(this.queue.bytes, at + 8);
  }

  protected isPossible(at: number, length: number): boolean {
    return length <= MAX_RECORD_LENGTH && this.capturedAt(at) <= length - RECORD_HEADER;
  }

  /** Records are padded to four bytes, or by some writers to more. */
  protected trueLength(at: number, claimed: number): number {
    const least = RECORD_HEADER + ((this.capturedAt(at) + 3) & ~3);
    return least >= claimed ? claimed : this.shorterLength(at, claimed, least);
  }

  protected claimOf(at: number, length: number): string {
    return `the frame claims ${this.capturedAt(at)} captured bytes in a record of ${length}`;
  }

  protected soundLength(at: number): number {
    const { bytes } = this.queue;
    const wireLength = read32(bytes, at);
    const captured = this.capturedAt(at);
    const length = this.lengthAt(at);
    if (captured === 0 || captured > wireLength || captured > length - RECORD_HEADER) return UNSOUND;
    if (!isPlausible(length, wireLength) || read32(bytes, at + 20) >= 1e6) return UNSOUND;
    return length;
  }

  protected secondsAt(at: number): number {
    return read32(this.queue.bytes, at + 16);
  }

  protected fillFrame(at: number): void {
    const { frame } = this;
    const { bytes } = this.queue;
    const captured = this.capturedAt(at);
    frame.bytes = bytes;
    frame.start = at + RECORD_HEADER;
    frame.end = frame.start + captured;
    frame.wireLength = Math.max(read32(bytes, at), captured);
    this.dropped = read32(bytes, at + 12);
    frame.seconds = this.secondsAt(at);
    frame.nanoseconds = read32(bytes, at + 20) * 1000;
    if (frame.nanoseconds >= 1e9) normalizeTime(frame);
    frame.number++;
  }

  private capturedAt(at: number): number {
    return read32(this.queue.bytes, at + 4);
  }
}
