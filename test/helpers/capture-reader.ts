/** Reads captures for tests: all frames of some bytes as owned objects, at any chunk size, with what went wrong. */
import { ByteQueue } from '../../src/capture/byte-queue.js';
import { FILE_START } from '../../src/capture/capture-file.js';
import { detectFormat } from '../../src/capture/format.js';
import type { CaptureFault, CaptureInterface, Frame } from '../../src/capture/frame.js';

export interface OwnedFrame {
  data: string;
  wireLength: number;
  seconds: number;
  nanoseconds: number;
  linkType: number;
  number: number;
  interfaceIndex: number;
}

export interface ReadCapture {
  frames: OwnedFrame[];
  fault: CaptureFault | null;
  /** The first damage behind which reading went on. */
  damage: CaptureFault | null;
  interfaces: readonly CaptureInterface[];
}

export interface TracedCapture extends ReadCapture {
  /** Where each frame's record ends in the file. */
  ends: number[];
  /** Bytes that were not consumed. */
  left: number;
}

function ownFrame(frame: Frame): OwnedFrame {
  const { bytes, start, end, ...rest } = frame;
  return { data: Buffer.from(bytes.subarray(start, end)).toString('hex'), ...rest };
}

/** The format is found from the bytes. */
export function readCapture(capture: Uint8Array, chunkSize = capture.length || 1): ReadCapture {
  const { frames, fault, damage, interfaces } = traceCapture(capture, chunkSize);
  return { frames, fault, damage, interfaces };
}

export function traceCapture(capture: Uint8Array, chunkSize = capture.length || 1): TracedCapture {
  const format = detectFormat(capture);
  if (format === null || format === 'more') throw new Error('not a capture');
  const queue = new ByteQueue();
  // The bytes that told the format are in the queue.
  const first = Math.max(chunkSize, FILE_START);
  queue.append(capture.subarray(0, first));
  const reader = format(queue);
  const frames: OwnedFrame[] = [];
  const ends: number[] = [];
  const drain = () => {
    while (reader.next()) {
      frames.push(ownFrame(reader.frame));
      ends.push(queue.consumed);
    }
  };
  drain();
  for (let at = first; at < capture.length && reader.fault === null; at += chunkSize) {
    queue.append(capture.subarray(at, at + chunkSize));
    drain();
  }
  reader.finish();
  drain();
  const interfaces = reader.interfaces.map(({ linkType, name }) => ({
    linkType,
    ...(name === undefined ? {} : { name }),
  }));
  return { frames, fault: reader.fault, damage: reader.damage, interfaces, ends, left: queue.unread };
}
