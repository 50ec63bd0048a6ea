/**
 * pcapng (draft-ietf-opsawg-pcapng): any number of sections, each in its own byte order, their interfaces, and all
 * blocks that carry packets: Enhanced, Simple and the obsolete Packet Block. Other blocks are skipped, whatever their
 * length. The reader waits for the whole of a block, so that both of its lengths are compared before any of it is passed
 * over; only blocks longer than any frame are skipped piece by piece.
 *
 * Blocks whose two lengths differ or are impossible are damage, behind which reading goes on with the next sound block.
 * Damage inside a block whose lengths agree costs that block only. What the frames behind a block depend on is kept from
 * it as far as possible: section headers with a damaged type, length or version, interface descriptions with a damaged
 * type or length; and something stands in for an interface that is not described. Times before 1970 and after the year
 * 9999, which the fields could hold, are damage too; they become the first and the last second of that range.
 *
 * A Simple Packet Block has no time and takes that of the frame before it.
 */
import { MAX_DAMAGE_LOOKAHEAD, MAX_FRAME, MAX_INTERFACES, MAX_SECONDS } from '../limits/capture.js';
import { uint16, uint32 } from './byte-order.js';
import type { ByteQueue } from './byte-queue.js';
import type { CaptureFile } from './capture-file.js';
import { CERTAIN, Damage, isPlausible, isZero, UNKNOWN, UNSOUND } from './damage.js';
import type { Drops } from './drops.js';
import type { CaptureFault, FormatReader, Frame } from './frame.js';
import {
  BLOCK_HEADER,
  BLOCK_OVERHEAD,
  BYTE_ORDER_MAGIC,
  ENHANCED_PACKET,
  INTERFACE_BODY,
  INTERFACE_DESCRIPTION,
  INTERFACE_STATISTICS,
  isNumbered,
  isParsed,
  isSearched,
  isUnnumbered,
  leastLength,
  PACKET,
  PACKET_BODY,
  SECTION_BODY,
  SECTION_HEADER,
  SIMPLE_BODY,
  SIMPLE_PACKET,
  STATISTICS_BODY,
} from './pcapng-blocks.js';
import { endOfInterface, type Interface, isInterface, PcapngInterfaces } from './pcapng-interfaces.js';
import { eachOption, endOfOptions, OPTION_END, optionCount } from './pcapng-options.js';

/** Sound blocks in a row that the search behind damage asks for: the two lengths of one must agree. */
const SOUND_BLOCKS = 1;
/** How much of an interface description is read whose block's lengths are damaged. */
const LONGEST_DESCRIPTION = 4096;
/** The longest block that is read at once. Room for options (comments, hashes) behind a packet's bytes. */
const LARGEST_BLOCK = MAX_FRAME + 64 * 1024;

const OPTION_START_TIME = 2;
const OPTION_PACKET_DROPS = 4;
const OPTION_INTERFACE_DROPS = 5;
const OPTION_SYSTEM_DROPS = 7;
/** A packet's drop count with the head of its option. */
const SMALLEST_OPTIONS = 12;

export const PCAPNG_MAGIC = Uint8Array.of(0x0a, 0x0d, 0x0d, 0x0a);

export function isPcapngFile(bytes: Uint8Array, at: number): boolean {
  const bigEndian = uint32(bytes, at + 8, true) === BYTE_ORDER_MAGIC;
  const isSection = uint32(bytes, at, bigEndian) === SECTION_HEADER;
  if (!isSection || uint32(bytes, at + 8, bigEndian) !== BYTE_ORDER_MAGIC) return false;
  const length = uint32(bytes, at + 4, bigEndian);
  return length >= leastLength(SECTION_HEADER) && length % 4 === 0 && length <= MAX_DAMAGE_LOOKAHEAD;
}

export class PcapngReader implements FormatReader {
  fault: CaptureFault | null = null;
  isFollowed = false;
  private readonly queue: ByteQueue;
  private readonly frame: Frame;
  private bigEndian = false;
  private readonly described: PcapngInterfaces;
  /**
   * A block being skipped: bytes left before its trailing length, and the value that this
   * length must have; 0: no block is.
   */
  private skipLeft = 0;
  private skippedLength = 0;

  /** The number of the interface that was last missed in this section. */
  private missingInterface: number | null = null;
  /** True behind the beginning of an interface description whose block is damaged. */
  private isDescriptionLost = false;
  private isEnded = false;
  private readonly damaged: Damage;

  constructor(private readonly file: CaptureFile) {
    ({ queue: this.queue, frame: this.frame } = file);
    this.described = new PcapngInterfaces(file.interfaces);
    this.damaged = new Damage(file, SOUND_BLOCKS, {
      lengthAt: (at) => this.soundLength(at),
      // Blocks are certain.
      secondsAt: () => 0,
    });
  }

  get drops(): readonly Drops[] {
    return this.described.own.map(({ droppedByStatistics, droppedByPackets, recordedSince, name }) => ({
      recording: recordedSince === '' ? null : `${recordedSince} ${name}`,
      frames: Math.max(droppedByStatistics, droppedByPackets),
    }));
  }

  next(): boolean {
    while (this.fault === null && !this.isFollowed) {
      if (this.skippedLength !== 0) {
        if (!this.skip()) return false;
        continue;
      }
      if (this.damaged.isSearching) {
        if (!this.goOn()) return false;
        continue;
      }
      const { queue } = this;
      const at = queue.position;
      if (queue.unread < BLOCK_OVERHEAD) {
        if (this.isCut(BLOCK_OVERHEAD)) continue;
        return false;
      }
      const type = uint32(queue.bytes, at, this.bigEndian);
      if (type !== ENHANCED_PACKET && this.isSection(type, at)) this.beginSection(at);
      const length = uint32(queue.bytes, at + 4, this.bigEndian);
      if (length > LARGEST_BLOCK && !isParsed(type)) {
        if (!this.startSkip(at, length)) return false;
      } else if (this.isSaneLength(type, length)) {
        if (queue.unread >= length) {
          if (this.readBlock(type, at, length)) return true;
        } else if (!this.isCut(length)) return false;
      }
    }
    return false;
  }

  finish(): void {
    this.isEnded = true;
  }

  /** False: more bytes may come, or there are none. True: the file ends within a block, or the block's length is damaged. */
  private isCut(length: number): boolean {
    const { unread } = this.queue;
    if (!this.isEnded || unread === 0) return false;
    if (unread < BLOCK_OVERHEAD) this.lose('', 'cut short');
    else {
      const cut = `cut short in the middle of a block (${unread} of ${length} bytes)`;
      this.lose(`damaged: a block claims ${length} bytes, only ${unread} left`, cut);
    }
    return true;
  }

  /** Finds the block at which reading goes on behind damage. */
  private goOn(): boolean {
    while (this.isDescriptionLost) if (!this.readLostInterface()) return false;
    if (this.damaged.search(this.isEnded)) return true;
    if (this.isEnded) this.fault = this.damaged.lost;
    return false;
  }

  /**
   * Reads an interface description whose block is damaged. The queue stands behind the block's first byte, and then behind
   * that of the next description, if that is lost too. False: more bytes are needed.
   */
  private readLostInterface(): boolean {
    const { queue, bigEndian } = this;
    const { bytes, position, limit } = queue;
    const body = position - 1 + BLOCK_HEADER;
    if (limit < body + 2 * LONGEST_DESCRIPTION && !this.isEnded) return false;
    this.isDescriptionLost = false;
    if (limit < body + INTERFACE_BODY || uint16(bytes, body + 2, bigEndian) !== 0) return true;
    const end = endOfInterface(bytes, body, Math.min(limit, body + LONGEST_DESCRIPTION), bigEndian);
    this.readInterface(body, end);
    const next = end + BLOCK_OVERHEAD - BLOCK_HEADER;
    const isDescription = next + BLOCK_OVERHEAD <= limit && mayBeDescription(uint32(bytes, next, bigEndian));
    this.isDescriptionLost = isDescription && this.soundLength(next) !== CERTAIN;
    if (this.isDescriptionLost) queue.position = next + 1;
    return true;
  }

  /** Where its header is damaged, too, a section begins: its blocks are not those of the section before it. */
  private beginSection(at: number): void {
    this.bigEndian = this.isBigEndian(at);
    this.described.beginSection();
    this.missingInterface = null;
  }

  /** A section header is known by its byte-order magic, too, if its type is damaged. */
  private isSection(type: number, at: number): boolean {
    if (isSearched(type)) return type === SECTION_HEADER;
    const { bytes } = this.queue;
    return uint32(bytes, at + 8, true) === BYTE_ORDER_MAGIC || uint32(bytes, at + 8, false) === BYTE_ORDER_MAGIC;
  }

  /** The byte order of a section; without its magic, the one in which the header's length is the smaller number. */
  private isBigEndian(at: number): boolean {
    const { bytes } = this.queue;
    for (const bigEndian of [true, false]) if (uint32(bytes, at + 8, bigEndian) === BYTE_ORDER_MAGIC) return bigEndian;
    return uint32(bytes, at + 4, true) < uint32(bytes, at + 4, false);
  }

  private isSaneLength(type: number, length: number): boolean {
    if (length < leastLength(type) || length % 4 !== 0 || length > LARGEST_BLOCK) {
      return this.loseBlock(length);
    }
    return true;
  }

  /** Reads a block that is complete in the queue. True: it held a frame. */
  private readBlock(type: number, at: number, length: number): boolean {
    const end = at + length - 4;
    const last = uint32(this.queue.bytes, end, this.bigEndian);
    if (last !== length) return this.lose(`damaged: the lengths of a block differ (${length} and ${last})`);
    const isRead = this.readBody(type, at + BLOCK_HEADER, end);
    if (!isRead && this.fault !== null) return false;
    this.queue.position = at + length;
    return isRead;
  }

  private readBody(type: number, body: number, end: number): boolean {
    switch (type) {
      case ENHANCED_PACKET:
        return this.readPacket(uint32(this.queue.bytes, body, this.bigEndian), body, end);
      case INTERFACE_DESCRIPTION:
        return this.readInterface(body, end);
      case SIMPLE_PACKET:
        return this.readSimplePacket(body, end);
      case INTERFACE_STATISTICS:
        return this.readStatistics(body, end);
      case PACKET:
        return this.readPacket(uint16(this.queue.bytes, body, this.bigEndian), body, end);
      case SECTION_HEADER:
        return this.readSection(body, end);
      default:
        return this.readUnknown(type, body, end);
    }
  }

  /** Another block is skipped, unless its type is unknown and one changed byte of the type explains what it holds. */
  private readUnknown(type: number, body: number, end: number): boolean {
    const { bytes } = this.queue;
    const { bigEndian } = this;
    if (isNumbered(type)) return this.passNumbered();
    if (this.isSection(type, body - BLOCK_HEADER)) {
      this.noteDamage('a section header has another block type');
      return this.readSection(body, end);
    }
    if (mayBeDescription(type) && isInterface(bytes, body, end, bigEndian)) {
      this.noteDamage(`an interface description has block type ${type}`);
      return this.readInterface(body, end);
    }
    const isKnown = this.described.find(uint32(bytes, body, bigEndian)) !== undefined;
    if (isKnown && differsInOneByte(type, ENHANCED_PACKET) && this.isPacket(body, end)) {
      this.noteDamage(`a frame has block type ${type}`);
      return this.readPacket(uint32(bytes, body, bigEndian), body, end);
    }
    return false;
  }

  /** True where the lengths of a frame fit those of its block. */
  private isPacket(body: number, end: number): boolean {
    const { bytes } = this.queue;
    const { bigEndian } = this;
    if (end - body < PACKET_BODY) return false;
    const captured = uint32(bytes, body + 12, bigEndian);
    const options = body + PACKET_BODY + captured + (-captured & 3);
    const isWhole = options === end || (options + 4 <= end && endOfOptions(bytes, options, end, bigEndian) === end);
    return isWhole && captured > 0 && captured <= uint32(bytes, body + 16, bigEndian);
  }

  /** Enhanced and obsolete Packet Blocks differ only in the width of the interface's number. */
  private readPacket(id: number, body: number, end: number): boolean {
    const { bytes } = this.queue;
    const { bigEndian, frame } = this;
    const start = body + PACKET_BODY;
    const room = end - start;
    const claimed = uint32(bytes, body + 12, bigEndian);
    const high = uint32(bytes, body + 4, bigEndian);
    const low = uint32(bytes, body + 8, bigEndian);
    const known = this.described.find(id);
    if (known === undefined && !this.isPacket(body, end)) return this.loseFrame(`interface ${id} is not described`);
    const source = known ?? this.standInFor(id, start, end, high * 2 ** 32 + low);
    if (source === null) return false;
    if (room - claimed >= SMALLEST_OPTIONS) this.readPacketOptions(source, start + ((claimed + 3) & ~3), end);
    if (claimed > room) this.noteDamage(`the frame claims ${claimed} captured bytes, its block has ${room}`);
    source.splitTime(high, low, frame);
    this.setSeconds(frame.seconds + source.timeOffset);
    this.fillFrame(source, start, Math.min(claimed, room), uint32(bytes, body + 16, bigEndian));
    return true;
  }

  /** What stands in for the interface of a frame that is not described. Null: the frame cannot be read. */
  private standInFor(id: number, start: number, end: number, timestamp = 0): Interface | null {
    if (this.file.interfaces.length >= MAX_INTERFACES) {
      this.fail(`more than ${MAX_INTERFACES} interfaces`);
      return null;
    }
    const standIn = this.described.standInFor(this.queue.bytes, start, end, timestamp);
    if (this.missingInterface !== id) {
      this.noteDamage(`interface ${id} is not described, its frames are read as link type ${standIn.linkType}`);
    }
    this.missingInterface = id;
    return standIn;
  }

  /** A time for which no date can be written becomes the nearest second for which one can. */
  private setSeconds(seconds: number): void {
    const { frame } = this;
    frame.seconds = Math.min(Math.max(seconds, 0), MAX_SECONDS);
    if (frame.seconds !== seconds) this.noteDamage('the time of the frame is outside of the years 1970 to 9999');
  }

  private readSimplePacket(body: number, end: number): boolean {
    const start = body + SIMPLE_BODY;
    const original = uint32(this.queue.bytes, body, this.bigEndian);
    const source = this.described.find(0) ?? this.standInFor(0, start, end);
    if (source === null) return false;
    const captured = Math.min(original, source.snapLength || original, end - start);
    this.fillFrame(source, start, captured, original);
    return true;
  }

  private fillFrame(source: Interface, start: number, captured: number, original: number): void {
    const frame = this.frame;
    frame.bytes = this.queue.bytes;
    frame.start = start;
    frame.end = start + captured;
    frame.wireLength = Math.max(original, captured);
    frame.linkType = source.linkType;
    frame.interfaceIndex = source.index;
    frame.number++;
  }

  /** Of the options of a packet only the frames that were dropped before it mean something here. */
  private readPacketOptions(source: Interface, from: number, end: number): void {
    const { bytes } = this.queue;
    for (let at = from; at + SMALLEST_OPTIONS <= end; ) {
      const code = uint16(bytes, at, this.bigEndian);
      if (code === OPTION_END) return;
      if (code === OPTION_PACKET_DROPS)
        source.droppedByPackets += optionCount(bytes.subarray(at + 4, at + 12), this.bigEndian);
      at += 4 + ((uint16(bytes, at + 2, this.bigEndian) + 3) & ~3);
    }
  }

  /** What an interface dropped since the recording began; the last of several is the one that counts. */
  private readStatistics(body: number, end: number): false {
    const source = this.described.find(uint32(this.queue.bytes, body, this.bigEndian));
    if (source === undefined) return false;
    let dropped = 0;
    this.takeOptions(body + STATISTICS_BODY, end, (code, value) => {
      if (code === OPTION_INTERFACE_DROPS || code === OPTION_SYSTEM_DROPS) {
        dropped += optionCount(value, this.bigEndian);
      } else if (code === OPTION_START_TIME) source.recordedSince = value.toString('hex', 0, 8);
    });
    source.droppedByStatistics = dropped;
    return false;
  }

  private readSection(body: number, end: number): false {
    const { bytes } = this.queue;
    const major = uint16(bytes, body + 4, this.bigEndian);
    if (uint32(bytes, body, this.bigEndian) !== BYTE_ORDER_MAGIC) this.noteDamage('no byte-order magic');
    else if (major !== 1) this.noteDamage(`pcapng version ${major}, read as version 1`);
    this.takeOptions(body + SECTION_BODY, end, () => undefined);
    return false;
  }

  private readInterface(body: number, end: number): false {
    if (this.file.interfaces.length >= MAX_INTERFACES) return this.fail(`more than ${MAX_INTERFACES} interfaces`);
    const problem = this.described.describe(this.queue.bytes, body, end, this.bigEndian);
    if (problem !== null) this.noteDamage(problem);
    return false;
  }

  private takeOptions(from: number, end: number, take: (code: number, value: Buffer) => void): void {
    const problem = eachOption(this.queue.bytes, from, end, this.bigEndian, take);
    if (problem !== null) this.noteDamage(problem);
  }

  /**
   * Begins to skip a long block, unless a sound block soon follows its header: then its length is damaged. False: more bytes
   * are needed to know.
   */
  private startSkip(at: number, length: number): boolean {
    const { queue } = this;
    if (queue.unread < 2 * MAX_DAMAGE_LOOKAHEAD && !this.isEnded) return false;
    if (length % 4 !== 0 || this.file.beginsFile(at) || this.holdsBlock(at + BLOCK_HEADER, at + MAX_DAMAGE_LOOKAHEAD))
      this.loseBlock(length);
    else {
      this.skippedLength = length;
      this.skipLeft = length - 4;
      if (isNumbered(uint32(queue.bytes, at, this.bigEndian))) this.passNumbered();
    }
    return true;
  }

  /** True when a sound block begins between these indices of the queue's buffer. */
  private holdsBlock(from: number, to: number): boolean {
    const end = Math.min(to, this.queue.limit);
    for (let at = from; at < end; at++) if (this.soundLength(at) === CERTAIN) return true;
    return false;
  }

  /** Consumes the available bytes of a skipped block. False: its end has not come yet, or its lengths differ. */
  private skip(): boolean {
    const { queue } = this;
    const step = Math.min(this.skipLeft, queue.unread);
    queue.position += step;
    this.skipLeft -= step;
    if (this.skipLeft > 0 || queue.unread < 4) return this.isEnded ? this.fail('cut short') : false;
    const last = uint32(queue.bytes, queue.position, this.bigEndian);
    const length = this.skippedLength;
    this.skippedLength = 0;
    if (last === length) queue.position += 4;
    else this.lose(`damaged: the lengths of a block differ (${length} and ${last})`);
    return true;
  }

  /** Length of the block at `at` behind damage. Its two lengths, which must agree, are evidence enough. */
  private soundLength(at: number): number {
    const { bytes, limit } = this.queue;
    if (at + BLOCK_OVERHEAD > limit) return UNKNOWN;
    const type = uint32(bytes, at, this.bigEndian);
    if (!isSearched(type)) return UNSOUND;
    const bigEndian = type === SECTION_HEADER ? this.isBigEndian(at) : this.bigEndian;
    const length = uint32(bytes, at + 4, bigEndian);
    if (length < leastLength(type) || length % 4 !== 0 || !isPlausible(length, 0)) return UNSOUND;
    if (at + length > limit) return UNKNOWN;
    return uint32(bytes, at + length - 4, bigEndian) === length ? CERTAIN : UNSOUND;
  }

  /** A frame that cannot be read still has a number. */
  private loseFrame(reason: string): false {
    this.noteDamage(reason);
    return this.passNumbered();
  }

  private passNumbered(): false {
    this.frame.number++;
    return false;
  }

  private noteDamage(reason: string): void {
    this.damaged.note(this.frame.number + 1, `damaged: ${reason}`);
  }

  private loseBlock(length: number): false {
    const { bytes, position } = this.queue;
    const isEmpty = isZero(bytes, position, BLOCK_HEADER);
    return this.lose(isEmpty ? 'zeros in place of a block' : `damaged: a block claims ${length} bytes`);
  }

  private lose(reason: string, cutReason: string | null = null): false {
    const { bytes, position } = this.queue;
    const type = uint32(bytes, position, this.bigEndian);
    // Another file in place of a block is no damage.
    this.isFollowed = type !== SECTION_HEADER && this.file.beginsFile(position);
    if (this.isFollowed) return false;
    this.isDescriptionLost = type === INTERFACE_DESCRIPTION;
    this.damaged.begin(this.frame.number + 1, reason, cutReason, !isUnnumbered(type));
    return false;
  }

  private fail(reason: string): false {
    this.fault = { frame: this.frame.number + 1, offset: this.queue.consumed, reason };
    return false;
  }
}

/** True for the type of an interface description, also if one byte of it was changed. */
function mayBeDescription(type: number): boolean {
  return type === INTERFACE_DESCRIPTION || (!isSearched(type) && differsInOneByte(type, INTERFACE_DESCRIPTION));
}

function differsInOneByte(a: number, b: number): boolean {
  const difference = (a ^ b) >>> 0;
  return [0xff, 0xff00, 0xff0000, 0xff000000].some((mask) => (difference & ~mask) === 0);
}
