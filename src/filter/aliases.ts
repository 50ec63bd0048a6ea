/**
 * Wireshark's names for the fields of frames, of transports and of the RPC header, so that familiar filters work. A name
 * stands for one or several fields, some only in certain messages. The name of a protocol (`tcp`) selects its messages.
 * Names for the fields of programs are in the tables beside their `.x` files (`wireshark-fields.ts`).
 */

import type { Dissection } from '../dissect/dissection.js';
import { type TransportName, transportName } from '../network/protocols.js';
import { authType } from '../rpc/auth/flavor.js';
import { rpcsecGss } from '../rpc/auth/rpcsec-gss.js';
import { CALL, PROG_MISMATCH, RPC_MISMATCH } from '../rpc/message.js';

/** The messages in which an alias stands for its fields; properties that are absent are not checked. */
export interface Condition {
  program?: number;
  type?: 'call' | 'reply';
  /** Calls with a credential of RPCSEC_GSS, and replies that create one of its contexts. */
  gss?: true;
  transport?: TransportName;
  family?: 'ip' | 'ipv6';
  acceptStat?: number;
  rejectStat?: number;
}

export interface Alias {
  name: string;
  /** Names of fields, as in a filter. */
  fields: string[];
  condition?: Condition;
  /** The description in the help. */
  about?: string;
}

export const CONNECTION_NUMBERS = 'counted from 1, over all transports together';

function alias(name: string, fields: string, condition?: Condition): Alias {
  return { name, fields: fields.split(' '), ...(condition && { condition }) };
}

export const ALIASES: readonly Alias[] = [
  alias('frame.number', 'frame'),
  alias('frame.time', 'time'),
  alias('frame.time_epoch', 'time'),
  alias('frame.interface_id', 'interface'),
  alias('ip', 'message', { family: 'ip' }),
  alias('ip.addr', 'src dst', { family: 'ip' }),
  alias('ip.proto', 'transport', { family: 'ip' }),
  alias('ip.src', 'src', { family: 'ip' }),
  alias('ip.dst', 'dst', { family: 'ip' }),
  alias('ipv6', 'message', { family: 'ipv6' }),
  alias('ipv6.addr', 'src dst', { family: 'ipv6' }),
  alias('ipv6.src', 'src', { family: 'ipv6' }),
  alias('ipv6.dst', 'dst', { family: 'ipv6' }),
  ...(['tcp', 'udp'] as const).flatMap((transport) => [
    alias(transport, 'message', { transport }),
    alias(`${transport}.port`, 'src_port dst_port', { transport }),
    alias(`${transport}.srcport`, 'src_port', { transport }),
    alias(`${transport}.dstport`, 'dst_port', { transport }),
    { ...alias(`${transport}.stream`, 'connection', { transport }), about: CONNECTION_NUMBERS },
  ]),
  alias('rpcordma', 'message', { transport: 'rdma' }),
  alias('rpcordma.xid', 'xid', { transport: 'rdma' }),
  alias('infiniband.bth.destqp', 'dst_port', { transport: 'rdma' }),
  alias('rpc', 'message'),
  alias('rpc.xid', 'xid'),
  alias('rpc.msgtyp', 'type'),
  alias('rpc.program', 'program'),
  alias('rpc.programversion', 'version'),
  alias('rpc.procedure', 'procedure'),
  alias('rpc.time', 'elapsed'),
  alias('rpc.reqframe', 'call_frame'),
  alias('rpc.replystat', 'reply_stat'),
  alias('rpc.state_accept', 'accept_stat'),
  alias('rpc.state_reject', 'reject_stat'),
  alias('rpc.state_auth', 'auth_stat'),
  alias('rpc.programversion.min', 'mismatch.low', { acceptStat: PROG_MISMATCH }),
  alias('rpc.programversion.max', 'mismatch.high', { acceptStat: PROG_MISMATCH }),
  alias('rpc.version.min', 'mismatch.low', { rejectStat: RPC_MISMATCH }),
  alias('rpc.version.max', 'mismatch.high', { rejectStat: RPC_MISMATCH }),
  alias('rpc.auth.flavor', 'credential.flavor verifier.flavor'),
  alias('rpc.auth.stamp', 'credential.stamp'),
  alias('rpc.auth.machinename', 'credential.machinename'),
  alias('rpc.auth.uid', 'credential.uid'),
  alias('rpc.auth.gid', 'credential.gid credential.gids'),
  alias('rpc.authgss.version', 'credential.version'),
  alias('rpc.authgss.procedure', 'credential.gss_proc'),
  alias('rpc.authgss.seqnum', 'credential.seq_num databody_integ.seq_num'),
  alias('rpc.authgss.service', 'credential.service'),
  alias('rpc.authgss.context', 'credential.handle result.handle', { gss: true }),
  alias('rpc.authgss.token', 'args.gss_token result.gss_token', { gss: true }),
  alias('rpc.authgss.major', 'result.gss_major', { gss: true }),
  alias('rpc.authgss.minor', 'result.gss_minor', { gss: true }),
  alias('rpc.authgss.window', 'result.seq_window', { gss: true }),
  alias('rpc.dup', 'retransmission.frame'),
  alias('rpc.call.dup', 'retransmission.frame', { type: 'call' }),
  alias('rpc.reply.dup', 'retransmission.frame', { type: 'reply' }),
  // Versions 3 and 4 have the short name RPCBIND.
  alias('portmap', 'message', { program: 100000 }),
  alias('_ws.malformed', 'malformed'),
  alias('_ws.col.info', 'summary'),
  alias('_ws.col.protocol', 'program'),
];

/** True where an alias stands for its fields. */
export function holds(condition: Condition, dissection: Dissection): boolean {
  const { message } = dissection;
  const { program, type, gss, transport, family, acceptStat, rejectStat } = condition;
  return (
    (program === undefined || message.program === program) &&
    (type === undefined || (message.type === CALL) === (type === 'call')) &&
    (gss === undefined || isGss(dissection)) &&
    (transport === undefined || transportName(message.protocol) === transport) &&
    (family === undefined || message.source.address.includes(':') === (family === 'ipv6')) &&
    (acceptStat === undefined || message.acceptStat === acceptStat) &&
    (rejectStat === undefined || message.rejectStat === rejectStat)
  );
}

function isGss({ message, plan }: Dissection): boolean {
  if (message.type === CALL) return message.credential.flavor === rpcsecGss.number;
  return plan !== null && plan === authType(rpcsecGss, 'rpc_gss_init_res');
}
