/**
 * Classic pcap (draft-ietf-opsawg-pcap): microseconds and nanoseconds in both byte orders, and the variants that real
 * systems wrote: AIX's (version 2.2, interface types of RFC 1573, nanoseconds), Kuznetsov's "modified" records, Ixia's
 * lcap, and the swapped lengths of versions before 2.4.
 *
 * Zeros where a record should begin, as a crash leaves them, and a record that claims more than MAX_FRAME bytes are damage;
 * reading goes on where sound records follow. Variants that kept the ordinary magic number (Red Hat 6.1,
 * Nokia) are not supported: telling them apart takes reading ahead, which a live capture does not allow.
 */
import { MAX_DAMAGE_TIME, MAX_FRAME, MAX_INTERFACES } from '../limits/capture.js';
import { read32 } from '../xdr/bytes.js';
import { byteCount, nounFor } from '../xdr/plural.js';
import { uint16, uint32, uint32le } from './byte-order.js';
import type { ByteQueue } from './byte-queue.js';
import type { CaptureFile } from './capture-file.js';
import { Damage, isPlausible, isZero, NO_RECORD, type RecordProbe, UNKNOWN, UNSOUND } from './damage.js';
import type { CaptureFault, FormatReader, Frame } from './frame.js';
import { normalizeTime } from './timestamp.js';

const RECORD_HEADER = 16;
/** Records in a row that the search behind damage asks for: a record says little about itself. */
const SOUND_RECORDS = 3;
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

export class PcapReader implements FormatReader, RecordProbe {
  fault: CaptureFault | null = null;
  isFollowed = false;
  private readonly queue: ByteQueue;
  private readonly frame: Frame;

  /**
   * False: a file header is to be read, or the length of record headers or the end of damage to be found, or there is a
   * fault.
   */
  private isReading = false;
  private bigEndian = false;
  private isStarted = false;
  private isEnded = false;
  private unit = 1000;
  private recordHeader = 0;
  private fcsLength = 0;
  private mayBeSwapped = false;
  private readonly damaged: Damage;

  constructor(private readonly file: CaptureFile) {
    ({ queue: this.queue, frame: this.frame } = file);
    this.damaged = new Damage(file, SOUND_RECORDS, this);
  }

  next(): boolean {
    const queue = this.queue;
    while (this.isReading || this.prepare()) {
      const at = queue.position;
      const start = at + this.recordHeader;
      const captured = queue.limit < start ? 0 : this.capturedLength(queue.bytes, at);
      const end = start + captured;
      if (captured > MAX_FRAME) this.lose(`damaged: the frame claims ${captured} captured bytes`);
      else if (queue.limit < end) {
        if (!this.isCut()) return false;
      } else if (captured > 0 || this.isFrame(at)) {
        if (this.fillFrame(queue.bytes, at, start, end)) return true;
        if (this.isReading) return false;
      } else if (this.isReading) return false;
    }
    return false;
  }

  finish(): void {
    this.isEnded = true;
    this.isReading = false;
  }

  /** True: records can be read. */
  private prepare(): boolean {
    if (this.fault !== null || this.isFollowed) return false;
    if (this.damaged.isSearching && !this.goOn()) return false;
    if (!this.isStarted && !this.start()) return false;
    if (this.recordHeader === 0 && !this.findRecordHeader() && !this.isCut()) return false;
    this.isReading = !this.damaged.isSearching;
    return this.isReading || this.prepare();
  }

  /** Finds where records go on behind damage. */
  private goOn(): boolean {
    if (this.damaged.search(this.isEnded)) return true;
    if (this.isEnded) this.fault = this.damaged.lost;
    return false;
  }

  /** Another file in place of a record is no damage. */
  private lose(reason: string, cutReason?: string): false {
    this.isReading = false;
    this.isFollowed = this.file.beginsFile(this.queue.position);
    if (!this.isFollowed) this.damaged.begin(this.frame.number + 1, reason, cutReason);
    return false;
  }

  /**
   * False: more bytes may come, or there are none. True: the file ends within a record, or the record's length is
   * damaged.
   */
  private isCut(): boolean {
    const { unread, bytes, position } = this.queue;
    if (!this.isEnded || unread === 0) return false;
    const header = this.recordHeader || MODIFIED_RECORD_HEADER;
    if (unread < header) this.lose('', `cut short in the header of the frame (${unread} of ${header} bytes)`);
    else {
      const captured = this.capturedLength(bytes, position);
      const left = unread - header;
      const cut = `cut short in the middle of the frame (${left} of ${byteCount(captured)})`;
      this.lose(`damaged: the frame claims ${captured} captured ${nounFor(captured, 'byte')}, only ${left} left`, cut);
    }
    return true;
  }

  /**
   * True: a record without captured bytes is a frame. False: it is zeros or another file's header, or, where `isReading`
   * stays, more bytes are needed to know.
   */
  private isFrame(at: number): boolean {
    if (this.file.beginsFile(at)) return this.lose('');
    if (isZero(this.queue.bytes, at, this.recordHeader)) return this.isZeroFrame(at);
    return true;
  }

  /** An empty frame of 1970 is one where the frame before it is of that time too, or a frame follows. */
  private isZeroFrame(at: number): boolean {
    const { bytes, unread } = this.queue;
    const { frame, recordHeader } = this;
    if (frame.number > 0 && frame.seconds === 0) return true;
    if (unread < 2 * recordHeader && !this.isEnded) return false;
    if (!isZero(bytes, at + recordHeader, Math.min(unread - recordHeader, recordHeader))) return true;
    this.lose('zeros in place of a frame');
    return false;
  }

  /** False: it is no frame, or, where `isReading` stays, more bytes are needed to know that, or where it ends. */
  private fillFrame(bytes: Uint8Array, at: number, start: number, claimedEnd: number): boolean {
    const frame = this.frame;
    const bigEndian = this.bigEndian;
    const seconds = bigEndian ? read32(bytes, at) : uint32le(bytes, at);
    const first = uint32(bytes, at + 8, bigEndian);
    const second = uint32(bytes, at + 12, bigEndian);
    let end = claimedEnd;
    let wireLength = Math.max(first, second);
    if (first > second && !this.mayBeSwapped) {
      end = this.trueEnd(start, second, claimedEnd);
      if (end === UNKNOWN) return false;
      wireLength = end - start;
    }
    // The usual frame is of about the time of the one before: no call is needed to believe it.
    const sinceLast = seconds - frame.seconds;
    const isNear = sinceLast <= MAX_DAMAGE_TIME && sinceLast >= -MAX_DAMAGE_TIME;
    if (!isNear && !this.isBelieved(at, end, seconds)) return false;
    this.queue.position = end;
    frame.bytes = bytes;
    frame.start = start;
    frame.end = end;
    frame.seconds = seconds;
    frame.nanoseconds = (bigEndian ? read32(bytes, at + 4) : uint32le(bytes, at + 4)) * this.unit;
    if (frame.nanoseconds >= 1e9) normalizeTime(frame);
    frame.wireLength = wireLength;
    frame.number++;
    if (this.fcsLength > 0) this.dropFcs();
    return true;
  }

  /** False: the frame is damage, or, where `isReading` stays, more bytes are needed to know. */
  private isBelieved(at: number, end: number, seconds: number): boolean {
    const isBelieved = this.damaged.isBelieved(at, end, seconds, this.isEnded);
    return isBelieved === false ? this.lose(NO_RECORD) : isBelieved === true;
  }

  /**
   * End of a frame of which more was captured than was on the wire, as some writers have it; where sound records follow
   * what was on the wire, the captured length is damaged. UNKNOWN: more bytes are needed to know.
   */
  private trueEnd(start: number, wireLength: number, claimedEnd: number): number {
    const isShorter = this.damaged.isSoundAt(start + wireLength, this.isEnded);
    if (isShorter === undefined) return UNKNOWN;
    if (!isShorter) return claimedEnd;
    const captured = claimedEnd - start;
    const reason = `damaged: the frame claims ${captured} captured bytes, the next record begins after ${wireLength}`;
    this.damaged.note(this.frame.number + 1, reason);
    return start + wireLength;
  }

  /** Removes the frame check sequence: it was on the wire, but must not count as payload. */
  private dropFcs(): void {
    const frame = this.frame;
    frame.wireLength = Math.max(0, frame.wireLength - this.fcsLength);
    frame.end = Math.min(frame.end, frame.start + frame.wireLength);
  }

  private capturedLength(bytes: Uint8Array, at: number): number {
    const captured = this.bigEndian ? read32(bytes, at + 8) : uint32le(bytes, at + 8);
    if (!this.mayBeSwapped) return captured;
    return Math.min(captured, uint32(bytes, at + 12, this.bigEndian));
  }

  private start(): boolean {
    const { bytes, position, limit } = this.queue;
    this.bigEndian = VARIANTS.has(read32(bytes, position));
    // The magic number is there: it told the format.
    const variant = VARIANTS.get(uint32(bytes, position, this.bigEndian))!;
    if (limit - position < variant.fileHeader) return this.isEnded && this.fail('cut short in the file header');
    if (!this.readFileHeader(variant, bytes, position)) return false;
    this.queue.position += variant.fileHeader;
    this.isStarted = true;
    return true;
  }

  /** A file that another was appended to has an interface for each change of the link type. */
  private readFileHeader(variant: Variant, bytes: Uint8Array, at: number): boolean {
    const major = uint16(bytes, at + 4, this.bigEndian);
    const minor = uint16(bytes, at + 6, this.bigEndian);
    const network = uint32(bytes, at + 20, this.bigEndian);
    const aixType = major === 2 && minor === 2 ? AIX_LINK_TYPES.get(network) : undefined;
    this.unit = aixType === undefined ? variant.unit : 1;
    this.recordHeader = variant.recordHeader;
    this.mayBeSwapped = major === 2 && minor < 4 && aixType === undefined;
    this.fcsLength = (network & 0x04000000) === 0 ? 0 : 2 * (network >>> 28);
    return this.file.useLinkType(aixType ?? network & 0xffff) || this.fail(`more than ${MAX_INTERFACES} interfaces`);
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
    return this.isEnded ? next === limit : undefined;
  }

  private isSaneRecord(at: number): boolean {
    const { bytes } = this.queue;
    const captured = uint32(bytes, at + 8, this.bigEndian);
    const original = uint32(bytes, at + 12, this.bigEndian);
    return uint32(bytes, at + 4, this.bigEndian) < 1e6 && captured <= MAX_FRAME && captured <= original;
  }

  secondsAt(at: number): number {
    const { bytes } = this.queue;
    return this.bigEndian ? read32(bytes, at) : uint32le(bytes, at);
  }

  private nanosecondsAt(at: number): number {
    const { bytes } = this.queue;
    return (this.bigEndian ? read32(bytes, at + 4) : uint32le(bytes, at + 4)) * this.unit;
  }

  lengthAt(at: number): number {
    const { bytes, limit } = this.queue;
    const { recordHeader, bigEndian } = this;
    if (recordHeader === 0 || at + recordHeader > limit) return UNKNOWN;
    const captured = this.capturedLength(bytes, at);
    if (captured === 0) return UNSOUND;
    const original = Math.max(uint32(bytes, at + 8, bigEndian), uint32(bytes, at + 12, bigEndian));
    if (this.nanosecondsAt(at) >= 1e9 || !isPlausible(recordHeader + captured, original)) return UNSOUND;
    return recordHeader + captured;
  }

  private fail(reason: string): false {
    this.fault = { frame: this.frame.number + 1, offset: this.queue.consumed, reason };
    return false;
  }
}

/** Of a version that the reader knows, and without the time zone that no file has: else it may be a frame of 2055. */
export function isPcapFile(bytes: Uint8Array, at: number): boolean {
  const bigEndian = VARIANTS.has(read32(bytes, at));
  if (!bigEndian && !VARIANTS.has(uint32le(bytes, at))) return false;
  return uint16(bytes, at + 4, bigEndian) === 2 && uint16(bytes, at + 6, bigEndian) <= 4 && isZero(bytes, at + 8, 4);
}
