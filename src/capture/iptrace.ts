/**
 * AIX iptrace files, version 1.0 (seconds) and 2.0 (nanoseconds). IBM published no layout; this is the one that
 * Wireshark's wiretap documents. Behind the file's name, a record has a length, the arrival time, the interface's name
 * and RFC 1573 type, and the packet. The length does not count itself and the first time. The snaplen is not recorded.
 */
import { MAX_FRAME } from '../limits.js';
import { uint32be } from './byte-order.js';
import type { ByteQueue } from './byte-queue.js';
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

  constructor(readonly queue: ByteQueue) {}

  next(): boolean {
    if (this.fault !== null || (this.header === 0 && !this.start())) return false;
    const { queue } = this;
    const at = queue.position;
    if (queue.unread < this.header) return false;
    const length = UNCOUNTED + uint32be(queue.bytes, at);
    const linkType = LINK_TYPES.get(queue.bytes[at + INTERFACE_TYPE]) ?? UNKNOWN_LINK;
    const start = this.header + (linkType === FDDI ? FDDI_PADDING : 0);
    if (length < start || length - start > MAX_FRAME) return this.fail(`damaged: a record claims ${length} bytes`);
    if (queue.unread < length) return false;
    queue.position = at + length;
    this.fillFrame(at, at + start, at + length, linkType);
    return true;
  }

  finish(): void {
    const { queue } = this;
    if (this.fault !== null) return;
    if (this.header === 0) this.fail('cut short in the file header');
    else if (queue.unread >= this.header) {
      const length = UNCOUNTED + uint32be(queue.bytes, queue.position);
      this.fail(`cut short in the middle of the frame (${queue.unread} of ${length} bytes)`);
    } else if (queue.unread > 0) this.fail('cut short in the header of the frame');
  }

  private fillFrame(at: number, start: number, end: number, linkType: number): void {
    const { frame } = this;
    const { bytes } = this.queue;
    const isPrecise = this.header === HEADER_2_0;
    frame.bytes = bytes;
    frame.start = start;
    frame.end = end;
    frame.wireLength = end - start;
    frame.seconds = uint32be(bytes, at + (isPrecise ? 32 : 4));
    frame.nanoseconds = isPrecise ? uint32be(bytes, at + 36) : 0;
    if (frame.nanoseconds >= 1e9) normalizeTime(frame);
    frame.linkType = linkType;
    if (frame.number === 0) this.interfaces.push({ linkType });
    frame.number++;
  }

  private start(): boolean {
    const { bytes, position, unread } = this.queue;
    if (unread < NAME) return false;
    this.header = bytes[position + 8] === 0x31 ? HEADER_1_0 : HEADER_2_0;
    this.queue.position += NAME;
    return true;
  }

  private fail(reason: string): false {
    this.fault = { frame: this.frame.number + 1, offset: this.queue.consumed, reason };
    return false;
  }
}
