/**
 * The evidence that bytes must show before they are taken for RPC, in one place. RPC has no magic number, so each case
 * names what it needs; ports decide nothing.
 *
 * | case                                         | evidence                                                             |
 * | -------------------------------------------- | -------------------------------------------------------------------- |
 * | a call, in a datagram or where a mark can be | type CALL, rpcvers 2; a program number of a range that RFC 5531 §8.3 |
 * |                                              | assigns, with numbers of version and procedure as real ones are, or  |
 * |                                              | credential and verifier within their bounds; another with both       |
 * | a call with another rpcvers                  | a stream in step, or a server endpoint that has answered RPC         |
 * | a reply whose call is known                  | type REPLY, a reply_stat                                             |
 * | a reply whose call was not captured          | type REPLY, a verifier of a known flavor within its bounds, a stat,  |
 * |                                              | the length that an error has, a length in units of four              |
 * | a record mark, after a hole or in mid-stream | a length, the next mark in a chain where it can be seen, and either  |
 * |                                              | a call with all of the above, of the direction's newest program; or  |
 * |                                              | such a call of an assigned program, in units of four, or one that    |
 * |                                              | ends with its segment, with its whole header in sight, and nothing   |
 * |                                              | behind it if it is NULL; or a reply, but one without its call only   |
 * |                                              | where the other direction may have had calls                         |
 *
 * DNS, HTTP, TLS, SMB and zeros show none of it: their first words are no message type, or their "marks" claim lengths
 * beyond any message. Programs and pictures, carried by RPC or by others, have every number somewhere, among zeros most of all: a record
 * that is believed for too little hides all that follow within its length.
 */
import { MAX_AUTH_BODY, MAX_RECORD, MAX_UNKNOWN_RECORD } from '../limits.js';
import { padded, read32 } from '../xdr/bytes.js';
import { rpcsecGss } from './auth/rpcsec-gss.js';
import { isStartTls } from './auth/tls.js';
import { CALL, REPLY } from './message.js';

/** Shortest messages there are: a call of void with empty credential and verifier; a reply of void; a denied reply. */
export const MIN_CALL = 40;
export const MIN_REPLY = 20;
/** Bytes from the xid on that a decision about a call or a reply looks at, when they are there. */
export const EVIDENCE_BYTES = 32;
/** Where a call's credential stands. */
const CREDENTIAL = 24;
/** Versions and procedures are numbered from 0 or 1 on; the greatest that are registered have four digits. */
const MOST_NUMBER = 0xffff;
/** What rpcinfo asks for to be told which versions there are. */
const ANY_VERSION = 0xffffffff;
/** IANA's registry of flavors ends below 400,000. */
const MOST_FLAVOR = 0xfffff;

/** Looks like a call of RPC version 2: `bytes[at..end)` is what is there of a message of `length` bytes. */
export function isCall(bytes: Uint8Array, at: number, end: number, length: number): boolean {
  if (length < MIN_CALL || end - at < 12) return false;
  if (read32(bytes, at + 4) !== CALL || read32(bytes, at + 8) !== 2 || end - at < 16) return false;
  const program = read32(bytes, at + 12);
  if (isAssigned(program)) return hasSmallNumbers(bytes, at, end) || isAuth(bytes, at, end, length);
  return program > 0 && end - at >= 32 && hasSmallNumbers(bytes, at, end) && isAuth(bytes, at, end, length);
}

/** Looks like a call of any RPC version: for endpoints and streams that are known to speak RPC. */
export function isCallOfAnyVersion(bytes: Uint8Array, at: number, end: number, length: number): boolean {
  if (length < MIN_CALL || end - at < 16 || read32(bytes, at + 4) !== CALL) return false;
  return read32(bytes, at + 8) < 16 && isAssigned(read32(bytes, at + 12));
}

/** A reply to a call that is known by its xid. */
export function isReplyToKnownCall(bytes: Uint8Array, at: number, end: number): boolean {
  return end - at >= 12 && read32(bytes, at + 4) === REPLY && read32(bytes, at + 8) <= 1;
}

/** A reply whose call was not captured. */
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
  return stat === 1 && length === 20 && read32(bytes, at + 16) <= 14;
}

/** Flavors that verifiers of replies have: RFC 5531 §8.1's, RFC 2203's RPCSEC_GSS and RFC 9289's AUTH_TLS. */
function isFlavor(flavor: number): boolean {
  return flavor <= 7;
}

/** Version and procedure of a call are numbers as real programs have them, as far as they can be seen. */
function hasSmallNumbers(bytes: Uint8Array, at: number, end: number): boolean {
  if (end - at >= 20 && read32(bytes, at + 16) > MOST_NUMBER && read32(bytes, at + 16) !== ANY_VERSION) return false;
  return end - at < 24 || read32(bytes, at + 20) <= MOST_NUMBER;
}

/** Both opaque_auths of a call of `length` bytes, as far as they can be seen. */
function isAuth(bytes: Uint8Array, at: number, end: number, length: number): boolean {
  if (end - at < CREDENTIAL + 8) return true;
  if (read32(bytes, at + CREDENTIAL) > MOST_FLAVOR || read32(bytes, at + CREDENTIAL + 4) > MAX_AUTH_BODY) return false;
  const verifier = verifierOf(bytes, at);
  if (verifier + 8 > at + length) return false;
  if (verifier + 8 > end) return true;
  return read32(bytes, verifier) <= MOST_FLAVOR && read32(bytes, verifier + 4) <= MAX_AUTH_BODY;
}

/** Where the verifier of a call begins whose credential's length is there. */
function verifierOf(bytes: Uint8Array, at: number): number {
  return at + CREDENTIAL + 8 + padded(read32(bytes, at + CREDENTIAL + 4));
}

/** Program numbers that RFC 5531 §8.3 gives out: 100000 (rpcbind) is the first, 0x5fffffff the last of the transient ones. */
function isAssigned(program: number): boolean {
  return program >= 100_000 && program < 0x60000000;
}

/** What a scan knows of the stream. */
export interface ScanContext {
  /** Tells whether an xid's call is open. */
  isKnown: (xid: number) => boolean;
  /** Of the newest call in this direction; -1: it had none. */
  program: number;
  /** Replies whose calls are not known may be here. */
  mayAnswer: boolean;
  /** No bytes follow these. */
  isAll: boolean;
}

export const NO = 0;
export const YES = 1;
/** It takes more bytes to tell. */
export const OPEN = 2;
export type Verdict = typeof NO | typeof YES | typeof OPEN;

/** Whether at `mark` a record mark stands with a message behind it; what is there ends at `end`. */
export function isRecord(bytes: Uint8Array, mark: number, end: number, context: ScanContext): Verdict {
  const word = read32(bytes, mark);
  const length = word & 0x7fffffff;
  const isLast = word >= 0x80000000;
  const at = mark + 4;
  if (length > MAX_RECORD) return NO;
  // A first fragment tells nothing of the message's length, and need not hold the whole header.
  const message = isLast ? length : MAX_RECORD;
  const there = isLast ? end : Math.min(end, at + length);
  if (!isChained(bytes, at + length, end, isLast)) return NO;
  if (read32(bytes, at + 4) === CALL) {
    if (!isCall(bytes, at, there, message)) return NO;
    // Three small numbers and a large one also stand in data: here a credential that lies is no call's.
    if (!hasSmallNumbers(bytes, at, there) || !isAuth(bytes, at, there, message)) return NO;
    if (read32(bytes, at + 12) === context.program) return YES;
    return isOtherCall(bytes, at, end, length, isLast, context.isAll);
  }
  if (context.isKnown(read32(bytes, at)) && isReplyToKnownCall(bytes, at, there)) return YES;
  // Program, version and procedure of a call without a credential look like a fragment with a reply.
  return isLast && context.mayAnswer && length <= MAX_UNKNOWN_RECORD && isReply(bytes, at, there, length) ? YES : NO;
}

/** What looks like a call of a program that the direction did not have before; `length` is that of its first fragment. */
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

/** True where the marks from here on lead to that of a last fragment. */
function endsInSight(bytes: Uint8Array, from: number, end: number): boolean {
  for (let mark = from; mark + 4 <= end; ) {
    const word = read32(bytes, mark);
    if (word >= 0x80000000) return true;
    if (word === 0 || word > MAX_UNKNOWN_RECORD) return false;
    mark += 4 + word;
  }
  return false;
}

/** What follows a fragment must be a mark, and, behind a record, a message: as far as it can be seen. */
function isChained(bytes: Uint8Array, mark: number, end: number, isRecordEnd: boolean): boolean {
  if (mark + 4 > end) return true;
  const length = read32(bytes, mark) & 0x7fffffff;
  if (length > MAX_RECORD || (length === 0 && isRecordEnd)) return false;
  if (mark + 12 > end || !isRecordEnd) return true;
  return read32(bytes, mark + 8) <= 1;
}
