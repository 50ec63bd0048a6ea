/** Writes NFSv4 compounds (RFC 8881 §16.2) and callbacks for tests. */
import { bytes } from './capture-writer.js';
import { call, opaque, reply, words } from './rpc-writer.js';

const TAG = opaque('');
const OK = 0;

/** A COMPOUND of minor version 2. */
export function compound(xid: number, ...operations: Uint8Array[]): Buffer {
  return call({ xid, version: 4, procedure: 1, args: bytes(TAG, words(2, operations.length), ...operations) });
}

/** Its reply; `status` is the last operation's. */
export function compoundReply(xid: number, status: number, ...results: Uint8Array[]): Buffer {
  return reply({ xid, result: bytes(words(status), TAG, words(results.length), ...results) });
}

/** A CB_COMPOUND of minor version 2, of a program that the client need not have announced. */
export function callback(xid: number, ...operations: Uint8Array[]): Buffer {
  const args = bytes(TAG, words(2, 1, operations.length), ...operations);
  return call({ xid, program: 0x40000000, version: 1, procedure: 1, args });
}

/** 16 bytes. */
export const session = (name: number) => words(name, name, name, name);
/** A stateid: its sequence number, and 12 bytes. */
export const stateid = (name: number, sequence = 1) => words(sequence, name, name, name);

export const sequence = (of: number, number: number, slot = 0, highest = slot) =>
  bytes(words(53), session(of), words(number, slot, highest, 0));

export const sequenceReply = (of: number, number: number, slot = 0, target = 29, flags = 0) =>
  bytes(words(53, OK), session(of), words(number, slot, target, target, flags));
