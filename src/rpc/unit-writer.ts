/** Writes messages as units (`unit-layout.ts`) into blocks of memory that threads share. */
import type { Endpoint } from '../network/flow.js';
import { RDMA, UDP } from '../network/protocols.js';
import { isGssFlavor } from './auth/index.js';
import { CALL, type Message } from './message.js';
import type { UnitMemory } from './unit-layout.js';
import * as Unit from './unit-layout.js';

/** The most bytes that are copied word by word; for more, a call into the runtime costs less. */
const MAX_WORD_LOOP = 512;
/** The most bytes of a UTF-16 code unit of a note. */
const MOST_UTF8 = 3;
/** Length of the longest address as text: IPv6 with an IPv4 part. */
const MOST_ADDRESS = 48;
/** The most bytes of a unit besides its message's bytes and notes: numbers, two endpoints, padding. */
const MOST_OVERHEAD =
  Unit.WORDS * Unit.WORD +
  Unit.DOUBLES * Unit.DOUBLE +
  2 * (Unit.ENDPOINT_WORDS * Unit.WORD + MOST_ADDRESS) +
  Unit.DOUBLE;
/** Endpoints of a block that the writer remembers, by their ids. */
const WRITTEN_ENDPOINTS = 256;

/** What is known of a message besides itself. */
export interface UnitFacts {
  /** Records of this input name the interface of their frame. */
  hasInterfaces: boolean;
  /** The message's bytes found no room in the block, and are in a memory of their own, from its beginning on. */
  isApart: boolean;
}

export class UnitWriter {
  private memory!: UnitMemory;
  /** Words written so far. */
  length = 0;
  /** Word where the last unit begins. */
  unit = 0;
  /** The bytes that were last copied from, which usually hold the next message too. */
  private copied: Uint8Array = new Uint8Array(0);
  private copiedView = new DataView(this.copied.buffer);
  private readonly endpoints: (Endpoint | null)[] = new Array(WRITTEN_ENDPOINTS).fill(null);
  private readonly places = new Int32Array(WRITTEN_ENDPOINTS);
  /** By exchange: 1 if its call had no RPCSEC_GSS credential. */
  private readonly unprotected: Uint8Array;

  /** @param exchanges Exchanges known at a time. */
  constructor(exchanges: number) {
    this.unprotected = new Uint8Array(exchanges);
  }

  begin(memory: UnitMemory): void {
    this.memory = memory;
    this.length = 0;
    this.endpoints.fill(null);
  }

  /** True when there is room for a message in the block; `isApart`: for a message without its bytes. */
  hasRoom(message: Message, isApart: boolean): boolean {
    const bytes = (isApart ? 0 : message.have) + MOST_OVERHEAD + MOST_UTF8 * notesOf(message).length;
    return this.length * Unit.WORD + bytes <= this.memory.bytes.length;
  }

  /** Writes a message, for which there must be room. */
  write(message: Message, facts: UnitFacts): void {
    const { words } = this.memory;
    const source = this.placeOf(message.source);
    const destination = this.placeOf(message.destination);
    const isUsual = isUsualMessage(message);
    const at = this.length;
    this.unit = at;
    words[at + Unit.FLAGS] = this.flagsOf(message, facts) | (isUsual ? 0 : Unit.IS_UNUSUAL);
    words[at + Unit.HAVE] = message.end - message.start;
    words[at + Unit.NUMBER] = message.number;
    words[at + Unit.FRAME] = message.frame;
    words[at + Unit.SECONDS] = message.seconds;
    words[at + Unit.NANOSECONDS] = message.nanoseconds;
    words[at + Unit.FILE] = message.file;
    words[at + Unit.INTERFACE] = message.interfaceIndex;
    words[at + Unit.CONNECTION] = message.connection;
    words[at + Unit.SOURCE] = source;
    words[at + Unit.DESTINATION] = destination;
    words[at + Unit.EXCHANGE] = message.exchange;
    words[at + Unit.CALL_FRAME] = message.callFrame;
    words[at + Unit.ELAPSED] = message.elapsed;
    words[at + Unit.PROGRAM] = message.program;
    words[at + Unit.VERSION] = message.version;
    words[at + Unit.PROCEDURE] = message.procedure;
    words[at + Unit.TEXT_START] = 0;
    words[at + Unit.TEXT_END] = 0;
    const behind = (at + Unit.WORDS) * Unit.WORD;
    const end = isUsual ? this.copyBytes(message, facts, behind) : this.writeUnusual(message, facts, behind);
    words[at + Unit.NEXT] = this.endAt(end);
  }

  /** Writes what follows the words of an unusual message. Returns where that ends, in bytes. */
  private writeUnusual(message: Message, facts: UnitFacts, start: number): number {
    const { doubles, bytes } = this.memory;
    const notes = notesOf(message);
    const at = start / Unit.DOUBLE;
    doubles[at + Unit.FULL_NUMBER] = message.number;
    doubles[at + Unit.FULL_FRAME] = message.frame;
    doubles[at + Unit.FULL_SECONDS] = message.seconds;
    doubles[at + Unit.FULL_CALL_FRAME] = message.callFrame;
    doubles[at + Unit.FULL_ELAPSED] = message.elapsed;
    doubles[at + Unit.LENGTH] = message.length;
    doubles[at + Unit.MOST_LENGTH] = message.mostLength;
    doubles[at + Unit.FIRST_FRAME] = message.firstFrame;
    doubles[at + Unit.FIRST_FILE] = message.firstFile;
    doubles[at + Unit.FRAME_COUNT] = message.frameCount;
    doubles[at + Unit.TRANSFER] = message.transfer;
    doubles[at + Unit.CALL_FILE] = message.callFile;
    doubles[at + Unit.RETRANSMISSION_FRAME] = message.retransmissionFrame;
    doubles[at + Unit.RETRANSMISSION_FILE] = message.retransmissionFile;
    const end = this.copyBytes(message, facts, start + Unit.DOUBLES * Unit.DOUBLE);
    const notesLength = notes === '' ? 0 : bytes.write(notes, end, 'utf8');
    doubles[at + Unit.NOTES_LENGTH] = notesLength;
    return end + notesLength;
  }

  /** Sets where the next unit or endpoint begins: behind this byte. Returns that word. */
  private endAt(byte: number): number {
    this.length = ((byte + Unit.DOUBLE - 1) >> 3) << 1;
    return this.length;
  }

  /** Copies a message's bytes to `at`, unless they are kept apart. Returns where they end. */
  private copyBytes({ bytes, start, end }: Message, { isApart }: UnitFacts, at: number): number {
    if (isApart) return at;
    const to = this.memory;
    const next = at + end - start;
    if (end - start > MAX_WORD_LOOP) {
      to.bytes.set(bytes.subarray(start, end), at);
      return next;
    }
    if (bytes !== this.copied) {
      this.copied = bytes;
      this.copiedView = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    }
    const { copiedView: view } = this;
    const { words } = to;
    let from = start;
    let word = at >> 2;
    for (; from + 16 <= end; from += 16, word += 4) {
      words[word] = view.getInt32(from, true);
      words[word + 1] = view.getInt32(from + 4, true);
      words[word + 2] = view.getInt32(from + 8, true);
      words[word + 3] = view.getInt32(from + 12, true);
    }
    for (; from + 4 <= end; from += 4) words[word++] = view.getInt32(from, true);
    for (let left = next - (end - from); from < end; ) to.bytes[left++] = bytes[from++];
    return next;
  }

  private flagsOf(message: Message, { hasInterfaces, isApart }: UnitFacts): number {
    const kind = message.retransmission === null ? 0 : Unit.KINDS.indexOf(message.retransmission);
    return (
      (message.isAnswer ? Unit.IS_ANSWER : 0) |
      (message.sameBytes ? Unit.SAME_BYTES : 0) |
      (hasInterfaces ? Unit.HAS_INTERFACES : 0) |
      (this.isPlain(message) ? Unit.IS_PLAIN : 0) |
      (isApart ? Unit.IS_APART : 0) |
      (message.type === CALL ? Unit.IS_CALL : 0) |
      (message.program >= 0 ? Unit.HAS_PROGRAM : 0) |
      (message.version >= 0 ? Unit.HAS_VERSION : 0) |
      (message.procedure >= 0 ? Unit.HAS_PROCEDURE : 0) |
      (message.protocol === UDP ? Unit.IS_UDP : message.protocol === RDMA ? Unit.IS_RDMA : 0) |
      (Unit.KIND * kind)
    );
  }

  /**
   * True for a message that can be rendered ahead: no retransmission, without faults and notes, and not of RPCSEC_GSS.
   */
  private isPlain(message: Message): boolean {
    const { exchange, type, retransmission } = message;
    if (exchange < 0) return false;
    if (type === CALL && retransmission === null) {
      this.unprotected[exchange] = isGssFlavor(message.credential.flavor) ? 0 : 1;
    }
    return (
      this.unprotected[exchange] === 1 &&
      retransmission === null &&
      message.body >= 0 &&
      !isGssFlavor(message.verifier.flavor) &&
      message.headerFault === null &&
      message.notes.length === 0
    );
  }

  /** Word of the block where an endpoint is; writes it if it is not there. */
  private placeOf(endpoint: Endpoint): number {
    const index = endpoint.id % WRITTEN_ENDPOINTS;
    if (this.endpoints[index] === endpoint) return this.places[index];
    const { words, bytes } = this.memory;
    const at = this.length;
    const start = (at + Unit.ENDPOINT_WORDS) * Unit.WORD;
    words[at] = at - this.endAt(start + bytes.write(endpoint.address, start, 'latin1'));
    words[at + 1] = endpoint.id;
    words[at + 2] = endpoint.port;
    words[at + 3] = endpoint.address.length;
    this.endpoints[index] = endpoint;
    this.places[index] = at;
    return at;
  }
}

/**
 * True when the words of a unit are enough: the message is whole, in one frame, its call in the same file, no
 * retransmission, without notes, and its numbers fit into words.
 */
function isUsualMessage(message: Message): boolean {
  const { number, frame, seconds, callFrame, elapsed, firstFrame, frameCount } = message;
  return (
    frameCount === 1 &&
    firstFrame === frame &&
    message.transfer === 0 &&
    message.length === message.end - message.start &&
    message.mostLength === 0 &&
    (callFrame < 0 || message.callFile === message.file) &&
    message.retransmission === null &&
    message.notes.length === 0 &&
    isWord(number) &&
    isWord(frame) &&
    isWord(seconds) &&
    isWord(callFrame) &&
    isWord(elapsed)
  );
}

function isWord(value: number): boolean {
  return (value | 0) === value;
}

function notesOf({ notes }: Message): string {
  return notes.length === 0 ? '' : JSON.stringify(notes);
}
