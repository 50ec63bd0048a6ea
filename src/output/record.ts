/**
 * The JSON record of a message (record.schema.json): one object with
 * its keys in a fixed order, written as bytes. Keys that do not apply are absent.
 */
import type { Dissection } from '../dissect/dissection.js';
import type { Dissector } from '../dissect/dissector.js';
import type { Names } from '../dissect/names.js';
import { decodeAuth, planOfAuth } from '../dissect/opaque-auth.js';
import type { Shape } from '../dissect/operation-shapes.js';
import { type Compound, isAllPlain } from '../dissect/operations.js';
import { MAX_CACHED_TEXTS } from '../limits/xdr.js';
import { authFlavor } from '../rpc/auth/index.js';
import {
  ACCEPT_STATS,
  AUTH_STATS,
  type AuthPart,
  CALL,
  type Message,
  MSG_ACCEPTED,
  PROG_MISMATCH,
  REJECT_STATS,
  REPLY_STATS,
  RPC_MISMATCH,
  SUCCESS,
} from '../rpc/message.js';
import { ByteWriter } from '../xdr/byte-writer.js';
import { JsonCompiler } from '../xdr/codegen-json.js';
import { type JsonOptions, writeJson, writeMembers, writeStringBytes } from '../xdr/json.js';
import { PreparedText } from '../xdr/prepared-text.js';
import type { Decoded } from '../xdr/tree-node.js';
import { RecordRemarks } from './record-remarks.js';
import {
  CALL_TYPE,
  CredentialTexts,
  Directions,
  ERROR,
  KEYS,
  NO_ERROR,
  PLAIN_SUCCESS,
  ProcedureTextCache,
  REPLY_TYPE,
} from './record-texts.js';
import { writeSeconds, writeTimes } from './time.js';

export interface RecordOptions extends JsonOptions {
  /** Names of the inputs, when there are several. */
  files: readonly string[] | null;
  /** False: the interpreter writes all bodies. */
  codegen?: boolean;
  /** True when records of this file name their interface. */
  hasInterfaces: (file: number) => boolean;
}

export class RecordWriter {
  private readonly remarks: RecordRemarks;
  private readonly compiler: JsonCompiler;
  /** The path of a file, before it is escaped. */
  private readonly path = new ByteWriter(1024);
  private readonly directions = new Directions();
  private readonly procedures = new ProcedureTextCache();
  private readonly credentials = new CredentialTexts();
  /** The text of operations by shape, for messages whose operations have nothing else to show. */
  private readonly shapes = new WeakMap<Shape, PreparedText>();

  constructor(
    private readonly out: ByteWriter,
    private readonly dissector: Dissector,
    private readonly options: RecordOptions,
  ) {
    this.remarks = new RecordRemarks(out, options.files);
    this.compiler = new JsonCompiler(options.codegen !== false);
  }

  /** Writes the record of the message that was dissected last, without a line break. */
  write(dissection: Dissection): void {
    const { message } = dissection;
    this.remarks.begin(message);
    this.writeTransport(message);
    this.writeHeader(dissection);
    this.writeOutcome(dissection);
    this.remarks.write(dissection, this.writeBody(dissection));
    this.out.byte(0x7d);
  }

  /**
   * Writes one message of an exchange, without what both messages share: endpoints, xid, program, status and summary.
   */
  writePart(dissection: Dissection): void {
    const { out } = this;
    const { message } = dissection;
    this.remarks.begin(message);
    this.writeFrames(message);
    out.ascii(',"time":"');
    writeTimes(out, message.seconds, message.nanoseconds);
    out.ascii(`,"length":${message.length}`);
    if (message.frameCount > 1) {
      out.ascii(',"transfer_time":');
      writeSeconds(out, message.transfer);
    }
    if (message.type === CALL) this.writeAuths(dissection);
    else this.writeReplyStat(dissection);
    this.remarks.write(dissection, this.writeBody(dissection));
    out.byte(0x7d);
  }

  /** Writes program, procedure and operations. */
  writeProgram(dissection: Dissection): void {
    this.writeNames(dissection);
    this.writeOperations(dissection);
  }

  /** Writes frames, connection, time, endpoints and length. */
  private writeTransport(message: Message): void {
    const { out } = this;
    this.writeFrames(message);
    const { before, after } = this.directions.get(message);
    out.text(before);
    writeTimes(out, message.seconds, message.nanoseconds);
    out.text(after);
    out.integer(message.length);
  }

  private writeFrames(message: Message): void {
    const { out, options } = this;
    this.number(KEYS.message, message.number);
    this.number(KEYS.frame, message.frame);
    if (message.frameCount > 1) {
      out.ascii(`,"frames":{"first":${message.firstFrame}`);
      if (message.firstFile !== message.file) this.file(KEYS.firstFile, message.firstFile);
      out.ascii(`,"last":${message.frame},"count":${message.frameCount}}`);
    }
    if (options.files !== null) this.file(KEYS.file, message.file);
    if (options.hasInterfaces(message.file)) this.number(KEYS.interface, message.interfaceIndex);
  }

  /** Writes the RPC header (RFC 5531 §9). */
  private writeHeader(dissection: Dissection): void {
    const { out } = this;
    const { message } = dissection;
    this.number(KEYS.xid, message.xid);
    this.writeProcedure(dissection);
    this.writeOperations(dissection);
    if (message.type === CALL) {
      this.writeAuths(dissection);
      return;
    }
    if (message.callFrame >= 0) {
      this.number(KEYS.callFrame, message.callFrame);
      if (message.callFile !== message.file) this.file(KEYS.callFile, message.callFile);
      out.text(KEYS.elapsed);
      writeSeconds(out, message.elapsed);
    }
    this.writeReplyStat(dissection);
  }

  /** Writes type, program and procedure, which are the same bytes for all calls, or replies, of a known procedure. */
  private writeProcedure(dissection: Dissection): void {
    const { procedure, message } = dissection;
    if (procedure === null) return this.writeType(dissection);
    const texts = this.procedures.get(procedure);
    const known = message.type === CALL ? texts.call : texts.reply;
    if (known !== undefined) return this.out.text(known);
    const start = this.out.length;
    this.writeType(dissection);
    const text = this.since(start);
    if (message.type === CALL) texts.call = text;
    else texts.reply = text;
  }

  private writeType(dissection: Dissection): void {
    this.out.text(dissection.message.type === CALL ? CALL_TYPE : REPLY_TYPE);
    this.writeNames(dissection);
  }

  private writeNames(dissection: Dissection): void {
    const { message } = dissection;
    if (dissection.programName !== undefined) this.name(KEYS.program, dissection.programName);
    if (message.program >= 0) this.number(KEYS.programNumber, message.program);
    if (message.version >= 0) this.number(KEYS.version, message.version);
    if (dissection.procedureName !== undefined) this.name(KEYS.procedure, dissection.procedureName);
    if (message.procedure >= 0) this.number(KEYS.procedureNumber, message.procedure);
  }

  /** Writes the operations of a compound, its main operation, and the one that ended it. */
  private writeOperations(dissection: Dissection): void {
    const { compound } = dissection;
    if (compound === null || compound.main < 0) return;
    // All calls of a shape, and all replies without a failure, have the same operations.
    const hasNoFailure = dissection.message.type === CALL || (dissection.error === false && isAllPlain(compound));
    const isPlain = compound.isComplete && hasNoFailure;
    const known = isPlain ? this.shapes.get(compound.shape) : undefined;
    if (known !== undefined) return this.out.text(known);
    const start = this.out.length;
    this.writeEachOperation(compound, dissection.error);
    if (isPlain) this.shapes.set(compound.shape, this.since(start));
  }

  private writeEachOperation(compound: Compound, error: boolean | null): void {
    const { operations, main, isComplete, isMainSure } = compound;
    const { out } = this;
    if (isMainSure) this.name(KEYS.operation, operations[main].name);
    out.text(KEYS.operations);
    operations.forEach(({ name, status }, index) => {
      this.name(index > 0 ? KEYS.nextOp : KEYS.firstOp, name);
      if (status !== null) this.name(KEYS.status, status);
      out.byte(0x7d);
    });
    out.byte(0x5d);
    if (error !== true || !isComplete) return;
    out.ascii(`,"failed_operation":{"index":${operations.length - 1}`);
    this.name(KEYS.op, operations[operations.length - 1].name);
    out.byte(0x7d);
  }

  /**
   * Writes credential and verifier. A client's calls mostly carry the
   * same credential: then the last text of the connection is copied.
   */
  private writeAuths(dissection: Dissection): void {
    const { message } = dissection;
    const { credential, verifier, body } = message;
    const start = credential.start - 8;
    // A verifier that is not empty differs in each call.
    const mayRecur = body >= 0 && verifier.length === 0;
    const known = mayRecur ? this.credentials.get(message, start) : undefined;
    if (known !== undefined) return this.out.text(known);
    const written = this.out.length;
    const { noteCount } = this.remarks;
    this.auth('credential', dissection);
    this.auth('verifier', dissection);
    // Remarks are not in the text, so auths that have some are decoded each time.
    if (!mayRecur || this.remarks.hasFault || this.remarks.noteCount > noteCount) return;
    this.credentials.set(message, start, this.since(written));
  }

  /** A copy of the output since `start`. */
  private since(start: number): PreparedText {
    return new PreparedText(this.out.bytes.subarray(start, this.out.length));
  }

  private writeReplyStat(dissection: Dissection): void {
    const { message } = dissection;
    if (message.acceptStat === SUCCESS && message.verifier.flavor === 0 && message.verifier.length === 0) {
      return this.out.text(PLAIN_SUCCESS);
    }
    if (message.replyStat < 0) return;
    this.named(KEYS.replyStat, REPLY_STATS, message.replyStat);
    if (message.replyStat === MSG_ACCEPTED) this.auth('verifier', dissection);
    if (message.acceptStat >= 0) this.named(KEYS.acceptStat, ACCEPT_STATS, message.acceptStat);
    if (message.rejectStat >= 0) this.named(KEYS.rejectStat, REJECT_STATS, message.rejectStat);
    if (message.acceptStat === PROG_MISMATCH || message.rejectStat === RPC_MISMATCH) this.writeMismatch(message);
    if (message.authStat >= 0) this.named(KEYS.authStat, AUTH_STATS, message.authStat);
  }

  private writeMismatch(message: Message): void {
    if (message.low < 0) return;
    this.out.ascii(`,"mismatch":{"low":${message.low}`);
    if (message.high >= 0) this.number(KEYS.high, message.high);
    this.out.byte(0x7d);
  }

  /** Writes the program's status, whether the call failed, and the summary. */
  private writeOutcome(dissection: Dissection): void {
    const { out } = this;
    this.writeStatus(dissection);
    if (dissection.procedure === null) return;
    out.text(KEYS.summary);
    const start = out.length;
    this.dissector.writeSummary(out);
    out.endJsonString(start);
    if (dissection.plan !== null && this.dissector.names !== null)
      this.writeFileNames(this.dissector.names, dissection);
  }

  /** Writes the paths of the files whose handles the body holds, by the fields of the handles. */
  private writeFileNames(names: Names, dissection: Dissection): void {
    const { out, path } = this;
    const { bytes } = dissection.extent;
    let open = ',"names":{';
    names.each(dissection, (field, start, end) => {
      path.length = 0;
      if (!names.write(path, bytes, start, end)) return;
      out.ascii(open);
      out.jsonName(field);
      out.byte(0x3a);
      out.jsonBytes(path.bytes, 0, path.length);
      open = ',';
    });
    if (open === ',') out.byte(0x7d);
  }

  /** Writes the program's status, and whether the call failed. */
  writeStatus(dissection: Dissection): void {
    const { status, error, procedure } = dissection;
    if (status !== null && procedure !== null)
      this.writeKnown(dissection, this.procedures.outcomes(procedure, dissection.message.type === CALL));
    else if (error !== null) this.out.text(error ? ERROR : NO_ERROR);
  }

  /** Writes the status, which is the same bytes for all replies of a procedure with this status. */
  private writeKnown(dissection: Dissection, outcomes: Map<number, PreparedText>): void {
    const { out } = this;
    const { status, statusNumber, error } = dissection;
    // An errno-style failure may have the number 0, as success has.
    const key = 2 * statusNumber + (error ? 1 : 0);
    const known = outcomes.get(key);
    if (known !== undefined) return out.text(known);
    const start = out.length;
    this.name(KEYS.status, status!);
    out.text(KEYS.statusNumber);
    out.signed(statusNumber);
    if (error !== null) out.text(error ? ERROR : NO_ERROR);
    if (outcomes.size < MAX_CACHED_TEXTS) outcomes.set(key, this.since(start));
  }

  /** Writes arguments or result. Returns the interpreter's remarks; null when generated code wrote the body. */
  private writeBody(dissection: Dissection): Decoded | null {
    const { out } = this;
    const { plan, extent, message } = dissection;
    if (plan === null || (plan.kind === 'void' && extent.at === extent.limit)) return null;
    const start = out.length;
    out.text(message.type === CALL ? KEYS.args : KEYS.result);
    const isWritten =
      !message.isTruncated && this.compiler.write(plan, extent.bytes, extent.at, extent.limit, out, this.options);
    if (isWritten) return null;
    out.length = start;
    const decoded = this.dissector.decode(dissection);
    if (decoded === null || decoded.root === null || decoded.root.plan.kind === 'void') return decoded;
    out.text(message.type === CALL ? KEYS.args : KEYS.result);
    if (!writeJson(decoded.root, out, this.options)) {
      out.text(KEYS.resultHex);
      writeStringBytes(decoded.root, out);
    }
    return decoded;
  }

  private auth(part: AuthPart, dissection: Dissection): void {
    const { out } = this;
    const { message } = dissection;
    const { bytes } = message;
    const { flavor: number, start, length, limit, isWhole } = message[part];
    if (number < 0) return;
    const flavor = authFlavor(number, message.program);
    this.name(KEYS[part], flavor?.name ?? String(number));
    const plan = planOfAuth(dissection, part);
    if (plan === undefined && length > 0 && isWhole) {
      out.ascii(`,"${flavor?.bytesName ?? 'body'}":"`);
      out.hex(bytes, start, limit);
      out.byte(0x22);
    } else if (plan !== undefined && length > 0) {
      const { length: written } = out;
      if (isWhole && this.compiler.write(plan, bytes, start, limit, out, this.options)) {
        // The members of the body follow the flavor in the same object.
        out.bytes[written] = 0x2c;
        return;
      }
      this.decodedAuth(part, dissection);
    }
    out.byte(0x7d);
  }

  private decodedAuth(part: AuthPart, dissection: Dissection): void {
    const decoded = decodeAuth(dissection, part);
    if (decoded === null) return;
    if (decoded.root !== null) {
      this.out.byte(0x2c);
      writeMembers(decoded.root, this.out, this.options);
    }
    this.remarks.add(decoded, dissection.message);
  }

  private number(key: PreparedText, value: number): void {
    this.out.text(key);
    this.out.integer(value);
  }

  /** Writes the name of an input; only where there are several. */
  private file(key: PreparedText, file: number): void {
    this.name(key, this.options.files![file]);
  }

  /** Writes a text that recurs, and is one of few. */
  private name(key: PreparedText, value: string): void {
    this.out.text(key);
    this.out.jsonName(value);
  }

  private named(key: PreparedText, names: readonly string[], value: number): void {
    this.name(key, names[value] ?? String(value));
  }
}
