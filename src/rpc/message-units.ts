/**
 * Messages as units that stand alone, in memory that threads share: what the ordered pass knows of a message in numbers, its bytes, and its
 * endpoints where a block names them first. The usual message takes 20 words: each line of memory that one core writes and another reads costs both. The header is in the bytes: it is read from them again (RFC 5531 §9), so nothing is said
 * twice. A unit says all that rendering takes, but not which frames carried it (`order`, `carriers`, `opening`), which only `-w` asks for.
 */
import type { Endpoint } from '../network/flow.js';
import { TCP, UDP } from '../network/transport.js';
import { rpcsecGss } from './auth/rpcsec-gss.js';
import { readHeader } from './header.js';
import { CALL, Message, type RetransmissionKind } from './message.js';

// Words of a unit. Behind them stand, where the flags say so, the doubles of an unusual message; then its bytes, then its notes as JSON.
const NEXT = 0;
const FLAGS = 1;
const HAVE = 2;
const NUMBER = 3;
const FRAME = 4;
const SECONDS = 5;
const NANOSECONDS = 6;
const FILE = 7;
const INTERFACE = 8;
const CONNECTION = 9;
const SOURCE = 10;
const DESTINATION = 11;
const EXCHANGE = 12;
const CALL_FRAME = 13;
const ELAPSED = 14;
const PROGRAM = 15;
const VERSION = 16;
const PROCEDURE = 17;
/** Where the text lies that was made of the unit ahead of its turn; both 0 where there is none. */
const TEXT_START = 18;
const TEXT_END = 19;
const WORDS = 20;

/**
 * Doubles of an unusual message, behind its words: all numbers that its words may be too small for, and those that follow from others in a message
 * that is whole, fills one frame, repeats nothing and has no notes.
 */
const FULL_NUMBER = 0;
const FULL_FRAME = 1;
const FULL_SECONDS = 2;
const FULL_CALL_FRAME = 3;
const FULL_ELAPSED = 4;
const LENGTH = 5;
const MOST_LENGTH = 6;
const FIRST_FRAME = 7;
const FRAME_COUNT = 8;
const TRANSFER = 9;
const RETRANSMISSION_FRAME = 10;
const NOTES_LENGTH = 11;
const DOUBLES = 12;

// Bits of the flags; from KIND on the kind of retransmission.
const IS_ANSWER = 1;
const SAME_BYTES = 2;
const HAS_INTERFACES = 4;
const IS_PLAIN = 8;
const IS_APART = 16;
const IS_CALL = 32;
const HAS_PROGRAM = 64;
const HAS_VERSION = 128;
const HAS_PROCEDURE = 256;
const IS_UDP = 512;
const IS_UNUSUAL = 1024;
const KIND = 2048;
const KINDS: readonly (RetransmissionKind | null)[] = [
  null,
  'rpc',
  'rpc_after_reply',
  'rpc_reconnect',
  'duplicate_reply',
];

/** Words of an endpoint: its size, negative (a unit opens with a positive number), its id, port, and the length of its address as text. */
const ENDPOINT_WORDS = 4;
/** An IPv6 address in text, with an IPv4 part. */
const MOST_ADDRESS = 48;
/** Units and endpoints begin at doubles. */
const WORD = 4;
const DOUBLE = 8;
/** Above those of nearly all programs; with them `kind` is exact. */
const MOST_VERSIONS = 16;
const MOST_PROCEDURES = 128;
export const KINDS_A_PROGRAM = MOST_VERSIONS * MOST_PROCEDURES * 2;
/** Bytes that are copied by words: of more a call into the runtime costs less. */
const MAX_WORD_LOOP = 512;
/** Bytes of a character of a note, at most. */
const MOST_UTF8 = 3;
/** What a unit takes beside its message's bytes and notes: numbers, two endpoints, padding. */
const MOST_OVERHEAD = WORDS * WORD + DOUBLES * DOUBLE + 2 * (ENDPOINT_WORDS * WORD + MOST_ADDRESS) + DOUBLE;
/** Endpoints that a block's writer, or a reader, remembers at once, by their ids. */
const WRITTEN_ENDPOINTS = 256;
const READ_ENDPOINTS = 4096;

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

/** What is known of a message beyond itself. */
export interface UnitFacts {
  /** Records of its file name their interface. */
  hasInterfaces: boolean;
  /** Its bytes lie in a memory of their own, from its beginning on: there was no room for them in the block. */
  isApart: boolean;
}

export class UnitWriter {
  private memory!: UnitMemory;
  /** Words written so far. */
  length = 0;
  /** Where the last unit begins. */
  unit = 0;
  /** The bytes last copied from: those of many messages. */
  private copied: Uint8Array = new Uint8Array(0);
  private copiedView = new DataView(this.copied.buffer);
  private readonly endpoints: (Endpoint | null)[] = new Array(WRITTEN_ENDPOINTS).fill(null);
  private readonly places = new Int32Array(WRITTEN_ENDPOINTS);
  /** By exchange: 1 where its call had no RPCSEC_GSS credential. */
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

  /** True where a message finds room in the block; `isApart`: without its bytes. */
  hasRoom(message: Message, isApart: boolean): boolean {
    const bytes = (isApart ? 0 : message.have) + MOST_OVERHEAD + MOST_UTF8 * notesOf(message).length;
    return this.length * WORD + bytes <= this.memory.bytes.length;
  }

  /** Writes a message, which has to have room. */
  write(message: Message, facts: UnitFacts): void {
    const { words } = this.memory;
    const source = this.placeOf(message.source);
    const destination = this.placeOf(message.destination);
    const isUsual = isUsualMessage(message);
    const at = this.length;
    this.unit = at;
    words[at + FLAGS] = this.flagsOf(message, facts) | (isUsual ? 0 : IS_UNUSUAL);
    words[at + HAVE] = message.end - message.start;
    words[at + NUMBER] = message.number;
    words[at + FRAME] = message.frame;
    words[at + SECONDS] = message.seconds;
    words[at + NANOSECONDS] = message.nanoseconds;
    words[at + FILE] = message.file;
    words[at + INTERFACE] = message.interfaceIndex;
    words[at + CONNECTION] = message.connection;
    words[at + SOURCE] = source;
    words[at + DESTINATION] = destination;
    words[at + EXCHANGE] = message.exchange;
    words[at + CALL_FRAME] = message.callFrame;
    words[at + ELAPSED] = message.elapsed;
    words[at + PROGRAM] = message.program;
    words[at + VERSION] = message.version;
    words[at + PROCEDURE] = message.procedure;
    words[at + TEXT_START] = 0;
    words[at + TEXT_END] = 0;
    const behind = (at + WORDS) * WORD;
    const end = isUsual ? this.copyBytes(message, facts, behind) : this.writeUnusual(message, facts, behind);
    words[at + NEXT] = this.endAt(end);
  }

  /** Writes what stands behind the words of an unusual message; answers where that ends. */
  private writeUnusual(message: Message, facts: UnitFacts, start: number): number {
    const { doubles, bytes } = this.memory;
    const notes = notesOf(message);
    const at = start / DOUBLE;
    doubles[at + FULL_NUMBER] = message.number;
    doubles[at + FULL_FRAME] = message.frame;
    doubles[at + FULL_SECONDS] = message.seconds;
    doubles[at + FULL_CALL_FRAME] = message.callFrame;
    doubles[at + FULL_ELAPSED] = message.elapsed;
    doubles[at + LENGTH] = message.length;
    doubles[at + MOST_LENGTH] = message.mostLength;
    doubles[at + FIRST_FRAME] = message.firstFrame;
    doubles[at + FRAME_COUNT] = message.frameCount;
    doubles[at + TRANSFER] = message.transfer;
    doubles[at + RETRANSMISSION_FRAME] = message.retransmissionFrame;
    const end = this.copyBytes(message, facts, start + DOUBLES * DOUBLE);
    const notesLength = notes === '' ? 0 : bytes.write(notes, end, 'utf8');
    doubles[at + NOTES_LENGTH] = notesLength;
    return end + notesLength;
  }

  /** The next unit or endpoint begins behind this byte; answers at which word. */
  private endAt(byte: number): number {
    this.length = ((byte + DOUBLE - 1) >> 3) << 1;
    return this.length;
  }

  /** Copies a message's bytes to `at`, where they belong there; answers where they end. */
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
    const kind = message.retransmission === null ? 0 : KINDS.indexOf(message.retransmission);
    return (
      (message.isAnswer ? IS_ANSWER : 0) |
      (message.sameBytes ? SAME_BYTES : 0) |
      (hasInterfaces ? HAS_INTERFACES : 0) |
      (this.isPlain(message) ? IS_PLAIN : 0) |
      (isApart ? IS_APART : 0) |
      (message.type === CALL ? IS_CALL : 0) |
      (message.program >= 0 ? HAS_PROGRAM : 0) |
      (message.version >= 0 ? HAS_VERSION : 0) |
      (message.procedure >= 0 ? HAS_PROCEDURE : 0) |
      (message.protocol === UDP ? IS_UDP : 0) |
      (KIND * kind)
    );
  }

  /** True for the usual message: no transmission of another one, nothing wrong with its header, and not of RPCSEC_GSS. */
  private isPlain(message: Message): boolean {
    const { exchange, type, retransmission } = message;
    if (exchange < 0) return false;
    if (type === CALL && retransmission === null) {
      this.unprotected[exchange] = message.credential.flavor === rpcsecGss.number ? 0 : 1;
    }
    return (
      this.unprotected[exchange] === 1 &&
      retransmission === null &&
      message.body >= 0 &&
      message.verifier.flavor !== rpcsecGss.number &&
      message.headerFault === null &&
      message.notes.length === 0
    );
  }

  /** Where an endpoint stands in the block. */
  private placeOf(endpoint: Endpoint): number {
    const index = endpoint.id % WRITTEN_ENDPOINTS;
    if (this.endpoints[index] === endpoint) return this.places[index];
    const { words, bytes } = this.memory;
    const at = this.length;
    const start = (at + ENDPOINT_WORDS) * WORD;
    words[at] = at - this.endAt(start + bytes.write(endpoint.address, start, 'latin1'));
    words[at + 1] = endpoint.id;
    words[at + 2] = endpoint.port;
    words[at + 3] = endpoint.address.length;
    this.endpoints[index] = endpoint;
    this.places[index] = at;
    return at;
  }
}

/** True where the words of a unit say all: the message is whole, in one frame, no other's transmission and without notes, its numbers small. */
function isUsualMessage(message: Message): boolean {
  const { number, frame, seconds, callFrame, elapsed, firstFrame, frameCount } = message;
  return (
    frameCount === 1 &&
    firstFrame === frame &&
    message.transfer === 0 &&
    message.length === message.end - message.start &&
    message.mostLength === 0 &&
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

/** The units of a block, one after the other. */
export class UnitReader {
  readonly message = new Message();
  private memory!: UnitMemory;
  private at = 0;
  private next = 0;
  private end = 0;
  private flags = 0;
  private readonly endpoints: (Endpoint | undefined)[] = new Array(READ_ENDPOINTS);

  /** @param length Words that were written. */
  begin(memory: UnitMemory, length: number): void {
    this.memory = memory;
    this.next = 0;
    this.end = length;
  }

  /** Goes to the next unit; false when there is none. `message` is to be filled by `read`. */
  advance(): boolean {
    const { words } = this.memory;
    // What stands between units are endpoints.
    while (this.next < this.end && words[this.next] < 0) this.next -= words[this.next];
    if (this.next >= this.end) return false;
    this.goTo(this.next);
    return true;
  }

  /** Goes to the unit that begins at this word. */
  goTo(at: number): void {
    const { words } = this.memory;
    this.at = at;
    this.next = words[at + NEXT];
    this.flags = words[at + FLAGS];
  }

  /** True for a message that may be rendered before its turn, as far as its header tells. */
  get isPlain(): boolean {
    return (this.flags & IS_PLAIN) !== 0;
  }

  get isApart(): boolean {
    return (this.flags & IS_APART) !== 0;
  }

  get isCall(): boolean {
    return (this.flags & IS_CALL) !== 0;
  }

  get hasInterfaces(): boolean {
    return (this.flags & HAS_INTERFACES) !== 0;
  }

  /** The program's number as a small integer; where it has no procedure, or a number that no real one has, -1. */
  get program(): number {
    return (this.flags & HAS_PROCEDURE) === 0 ? -1 : this.memory.words[this.at + PROGRAM];
  }

  /** A number below `KINDS_A_PROGRAM` for version, procedure and direction; -1 for such as no real program has. */
  get kind(): number {
    const { words } = this.memory;
    const version = words[this.at + VERSION] >>> 0;
    const procedure = words[this.at + PROCEDURE] >>> 0;
    if (version >= MOST_VERSIONS || procedure >= MOST_PROCEDURES) return -1;
    return (version * MOST_PROCEDURES + procedure) * 2 + (this.isCall ? 0 : 1);
  }

  get exchange(): number {
    return this.memory.words[this.at + EXCHANGE];
  }

  /** Bytes that are there of the message. */
  get have(): number {
    return this.memory.words[this.at + HAVE];
  }

  /** Where the text made ahead lies; `textEnd` is 0 where there is none. */
  get textStart(): number {
    return this.memory.words[this.at + TEXT_START];
  }

  get textEnd(): number {
    return this.memory.words[this.at + TEXT_END];
  }

  setText(start: number, end: number): void {
    this.memory.words[this.at + TEXT_START] = start;
    this.memory.words[this.at + TEXT_END] = end;
  }

  /** Fills `message`; `apart` has its bytes where they are not in the block. */
  read(apart: Uint8Array | null = null): Message {
    const { message, at, flags } = this;
    const { words, bytes } = this.memory;
    const isUnusual = (flags & IS_UNUSUAL) !== 0;
    const behind = (at + WORDS) * WORD;
    const have = words[at + HAVE];
    const body = isUnusual ? behind + DOUBLES * DOUBLE : behind;
    const start = apart === null ? body : 0;
    message.bytes = apart ?? bytes;
    message.start = start;
    message.end = start + have;
    message.length = have;
    message.mostLength = 0;
    message.number = words[at + NUMBER];
    message.frame = words[at + FRAME];
    message.firstFrame = words[at + FRAME];
    message.frameCount = 1;
    message.seconds = words[at + SECONDS];
    message.nanoseconds = words[at + NANOSECONDS];
    message.transfer = 0;
    message.file = words[at + FILE];
    message.interfaceIndex = words[at + INTERFACE];
    message.protocol = (flags & IS_UDP) !== 0 ? UDP : TCP;
    message.connection = words[at + CONNECTION];
    message.source = this.endpointAt(words[at + SOURCE]);
    message.destination = this.endpointAt(words[at + DESTINATION]);
    if (isUnusual) this.readExtent(behind / DOUBLE);
    readHeader(message);
    message.exchange = words[at + EXCHANGE];
    message.callFrame = words[at + CALL_FRAME];
    message.elapsed = words[at + ELAPSED];
    message.program = (flags & HAS_PROGRAM) !== 0 ? words[at + PROGRAM] >>> 0 : -1;
    message.version = (flags & HAS_VERSION) !== 0 ? words[at + VERSION] >>> 0 : -1;
    message.procedure = (flags & HAS_PROCEDURE) !== 0 ? words[at + PROCEDURE] >>> 0 : -1;
    message.isAnswer = (flags & IS_ANSWER) !== 0;
    message.sameBytes = (flags & SAME_BYTES) !== 0;
    message.retransmission = KINDS[Math.trunc(flags / KIND)];
    if (isUnusual) this.readUnusual(behind / DOUBLE, apart === null ? message.end : body);
    return message;
  }

  /** How long an unusual message is: its header is read with it. */
  private readExtent(at: number): void {
    const { message } = this;
    const { doubles } = this.memory;
    message.length = exact(doubles[at + LENGTH]);
    message.mostLength = exact(doubles[at + MOST_LENGTH]);
  }

  /** What else an unusual message has; its notes begin at the byte `notesStart`. */
  private readUnusual(at: number, notesStart: number): void {
    const { message } = this;
    const { doubles } = this.memory;
    message.number = exact(doubles[at + FULL_NUMBER]);
    message.frame = exact(doubles[at + FULL_FRAME]);
    message.seconds = exact(doubles[at + FULL_SECONDS]);
    message.callFrame = exact(doubles[at + FULL_CALL_FRAME]);
    message.elapsed = exact(doubles[at + FULL_ELAPSED]);
    message.firstFrame = exact(doubles[at + FIRST_FRAME]);
    message.frameCount = exact(doubles[at + FRAME_COUNT]);
    message.transfer = exact(doubles[at + TRANSFER]);
    message.retransmissionFrame = exact(doubles[at + RETRANSMISSION_FRAME]);
    const length = doubles[at + NOTES_LENGTH];
    if (length > 0) this.readNotes(notesStart, length);
  }

  /** The notes, among them those that the header gave. */
  private readNotes(start: number, length: number): void {
    const { notes } = this.message;
    notes.length = 0;
    notes.push(...(JSON.parse(this.memory.bytes.toString('utf8', start, start + length)) as string[]));
  }

  /** An endpoint as an object, the same one as long as it is remembered. */
  private endpointAt(place: number): Endpoint {
    const { words, bytes } = this.memory;
    const id = words[place + 1];
    const index = id % READ_ENDPOINTS;
    const known = this.endpoints[index];
    if (known !== undefined && known.id === id) return known;
    const start = (place + ENDPOINT_WORDS) * WORD;
    const address = bytes.toString('latin1', start, start + words[place + 3]);
    const endpoint = { id, address, port: words[place + 2] };
    this.endpoints[index] = endpoint;
    return endpoint;
  }
}

/** The same number, as an integer where it is a small one: V8 keeps these in the object, and computes with them faster. */
function exact(value: number): number {
  const integer = value | 0;
  return integer === value ? integer : value;
}
