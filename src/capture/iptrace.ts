/**
 * AIX iptrace files, version 1.0 (seconds) and 2.0 (nanoseconds). IBM published no layout; this is the one that
 * Wireshark's wiretap documents. Behind the file's name, a record has a length, the arrival time, the interface's name
 * and RFC 1573 type, and the packet. The length does not count itself and the first time. The snaplen is not recorded.
 */
import { MAX_DAMAGE_LOOKAHEAD } from '../limits/capture.js';
import { read32 } from '../xdr/bytes.js';
import { isPlausible, UNKNOWN, UNSOUND } from './damage.js';
import { ETHERNET, FDDI, RAW_IP, TOKEN_RING, UNKNOWN_LINK } from './link-types.js';
import { SizedRecordReader } from './sized-records.js';
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

export function isIptraceFile(bytes: Uint8Array, at: number): boolean {
  return IPTRACE_MAGICS.some((magic) => magic.every((byte, index) => bytes[at + index] === byte));
}

export class IptraceReader extends SizedRecordReader {
  protected readonly fileHeader = NAME;
  protected recordHeader = HEADER_2_0;
  /** True when the file has an interface, which is that of its first frame. */
  private hasInterface = false;

  protected readFileHeader(at: number): boolean {
    this.recordHeader = this.queue.bytes[at + 8] === 0x31 ? HEADER_1_0 : HEADER_2_0;
    return true;
  }

  protected lengthAt(at: number): number {
    return UNCOUNTED + read32(this.queue.bytes, at);
  }

  /** A damaged length must not take many of the records behind it. */
  protected isPossible(at: number, length: number): boolean {
    const packet = length - this.packetOffset(this.linkTypeAt(at));
    return packet >= 0 && packet <= MAX_DAMAGE_LOOKAHEAD;
  }

  /** Nothing but its length says where a record ends. It is believed where another begins, or the file ends. */
  protected trueLength(at: number, claimed: number): number {
    const next = this.probeLength(at + claimed);
    if (next === UNKNOWN && !this.isEnded) return UNKNOWN;
    if (at + claimed === this.queue.limit || next > 0) return claimed;
    let found = claimed;
    for (let length = this.recordHeader; length < claimed && found === claimed; length++) {
      found = this.shorterLength(at, claimed, length);
    }
    return found;
  }

  protected claimOf(_at: number, length: number): string {
    return `a record claims ${length} bytes`;
  }

  protected soundLength(at: number): number {
    const length = this.lengthAt(at);
    const isLong = length > this.recordHeader;
    return this.linkTypeAt(at) === UNKNOWN_LINK || !isLong || !isPlausible(length, 0) ? UNSOUND : length;
  }

  protected fillFrame(at: number, length: number): void {
    const { frame } = this;
    const { bytes } = this.queue;
    const linkType = this.linkTypeAt(at);
    frame.bytes = bytes;
    frame.start = at + this.packetOffset(linkType);
    frame.end = at + length;
    frame.wireLength = frame.end - frame.start;
    frame.seconds = this.secondsAt(at);
    frame.nanoseconds = this.recordHeader === HEADER_2_0 ? read32(bytes, at + 36) : 0;
    if (frame.nanoseconds >= 1e9) normalizeTime(frame);
    if (!this.hasInterface) this.file.useLinkType(linkType);
    this.hasInterface = true;
    frame.linkType = linkType;
    frame.number++;
  }

  private packetOffset(linkType: number): number {
    return this.recordHeader + (linkType === FDDI ? FDDI_PADDING : 0);
  }

  private linkTypeAt(at: number): number {
    return LINK_TYPES.get(this.queue.bytes[at + INTERFACE_TYPE]) ?? UNKNOWN_LINK;
  }

  protected secondsAt(at: number): number {
    return read32(this.queue.bytes, at + (this.recordHeader === HEADER_2_0 ? 32 : 4));
  }
}
