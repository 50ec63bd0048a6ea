/**
 * Wireshark's names for fields of rpcdump, so that familiar filters work. A name stands for one or
 * several fields, some only in certain messages. The name of a protocol (`tcp`) selects its messages.
 */

import { CALLBACK_PROGRAM } from '../dissect/callbacks.js';
import type { Dissection } from '../dissect/dissection.js';
import { type TransportName, transportName } from '../network/protocols.js';
import { authType } from '../rpc/auth/flavor.js';
import { rpcsecGss } from '../rpc/auth/rpcsec-gss.js';
import { CALL, PROG_MISMATCH, RPC_MISMATCH } from '../rpc/message.js';

/** The messages in which an alias stands for its fields; properties that are absent are not checked. */
export interface Condition {
  program?: number;
  /** One of these programs. */
  programs?: readonly number[];
  version?: number;
  /** NFSv4 callbacks too, whatever their program (each client chooses its number), version and procedure. */
  callbacks?: true;
  /** One of these procedures. */
  procedures?: readonly number[];
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
  /**
   * Only values of this kind count; `hash`: those of bytes, as their CRC-32, which lists show for file handles;
   * `stateid`: stateids, as their CRC-16, which lists show.
   */
  as?: 'number' | 'bytes' | 'hash' | 'stateid';
  /** The description in the help. */
  about?: string;
}

export const CONNECTION_NUMBERS = 'counted from 1, over all transports together';

const KLM = 100020;
const NLM = 100021;
const NSM = 100024;
const NFSACL = 100227;
const NFS = 100003;
const MOUNT = 100005;
const PORTMAP = 100000;

function alias(name: string, fields: string, condition?: Condition): Alias {
  return { name, fields: fields.split(' '), ...(condition && { condition }) };
}

/** Aliases of one program that differ in the version only. */
function versions(name: string, program: number, known: readonly number[]): Alias[] {
  return known.map((version) => alias(`${name}${version}`, 'procedure', { program, version }));
}

/** Fields with file handles in calls and replies: opaques, or in NFS version 3 structs with an opaque. */
const HANDLES = [
  ...['args.arg1', 'args..dir', 'args..from', 'args..file', 'result..file'],
  ...['object', 'dir', 'file', 'symlink', 'fsroot'].map((name) => `args..${name}.data`),
  ...['result..object.data', 'result..handle.data'],
  ...['args..object', 'result..object', '..fh', '..fh.data', '..filehandle'],
  ...['result..fhandle', 'result..directory'],
  ...['..nfl_fh_list', '..ffds_fh_vers', '..ffl_fhandle'],
  ...['lor_fh', 'cna_fh', 'cpda_fh', 'cnla_fh', 'coa_fh'].map((name) => `args..${name}`),
].join(' ');
/** Names in the arguments of NFS versions 2 and 3. */
const NAMES = ['name', ...['what', 'where', 'object', 'from', 'to', 'link'].map((entry) => `${entry}.name`)].map(
  (path) => `args.${path}`,
);
/** Fields of NFSv4 that are stateids. A `seqid` outside of these may be that of an open owner. */
const STATEIDS = [
  ...['stateid', 'ts_stateids', 'wr_callback_id'],
  ...'open lock deleg delegate oc_delegate fsa loca loga logr lrf lrs lowa gddr ffds ffdsw ffie ffis aa da ca_src ca_dst cna_src cnr iaa lea lsa oca osa rpa sa wsa cl_src cl_dst lor cna coa'
    .split(' ')
    .map((prefix) => `${prefix}_stateid`),
];
/** Fields of type nfsstat4 that are not the status of a compound or of one of its operations. */
const INNER_STATUSES = [
  ...['coa_status', 'de_status'].map((name) => `args..${name}`),
  ...['tsr_status_codes', 'osr_complete'].map((name) => `result..${name}`),
  // Nearly all results have attributes: without steps of any depth, their bodies need not be decoded.
  ...[
    'opgetattr.resok4.obj_attributes',
    'opreaddir.resok4.reply.entries.attrs',
    'opcbgetattr.resok4.obj_attributes',
  ].map((path) => `result.resarray.${path}.attr_vals.rdattr_error`),
].join(' ');
const HAS_HANDLES: Condition = { programs: [NFS, MOUNT, NLM, KLM, NFSACL], callbacks: true };
const NFS4: Condition = { program: NFS, version: 4, callbacks: true };
/** Attributes of NFS version 3, in replies of NFS and NFSACL. */
const FATTR3: Condition = { programs: [NFS, NFSACL], version: 3 };

/** A field of fattr3. Other structs have fields of its names too: wcc_attr, entries of directories and of ACLs. */
function ofFattr3(name: string): string {
  const optional = ['obj', 'dir', 'file', 'symlink', 'name'].map((object) => `${object}_attributes`);
  const paths = [...optional, 'after', 'attr'].map((path) => `${path}.attributes`);
  return ['resok.obj_attributes', ...paths.map((path) => `.${path}`)].map((path) => `result.${path}.${name}`).join(' ');
}

/** Sessions, as the arguments and results of NFSv4 name them. */
const SESSIONIDS = ['sa', 'sr', 'csr', 'csa', 'dsa', 'rcl'].map((prefix) => `..${prefix}_sessionid`);

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
  alias('rpc.authgss.major', 'result.gss_major', { gss: true }),
  alias('rpc.authgss.minor', 'result.gss_minor', { gss: true }),
  alias('rpc.authgss.window', 'result.seq_window', { gss: true }),
  alias('rpc.dup', 'retransmission.frame'),
  alias('rpc.call.dup', 'retransmission.frame', { type: 'call' }),
  alias('rpc.reply.dup', 'retransmission.frame', { type: 'reply' }),
  alias('_ws.malformed', 'malformed'),
  alias('_ws.col.info', 'summary'),
  alias('_ws.col.protocol', 'program'),
  ...versions('nfs.procedure_v', NFS, [2, 3, 4]),
  {
    ...alias('nfs.status', `status operations.status ${INNER_STATUSES}`, { programs: [NFS, NFSACL], callbacks: true }),
    about: 'statuses, those within arguments and results too (rdattr_error, …)',
  },
  alias('nfs.status2', 'status', { program: NFS, version: 2 }),
  alias('nfs.status3', 'status', { program: NFS, version: 3 }),
  {
    ...alias('nfs.nfsstat4', `status operations.status ${INNER_STATUSES}`, NFS4),
    about: 'the same of NFSv4',
  },
  alias('nfs.opcode', 'operations.op', { program: NFS, version: 4 }),
  alias('nfs.main_opcode', 'operation', { program: NFS, version: 4 }),
  alias('nfs.minorversion', 'args.minorversion', NFS4),
  { ...alias('nfs.fhandle', HANDLES, HAS_HANDLES), as: 'bytes', about: 'file handles of arguments and results' },
  { ...alias('nfs.fh.hash', HANDLES, HAS_HANDLES), as: 'hash', about: 'their CRC-32, as lists show them' },
  alias('nfs.clientid', '..clientid ..eir_clientid ..csa_clientid ..dca_clientid', NFS4),
  {
    ...alias('nfs.stateid.seqid', STATEIDS.map((name) => `..${name}.seqid`).join(' '), NFS4),
    about: 'of the stateids of arguments and results',
  },
  {
    ...alias('nfs.stateid.hash', STATEIDS.map((name) => `..${name}`).join(' '), NFS4),
    as: 'stateid',
    about: 'their CRC-16, as lists show them',
  },
  alias('nfs.stateid.other', '..other', NFS4),
  {
    ...alias('nfs.session_id4', [...SESSIONIDS, '..bctsa_sessid', '..bctsr_sessid'].join(' '), NFS4),
    about: 'of arguments and results',
  },
  {
    ...alias('nfs.slotid', '..sa_slotid ..sr_slotid ..csa_slotid ..csr_slotid ..rc_slotid', NFS4),
    about: 'of SEQUENCE, CB_SEQUENCE and the calls that CB_SEQUENCE refers to',
  },
  alias('nfs.tag', 'args.tag result.tag', NFS4),
  alias('nfs.full_name', 'names', { program: NFS }),
  {
    ...alias('nfs.name', [...NAMES, 'result.resarray.opreaddir.resok4.reply.entries.name'].join(' '), { program: NFS }),
    about: 'names in arguments of versions 2 and 3, and of READDIR of version 4',
  },
  {
    ...alias(
      'nfs.pathname.component',
      'args..objname args..file args..file_delegate_prev args..oldname args..newname args..target args..opsecinfo.name ..fs_root ..rootpath',
      { program: NFS, version: 4 },
    ),
    about: 'names in arguments, and of fs_locations',
  },
  alias('nfs.readdir.entry.name', 'result..name', { program: NFS, version: 2 }),
  alias('nfs.readdir.entry3.name', 'result.resok.reply.entries.name', { program: NFS, version: 3, procedures: [16] }),
  alias('nfs.readdirplus.entry.name', 'result.resok.reply.entries.name', {
    program: NFS,
    version: 3,
    procedures: [17],
  }),
  alias('nfs.readlink.data', 'result.resok.data result.data', { program: NFS, procedures: [5] }),
  alias('nfs.offset3', 'args.offset', { program: NFS, version: 3 }),
  alias('nfs.count3', 'args.count result.resok.count', { program: NFS, version: 3 }),
  ...['type', 'size', 'fileid', 'uid', 'gid'].map((name) => ({
    ...alias(`nfs.fattr3.${name}`, ofFattr3(name), FATTR3),
    about: 'of attributes in results',
  })),
  alias('nfs.read.eof', 'result.resok.eof', { program: NFS, version: 3 }),
  alias('nfs.write.stable', 'args.stable', { program: NFS, version: 3 }),
  alias('nfs.write.committed', 'result.resok.committed', { program: NFS, version: 3 }),
  ...versions('mount.procedure_v', MOUNT, [1, 2, 3]),
  alias('mount.path', 'args.arg1', { program: MOUNT }),
  alias('mount.status', 'status', { program: MOUNT }),
  alias('mount.flavor', 'result.mountinfo.auth_flavors', { program: MOUNT, version: 3 }),
  alias('mount.export.directory', 'result.ex_dir result.filesys', { program: MOUNT }),
  alias('mount.dump.hostname', 'result.ml_hostname result.hostname', { program: MOUNT }),
  alias('mount.dump.directory', 'result.ml_directory result.directory', { program: MOUNT, procedures: [2] }),
  ...versions('nlm.procedure_v', NLM, [1, 2, 3, 4]),
  alias('nlm.stat', 'status', { program: NLM, procedures: [2, 3, 4, 5, 12, 13, 14, 15, 20, 21, 22] }),
  alias('nlm.test_stat.stat', 'status', { program: NLM, procedures: [1, 11] }),
  alias('nlm.cookie', '..cookie', { program: NLM }),
  alias('nlm.block', 'args.block', { program: NLM }),
  alias('nlm.exclusive', '..exclusive', { program: NLM }),
  alias('nlm.reclaim', 'args.reclaim', { program: NLM }),
  alias('nlm.lock.caller_name', '..caller_name', { program: NLM }),
  alias('nlm.lock.owner', '..oh', { program: NLM }),
  alias('nlm.lock.svid', '..svid ..uppid', { program: NLM }),
  alias('stat', 'message', { program: NSM }),
  ...versions('nfsacl.procedure_v', NFSACL, [2, 3]),
  alias('portmap', 'message', { program: PORTMAP }),
  ...versions('portmap.procedure_v', PORTMAP, [2, 3, 4]),
  alias('portmap.prog', 'args.prog result.map.prog', { program: PORTMAP }),
  {
    // The result of GETPORT is a port, those of SET and UNSET are Boolean.
    ...alias('portmap.port', 'args.port result.map.port result.port result', { program: PORTMAP, version: 2 }),
    as: 'number',
  },
  alias('portmap.rpcb.prog', '..r_prog', { program: PORTMAP }),
  alias('portmap.rpcb.version', '..r_vers', { program: PORTMAP }),
  alias('portmap.rpcb.netid', '..r_netid', { program: PORTMAP }),
  alias('portmap.rpcb.addr', '..r_addr result.addr', { program: PORTMAP }),
  alias('portmap.rpcb.owner', '..r_owner', { program: PORTMAP }),
];

/** True where an alias stands for its fields. */
export function holds(condition: Condition, dissection: Dissection): boolean {
  const { message, programName } = dissection;
  const { program, programs, version, callbacks, procedures, type, gss, transport, family } = condition;
  const { acceptStat, rejectStat } = condition;
  if (callbacks && programName === CALLBACK_PROGRAM) return true;
  return (
    (program === undefined || message.program === program) &&
    (programs === undefined || programs.includes(message.program)) &&
    (version === undefined || message.version === version) &&
    (procedures === undefined || procedures.includes(message.procedure)) &&
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
