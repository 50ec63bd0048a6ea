/**
 * The memory of exchanges: a ring of slots in one buffer, found by a hash of owner and xid. A slot is two runs of 64
 * bytes; the words that every call and reply touches are in the first. No object is made for a call. When the ring is
 * full, the oldest slot is taken again, unless its exchange is let stay: then it counts as the newest one, in its slot.
 *
 * The hash's chains go from newer slots to older ones, which they know by serial numbers. A serial number as far back
 * as the ring is long ends a chain, because its slot, and those of all behind it, were taken again. So nothing is ever
 * unlinked, and slots that were taken again are not looked at.
 */
import { MAX_EXCHANGES } from '../limits/rpc.js';
import { OTHER_SECRET, SECRET } from '../network/hash.js';
import { nanosecondsBetween } from '../network/stamp.js';
import type { CallArguments } from './call-arguments.js';
import type { Message } from './message.js';

/** No slot. */
export const NONE = -1;

const BUCKETS_A_SLOT = 4;
/** Buckets of a neighbourhood of xids: four cache lines. A power of two. */
const NEIGHBOURS = 64;
/** The bits of an xid that tell neighbourhoods apart. */
const DISTANT_BITS = ~((NEIGHBOURS - 1) | ((NEIGHBOURS - 1) << 24));
const STRIDE = 32;
const DOUBLES = STRIDE / 2;

// Words of a slot. Frame numbers count from 1; 0 means none.
/** Serial number of the next older slot of the bucket. */
const OLDER = 0;
export const OWNER = 1;
export const XID = 2;
export const PROGRAM = 3;
export const VERSION = 4;
export const PROCEDURE = 5;
export const ARGUMENTS_LENGTH = 6;
/** How many bytes of the arguments were captured, and their hash. */
export const ARGUMENTS_CAPTURED = 7;
export const ARGUMENTS_HASH = 8;
export const CALL_FRAME = 9;
export const CALL_NANOSECONDS = 12;
export const REPLY_FRAME = 13;
/** Index of the input that CALL_FRAME and REPLY_FRAME count in. */
export const CALL_FILE = 24;
export const REPLY_FILE = 25;
/** Slot of the call before this one on the same connection and direction. */
export const PREVIOUS = 14;
/** Where the call and the first reply end in their directions of the stream, modulo 2^32; and their lengths. */
export const CALL_POSITION = 15;
export const REPLY_POSITION = 19;
export const CALL_LENGTH = 31;
export const REPLY_LENGTH = 30;
export const REPLY_HASH = 18;
export const LAST_CALL_NANOSECONDS = 22;
/** Transmissions of the call after the first, and resent TCP segments with a part of the call or the reply. */
export const RESENDS = 23;
export const TCP_RETRANSMISSIONS = 26;
export const STATE = 27;
/** The first reply's status word, of procedures that `setStatus` is called for. */
export const STATUS = 28;
/** Frame of the last ICMP error that quoted the call, and its input. Such calls go over UDP: they have no REPLY_POSITION. */
export const ICMP_FRAME = 29;
export const ICMP_FILE = 19;

// Offsets of doubles in a slot; each takes two words.
export const CALL_SECONDS = 5;
export const REPLY_SECONDS = 8;
export const LAST_CALL_SECONDS = 10;

/** The owner of a slot that `newest` and `next` must not find. */
const NOBODY = -1;

/** The status where none was read. What it is compared with is 0. */
export const NO_STATUS = -1;

/** The value of a field that a message's header does not reach; as an unsigned number it would be 2^32 - 1. */
const CUT_OFF = -1;

export class ExchangeSlots {
  private readonly words: Int32Array;
  private readonly doubles: Float64Array;
  /**
   * Serial number of each bucket's newest slot. There are more buckets than slots, so a new call
   * mostly finds its bucket empty.
   */
  private readonly heads: Int32Array;
  /** The bits of a hash above these choose a neighbourhood. */
  private readonly shift: number;
  /** Exchanges opened so far. */
  opened = 0;
  /** The slot that the next exchange takes. */
  private cursor = 0;
  /** Exchanges that were let stay, by slot: how many were opened before them. */
  private readonly stayedSince = new Map<number, number>();

  constructor(readonly capacity = MAX_EXCHANGES) {
    const neighbourhoods = Math.max(2, (BUCKETS_A_SLOT << (32 - Math.clz32(capacity - 1))) / NEIGHBOURS);
    this.heads = new Int32Array(neighbourhoods * NEIGHBOURS);
    this.shift = 1 + Math.clz32(neighbourhoods);
    const buffer = new ArrayBuffer(capacity * STRIDE * 4);
    this.words = new Int32Array(buffer);
    this.doubles = new Float64Array(buffer);
  }

  /** A word as stored; `>>> 0` makes it unsigned. */
  get(slot: number, word: number): number {
    return this.words[slot * STRIDE + word];
  }

  set(slot: number, word: number, value: number): void {
    this.words[slot * STRIDE + word] = value;
  }

  add(slot: number, word: number): void {
    this.words[slot * STRIDE + word]++;
  }

  getDouble(slot: number, word: number): number {
    return this.doubles[slot * DOUBLES + word];
  }

  setDouble(slot: number, word: number, value: number): void {
    this.doubles[slot * DOUBLES + word] = value;
  }

  get isFull(): boolean {
    return this.opened >= this.capacity;
  }

  /** The slot that `open` will take; if the ring is full, that of the oldest exchange. */
  get oldest(): number {
    return this.cursor;
  }

  /** Takes the next slot for a call; `previous` is the slot of the call before it on its connection. */
  open(message: Message, owner: number, call: CallArguments, previous: number): number {
    const slot = this.advance();
    if (this.stayedSince.size > 0) this.stayedSince.delete(slot);
    this.link(slot, owner, message.xid | 0);
    const { words, doubles } = this;
    const at = slot * STRIDE;
    words[at + PROGRAM] = message.program;
    words[at + VERSION] = message.version;
    words[at + PROCEDURE] = message.procedure;
    words[at + ARGUMENTS_LENGTH] = call.length;
    words[at + ARGUMENTS_CAPTURED] = call.captured;
    words[at + ARGUMENTS_HASH] = call.hash;
    words[at + CALL_FRAME] = message.frame;
    words[at + CALL_FILE] = message.file;
    words[at + CALL_NANOSECONDS] = message.nanoseconds;
    words[at + REPLY_FRAME] = 0;
    words[at + PREVIOUS] = previous;
    words[at + STATE] = 0;
    words[at + RESENDS] = 0;
    words[at + TCP_RETRANSMISSIONS] = 0;
    words[at + STATUS] = NO_STATUS;
    words[at + ICMP_FRAME] = 0;
    words[at + CALL_LENGTH] = message.length;
    doubles[slot * DOUBLES + CALL_SECONDS] = message.seconds;
    return slot;
  }

  /** Sets what a reply has from its call: program, version, procedure, frame and its file, and the time between the two. */
  readCall(slot: number, message: Message): void {
    const { words } = this;
    const at = slot * STRIDE;
    // A header with a procedure has program and version too, so -1 in them is a number. Only a cut header lacks fields.
    const isCut = words[at + PROCEDURE] === CUT_OFF;
    message.program = fieldOf(words[at + PROGRAM], isCut);
    message.version = fieldOf(words[at + VERSION], isCut);
    message.procedure = fieldOf(words[at + PROCEDURE], isCut);
    message.callFrame = words[at + CALL_FRAME] >>> 0;
    message.callFile = words[at + CALL_FILE];
    const seconds = this.doubles[slot * DOUBLES + CALL_SECONDS];
    message.elapsed = nanosecondsBetween(seconds, words[at + CALL_NANOSECONDS], message.seconds, message.nanoseconds);
  }

  /** Lets the oldest exchange stay for another turn of the ring. */
  renew(): void {
    const slot = this.cursor;
    const serial = this.serialOf(slot);
    this.advance();
    this.link(slot, this.get(slot, OWNER), this.get(slot, XID));
    this.stayedSince.set(slot, serial);
  }

  /** Slots of exchanges that were let stay, and how many there are. */
  get stayed(): number[] {
    return [...this.stayedSince.keys()];
  }

  get stayedCount(): number {
    return this.stayedSince.size;
  }

  /** How many slots were taken before the one of this exchange, at first. */
  serialOf(slot: number): number {
    return this.stayedSince.get(slot) ?? this.opened - 1 - this.age(slot);
  }

  /** The newest slot with this owner and xid; NONE: there is none. */
  newest(owner: number, xid: number): number {
    return this.seek(owner, xid, this.heads[this.bucketOf(owner, xid)], -1);
  }

  /** The next older slot with this owner and xid. */
  next(owner: number, xid: number, after: number): number {
    return this.seek(owner, xid, this.words[after * STRIDE + OLDER], this.age(after));
  }

  /**
   * Follows a chain from a serial number on, to slots older than `age`. Reads what the next round needs
   * before it is known whether there will be one: most chains are short, and V8 would discard code
   * compiled before it saw a second round.
   */
  private seek(owner: number, xid: number, first: number, age: number): number {
    const { words, capacity } = this;
    const newest = this.serial;
    let serial = first;
    let least = age;
    for (;;) {
      const older = (newest - serial) | 0;
      if (older <= least || older >= capacity) return NONE;
      const slot = this.age(older);
      const at = slot * STRIDE;
      serial = words[at + OLDER];
      least = older;
      if (words[at + XID] === xid && words[at + OWNER] === owner) return slot;
    }
  }

  /** Takes the owner from a slot; whoever keeps the slot's number still finds it. */
  disown(slot: number): void {
    this.words[slot * STRIDE + OWNER] = NOBODY;
  }

  isDisowned(slot: number): boolean {
    return this.words[slot * STRIDE + OWNER] === NOBODY;
  }

  private advance(): number {
    const slot = this.cursor;
    this.cursor = slot + 1 === this.capacity ? 0 : slot + 1;
    this.opened++;
    return slot;
  }

  private link(slot: number, owner: number, xid: number): void {
    const { words, heads } = this;
    const bucket = this.bucketOf(owner, xid);
    const at = slot * STRIDE;
    words[at + OLDER] = heads[bucket];
    heads[bucket] = this.serial;
    words[at + OWNER] = owner;
    words[at + XID] = xid;
  }

  /** Serial number of the newest slot. 0, which is in every empty bucket, is too old for the ring. */
  private get serial(): number {
    return (this.opened + this.capacity) | 0;
  }

  /** How many slots were taken after a slot; and, given such an age, the slot that has it. */
  private age(slot: number): number {
    const age = this.cursor - 1 - slot;
    // A branch would be taken only once the ring is full, long after V8 compiled this.
    return age + (this.capacity & (age >> 31));
  }

  /**
   * Clients count xids up, in either byte order. So xids that differ only in the low bits of their first or last byte
   * are neighbours in the table: calls close in time are close in memory, where the processor caches them. The place of
   * such a neighbourhood depends on secret factors, so no capture can collect more than some 64 xids of one owner in one
   * bucket. One product would leave evenly spaced xids evenly spaced, which some factors gather in a few places.
   */
  private bucketOf(owner: number, xid: number): number {
    const product = Math.imul(xid & DISTANT_BITS, SECRET) + Math.imul(owner, OTHER_SECRET);
    const place = Math.imul(product ^ (product >>> 15), SECRET);
    return ((place >>> this.shift) * NEIGHBOURS) | ((xid + (xid >>> 24)) & (NEIGHBOURS - 1));
  }

  /** Slots in use. */
  get size(): number {
    return Math.min(this.opened, this.capacity);
  }

  /** The slot of the `index`th exchange in use, from the oldest on. */
  at(index: number): number {
    return this.age(this.size - 1 - index);
  }
}

function fieldOf(word: number, isCut: boolean): number {
  return isCut && word === CUT_OFF ? CUT_OFF : word >>> 0;
}
