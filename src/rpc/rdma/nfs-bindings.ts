/**
 * Where the data belongs that an NFS reply left to write chunks (RFC 8267 §§4, 5): a reply does not say. It is the data of
 * a READ or the text of a READLINK, whose length stays in the reply. In versions 2 and 3 that length is the reply's last
 * word. A compound of version 4 has it behind the operation's number, its status and, of a READ, a boolean (RFC 8881
 * §§18.22, 18.23); its operations get the chunks in their order.
 */
import { padded, read32 } from '../../xdr/bytes.js';

const NFS = 100003;
const READLINK = 5;
const READ = 6;
const COMPOUND = 1;
const OP_READ = 25;
const OP_READLINK = 27;

/** The procedure that a reply answers; -1 where it is not known. */
export interface Called {
  program: number;
  version: number;
  procedure: number;
}

/**
 * The offsets in the reply `bytes[start..end)` behind which the data of so many bytes belong, in order: as many as are
 * found.
 */
export function placesOfData(
  bytes: Uint8Array,
  start: number,
  end: number,
  { program, version, procedure }: Called,
  lengths: readonly number[],
): number[] {
  if (program !== NFS || end - start < 4) return [];
  if (version < 4) {
    const isData = procedure === READ || procedure === READLINK;
    return isData && lengths.length === 1 && hasLength(bytes, end - 4, lengths[0]) ? [end - start] : [];
  }
  const places: number[] = [];
  for (let at = start; procedure === COMPOUND && at + 12 <= end && places.length < lengths.length; at += 4) {
    const length = lengthAfter(bytes, at, end);
    if (length < 0 || !hasLength(bytes, length, lengths[places.length])) continue;
    places.push(length + 4 - start);
    at = length;
  }
  return places;
}

/** Where the length of the data is if the result of a READ or READLINK is at `at`; -1: there is none. */
function lengthAfter(bytes: Uint8Array, at: number, end: number): number {
  const operation = read32(bytes, at);
  if ((operation !== OP_READ && operation !== OP_READLINK) || read32(bytes, at + 4) !== 0) return -1;
  if (operation === OP_READLINK) return at + 8;
  return at + 16 <= end && read32(bytes, at + 8) <= 1 ? at + 12 : -1;
}

/** True for the length of an opaque that a chunk of `length` bytes holds, with its padding or without. */
function hasLength(bytes: Uint8Array, at: number, length: number): boolean {
  const word = read32(bytes, at);
  return word <= length && length <= padded(word);
}
