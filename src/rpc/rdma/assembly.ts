/**
 * Puts the data of chunks back where they were taken out of a message (RFC 8166 §3.4.4), with the padding that XDR wants
 * and that no chunk has. Bytes that were not captured cut the message there, as everywhere.
 */
import { padded } from '../../xdr/bytes.js';
import type { RecordStore } from '../record-store.js';
import type { Chunk } from './chunk.js';

/** The first bytes of a message or a part: `bytes[start..end)`, of `length`. */
export interface Extent {
  bytes: Uint8Array;
  start: number;
  end: number;
  length: number;
}

/** Data that was taken out: `length` bytes of a chunk, which belong at `position` in the whole message. */
export interface Insertion {
  position: number;
  chunk: Chunk;
  length: number;
}

export const NO_BYTES = new Uint8Array(0);
const PADDING = new Uint8Array(3);

/** The bytes of a chunk of which `length` were used. */
export function extentOf({ store }: Chunk, length: number): Extent {
  return { bytes: store.bytes ?? NO_BYTES, start: 0, end: Math.min(length, store.length), length };
}

/**
 * Writes the message of which `rest` was sent without the data, which are sorted by position. Returns its length;
 * `store.length` bytes of it are there.
 */
export function assemble(store: RecordStore, rest: Extent, insertions: readonly Insertion[]): number {
  let length = 0;
  let taken = 0;
  const add = ({ bytes, start, end }: Extent, from: number, to: number) => {
    const there = Math.max(0, Math.min(to, end - start) - from);
    store.keep(bytes, start + from, there, there);
    if (from + there < to) store.isHoled = true;
    length += to - from;
  };
  for (const { position, chunk, length: used } of insertions) {
    const next = Math.min(rest.length, taken + Math.max(0, position - length));
    add(rest, taken, next);
    taken = next;
    add(extentOf(chunk, used), 0, used);
    const padding = padded(used) - used;
    add({ bytes: PADDING, start: 0, end: padding, length: padding }, 0, padding);
  }
  add(rest, taken, rest.length);
  return length;
}
