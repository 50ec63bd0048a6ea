/**
 * AIX iptrace files, version 1.0 (seconds) and 2.0 (nanoseconds). IBM published no layout; this is the one that
 * Wireshark's wiretap documents. Behind the file's name, a record has a length, the arrival time, the interface's name
 * and RFC 1573 type, and the packet. The length does not count itself and the first time. The snaplen is not recorded.
 * Records of impossible lengths are damage; reading goes on where sound records follow. Another file's name in place of a
 * record begins anew.
 */
import { MAX_FRAME } from '../limits.js';
import { read32 } from '../xdr/bytes.js';
import type { ByteQueue } from './byte-queue.js';
import { Damage, isPlausible, isPlausibleTime, isZero, UNKNOWN, UNSOUND } from './damage.js';
import { type CaptureFault, type CaptureInterface, emptyFrame, type FrameReader } from './frame.js';
import { ETHERNET, FDDI, RAW_IP, TOKEN_RING, UNKNOWN_LINK } from './link-types.js';
import { normalizeTime } from './timestamp.js';

const NAME = 11;
/** Bytes that the length does not count: itself and the first time. */
const UNCOUNTED = 8;
const HEADER_1_0 = 30;
const HEADER_2_0 = 40;
const INTERFACE_TYPE = 28;
const FDDI_PADDING = 3;
/** Records in a row that the search behind damage asks for. */
const SOUND_RECORDS = 3;

/** RFC 1573 interface types that carry IP; loopback and the SP and HFI switches write IP without a link header. */
const LINK_TYPES: ReadonlyMap<number, number> = new Map([
  [0x04, RAW_IP],
  [0x06, ETHERNET],
  [0x07, ETHERNET],
  [0x09, TOKEN_RING],
  [0x0c, RAW_IP],
  [0x0f, FDDI],
  [0x18, RAW_IP],
  [0x3d, RAW_IP],
]);

export const IPTRACE_MAGICS: readonly Uint8Array[] = [Buffer.from('iptrace 1.0'), Buffer.from('iptrace 2.0')];

export class IptraceReader implements FrameReader {
  readonly frame = emptyFrame();
  readonly interfaces: CaptureInterface[] = [];
  fault: CaptureFault | null = null;

  /** Length of a record's header in bytes; 0 until the file's name was read. */
  private header = 0;

  private isStarted = false;
  private isEnded = false;
  private readonly damaged: Damage;

  constructor(readonly queue: ByteQueue) {
    this.damaged = new Damage(queue, this.frame, SOUND_RECORDS, (at) => this.soundLength(at));
  }

  get damage(): CaptureFault | null {
    return this.damaged.passed;
  }

  next(): boolean {
    const { queue } = this;
    while (this.prepare()) {
      const at = queue.position;
      const hasHeader = queue.unread >= this.header;
      const length = hasHeader ? UNCOUNTED + read32(queue.bytes, at) : this.header;
      const linkType = this.linkTypeAt(at);
      const start = this.header + (linkType === FDDI ? FDDI_PADDING : 0);
      if (hasHeader && (length < start || length - start > MAX_FRAME)) this.loseRecord(at, length);
      else if (queue.unread >= length) {
        queue.position = at + length;
        this.fillFrame(at, at + start, at + length, linkType);
        return true;
      } else if (!this.isCut(length)) return false;
    }
    return false;
  }

  finish(): void {
    this.isEnded = true;
  }

  /** True: records can be read. */
  private prepare(): boolean {
    if (this.fault !== null) return false;
    if (this.damaged.isSearching) {
      if (!this.damaged.search(this.isEnded)) {
        if (this.isEnded) this.fault = this.damaged.lost;
        return false;
      }
    }
    return this.isStarted || this.start();
  }

  /** False: more bytes may come, or there are none. True: the file ends within a record, or its length is damaged. */
  private isCut(length: number): boolean {
    const { unread } = this.queue;
    if (!this.isEnded || unread === 0) return false;
    if (unread < this.header) this.lose('', 'cut short in the header of the frame');
    else {
      const cut = `cut short in the middle of the frame (${unread} of ${length} bytes)`;
      this.lose(`damaged: a record claims ${length} bytes, only ${unread} left`, cut);
    }
    return true;
  }

  /** Another file's name has the length of no record. */
  private loseRecord(at: number, length: number): void {
    const { bytes } = this.queue;
    if (IPTRACE_MAGICS.some((magic) => magic.every((byte, index) => bytes[at + index] === byte))) {
      this.isStarted = false;
    } else if (isZero(bytes, at, this.header)) this.lose('zeros in place of a frame');
    else this.lose(`damaged: a record claims ${length} bytes`);
  }

  /** Length of the record at `at` behind damage, if it is like the frames before it. */
  private soundLength(at: number): number {
    const { bytes, limit } = this.queue;
    if (at + this.header > limit) return UNKNOWN;
    const length = UNCOUNTED + read32(bytes, at);
    if (this.linkTypeAt(at) === UNKNOWN_LINK || length <= this.header || !isPlausible(length, 0)) return UNSOUND;
    return isPlausibleTime(this.secondsAt(at), this.frame) ? length : UNSOUND;
  }

  private linkTypeAt(at: number): number {
    return LINK_TYPES.get(this.queue.bytes[at + INTERFACE_TYPE]) ?? UNKNOWN_LINK;
  }

  private secondsAt(at: number): number {
    return read32(this.queue.bytes, at + (this.header === HEADER_2_0 ? 32 : 4));
  }

  private fillFrame(at: number, start: number, end: number, linkType: number): void {
    const { frame } = this;
    const { bytes } = this.queue;
    const isPrecise = this.header === HEADER_2_0;
    frame.bytes = bytes;
    frame.start = start;
    frame.end = end;
    frame.wireLength = end - start;
    frame.seconds = this.secondsAt(at);
    frame.nanoseconds = isPrecise ? read32(bytes, at + 36) : 0;
    if (frame.nanoseconds >= 1e9) normalizeTime(frame);
    frame.linkType = linkType;
    if (frame.number === 0) this.interfaces.push({ linkType });
    frame.number++;
  }

  private start(): boolean {
    const { bytes, position, unread } = this.queue;
    if (unread < NAME) return this.isEnded ? this.fail('cut short in the file header') : false;
    this.header = bytes[position + 8] === 0x31 ? HEADER_1_0 : HEADER_2_0;
    this.queue.position += NAME;
    this.isStarted = true;
    return true;
  }

  private lose(reason: string, cutReason: string | null = null): void {
    this.damaged.begin(this.frame.number + 1, reason, cutReason);
  }

  private fail(reason: string): false {
    this.fault = { frame: this.frame.number + 1, offset: this.queue.consumed, reason };
    return false;
  }
}
