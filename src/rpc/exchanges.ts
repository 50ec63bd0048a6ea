/**
 * Exchanges: calls matched to replies, and transmissions told apart (DESIGN §2).
 *
 * An exchange is known by its owner and its xid. On TCP the owner is a direction of one incarnation of a connection, so
 * that reused ports and back channels never meet; on UDP it is the caller's endpoint, because replies may come from another
 * port or address than the call went to. The first transmission opens an exchange; a later call with the same owner, xid,
 * program, version, procedure and arguments joins it; with other arguments it is xid reuse and opens a new one.
 *
 * The table is a ring of slots in typed arrays with a hash over them: the oldest exchange leaves when the ring is full,
 * and is counted. No object is made for a call.
 */
import { ANSWERED_SECONDS, MAX_EXCHANGES } from '../limits.js';
import type { Endpoint } from '../network/flow.js';
import { nanosecondsBetween } from '../network/stamp.js';
import { readInt32 } from '../xdr/bytes.js';
import { crc32 } from '../xdr/crc32.js';
import type { Message } from './message.js';

const NONE = -1;
/** -1 as unsigned arrays keep it: the call's header was cut off before this field. */
const CUT_OFF = 0xffffffff;
/** Below this a loop in JavaScript beats the call into zlib. */
const NATIVE_HASH_LENGTH = 256;

export interface ExchangeCounts {
  /** Exchanges that left the table, and how many of them had no reply yet. */
  evicted: number;
  evictedUnanswered: number;
  xidReuses: number;
}

export class ExchangeTable {
  readonly counts: ExchangeCounts = { evicted: 0, evictedUnanswered: 0, xidReuses: 0 };
  private readonly mask: number;
  private readonly heads: Int32Array;
  private readonly next: Int32Array;
  private readonly owner: Int32Array;
  private readonly xid: Int32Array;
  private readonly program: Uint32Array;
  private readonly version: Uint32Array;
  private readonly procedure: Uint32Array;
  private readonly argumentsLength: Uint32Array;
  /** How many of the arguments' bytes were captured, and their hash. */
  private readonly argumentsCaptured: Uint32Array;
  private readonly argumentsHash: Int32Array;
  private readonly callFrame: Uint32Array;
  private readonly callSeconds: Float64Array;
  private readonly callNanoseconds: Uint32Array;
  private readonly replyFrame: Uint32Array;
  private readonly replySeconds: Float64Array;
  private readonly replyLength: Uint32Array;
  private readonly replyHash: Int32Array;
  /** Where the call went, and who answered first. */
  private readonly servers: (Endpoint | null)[];
  private readonly answerers: (Endpoint | null)[];
  /** What `dissect` wants to know of a call when its reply comes; see `contextOf`. */
  private readonly contexts: unknown[];
  private used = 0;
  private cursor = 0;

  constructor(private readonly capacity = MAX_EXCHANGES) {
    const buckets = 1 << (32 - Math.clz32(capacity - 1));
    this.mask = buckets - 1;
    this.heads = new Int32Array(buckets).fill(NONE);
    this.next = new Int32Array(capacity).fill(NONE);
    this.owner = new Int32Array(capacity);
    this.xid = new Int32Array(capacity);
    this.program = new Uint32Array(capacity);
    this.version = new Uint32Array(capacity);
    this.procedure = new Uint32Array(capacity);
    this.argumentsLength = new Uint32Array(capacity);
    this.argumentsCaptured = new Uint32Array(capacity);
    this.argumentsHash = new Int32Array(capacity);
    this.callFrame = new Uint32Array(capacity);
    this.callSeconds = new Float64Array(capacity);
    this.callNanoseconds = new Uint32Array(capacity);
    this.replyFrame = new Uint32Array(capacity);
    this.replySeconds = new Float64Array(capacity);
    this.replyLength = new Uint32Array(capacity);
    this.replyHash = new Int32Array(capacity);
    this.servers = new Array(capacity).fill(null);
    this.answerers = new Array(capacity).fill(null);
    this.contexts = new Array(capacity).fill(undefined);
  }

  /** True when a call of `owner` with this xid is known. */
  has(owner: number, xid: number): boolean {
    return this.find(owner, xid | 0, null) !== NONE;
  }

  /** Enters a call: fills `message.exchange` and, for another transmission, `message.retransmission`. */
  call(message: Message, owner: number, server: Endpoint): void {
    const length = message.body < 0 ? 0 : message.start + message.length - message.body;
    const hash = message.body < 0 ? 0 : hashBytes(message.bytes, message.body, message.end);
    const known = this.find(owner, message.xid | 0, server);
    if (known !== NONE && !this.isForgotten(known, message.seconds)) {
      if (this.isSameCall(known, message, length, hash)) {
        message.exchange = known;
        message.retransmission = this.replyFrame[known] === 0 ? 'rpc' : 'rpc_after_reply';
        message.retransmissionFrame = this.callFrame[known];
        return;
      }
      this.counts.xidReuses++;
    }
    message.exchange = this.open(message, owner, server, length, hash);
  }

  /** Finds the call of a reply: fills program, version, procedure, `callFrame`, `elapsed` and, for a second one, `retransmission`. */
  reply(message: Message, owner: number, isWhole: boolean): void {
    const slot = this.find(owner, message.xid | 0, message.source);
    if (slot === NONE || this.isForgotten(slot, message.seconds)) return;
    message.exchange = slot;
    // Where a procedure is, program and version are too.
    const isCut = this.procedure[slot] === CUT_OFF;
    message.program = isCut ? fieldOf(this.program[slot]) : this.program[slot];
    message.version = isCut ? fieldOf(this.version[slot]) : this.version[slot];
    message.procedure = fieldOf(this.procedure[slot]);
    message.callFrame = this.callFrame[slot];
    message.elapsed = nanosecondsBetween(
      this.callSeconds[slot],
      this.callNanoseconds[slot],
      message.seconds,
      message.nanoseconds,
    );
    const server = this.servers[slot];
    if (server !== null && server !== message.source) {
      message.notes.push(`reply_from: the call went to ${server.address} port ${server.port}`);
    }
    if (isWhole) this.answer(slot, message);
  }

  /** Where the call of this exchange went. */
  serverOf(slot: number): Endpoint | null {
    return this.servers[slot];
  }

  /** What was stored with the call of this exchange by `setContext`. */
  contextOf(slot: number): unknown {
    return this.contexts[slot];
  }

  setContext(slot: number, context: unknown): void {
    this.contexts[slot] = context;
  }

  private answer(slot: number, message: Message): void {
    const hash = hashBytes(message.bytes, message.start, message.end);
    if (this.replyFrame[slot] === 0) {
      this.replyFrame[slot] = message.frame;
      this.answerers[slot] = message.source;
      this.replySeconds[slot] = message.seconds;
      this.replyLength[slot] = message.length;
      this.replyHash[slot] = hash;
    } else if (this.answerers[slot] === message.source) {
      // Other hosts that answer a broadcast are no duplicates of each other.
      message.retransmission = 'duplicate_reply';
      message.retransmissionFrame = this.replyFrame[slot];
      message.sameBytes = this.replyLength[slot] === message.length && this.replyHash[slot] === hash;
    }
  }

  /** The newest exchange of `owner` with `xid`; one that went to (or came from) `server` wins over others. */
  private find(owner: number, xid: number, server: Endpoint | null): number {
    let other = NONE;
    for (let slot = this.heads[this.bucket(owner, xid)]; slot !== NONE; slot = this.next[slot]) {
      if (this.xid[slot] !== xid || this.owner[slot] !== owner) continue;
      if (server === null || this.servers[slot] === server) return slot;
      if (other === NONE) other = slot;
    }
    return other;
  }

  private isForgotten(slot: number, seconds: number): boolean {
    return this.replyFrame[slot] !== 0 && seconds - this.replySeconds[slot] > ANSWERED_SECONDS;
  }

  private isSameCall(slot: number, message: Message, length: number, hash: number): boolean {
    return (
      this.program[slot] === message.program &&
      this.version[slot] === message.version &&
      this.procedure[slot] === message.procedure &&
      this.argumentsLength[slot] === length &&
      this.isSameHash(slot, message, hash)
    );
  }

  /** Arguments of which the capture kept other parts cannot be compared: their length has to do. */
  private isSameHash(slot: number, message: Message, hash: number): boolean {
    return this.argumentsCaptured[slot] !== capturedArguments(message) || this.argumentsHash[slot] === hash;
  }

  private open(message: Message, owner: number, server: Endpoint, length: number, hash: number): number {
    const slot = this.cursor;
    this.cursor = slot + 1 === this.capacity ? 0 : slot + 1;
    if (this.used < this.capacity) this.used++;
    else this.evict(slot);
    const bucket = this.bucket(owner, message.xid | 0);
    this.next[slot] = this.heads[bucket];
    this.heads[bucket] = slot;
    this.owner[slot] = owner;
    this.xid[slot] = message.xid;
    this.program[slot] = message.program;
    this.version[slot] = message.version;
    this.procedure[slot] = message.procedure;
    this.argumentsLength[slot] = length;
    this.argumentsCaptured[slot] = capturedArguments(message);
    this.argumentsHash[slot] = hash;
    this.callFrame[slot] = message.frame;
    this.callSeconds[slot] = message.seconds;
    this.callNanoseconds[slot] = message.nanoseconds;
    this.replyFrame[slot] = 0;
    this.servers[slot] = server;
    this.contexts[slot] = undefined;
    return slot;
  }

  private evict(slot: number): void {
    this.counts.evicted++;
    if (this.replyFrame[slot] === 0) this.counts.evictedUnanswered++;
    const bucket = this.bucket(this.owner[slot], this.xid[slot]);
    if (this.heads[bucket] === slot) {
      this.heads[bucket] = this.next[slot];
      return;
    }
    let before = this.heads[bucket];
    while (this.next[before] !== slot) before = this.next[before];
    this.next[before] = this.next[slot];
  }

  private bucket(owner: number, xid: number): number {
    const mixed = Math.imul(xid ^ Math.imul(owner, 0x9e3779b1), 0x85ebca6b);
    return (mixed ^ (mixed >>> 15)) & this.mask;
  }
}

function fieldOf(kept: number): number {
  return kept === CUT_OFF ? -1 : kept;
}

function capturedArguments(message: Message): number {
  return message.body < 0 ? 0 : message.end - message.body;
}

/** A hash that tells transmissions apart; two different arguments of one xid sharing it is a chance of 2^-32. */
function hashBytes(bytes: Uint8Array, start: number, end: number): number {
  if (end - start > NATIVE_HASH_LENGTH) return crc32(bytes, start, end);
  let hash = end - start;
  for (let at = start; at + 4 <= end; at += 4) {
    hash = Math.imul(hash ^ readInt32(bytes, at), 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  return hash;
}
