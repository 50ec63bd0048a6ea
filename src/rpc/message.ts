/**
 * An RPC message as the ordered pass emits it: its bytes, the frames that carried it, its header (RFC 5531 §9) and its
 * exchange. One object is reused for all messages; it and its bytes are valid until the callback returns.
 */
import type { Endpoint } from '../network/flow.js';

export const CALL = 0;
export const REPLY = 1;

export const MSG_ACCEPTED = 0;
export const MSG_DENIED = 1;

export const SUCCESS = 0;
export const PROG_MISMATCH = 2;
export const RPC_MISMATCH = 0;
export const AUTH_ERROR = 1;

/** accept_stat, reject_stat, auth_stat by number (RFC 5531 §9). */
export const REPLY_STATS = ['MSG_ACCEPTED', 'MSG_DENIED'];
export const ACCEPT_STATS = ['SUCCESS', 'PROG_UNAVAIL', 'PROG_MISMATCH', 'PROC_UNAVAIL', 'GARBAGE_ARGS', 'SYSTEM_ERR'];
export const REJECT_STATS = ['RPC_MISMATCH', 'AUTH_ERROR'];
export const AUTH_STATS = [
  'AUTH_OK',
  'AUTH_BADCRED',
  'AUTH_REJECTEDCRED',
  'AUTH_BADVERF',
  'AUTH_REJECTEDVERF',
  'AUTH_TOOWEAK',
  'AUTH_INVALIDRESP',
  'AUTH_FAILED',
  'AUTH_KERB_GENERIC',
  'AUTH_TIMEEXPIRE',
  'AUTH_TKT_FILE',
  'AUTH_DECODE',
  'AUTH_NET_ADDR',
  'RPCSEC_GSS_CREDPROBLEM',
  'RPCSEC_GSS_CTXPROBLEM',
  // RFC 7861 §2.6.
  'RPCSEC_GSS_INNER_CREDPROBLEM',
  'RPCSEC_GSS_LABEL_PROBLEM',
  'RPCSEC_GSS_PRIVILEGE_PROBLEM',
  'RPCSEC_GSS_UNKNOWN_MESSAGE',
];

/**
 * Something in a message that cannot be right. `offset` counts from the xid, in bytes; `field` is a path of the JSON
 * record.
 */
export interface Fault {
  offset: number;
  field: string;
  reason: string;
}

/** How a message repeats an earlier one. */
export type RetransmissionKind = 'rpc' | 'rpc_after_reply' | 'rpc_reconnect' | 'duplicate_reply';

/** An opaque_auth (RFC 5531 §8.2): its flavor, and where its body lies in `Message.bytes`; flavor -1: there is none. */
export interface OpaqueAuth {
  flavor: number;
  start: number;
  length: number;
  /** Where the body ends on the wire: behind `start + length` if it is cut off. */
  limit: number;
  /** False when the body is cut off, or its length lies; `length` then counts the bytes that are there. */
  isWhole: boolean;
}

/** The note of a message whose record did not fit into the memory that rpcdump has for unfinished records. */
export const KEPT_IN_PART = 'rpcdump kept only the first part of this record, to bound memory';

/** The note of a message of which TCP had not brought all bytes when the capture, or the connection, ended. */
export const UNFINISHED = 'unfinished at the end of the connection or the capture';

export type AuthPart = 'credential' | 'verifier';

export class Message {
  /** Number of the message, from 1, in the order in which messages became complete. */
  number = 0;

  /** The message from its xid on is `bytes[start..end)`, up to its first missing byte. */
  bytes: Uint8Array = new Uint8Array(0);
  start = 0;
  end = 0;
  /** Length of the message on the wire, without record marks; more than `end - start` if bytes are missing. */
  length = 0;
  /** Where the length is not known, `length` is the least it can be and this the most; else 0. */
  mostLength = 0;

  /** The newest frame that carried a part of the message; the first one; and how many there were. */
  frame = 0;
  firstFrame = 0;
  /** Index of the input that `firstFrame` counts in; `file` is that of `frame`. */
  firstFile = 0;
  frameCount = 1;
  /**
   * Place of that newest frame among the frames of all inputs, from 0; and, if there are several,
   * the places of all (in no order).
   */
  order = 0;
  carriers: readonly number[] = [];
  /** Of a TCP message: where its fragments lie in the bytes of their direction (`fragment-places.ts`). */
  places: readonly number[] = [];
  /** Place of the frame that opened the connection, counted like `order`; -1 for UDP and RDMA. */
  opening = -1;
  seconds = 0;
  nanoseconds = 0;
  /** Nanoseconds from the first frame to the newest. */
  transfer = 0;
  file = 0;
  interfaceIndex = 0;

  /** TCP, UDP or RDMA (network/protocols.ts). */
  protocol = 0;
  connection = 0;
  source!: Endpoint;
  destination!: Endpoint;

  xid = 0;
  /** CALL or REPLY. */
  type = 0;
  /** -1 where the header does not reach so far. In replies, program, version and procedure are those of the call. */
  rpcVersion = -1;
  program = -1;
  version = -1;
  procedure = -1;
  readonly credential: OpaqueAuth = { flavor: -1, start: 0, length: 0, limit: 0, isWhole: false };
  readonly verifier: OpaqueAuth = { flavor: -1, start: 0, length: 0, limit: 0, isWhole: false };
  replyStat = -1;
  acceptStat = -1;
  rejectStat = -1;
  authStat = -1;
  low = -1;
  high = -1;
  /** Where arguments or results begin in `bytes`; -1 if the header is not whole. */
  body = -1;
  /** The first fault of the header; null: there is none. */
  headerFault: Fault | null = null;
  readonly notes: string[] = [];

  /** Slot in the exchange table; -1 for a reply whose call is not known. */
  exchange = -1;
  /**
   * For replies: frame of the call's first transmission, the input that has it, and nanoseconds since that; -1 if not
   * known.
   */
  callFrame = -1;
  callFile = -1;
  elapsed = -1;
  /** True for the reply that closes its exchange: the first complete one. */
  isAnswer = false;
  retransmission: RetransmissionKind | null = null;
  /** The frame that it was first seen in, and the input that has it. */
  retransmissionFrame = 0;
  retransmissionFile = 0;
  sameBytes = false;

  /** How many bytes are there, from the xid on. */
  get have(): number {
    return this.end - this.start;
  }

  /** Where the message ends on the wire at most, as an index like `end`. */
  get limit(): number {
    return this.start + (this.mostLength || this.length);
  }

  get isTruncated(): boolean {
    return this.end - this.start < this.length;
  }

  /** Of a truncated message: true when the missing bytes were captured, but rpcdump had no memory for all of them. */
  get isKeptInPart(): boolean {
    return this.notes.includes(KEPT_IN_PART);
  }

  /** True for a reply whose call had to make room for newer ones: only `callFrame` and `elapsed` are known of it. */
  get isCallForgotten(): boolean {
    return this.exchange < 0 && this.callFrame >= 0;
  }

  /** True for a call, and for a reply whose call is known. */
  get hasProgram(): boolean {
    return this.program >= 0;
  }

  resetHeader(): void {
    this.rpcVersion = -1;
    this.program = -1;
    this.version = -1;
    this.procedure = -1;
    this.credential.flavor = -1;
    this.credential.isWhole = false;
    this.verifier.flavor = -1;
    this.verifier.isWhole = false;
    this.replyStat = -1;
    this.acceptStat = -1;
    this.rejectStat = -1;
    this.authStat = -1;
    this.low = -1;
    this.high = -1;
    this.body = -1;
    this.headerFault = null;
    if (this.notes.length > 0) this.notes.length = 0;
    this.exchange = -1;
    this.callFrame = -1;
    this.callFile = -1;
    this.elapsed = -1;
    this.isAnswer = false;
    this.retransmission = null;
  }
}
