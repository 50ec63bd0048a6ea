/** Wireshark's names: each stands for fields that are there, and of those that are not the error says what to use. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ALIASES } from '../../src/filter/aliases.js';
import { bodyField, UnknownStep } from '../../src/filter/body-fields.js';
import { Filter } from '../../src/filter/filter.js';
import { headerFields } from '../../src/filter/header-fields.js';
import { parseFilter } from '../../src/filter/parser.js';
import type { PathStep } from '../../src/filter/syntax.js';
import { type Side, Vocabulary } from '../../src/filter/vocabulary.js';
import { wiresharkFields } from '../../src/filter/wireshark-fields.js';
import { bytes } from '../helpers/capture-writer.js';
import { select } from '../helpers/filters.js';
import { callback, compound, compoundReply, session, stateid } from '../helpers/nfs4.js';
import { client, server, udp } from '../helpers/packets.js';
import { FIXTURES, library } from '../helpers/render.js';
import { call, opaque, reply, words } from '../helpers/rpc-writer.js';
import { withCapture } from '../helpers/with-folder.js';

test.each(ALIASES.map(({ name }) => name))('%s', (name) => {
  expect(new Filter(name, { library }).text).toBe(name);
});

test('all fields of the tables of names are there, in the programs of their tables', () => {
  const vocabulary = Vocabulary.of(library);
  const own = new Set(headerFields(vocabulary).map(({ name }) => name));
  const absent: string[] = [];
  const tables = vocabulary.nameTables.flatMap((table) => [...table.names.keys()].map((name) => ({ table, name })));
  for (const { table, name } of tables) {
    let count = 0;
    wiresharkFields(name, [table], vocabulary, (path, isAsked) => {
      count++;
      const parsed = parseFilter(path);
      if (parsed.kind === 'presence' && !own.has(path)) {
        const [first, ...rest] = parsed.field.steps;
        const [side, steps] = first.kind === 'anywhere' ? [null, [first, ...rest]] : [(first as Named).name, rest];
        const field = bodyField(vocabulary, side as Side | null, steps, isAsked);
        if (field instanceof UnknownStep) absent.push(`${table.entries[0].file} ${name}: ${path}`);
      }
      return null;
    });
    if (count === 0) absent.push(`${table.entries[0].file} ${name}`);
  }
  expect(absent).toEqual([]);
  expect(tables.length).toBeGreaterThan(1300);
});

type Named = Exclude<PathStep, { kind: 'index' }>;

const ERRORS = 'rpc/errors-auth.pcap';
const NFS3 = 'nfs3/allprocs-middle.pcap';
const WRITES = 'nfs3/allprocs-start.pcap';
const READS = 'nfs3/read-64k.pcap';

/** Names that no line of test/opinion/filters.txt has, beside what they stand for here. */
test.each([
  [ERRORS, 'rpc.reqframe', 'call_frame'],
  [ERRORS, 'rpc.state_reject == 1', 'reject_stat == AUTH_ERROR'],
  [ERRORS, 'rpc.state_auth', 'auth_stat'],
  [ERRORS, 'rpc.programversion.min', 'mismatch.low and accept_stat == PROG_MISMATCH'],
  [ERRORS, 'rpc.programversion.max', 'mismatch.high and accept_stat == PROG_MISMATCH'],
  [ERRORS, 'rpc.auth.flavor == AUTH_UNIX', 'credential.flavor == AUTH_SYS'],
  [ERRORS, 'rpc.auth.flavor in {auth_null, AUTH_DES}', 'rpc.auth.flavor in {AUTH_NONE, AUTH_DH}'],
  ['nfs3/linux-client.pcap', 'mount.flavor == AUTH_UNIX', 'result.mountinfo.auth_flavors == AUTH_SYS'],
  [NFS3, 'rpc.auth.stamp > 0', 'credential.stamp > 0'],
  ['rpc/gss-krb5i.pcap', 'rpc.authgss.version == 1', 'credential.version == 1'],
  ['nfs3/udp-retransmit.pcap', 'rpc.call.dup', 'retransmission.frame and type == call'],
  ['nfs3/udp-retransmit.pcap', 'rpc.reply.dup', 'retransmission.frame and type == reply'],
  [WRITES, '_ws.col.info contains "GETATTR"', 'summary contains "GETATTR"'],
  [NFS3, '_ws.col.protocol == "NFS"', 'program == "NFS"'],
  [NFS3, 'nfs.count3 > 0', 'nfs and version == 3 and (args.count > 0 or result.resok.count > 0)'],
  [NFS3, 'nfs.fattr3.fileid > 0', 'nfs and version == 3 and result..fileid > 0'],
  [NFS3, 'nfs.fattr3.gid == 0', 'nfs and version == 3 and result..gid == 0'],
  [READS, 'nfs.read.eof', 'procedure == READ and result.resok.eof'],
  ['nfs3/locks-quota.pcap', 'nlm.exclusive > 0', 'nlm.exclusive == 1'],
  ['nfs3/locks-quota.pcap', 'nlm.reclaim <= 0', 'nlm.reclaim == 0'],
  [WRITES, 'nfs.write.stable', 'procedure == WRITE and args.stable'],
  [WRITES, 'nfs.write.committed', 'procedure == WRITE and result.resok.committed'],
  [NFS3, 'nfs.readlink.data', 'procedure == READLINK and result.resok.data'],
  // A quoted name, and names without their prefixes, which Wireshark does not have.
  [NFS3, 'rpc.msgtyp == "Call"', 'type == call'],
  [WRITES, 'nfs.status == "ERR_NOENT"', 'nfs and status == NFS3ERR_NOENT'],
  [NFS3, 'nfs.status == ok', 'nfs and status == NFS3_OK'],
  [NFS3, 'nfs.mode3.xusr == 1 and frame < 15', 'frame in {11, 12, 14}'],
  ['ypserv/nis-yp.pcap', 'ypserv.status == NOKEY', 'ypserv and status == YP_NOKEY'],
  ['nfs3/locks-quota.pcap', 'nfs.fh.length == 24 and nlm and frame < 42', 'frame in {37, 39, 41}'],
])('%s: %s is %s', async (capture, alias, own) => {
  const path = join(FIXTURES, 'captures', capture);
  const selected = await select(path, alias, { headersOnly: false });
  expect(selected).toEqual(await select(path, own, { headersOnly: false }));
  expect(selected.length).toBeGreaterThan(0);
});

test.each([
  ['constructor', /unknown field 'constructor'; see 'rpcdump help filter'\n/],
  ['__proto__', /unknown field '__proto__'; see 'rpcdump help filter'\n/],
  ['frame.len > 100', /unknown field 'frame.len': use 'length', the length of the RPC message/],
  ['tcp.len', /'tcp.len': use 'length'/],
  ['tcp.analysis.retransmission', /'tcp.analysis.retransmission': rpcdump selects messages, not segments/],
  ['frame.time_relative > 1', /use 'time', an absolute time/],
  ['rpc.repframe == 4', /with --calls/],
  ['vlan.id == 3', /link layers/],
  ['tcp.prot == 3', /segments/],
  ['rpc.xdi == 3', /did you mean 'rpc.xid'\?/],
  ['nlm.lock.ownre == "a"', /did you mean 'nlm.lock.owner'\?/],
  ['nlm.stat == NLM_GRANTED', /no value 'NLM_GRANTED'; did you mean 'NLM4_GRANTED'\?/],
  ['nfs.status == MNT3ERR_ACCES', /no value 'MNT3ERR_ACCES'/],
  [
    'nfs.fattr3.type == "Regular File"',
    /'Regular File'; its values are NF3REG, NF3DIR, NF3BLK, NF3CHR, NF3LNK, NF3SOCK, /,
  ],
  ['nfs.write.stable == "FILE_SINK"', /no value 'FILE_SINK'; did you mean 'FILE_SYNC'\?/],
  ['ip.version == 4', /'ip.version': of this header rpcdump has .* 'ip.src'/],
  ['ipv6.hlim == 4', /'ipv6.src', 'ipv6.dst'/],
  ['nfs.fh.fsid == 4', /'nfs.fhandle\[0:4\]'/],
  ['frame.md5_hash', /'frame.number'/],
  ['nfs.mode3 & 0x40', /there is no '&' here; bits of flags have names, such as 'nfs.mode3.xusr'/],
  ['nfs contains "a"', /neither; to search messages, use 'summary' or a field such as '..name'/],
  ['rquota.pathq == "/"', /did you mean 'rquota.pathp'\?/],
  ['rquota.nothing == 1', /fields of bodies are 'args.…', 'result.…' and '..NAME'; see 'rpcdump help filter'/],
])('%s: %s', (filter, expected) => {
  expect(() => new Filter(filter, { library })).toThrow(expected);
});

const NFS4 = 'nfs4/client-4.2.pcap';
const KRB5I = 'rpc/gss-krb5i.pcap';

test.each([
  [NFS4, 'nfs.pathname.component', [44, 51, 57, 72, 77, 94, 103, 108, 111, 142]],
  // CLONE has two, of other names than READ's.
  [NFS4, 'nfs.stateid.seqid and operation == CLONE', [83]],
  [NFS4, 'nfs.stateid.hash == 0x0eff and nfs.stateid.hash == 0x59de', [83]],
  [NFS4, 'nfs.stateid.hash and not nfs.stateid.seqid', []],
  [NFS4, 'nfs.stateid.other == 7c9a026bce51474804000000 and operation == CLONE', [83]],
  // The call has it in its credential and in its body, the reply in its body only.
  [KRB5I, 'rpc.authgss.seqnum == 2', [10, 11]],
  [KRB5I, 'rpc.authgss.context == 60630680e3550000e03a0680e3550000 and frame < 12', [6, 8, 10]],
  [KRB5I, 'rpc.authgss.major == GSS_S_COMPLETE', [6]],
  [KRB5I, 'rpc.authgss.minor == 0', [6]],
  [KRB5I, 'rpc.authgss.window == 5', [6]],
])('%s: %s selects what it selects in tshark', async (capture, filter, frames) => {
  const selected = await select(join(FIXTURES, 'captures', capture), filter);
  expect(selected.map(({ frame }) => frame)).toEqual(frames);
});

const NLM = 100021;
const holder = bytes(words(1, 77), opaque('host'), words(0, 9));
const before = bytes(words(1, 0, 4096), words(1, 2, 3, 4));
const layoutreturn = bytes(words(51, 0, 1, 3, 1), words(0, 0, 0, 9), stateid(1, 7), opaque(''));
const result = (...parts: Uint8Array[]) => reply({ result: bytes(...parts) });
const offloaded = bytes(words(15), opaque('file'), stateid(3), words(28, 0, 77));
const deviceError = bytes(words(1, 2, 3, 4), words(5, 25));
const flexError = bytes(words(0, 0, 0, 4096), stateid(1), words(1), deviceError);
const attributes = bytes(words(1, 1 << 11), opaque(words(10008)));
const entry = bytes(words(1, 0, 1), opaque('entry'), attributes, words(0, 1));
const readdir = bytes(words(26, 0, 0, 0, 0, 10, 100, 1, 1 << 11));
const readdirReply = compoundReply(1, 0, bytes(words(26, 0, 0, 0), entry));
const mapping = words(100003, 3, 17, 2049);
const failed = compoundReply(1, 10052);

/** Fields that no capture of fixtures/opinion/filters.tsv has: a call and its reply, and which of both tshark selects. */
test.each<[string, call: Buffer, reply: Buffer, string, ('call' | 'reply')[]]>([
  [
    'TEST of NLM v1',
    call({ program: NLM, version: 1, procedure: 1 }),
    result(opaque('c'), words(1), holder),
    'nlm.lock.svid == 77',
    ['reply'],
  ],
  [
    'TEST_RES of NLM v1',
    call({ program: NLM, version: 1, procedure: 11, args: bytes(opaque('c'), words(1), holder) }),
    result(),
    'nlm.test_stat.stat == 1',
    ['call'],
  ],
  [
    'COMMIT that fails',
    call({ procedure: 21, args: bytes(opaque('file'), words(0, 0, 0)) }),
    result(words(5), before, words(0)),
    'nfs.fattr3.size',
    [],
  ],
  [
    'READLINK of NFSv2',
    call({ version: 2, procedure: 5, args: Buffer.alloc(32) }),
    result(words(0), opaque('a/b')),
    'nfs.readlink.data == "a/b"',
    ['reply'],
  ],
  [
    'MNT of MOUNT v1',
    call({ program: 100005, version: 1, procedure: 1, args: opaque('/e') }),
    result(words(0), Buffer.alloc(32, 7)),
    'mount.dump.directory',
    [],
  ],
  ['LAYOUTRETURN', compound(1, layoutreturn), failed, 'nfs.stateid.seqid == 7', ['call']],
  [
    'DESTROY_SESSION',
    compound(1, bytes(words(44), session(1))),
    failed,
    'nfs.session_id4 == 00000001000000010000000100000001',
    ['call'],
  ],
  ['COMPOUND without operations', compound(1), compoundReply(1, 0), '..minorversion == 2 or ..argop', ['call']],
  ['REMOVE', compound(1, bytes(words(28), opaque('gone'))), failed, 'nfs.pathname.component == "gone"', ['call']],
  ['SECINFO', compound(1, bytes(words(33), opaque('secret'))), failed, 'nfs.pathname.component == "secret"', ['call']],
  ['SECINFO', compound(1, bytes(words(33), opaque('secret'))), failed, 'nfs.name', []],
  ['READDIR', compound(1, readdir), readdirReply, 'nfs.name == "entry"', ['reply']],
  ['READDIR', compound(1, readdir), readdirReply, 'nfs.nfsstat4 == NFS4ERR_DELAY', ['reply']],
  [
    'GETATTR',
    compound(1, words(9, 1, 1 << 11)),
    compoundReply(1, 0, bytes(words(9, 0), attributes)),
    'nfs.status == NFS4ERR_DELAY',
    ['reply'],
  ],
  ['CB_OFFLOAD', callback(1, offloaded), result(words(0), opaque(''), words(1, 15, 0)), 'nfs.nfsstat4 == 28', ['call']],
  [
    'LAYOUTERROR',
    compound(1, bytes(words(64, 0, 0, 0, 9), stateid(1), words(1), deviceError)),
    compoundReply(1, 0, words(64, 0)),
    'nfs.nfsstat4 == NFS4ERR_IO',
    ['call'],
  ],
  [
    'LAYOUTRETURN of flexible files',
    compound(1, bytes(words(51, 0, 4, 3, 1, 0, 0, 0, 9), stateid(1), opaque(bytes(words(1), flexError, words(0))))),
    compoundReply(1, 0, words(51, 0, 0)),
    'nfs.nfsstat4 == NFS4ERR_IO',
    ['call'],
  ],
  [
    'TEST_STATEID',
    compound(1, bytes(words(55, 2), stateid(1), stateid(2))),
    compoundReply(1, 0, words(55, 0, 2, 0, 10025)),
    'nfs.nfsstat4 == NFS4ERR_BAD_STATEID',
    ['reply'],
  ],
  [
    'OFFLOAD_STATUS',
    compound(1, bytes(words(67), stateid(1))),
    compoundReply(1, 0, words(67, 0, 0, 9, 1, 5)),
    'nfs.nfsstat4 == NFS4ERR_IO',
    ['reply'],
  ],
  [
    'CB_SEQUENCE with a call that it refers to',
    callback(1, bytes(words(11), session(1), words(5, 2, 4, 0), words(1), session(1), words(1, 6, 3))),
    compoundReply(1, 10052),
    'nfs.slotid == 3',
    ['call'],
  ],
  [
    'TEST of NLM v4',
    call({ program: NLM, version: 4, procedure: 1 }),
    result(opaque('c'), words(0)),
    'nlm.stat or nlm.test_stat.stat == 1',
    [],
  ],
  [
    'SET of PORTMAP',
    call({ program: 100000, version: 2, procedure: 1, args: mapping }),
    result(words(1)),
    'portmap.port',
    ['call'],
  ],
  [
    'GETPORT',
    call({ program: 100000, version: 2, procedure: 3 }),
    result(words(2049)),
    'portmap.port == 2049',
    ['reply'],
  ],
  [
    'CALLIT',
    call({ program: 100000, version: 2, procedure: 5, args: bytes(words(100003, 3, 0), opaque('')) }),
    result(words(2049), opaque('')),
    'portmap.port == 2049',
    ['reply'],
  ],
])('%s', async (_name, asked, answered, filter, expected) => {
  const packets = [udp(client, server, asked), udp(server, client, answered)];
  const selected = await withCapture(packets, (file) => select(file, filter));
  expect(selected.map(({ frame }) => (frame === 1 ? 'call' : 'reply'))).toEqual(expected);
});

test('rpc.authgss.context is no handle of AUTH_SHORT', async () => {
  const capture = join(FIXTURES, 'captures', ERRORS);
  const framesOf = async (filter: string) => (await select(capture, filter)).map(({ frame }) => frame);
  expect(await framesOf('credential.handle')).toEqual([94, 104]);
  expect(await framesOf('rpc.authgss.context')).toEqual([104]);
});

test('nfs.fh.hash is what lists show of a handle', async () => {
  const capture = join(FIXTURES, 'captures/nfs3/udp-loss.pcap');
  const asked = '(nfs.fh.hash == 0xc1bbb702) && procedure == READDIRPLUS && type == call';
  const shown = 'summary contains "0xc1bbb702" && procedure == READDIRPLUS && type == call';
  expect((await select(capture, shown)).length).toBeGreaterThan(0);
  expect(await select(capture, asked)).toEqual(await select(capture, shown));
});

/** Paths of the members that a schema names, of objects within it too. */
function* pathsOf(file: string, except: readonly string[]): Generator<string> {
  const { properties, $defs = {} } = JSON.parse(readFileSync(join(FIXTURES, '..', file), 'utf8'));
  // biome-ignore lint/suspicious/noExplicitAny: schemas are open objects.
  function* walk(members: Record<string, any>, prefix: string): Generator<string> {
    for (const [name, member] of Object.entries(members)) {
      // Filters compare the bytes of a string anyway.
      if (except.includes(name) || name.endsWith('_hex')) continue;
      yield prefix + name;
      const { items = member } = member;
      const inside = items.$ref === undefined ? items : $defs[items.$ref.split('/').at(-1)];
      yield* walk(inside?.properties ?? {}, `${prefix}${name}.`);
    }
  }
  yield* walk(properties, '');
}

test.each([
  ...pathsOf('record.schema.json', ['credential', 'verifier']),
  // Those of both messages are asked for by their own names.
  ...pathsOf('schemas/exchange.schema.json', ['exchange', 'call', 'reply']),
])('%s of records is a field', (path) => {
  expect(new Filter(path, { library }).text).toBe(path);
});
