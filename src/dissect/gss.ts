/**
 * What RPCSEC_GSS (RFC 2203 §5, RFC 5403, RFC 7861) does to calls and replies: control procedures stand in place of the
 * program's own (all of them are called as its procedure 0), integrity wraps a body (rpc_gss_integ_data), privacy
 * encrypts it. A reply is wrapped as its call was; the service may be another one in each call. AUTH_GSSAPI, older than
 * that, is followed as far as that its control messages and its sealed bodies are known.
 */
import { MAX_CACHED_TEXTS } from '../limits/xdr.js';
import { type AuthFlavor, authProgram, authType } from '../rpc/auth/flavor.js';
import { authGssapi } from '../rpc/auth/gssapi.js';
import {
  GSS_BIND_CHANNEL,
  GSS_CONTINUE_INIT,
  GSS_DATA,
  GSS_DESTROY,
  GSS_INIT,
  GSS_INTEGRITY,
  GSS_NONE,
  GSS_PRIVACY,
  rpcsecGss,
} from '../rpc/auth/rpcsec-gss.js';
import { type GssHeader, readGssHeader } from '../rpc/call-arguments.js';
import { CALL, type Message } from '../rpc/message.js';
import { padded, read32 } from '../xdr/bytes.js';
import { readMechanism } from '../xdr/mechanism.js';
import type { Plan } from '../xdr/plan.js';
import { bytesFollow, remainingBytes } from '../xdr/plural.js';
import type { Extent } from './extent.js';
import type { GssContext, GssContexts } from './gss-contexts.js';
import { Procedure } from './procedure.js';
import { NONE_RELATED, type Related } from './related.js';

/** What a call's RPCSEC_GSS or AUTH_GSSAPI credential says, and what its reply needs to know of it. */
export interface GssCall extends GssHeader {
  flavor: AuthFlavor;
  sequence: number;
  /** null where the handle is empty (INIT) or was not captured. */
  context: GssContext | null;
  mechanism: string | null;
}

/** rpc_gss_integ_data around a body (RFC 2203 §5.3.2.2); offsets in the message's bytes, -1 where they were not captured. */
export interface Integrity {
  at: number;
  length: number;
  sequence: number;
  checksum: number;
  checksumLength: number;
}

/**
 * Reads a call's credential; null when it is neither RPCSEC_GSS of a known version nor AUTH_GSSAPI, or too short to
 * tell.
 */
export function readGssCall(message: Message): GssCall | null {
  if (message.credential.flavor === authGssapi.number) return readGssapiCall(message);
  const header = readGssHeader(message);
  if (header === null) return null;
  const { procedure, service } = header;
  const sequence = read32(message.bytes, message.credential.start + 8);
  return { flavor: rpcsecGss, procedure, service, sequence, context: null, mechanism: null };
}

/** Control messages of AUTH_GSSAPI with a token: INIT, CONTINUE_INIT and MSG. */
const WITH_TOKEN: readonly number[] = [1, 2, 3];

/** AUTH_GSSAPI: a control message (`auth_msg`) is called by its own number. All but those with tokens are sealed. */
function readGssapiCall({ bytes, credential: { start, length }, procedure: called }: Message): GssCall | null {
  if (length < 8) return null;
  const isControl = read32(bytes, start + 4) !== 0;
  const procedure = isControl ? called : GSS_DATA;
  const service = isControl && WITH_TOKEN.includes(called) ? GSS_NONE : GSS_PRIVACY;
  return { flavor: authGssapi, procedure, service, sequence: 0, context: null, mechanism: null };
}

/** The handle in a call's credential; null where it is empty (INIT) or was not captured. */
function handleOf({ bytes, credential: { start, length } }: Message): Uint8Array | null {
  const size = length >= 20 ? read32(bytes, start + 16) : 0;
  return size > 0 && size <= length - 20 ? bytes.subarray(start + 20, start + 20 + size) : null;
}

/** True for a control procedure, not one of the program's own. */
export function isControl(gss: GssCall): boolean {
  return gss.procedure !== GSS_DATA;
}

const procedures = new Map<string, Procedure>();

/**
 * The control procedure of a call, for this version of this program: what writers keep of a procedure has its program in it.
 * undefined where nobody defined it.
 */
export function controlProcedure(gss: GssCall, program: number, version: number): Procedure | undefined {
  const key = `${program}.${version}.${gss.flavor.number}.${gss.procedure}`;
  let found = procedures.get(key);
  if (found === undefined) {
    const plan = authProgram(gss.flavor)?.procedures.get(gss.procedure);
    if (plan === undefined) return undefined;
    found = new Procedure(plan);
    if (procedures.size >= MAX_CACHED_TEXTS) procedures.clear();
    procedures.set(key, found);
  }
  return found;
}

/** The type of a verifier that is more than a checksum. */
export function verifierPlan(gss: GssCall | null, isCall: boolean): Plan | null {
  if (gss?.flavor !== rpcsecGss || gss.procedure !== GSS_BIND_CHANNEL) return null;
  return authType(rpcsecGss, isCall ? 'rgss2_bind_chan_verf_args' : 'rgss2_bind_chan_verf_res') ?? null;
}

/** Tokens and channel bindings are sent as they are; the body of DESTROY is wrapped by libtirpc, and empty from Linux. */
const UNWRAPPED: readonly number[] = [GSS_INIT, GSS_CONTINUE_INIT, GSS_BIND_CHANNEL];

function isWrapped({ flavor, procedure }: GssCall, { at, limit }: Extent): boolean {
  return at < limit && !(flavor === rpcsecGss && UNWRAPPED.includes(procedure));
}

export function isEncrypted(gss: GssCall, extent: Extent): boolean {
  return isWrapped(gss, extent) && gss.service === GSS_PRIVACY;
}

/** What made the context of a message, where that was captured. */
export function contextOf({ context }: GssCall): readonly Related[] {
  return context === null ? NONE_RELATED : context.related;
}

/** Enters a call into its context: notes a sequence number that servers drop, and takes the mechanism of its token. */
export function followCall(gss: GssCall, contexts: GssContexts, message: Message, extent: Extent): void {
  if (gss.flavor !== rpcsecGss) return;
  if (gss.procedure === GSS_INIT || gss.procedure === GSS_CONTINUE_INIT) {
    gss.mechanism = mechanismOf(extent, extent.at);
    if (gss.procedure === GSS_INIT) return;
  }
  const handle = handleOf(message);
  if (handle === null) return;
  gss.context = contexts.find(message.destination, handle);
  gss.mechanism ??= gss.context.mechanism;
  if (gss.procedure === GSS_CONTINUE_INIT) return;
  const objection = gss.context.use(gss.sequence, message);
  if (objection !== null) message.notes.push(`credential.seq_num: ${objection}`);
}

/** Enters the context that a successful reply made, or takes out the one that it ended. `server` is where the call went. */
export function followReply(gss: GssCall, contexts: GssContexts, message: Message, extent: Extent): void {
  if (gss.flavor !== rpcsecGss) return;
  if (gss.procedure === GSS_DESTROY && gss.context !== null) contexts.forget(gss.context);
  if (gss.procedure !== GSS_INIT && gss.procedure !== GSS_CONTINUE_INIT) return;
  const { bytes, at, end } = extent;
  const size = at + 4 <= end ? read32(bytes, at) : 0;
  const next = at + 4 + padded(size);
  // gss_major, gss_minor, seq_window: GSS_S_COMPLETE and GSS_S_CONTINUE_NEEDED keep the context.
  if (size === 0 || next + 12 > end || read32(bytes, next) > 1) return;
  const handle = bytes.subarray(at + 4, at + 4 + size);
  // An answer of SPNEGO names no mechanism: the one that the call asked for counts.
  const mechanism = gss.mechanism ?? mechanismOf(extent, next + 12);
  gss.context = contexts.make(message.source, handle, message, mechanism, read32(bytes, next + 8));
}

/** The mechanism of the token whose length stands at `at`, as far as it was captured. */
function mechanismOf({ bytes, end }: Extent, at: number): string | null {
  if (at + 4 > end) return null;
  return readMechanism(bytes, at + 4, Math.min(end, at + 4 + read32(bytes, at)))?.name ?? null;
}

/**
 * Narrows `extent` to the body inside of rpc_gss_integ_data. Returns null where there is none, or it is cut off. A
 * length that disagrees with the bytes around it becomes the message's fault, and the body is then all that is left.
 */
export function openIntegrity(gss: GssCall, message: Message, extent: Extent): Integrity | null {
  if (!isWrapped(gss, extent) || gss.service !== GSS_INTEGRITY) return null;
  const { bytes, at, end, limit } = extent;
  if (end - at < 8) {
    if (end < limit) extent.at = end;
    return null;
  }
  const length = read32(bytes, at);
  const sequence = read32(bytes, at + 4);
  const room = limit - at - 4;
  extent.at = at + 8;
  if (length < 4 || length > room) {
    const reason = length < 4 ? 'has no room for its seq_num' : `exceeds the ${remainingBytes(room)}`;
    fault(message, at, `databody_integ: its length ${length} ${reason}`);
    return { at, length, sequence, checksum: -1, checksumLength: 0 };
  }
  extent.limit = at + 4 + length;
  extent.end = Math.min(end, extent.limit);
  if (sequence !== gss.sequence) {
    message.notes.push(`databody_integ: its seq_num is ${sequence}, the credential's is ${gss.sequence}`);
  }
  return { at, length, sequence, ...readChecksum(message, at + 4 + padded(length), end, limit) };
}

/** The checksum behind the body. */
function readChecksum(message: Message, at: number, end: number, limit: number) {
  const none = { checksum: -1, checksumLength: 0 };
  if (at + 4 > limit) fault(message, Math.min(at, limit), 'checksum: it is missing');
  if (at + 4 > Math.min(end, limit)) return none;
  const length = read32(message.bytes, at);
  const room = limit - at - 4;
  if (length > room) {
    fault(message, at, `checksum: its length ${length} exceeds the ${remainingBytes(room)}`);
    return none;
  }
  if (padded(length) < room) message.notes.push(`checksum: ${bytesFollow(room - padded(length))} it`);
  return { checksum: at, checksumLength: length };
}

function fault(message: Message, at: number, reason: string): void {
  const field = message.type === CALL ? 'args' : 'result';
  message.headerFault ??= { offset: at - message.start, field, reason };
}
