/**
 * The interfaces of a pcapng file: what Interface Description Blocks say (draft-ietf-opsawg-pcapng §4.2), and what stands
 * in for a description that is lost. Packets name an interface by its number within their section.
 */
import { MAX_INTERFACE_NAME } from '../limits/capture.js';
import { uint16, uint32 } from './byte-order.js';
import type { CaptureInterface } from './frame.js';
import { guessLinkType } from './link-guess.js';
import { BLOCK_HEADER, BLOCK_OVERHEAD, INTERFACE_BODY } from './pcapng-blocks.js';
import { eachOption, endOfOptions } from './pcapng-options.js';
import { type TimeSplitter, timeSplitter } from './timestamp.js';

const OPTION_NAME = 2;
const OPTION_TIME_RESOLUTION = 9;
const OPTION_TIME_OFFSET = 14;
const MICROSECONDS = 6;
const NANOSECONDS = 9;
/** 2100 in microseconds: a timestamp behind it counts nanoseconds. */
const LAST_MICROSECOND = 4_102_444_800e6;

export interface Interface extends CaptureInterface {
  /** Index over all sections of the file. */
  index: number;
  snapLength: number;
  splitTime: TimeSplitter;
  /** Seconds to add to every timestamp (if_tsoffset). */
  timeOffset: number;
  /** Dropped frames: by the interface's last statistics (isb_ifdrop and isb_osdrop), and by its packets (epb_dropcount). */
  droppedByStatistics: number;
  droppedByPackets: number;
  /** When the recording began, as hexadecimal digits (isb_starttime); empty: unknown. */
  recordedSince: string;
}

export class PcapngInterfaces {
  /** Over all sections. */
  readonly own: Interface[] = [];
  private section: Interface[] = [];
  /** What stands in for interfaces of the section that are not described. */
  private standIn: Interface | null = null;

  /** @param all Those of the file, to which these are added. */
  constructor(private readonly all: CaptureInterface[]) {}

  beginSection(): void {
    this.section = [];
    this.standIn = null;
  }

  find(id: number): Interface | undefined {
    return this.section[id];
  }

  /** Adds the interface that a block describes. @returns What is wrong with its options; null: nothing. */
  describe(bytes: Buffer, body: number, end: number, bigEndian: boolean): string | null {
    const described = this.add(uint16(bytes, body, bigEndian));
    described.snapLength = uint32(bytes, body + 4, bigEndian);
    this.section.push(described);
    return eachOption(bytes, body + INTERFACE_BODY, end, bigEndian, (code, value) => {
      if (code === OPTION_NAME) described.name = text(value);
      else if (code === OPTION_TIME_RESOLUTION && value.length >= 1) described.splitTime = timeSplitter(value[0]);
      else if (code === OPTION_TIME_OFFSET && value.length >= 8) {
        described.timeOffset = Number(bigEndian ? value.readBigInt64BE() : value.readBigInt64LE());
      }
    });
  }

  /**
   * The interface of a packet whose description is lost: like the first of its section, else like the last of the file,
   * else of the link type and the unit of time that the packet, `bytes[start..end)`, fits.
   * @param timestamp In the interface's unit.
   */
  standInFor(bytes: Buffer, start: number, end: number, timestamp: number): Interface {
    if (this.standIn !== null) return this.standIn;
    const like = this.section.at(0) ?? this.own.at(-1);
    const standIn = this.add(like?.linkType ?? guessLinkType(bytes, start, end));
    standIn.splitTime = like?.splitTime ?? timeSplitter(timestamp > LAST_MICROSECOND ? NANOSECONDS : MICROSECONDS);
    standIn.timeOffset = like?.timeOffset ?? 0;
    this.standIn = standIn;
    return standIn;
  }

  private add(linkType: number): Interface {
    const added: Interface = {
      index: this.all.length,
      linkType,
      snapLength: 0,
      splitTime: timeSplitter(MICROSECONDS),
      timeOffset: 0,
      droppedByStatistics: 0,
      droppedByPackets: 0,
      recordedSince: '',
    };
    this.all.push(added);
    this.own.push(added);
    return added;
  }
}

/** True where a block of another type has the contents of an interface description, to its last byte. */
export function isInterface(bytes: Buffer, body: number, end: number, bigEndian: boolean): boolean {
  const isBody = end - body >= INTERFACE_BODY && uint16(bytes, body, bigEndian) > 0;
  if (!isBody || uint16(bytes, body + 2, bigEndian) !== 0) return false;
  return endOfOptions(bytes, body + INTERFACE_BODY, end, bigEndian) === end;
}

/**
 * Where the body of an interface description ends whose block is damaged: where one of the block's two lengths says so, or,
 * if both are wrong, where its options end.
 */
export function endOfInterface(bytes: Buffer, body: number, limit: number, bigEndian: boolean): number {
  const claimed = uint32(bytes, body - BLOCK_HEADER + 4, bigEndian);
  const options = body + INTERFACE_BODY;
  const end = endOfOptions(bytes, options, limit, bigEndian);
  for (let at = options; at < end; at += 4) {
    const length = at - body + BLOCK_OVERHEAD;
    if (length === claimed || length === uint32(bytes, at, bigEndian)) return at;
  }
  return end;
}

/** Some writers end strings with a NUL. */
function text(value: Buffer): string {
  return value.toString('utf8', 0, MAX_INTERFACE_NAME).replace(/\0.*$/s, '');
}
