/**
 * A stamp says which frame carried something and when it arrived: what messages need of a
 * frame once its bytes are gone.
 */
import type { Rest } from './rest.js';

export interface Stamp {
  /** Number of the frame within its file, from 1; `order` counts the frames of all files as they are read, from 0. */
  frame: number;
  order: number;
  seconds: number;
  nanoseconds: number;
  /** Index of the input file, and of the interface within it. */
  file: number;
  interfaceIndex: number;
}

/** Where something was that a user is told of: a frame of an input file, and its order among all frames. */
export interface Place {
  file: number;
  frame: number;
  order: number;
}

/** The earlier of a place, if there is one, and of a frame. */
export function firstPlace(place: Place | null, { file, frame, order }: Place): Place {
  return place !== null && place.order <= order ? place : { file, frame, order };
}

export function newStamp(): Stamp {
  return { frame: 0, order: 0, seconds: 0, nanoseconds: 0, file: 0, interfaceIndex: 0 };
}

/** Writes or reads what is kept at rest. */
export function keepStampAtRest(stamp: Stamp, rest: Rest): void {
  stamp.frame = rest.integer(stamp.frame);
  stamp.order = rest.integer(stamp.order);
  stamp.seconds = rest.integer(stamp.seconds);
  stamp.nanoseconds = rest.integer(stamp.nanoseconds);
  stamp.file = rest.integer(stamp.file);
  stamp.interfaceIndex = rest.integer(stamp.interfaceIndex);
}

export function copyStamp(from: Stamp, to: Stamp): void {
  to.frame = from.frame;
  to.order = from.order;
  to.seconds = from.seconds;
  to.nanoseconds = from.nanoseconds;
  to.file = from.file;
  to.interfaceIndex = from.interfaceIndex;
}

/** Nanoseconds from one time to a later one; exact for spans up to 104 days (2^53 ns). */
export function nanosecondsBetween(
  fromSeconds: number,
  fromNanoseconds: number,
  toSeconds: number,
  toNanoseconds: number,
): number {
  return (toSeconds - fromSeconds) * 1_000_000_000 + (toNanoseconds - fromNanoseconds);
}
