/**
 * Solaris snoop files (RFC 1761), version 2: big-endian, microseconds. Records whose lengths contradict each
 * other are damage; reading goes on where sound records follow. Another file header in place of a record begins anew.
 */
import { MAX_FRAME, MAX_INTERFACES } from '../limits.js';
import { read32 } from '../xdr/bytes.js';
import type { ByteQueue } from './byte-queue.js';
import { Damage, isPlausible, isPlausibleTime, isZero, UNKNOWN, UNSOUND } from './damage.js';
import type { Drops } from './drops.js';
import { type CaptureFault, type CaptureInterface, emptyFrame, type FrameReader } from './frame.js';
import { ETHERNET, FDDI, IPNET, NULL_LOOPBACK, SNOOP_INFINIBAND, TOKEN_RING, UNKNOWN_LINK } from './link-types.js';
import { normalizeTime } from './timestamp.js';

const FILE_HEADER = 16;
const RECORD_HEADER = 24;
const VERSION = 2;
/** Records in a row that the search behind damage asks for. */
const SOUND_RECORDS = 3;
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

export class SnoopReader implements FrameReader {
  readonly frame = emptyFrame();
  readonly interfaces: CaptureInterface[] = [];
  fault: CaptureFault | null = null;

  /** Frames dropped before the frame that was read last, and in the files before the one that it is of. */
  private dropped = 0;
  private droppedBefore = 0;
  private isStarted = false;
  private isEnded = false;
  private readonly damaged: Damage;

  constructor(readonly queue: ByteQueue) {
    this.damaged = new Damage(queue, this.frame, SOUND_RECORDS, (at) => this.soundLength(at));
  }

  get damage(): CaptureFault | null {
    return this.damaged.passed;
  }

  get drops(): readonly Drops[] {
    return [{ recording: null, frames: this.droppedBefore + this.dropped }];
  }

  next(): boolean {
    const { queue } = this;
    while (this.prepare()) {
      const at = queue.position;
      const captured = queue.unread < RECORD_HEADER ? 0 : read32(queue.bytes, at + 4);
      const length = queue.unread < RECORD_HEADER ? RECORD_HEADER : read32(queue.bytes, at + 8);
      if (length > MAX_RECORD_LENGTH || captured > length - RECORD_HEADER) this.loseRecord(at, captured, length);
      else if (queue.unread >= length) {
        queue.position = at + length;
        this.fillFrame(at, captured);
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
    if (unread < RECORD_HEADER) this.lose('', 'cut short in the header of the frame');
    else {
      const cut = `cut short in the middle of the frame (${unread} of ${length} bytes)`;
      this.lose(`damaged: a record claims ${length} bytes, only ${unread} left`, cut);
    }
    return true;
  }

  private fillFrame(at: number, captured: number): void {
    const { frame } = this;
    const { bytes } = this.queue;
    const original = read32(bytes, at);
    frame.bytes = bytes;
    frame.start = at + RECORD_HEADER;
    frame.end = frame.start + captured;
    frame.wireLength = Math.max(original, captured);
    this.dropped = read32(bytes, at + 12);
    frame.seconds = read32(bytes, at + 16);
    frame.nanoseconds = read32(bytes, at + 20) * 1000;
    if (frame.nanoseconds >= 1e9) normalizeTime(frame);
    frame.number++;
  }

  private start(): boolean {
    const { bytes, position, unread } = this.queue;
    if (unread < FILE_HEADER) return this.isEnded ? this.fail('cut short in the file header') : false;
    const version = read32(bytes, position + 8);
    if (version !== VERSION) return this.fail(`snoop version ${version} is not supported`);
    const linkType = LINK_TYPES.get(read32(bytes, position + 12)) ?? UNKNOWN_LINK;
    if (this.interfaces.length === 0 || linkType !== this.frame.linkType) {
      if (this.interfaces.length === MAX_INTERFACES) return this.fail(`more than ${MAX_INTERFACES} interfaces`);
      this.interfaces.push({ linkType });
    }
    this.frame.linkType = linkType;
    this.frame.interfaceIndex = this.interfaces.length - 1;
    this.queue.position += FILE_HEADER;
    this.droppedBefore += this.dropped;
    this.dropped = 0;
    this.isStarted = true;
    return true;
  }

  /** Another file's header has the length of no record. */
  private loseRecord(at: number, captured: number, length: number): void {
    const { bytes } = this.queue;
    if (SNOOP_MAGIC.every((byte, index) => bytes[at + index] === byte)) this.isStarted = false;
    else if (isZero(bytes, at, RECORD_HEADER)) this.lose('zeros in place of a frame');
    else this.lose(`damaged: the frame claims ${captured} captured bytes in a record of ${length}`);
  }

  /** Length of the record at `at` behind damage, if it is like the frames before it. */
  private soundLength(at: number): number {
    const { bytes, limit } = this.queue;
    if (at + RECORD_HEADER > limit) return UNKNOWN;
    const wireLength = read32(bytes, at);
    const captured = read32(bytes, at + 4);
    const length = read32(bytes, at + 8);
    if (captured === 0 || captured > wireLength || captured > length - RECORD_HEADER) return UNSOUND;
    if (!isPlausible(length, wireLength) || read32(bytes, at + 20) >= 1e6) return UNSOUND;
    return isPlausibleTime(read32(bytes, at + 16), this.frame) ? length : UNSOUND;
  }

  private lose(reason: string, cutReason: string | null = null): void {
    this.damaged.begin(this.frame.number + 1, reason, cutReason);
  }

  private fail(reason: string): false {
    this.fault = { frame: this.frame.number + 1, offset: this.queue.consumed, reason };
    return false;
  }
}
