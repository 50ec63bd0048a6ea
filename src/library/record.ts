/**
 * A message as an owned object. It has the keys of the JSON record (record.schema.json) in the same order,
 * with values in place of text: 64-bit numbers are bigint, opaques are Uint8Array. Keys that do not apply are absent.
 */

import type { BodyReason, Dissection } from '../dissect/dissection.js';
import type { Dissector } from '../dissect/dissector.js';
import type { Exchange } from '../dissect/exchange.js';
import { namesOf } from '../dissect/file-name-fields.js';
import { decodeAuth, planOfAuth } from '../dissect/opaque-auth.js';
import type { Compound } from '../dissect/operations.js';
import type { Relation } from '../dissect/related.js';
import type { CacheResult } from '../dissect/request-cache.js';
import { type TransportName, transportName } from '../network/protocols.js';
import { authFlavor } from '../rpc/auth/index.js';
import {
  ACCEPT_STATS,
  AUTH_STATS,
  type AuthPart,
  CALL,
  type Fault,
  type Message,
  MSG_ACCEPTED,
  PROG_MISMATCH,
  REJECT_STATS,
  REPLY_STATS,
  type RetransmissionKind,
  RPC_MISMATCH,
} from '../rpc/message.js';
import { ByteWriter } from '../xdr/byte-writer.js';
import { GAVE_UP } from '../xdr/codegen-objects.js';
import { ValueCompiler } from '../xdr/codegen-value.js';
import type { Decoded } from '../xdr/tree-node.js';
import { objectOf, treeValue, type XdrObject, type XdrValue } from '../xdr/value.js';

/**
 * A credential or verifier: its flavor (`AUTH_SYS`; for an unknown one the number as text), and the fields of its body.
 */
export interface AuthRecord extends XdrObject {
  readonly flavor: string;
}

/** An RPC message (RFC 5531). Offsets count from the xid, lengths are in bytes, times in seconds. */
export interface RpcRecord {
  /** Number of the message in this pass, from 1. */
  message: number;
  /** The frame that made the message complete, from 1 within its file. */
  frame: number;
  /** The frames that carried it, where there were several; the file of the first, if that is not `file`. */
  frames?: { first: number; first_file?: string; last: number; count: number };
  /** The input, where there are several. */
  file?: string;
  /** Index of the interface, where the file has several. */
  interface?: number;
  /** Number of the connection (TCP, RDMA) or pair of UDP endpoints, in order of appearance, from 1. */
  connection: number;
  /** UTC with nine digits: `2026-11-22T06:46:00.123456789Z`. */
  time: string;
  /** The same in seconds since 1970, rounded to a double. */
  time_epoch: number;
  transport: TransportName;
  src: string;
  src_port: number;
  dst: string;
  dst_port: number;
  /** Length of the message without record marks. */
  length: number;
  xid: number;
  type: 'call' | 'reply';
  /**
   * Short name of the program (`NFS`), its number, version and
   * procedure. A reply has those of its call, if the call is known.
   */
  program?: string;
  program_number?: number;
  version?: number;
  procedure?: string;
  procedure_number?: number;
  /** Of compounds: the main operation, all operations, and the last one of a compound that failed. */
  operation?: string;
  operations?: { op: string; status?: string }[];
  failed_operation?: { index: number; op: string };
  /** Of calls only. */
  credential?: AuthRecord;
  verifier?: AuthRecord;
  /** Of replies whose call is known: its frame, that frame's file if it is not `file`, and the seconds from the call. */
  call_frame?: number;
  call_file?: string;
  elapsed?: number;
  /** reply_stat, accept_stat, reject_stat and auth_stat (RFC 5531 §9) by name. */
  reply_stat?: string;
  accept_stat?: string;
  reject_stat?: string;
  mismatch?: { low: number; high?: number };
  auth_stat?: string;
  /** The program's own status. */
  status?: string;
  status_number?: number;
  /**
   * Of replies: whether the call failed, at the RPC level or by the
   * program's status; absent when the reply was cut off before.
   */
  error?: boolean;
  /** A one-line summary. */
  summary?: string;
  /** Paths of files by the fields of their handles (`args.object.data`), as far as they were learned before. */
  names?: Record<string, string>;
  /** Arguments of a call, by their types. */
  args?: XdrValue;
  /** Result of a reply. */
  result?: XdrValue;
  /** Why this message repeats an earlier one, the frame of that one, and that frame's file if it is another. */
  retransmission?: {
    kind: RetransmissionKind;
    frame: number;
    file?: string;
    same_bytes?: boolean;
    request_cache?: CacheResult;
  };
  /** Other messages that this one is related to; `file` where it is another, `mechanism` of a security context. */
  related?: { kind: Relation; frame: number; file?: string; mechanism?: string }[];
  /** Bytes are missing: the first `have` of `need` were captured. */
  truncated?: { have: number; need: number };
  /** Bytes that were captured cannot be right. */
  malformed?: Fault;
  /** The body, or one inside it, could not be decoded. */
  undecoded?: {
    reason: BodyReason | 'unknown_operation';
    operation?: number;
    index?: number;
    length: number;
    data: Uint8Array;
  };
  /** What is odd: padding that is not zero, bytes after the last field. */
  notes?: string[];
}

/** What a record needs besides the dissection. */
export interface RecordSource {
  readonly dissector: Dissector;
  readonly files: readonly string[];
  hasInterfaces(file: number): boolean;
}

export class RecordBuilder {
  private readonly text = new ByteWriter(1024);
  private readonly compiler: ValueCompiler;
  private malformed: Fault | null = null;
  private notes: string[] = [];

  constructor(
    private readonly source: RecordSource,
    codegen: boolean,
  ) {
    this.compiler = new ValueCompiler(codegen);
  }

  /** The record of the message that was dissected last, or of a message of `exchange`. */
  build(dissection: Dissection, exchange: Exchange | null = null): RpcRecord {
    const { message } = dissection;
    this.malformed = message.headerFault;
    this.notes = [...message.notes];
    const record = this.transport(message);
    setProgram(record, dissection);
    if (message.type === CALL) this.setCall(record, dissection);
    else this.setReply(record, dissection);
    this.setOutcome(record, dissection, exchange);
    const { value, decoded } = this.body(dissection);
    if (value !== undefined) record[message.type === CALL ? 'args' : 'result'] = value;
    this.setRemarks(record, dissection, decoded);
    return record;
  }

  /** The summary of the message that was dissected last. */
  summary(): string {
    this.text.length = 0;
    this.source.dissector.writeSummary(this.text);
    return this.text.toString();
  }

  /** A frame, and its file where there are several. */
  placeOf(frame: number, file: number): { frame: number; file?: string } {
    const { files } = this.source;
    return files.length > 1 ? { frame, file: files[file] } : { frame };
  }

  /** The value of the body, undefined when there is none; and the interpreter's result, where it was needed. */
  body(dissection: Dissection): { value: XdrValue; decoded: Decoded | null } {
    const { plan, extent, message } = dissection;
    if (plan === null) return { value: undefined, decoded: null };
    if (!message.isTruncated) {
      const value = this.compiler.make(plan, extent.bytes, extent.at, extent.limit);
      if (value !== GAVE_UP) return { value, decoded: null };
    }
    const decoded = this.source.dissector.decode(dissection);
    return { value: decoded?.root ? treeValue(decoded.root) : undefined, decoded };
  }

  /** Frames, file, connection, time, endpoints, length, xid and type. */
  private transport(message: Message): RpcRecord {
    const { files } = this.source;
    const record = { message: message.number, frame: message.frame } as RpcRecord;
    if (message.frameCount > 1) {
      const first = { first: message.firstFrame, ...this.otherFile('first_file', message.firstFile, message) };
      record.frames = { ...first, last: message.frame, count: message.frameCount };
    }
    if (files.length > 1) record.file = files[message.file];
    if (this.source.hasInterfaces(message.file)) record.interface = message.interfaceIndex;
    record.connection = message.connection;
    record.time = utcText(message.seconds, message.nanoseconds);
    record.time_epoch = Number(`${message.seconds}.${String(message.nanoseconds).padStart(9, '0')}`);
    record.transport = transportName(message.protocol);
    record.src = message.source.address;
    record.src_port = message.source.port;
    record.dst = message.destination.address;
    record.dst_port = message.destination.port;
    record.length = message.length;
    record.xid = message.xid;
    record.type = message.type === CALL ? 'call' : 'reply';
    return record;
  }

  /** The input that has a frame, under `key`, where it is not that of the message. */
  private otherFile<Key extends string>(key: Key, file: number, message: Message): { [K in Key]?: string } {
    return file === message.file ? {} : ({ [key]: this.source.files[file] } as { [K in Key]?: string });
  }

  private setCall(record: RpcRecord, dissection: Dissection): void {
    this.setAuth(record, 'credential', dissection);
    this.setAuth(record, 'verifier', dissection);
  }

  private setReply(record: RpcRecord, dissection: Dissection): void {
    const { message } = dissection;
    const { replyStat, acceptStat, rejectStat, authStat } = message;
    if (message.callFrame >= 0) {
      record.call_frame = message.callFrame;
      Object.assign(record, this.otherFile('call_file', message.callFile, message));
      record.elapsed = message.elapsed / 1e9;
    }
    if (replyStat < 0) return;
    record.reply_stat = nameOf(REPLY_STATS, replyStat);
    if (replyStat === MSG_ACCEPTED) this.setAuth(record, 'verifier', dissection);
    if (acceptStat >= 0) record.accept_stat = nameOf(ACCEPT_STATS, acceptStat);
    if (rejectStat >= 0) record.reject_stat = nameOf(REJECT_STATS, rejectStat);
    if ((acceptStat === PROG_MISMATCH || rejectStat === RPC_MISMATCH) && message.low >= 0) {
      record.mismatch = message.high < 0 ? { low: message.low } : { low: message.low, high: message.high };
    }
    if (authStat >= 0) record.auth_stat = nameOf(AUTH_STATS, authStat);
  }

  private setAuth(record: RpcRecord, part: AuthPart, dissection: Dissection): void {
    const { message } = dissection;
    const { flavor: number, length } = message[part];
    if (number < 0) return;
    const flavor = authFlavor(number, message.program);
    const members = length === 0 ? {} : this.authBody(part, dissection, flavor?.bytesName ?? 'body');
    record[part] = { flavor: flavor?.name ?? String(number), ...members };
  }

  /** The fields of a credential or verifier; its bytes, called `bytesName`, where the flavor has no fields. */
  private authBody(part: AuthPart, dissection: Dissection, bytesName: string): XdrObject {
    const { message } = dissection;
    const { bytes } = message;
    const { start, limit, isWhole } = message[part];
    const plan = planOfAuth(dissection, part);
    if (plan === undefined) return isWhole ? { [bytesName]: new Uint8Array(bytes.subarray(start, limit)) } : {};
    const value = isWhole ? this.compiler.make(plan, bytes, start, limit) : GAVE_UP;
    if (value !== GAVE_UP) return value as XdrObject;
    const decoded = decodeAuth(dissection, part);
    if (decoded !== null) this.remark(decoded, message);
    return objectOf(decoded?.root?.children ?? []);
  }

  /** Sets the program's status, whether the call failed, the summary and file names. */
  private setOutcome(record: RpcRecord, dissection: Dissection, exchange: Exchange | null): void {
    const { status, error, procedure } = dissection;
    if (status !== null) {
      record.status = status;
      record.status_number = dissection.statusNumber;
    }
    if (error !== null) record.error = error;
    if (procedure !== null) record.summary = exchange === null ? this.summary() : exchange.summary(dissection);
    const names = exchange === null ? namesOf(dissection, this.source.dissector) : exchange.names(dissection);
    if (names.length > 0) record.names = Object.fromEntries(names);
  }

  /** Keeps the remarks of decoding; the first fault of a message counts. */
  private remark(decoded: Decoded, message: Message): void {
    const { fault, notes } = decoded;
    if (fault?.kind === 'malformed') {
      this.malformed ??= { offset: fault.offset - message.start, field: fault.path, reason: fault.reason };
    }
    this.notes.push(...notes);
  }

  /** Sets what is missing, wrong or odd. */
  private setRemarks(record: RpcRecord, dissection: Dissection, decoded: Decoded | null): void {
    const { message } = dissection;
    if (decoded !== null) this.remark(decoded, message);
    if (message.retransmission !== null) {
      const { retransmission: kind, retransmissionFrame: frame, retransmissionFile } = message;
      record.retransmission = { kind, frame, ...this.otherFile('file', retransmissionFile, message) };
      if (message.retransmission === 'duplicate_reply') record.retransmission.same_bytes = message.sameBytes;
      if (dissection.requestCache !== null) record.retransmission.request_cache = dissection.requestCache;
    }
    if (dissection.related.length > 0) {
      record.related = dissection.related.map(({ kind, frame, file, ...rest }) => {
        return { kind, frame, ...this.otherFile('file', file, message), ...rest };
      });
    }
    if (message.isTruncated) record.truncated = { have: message.have, need: message.length };
    if (this.malformed !== null) record.malformed = { ...this.malformed };
    const undecoded = undecodedOf(dissection, decoded);
    if (undecoded !== undefined) record.undecoded = undecoded;
    if (this.notes.length > 0) record.notes = this.notes;
  }
}

function setProgram(record: RpcRecord, dissection: Dissection): void {
  const { message, programName, procedureName, compound, error } = dissection;
  if (programName !== undefined) record.program = programName;
  if (message.program >= 0) record.program_number = message.program;
  if (message.version >= 0) record.version = message.version;
  if (procedureName !== undefined) record.procedure = procedureName;
  if (message.procedure >= 0) record.procedure_number = message.procedure;
  if (compound !== null) setOperations(record, compound, error === true);
}

/** Why the body, or one inside it, was not decoded, and its captured bytes. */
function undecodedOf(dissection: Dissection, decoded: Decoded | null): RpcRecord['undecoded'] {
  const { extent, message } = dissection;
  const bytesOf = (start: number, limit: number, end: number) => ({
    length: limit - start,
    data: new Uint8Array(message.bytes.subarray(start, Math.max(start, Math.min(end, limit)))),
  });
  if (dissection.undecoded !== null) {
    return { reason: dissection.undecoded, ...bytesOf(extent.at, extent.limit, extent.end) };
  }
  if (!decoded?.undecoded) return undefined;
  const { offset, length, reason, place } = decoded.undecoded;
  return { reason, ...place, ...bytesOf(offset, offset + length, message.end) };
}

function nameOf(names: readonly string[], value: number): string {
  return names[value] ?? String(value);
}

function utcText(seconds: number, nanoseconds: number): string {
  const whole = new Date(seconds * 1000).toISOString().slice(0, 19);
  return `${whole}.${String(nanoseconds).padStart(9, '0')}Z`;
}

function setOperations(record: RpcRecord, compound: Compound, isError: boolean): void {
  const { operations, main, isComplete, isMainSure } = compound;
  if (main < 0) return;
  if (isMainSure) record.operation = operations[main].name;
  record.operations = operations.map(({ name, status }) => (status === null ? { op: name } : { op: name, status }));
  const index = operations.length - 1;
  if (isError && isComplete) record.failed_operation = { index, op: operations[index].name };
}
