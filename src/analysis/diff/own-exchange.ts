/**
 * Makes an owned exchange for the comparison. What differs between any two recordings is
 * left out: xid, times, ports, checksums in verifiers, the number of transmissions. It
 * keeps the credential, arguments and result, by the names of records, and the outcome.
 */

import type { Dissection } from '../../dissect/dissection.js';
import type { Exchange } from '../../dissect/exchange.js';
import type { ExchangeSummary } from '../../dissect/exchange-summary.js';
import { decodeAuth } from '../../dissect/opaque-auth.js';
import { transportName } from '../../network/protocols.js';
import { authFlavor } from '../../rpc/auth/index.js';
import { FIRST_TRANSIENT, isTransient } from '../../rpc/callback-programs.js';
import { ACCEPT_STATS, AUTH_STATS, type Message, REJECT_STATS, REPLY_STATS } from '../../rpc/message.js';
import { decodeQuickly } from '../../xdr/quick-tree.js';
import { type ComparedExchange, handlesOf, type Reference } from './exchange.js';
import { bytesValue, CUT, type Field, fieldsOf, type LeafValue, markCut } from './field.js';
import type { Ignored } from './ignored.js';
import { type FieldShapes, PackedFields } from './packed-fields.js';

export interface OwnOptions {
  ignored: Ignored | null;
  /** Names of the inputs, where there are several. */
  files: readonly string[] | null;
  /** Shared by both recordings. */
  shapes: FieldShapes;
  /** Makes the summary line. */
  summary: ExchangeSummary;
}

/** Copies an exchange, which is valid only until its callback returns. */
export function ownExchange(exchange: Exchange, options: OwnOptions): ComparedExchange {
  const { ignored, shapes } = options;
  const { call, reply, client, server } = exchange;
  const program = programOf(exchange.either.message);
  const called = shapes.shared(`${program} v${exchange.either.message.version} ${exchange.either.message.procedure}`);
  const action = shapes.shared(`${called} ${operationsOf(call)}`);
  const fields = {
    call: keep(call === null ? [] : callFields(exchange, call, ignored), ignored),
    stats: keep(statFields(exchange), ignored),
    reply: keep(reply === null ? [] : replyFields(exchange, reply, ignored), ignored),
  };
  return {
    number: (call ?? reply!).message.number,
    client: client.address,
    server: server.address,
    program,
    called,
    action,
    reference: referenceOf(exchange, options),
    isAnswered: reply !== null,
    fields: new PackedFields(shapes, fields),
    handles: handlesOf(fields.call).map((handle) => shapes.shared(handle)),
  };
}

function referenceOf(exchange: Exchange, { files, summary }: OwnOptions): Reference {
  const { client, server, either, reply, callFrame } = exchange;
  const callFile = callFrame < 0 ? either.message.file : exchange.callFile;
  const replyFile = reply?.message.file ?? callFile;
  const { message, programName, procedureName } = either;
  const { connection, xid, protocol, seconds, nanoseconds } = message;
  return {
    frame: callFrame,
    replyFrame: reply?.message.frame ?? -1,
    ...(files !== null && { file: files[callFile] }),
    ...(files !== null && replyFile !== callFile && { replyFile: files[replyFile] }),
    seconds,
    nanoseconds,
    transport: transportName(protocol),
    client,
    server,
    connection,
    xid,
    program: programName,
    programNumber: message.program,
    version: message.version,
    procedure: procedureName,
    procedureNumber: message.procedure,
    summary: summary.of(exchange),
  };
}

/** Clients choose another number for NFSv4 callbacks in each recording. */
function programOf({ program }: Message): number {
  return isTransient(program) ? FIRST_TRANSIENT : program;
}

function operationsOf(call: Dissection | null): string {
  return call?.compound?.operations.map((operation) => operation.name).join(' ') ?? '';
}

// Fields

function callFields(exchange: Exchange, call: Dissection, ignored: Ignored | null): Field[] {
  const { message } = call;
  return [
    value('transport', transportName(message.protocol)),
    ...credentialFields(call, ignored),
    ...bodyFields('args', exchange, call, ignored),
  ];
}

/** The outcome of a call, as far as RPC defines it. */
function statFields({ outcome, reply }: Exchange): Field[] {
  // Why there is no answer depends on where the recording ends.
  if (reply === null) return [value('outcome', outcome === 'answered' ? outcome : 'unanswered')];
  const { replyStat, acceptStat, rejectStat, authStat, low, high } = reply.message;
  return [
    value('outcome', 'answered'),
    ...statField('reply_stat', REPLY_STATS, replyStat),
    ...statField('accept_stat', ACCEPT_STATS, acceptStat),
    ...statField('reject_stat', REJECT_STATS, rejectStat),
    ...statField('auth_stat', AUTH_STATS, authStat),
    ...(low >= 0 ? [value('mismatch', `${low} to ${high}`)] : []),
    ...(isHeaderCut(reply.message) ? [CUT] : []),
  ];
}

function statField(name: string, names: readonly string[], stat: number): Field[] {
  return stat < 0 ? [] : [value(name, names[stat] ?? String(stat))];
}

function replyFields(exchange: Exchange, reply: Dissection, ignored: Ignored | null): Field[] {
  return bodyFields('result', exchange, reply, ignored);
}

/** True where bytes of the header are missing, or of all of a call whose arguments were dropped to limit memory. */
function isHeaderCut({ body, headerFault }: Message): boolean {
  return body < 0 && headerFault === null;
}

/** Arguments or result: a tree, or undecodable bytes; what is malformed in them, and where their bytes end too early. */
function bodyFields(name: string, exchange: Exchange, dissection: Dissection, ignored: Ignored | null): Field[] {
  const { undecoded, extent, message } = dissection;
  if (undecoded === 'encrypted') return [{ kind: 'varying', name }];
  if (isHeaderCut(message)) return [CUT];
  if (undecoded !== null) {
    const bytes = message.bytes.subarray(extent.at, Math.max(extent.at, Math.min(extent.end, extent.limit)));
    const fields = bytes.length === 0 ? [] : [value(name, bytesValue(bytes))];
    return message.isTruncated ? [...fields, CUT] : fields;
  }
  const decoded = exchange.decode(dissection, decodeQuickly);
  if (decoded === null) return message.isTruncated ? [CUT] : [];
  const fields = decoded.root === null ? [] : fieldsOf([decoded.root], ignored);
  const { fault } = decoded;
  if (fault?.kind === 'malformed') fields.push(value('malformed', `${fault.path}: ${fault.reason}`));
  else if (fault?.kind === 'truncated') markCut(fields, fault.path);
  else if (message.isTruncated) fields.push(CUT);
  return fields;
}

/** A credential, by the fields of its flavor. */
function credentialFields(dissection: Dissection, ignored: Ignored | null): Field[] {
  const { message } = dissection;
  const auth = message.credential;
  if (auth.flavor < 0) return [];
  const flavor = authFlavor(auth.flavor, message.program);
  const members: Field[] = [value('flavor', flavor?.name ?? String(auth.flavor))];
  const { root } = decodeAuth(dissection, 'credential', decodeQuickly) ?? { root: null };
  members.push(...fieldsOf(root?.children ?? [], ignored?.enter('credential') ?? null));
  if (isHeaderCut(message) && !auth.isWhole) members.push(CUT);
  return [{ kind: 'members', name: 'credential', members, isUnion: true }];
}

function value(name: string, text: LeafValue): Field {
  return { kind: 'value', name, value: text, plan: null };
}

/** Fields that are not ignored. */
function keep(fields: readonly Field[], ignored: Ignored | null): readonly Field[] {
  return ignored === null ? fields : fields.filter(({ name }) => ignored.enter(name)?.isComplete !== true);
}
