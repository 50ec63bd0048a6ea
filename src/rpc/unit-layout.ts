/**
 * The layout of units. A unit is a message that stands alone in memory that threads share: what the ordered pass
 * knows of it as numbers, its bytes, and its endpoints where a block names them first. unit-writer.ts writes
 * units, unit-reader.ts reads them.
 *
 * The usual message takes 20 words; units are small because each cache line that one core writes and another reads
 * costs both. The header is read again from the bytes (RFC 5531 §9), so nothing is stored twice. A unit has all that
 * rendering needs, but not the carrying frames (`order`, `carriers`, `opening`), which only `-w` asks for.
 */
import type { RetransmissionKind } from './message.js';

// Words of a unit. Behind them are, for an unusual message, its doubles; then the message's bytes; then its notes as
// JSON.
export const NEXT = 0;
export const FLAGS = 1;
export const HAVE = 2;
export const NUMBER = 3;
export const FRAME = 4;
export const SECONDS = 5;
export const NANOSECONDS = 6;
export const FILE = 7;
export const INTERFACE = 8;
export const CONNECTION = 9;
export const SOURCE = 10;
export const DESTINATION = 11;
export const EXCHANGE = 12;
export const CALL_FRAME = 13;
export const ELAPSED = 14;
export const PROGRAM = 15;
export const VERSION = 16;
export const PROCEDURE = 17;
/** Where the text is that was made of the unit ahead of its turn; both 0: there is none. */
export const TEXT_START = 18;
export const TEXT_END = 19;
export const WORDS = 20;

/**
 * Doubles of an unusual message: all numbers that may be too large for words, and those that are implied in a message
 * that is whole, fills one frame, has its call in the same file, repeats nothing and has no notes.
 */
export const FULL_NUMBER = 0;
export const FULL_FRAME = 1;
export const FULL_SECONDS = 2;
export const FULL_CALL_FRAME = 3;
export const FULL_ELAPSED = 4;
export const LENGTH = 5;
export const MOST_LENGTH = 6;
export const FIRST_FRAME = 7;
export const FIRST_FILE = 8;
export const FRAME_COUNT = 9;
export const TRANSFER = 10;
export const CALL_FILE = 11;
export const RETRANSMISSION_FRAME = 12;
export const RETRANSMISSION_FILE = 13;
export const NOTES_LENGTH = 14;
export const DOUBLES = 15;

// Bits of the flags; from KIND upward, the kind of retransmission as an index in KINDS.
export const IS_ANSWER = 1;
export const SAME_BYTES = 2;
export const HAS_INTERFACES = 4;
export const IS_PLAIN = 8;
export const IS_APART = 16;
export const IS_CALL = 32;
export const HAS_PROGRAM = 64;
export const HAS_VERSION = 128;
export const HAS_PROCEDURE = 256;
export const IS_UDP = 512;
export const IS_RDMA = 1024;
export const IS_UNUSUAL = 2048;
export const KIND = 4096;
export const KINDS: readonly (RetransmissionKind | null)[] = [
  null,
  'rpc',
  'rpc_after_reply',
  'rpc_reconnect',
  'duplicate_reply',
];

/**
 * Words of an endpoint: its size as a negative number (a unit begins with a positive one), its id, port, and length as
 * text.
 */
export const ENDPOINT_WORDS = 4;
/** Bytes of a word and of a double. Units and endpoints begin at multiples of a double. */
export const WORD = 4;
export const DOUBLE = 8;

/** The memory of one block: the same bytes as words, doubles and bytes. */
export class UnitMemory {
  readonly words: Int32Array;
  readonly doubles: Float64Array;
  readonly bytes: Buffer;

  /** @param start Offset in `memory`, a multiple of 8. */
  constructor(memory: SharedArrayBuffer, start: number, length: number) {
    this.words = new Int32Array(memory, start, length / WORD);
    this.doubles = new Float64Array(memory, start, length / DOUBLE);
    this.bytes = Buffer.from(memory, start, length);
  }
}
