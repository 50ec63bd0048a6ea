/**
 * The evidence that bytes must show before they count as RPC, in one place. RPC has no magic number, so each case names
 * what it needs; ports decide nothing.
 *
 * | case                                         | evidence                                                             |
 * | -------------------------------------------- | -------------------------------------------------------------------- |
 * | a call, in a datagram or where a mark can be | type CALL, rpcvers 2; a program number of a range that RFC 5531 §8.3 |
 * |                                              | assigns, with version and procedure numbers as real ones are, or     |
 * |                                              | credential and verifier within their bounds; another program number  |
 * |                                              | with both                                                            |
 * | a call with another rpcvers                  | a stream in step, or a server endpoint that has answered RPC         |
 * | a reply whose call is known                  | type REPLY, a reply_stat                                             |
 * | a reply whose call was not captured          | type REPLY, a verifier of a known flavor within its bounds, a stat,  |
 * |                                              | the length that such an error has, a length in units of four         |
 * | a record mark, after a hole or in mid-stream | a believable length, the next mark if it is in sight, and one of:    |
 * |                                              | - a call with all of the above, of the direction's newest program    |
 * |                                              | - such a call of an assigned program, in units of four, or one that  |
 * |                                              |   ends with its segment, with its whole header in sight, and if it   |
 * |                                              |   is NULL with nothing behind the header; but not of the program     |
 * |                                              |   whose calls the direction answers                                  |
 * |                                              | - a reply; without a known call only if the other direction may have |
 * |                                              |   had calls                                                          |
 *
 * DNS, HTTP, TLS, SMB and zeros show none of it: their first words are no message type, or their "marks" claim lengths
 * beyond any message. But programs and pictures, carried by RPC or by other protocols, contain every number somewhere,
 * among zeros most of all. A record that is believed on too little evidence hides all records within its length.
 */
import { MAX_AUTH_BODY, MAX_RECORD, MAX_UNKNOWN_RECORD } from '../limits/rpc.js';
import { padded, read32 } from '../xdr/bytes.js';
import { AUTH_FLAVORS } from './auth/index.js';
import { rpcsecGss } from './auth/rpcsec-gss.js';
import { isStartTls } from './auth/tls.js';
import { AUTH_STATS, CALL, REPLY } from './message.js';

/** Bytes of the xid, the type and the word behind them, without which a header cannot be read. */
export const LEAST_HEADER = 12;
/** The shortest call (of void, with empty credential and verifier), and the shortest reply (denied). */
const MIN_CALL = 40;
export const MIN_REPLY = 20;
/** How many bytes from the xid on a decision about a call or a reply uses, if they are there. */
export const EVIDENCE_BYTES = 32;
/** Offset of a call's credential. */
const CREDENTIAL = 24;
/** Versions and procedures are numbered from 0 or 1 on; the largest registered ones have four digits. */
const MOST_NUMBER = 0xffff;
/** The version that rpcinfo calls to learn which versions exist. */
const ANY_VERSION = 0xffffffff;
/** IANA's registry of flavors ends below 400,000. */
const MOST_FLAVOR = 0xfffff;
/** AUTH_TLS (RFC 9289): up to it, flavors are numbered without a gap. */
const LAST_CONSECUTIVE_FLAVOR = 7;

/** True for a likely call of RPC version 2; `bytes[at..end)` is what is there of a message of `length` bytes. */
export function isCall(bytes: Uint8Array, at: number, end: number, length: number): boolean {
  if (length < MIN_CALL || end - at < LEAST_HEADER) return false;
  if (read32(bytes, at + 4) !== CALL || read32(bytes, at + 8) !== 2 || end - at < 16) return false;
  const program = read32(bytes, at + 12);
  if (isAssigned(program)) return hasSmallNumbers(bytes, at, end) || isAuth(bytes, at, end, length);
  return program > 0 && end - at >= 32 && hasSmallNumbers(bytes, at, end) && isAuth(bytes, at, end, length);
}

/** True for a likely call of any RPC version, at endpoints and in streams that are known to speak RPC. */
export function isCallOfAnyVersion(bytes: Uint8Array, at: number, end: number, length: number): boolean {
  if (length < MIN_CALL || end - at < 16 || read32(bytes, at + 4) !== CALL) return false;
  return read32(bytes, at + 8) < 16 && isAssigned(read32(bytes, at + 12));
}

/** True for a reply, if its xid is that of a known call. */
export function isReplyToKnownCall(bytes: Uint8Array, at: number, end: number): boolean {
  return end - at >= LEAST_HEADER && read32(bytes, at + 4) === REPLY && read32(bytes, at + 8) <= 1;
}

/** True for a likely reply whose call was not captured. */
export function isReply(bytes: Uint8Array, at: number, end: number, length: number): boolean {
  if (length < MIN_REPLY || (length & 3) !== 0 || end - at < 20) return false;
  if (read32(bytes, at + 4) !== REPLY) return false;
  const stat = read32(bytes, at + 8);
  return stat === 0 ? isAccepted(bytes, at, end, length) : stat === 1 && isDenied(bytes, at, length);
}

function isAccepted(bytes: Uint8Array, at: number, end: number, length: number): boolean {
  const flavor = read32(bytes, at + 12);
  const verifierLength = read32(bytes, at + 16);
  if (!isFlavor(flavor) || verifierLength > MAX_AUTH_BODY) return false;
  const verifierEnd = at + 20 + verifierLength;
  if (flavor === 0 && verifierLength > 0 && !(verifierEnd <= end && isStartTls(bytes, flavor, at + 20, verifierEnd)))
    return false;
  const stat = at + 20 + padded(verifierLength);
  if (stat + 4 > at + length) return false;
  if (stat + 4 > end) return true;
  const value = read32(bytes, stat);
  const rest = at + length - stat - 4;
  if (value === 0) return true;
  if (value === 2) return rest === 8;
  return value <= 5 && rest === 0;
}

function isDenied(bytes: Uint8Array, at: number, length: number): boolean {
  const stat = read32(bytes, at + 12);
  if (stat === 0) return length === 24;
  return stat === 1 && length === 20 && read32(bytes, at + 16) < AUTH_STATS.length;
}

/** Flavors of verifiers in replies: those that are numbered from 0 on, and further ones that have a file in auth/. */
function isFlavor(flavor: number): boolean {
  return flavor <= LAST_CONSECUTIVE_FLAVOR || AUTH_FLAVORS.has(flavor);
}

/** True when a call's version and procedure are numbers as real programs have them, as far as they are there. */
function hasSmallNumbers(bytes: Uint8Array, at: number, end: number): boolean {
  if (end - at >= 20 && read32(bytes, at + 16) > MOST_NUMBER && read32(bytes, at + 16) !== ANY_VERSION) return false;
  return end - at < 24 || read32(bytes, at + 20) <= MOST_NUMBER;
}

/** True when both opaque_auths of a call of `length` bytes are within their bounds, as far as they are there. */
function isAuth(bytes: Uint8Array, at: number, end: number, length: number): boolean {
  if (end - at < CREDENTIAL + 8) return true;
  if (read32(bytes, at + CREDENTIAL) > MOST_FLAVOR || read32(bytes, at + CREDENTIAL + 4) > MAX_AUTH_BODY) return false;
  const verifier = verifierOf(bytes, at);
  if (verifier + 8 > at + length) return false;
  if (verifier + 8 > end) return true;
  return read32(bytes, verifier) <= MOST_FLAVOR && read32(bytes, verifier + 4) <= MAX_AUTH_BODY;
}

/** Offset of a call's verifier; the length of the credential must be there. */
function verifierOf(bytes: Uint8Array, at: number): number {
  return at + CREDENTIAL + 8 + padded(read32(bytes, at + CREDENTIAL + 4));
}

/**
 * Program numbers that RFC 5531 §8.3 assigns: the first is 100000 (rpcbind), the last of the transient ones 0x5fffffff.
 */
function isAssigned(program: number): boolean {
  return program >= 100_000 && program < 0x60000000;
}

/** What is known of the connection in one direction of which a scan looks for a record. */
export interface ScanContext {
  /** True for the xid of an open call in the other direction. */
  isKnownXid(xid: number): boolean;
  /** Program of the newest call in this direction; -1: it had none. */
  program: number;
  /**
   * Program of the newest call in the other direction, once this one has answered calls: it does not call that program as
   * well; -1: it has answered none.
   */
  answeredProgram: number;
  /** This direction may have replies whose calls are not known: it has no calls, or the other one has some. */
  mayAnswer: boolean;
}

export const NO = 0;
export const YES = 1;
/** More bytes are needed to tell. */
export const OPEN = 2;
export type Verdict = typeof NO | typeof YES | typeof OPEN;

/**
 * Tells whether a record mark with a message behind it is at `mark`; the bytes end at `end`. `isAll`: no more bytes follow
 * these.
 */
export function isRecord(bytes: Uint8Array, mark: number, end: number, isAll: boolean, context: ScanContext): Verdict {
  const word = read32(bytes, mark);
  const length = word & 0x7fffffff;
  const isLast = word >= 0x80000000;
  const at = mark + 4;
  if (length > MAX_RECORD) return NO;
  // A first fragment does not tell the message's length, and need not hold the whole header.
  const message = isLast ? length : MAX_RECORD;
  const there = isLast ? end : Math.min(end, at + length);
  if (!isChained(bytes, at + length, end, isLast)) return NO;
  if (read32(bytes, at + 4) === CALL) {
    if (!isCall(bytes, at, there, message)) return NO;
    // Three small numbers and a large one also occur in data, so a call whose credential lies is not believed here.
    if (!hasSmallNumbers(bytes, at, there) || !isAuth(bytes, at, there, message)) return NO;
    const program = read32(bytes, at + 12);
    if (program === context.program) return YES;
    if (program === context.answeredProgram) return NO;
    return isOtherCall(bytes, at, end, length, isLast, isAll);
  }
  if (context.isKnownXid(read32(bytes, at)) && isReplyToKnownCall(bytes, at, there)) return YES;
  // Only last fragments: program, version and procedure of a call without a credential look like a fragment with a
  // reply.
  return isLast && context.mayAnswer && length <= MAX_UNKNOWN_RECORD && isReply(bytes, at, there, length) ? YES : NO;
}

/** Judges a likely call of a program that the direction has not had before; `length` is that of its first fragment. */
function isOtherCall(
  bytes: Uint8Array,
  at: number,
  end: number,
  length: number,
  isLast: boolean,
  isAll: boolean,
): Verdict {
  const endsHere = isLast && at + length === end;
  const isUsual = isAssigned(read32(bytes, at + 12)) && !(isLast && (length & 3) !== 0);
  if (!(isUsual || endsHere) || length > MAX_UNKNOWN_RECORD) return NO;
  if (length < MIN_CALL) return !isLast && endsInSight(bytes, at + length, end) ? YES : NO;
  const verifier = end - at < CREDENTIAL + 8 ? end : verifierOf(bytes, at);
  if (verifier + 8 > end) return isAll ? YES : OPEN;
  const body = verifier + 8 + padded(read32(bytes, verifier + 4));
  if (body > at + length) return NO;
  const isNull = read32(bytes, at + 20) === 0 && read32(bytes, at + CREDENTIAL) !== rpcsecGss.number;
  return isNull && !(isLast && body === at + length) ? NO : YES;
}

/** True when the marks from here on lead to that of a last fragment. */
function endsInSight(bytes: Uint8Array, from: number, end: number): boolean {
  for (let mark = from; mark + 4 <= end; ) {
    const word = read32(bytes, mark);
    if (word >= 0x80000000) return true;
    if (word === 0 || word > MAX_UNKNOWN_RECORD) return false;
    mark += 4 + word;
  }
  return false;
}

/**
 * True when a mark follows a fragment, and, if that was a record's last, a message behind the
 * mark: as far as they are in sight.
 */
export function isChained(bytes: Uint8Array, mark: number, end: number, isRecordEnd: boolean): boolean {
  if (mark + 4 > end) return true;
  const length = read32(bytes, mark) & 0x7fffffff;
  if (length > MAX_RECORD || (length === 0 && isRecordEnd)) return false;
  if (mark + 12 > end || !isRecordEnd) return true;
  return read32(bytes, mark + 8) <= 1;
}
