/** NFS over RDMA as it is written: exchanges whose data go by chunks (RFC 8267). */
import { bytes } from './capture-writer.js';
import { inline, type Memory, type RdmaConversation, rdmaHeader } from './rdma.js';
import { call, opaque, reply, words } from './rpc-writer.js';

const NO_ATTRIBUTES = words(0);
/** File handles. */
export const FILE = words(0, 1);
export const DIRECTORY = words(0, 2);
const LINK = words(0, 3);
const OTHER = words(0, 4);
const LOOKUP = 3;
const READLINK = 5;
const READ = 6;
const WRITE = 7;
const RDMA_NOMSG = 1;

/** How much of the data is captured. */
export type Captured = 'all' | 'none';

/** NFSv3 WRITE of `data`, which the server reads from the client's memory. */
export function write(conversation: RdmaConversation, xid: number, data: Uint8Array, captured: Captured = 'all'): void {
  const head = call({ xid, procedure: WRITE, args: bytes(opaque(FILE), words(0, 0, data.length, 2, data.length)) });
  const memory = { key: 0x1000 + xid, address: 0x8000, length: data.length };
  conversation.send(0, inline(head, { reads: [{ ...memory, position: head.length }] })).acknowledge(1);
  if (captured === 'all') conversation.read(1, memory, data);
  const result = bytes(words(0), NO_ATTRIBUTES, NO_ATTRIBUTES, words(data.length, 2, 0, 0));
  conversation.send(1, inline(reply({ xid, result }))).acknowledge(0);
}

/** NFSv3 READ of `data`, which the server writes to the client's memory: in segments of at most `room` bytes. */
export function read(
  conversation: RdmaConversation,
  xid: number,
  data: Uint8Array,
  { captured = 'all' as Captured, room = data.length } = {},
): void {
  const segments: Memory[] = [];
  for (let at = 0; at < data.length; at += room)
    segments.push({ key: 0x2000 + xid, address: 0x10000 + 0x4000 * at, length: room });
  const args = bytes(opaque(FILE), words(0, 0, data.length));
  conversation.send(0, inline(call({ xid, procedure: READ, args }), { writes: [segments] })).acknowledge(1);
  const filled = segments.map((segment, i) => ({ ...segment, length: Math.min(room, data.length - i * room) }));
  let at = 0;
  for (const segment of captured === 'all' ? filled : []) {
    conversation.write(1, segment, data.subarray(at, at + segment.length));
    at += segment.length;
  }
  const result = bytes(words(0), NO_ATTRIBUTES, words(data.length, 1, data.length));
  conversation.send(1, inline(reply({ xid, result }), { writes: [filled] })).acknowledge(0);
}

/** NFSv3 LOOKUP as a long call, and a long reply: both are in memory of the client. */
export function longLookup(conversation: RdmaConversation, xid: number, name: string): void {
  const message = call({ xid, procedure: LOOKUP, args: bytes(opaque(DIRECTORY), opaque(name)) });
  const room = { key: 0x4000 + xid, address: 0, length: 4096 };
  const source = { key: 0x3000 + xid, address: 0x100, length: message.length };
  const procedure = RDMA_NOMSG;
  conversation
    .send(0, rdmaHeader(xid, { procedure, reads: [{ ...source, position: 0 }], reply: [room] }))
    .acknowledge(1)
    .read(1, source, message);
  const answer = reply({ xid, result: bytes(words(0), opaque(OTHER), NO_ATTRIBUTES, NO_ATTRIBUTES) });
  conversation
    .write(1, room, answer)
    .send(1, rdmaHeader(xid, { procedure, reply: [{ ...room, length: answer.length }] }))
    .acknowledge(0);
}

/** NFSv3 READLINK, whose text the server writes to the client's memory. */
export function readlink(conversation: RdmaConversation, xid: number, text: string): void {
  const memory = { key: 0x5000 + xid, length: 1024 };
  conversation.send(0, inline(call({ xid, procedure: READLINK, args: opaque(LINK) }), { writes: [[memory]] }));
  conversation.write(1, memory, Buffer.from(text));
  const result = bytes(words(0), NO_ATTRIBUTES, words(text.length));
  const used = { ...memory, length: text.length };
  conversation.send(1, inline(reply({ xid, result }), { writes: [[used]] })).acknowledge(0);
}

/** An NFSv4.0 compound of PUTFH, READ and GETATTR of the size, which equals the length of the data. */
export function compoundRead(conversation: RdmaConversation, xid: number, data: Uint8Array): void {
  const memory = { key: 0x6000 + xid, length: data.length };
  const operations = [
    bytes(words(22), opaque(FILE)),
    bytes(words(25), words(0, 0, 0, 0), words(0, 0, data.length)),
    bytes(words(9), words(1, 0x10)),
  ];
  const args = bytes(opaque(''), words(0, operations.length), ...operations);
  const sent = call({ xid, version: 4, procedure: 1, args });
  conversation.send(0, inline(sent, { writes: [[memory]] })).acknowledge(1);
  conversation.write(1, memory, data);
  const result = bytes(
    words(0),
    opaque(''),
    words(3),
    words(22, 0),
    words(25, 0, 1, data.length),
    words(9, 0, 1, 0x10, 8, 0, data.length),
  );
  conversation.send(1, inline(reply({ xid, result }), { writes: [[memory]] })).acknowledge(0);
}
