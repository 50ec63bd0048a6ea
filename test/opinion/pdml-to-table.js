// Makes a table of RPC messages out of tshark's PDML: one line for each `rpc` layer, with fields of it and of the body that follows.
// Reads PDML from standard input, line by line as tshark writes it; writes tab-separated values. Used by make-tables.sh.
// With the argument `compounds`: of NFSv4 compounds and callbacks, with the fields of their operations.
import { createInterface } from 'node:readline';

/** Columns of compounds; those of operations have the values of all of them, in the order of the message. */
const COMPOUNDS = {
  xid: ['rpc.xid'],
  type: ['rpc.msgtyp'],
  operations: ['nfs.opcode', 'nfs.cb.operation'],
  statuses: ['nfs.nfsstat4'],
  handles: ['nfs.fh.hash'],
  stateids: ['nfs.stateid.hash'],
  others: ['nfs.stateid.other_hash'],
  names: ['nfs.pathname.component', 'nfs.entry_name'],
  offsets: ['nfs.offset4'],
  lengths: ['nfs.length4'],
  counts: ['nfs.count4'],
  sizes: ['nfs.fattr4.size'],
  fileids: ['nfs.fattr4.fileid'],
  changes: ['nfs.changeid4', 'nfs.changeid4.before', 'nfs.changeid4.after'],
  seconds: ['nfs.nfstime4.seconds'],
  groups: ['nfs.fattr4_owner_group'],
  sessions: ['nfs.session_id4'],
  flags: ['nfs.sequence.flags'],
  clients: ['nfs.clientid'],
};

/** Columns, and the PDML fields that fill them; several values of a column are joined by a space. */
const MESSAGES = {
  xid: ['rpc.xid'],
  type: ['rpc.msgtyp'],
  program: ['rpc.program'],
  version: ['rpc.programversion'],
  procedure: ['rpc.procedure'],
  call_frame: ['rpc.repframe'],
  elapsed: ['rpc.time'],
  outcome: ['rpc.state_accept', 'rpc.state_reject', 'rpc.state_auth'],
  uid: ['rpc.auth.uid'],
  status: [
    'nfs.status3',
    'nfs.status2',
    'mount.status',
    'nlm.stat',
    'nlm.test_stat.stat',
    'stat.stat_res.res',
    'rquota.status',
  ],
  handles: ['nfs.fh.hash'],
  names: [
    ...['nfs.name', 'nfs.readdir.entry.name', 'nfs.readdir.entry3.name', 'nfs.readdirplus.entry.name'],
    ...['nfs.readlink.data', 'nfs.symlink.to', 'nlm.lock.caller_name'],
    ...['stat.name', 'stat.mon_id.name', 'stat.my_id.hostname'],
  ],
  paths: ['mount.path', 'mount.export.directory', 'mount.dump.directory', 'rquota.pathp'],
  offsets: ['nfs.offset3', 'nfs.read.offset', 'nfs.write.beginoffset', 'nfs.write.offset', 'nlm.lock.l_offset64'],
  counts: [
    'nfs.count3',
    'nfs.count3_dircount',
    'nfs.count3_maxcount',
    'nfs.read.count',
    'nfs.readdir.count',
    'nlm.lock.l_len64',
  ],
  flavors: ['mount.flavor'],
  mappings: [
    'portmap.prog',
    'portmap.version',
    'portmap.proto',
    'portmap.port',
    'portmap.rpcb.prog',
    'portmap.rpcb.version',
  ],
  addresses: ['portmap.rpcb.netid', 'portmap.rpcb.addr', 'portmap.uaddr'],
};

const isOfCompounds = process.argv[2] === 'compounds';
const COLUMNS = isOfCompounds ? COMPOUNDS : MESSAGES;

/** Fields that the rpc layer and the body's both show: the first counts. */
const SINGLE = new Set(['xid', 'type', 'program', 'version', 'procedure', 'call_frame', 'elapsed']);
/** Columns of text: taken from the bytes, for tshark escapes what it shows. */
const TEXTS = new Set(['names', 'paths', 'addresses', 'groups']);

const columnOf = new Map(Object.entries(COLUMNS).flatMap(([column, fields]) => fields.map((field) => [field, column])));
let frame = '';
let message = null;

console.log(['frame', ...Object.keys(COLUMNS)].join('\t'));
for await (const line of createInterface({ input: process.stdin })) {
  if (line.includes('<field name="num"')) frame = attribute(line, 'show');
  else if (line.includes('<proto name="rpc"')) startMessage();
  else if (line.startsWith('</packet>')) endMessage();
  else if (message !== null && line.includes('<field name="')) addField(line);
}

function startMessage() {
  endMessage();
  message = Object.fromEntries(Object.keys(COLUMNS).map((column) => [column, []]));
}

/** A layer without an xid is a fragment or a quoted packet, no message. */
function endMessage() {
  const isWanted = message !== null && message.xid.length > 0 && (!isOfCompounds || message.operations.length > 0);
  if (isWanted) {
    console.log([frame, ...Object.values(message).map((values) => values.join(' '))].join('\t'));
  }
  message = null;
}

function addField(line) {
  const column = columnOf.get(attribute(line, 'name'));
  if (column === undefined || (SINGLE.has(column) && message[column].length > 0)) return;
  const hex = attribute(line, 'value');
  message[column].push(TEXTS.has(column) && hex !== '' ? textOf(hex) : attribute(line, 'show'));
}

/** One word: JSON's escapes, and none of the characters that part values and columns. */
function textOf(hex) {
  return JSON.stringify(Buffer.from(hex, 'hex').toString('utf8')).slice(1, -1).replaceAll(' ', '\\u0020');
}

function attribute(line, name) {
  return new RegExp(` ${name}="([^"]*)"`).exec(line)?.[1] ?? '';
}
