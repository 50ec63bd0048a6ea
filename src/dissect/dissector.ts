/**
 * Messages → bodies: names a message's program and procedure, finds its status and summary, and decodes its body when asked.
 * The only place that knows which plan a message's bytes have. One `Dissection` is reused for all messages.
 */
import { rpcsecGss } from '../rpc/auth/rpcsec-gss.js';
import { CallbackPrograms } from '../rpc/callback-programs.js';
import type { KnownPrograms } from '../rpc/known-programs.js';
import { CALL, type Message, MSG_ACCEPTED, SUCCESS } from '../rpc/message.js';
import type { ByteWriter } from '../xdr/byte-writer.js';
import { readInt32 } from '../xdr/bytes.js';
import { fills } from '../xdr/codegen-extract.js';
import type { Plan } from '../xdr/plan.js';
import { decodeTree } from '../xdr/tree.js';
import type { DecodeContext, Decoded, DecodeFault, UndecodedReason } from '../xdr/tree-node.js';
import type { Values } from './announcement.js';
import type { CallContexts } from './call-memory.js';
import { Callbacks, NFS_CB } from './callbacks.js';
import { type Dissection, newDissection } from './dissection.js';
import {
  contextOf,
  controlProcedure,
  followCall,
  followReply,
  type GssCall,
  isControl,
  isEncrypted,
  openIntegrity,
  readGssCall,
  verifierPlan,
} from './gss.js';
import { GssContexts } from './gss-contexts.js';
import type { DissectorLibrary } from './library.js';
import type { Names } from './names.js';
import { isLinked, NlmLinks } from './nlm-links.js';
import type { Compound, Operations } from './operations.js';
import { ERROR, type Procedure, STATUS, type Wants } from './procedure.js';
import { Procedures } from './procedures.js';
import { NONE_RELATED } from './related.js';
import { cacheResult, isCacheable } from './request-cache.js';
import { SessionSlots } from './session-slots.js';
import { errorText, type StatusField } from './status.js';
import type { Extent, Summary, SummaryContext } from './summary.js';

/** Procedure 0 of every program does nothing, by convention (RFC 5531 §12.3). */
const NULL_PROCEDURE = 0;

/** What a reply needs to know of its call. */
interface CallContext {
  /** Of an NLM call: the lock that it asks for. */
  lock: string | null;
  fields: Map<string, number> | null;
  gss: GssCall | null;
  announced: Values | null;
}

/** null: the reply's stat is cut off. */
function isRpcError(message: Message): boolean | null {
  if (message.replyStat < 0) return null;
  if (message.replyStat !== MSG_ACCEPTED) return true;
  return message.acceptStat < 0 ? null : message.acceptStat !== SUCCESS;
}

export interface DissectorOptions {
  /** Learns file names, and gives them; absent: handles stay handles. */
  names?: Names | null;
  /** Where programs are announced to be. */
  announcements?: KnownPrograms | null;
  /** Clients' programs for NFSv4 callbacks. */
  callbackPrograms?: CallbackPrograms;
  /**
   * Less than summaries: what they need is not looked for, `writeSummary` must not be called, and no announcements be given; with less than
   * names, no names either.
   */
  wants?: Wants;
  /** Those of another dissector that wants the same; absent: its own. */
  procedures?: Procedures;
}

export class Dissector implements SummaryContext {
  readonly names: Names | null;
  private readonly announcements: KnownPrograms | null;
  private readonly wants: Wants;
  private readonly procedures: Procedures;
  private readonly dissection = newDissection(undefined as unknown as Message);
  private readonly callbacks: Callbacks;
  private readonly nlmLinks = new NlmLinks();
  private readonly gssContexts = new GssContexts();
  private readonly sessionSlots = new SessionSlots();
  private context: CallContext | null = null;
  /** The last dissection had nothing that `blank` takes back. */
  private isBlank = false;
  /** Who looked for faults once does so for each message: bodies are then looked through in one go. */
  private seeksFaults = false;

  constructor(
    private readonly library: DissectorLibrary,
    private readonly exchanges: CallContexts,
    { names = null, announcements = null, wants = 'summaries', callbackPrograms, procedures }: DissectorOptions = {},
  ) {
    this.names = names;
    this.announcements = announcements;
    this.wants = wants;
    this.procedures = procedures ?? new Procedures(library, wants);
    this.callbacks = new Callbacks(library, callbackPrograms ?? new CallbackPrograms());
  }

  /** The message without its body, program or status: for who only counts. */
  readHeader(message: Message): Dissection {
    this.dissection.message = message;
    return this.dissection;
  }

  /** Names the message and finds its status. Belongs to the ordered pass: calls leave what their replies will ask for. */
  dissect(message: Message): Dissection {
    const dissection = this.dissection;
    dissection.message = message;
    if (this.findUsual(message, dissection)) return dissection;
    const isCall = message.type === CALL;
    if (isCall && this.names !== null && message.retransmission === null) this.names.open(message.exchange);
    this.isBlank = false;
    dissection.procedure = null;
    dissection.plan = null;
    dissection.undecoded = null;
    dissection.status = null;
    dissection.isPlainSuccess = true;
    dissection.requestCache = null;
    dissection.compound = null;
    dissection.isWhole = false;
    dissection.integrity = null;
    dissection.verifierPlan = null;
    dissection.related = NONE_RELATED;
    dissection.error = isCall ? null : isRpcError(message);
    const isCallback = message.program >= NFS_CB && this.callbacks.isCallback(message);
    dissection.programName = message.hasProgram ? this.nameOf(message, isCallback) : undefined;
    dissection.procedureName = undefined;
    this.context = isCall ? this.newContext(message) : this.contextOfReply(message);
    const found = this.procedureOf(message, isCallback);
    if (typeof found !== 'string') {
      dissection.procedure = found;
      dissection.procedureName = found.plan.name;
    } else if (message.procedure === NULL_PROCEDURE && (!isCall || message.credential.isWhole)) {
      // Calls of RPCSEC_GSS itself travel as procedure 0; only the credential tells.
      dissection.procedureName = 'NULL';
    }
    if (!isCall && this.context?.gss) dissection.related = contextOf(this.context.gss);
    if (message.body < 0 || dissection.error) return dissection;
    const { extent } = dissection;
    extent.bytes = message.bytes;
    extent.at = message.body;
    extent.end = message.end;
    extent.limit = message.limit;
    this.names?.begin(message, message.exchange < 0 ? null : this.exchanges.serverOf(message.exchange));
    if (isCall) this.dissectCall(dissection, found);
    else this.dissectReply(dissection, found);
    // Of bytes that nobody decodes, only those count that are known of.
    if (dissection.undecoded !== null) extent.limit = Math.min(extent.limit, message.start + message.length);
    return dissection;
  }

  /**
   * What is wanted of a message of which nothing unusual is to know: a known procedure, no security context, nothing but names that its
   * reply asks for. False: `dissect` has to look.
   */
  private findUsual(message: Message, dissection: Dissection): boolean {
    const known = this.procedures.last;
    if (known === null || message.program !== known.program || message.version !== known.version) return false;
    const found = known.procedures.get(message.procedure);
    if (found === undefined || !found.hasStatusOnly || message.body < 0 || message.program >= NFS_CB) return false;
    if (isLinked(message) || (found.announcement !== null && this.announcements !== null)) return false;
    const isCall = message.type === CALL;
    if (isCall ? message.credential.flavor === rpcsecGss.number : !this.isPlainResult(message)) return false;
    if (!this.isBlank) this.blank(dissection);
    const { extent } = dissection;
    extent.bytes = message.bytes;
    extent.at = message.body;
    extent.end = message.end;
    extent.limit = message.limit;
    dissection.programName = known.name;
    dissection.procedure = found;
    dissection.procedureName = found.plan.name;
    dissection.plan = isCall ? found.plan.arguments : found.plan.result;
    dissection.status = null;
    dissection.isPlainSuccess = true;
    dissection.requestCache = null;
    dissection.error = isCall ? null : false;
    if (this.wants === 'summaries') this.findSummary(dissection, found);
    else if (this.names !== null) this.findNames(dissection, found, this.names);
    else {
      if (!isCall) this.findResult(dissection, found, found.statusSummary);
      this.findOperations(dissection, found);
    }
    return true;
  }

  /** All that a line says of such a message, and what its names teach. */
  private findSummary(dissection: Dissection, found: Procedure): void {
    dissection.compound = null;
    this.findBody(dissection, found);
    this.isBlank = dissection.related === NONE_RELATED;
    if (this.names === null) return;
    const { message, extent, compound, error } = dissection;
    const { exchange } = message;
    const isCall = message.type === CALL;
    const isFirst = message.retransmission === null;
    const isAwaited = !isCall && isFirst && this.names.awaits(exchange);
    // Many replies neither teach anything nor name a file.
    if (!isCall && !isAwaited && compound === null && found.replyHandles.length === 0) return;
    this.names.begin(message, exchange < 0 ? null : this.exchanges.serverOf(exchange));
    if (isAwaited) this.names.learn(exchange, found, compound, extent, error !== false);
    if (!isCall) return;
    if (isFirst) this.names.open(exchange);
    this.names.remember(exchange, found, compound, extent);
  }

  /** What names need besides: a call's handles and what it asks for, and of a reply what that teaches. */
  private findNames(dissection: Dissection, found: Procedure, names: Names): void {
    const { message, extent } = dissection;
    const { exchange } = message;
    const isCall = message.type === CALL;
    const isAwaited = !isCall && message.retransmission === null && names.awaits(exchange);
    if (isCall || isAwaited) names.begin(message, exchange < 0 ? null : this.exchanges.serverOf(exchange));
    if (isCall) found.callSummary.find(extent);
    else this.findResult(dissection, found, isAwaited ? found.replySummary : found.statusSummary);
    this.findOperations(dissection, found);
    const { compound, error } = dissection;
    if (isCall) {
      if (message.retransmission === null) names.open(exchange);
      names.remember(exchange, found, compound, extent);
    } else if (isAwaited) names.learn(exchange, found, compound, extent, error !== false);
  }

  private findOperations(dissection: Dissection, { operations }: Procedure): void {
    dissection.compound = operations === null ? null : this.findCompound(dissection, operations);
  }

  private findResult(dissection: Dissection, { status }: Procedure, summary: Summary): void {
    summary.find(dissection.extent);
    if (status !== null) this.readStatus(dissection, status, summary);
  }

  /** A reply with results under no service of RPCSEC_GSS, of a call that left nothing for it. */
  private isPlainResult({ replyStat, acceptStat, verifier, exchange }: Message): boolean {
    return (
      replyStat === MSG_ACCEPTED &&
      acceptStat === SUCCESS &&
      verifier.flavor !== rpcsecGss.number &&
      this.exchanges.contextOf(exchange) === undefined
    );
  }

  /** Takes back all that only few messages have. */
  private blank(dissection: Dissection): void {
    dissection.undecoded = null;
    dissection.compound = null;
    dissection.isWhole = false;
    dissection.integrity = null;
    dissection.verifierPlan = null;
    dissection.related = NONE_RELATED;
    this.context = null;
    this.isBlank = true;
  }

  /** Writes the procedure's name and the summary of the message last dissected; nothing where the procedure is not known. */
  writeSummary(out: ByteWriter): void {
    const { procedure, plan, message, extent, compound } = this.dissection;
    if (procedure === null) return;
    if (compound !== null && compound.main >= 0) {
      procedure.operations!.write(out, compound, this, extent);
      return;
    }
    out.text(procedure.name);
    if (plan === null) return;
    const isCall = message.type === CALL;
    if (plan !== (isCall ? procedure.plan.arguments : procedure.plan.result)) return;
    const summary = isCall ? procedure.callSummary : procedure.replySummary;
    if (compound !== null) summary.find(extent);
    summary.write(out, this, extent);
  }

  /** Decodes the body of the message last dissected, or of a call that was kept; null when it has none that can be. */
  decode(dissection = this.dissection): Decoded | null {
    const { plan, extent, message } = dissection;
    if (plan === null) return null;
    const { bytes, at, end, limit } = extent;
    const input = { bytes, start: at, end, limit, context: this.decodeContext };
    return decodeTree(plan, input, message.type === CALL ? 'args' : 'result');
  }

  /** What is wrong with such a body; null when nothing is, or only bytes are missing. */
  findFault(dissection = this.dissection): DecodeFault | null {
    const { plan, extent, message, isWhole } = dissection;
    this.seeksFaults = true;
    if (plan === null || message.isTruncated || isWhole) return null;
    if (fills(plan, extent.bytes, extent.at, extent.limit)) return null;
    const fault = this.decode(dissection)?.fault ?? null;
    return fault?.kind === 'malformed' ? fault : null;
  }

  // SummaryContext

  get bytes(): Uint8Array {
    return this.dissection.message.bytes;
  }

  readonly programs = (number: number): string | undefined => this.library.anyName(number);

  writeHandle(out: ByteWriter, start: number, end: number): boolean {
    return this.names?.writeHandle(out, this.bytes, start, end) ?? false;
  }

  callField(path: string): number | undefined {
    return this.context?.fields?.get(path);
  }

  writeBody(
    out: ByteWriter,
    direction: 'call' | 'reply',
    program: number,
    version: number,
    procedure: number,
    extent: Extent,
  ): void {
    const found = this.procedures.find(program, version, procedure);
    if (typeof found === 'string') {
      out.ascii(`procedure ${procedure}`);
      return;
    }
    out.word(found.plan.name);
    const summary = direction === 'call' ? found.callSummary : found.replySummary;
    summary.find(extent);
    summary.write(out, this, extent);
  }

  // Calls and replies

  private dissectCall(dissection: Dissection, found: Procedure | UndecodedReason): void {
    const { message, extent } = dissection;
    const gss = this.context?.gss ?? null;
    if (gss !== null) {
      this.followGss(dissection, gss);
      dissection.related = contextOf(gss);
    }
    this.dissectBody(dissection, found, gss);
    const isOpen = dissection.plan !== null && typeof found !== 'string';
    const fields = isOpen ? found.readContext(extent.bytes, extent.at, extent.end, extent.limit) : null;
    if (isOpen) this.names?.remember(message.exchange, found, dissection.compound, extent);
    const announced = isOpen && this.announcements !== null ? (found.announcement?.remember(extent) ?? null) : null;
    const lock = dissection.plan !== null && isLinked(message) ? this.linkCall(dissection, dissection.plan) : null;
    if (fields === null && gss === null && announced === null && lock === null) return;
    this.context = { fields, gss, announced, lock };
    this.exchanges.setContext(message.exchange, this.context);
  }

  private dissectReply(dissection: Dissection, found: Procedure | UndecodedReason): void {
    const gss = this.context?.gss ?? null;
    if (gss !== null) this.followGss(dissection, gss);
    // Where the credential that a checksum of GSS answers was cut off, nobody knows what service the results are under.
    if (gss === null && dissection.message.verifier.flavor === rpcsecGss.number) {
      dissection.undecoded = dissection.extent.at < dissection.extent.limit ? 'no_call' : null;
    } else this.dissectBody(dissection, found, gss);
    const lock = this.context?.lock ?? null;
    if (lock !== null && dissection.status !== null) {
      this.nlmLinks.reply(dissection.message, lock, dissection.statusNumber);
    }
    if (dissection.plan === null || typeof found === 'string') return;
    if (dissection.message.retransmission === null) this.learn(dissection, found);
  }

  /** Learns from a reply; what is learnt once need not be kept by thousands of calls that were answered. */
  private learn(dissection: Dissection, found: Procedure): void {
    const { message, extent, compound, error } = dissection;
    this.names?.learn(message.exchange, found, compound, extent, error !== false);
    const { context } = this;
    if (context === null || context.announced === null) return;
    if (error === false && this.announcements !== null) {
      const hosts = { caller: message.destination.address, server: message.source.address };
      found.announcement?.learn(this.announcements, message, hosts, extent, context.announced);
    }
    context.announced = null;
    const { fields, gss, lock } = context;
    if (fields === null && gss === null && lock === null) this.exchanges.setContext(message.exchange, undefined);
  }

  /** True when the reply to a call has to be dissected, because the call left something for it. */
  isAwaited(exchange: number): boolean {
    return this.exchanges.contextOf(exchange) !== undefined || (this.names?.awaits(exchange) ?? false);
  }

  /** Finds which request of an NFSv4.1 session a call repeats. */
  private followSlot(dissection: Dissection, compound: Compound): void {
    const { message, extent } = dissection;
    const related = this.sessionSlots.follow(message, compound, extent.end);
    if (related.length > 0) dissection.related = [...dissection.related, ...related];
  }

  /** Links a call of a lock manager; answers the lock that its reply will be about. */
  private linkCall(dissection: Dissection, plan: Plan): string | null {
    const { message, extent, status, statusNumber } = dissection;
    const { related, lock } = this.nlmLinks.call(message, plan, extent, status === null ? -1 : statusNumber);
    if (related.length > 0) dissection.related = [...dissection.related, ...related];
    return lock;
  }

  private newContext(message: Message): CallContext | null {
    const gss = readGssCall(message);
    return gss && { fields: null, gss, announced: null, lock: null };
  }

  /** What the call of a reply left for it. */
  private contextOfReply({ exchange }: Message): CallContext | null {
    return exchange < 0 ? null : ((this.exchanges.contextOf(exchange) as CallContext | undefined) ?? null);
  }

  /** Follows a message through its security context. */
  private followGss(dissection: Dissection, gss: GssCall): void {
    const { message, extent } = dissection;
    const isCall = message.type === CALL;
    dissection.verifierPlan = verifierPlan(gss, isCall);
    if (isCall) followCall(gss, this.gssContexts, message, extent);
    else followReply(gss, this.gssContexts, message, extent);
  }

  private dissectBody(dissection: Dissection, found: Procedure | UndecodedReason, gss: GssCall | null): void {
    const { message, extent } = dissection;
    const isCall = message.type === CALL;
    if (gss !== null) dissection.integrity = openIntegrity(gss, message, extent);
    if (gss !== null && isEncrypted(gss, extent)) dissection.undecoded = 'encrypted';
    else if (typeof found === 'string') dissection.undecoded = extent.at < extent.limit ? found : null;
    else {
      dissection.plan = isCall ? found.plan.arguments : found.plan.result;
      this.findBody(dissection, found);
    }
  }

  /** Finds the operations of a compound, or what the summary of another body needs, and its status. */
  private findBody(dissection: Dissection, found: Procedure): void {
    if (found.operations === null) return this.findFields(dissection, found);
    // What their summary says beside operations is looked for when there are none.
    if (dissection.message.type !== CALL) this.findResult(dissection, found, found.statusSummary);
    dissection.compound = this.findCompound(dissection, found.operations);
    if (this.wants === 'summaries' && dissection.compound !== null) this.followSlot(dissection, dissection.compound);
  }

  /** Finds what the summary of a body needs, and its status. */
  private findFields(dissection: Dissection, found: Procedure): void {
    const { message, extent } = dissection;
    const isCall = message.type === CALL;
    const summary = isCall ? found.callSummary : found.replySummary;
    if (this.seeksFaults) dissection.isWhole = summary.findWhole(extent);
    else summary.find(extent);
    const status = isCall ? found.callStatus : found.status;
    if (status !== null) this.readStatus(dissection, status, summary);
  }

  /** The operations of a message; null where they are not wanted. Calls may announce a program for callbacks. */
  private findCompound(dissection: Dissection, operations: Operations): Compound | null {
    const { message, plan, error, extent } = dissection;
    const isCall = message.type === CALL;
    if (!isCall && this.wants === 'status') return null;
    const compound = operations.find(plan!, isCall, error === true, extent);
    dissection.isWhole = compound.isFilled;
    if (isCall) this.callbacks.learn(message, compound, extent.end);
    return compound;
  }

  private readStatus(dissection: Dissection, field: StatusField, summary: Summary): void {
    const offset = summary.at(STATUS);
    if (offset < 0) {
      dissection.error = null;
      return;
    }
    const { plan, error } = field;
    const word = readInt32(dissection.extent.bytes, offset);
    if (error !== null) return this.readError(dissection, error.plan, word < 0, summary.at(ERROR));
    const value = plan.kind === 'unsigned' ? word >>> 0 : word;
    const status = field.words.of(value);
    dissection.statusNumber = value;
    dissection.status = status.text;
    dissection.error = !status.isSuccess;
    dissection.isPlainSuccess = status.isPlainSuccess;
    if (isCacheable(dissection.message)) this.compareReplies(dissection, value);
  }

  /** Remembers the status of the first reply for the second. */
  private compareReplies(dissection: Dissection, status: number): void {
    const { message } = dissection;
    if (message.isAnswer) this.exchanges.setStatus(message.exchange, status);
    else if (message.retransmission !== null) {
      dissection.requestCache = cacheResult(message, this.exchanges.statusOf(message.exchange), status);
    }
  }

  /** An errno-style status: what failure left in its field, else success, whatever is there. */
  private readError(dissection: Dissection, plan: Plan, isFailure: boolean, offset: number): void {
    dissection.error = isFailure;
    if (isFailure && offset < 0) return;
    dissection.statusNumber = isFailure ? readInt32(dissection.extent.bytes, offset) : 0;
    dissection.status = errorText(plan, dissection.statusNumber);
  }

  // Procedures

  /** What the message calls or answers: of RPCSEC_GSS's control procedures, not the program's that they travel as. */
  private procedureOf(message: Message, isCallback: boolean): Procedure | UndecodedReason {
    if (!message.hasProgram) return 'no_call';
    const { program, version, procedure } = message;
    const gss = this.context?.gss ?? null;
    if (gss !== null && isControl(gss)) return controlProcedure(gss, program, version) ?? 'unknown_procedure';
    if (isCallback) return this.callbacks.procedure(message);
    // Not theirs just because its number is the one that stands for all.
    if (program === NFS_CB && !this.library.isUserDefined(program)) return 'unknown_program';
    return this.procedures.find(program, version, procedure);
  }

  private nameOf({ program, version }: Message, isCallback: boolean): string | undefined {
    if (isCallback) return this.library.programName(NFS_CB, version);
    if (program === NFS_CB && !this.library.isUserDefined(program)) return undefined;
    return this.programName(program, version);
  }

  /** The short name of a program's version; undefined when nobody knows it. */
  programName(program: number, version: number): string | undefined {
    return this.procedures.programName(program, version);
  }

  private readonly decodeContext: DecodeContext = {
    callField: (path) => this.callField(path),
    body: (program, version, procedure, direction) => {
      const found = this.procedures.find(program, version, procedure);
      if (typeof found === 'string') return found;
      return direction === 'call' ? found.plan.arguments : found.plan.result;
    },
  };
}
