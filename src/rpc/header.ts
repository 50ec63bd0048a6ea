/**
 * Reads the header of an RPC message (RFC 5531 §9) into a `Message`, as far as its bytes go. What is cut off stays -1;
 * a length that the message cannot hold becomes `headerFault`, and what came before it stays.
 */
import { MAX_AUTH_BODY } from '../limits.js';
import { padded, read32 } from '../xdr/bytes.js';
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
} from './message.js';

/** Reads the header of `message.bytes[start..end)`. False when not even xid and type are there, or the type is neither. */
export function readHeader(message: Message): boolean {
  const { bytes, start, end } = message;
  message.resetHeader();
  if (end - start < 8) return false;
  message.xid = read32(bytes, start);
  message.type = read32(bytes, start + 4);
  if (message.type === CALL) readCall(message);
  else if (message.type === REPLY) readReply(message);
  else return false;
  return true;
}

/** Where the header is being read; the last field asked for was at `at - size`. */
class HeaderCursor {
  constructor(
    private readonly message: Message,
    public at: number,
  ) {}

  /** The next word; -1 when it is cut off, or the message itself ends before it, which is a fault. */
  word(field: string): number {
    if (!this.has(4, field)) return -1;
    this.at += 4;
    return read32(this.message.bytes, this.at - 4);
  }

  /** True when the next `size` bytes are there. */
  has(size: number, field: string): boolean {
    const { message, at } = this;
    const left = message.limit - at;
    if (size > left) fault(message, at, field, `needs ${size} bytes, ${Math.max(0, left)} are left`);
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

/** Reads an opaque_auth; false when it is not whole. */
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
  // What follows a fault is not read; the first one counts.
  message.headerFault ??= { offset: at - message.start, field, reason };
}
