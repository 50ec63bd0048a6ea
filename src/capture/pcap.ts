/**
 * Classic pcap (draft-ietf-opsawg-pcap): microseconds and nanoseconds in both byte orders, and the variants that real
 * systems wrote: AIX's (version 2.2, interface types of RFC 1573, nanoseconds), Kuznetsov's "modified" records, Ixia's
 * lcap, and the swapped lengths of versions before 2.4.
 *
 * Refuses a record that claims more than MAX_FRAME bytes. Variants that kept the ordinary magic number (Red Hat 6.1,
 * Nokia) are not supported: telling them apart takes reading ahead, which a live capture does not allow.
 */
import { MAX_FRAME } from '../limits.js';
import { uint16, uint32, uint32be, uint32le } from './byte-order.js';
import type { ByteQueue } from './byte-queue.js';
import { type CaptureFault, type CaptureInterface, emptyFrame, type FrameReader } from './frame.js';
import { normalizeTime } from './timestamp.js';

const RECORD_HEADER = 16;
/** Kuznetsov's records add an interface index, a protocol and a packet type; SuSE 6.3's add four bytes more. */
const MODIFIED_RECORD_HEADER = 24;
const SUSE_RECORD_HEADER = 28;

interface Variant {
  /** Nanoseconds in one unit of the second time field. */
  unit: number;
  fileHeader: number;
  /** Length of a record's header in bytes; 0: the first records will tell. */
  recordHeader: number;
}

const VARIANTS: ReadonlyMap<number, Variant> = new Map([
  [0xa1b2c3d4, { unit: 1000, fileHeader: 24, recordHeader: RECORD_HEADER }],
  [0xa1b23c4d, { unit: 1, fileHeader: 24, recordHeader: RECORD_HEADER }],
  [0xa1b2cd34, { unit: 1000, fileHeader: 24, recordHeader: 0 }],
  [0x1c0001ac, { unit: 1, fileHeader: 28, recordHeader: RECORD_HEADER }],
  [0x1c0001ab, { unit: 1000, fileHeader: 28, recordHeader: RECORD_HEADER }],
]);

/** RFC 1573 interface types, as AIX's tcpdump writes them, and the LINKTYPE_ numbers they stand for. */
const AIX_LINK_TYPES: ReadonlyMap<number, number> = new Map([
  [6, 1],
  [9, 6],
  [15, 10],
  [24, 0],
]);

/** The first four bytes of every variant, as they are in a file. */
export const PCAP_MAGICS: readonly Uint8Array[] = [...VARIANTS.keys()].flatMap((magic) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(magic);
  return [bytes, Buffer.from(bytes).reverse()];
});

export class PcapReader implements FrameReader {
  readonly frame = emptyFrame();
  readonly interfaces: CaptureInterface[] = [];
  fault: CaptureFault | null = null;

  private bigEndian = false;
  private started = false;
  private ended = false;
  private unit = 1000;
  private recordHeader = 0;
  private fcsLength = 0;
  private mayBeSwapped = false;

  constructor(readonly queue: ByteQueue) {}

  next(): boolean {
    if (this.fault !== null || (!this.started && !this.start())) return false;
    if (this.recordHeader === 0 && !this.findRecordHeader()) return false;
    const queue = this.queue;
    const at = queue.position;
    const start = at + this.recordHeader;
    const captured = queue.limit < start ? 0 : this.capturedLength(queue.bytes, at);
    if (captured > MAX_FRAME) return this.tooLong(captured);
    const end = start + captured;
    if (queue.limit < end) return this.needMore();
    queue.position = end;
    this.fillFrame(queue.bytes, at, start, end);
    return true;
  }

  finish(): void {
    this.ended = true;
    if (this.fault !== null) return;
    if (!this.started) this.fail('cut short in the file header');
    else if (this.recordHeader !== 0 || !this.findRecordHeader()) this.needMore();
  }

  private needMore(): false {
    const left = this.queue.unread;
    return this.ended && left > 0 ? this.fail(this.cutReason(left)) : false;
  }

  private fillFrame(bytes: Uint8Array, at: number, start: number, end: number): void {
    const frame = this.frame;
    const bigEndian = this.bigEndian;
    frame.bytes = bytes;
    frame.start = start;
    frame.end = end;
    frame.seconds = bigEndian ? uint32be(bytes, at) : uint32le(bytes, at);
    frame.nanoseconds = (bigEndian ? uint32be(bytes, at + 4) : uint32le(bytes, at + 4)) * this.unit;
    if (frame.nanoseconds >= 1e9) normalizeTime(frame);
    const first = uint32(bytes, at + 8, bigEndian);
    const second = uint32(bytes, at + 12, bigEndian);
    frame.wireLength = Math.max(first, second);
    frame.number++;
    if (this.fcsLength > 0) this.dropFcs();
  }

  /** Removes the frame check sequence: it was on the wire, but must not count as payload. */
  private dropFcs(): void {
    const frame = this.frame;
    frame.wireLength = Math.max(0, frame.wireLength - this.fcsLength);
    frame.end = Math.min(frame.end, frame.start + frame.wireLength);
  }

  private capturedLength(bytes: Uint8Array, at: number): number {
    const captured = this.bigEndian ? uint32be(bytes, at + 8) : uint32le(bytes, at + 8);
    if (!this.mayBeSwapped) return captured;
    return Math.min(captured, uint32(bytes, at + 12, this.bigEndian));
  }

  private start(): boolean {
    const { bytes, position, limit } = this.queue;
    if (limit - position < 4) return false;
    this.bigEndian = VARIANTS.has(uint32be(bytes, position));
    const variant = VARIANTS.get(uint32(bytes, position, this.bigEndian));
    if (variant === undefined) return this.fail('not a pcap file');
    if (limit - position < variant.fileHeader) return false;
    this.readFileHeader(variant, bytes, position);
    this.queue.position += variant.fileHeader;
    this.started = true;
    return true;
  }

  private readFileHeader(variant: Variant, bytes: Uint8Array, at: number): void {
    const major = uint16(bytes, at + 4, this.bigEndian);
    const minor = uint16(bytes, at + 6, this.bigEndian);
    const network = uint32(bytes, at + 20, this.bigEndian);
    const aixType = major === 2 && minor === 2 ? AIX_LINK_TYPES.get(network) : undefined;
    this.unit = aixType === undefined ? variant.unit : 1;
    this.recordHeader = variant.recordHeader;
    this.mayBeSwapped = major === 2 && minor < 4 && aixType === undefined;
    this.fcsLength = (network & 0x04000000) === 0 ? 0 : 2 * (network >>> 28);
    this.frame.linkType = aixType ?? network & 0xffff;
    this.interfaces.push({ linkType: this.frame.linkType });
  }

  /**
   * Two kinds of modified records share one magic number. The right header length is the one behind
   * which another sane record follows.
   */
  private findRecordHeader(): boolean {
    const longer = this.leadsToRecord(SUSE_RECORD_HEADER);
    const shorter = this.leadsToRecord(MODIFIED_RECORD_HEADER);
    if (shorter === undefined || longer === undefined) return false;
    this.recordHeader = longer && !shorter ? SUSE_RECORD_HEADER : MODIFIED_RECORD_HEADER;
    return true;
  }

  /**
   * True when a sane record follows a record with a header of this length. Undefined: more bytes are needed to tell.
   */
  private leadsToRecord(header: number): boolean | undefined {
    const { bytes, position, limit } = this.queue;
    if (limit - position < RECORD_HEADER) return undefined;
    const captured = uint32(bytes, position + 8, this.bigEndian);
    if (captured > MAX_FRAME) return false;
    const next = position + header + captured;
    if (next + RECORD_HEADER <= limit) return this.isSaneRecord(next);
    return this.ended ? next === limit : undefined;
  }

  private isSaneRecord(at: number): boolean {
    const { bytes } = this.queue;
    const captured = uint32(bytes, at + 8, this.bigEndian);
    const original = uint32(bytes, at + 12, this.bigEndian);
    return uint32(bytes, at + 4, this.bigEndian) < 1e6 && captured <= MAX_FRAME && captured <= original;
  }

  private cutReason(left: number): string {
    const header = this.recordHeader || MODIFIED_RECORD_HEADER;
    if (left < header) return `cut short in the header of the frame (${left} of ${header} bytes)`;
    const captured = this.capturedLength(this.queue.bytes, this.queue.position);
    return `cut short in the middle of the frame (${left - header} of ${captured} bytes)`;
  }

  private tooLong(captured: number): false {
    return this.fail(`damaged: the frame claims ${captured} captured bytes`);
  }

  private fail(reason: string): false {
    this.fault = { frame: this.frame.number + 1, offset: this.queue.consumed, reason };
    return false;
  }
}
