/** What filters select: each against a predicate on the JSON records, which says the same in another language. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { bytes, writePcap } from '../helpers/capture-writer.js';
import { select } from '../helpers/filters.js';
import { compound, compoundReply } from '../helpers/nfs4.js';
import { client, server, udp } from '../helpers/packets.js';
import { FIXTURES, records } from '../helpers/render.js';
import { call, opaque, reply, words } from '../helpers/rpc-writer.js';
import { withCapture } from '../helpers/with-folder.js';

// biome-ignore lint/suspicious/noExplicitAny: records are open objects.
type AnyRecord = any;
type Row = [filter: string, expected: (record: AnyRecord) => boolean];

const NFS3 = 'nfs3/allprocs-start.pcap';
const NFS3_MIDDLE = 'nfs3/allprocs-middle.pcap';
const NFS2 = 'nfs2/allprocs.pcap';
const NFS4 = 'nfs4/client-4.2.pcap';
const RPCBIND = 'rpcbind/loopback.pcap';
const ERRORS = 'rpc/errors-auth.pcap';
const SNAPLEN = 'nfs3/snaplen256.pcap';
const RETRANSMIT = 'nfs3/udp-retransmit.pcap';
const GLUSTER = 'gluster/synthetic.pcap';
const INVENTORY = 'custom/inventory.pcap';
const MOUNT = 'mount/showmount.pcap';
const RAW_IP = 101;
const KRB5P = 'rpc/gss-krb5p.pcap';

const isReply = (record: AnyRecord) => record.type === 'reply';
const operations = (record: AnyRecord): string[] => record.operations?.map((each: AnyRecord) => each.op) ?? [];
const time = (record: AnyRecord, text: string) => record.time >= text;
/** Every value under a name, at any depth of arguments or result. */
const anywhere = (value: AnyRecord, name: string): AnyRecord[] => {
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, inner]) => [...(key === name ? [inner] : []), ...anywhere(inner, name)]);
};
const body = (record: AnyRecord) => [record.args, record.result];

const ROWS: Record<string, Row[]> = {
  [NFS3]: [
    ['message == 3', (r) => r.message === 3],
    ['frame in {20..30, 50}', (r) => (r.frame >= 20 && r.frame <= 30) || r.frame === 50],
    ['frame not in {1..100}', (r) => r.frame > 100],
    ['status not in {NFS3_OK}', (r) => r.status !== 'NFS3_OK'],
    ['frame > 0x20 && frame <= 050', (r) => r.frame > 32 && r.frame <= 40],
    ['connection == 2', (r) => r.connection === 2],
    ['nfs', (r) => r.program === 'NFS'],
    ['NFS and not type == call', (r) => r.program === 'NFS' && isReply(r)],
    ['mount or portmap', (r) => r.program === 'MOUNT' || r.program_number === 100000],
    ['program == nfs', (r) => r.program === 'NFS'],
    ['program == 100003', (r) => r.program_number === 100003],
    ['program != NFS', (r) => r.program !== 'NFS'],
    ['procedure == create', (r) => r.procedure === 'CREATE'],
    [
      'procedure in {CREATE, GETATTR, 4}',
      (r) => ['CREATE', 'GETATTR'].includes(r.procedure) || r.procedure_number === 4,
    ],
    ['procedure matches "^(get|set)"', (r) => /^(get|set)/i.test(r.procedure)],
    ['procedure_number >= 8', (r) => r.procedure_number >= 8],
    ['elapsed > 100us', (r) => r.elapsed > 0.0001],
    ['elapsed <= 0.0001', (r) => r.elapsed <= 0.0001],
    ['elapsed', (r) => r.elapsed !== undefined],
    ['not elapsed', (r) => r.elapsed === undefined],
    ['length >= 1KiB', (r) => r.length >= 1024],
    ['src == 10.77.0.0/16 and dst_port == 2049', (r) => r.src.startsWith('10.77.') && r.dst_port === 2049],
    ['src_port != dst_port', (r) => r.src_port !== r.dst_port],
    ['type == reply and src == server', isReply],
    ['src_port > dst_port', (r) => r.src_port > r.dst_port],
    ['client_port != server_port && server_port == 2049', (r) => (isReply(r) ? r.src_port : r.dst_port) === 2049],
    ['time == time_epoch', () => true],
    ['call_frame < frame', (r) => r.call_frame < r.frame],
    ['src > 10.77.0.1', (r) => r.src === '10.77.0.2'],
    ['accept_stat == SUCCESS', (r) => r.accept_stat === 'SUCCESS'],
    ['credential', (r) => r.credential !== undefined],
    ['verifier', (r) => r.verifier !== undefined],
    ['credential.flavor == AUTH_SYS', (r) => r.credential?.flavor === 'AUTH_SYS'],
    ['credential.uid == 0', (r) => r.credential?.uid === 0],
    ['credential.machinename contains "nfs"', (r) => r.credential?.machinename?.includes('nfs') ?? false],
    ['credential.gids', (r) => r.credential?.gids !== undefined],
    ['status == NFS3_OK', (r) => r.status === 'NFS3_OK'],
    ['status != NFS3_OK', (r) => r.status !== undefined && r.status !== 'NFS3_OK'],
    ['args.where.name', (r) => r.args?.where?.name !== undefined],
    ['args.where.name contains "f"', (r) => r.args?.where?.name?.includes('f') ?? false],
    ['args.where.name[0:1] == "f"', (r) => r.args?.where?.name?.startsWith('f') ?? false],
    [
      'args.object.data matches "^\\x43\\x00\\x00\\x01.*\\x9c"',
      (r) => /^43000001(..)*9c/.test(r.args?.object?.data ?? ''),
    ],
    ['args.object.data contains 43:00:00:01', (r) => r.args?.object?.data?.includes('43000001') ?? false],
    ['args.object.data[0:4] == 43:00:00:01', (r) => r.args?.object?.data?.startsWith('43000001') ?? false],
    ['args.data_length > 64', (r) => r.args?.data_length > 64],
    ['args', (r) => r.args !== undefined],
    [
      'result.resok.obj_attributes.attributes.size == 4096',
      (r) => r.result?.resok?.obj_attributes?.attributes?.size === 4096,
    ],
    ['..size == 4096', (r) => body(r).some((each) => anywhere(each, 'size').includes(4096))],
    ['..type == NF3DIR', (r) => body(r).some((each) => anywhere(each, 'type').includes('NF3DIR'))],
    ['..where.name contains "f"', (r) => anywhere(r.args, 'where').some(({ name }) => name.includes('f'))],
    ['result..type == 2', (r) => anywhere(r.result, 'type').includes('NF3DIR')],
    ['summary contains "CREATE"', (r) => r.summary?.includes('CREATE') ?? false],
    ['names', (r) => r.names !== undefined],
    ['names contains "d27184/"', (r) => Object.values<string>(r.names ?? {}).some((path) => path.includes('d27184/'))],
    ['time_epoch > 1', () => true],
  ],
  [GLUSTER]: [
    ['args.data_length == 6', (r) => r.args?.data_length === 6],
    [
      'args.dict.value == "dict-first"',
      (r) => r.args?.dict?.some?.((each: AnyRecord) => each.value === 'dict-first') ?? false,
    ],
    ['..data_length', (r) => body(r).some((each) => anywhere(each, 'data_length').length > 0)],
  ],
  [NFS3_MIDDLE]: [
    ['error == true', (r) => r.error === true],
    ['error > 0', (r) => r.error === true],
    ['error <= 0', (r) => r.error === false],
    ['error', (r) => r.error !== undefined],
    ['args.offset >= 0 and args.count', (r) => r.args?.offset !== undefined && r.args.count !== undefined],
  ],
  [NFS2]: [
    ['nfs && version == 2', (r) => r.program === 'NFS' && r.version === 2],
    ['args..name == "somefile.txt"', (r) => anywhere(r.args, 'name').includes('somefile.txt')],
    ['all src_port > 1024', (r) => r.src_port > 1024],
  ],
  [NFS4]: [
    [
      'args.argarray.argop == OP_WRITE',
      (r) => r.args?.argarray?.some((each: AnyRecord) => each.argop === 'OP_WRITE') ?? false,
    ],
    [
      'args.argarray.argop != OP_SEQUENCE',
      (r) => r.args?.argarray?.every((each: AnyRecord) => each.argop !== 'OP_SEQUENCE') ?? false,
    ],
    [
      'any args.argarray.argop != OP_SEQUENCE',
      (r) => r.args?.argarray?.some((each: AnyRecord) => each.argop !== 'OP_SEQUENCE') ?? false,
    ],
    ['nfs.full_name matches "^/"', (r) => Object.values<string>(r.names ?? {}).some((path) => path.startsWith('/'))],
    ['nfs.opcode == getattr', (r) => r.operations?.some((each: AnyRecord) => each.op === 'GETATTR') ?? false],
    ['args.argarray[1].argop == OP_PUTFH', (r) => r.args?.argarray?.[1]?.argop === 'OP_PUTFH'],
    ['args.argarray[3]', (r) => r.args?.argarray?.[3] !== undefined],
    [
      'result.resarray.opgetattr.resok4.obj_attributes.attr_vals.size > 1000',
      (r) =>
        r.result?.resarray?.some((each: AnyRecord) => each.opgetattr?.resok4?.obj_attributes.attr_vals.size > 1000) ??
        false,
    ],
    ['..eir_clientid', (r) => body(r).some((each) => anywhere(each, 'eir_clientid').length > 0)],
    ['..tag', (r) => body(r).some((each) => anywhere(each, 'tag').length > 0)],
    ['..argop == OP_READDIR', (r) => anywhere(r.args, 'argop').includes('OP_READDIR')],
    ['operation == OPEN', (r) => r.operation === 'OPEN'],
    ['operations.op == getattr', (r) => operations(r).includes('GETATTR')],
    [
      'operations.status == NFS4ERR_NOENT',
      (r) => r.operations?.some((each: AnyRecord) => each.status === 'NFS4ERR_NOENT') ?? false,
    ],
    [
      'operation == failed_operation.op',
      (r) => r.failed_operation !== undefined && r.operation === r.failed_operation.op,
    ],
    ['operations', (r) => r.operations !== undefined],
    ['failed_operation', (r) => r.failed_operation !== undefined],
    ['failed_operation.index == 2', (r) => r.failed_operation?.index === 2],
    [
      'args.argarray.opgetattr.attr_request == size',
      (r) => r.args?.argarray?.some((each: AnyRecord) => each.opgetattr?.attr_request.includes('size')) ?? false,
    ],
    ['failed_operation.op == LOOKUP', (r) => r.failed_operation?.op === 'LOOKUP'],
    ['result..size > 100', (r) => anywhere(r.result, 'size').some((size) => size > 100)],
    ['args.minorversion == 2', (r) => r.args?.minorversion === 2],
    ['truncated', (r) => r.truncated !== undefined],
    ['status_number != 0', (r) => r.status_number !== undefined && r.status_number !== 0],
  ],
  [RPCBIND]: [
    ['portmap', (r) => r.program_number === 100000],
    ['args.r_netid == "udp"', (r) => r.args?.r_netid === 'udp'],
    ['args.prog == 100005', (r) => r.args?.prog === 100005],
    [
      'result.map.prog == 100003',
      (r) => Array.isArray(r.result) && r.result.some((each: AnyRecord) => each.map?.prog === 100003),
    ],
    [
      '..r_addr matches r"\\.0\\.111$"',
      (r) => body(r).some((each) => anywhere(each, 'r_addr').some((text) => /\.0\.111$/.test(text))),
    ],
    ['udp and transport == udp', (r) => r.transport === 'udp'],
    ['ip.addr == 127.0.0.0/8', (r) => r.src.startsWith('127.')],
    ['not ip.addr == 127.0.0.0/8', (r) => !r.src.startsWith('127.')],
  ],
  [ERRORS]: [
    ['accept_stat != SUCCESS', (r) => r.accept_stat !== undefined && r.accept_stat !== 'SUCCESS'],
    ['reject_stat == AUTH_ERROR', (r) => r.reject_stat === 'AUTH_ERROR'],
    ['auth_stat == AUTH_TOOWEAK or auth_stat == 1', (r) => ['AUTH_TOOWEAK', 'AUTH_BADCRED'].includes(r.auth_stat)],
    ['mismatch', (r) => r.mismatch !== undefined],
    ['mismatch.low >= 2', (r) => r.mismatch?.low >= 2],
    ['notes', (r) => r.notes !== undefined],
    ['malformed', (r) => r.malformed !== undefined],
    ['malformed.offset == 32', (r) => r.malformed?.offset === 32],
    ['malformed.field == "credential.stamp"', (r) => r.malformed?.field === 'credential.stamp'],
    ['malformed.reason contains "exceeds"', (r) => r.malformed?.reason.includes('exceeds') ?? false],
    ['undecoded', (r) => r.undecoded !== undefined],
    ['credential.gids == 4', (r) => r.credential?.gids?.includes(4) ?? false],
  ],
  'nfs3/read-64k.pcap': [
    ['frames', (r) => r.frames !== undefined],
    ['frames.first < 60', (r) => r.frames?.first < 60],
    ['frames.last == frame', (r) => r.frames?.last === r.frame],
    ['frames.count > 1', (r) => r.frames?.count > 1],
  ],
  [SNAPLEN]: [
    ['truncated.have < 200', (r) => r.truncated?.have < 200],
    ['truncated.need > truncated.have', (r) => r.truncated !== undefined],
    [
      'result.resok.reply.entries.name',
      (r) => r.result?.resok?.reply?.entries?.some((each: AnyRecord) => each.name !== undefined) ?? false,
    ],
  ],
  [RETRANSMIT]: [
    ['retransmission', (r) => r.retransmission !== undefined],
    ['retransmission.kind == duplicate_reply', (r) => r.retransmission?.kind === 'duplicate_reply'],
    ['error != retransmission.same_bytes', (r) => r.retransmission?.same_bytes === !r.error],
    ['retransmission.same_bytes == true', (r) => r.retransmission?.same_bytes === true],
    ['retransmission.request_cache == "hit"', (r) => r.retransmission?.request_cache === 'hit'],
  ],
  [INVENTORY]: [
    ['inventory_prog', (r) => r.program === 'INVENTORY_PROG'],
    ['args', (r) => r.args !== undefined],
  ],
  [MOUNT]: [
    ['args.arg1 contains "export"', (r) => r.args?.arg1?.includes?.('export') ?? false],
    ['result.ex_dir', (r) => Array.isArray(r.result) && r.result.some((each: AnyRecord) => each.ex_dir !== undefined)],
    [
      'result.mountinfo.auth_flavors == 1',
      (r) => r.result?.mountinfo?.auth_flavors?.some((each: AnyRecord) => each === 1) ?? false,
    ],
  ],
  'nlm/blocked.pcap': [
    ['related.kind == "request"', (r) => related(r).some(({ kind }) => kind === 'request')],
    ['related.kind == blocked', (r) => related(r).some(({ kind }) => kind === 'blocked')],
  ],
  [KRB5P]: [
    ['credential.flavor == RPCSEC_GSS', (r) => r.credential?.flavor === 'RPCSEC_GSS'],
    ['credential.gss_proc == RPCSEC_GSS_INIT', (r) => r.credential?.gss_proc === 'RPCSEC_GSS_INIT'],
    ['credential.service == rpc_gss_svc_privacy', (r) => r.credential?.service === 'rpc_gss_svc_privacy'],
    ['credential.seq_num > 2', (r) => r.credential?.seq_num > 2],
    ['args.gss_token[0:4] == 60:82:02:b2', (r) => r.args?.gss_token?.startsWith('608202b2') ?? false],
    ['result.handle', (r) => r.result?.handle !== undefined],
    ['result.gss_major == GSS_S_COMPLETE', (r) => r.result?.gss_major === 0],
    ['result.gss_minor == 0', (r) => r.result?.gss_minor === 0],
    ['result.seq_window == 5', (r) => r.result?.seq_window === 5],
    ['status == GSS_S_COMPLETE', (r) => r.status === 'GSS_S_COMPLETE'],
    ['undecoded.length > 100', (r) => r.undecoded?.length > 100],
    ['undecoded.data[0:4] == 00:00:00:40', (r) => r.undecoded?.data.startsWith('00000040') ?? false],
    ['verifier.body[1-2] == 04:05', (r) => r.verifier?.body?.slice(2, 6) === '0405'],
    ['undecoded.reason == "encrypted"', (r) => r.undecoded?.reason === 'encrypted'],
    ['related', (r) => r.related !== undefined],
    ['related.frame < 20', (r) => related(r).some(({ frame }) => frame < 20)],
    ['related.mechanism == "krb5"', (r) => related(r).some(({ mechanism }) => mechanism === 'krb5')],
    ['time >= "2026-01-01 00:00:00.5"', (r) => time(r, '2026-01-01T00:00:00.5')],
  ],
};

function related(record: AnyRecord): AnyRecord[] {
  return record.related ?? [];
}

describe.each(Object.entries(ROWS))('%s', (name, rows) => {
  const capture = join(FIXTURES, 'captures', name);
  const all = records(capture);
  test.each(rows)('%s', async (filter, expected) => {
    const wanted = (await all).filter(expected).map((record) => record.message);
    expect((await select(capture, filter)).map(({ message }) => message)).toEqual(wanted);
    // A row that selects nothing shows nothing.
    expect(wanted.length).toBeGreaterThan(0);
  });
});

test('a set of as many values as a filter may be long', async () => {
  const set = Array.from({ length: 30_000 }, (_, i) => (i === 0 ? 50 : 1)).join();
  expect(await select(join(FIXTURES, 'captures', NFS3), `frame in {${set}}`)).toMatchObject([{ frame: 50 }]);
});

test('control procedures of RPCSEC_GSS have their names where messages are dissected', async () => {
  const names = (await records(join(FIXTURES, 'captures', KRB5P))).map(({ procedure }) => procedure);
  for (const name of ['RPCSEC_GSS_INIT', 'RPCSEC_GSS_DESTROY']) {
    const selected = await select(join(FIXTURES, 'captures', KRB5P), `procedure == ${name}`, { headersOnly: false });
    expect(selected.length).toBe(names.filter((each) => each === name).length);
    expect(selected.length).toBeGreaterThan(0);
  }
});

test.each([
  'procedure == RPCSEC_GSS_INIT',
  'result.gss_minor == 0',
  'procedure == AUTH_GSSAPI_INIT',
  'result.signed_isn',
])('%s is a filter, although no program has it: it belongs to a flavor', async (filter) => {
  await expect(select(join(FIXTURES, 'captures', NFS3), filter)).resolves.toEqual([]);
});

test('where the clock went back, elapsed is negative, as records say', async () => {
  const packets = [
    { data: udp(client, server, call({ xid: 1 })), seconds: 9 },
    { data: udp(server, client, reply({ xid: 1 })), seconds: 8, nanoseconds: 500_000_000 },
  ];
  const path = join(mkdtempSync(join(tmpdir(), 'rpcdump-select-')), 'clock.pcap');
  writeFileSync(path, writePcap(packets, { linkType: RAW_IP }));
  expect((await records(path)).map(({ elapsed }) => elapsed)).toEqual([undefined, -0.5]);
  for (const filter of ['elapsed', 'elapsed < 0', 'elapsed == -500ms', 'not elapsed >= 0 and type == reply']) {
    expect((await select(path, filter)).map(({ message }) => message)).toEqual([2]);
  }
  rmSync(dirname(path), { recursive: true });
});

test('an operation that nobody knows has its number and place', async () => {
  const packets = [udp(client, server, compound(1, words(24), words(200)))];
  await withCapture(packets, async (file) => {
    const filters = [
      'undecoded.operation == 200',
      'undecoded.index == 1',
      'undecoded.index == 0',
      'undecoded.operation < 200',
    ];
    const counts = await Promise.all(filters.map(async (filter) => (await select(file, filter)).length));
    expect(counts).toEqual([1, 1, 0, 0]);
  });
});

test('attributes that are wrong have no fields, those beside them have', async () => {
  const [TYPE, SIZE, OPEN_ENDED] = [1 << 1, 1 << 4, opaque(words(1))];
  const getattr = (...parts: Uint8Array[]) => bytes(words(9, 0), ...parts);
  const results = [
    getattr(words(1, TYPE | SIZE), OPEN_ENDED),
    getattr(words(1, SIZE), opaque(words(0, 7))),
    getattr(words(1, TYPE), opaque(words(2))),
  ];
  const packets = [
    udp(client, server, compound(1, words(9, 1, TYPE | SIZE, 9, 1, SIZE, 9, 1, TYPE))),
    udp(server, client, compoundReply(1, 0, ...results)),
  ];
  const path = 'result.resarray.opgetattr.resok4.obj_attributes.attr_vals';
  await withCapture(packets, async (file) => {
    const selects = async (filter: string) => (await select(file, filter)).length > 0;
    const [, { result }] = await records(file);
    expect(result.resarray.map((each: AnyRecord) => each.opgetattr.resok4.obj_attributes.attr_vals)).toEqual([
      '00000001',
      { size: 7 },
      { type: 'NF4DIR' },
    ]);
    expect(await selects(`${path}.size == 7`)).toBe(true);
    expect(await selects(`${path}.type == NF4DIR`)).toBe(true);
    expect(await selects(`${path}.type == NF4REG`)).toBe(false);
    expect(await selects(`all ${path}.size == 7`)).toBe(true);
  });
});
