/** Writes RPC messages (RFC 5531 §9) and records (§11) for tests, lies included. */
import { bytes, pad4, u32 } from './capture-writer.js';

export interface Auth {
  flavor?: number;
  body?: Uint8Array;
  /** As it is claimed. */
  length?: number;
}

function auth({ flavor = 0, body = new Uint8Array(0), length = body.length }: Auth = {}): Buffer {
  return bytes(u32(flavor), u32(length), pad4(body));
}

export interface CallOptions {
  xid?: number;
  rpcvers?: number;
  program?: number;
  version?: number;
  procedure?: number;
  credential?: Auth;
  verifier?: Auth;
  args?: Uint8Array;
}

/** A call; by default NULL of NFS version 3. */
export function call(options: CallOptions = {}): Buffer {
  const { xid = 1, rpcvers = 2, program = 100003, version = 3, procedure = 0, args = new Uint8Array(0) } = options;
  const words = [xid, 0, rpcvers, program, version, procedure].map((word) => u32(word));
  return bytes(...words, auth(options.credential), auth(options.verifier), args);
}

export interface ReplyOptions {
  xid?: number;
  verifier?: Auth;
  acceptStat?: number;
  result?: Uint8Array;
}

/** An accepted reply. */
export function reply({ xid = 1, verifier, acceptStat = 0, result = new Uint8Array(0) }: ReplyOptions = {}): Buffer {
  return bytes(u32(xid), u32(1), u32(0), auth(verifier), u32(acceptStat), result);
}

/** A denied reply: RPC_MISMATCH (0) with low and high, or AUTH_ERROR (1) with its auth_stat. */
export function denied(xid: number, rejectStat: number, ...rest: number[]): Buffer {
  return bytes(...[xid, 1, 1, rejectStat, ...rest].map((word) => u32(word)));
}

export function mark(length: number, last = true): Buffer {
  return u32((last ? 0x80000000 : 0) + length);
}

/** A record of one fragment. */
export function record(message: Uint8Array): Buffer {
  return bytes(mark(message.length), message);
}

/** A record in fragments of these sizes; what is left over is the last one. */
export function fragmented(message: Uint8Array, sizes: readonly number[], terminated = true): Buffer {
  const parts: Uint8Array[] = [];
  let at = 0;
  for (const size of sizes) {
    const end = Math.min(message.length, at + size);
    parts.push(mark(end - at, false), message.subarray(at, end));
    at = end;
  }
  parts.push(mark(message.length - at, terminated), message.subarray(at));
  return bytes(...parts);
}

/** Words, as XDR has them. */
export function words(...values: number[]): Buffer {
  return bytes(...values.map((value) => u32(value)));
}

/** A variable-length opaque or string. */
export function opaque(data: Uint8Array | string): Buffer {
  const body = typeof data === 'string' ? Buffer.from(data) : data;
  return bytes(u32(body.length), pad4(body));
}
