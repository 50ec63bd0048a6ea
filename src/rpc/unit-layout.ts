/**
 * Messages as units that stand alone, in memory that threads share: what the ordered pass knows of a message in numbers, its bytes, and its
 * endpoints where a block names them first. The usual message takes 20 words: each line of memory that one core writes and another reads
 * costs both. The header is in the bytes: it is read from them again (RFC 5531 §9), so nothing is said twice. A unit says all that
 * rendering takes, but not which frames carried it (`order`, `carriers`, `opening`), which only `-w` asks for.
 * Here is where everything lies; `unit-writer.ts` writes it, `unit-reader.ts` reads it.
 */
import type { RetransmissionKind } from './message.js';

// Words of a unit. Behind them stand, where the flags say so, the doubles of an unusual message; then its bytes, then its notes as JSON.
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
/** Where the text lies that was made of the unit ahead of its turn; both 0 where there is none. */
export const TEXT_START = 18;
export const TEXT_END = 19;
export const WORDS = 20;

/**
 * Doubles of an unusual message, behind its words: all numbers that its words may be too small for, and those that follow from others in a message
 * that is whole, fills one frame, repeats nothing and has no notes.
 */
export const FULL_NUMBER = 0;
export const FULL_FRAME = 1;
export const FULL_SECONDS = 2;
export const FULL_CALL_FRAME = 3;
export const FULL_ELAPSED = 4;
export const LENGTH = 5;
export const MOST_LENGTH = 6;
export const FIRST_FRAME = 7;
export const FRAME_COUNT = 8;
export const TRANSFER = 9;
export const RETRANSMISSION_FRAME = 10;
export const NOTES_LENGTH = 11;
export const DOUBLES = 12;

// Bits of the flags; from KIND on the kind of retransmission.
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
export const IS_UNUSUAL = 1024;
export const KIND = 2048;
export const KINDS: readonly (RetransmissionKind | null)[] = [
  null,
  'rpc',
  'rpc_after_reply',
  'rpc_reconnect',
  'duplicate_reply',
];

/** Words of an endpoint: its size, negative (a unit opens with a positive number), its id, port, and the length of its address as text. */
export const ENDPOINT_WORDS = 4;
/** Units and endpoints begin at doubles. */
export const WORD = 4;
export const DOUBLE = 8;

/** Memory of one block: the same bytes in three ways. */
export class UnitMemory {
  readonly words: Int32Array;
  readonly doubles: Float64Array;
  readonly bytes: Buffer;

  /** @param start A multiple of 8. */
  constructor(memory: SharedArrayBuffer, start: number, length: number) {
    this.words = new Int32Array(memory, start, length / WORD);
    this.doubles = new Float64Array(memory, start, length / DOUBLE);
    this.bytes = Buffer.from(memory, start, length);
  }
}
