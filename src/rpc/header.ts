/**
 * Reads the header of an RPC message (RFC 5531 §9) into a `Message`, as far as its bytes go. Fields that are cut off
 * stay -1. A length that the message cannot hold becomes `headerFault`; the fields before it stay.
 *
 * The usual header is whole and needs no note, so it is read straight from its words;
 * `readAnyHeader` reads every other one.
 */
import { MAX_AUTH_BODY } from '../limits/rpc.js';
import { padded, read32, viewOf } from '../xdr/bytes.js';
import {
  ACCEPT_STATS,
  AUTH_ERROR,
  CALL,
  type Message,
  MSG_ACCEPTED,
  MSG_DENIED,
  type OpaqueAuth,
  PROG_MISMATCH,
  REPLY,
  RPC_MISMATCH,
  SUCCESS,
} from './message.js';

const RPC_VERSION = 2;
/** Bytes up to and including the length of a call's credential, and of a reply's verifier. */
const CALL_WORDS = 32;
const REPLY_WORDS = 20;

/**
 * Reads the header of `message.bytes[start..end)`. False: xid and type are not there, or the type is neither CALL nor
 * REPLY.
 */
export function readHeader(message: Message): boolean {
  message.resetHeader();
  return readUsualCall(message) || readUsualReply(message) || readAnyHeader(message);
}

/**
 * Reads a call of RPC version 2 whose header is whole, with credential and verifier within their
 * bounds. False: it is another.
 */
function readUsualCall(message: Message): boolean {
  const { bytes, start, end } = message;
  if (end - start < CALL_WORDS + 8 || end > message.limit) return false;
  const view = viewOf(bytes);
  if (view.getInt32(start + 4) !== CALL || view.getInt32(start + 8) !== RPC_VERSION) return false;
  const credential = start + CALL_WORDS;
  const credentialLength = view.getUint32(start + 28);
  const verifier = credential + padded(credentialLength) + 8;
  if (credentialLength > MAX_AUTH_BODY || verifier > end) return false;
  const verifierLength = view.getUint32(verifier - 4);
  const body = verifier + padded(verifierLength);
  if (verifierLength > MAX_AUTH_BODY || body > end) return false;
  message.xid = view.getUint32(start);
  message.type = CALL;
  message.rpcVersion = RPC_VERSION;
  message.program = view.getUint32(start + 12);
  message.version = view.getUint32(start + 16);
  message.procedure = view.getUint32(start + 20);
  setAuth(message.credential, view.getUint32(start + 24), credential, credentialLength);
  setAuth(message.verifier, view.getUint32(verifier - 8), verifier, verifierLength);
  message.body = body;
  return true;
}

/**
 * Reads an accepted, successful reply whose header is whole, with a verifier within its bound. False: it is another.
 */
function readUsualReply(message: Message): boolean {
  const { bytes, start, end } = message;
  if (end - start < REPLY_WORDS + 4 || end > message.limit) return false;
  const view = viewOf(bytes);
  if (view.getInt32(start + 4) !== REPLY || view.getInt32(start + 8) !== MSG_ACCEPTED) return false;
  const verifier = start + REPLY_WORDS;
  const length = view.getUint32(start + 16);
  const body = verifier + padded(length) + 4;
  if (length > MAX_AUTH_BODY || body > end || view.getInt32(body - 4) !== SUCCESS) return false;
  message.xid = view.getUint32(start);
  message.type = REPLY;
  message.replyStat = MSG_ACCEPTED;
  message.acceptStat = SUCCESS;
  setAuth(message.verifier, view.getUint32(start + 12), verifier, length);
  message.body = body;
  return true;
}

/** Sets an opaque_auth whose body is whole. */
function setAuth(auth: OpaqueAuth, flavor: number, start: number, length: number): void {
  auth.flavor = flavor;
  auth.start = start;
  auth.length = length;
  auth.limit = start + length;
  auth.isWhole = true;
}

/** Like `readHeader`, for a message whose header fields were reset. */
export function readAnyHeader(message: Message): boolean {
  const { bytes, start, end } = message;
  if (end - start < 8) return false;
  message.xid = read32(bytes, start);
  message.type = read32(bytes, start + 4);
  if (message.type === CALL) readCall(message);
  else if (message.type === REPLY) readReply(message);
  else return false;
  return true;
}

/** Where the header is being read. */
class HeaderCursor {
  constructor(
    private readonly message: Message,
    public at: number,
  ) {}

  /** The next word; -1 if it is cut off, or if the message ends before it, which is a fault. */
  word(field: string): number {
    if (!this.has(4, field)) return -1;
    this.at += 4;
    return read32(this.message.bytes, this.at - 4);
  }

  /** True when the next `size` bytes are there. If the message ends before them, notes a fault. */
  has(size: number, field: string): boolean {
    const { message, at } = this;
    const left = message.limit - at;
    if (size > left) fault(message, at, field, `needs ${size} bytes, only ${Math.max(0, left)} left`);
    return size <= left && at + size <= message.end;
  }
}

function readCall(message: Message): void {
  const cursor = new HeaderCursor(message, message.start + 8);
  message.rpcVersion = cursor.word('rpcvers');
  if (message.rpcVersion >= 0 && message.rpcVersion !== 2)
    message.notes.push(`rpcvers is ${message.rpcVersion}, not 2`);
  message.program = cursor.word('program_number');
  message.version = cursor.word('version');
  message.procedure = cursor.word('procedure_number');
  if (!readAuth(message, message.credential, 'credential', cursor)) return;
  if (readAuth(message, message.verifier, 'verifier', cursor)) message.body = cursor.at;
}

function readReply(message: Message): void {
  const cursor = new HeaderCursor(message, message.start + 8);
  message.replyStat = cursor.word('reply_stat');
  if (message.replyStat === MSG_ACCEPTED) readAccepted(message, cursor);
  else if (message.replyStat === MSG_DENIED) readDenied(message, cursor);
  else if (message.replyStat >= 0) {
    fault(message, cursor.at - 4, 'reply_stat', `${message.replyStat} is neither MSG_ACCEPTED nor MSG_DENIED`);
  }
}

function readAccepted(message: Message, cursor: HeaderCursor): void {
  if (!readAuth(message, message.verifier, 'verifier', cursor)) return;
  message.acceptStat = cursor.word('accept_stat');
  if (message.acceptStat === PROG_MISMATCH) readMismatch(message, cursor);
  else if (message.acceptStat >= ACCEPT_STATS.length) {
    fault(message, cursor.at - 4, 'accept_stat', `${message.acceptStat} is no accept_stat`);
  } else if (message.acceptStat >= 0) message.body = cursor.at;
}

function readDenied(message: Message, cursor: HeaderCursor): void {
  message.rejectStat = cursor.word('reject_stat');
  if (message.rejectStat === RPC_MISMATCH) {
    readMismatch(message, cursor);
  } else if (message.rejectStat === AUTH_ERROR) {
    message.authStat = cursor.word('auth_stat');
    if (message.authStat >= 0) message.body = cursor.at;
  } else if (message.rejectStat >= 0) {
    fault(message, cursor.at - 4, 'reject_stat', `${message.rejectStat} is neither RPC_MISMATCH nor AUTH_ERROR`);
  }
}

function readMismatch(message: Message, cursor: HeaderCursor): void {
  message.low = cursor.word('mismatch.low');
  if (message.low >= 0) message.high = cursor.word('mismatch.high');
  if (message.high >= 0) message.body = cursor.at;
}

/** Reads an opaque_auth. False: it is not whole. */
function readAuth(message: Message, auth: OpaqueAuth, field: string, cursor: HeaderCursor): boolean {
  if (!cursor.has(8, field)) return false;
  const flavor = cursor.word(field);
  const length = cursor.word(field);
  auth.flavor = flavor;
  auth.start = cursor.at;
  auth.length = length;
  auth.isWhole = false;
  auth.limit = Math.min(cursor.at + length, message.limit);
  const next = cursor.at + padded(length);
  if (next > message.limit) {
    auth.length = message.end - auth.start;
    fault(message, cursor.at - 4, field, `its length ${length} exceeds the message's ${message.length} bytes`);
    return false;
  }
  if (length > MAX_AUTH_BODY) message.notes.push(`${field}: ${length} bytes exceed the bound of ${MAX_AUTH_BODY}`);
  auth.isWhole = cursor.at + length <= message.end;
  cursor.at = next;
  if (next <= message.end) return true;
  auth.length = Math.min(length, message.end - auth.start);
  return false;
}

function fault(message: Message, at: number, field: string, reason: string): void {
  // Nothing behind a fault is read; only the first one counts.
  message.headerFault ??= { offset: at - message.start, field, reason };
}
