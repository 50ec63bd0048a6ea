/**
 * Messages as units that stand alone, in memory that threads share: what the ordered pass knows of a message in numbers, its bytes, and its
 * endpoints where a block names them first. The header is in the bytes: it is read from them again (RFC 5531 §9), so nothing is said
 * twice. A unit says all that rendering takes, but not which frames carried it (`order`, `carriers`, `opening`), which only `-w` asks for.
 */
import type { Endpoint } from '../network/flow.js';
import { rpcsecGss } from './auth/rpcsec-gss.js';
import { readHeader } from './header.js';
import { CALL, Message, type RetransmissionKind } from './message.js';

// Words of a unit. What is no small integer is a double, behind them; the message's bytes follow, then the notes as JSON.
const NEXT = 0;
const FLAGS = 1;
const HAVE = 2;
const LENGTH = 3;
const MOST_LENGTH = 4;
const FRAME_COUNT = 5;
const NANOSECONDS = 6;
const FILE = 7;
const INTERFACE = 8;
const PROTOCOL = 9;
const CONNECTION = 10;
const SOURCE = 11;
const DESTINATION = 12;
const EXCHANGE = 13;
const PROGRAM = 14;
const VERSION = 15;
const PROCEDURE = 16;
const NOTES_LENGTH = 17;
/** Where the text lies that was made of the unit ahead of its turn; both 0 where there is none. */
const TEXT_START = 18;
const TEXT_END = 19;
const WORDS = 20;

// Doubles of a unit, counted from its beginning.
const NUMBER = WORDS / 2;
const FRAME = NUMBER + 1;
const FIRST_FRAME = NUMBER + 2;
const SECONDS = NUMBER + 3;
const TRANSFER = NUMBER + 4;
const CALL_FRAME = NUMBER + 5;
const ELAPSED = NUMBER + 6;
const RETRANSMISSION_FRAME = NUMBER + 7;
const DOUBLES = NUMBER + 8;

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
const KIND = 512;
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
const MOST_OVERHEAD = DOUBLES * DOUBLE + 2 * (ENDPOINT_WORDS * WORD + MOST_ADDRESS) + DOUBLE;
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
    const { words, bytes } = this.memory;
    const source = this.placeOf(message.source);
    const destination = this.placeOf(message.destination);
    const at = this.length;
    words[at + FLAGS] = this.flagsOf(message, facts);
    words[at + HAVE] = message.end - message.start;
    words[at + LENGTH] = message.length;
    words[at + MOST_LENGTH] = message.mostLength;
    words[at + FRAME_COUNT] = message.frameCount;
    words[at + NANOSECONDS] = message.nanoseconds;
    words[at + FILE] = message.file;
    words[at + INTERFACE] = message.interfaceIndex;
    words[at + PROTOCOL] = message.protocol;
    words[at + CONNECTION] = message.connection;
    words[at + SOURCE] = source;
    words[at + DESTINATION] = destination;
    words[at + EXCHANGE] = message.exchange;
    words[at + PROGRAM] = message.program;
    words[at + VERSION] = message.version;
    words[at + PROCEDURE] = message.procedure;
    words[at + TEXT_START] = 0;
    words[at + TEXT_END] = 0;
    this.writeDoubles(message, at / 2);
    let end = at * WORD + DOUBLES * DOUBLE;
    if (!facts.isApart) end = this.copy(message, end);
    const notes = notesOf(message);
    const notesLength = notes === '' ? 0 : bytes.write(notes, end, 'utf8');
    words[at + NOTES_LENGTH] = notesLength;
    words[at + NEXT] = this.endAt(end + notesLength);
  }

  private writeDoubles(message: Message, at: number): void {
    const { doubles } = this.memory;
    doubles[at + NUMBER] = message.number;
    doubles[at + FRAME] = message.frame;
    doubles[at + FIRST_FRAME] = message.firstFrame;
    doubles[at + SECONDS] = message.seconds;
    doubles[at + TRANSFER] = message.transfer;
    doubles[at + CALL_FRAME] = message.callFrame;
    doubles[at + ELAPSED] = message.elapsed;
    doubles[at + RETRANSMISSION_FRAME] = message.retransmissionFrame;
  }

  /** The next unit or endpoint begins behind this byte; answers at which word. */
  private endAt(byte: number): number {
    this.length = ((byte + DOUBLE - 1) >> 3) << 1;
    return this.length;
  }

  /** Copies a message's bytes to `at`; answers where they end. */
  private copy({ bytes, start, end }: Message, at: number): number {
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
    for (let word = at >> 2; from + 4 <= end; from += 4) words[word++] = view.getInt32(from, true);
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
    this.at = this.next;
    this.next = words[this.at + NEXT];
    this.flags = words[this.at + FLAGS];
    return true;
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
    const body = at * WORD + DOUBLES * DOUBLE;
    const start = apart === null ? body : 0;
    message.bytes = apart ?? bytes;
    message.start = start;
    message.end = start + words[at + HAVE];
    message.length = words[at + LENGTH];
    message.mostLength = words[at + MOST_LENGTH];
    readHeader(message);
    message.frameCount = words[at + FRAME_COUNT];
    message.nanoseconds = words[at + NANOSECONDS];
    message.file = words[at + FILE];
    message.interfaceIndex = words[at + INTERFACE];
    message.protocol = words[at + PROTOCOL];
    message.connection = words[at + CONNECTION];
    message.source = this.endpointAt(words[at + SOURCE]);
    message.destination = this.endpointAt(words[at + DESTINATION]);
    message.exchange = words[at + EXCHANGE];
    message.program = (flags & HAS_PROGRAM) !== 0 ? words[at + PROGRAM] >>> 0 : -1;
    message.version = (flags & HAS_VERSION) !== 0 ? words[at + VERSION] >>> 0 : -1;
    message.procedure = (flags & HAS_PROCEDURE) !== 0 ? words[at + PROCEDURE] >>> 0 : -1;
    message.isAnswer = (flags & IS_ANSWER) !== 0;
    message.sameBytes = (flags & SAME_BYTES) !== 0;
    message.retransmission = KINDS[Math.trunc(flags / KIND)];
    this.readDoubles(at / 2);
    if (words[at + NOTES_LENGTH] > 0) this.readNotes(apart === null ? message.end : body);
    return message;
  }

  private readDoubles(at: number): void {
    const { message } = this;
    const { doubles } = this.memory;
    message.number = exact(doubles[at + NUMBER]);
    message.frame = exact(doubles[at + FRAME]);
    message.firstFrame = exact(doubles[at + FIRST_FRAME]);
    message.seconds = exact(doubles[at + SECONDS]);
    message.transfer = exact(doubles[at + TRANSFER]);
    message.callFrame = exact(doubles[at + CALL_FRAME]);
    message.elapsed = exact(doubles[at + ELAPSED]);
    message.retransmissionFrame = exact(doubles[at + RETRANSMISSION_FRAME]);
  }

  /** The notes, among them those that the header gave. */
  private readNotes(start: number): void {
    const length = this.memory.words[this.at + NOTES_LENGTH];
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
