/**
 * Solaris snoop files (RFC 1761), version 2: big-endian, microseconds. Refuses records whose lengths contradict each
 * other.
 */
import { MAX_FRAME } from '../limits.js';
import { uint32be } from './byte-order.js';
import type { ByteQueue } from './byte-queue.js';
import { type CaptureFault, type CaptureInterface, emptyFrame, type FrameReader } from './frame.js';
import { ETHERNET, FDDI, IPNET, NULL_LOOPBACK, SNOOP_INFINIBAND, TOKEN_RING, UNKNOWN_LINK } from './link-types.js';
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

export class SnoopReader implements FrameReader {
  readonly frame = emptyFrame();
  readonly interfaces: CaptureInterface[] = [];
  fault: CaptureFault | null = null;

  constructor(readonly queue: ByteQueue) {}

  next(): boolean {
    if (this.fault !== null || (this.interfaces.length === 0 && !this.start())) return false;
    const { queue } = this;
    const at = queue.position;
    if (queue.unread < RECORD_HEADER) return false;
    const captured = uint32be(queue.bytes, at + 4);
    const length = uint32be(queue.bytes, at + 8);
    if (length > MAX_RECORD_LENGTH || captured > length - RECORD_HEADER) return this.failLength(captured, length);
    if (queue.unread < length) return false;
    queue.position = at + length;
    this.fillFrame(at, captured);
    return true;
  }

  finish(): void {
    const { queue } = this;
    if (this.fault !== null) return;
    if (this.interfaces.length === 0) this.fail('cut short in the file header');
    else if (queue.unread >= RECORD_HEADER) {
      const length = uint32be(queue.bytes, queue.position + 8);
      this.fail(`cut short in the middle of the frame (${queue.unread} of ${length} bytes)`);
    } else if (queue.unread > 0) this.fail('cut short in the header of the frame');
  }

  private fillFrame(at: number, captured: number): void {
    const { frame } = this;
    const { bytes } = this.queue;
    const original = uint32be(bytes, at);
    frame.bytes = bytes;
    frame.start = at + RECORD_HEADER;
    frame.end = frame.start + captured;
    frame.wireLength = Math.max(original, captured);
    frame.seconds = uint32be(bytes, at + 16);
    frame.nanoseconds = uint32be(bytes, at + 20) * 1000;
    if (frame.nanoseconds >= 1e9) normalizeTime(frame);
    frame.number++;
  }

  private start(): boolean {
    const { bytes, position, unread } = this.queue;
    if (unread < FILE_HEADER) return false;
    const version = uint32be(bytes, position + 8);
    if (version !== VERSION) return this.fail(`snoop version ${version} is not supported`);
    this.frame.linkType = LINK_TYPES.get(uint32be(bytes, position + 12)) ?? UNKNOWN_LINK;
    this.interfaces.push({ linkType: this.frame.linkType });
    this.queue.position += FILE_HEADER;
    return true;
  }

  private failLength(captured: number, length: number): false {
    return this.fail(`damaged: the frame claims ${captured} captured bytes in a record of ${length}`);
  }

  private fail(reason: string): false {
    this.fault = { frame: this.frame.number + 1, offset: this.queue.consumed, reason };
    return false;
  }
}
