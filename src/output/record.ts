/**
 * The JSON record of a message (DESIGN §5, record.schema.json): one object, keys in one order, written as bytes. What does not
 * apply is absent.
 */
import type { Dissection, Dissector } from '../dissect/dissector.js';
import type { Procedure } from '../dissect/procedure.js';
import { MAX_CACHED_TEXTS } from '../limits.js';
import { type AuthRole, authPlan } from '../rpc/auth/flavor.js';
import { AUTH_FLAVORS } from '../rpc/auth/index.js';
import {
  ACCEPT_STATS,
  AUTH_STATS,
  CALL,
  type Fault,
  type Message,
  MSG_ACCEPTED,
  type OpaqueAuth,
  PROG_MISMATCH,
  REJECT_STATS,
  REPLY_STATS,
  RPC_MISMATCH,
  SUCCESS,
} from '../rpc/message.js';
import { ByteWriter } from '../xdr/byte-writer.js';
import { JsonCompiler } from '../xdr/codegen-json.js';
import { type JsonOptions, writeJson, writeMembers } from '../xdr/json.js';
import { decodeTree } from '../xdr/tree.js';
import { type Decoded, noContext } from '../xdr/tree-node.js';
import { transportText } from './endpoint.js';
import { writeEpoch, writeSeconds, writeUtc } from './time.js';

export interface RecordOptions extends JsonOptions {
  /** Names of the inputs, when there is more than one. */
  files: readonly string[] | null;
  /** False: the interpreter does everything. */
  codegen?: boolean;
  /** True when records of this file name their interface. */
  hasInterfaces: (file: number) => boolean;
}

const CREDENTIAL = ',"credential":{"flavor":';
/** The stats of most replies. */
const PLAIN_SUCCESS = Buffer.from(
  ',"reply_stat":"MSG_ACCEPTED","verifier":{"flavor":"AUTH_NONE"},"accept_stat":"SUCCESS"',
);

function isSame(known: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (known.length !== end - start) return false;
  for (let i = 0; i < known.length; i++) if (known[i] !== bytes[start + i]) return false;
  return known.length > 0;
}

export class RecordWriter {
  private readonly summary = new ByteWriter(1024);
  private malformed: Fault | null = null;
  private readonly notes: string[] = [];
  private readonly compiler: JsonCompiler;
  private readonly endpointTexts = new Map<number, Buffer>();
  /** What calls and replies of a procedure have in common. */
  private readonly callTexts = new Map<Procedure, Buffer>();
  private readonly replyTexts = new Map<Procedure, Buffer>();
  private readonly lastCredential: { bytes: Uint8Array; text: Uint8Array } = {
    bytes: Buffer.alloc(0),
    text: Buffer.alloc(0),
  };

  constructor(
    private readonly out: ByteWriter,
    private readonly dissector: Dissector,
    private readonly options: RecordOptions,
  ) {
    this.compiler = new JsonCompiler(options.codegen !== false);
  }

  /** Writes the record of the message last dissected, without a line break. */
  write(dissection: Dissection): void {
    const { message } = dissection;
    this.malformed = message.headerFault;
    this.notes.length = 0;
    for (const note of message.notes) this.notes.push(note);
    this.writeTransport(message);
    this.writeHeader(dissection);
    this.writeOutcome(dissection);
    const decoded = this.writeBody(dissection);
    this.writeRemarks(dissection, decoded);
    this.out.byte(0x7d);
  }

  /** Which bytes these are, from where to where, and when. */
  private writeTransport(message: Message): void {
    const { out, options } = this;
    out.ascii('{"message":');
    out.integer(message.number);
    out.ascii(',"frame":');
    out.integer(message.frame);
    if (message.frameCount > 1) {
      out.ascii(`,"frames":{"first":${message.firstFrame},"last":${message.frame},"count":${message.frameCount}}`);
    }
    if (options.files !== null) this.text(',"file":', options.files[message.file]);
    if (options.hasInterfaces(message.file)) this.number(',"interface":', message.interfaceIndex);
    this.number(',"connection":', message.connection);
    out.ascii(',"time":"');
    writeUtc(out, message.seconds, message.nanoseconds);
    out.ascii('","time_epoch":');
    writeEpoch(out, message.seconds, message.nanoseconds);
    const endpoints = this.endpoints(message);
    out.copy(endpoints, 0, endpoints.length);
    this.number(',"length":', message.length);
  }

  /** Transport and endpoints: the same for all messages of one direction of a connection. */
  private endpoints(message: Message): Buffer {
    const { source, destination } = message;
    const key = message.connection * 2 + (source.id < destination.id ? 0 : 1);
    let bytes = this.endpointTexts.get(key);
    if (bytes === undefined) {
      if (this.endpointTexts.size >= MAX_CACHED_TEXTS) this.endpointTexts.clear();
      bytes = Buffer.from(
        `,"transport":"${transportText(message.protocol)}","src":"${source.address}","src_port":${source.port}` +
          `,"dst":"${destination.address}","dst_port":${destination.port}`,
      );
      this.endpointTexts.set(key, bytes);
    }
    return bytes;
  }

  /** The RPC header (RFC 5531 §9). */
  private writeHeader(dissection: Dissection): void {
    const { out } = this;
    const { message } = dissection;
    this.number(',"xid":', message.xid);
    this.writeProcedure(dissection);
    this.writeOperations(dissection);
    if (message.type === CALL) {
      this.writeCredential(message);
      this.auth(',"verifier":{"flavor":', 'verifier', message, message.verifier, 'callVerifier');
      return;
    }
    if (message.callFrame >= 0) {
      this.number(',"call_frame":', message.callFrame);
      out.ascii(',"elapsed":');
      writeSeconds(out, message.elapsed);
    }
    this.writeReplyStat(message);
  }

  /** Type, program and procedure: the same bytes for each message of a procedure that is known. */
  private writeProcedure(dissection: Dissection): void {
    const { procedure, message } = dissection;
    if (procedure === null) return this.writeNames(dissection);
    const texts = message.type === CALL ? this.callTexts : this.replyTexts;
    const known = texts.get(procedure);
    if (known !== undefined) return this.out.copy(known, 0, known.length);
    const start = this.out.length;
    this.writeNames(dissection);
    texts.set(procedure, this.since(start));
  }

  private writeNames(dissection: Dissection): void {
    const { message } = dissection;
    this.out.ascii(message.type === CALL ? ',"type":"call"' : ',"type":"reply"');
    if (dissection.programName !== undefined) this.text(',"program":', dissection.programName);
    if (message.program >= 0) this.number(',"program_number":', message.program);
    if (message.version >= 0) this.number(',"version":', message.version);
    if (dissection.procedureName !== undefined) this.text(',"procedure":', dissection.procedureName);
    if (message.procedure >= 0) this.number(',"procedure_number":', message.procedure);
  }

  /** The operations of a compound, the one that matters, and the one that ended it. */
  private writeOperations(dissection: Dissection): void {
    const { out } = this;
    const { compound, error } = dissection;
    if (compound === null || compound.main < 0) return;
    const { operations, main, isComplete } = compound;
    if (isComplete) this.text(',"operation":', operations[main].name);
    out.ascii(',"operations":[');
    operations.forEach(({ name, status }, index) => {
      out.ascii(index > 0 ? ',{"op":' : '{"op":');
      out.jsonName(name);
      if (status !== null) this.text(',"status":', status);
      out.byte(0x7d);
    });
    out.byte(0x5d);
    if (error !== true || !isComplete) return;
    out.ascii(`,"failed_operation":{"index":${operations.length - 1}`);
    this.text(',"op":', operations[operations.length - 1].name);
    out.byte(0x7d);
  }

  /** A client's calls mostly carry the same credential: one like the last is copied. */
  private writeCredential(message: Message): void {
    const { credential, bytes } = message;
    const { out, lastCredential } = this;
    if (!credential.isWhole) return this.auth(CREDENTIAL, 'credential', message, credential, 'credential');
    const start = credential.start - 8;
    const end = credential.start + credential.length;
    if (isSame(lastCredential.bytes, bytes, start, end)) {
      out.copy(lastCredential.text, 0, lastCredential.text.length);
      return;
    }
    const written = out.length;
    const remarks = this.notes.length;
    this.auth(CREDENTIAL, 'credential', message, credential, 'credential');
    // What had something to be said of it says it each time.
    if (this.malformed !== null || this.notes.length > remarks) return;
    lastCredential.bytes = Buffer.from(bytes.subarray(start, end));
    lastCredential.text = this.since(written);
  }

  /** A copy of what was written since `start`. */
  private since(start: number): Buffer {
    return Buffer.from(this.out.bytes.subarray(start, this.out.length));
  }

  private writeReplyStat(message: Message): void {
    if (message.acceptStat === SUCCESS && message.verifier.flavor === 0 && message.verifier.length === 0) {
      return this.out.copy(PLAIN_SUCCESS, 0, PLAIN_SUCCESS.length);
    }
    if (message.replyStat < 0) return;
    this.named(',"reply_stat":', REPLY_STATS, message.replyStat);
    if (message.replyStat === MSG_ACCEPTED)
      this.auth(',"verifier":{"flavor":', 'verifier', message, message.verifier, 'replyVerifier');
    if (message.acceptStat >= 0) this.named(',"accept_stat":', ACCEPT_STATS, message.acceptStat);
    if (message.rejectStat >= 0) this.named(',"reject_stat":', REJECT_STATS, message.rejectStat);
    if (message.acceptStat === PROG_MISMATCH || message.rejectStat === RPC_MISMATCH) this.writeMismatch(message);
    if (message.authStat >= 0) this.named(',"auth_stat":', AUTH_STATS, message.authStat);
  }

  private writeMismatch(message: Message): void {
    if (message.low < 0) return;
    this.out.ascii(`,"mismatch":{"low":${message.low}`);
    if (message.high >= 0) this.number(',"high":', message.high);
    this.out.byte(0x7d);
  }

  /** The program's status word, whether the call failed, and the summary. */
  private writeOutcome(dissection: Dissection): void {
    const { out, summary } = this;
    const { status } = dissection;
    if (status !== null) {
      this.text(',"status":', status);
      out.ascii(',"status_number":');
      out.signed(dissection.statusNumber);
    }
    if (dissection.error !== null) {
      out.ascii(dissection.error ? ',"error":true' : ',"error":false');
    }
    if (dissection.procedure === null) return;
    summary.length = 0;
    this.dissector.writeSummary(summary);
    out.ascii(',"summary":');
    out.jsonBytes(summary.bytes, 0, summary.length);
  }

  /** Writes arguments or result; answers what the interpreter had to say, null when generated code did it all. */
  private writeBody(dissection: Dissection): Decoded | null {
    const { out } = this;
    const { plan, extent, message } = dissection;
    if (plan === null || (plan.kind === 'void' && extent.at === extent.limit)) return null;
    const start = out.length;
    out.ascii(message.type === CALL ? ',"args":' : ',"result":');
    if (!message.isTruncated && this.compiler.write(plan, extent.bytes, extent.at, extent.limit, out, this.options))
      return null;
    out.length = start;
    const decoded = this.dissector.decode();
    if (decoded === null || decoded.root === null || decoded.root.plan.kind === 'void') return decoded;
    out.ascii(message.type === CALL ? ',"args":' : ',"result":');
    writeJson(decoded.root, out, this.options);
    return decoded;
  }

  private auth(key: string, path: string, message: Message, auth: OpaqueAuth, role: AuthRole): void {
    if (auth.flavor < 0) return;
    const { out } = this;
    const flavor = AUTH_FLAVORS.get(auth.flavor);
    out.ascii(key);
    out.jsonName(flavor?.name ?? String(auth.flavor));
    const { limit } = auth;
    const plan = authPlan(flavor, role);
    if (plan !== undefined && auth.length > 0) {
      const start = out.length;
      if (auth.isWhole && this.compiler.write(plan, message.bytes, auth.start, limit, out, this.options)) {
        // The body's members stand beside the flavor.
        out.bytes[start] = 0x2c;
        return;
      }
      const input = {
        bytes: message.bytes,
        start: auth.start,
        end: Math.min(message.end, limit),
        limit,
        context: noContext,
      };
      const decoded = decodeTree(plan, input, path);
      if (decoded.root !== null) {
        out.byte(0x2c);
        writeMembers(decoded.root.children, out, this.options);
      }
      this.remark(decoded, message);
    } else if (auth.length > 0 && auth.isWhole) {
      out.ascii(`,"${flavor?.bytesName ?? 'body'}":"`);
      out.hex(message.bytes, auth.start, limit);
      out.byte(0x22);
    }
    out.byte(0x7d);
  }

  /** Keeps what decoding had to say; the first fault of a message counts. */
  private remark(decoded: Decoded, message: Message): void {
    const { fault } = decoded;
    if (fault !== null && fault.kind === 'malformed') {
      this.malformed ??= { offset: fault.offset - message.start, field: fault.path, reason: fault.reason };
    }
    for (const note of decoded.notes) this.notes.push(note);
  }

  /** What is missing, wrong or odd. */
  private writeRemarks(dissection: Dissection, decoded: Decoded | null): void {
    const { out } = this;
    const { message, extent } = dissection;
    if (decoded !== null) this.remark(decoded, message);
    if (message.retransmission !== null) {
      out.ascii(`,"retransmission":{"kind":"${message.retransmission}","frame":${message.retransmissionFrame}`);
      if (message.retransmission === 'duplicate_reply') out.ascii(`,"same_bytes":${message.sameBytes}`);
      out.byte(0x7d);
    }
    if (message.isTruncated) out.ascii(`,"truncated":{"have":${message.have},"need":${message.length}}`);
    const { malformed } = this;
    if (malformed !== null) {
      out.ascii(`,"malformed":{"offset":${malformed.offset},"field":`);
      out.jsonText(malformed.field);
      out.ascii(',"reason":');
      out.jsonText(malformed.reason);
      out.byte(0x7d);
    }
    if (dissection.undecoded !== null) {
      this.writeUndecoded(dissection.undecoded, extent.at, extent.limit, extent.end, message.bytes);
    } else if (decoded?.undecoded) {
      const { reason, offset, length } = decoded.undecoded;
      this.writeUndecoded(reason, offset, offset + length, offset + length, message.bytes);
    }
    if (this.notes.length > 0) {
      out.ascii(',"notes":[');
      this.notes.forEach((note, index) => {
        if (index > 0) out.byte(0x2c);
        out.jsonText(note);
      });
      out.byte(0x5d);
    }
  }

  private writeUndecoded(reason: string, start: number, limit: number, end: number, bytes: Uint8Array): void {
    const { out } = this;
    out.ascii(`,"undecoded":{"reason":"${reason}","length":${limit - start},"data":"`);
    out.hex(bytes, start, Math.max(start, Math.min(end, limit)));
    out.ascii('"}');
  }

  /** `key` is `,"name":`, a literal: no string is made for it. */
  private number(key: string, value: number): void {
    this.out.ascii(key);
    this.out.integer(value);
  }

  private text(key: string, value: string): void {
    this.out.ascii(key);
    this.out.jsonName(value);
  }

  private named(key: string, names: readonly string[], value: number): void {
    this.text(key, names[value] ?? String(value));
  }
}
