/**
 * Finds the body of a message: names the program and procedure, has the body looked into (body-finder.ts), and decodes
 * it when asked. This is the only place that knows which plan a message's bytes have, under RPCSEC_GSS too. One
 * `Dissection` is reused for all messages.
 */
import { MAX_SHOWN_BODIES } from '../limits/dissect.js';
import { isGssFlavor } from '../rpc/auth/index.js';
import { CallbackPrograms } from '../rpc/callback-programs.js';
import type { KnownPrograms } from '../rpc/known-programs.js';
import { CALL, Message, MSG_ACCEPTED, SUCCESS } from '../rpc/message.js';
import type { ByteWriter } from '../xdr/byte-writer.js';
import { fills, isCutOff } from '../xdr/codegen-extract.js';
import { decodeTree } from '../xdr/tree.js';
import type { DecodeContext, Decoded, DecodeFault } from '../xdr/tree-node.js';
import { BodyFinder } from './body-finder.js';
import type { CallContexts } from './call-memory.js';
import { Callbacks, NFS_CB } from './callbacks.js';
import { type BodyReason, type Dissection, newDissection } from './dissection.js';
import type { Extent } from './extent.js';
import {
  contextOf,
  controlProcedure,
  followCall,
  followReply,
  type GssCall,
  isControl,
  isEncrypted,
  openIntegrity,
  verifierPlan,
} from './gss.js';
import { GssContexts } from './gss-contexts.js';
import { type CallContext, Handover } from './handover.js';
import type { DissectorLibrary } from './library.js';
import type { Names } from './names.js';
import { isLinked } from './nlm-links.js';
import type { Procedure, Wants } from './procedure.js';
import { Procedures } from './procedures.js';
import { NONE_RELATED } from './related.js';
import type { SummaryContext } from './summary.js';

/** Procedure 0 of every program does nothing, by convention (RFC 5531 §12.3). */
const NULL_PROCEDURE = 0;

/** True where RPC refused the call; null where the reply's status is cut off. */
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
   * What is wanted of messages. Below `summaries`, what these and announcements need is not looked for: `writeSummary`
   * must not be called, and `announcements` not be given. Below `names`, `names` must not be given either.
   */
  wants?: Wants;
  /** The procedures of another dissector that wants the same; absent: its own. */
  procedures?: Procedures;
}

export class Dissector implements SummaryContext {
  readonly names: Names | null;
  private readonly announcements: KnownPrograms | null;
  private readonly wants: Wants;
  private readonly procedures: Procedures;
  private readonly dissection = newDissection(new Message());
  private readonly callbacks: Callbacks;
  private readonly bodies: BodyFinder;
  private readonly handover: Handover;
  private readonly gssContexts = new GssContexts();
  private context: CallContext | null = null;
  /** The last dissection had nothing that `blank` takes back. */
  private isBlank = false;
  /** How many bodies, one inside another, the summary is in. */
  private shownBodies = 0;

  constructor(
    private readonly library: DissectorLibrary,
    private readonly exchanges: CallContexts,
    { names = null, announcements = null, wants = 'summaries', callbackPrograms, procedures }: DissectorOptions = {},
  ) {
    this.names = names;
    this.announcements = announcements;
    this.wants = wants;
    this.procedures = procedures ?? new Procedures(library, wants);
    this.callbacks = new Callbacks(library, callbackPrograms ?? new CallbackPrograms(), wants);
    this.bodies = new BodyFinder(wants, exchanges, this.callbacks);
    this.handover = new Handover(exchanges, announcements);
  }

  /** Takes a message without its body, program or status, for callers that only count. */
  readHeader(message: Message): Dissection {
    this.dissection.message = message;
    return this.dissection;
  }

  /** What was forgotten of the state that messages share: security contexts, session slots, locks that were waited for. */
  get evictedContexts(): number {
    return this.gssContexts.evicted + this.bodies.evictedSlots + this.handover.evictedLinks;
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
    this.context = this.handover.contextOf(message);
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
    // Of bytes that nobody decodes, only those count that the message is known to have.
    if (dissection.undecoded !== null) extent.limit = Math.min(extent.limit, message.start + message.length);
    return dissection;
  }

  /**
   * The short way, for usual messages: of a known procedure, without a security context, leaving nothing but names for
   * the reply. False: the long way has to be taken.
   */
  private findUsual(message: Message, dissection: Dissection): boolean {
    const known = this.procedures.last;
    if (known === null || message.program !== known.program || message.version !== known.version) return false;
    const found = known.procedures.get(message.procedure);
    if (found === undefined || !found.hasStatusOnly || message.body < 0 || message.program >= NFS_CB) return false;
    if (isLinked(message) || (found.announcement !== null && this.announcements !== null)) return false;
    const isCall = message.type === CALL;
    if (isCall ? isGssFlavor(message.credential.flavor) : !this.isPlainResult(message)) return false;
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
    dissection.compound = null;
    dissection.isWhole = false;
    this.findWanted(dissection, found);
    return true;
  }

  /** Looks into the body of a usual message, and learns names from it. */
  private findWanted(dissection: Dissection, found: Procedure): void {
    const { names } = this;
    const { message, extent } = dissection;
    const { exchange } = message;
    const isCall = message.type === CALL;
    const isShown = this.wants === 'summaries';
    const isFirst = message.retransmission === null;
    const isAwaited = names !== null && !isCall && isFirst && names.awaits(exchange);
    this.bodies.find(dissection, found, isShown || (names !== null && (isCall || isAwaited)));
    this.isBlank = dissection.related === NONE_RELATED;
    if (names === null) return;
    const { compound, error } = dissection;
    // Most replies neither teach anything nor name a file.
    const mayName = isShown && (compound !== null || found.replyHandles.length > 0);
    if (!isCall && !isAwaited && !mayName) return;
    names.begin(message, exchange < 0 ? null : this.exchanges.serverOf(exchange));
    if (isAwaited) names.learn(exchange, found, compound, extent, error !== false);
    if (!isCall) return;
    if (isFirst) names.open(exchange);
    names.remember(exchange, found, compound, extent);
  }

  /** A reply with results under no service of RPCSEC_GSS, of a call that left nothing for it. */
  private isPlainResult({ replyStat, acceptStat, verifier, exchange }: Message): boolean {
    return (
      replyStat === MSG_ACCEPTED &&
      acceptStat === SUCCESS &&
      !isGssFlavor(verifier.flavor) &&
      this.exchanges.contextOf(exchange) === undefined
    );
  }

  /** Resets what only few messages have. */
  private blank(dissection: Dissection): void {
    dissection.undecoded = null;
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
      procedure.compoundLine!.write(out, compound, this, extent);
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

  /** Decodes the body of the message last dissected, or of a call that was kept, by `by`; null when it has none that can be. */
  decode(dissection = this.dissection, by = decodeTree): Decoded | null {
    const { plan, extent, message } = dissection;
    if (plan === null) return null;
    const { bytes, at, end, limit } = extent;
    const input = { bytes, start: at, end, limit, context: this.decodeContext };
    return by(plan, input, message.type === CALL ? 'args' : 'result');
  }

  /** What is wrong with such a body; null when nothing is, or only bytes are missing. */
  findFault(dissection = this.dissection): DecodeFault | null {
    const fault = this.examine(dissection)?.fault ?? null;
    return fault?.kind === 'malformed' ? fault : null;
  }

  /** Decodes such a body if it may not be as its type says; null when it is, or when only bytes are missing. */
  examine(dissection: Dissection): Decoded | null {
    const { plan, extent, message, isWhole } = dissection;
    const { bytes, at, end, limit } = extent;
    this.bodies.seeksFaults = true;
    if (plan === null || isWhole) return null;
    if (message.isTruncated ? isCutOff(plan, bytes, at, end, limit) : fills(plan, bytes, at, limit)) return null;
    return this.decode(dissection);
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
    if (this.shownBodies === MAX_SHOWN_BODIES) return out.utf8(' …');
    this.shownBodies++;
    const summary = direction === 'call' ? found.callSummary : found.replySummary;
    summary.find(extent);
    summary.write(out, this, extent);
    this.shownBodies--;
  }

  // Calls and replies

  private dissectCall(dissection: Dissection, found: Procedure | BodyReason): void {
    const { message, extent } = dissection;
    const gss = this.context?.gss ?? null;
    if (gss !== null) {
      this.followGss(dissection, gss);
      dissection.related = contextOf(gss);
    }
    this.dissectBody(dissection, found, gss);
    const { plan, procedure, compound } = dissection;
    if (plan !== null && procedure !== null) this.names?.remember(message.exchange, procedure, compound, extent);
    this.context = this.handover.leave(dissection, gss);
  }

  private dissectReply(dissection: Dissection, found: Procedure | BodyReason): void {
    const gss = this.context?.gss ?? null;
    if (gss !== null) this.followGss(dissection, gss);
    // A GSS verifier answers a GSS credential. Where that was cut off, the service that the results are under is not
    // known.
    if (gss === null && isGssFlavor(dissection.message.verifier.flavor)) {
      dissection.undecoded = dissection.extent.at < dissection.extent.limit ? withoutCall(dissection.message) : null;
    } else this.dissectBody(dissection, found, gss);
    const { message, plan, procedure, extent, compound, error } = dissection;
    const isFirst = message.retransmission === null;
    if (plan !== null && procedure !== null && isFirst) {
      this.names?.learn(message.exchange, procedure, compound, extent, error !== false);
    }
    if (this.context !== null) this.handover.take(dissection, this.context);
  }

  /** True when the reply to a call has to be dissected, because the call left something for it. */
  isAwaited(exchange: number): boolean {
    return this.exchanges.contextOf(exchange) !== undefined || (this.names?.awaits(exchange) ?? false);
  }

  /** Follows a message through its security context. */
  private followGss(dissection: Dissection, gss: GssCall): void {
    const { message, extent } = dissection;
    const isCall = message.type === CALL;
    dissection.verifierPlan = verifierPlan(gss, isCall);
    if (isCall) followCall(gss, this.gssContexts, message, extent);
    else followReply(gss, this.gssContexts, message, extent);
  }

  private dissectBody(dissection: Dissection, found: Procedure | BodyReason, gss: GssCall | null): void {
    const { message, extent } = dissection;
    const isCall = message.type === CALL;
    if (gss !== null) dissection.integrity = openIntegrity(gss, message, extent);
    if (gss !== null && isEncrypted(gss, extent)) dissection.undecoded = 'encrypted';
    else if (typeof found === 'string') dissection.undecoded = extent.at < extent.limit ? found : null;
    else {
      dissection.plan = isCall ? found.plan.arguments : found.plan.result;
      this.bodies.find(dissection, found, true);
    }
  }

  // Procedures

  /**
   * The procedure that the message calls or answers. Control calls of RPCSEC_GSS have procedures of their own, not that
   * of the program that they travel as.
   */
  private procedureOf(message: Message, isCallback: boolean): Procedure | BodyReason {
    if (!message.hasProgram) return withoutCall(message);
    const { program, version, procedure } = message;
    const gss = this.context?.gss ?? null;
    if (gss !== null && isControl(gss)) return controlProcedure(gss, program, version) ?? 'unknown_procedure';
    if (isCallback) return this.callbacks.procedure(message);
    // NFS_CB stands for all callback programs. A call to that very number is still of an unknown program, unless it is
    // a callback.
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

/** Why a body that depends on its call cannot be decoded. */
function withoutCall({ isCallForgotten }: Message): BodyReason {
  return isCallForgotten ? 'evicted' : 'no_call';
}
