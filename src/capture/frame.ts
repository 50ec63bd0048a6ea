/**
 * The interface of all capture readers: one frame at a time, as a view into the reader's own buffer.
 *
 * Readers do no I/O. The caller fills `queue` with the file's bytes in chunks of any size, and calls `next()` until it
 * answers false: more bytes are needed, the file has ended, or it is broken. Reading a frame never awaits.
 */
import type { ByteQueue } from './byte-queue.js';
import type { Drops } from './drops.js';

/** A captured frame. Each reader reuses one object; the object and its bytes are valid until the next `next()`. */
export interface Frame {
  /** The buffer that holds the frame; its captured bytes are `bytes[start..end)`. */
  bytes: Uint8Array;
  start: number;
  end: number;
  /** Length on the wire in bytes; more than `end - start` when a snaplen cut the frame. */
  wireLength: number;
  /** Arrival, seconds since 1970 (an integer from 0 to MAX_SECONDS) and nanoseconds within the second. */
  seconds: number;
  nanoseconds: number;
  /** The LINKTYPE_ number (https://www.tcpdump.org/linktypes.html). */
  linkType: number;
  /** Number of the frame within its file, from 1, as Wireshark counts. */
  number: number;
  /** Index of the pcapng interface over all sections of the file, else 0. */
  interfaceIndex: number;
}

/** Why a file could not be read to its end. `frame` is the number of the frame that could not be read. */
export interface CaptureFault {
  frame: number;
  /** Offset in the (uncompressed) file, in bytes. */
  offset: number;
  reason: string;
}

export interface CaptureInterface {
  linkType: number;
  name?: string;
}

export interface FrameReader {
  readonly queue: ByteQueue;
  readonly frame: Frame;
  /** Interfaces seen so far: one for classic formats. */
  readonly interfaces: readonly CaptureInterface[];
  /** Set once, when the file is broken; `next()` answers false from then on. */
  readonly fault: CaptureFault | null;
  /** The first damage behind which reading went on, and how much of it there was; null: none so far. */
  readonly damage: CaptureFault | null;
  /** Frames that were dropped while the file was recorded, as the file says so far; absent: the format does not say. */
  readonly drops?: readonly Drops[];
  /** Reads the next frame into `frame`. False: more bytes are needed, or nothing is left, or `fault` is set. */
  next(): boolean;
  /**
   * To be called when no more bytes will come and `next()` has answered false. Frames that could only be read with
   * a look at the bytes behind them may still follow, so `next()` is to be called until it answers false again; `fault`
   * is set then if the file ends within a frame.
   */
  finish(): void;
}

/** The reader of one format, which fills the frame of its CaptureFile. */
export interface FormatReader extends Pick<FrameReader, 'fault' | 'drops' | 'next' | 'finish'> {
  /** True when `next()` has answered false because the file of another reader begins at the queue's position. */
  readonly isFollowed: boolean;
}

export function emptyFrame(): Frame {
  return {
    bytes: new Uint8Array(0),
    start: 0,
    end: 0,
    wireLength: 0,
    seconds: 0,
    nanoseconds: 0,
    linkType: 0,
    number: 0,
    interfaceIndex: 0,
  };
}
