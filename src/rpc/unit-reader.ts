/** Reads messages from units (`unit-layout.ts`); their headers are read from their bytes again. */
import type { Endpoint } from '../network/flow.js';
import { RDMA, TCP, UDP } from '../network/protocols.js';
import { readHeader } from './header.js';
import { Message } from './message.js';
import type { UnitMemory } from './unit-layout.js';
import * as Unit from './unit-layout.js';

/** More than nearly all programs have; up to these, `kind` is exact. */
const MOST_VERSIONS = 16;
const MOST_PROCEDURES = 128;
export const KINDS_A_PROGRAM = MOST_VERSIONS * MOST_PROCEDURES * 2;
/** Endpoints that a reader remembers, by their ids. */
const READ_ENDPOINTS = 4096;

/** Reads the units of a block, one after the other. */
export class UnitReader {
  readonly message = new Message();
  private memory!: UnitMemory;
  private at = 0;
  private next = 0;
  private end = 0;
  private flags = 0;
  private readonly endpoints: (Endpoint | undefined)[] = new Array(READ_ENDPOINTS);

  /** @param length Number of words that were written. */
  begin(memory: UnitMemory, length: number): void {
    this.memory = memory;
    this.next = 0;
    this.end = length;
  }

  /** Goes to the next unit, which `read` then turns into `message`. False: there is none. */
  advance(): boolean {
    const { words } = this.memory;
    // Between units there are endpoints.
    while (this.next < this.end && words[this.next] < 0) this.next -= words[this.next];
    if (this.next >= this.end) return false;
    this.goTo(this.next);
    return true;
  }

  /** Goes to the unit that begins at this word. */
  goTo(at: number): void {
    const { words } = this.memory;
    this.at = at;
    this.next = words[at + Unit.NEXT];
    this.flags = words[at + Unit.FLAGS];
  }

  /** True for a message that may be rendered ahead of its turn, as far as its header tells. */
  get isPlain(): boolean {
    return (this.flags & Unit.IS_PLAIN) !== 0;
  }

  get isApart(): boolean {
    return (this.flags & Unit.IS_APART) !== 0;
  }

  get isCall(): boolean {
    return (this.flags & Unit.IS_CALL) !== 0;
  }

  get hasInterfaces(): boolean {
    return (this.flags & Unit.HAS_INTERFACES) !== 0;
  }

  /** The program's number as a signed word; -1 if the header has no procedure. */
  get program(): number {
    return (this.flags & Unit.HAS_PROCEDURE) === 0 ? -1 : this.memory.words[this.at + Unit.PROGRAM];
  }

  /** A number below `KINDS_A_PROGRAM` for version, procedure and direction; -1 if they are beyond the usual ranges. */
  get kind(): number {
    const { words } = this.memory;
    const version = words[this.at + Unit.VERSION] >>> 0;
    const procedure = words[this.at + Unit.PROCEDURE] >>> 0;
    if (version >= MOST_VERSIONS || procedure >= MOST_PROCEDURES) return -1;
    return (version * MOST_PROCEDURES + procedure) * 2 + (this.isCall ? 0 : 1);
  }

  get exchange(): number {
    return this.memory.words[this.at + Unit.EXCHANGE];
  }

  /** How many bytes of the message are there. */
  get have(): number {
    return this.memory.words[this.at + Unit.HAVE];
  }

  /** Where the text made ahead is; `textEnd` is 0 if there is none. */
  get textStart(): number {
    return this.memory.words[this.at + Unit.TEXT_START];
  }

  get textEnd(): number {
    return this.memory.words[this.at + Unit.TEXT_END];
  }

  setText(start: number, end: number): void {
    this.memory.words[this.at + Unit.TEXT_START] = start;
    this.memory.words[this.at + Unit.TEXT_END] = end;
  }

  /** Fills `message`. `apart` holds its bytes if they are not in the block. */
  read(apart: Uint8Array | null = null): Message {
    const { message, at, flags } = this;
    const { words, bytes } = this.memory;
    const isUnusual = (flags & Unit.IS_UNUSUAL) !== 0;
    const behind = (at + Unit.WORDS) * Unit.WORD;
    const have = words[at + Unit.HAVE];
    const body = isUnusual ? behind + Unit.DOUBLES * Unit.DOUBLE : behind;
    const start = apart === null ? body : 0;
    message.bytes = apart ?? bytes;
    message.start = start;
    message.end = start + have;
    message.length = have;
    message.mostLength = 0;
    message.number = words[at + Unit.NUMBER];
    message.frame = words[at + Unit.FRAME];
    message.firstFrame = words[at + Unit.FRAME];
    message.firstFile = words[at + Unit.FILE];
    message.frameCount = 1;
    message.seconds = words[at + Unit.SECONDS];
    message.nanoseconds = words[at + Unit.NANOSECONDS];
    message.transfer = 0;
    message.file = words[at + Unit.FILE];
    message.interfaceIndex = words[at + Unit.INTERFACE];
    message.protocol = (flags & Unit.IS_UDP) !== 0 ? UDP : (flags & Unit.IS_RDMA) !== 0 ? RDMA : TCP;
    message.connection = words[at + Unit.CONNECTION];
    message.source = this.endpointAt(words[at + Unit.SOURCE]);
    message.destination = this.endpointAt(words[at + Unit.DESTINATION]);
    if (isUnusual) this.readExtent(behind / Unit.DOUBLE);
    readHeader(message);
    message.exchange = words[at + Unit.EXCHANGE];
    message.callFrame = words[at + Unit.CALL_FRAME];
    message.callFile = message.callFrame < 0 ? -1 : message.file;
    message.elapsed = words[at + Unit.ELAPSED];
    message.program = (flags & Unit.HAS_PROGRAM) !== 0 ? words[at + Unit.PROGRAM] >>> 0 : -1;
    message.version = (flags & Unit.HAS_VERSION) !== 0 ? words[at + Unit.VERSION] >>> 0 : -1;
    message.procedure = (flags & Unit.HAS_PROCEDURE) !== 0 ? words[at + Unit.PROCEDURE] >>> 0 : -1;
    message.isAnswer = (flags & Unit.IS_ANSWER) !== 0;
    message.sameBytes = (flags & Unit.SAME_BYTES) !== 0;
    message.retransmission = Unit.KINDS[Math.trunc(flags / Unit.KIND)];
    if (isUnusual) this.readUnusual(behind / Unit.DOUBLE, apart === null ? message.end : body);
    return message;
  }

  /** Reads the length of an unusual message, which its header is read with. */
  private readExtent(at: number): void {
    const { message } = this;
    const { doubles } = this.memory;
    message.length = exact(doubles[at + Unit.LENGTH]);
    message.mostLength = exact(doubles[at + Unit.MOST_LENGTH]);
  }

  /** Reads the other numbers and the notes of an unusual message; the notes begin at the byte `notesStart`. */
  private readUnusual(at: number, notesStart: number): void {
    const { message } = this;
    const { doubles } = this.memory;
    message.number = exact(doubles[at + Unit.FULL_NUMBER]);
    message.frame = exact(doubles[at + Unit.FULL_FRAME]);
    message.seconds = exact(doubles[at + Unit.FULL_SECONDS]);
    message.callFrame = exact(doubles[at + Unit.FULL_CALL_FRAME]);
    message.callFile = exact(doubles[at + Unit.CALL_FILE]);
    message.elapsed = exact(doubles[at + Unit.FULL_ELAPSED]);
    message.firstFrame = exact(doubles[at + Unit.FIRST_FRAME]);
    message.firstFile = exact(doubles[at + Unit.FIRST_FILE]);
    message.frameCount = exact(doubles[at + Unit.FRAME_COUNT]);
    message.transfer = exact(doubles[at + Unit.TRANSFER]);
    message.retransmissionFrame = exact(doubles[at + Unit.RETRANSMISSION_FRAME]);
    message.retransmissionFile = exact(doubles[at + Unit.RETRANSMISSION_FILE]);
    const length = doubles[at + Unit.NOTES_LENGTH];
    if (length > 0) this.readNotes(notesStart, length);
  }

  /** Reads the notes, which include those that reading the header gave. */
  private readNotes(start: number, length: number): void {
    const { notes } = this.message;
    notes.length = 0;
    notes.push(...(JSON.parse(this.memory.bytes.toString('utf8', start, start + length)) as string[]));
  }

  /** The endpoint at a word, as one object for as long as it is remembered. */
  private endpointAt(place: number): Endpoint {
    const { words, bytes } = this.memory;
    const id = words[place + 1];
    const index = id % READ_ENDPOINTS;
    const known = this.endpoints[index];
    if (known !== undefined && known.id === id) return known;
    const start = (place + Unit.ENDPOINT_WORDS) * Unit.WORD;
    const address = bytes.toString('latin1', start, start + words[place + 3]);
    const endpoint = { id, address, port: words[place + 2] };
    this.endpoints[index] = endpoint;
    return endpoint;
  }
}

/**
 * The same number, as an integer if it is small: V8 stores such numbers in the object itself and computes with them
 * faster.
 */
function exact(value: number): number {
  const integer = value | 0;
  return integer === value ? integer : value;
}
