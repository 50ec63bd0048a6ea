/**
 * Reads the header of an RPC message (RFC 5531 §9) into a `Message`, as far as its bytes go. What is cut off stays -1;
 * a length that the message cannot hold becomes `headerFault`, and what came before it stays.
 */
import { MAX_AUTH_BODY } from '../limits.js';
import { padded, read32 } from '../xdr/bytes.js';
import {
  ACCEPT_STATS,
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
  if (message.type === CALL) readCall(message, bytes, start + 8, end);
  else if (message.type === REPLY) readReply(message, bytes, start + 8, end);
  else return false;
  return true;
}

function readCall(message: Message, bytes: Uint8Array, at: number, end: number): void {
  if (end - at >= 4) message.rpcVersion = read32(bytes, at);
  if (end - at >= 8) message.program = read32(bytes, at + 4);
  if (end - at >= 12) message.version = read32(bytes, at + 8);
  if (end - at < 16) return;
  message.procedure = read32(bytes, at + 12);
  const verifier = readAuth(message, message.credential, 'credential', bytes, at + 16, end);
  if (verifier >= 0) message.body = readAuth(message, message.verifier, 'verifier', bytes, verifier, end);
}

function readReply(message: Message, bytes: Uint8Array, at: number, end: number): void {
  if (end - at < 4) return;
  message.replyStat = read32(bytes, at);
  if (message.replyStat === MSG_ACCEPTED) readAccepted(message, bytes, at + 4, end);
  else if (message.replyStat === MSG_DENIED) readDenied(message, bytes, at + 4, end);
  else fault(message, at, 'reply_stat', `${message.replyStat} is neither MSG_ACCEPTED nor MSG_DENIED`);
}

function readAccepted(message: Message, bytes: Uint8Array, at: number, end: number): void {
  const stat = readAuth(message, message.verifier, 'verifier', bytes, at, end);
  if (stat < 0 || end - stat < 4) return;
  message.acceptStat = read32(bytes, stat);
  if (message.acceptStat === PROG_MISMATCH) readMismatch(message, bytes, stat + 4, end);
  else if (message.acceptStat < ACCEPT_STATS.length) message.body = stat + 4;
  else fault(message, stat, 'accept_stat', `${message.acceptStat} is no accept_stat`);
}

function readDenied(message: Message, bytes: Uint8Array, at: number, end: number): void {
  if (end - at < 4) return;
  message.rejectStat = read32(bytes, at);
  if (message.rejectStat === RPC_MISMATCH) {
    readMismatch(message, bytes, at + 4, end);
  } else if (message.rejectStat === 1) {
    if (end - at < 8) return;
    message.authStat = read32(bytes, at + 4);
    message.body = at + 8;
  } else fault(message, at, 'reject_stat', `${message.rejectStat} is neither RPC_MISMATCH nor AUTH_ERROR`);
}

function readMismatch(message: Message, bytes: Uint8Array, at: number, end: number): void {
  if (end - at >= 4) message.low = read32(bytes, at);
  if (end - at < 8) return;
  message.high = read32(bytes, at + 4);
  message.body = at + 8;
}

/** Reads an opaque_auth; answers the offset behind it, or -1 when it is not whole. */
function readAuth(
  message: Message,
  auth: OpaqueAuth,
  field: string,
  bytes: Uint8Array,
  at: number,
  end: number,
): number {
  if (end - at < 8) return -1;
  const length = read32(bytes, at + 4);
  auth.flavor = read32(bytes, at);
  auth.start = at + 8;
  auth.length = length;
  const next = at + 8 + padded(length);
  if (next > message.start + message.length) {
    auth.length = end - auth.start;
    fault(message, at + 4, field, `its length ${length} exceeds the message's ${message.length} bytes`);
    return -1;
  }
  if (length > MAX_AUTH_BODY) message.notes.push(`${field}: ${length} bytes exceed the bound of ${MAX_AUTH_BODY}`);
  if (next > end) {
    auth.length = Math.min(length, end - auth.start);
    return -1;
  }
  return next;
}

function fault(message: Message, at: number, field: string, reason: string): void {
  message.headerFault = { offset: at - message.start, field, reason };
}
