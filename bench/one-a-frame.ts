/**
 * A capture in which each frame is one message: GETATTR calls and replies of NFSv3 (RFC 1813 §3.3.1) over one TCP connection, in turn, as a
 * Linux client and server send them: with timestamps (RFC 7323), and a handle of a file system that is known by its UUID.
 */
import { GETATTR_RESULT } from './samples.js';
import { writePieces } from './whole-file.js';

const FILE_HEADER = Buffer.from('d4c3b2a1020004000000000000000000ffff000001000000', 'hex');
const ETHERNET = Buffer.from('0200000000020200000000010800', 'hex');
const RECORD_HEADER = 16;
const IP_HEADER = 20;
const TCP_HEADER = 32;
const HEADERS = ETHERNET.length + IP_HEADER + TCP_HEADER;
/** Two NOPs and the option of timestamps: the sender's clock and what it last saw of the other's (RFC 7323 §3.2). */
const TIMESTAMPS = 0x0101080a;
const CLIENT = [0x0a000001, 800] as const;
const SERVER = [0x0a000002, 2049] as const;
const FILES = 1000;
/** The lower half of fattr3's fileid, before three times of 8 bytes: each handle is a file of its own. */
const FILEID_FROM_END = 28;
/** AUTH_SYS of uid 0 on the machine `c`, and an empty verifier. */
const AUTH = '0000000100000018000000010000000163000000000000000000000000000000' + '0000000000000000';

/** 28 bytes: version 1 with a UUID of 16 bytes, then the inode's number, which is each file's own, and its generation. */
const HANDLE = '0000001c' + '01000601' + '9f5b3a1c7d2e4c0895e1b6d30a4f72c8' + '00000000' + 'd1c4a25e';
const INODE_FROM_END = 8;

/** Writes `pairs` calls and as many replies; answers the number of frames. */
export function writeOneAFrame(path: string, pairs: number): number {
  writePieces(path, pieces(pairs));
  return 2 * pairs;
}

function* pieces(pairs: number): Iterable<Buffer> {
  const header = Buffer.from('000000000000000000000002000186a30000000300000001', 'hex');
  const handle = Buffer.from(HANDLE, 'hex');
  const call = frameOf(CLIENT, SERVER, Buffer.concat([header, Buffer.from(AUTH, 'hex'), handle]));
  const accepted = Buffer.from('000000000000000100000000000000000000000000000000', 'hex');
  const reply = frameOf(SERVER, CLIENT, Buffer.concat([accepted, GETATTR_RESULT]));
  yield FILE_HEADER;
  for (let i = 0; i < pairs; i++) {
    call.writeUInt32BE(i % FILES, call.length - INODE_FROM_END);
    reply.writeUInt32BE(i % FILES, reply.length - FILEID_FROM_END);
    advance(call, i, 2 * i, call.length - RECORD_HEADER - HEADERS, reply.length - RECORD_HEADER - HEADERS);
    advance(reply, i, 2 * i + 1, reply.length - RECORD_HEADER - HEADERS, call.length - RECORD_HEADER - HEADERS, 1);
    yield Buffer.concat([call, reply]);
  }
}

/** A record of pcap with a frame that carries one RPC record. */
function frameOf(from: readonly [number, number], to: readonly [number, number], message: Buffer): Buffer {
  const length = HEADERS + 4 + message.length;
  const frame = Buffer.alloc(RECORD_HEADER + length);
  frame.writeUInt32LE(length, 8);
  frame.writeUInt32LE(length, 12);
  ETHERNET.copy(frame, RECORD_HEADER);
  const ip = RECORD_HEADER + ETHERNET.length;
  frame.writeUInt32BE(0x45000000 + length - ETHERNET.length, ip);
  frame.writeUInt16BE(0x4006, ip + 8);
  frame.writeUInt32BE(from[0], ip + 12);
  frame.writeUInt32BE(to[0], ip + 16);
  frame.writeUInt16BE(from[1], ip + 20);
  frame.writeUInt16BE(to[1], ip + 22);
  frame.writeUInt32BE(0x801801fd, ip + 32);
  frame.writeUInt32BE(TIMESTAMPS, ip + 40);
  frame.writeUInt32BE(0x80000000 + message.length, ip + IP_HEADER + TCP_HEADER);
  message.copy(frame, ip + IP_HEADER + TCP_HEADER + 4);
  return frame;
}

/** Makes a frame the `index`-th of its direction, at `time` ten-thousandths of a second. */
function advance(frame: Buffer, index: number, time: number, own: number, others: number, answers = 0): void {
  frame.writeUInt32LE(Math.floor(time / 10_000), 0);
  frame.writeUInt32LE((time % 10_000) * 100, 4);
  const ip = RECORD_HEADER + ETHERNET.length;
  frame.writeUInt16BE(index & 0xffff, ip + 4);
  frame.writeUInt32BE((1 + index * own) >>> 0, ip + 24);
  frame.writeUInt32BE((1 + (index + answers) * others) >>> 0, ip + 28);
  frame.writeUInt32BE(time, ip + 44);
  frame.writeUInt32BE(time, ip + 48);
  frame.writeUInt32BE(index, ip + IP_HEADER + TCP_HEADER + 4);
}
