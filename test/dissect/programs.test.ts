/** What single programs ask of the dissector: errno-style status words, contents behind a body, names without a dissector, and bytes that lie. */
import { describe, expect, test } from 'vitest';
import { bytes } from '../helpers/capture-writer.js';
import { recordsOf } from '../helpers/inspect.js';
import { client, server, udp } from '../helpers/packets.js';
import { type CallOptions, call, opaque, reply, words } from '../helpers/rpc-writer.js';

const GLUSTER_FOP = 1298437;
const GLUSTER_DUMP = 123451501;

interface Exchange extends CallOptions {
  result?: Uint8Array;
}

/** The records of a call and its reply, and of a NULL call behind them. */
// biome-ignore lint/suspicious/noExplicitAny: records are open objects.
function exchange({ result = new Uint8Array(), ...options }: Exchange, payload = false): any[] {
  const packets = [
    udp(client, server, call({ xid: 1, ...options })),
    udp(server, client, reply({ xid: 1, result })),
    udp(client, server, call({ xid: 2 })),
  ];
  const records = recordsOf(packets, undefined, payload);
  expect(records.at(-1)).toMatchObject({ program: 'NFS', procedure: 'NULL', xid: 2 });
  return records.slice(0, -1);
}

describe('a pool of glusterds (GlusterFS 10.3)', () => {
  const [FRIEND, MGMT] = [1238437, 1238433];
  const hex = (text: string) => Buffer.from(text.replaceAll(/\s/g, ''), 'hex');
  /** A uuid, sixteen words on the wire. */
  const uuid = words(...Array.from({ length: 16 }, (_, i) => 0x2e + i));
  const dictionary = hex(
    `00000001 0000000f 00000010 6f726967696e61746f725f75756964 00 2e7c1d83d4544cd4876088684c90599d`,
  );

  test.each([
    [
      'PROBE_QUERY has a text for errors',
      { program: FRIEND, version: 2, procedure: 1, args: bytes(uuid, opaque('gs'), words(24007)) },
      hex('00000002 67730000 00000000 00000000 00000000 00000000'),
      ['PROBE_QUERY "gs" port 24007', 'PROBE_QUERY "gs"'],
      { op_errno: 0, op_errstr: '' },
    ],
    [
      'FRIEND_REMOVE is called as FRIEND_ADD is',
      { program: FRIEND, version: 2, procedure: 3, args: bytes(uuid, hex('00000002 67730000 00005dc7 00000000')) },
      hex('00000002 67630000 00000000 00000000 00005dc7'),
      ['FRIEND_REMOVE "gs" port 24007', 'FRIEND_REMOVE "gc"'],
      { port: 24007 },
    ],
    [
      'POST_COMMIT, between COMMIT and POST_VALIDATE',
      { program: MGMT, version: 3, procedure: 7, args: bytes(uuid, words(5), opaque(dictionary)) },
      hex('00000005 00000000 00000000 00000004 00000000 00000000'),
      ['POST_COMMIT GD_OP_START_VOLUME', 'POST_COMMIT GD_OP_START_VOLUME'],
      { op: 5, dict: [], op_errstr: '' },
    ],
  ])('%s', (_, asked, answer, summaries, result) => {
    const records = exchange({ ...asked, result: bytes(uuid, answer) });
    expect(records.map(({ summary }) => summary)).toEqual(summaries);
    expect(records[1].result).toMatchObject(result);
    expect(records.map(({ notes, malformed, undecoded }) => [notes, malformed, undecoded])).toEqual([
      [undefined, undefined, undefined],
      [undefined, undefined, undefined],
    ]);
  });
});

describe('GlusterFS', () => {
  const [CBK, BRICK, PMAP] = [52743234, 4867634, 34123456];
  const empty = opaque('');

  test.each([
    [
      'the event and the flags of a callback (upcall-utils.h)',
      {
        program: CBK,
        version: 1,
        procedure: 5,
        args: bytes(opaque('gfid'), words(1, 0x18, 60), Buffer.alloc(300), empty),
      },
      'CACHE_INVALIDATION "gfid" GF_UPCALL_CACHE_INVALIDATION SIZE|TIMES',
      {},
    ],
    [
      'SETATTR: a client that touches a file',
      {
        program: GLUSTER_FOP,
        version: 400,
        procedure: 38,
        args: bytes(Buffer.alloc(16, 7), Buffer.alloc(148), words(0x1f0, 0, 0, 0)),
      },
      'SETATTR 0x60196c79 valid ATIME|MTIME|CTIME|ATIME_NOW|MTIME_NOW 0:0',
      {},
    ],
    [
      'a command to a brick has a second dictionary (GlusterFS 7)',
      { program: BRICK, version: 2, procedure: 4, args: bytes(opaque('vol'), words(4), empty, empty) },
      'BRICK_STATUS "vol"',
      { input: [], dict: [] },
    ],
    [
      'the same command of GlusterFS 6',
      { program: BRICK, version: 2, procedure: 4, args: bytes(opaque('vol'), words(4), empty) },
      'BRICK_STATUS "vol"',
      { name: 'vol', op: 4, input: [] },
    ],
    [
      'a brick of GlusterFS 3.3 signs in without its process',
      { program: PMAP, version: 1, procedure: 4, args: bytes(opaque('/b1'), words(24009)) },
      'SIGNIN "/b1" port 24009',
      { brick: '/b1', port: 24009 },
    ],
    [
      'UNLINK of GlusterFS 3.1: the directory, the path and the name (glusterfs3.x)',
      {
        program: GLUSTER_FOP,
        version: 310,
        procedure: 5,
        args: bytes(Buffer.alloc(16, 7), opaque('/d/f'), opaque('f')),
      },
      'UNLINK 0x60196c79/f',
      { path: '/d/f', bname: 'f' },
    ],
    [
      'SVC_ATTACH brings a volfile',
      { program: BRICK, version: 2, procedure: 14, args: bytes(opaque('shd'), words(14), opaque('volume a'), empty) },
      'SVC_ATTACH "shd"',
      { input: Buffer.from('volume a').toString('hex'), dict: [] },
    ],
  ])('%s', (_, asked, summary, args) => {
    const [record] = exchange(asked);
    expect(record).toMatchObject({ summary, args });
    expect([record.notes, record.malformed, record.undecoded]).toEqual([undefined, undefined, undefined]);
  });
});

test('YPXFR: the database of ypserv 4.2 on a Linux of 64 bits', () => {
  const map = bytes(opaque('passwd.byname'), opaque('w4.example'), opaque('passwd.byname'), words(13, 2));
  const [record] = exchange({ program: 600100069, version: 1, procedure: 1, args: map, result: words(0, 8) });
  expect(record.summary).toBe(
    'GETMAP "passwd.byname" domain "w4.example" file "passwd.byname" XFR_DB_GNU_GDBM64 XFR_ENDIAN_LITTLE',
  );
});

test.each([
  ['AUTOFS_DONE without an error', 0, 'MOUNT'],
  ['AUTOFS_DONE with ENOENT', 2, 'MOUNT error 2'],
])('AUTOFS: %s', (_, error, summary) => {
  const args = bytes(opaque('map'), opaque('/net'), opaque('host'), opaque(''), opaque(''), words(0));
  const records = exchange({ program: 100099, version: 2, procedure: 1, args, result: words(1, error, 0) });
  expect(records[1]).toMatchObject({ summary, status: 'AUTOFS_DONE', result: { mr_type: { error } } });
});

describe('BOOTPARAM', () => {
  test('an address of four chars, of a machine with signed ones: 192.168.1.200', () => {
    const asked = { program: 100026, version: 1, procedure: 1, args: words(1, -64, -88, 1, -56) };
    const [record] = exchange({ ...asked, result: bytes(opaque('host'), opaque('domain'), words(1, 192, 168, 1, 1)) });
    expect(record.summary).toBe('WHOAMI 192.168.1.200');
    expect(record.args.client_address.ip_addr).toEqual({ net: -64, host: -88, lh: 1, impno: -56 });
  });
});

describe('errno-style status', () => {
  const ping = (opRet: number, opErrno: number) => bytes(words(opRet, opErrno), opaque(''));
  const cases: [opRet: number, opErrno: number, status: string, number: number, error: boolean][] = [
    [0, 0, 'GF_ERROR_CODE_SUCCESS', 0, false],
    [0, 117, 'GF_ERROR_CODE_SUCCESS', 0, false],
    [3, 0, 'GF_ERROR_CODE_SUCCESS', 0, false],
    [-1, 2, 'GF_ERROR_CODE_NOENT', 2, true],
    [-1, 4711, '4711', 4711, true],
    [-1, 0, 'GF_ERROR_CODE_SUCCESS', 0, true],
  ];
  test.each(cases)('op_ret %i op_errno %i', (opRet, opErrno, status, status_number, error) => {
    const [, answer] = exchange({ program: GLUSTER_DUMP, version: 1, procedure: 2, result: ping(opRet, opErrno) });
    expect(answer).toMatchObject({ status, status_number, error });
  });

  test('a failure with the number of success, behind a success', () => {
    const packets = [1, 2, 3].flatMap((xid) => [
      udp(client, server, call({ xid, program: GLUSTER_DUMP, version: 1, procedure: 2 })),
      udp(server, client, reply({ xid, result: ping(xid === 2 ? -1 : 0, 0) })),
    ]);
    const replies = recordsOf(packets).filter(({ type }) => type === 'reply');
    expect(replies.map(({ error }) => error)).toEqual([false, true, false]);
  });

  test('a failure whose number was cut off has no status', () => {
    const whole = udp(server, client, reply({ xid: 1, result: ping(-1, 2) }));
    const packets = [
      udp(client, server, call({ xid: 1, program: GLUSTER_DUMP, version: 1, procedure: 2 })),
      { data: whole.subarray(0, whole.length - 8), wireLength: whole.length },
    ];
    const [, answer] = recordsOf(packets);
    expect(answer).toMatchObject({ error: true, truncated: {} });
    expect(answer.status).toBeUndefined();
  });
});

describe('contents behind a body', () => {
  const write = {
    program: GLUSTER_FOP,
    version: 330,
    procedure: 13,
    args: bytes(Buffer.alloc(16, 7), words(0, 1), words(0, 0), words(5, 0), opaque(''), Buffer.from('hello')),
  };
  test('only their length is in the record', () => {
    const [record] = exchange(write);
    expect(record.args).toMatchObject({ size: 5, data_length: 5 });
    expect(record.args.data).toBeUndefined();
    expect(record.notes).toBeUndefined();
  });
  test('with --payload they are there', () => {
    expect(exchange(write, true)[0].args).toMatchObject({ data_length: 5, data: '68656c6c6f' });
  });
  test('cut short they are not there', () => {
    const whole = udp(client, server, call({ xid: 1, ...write }));
    const [record] = recordsOf([{ data: whole.subarray(0, whole.length - 2), wireLength: whole.length }]);
    expect(record).toMatchObject({ args: { size: 5 }, truncated: {} });
    expect(record.args.data_length).toBeUndefined();
  });
});

test('GlusterFS 3.8 to 3.13: operations in a row, and the data of one of them behind all', () => {
  const gfid = Buffer.alloc(16, 7);
  const none = opaque('');
  const fxattrop = bytes(words(34), gfid, words(0, 3), words(0), none, none);
  const write = bytes(words(13), gfid, words(0, 3), words(0, 4096), words(5, 0), none);
  const [asked, answered] = exchange({
    program: GLUSTER_FOP,
    version: 330,
    procedure: 49,
    args: bytes(words(0, 1, 2), fxattrop, write, none, Buffer.from('hello')),
    result: bytes(words(-1, 28, 2), words(34, 0, 0), none, none, words(99), none),
  });
  expect(asked).toMatchObject({
    summary: 'COMPOUND GF_CFOP_XATTROP_WRITEV 2 operations',
    args: {
      compound_req_array: [
        { fop_enum: 'GF_FOP_FXATTROP', compound_fxattrop_req: { fd: 3 } },
        { fop_enum: 'GF_FOP_WRITE', compound_write_req: { offset: 4096, size: 5 } },
      ],
      data_length: 5,
    },
  });
  expect(answered).toMatchObject({
    status: 'GF_ERROR_CODE_NOSPC',
    error: true,
    result: { compound_rsp_array: [{ compound_fxattrop_rsp: { op_ret: 0 } }, { fop_enum: '99' }] },
  });
  expect([asked.malformed, asked.notes, answered.malformed, answered.notes]).toEqual(Array(4).fill(undefined));
});

describe('programs without a dissector', () => {
  const cases: [options: CallOptions, expected: Record<string, unknown>][] = [
    [
      { program: 100235, version: 1, procedure: 3 },
      { program: 'cachefsd', procedure: undefined },
    ],
    [
      { program: 100235, version: 1, procedure: 0 },
      { program: 'cachefsd', procedure: 'NULL', undecoded: undefined },
    ],
    [
      { program: 0x20001234, version: 1, procedure: 0 },
      { program: undefined, procedure: 'NULL' },
    ],
    [
      { program: 395183, version: 1, procedure: 0 },
      { program: 'VXI11_CORE', procedure: 'NULL' },
    ],
    [
      { program: 100003, version: 9, procedure: 0 },
      { program: 'NFS', procedure: 'NULL' },
    ],
    [
      { program: 100235, version: 1, procedure: 0, args: words(1) },
      { procedure: 'NULL', undecoded: { reason: 'unknown_program', length: 4, data: '00000001' } },
    ],
  ];
  test.each(cases)('%j', (options, expected) => {
    const [record] = exchange(options);
    for (const [key, value] of Object.entries(expected)) expect([key, record[key]]).toEqual([key, value]);
  });
});

/** Offsets count from the xid: a call's body begins at 40, a reply's at 24. */
describe('bytes that lie', () => {
  const cases: [name: string, exchange: Exchange, malformed: object, kept: object][] = [
    [
      'a dictionary of more pairs than there are bytes',
      {
        program: GLUSTER_FOP,
        version: 400,
        procedure: 42,
        args: bytes(Buffer.alloc(16), words(0, 1, 60, 0x7fffffff, 0x7fffffff)),
      },
      { offset: 72, field: 'args.xdata.pairs', reason: 'its count 2147483647 does not fit in the 0 remaining bytes' },
      { fd: 1 },
    ],
    [
      'a list that does not end',
      {
        program: GLUSTER_DUMP,
        version: 1,
        procedure: 1,
        result: bytes(words(0, 1, 0, 0, 1), opaque('fop'), words(0, 7, 0, 1, 1)),
      },
      { offset: 72, field: 'result.prog[1].progname' },
      { gfs_id: 1, op_ret: 0 },
    ],
    [
      'a string of 2³² - 1 bytes',
      { program: 100004, version: 2, procedure: 3, args: bytes(opaque('domain'), words(0xffffffff, 0x61616161)) },
      { offset: 52, field: 'args.map' },
      { domain: 'domain' },
    ],
    [
      'an array of 2³² - 1 numbers',
      { program: 788585389, version: 1, procedure: 7, args: words(0xffffffff, 1, 2) },
      { offset: 40, field: 'args.arg1' },
      {},
    ],
    [
      'an answer that ends within its struct',
      {
        program: 100001,
        version: 4,
        procedure: 1,
        result: words(1, 2, 3),
      },
      { offset: 32, field: expect.stringMatching(/^result\./) },
      {},
    ],
    [
      'an answer that ends within the structs of its arm',
      { program: 2112, version: 2, procedure: 11, result: words(0x12345704, 0, 4, 0x70000000, 1) },
      { offset: 44, field: expect.stringMatching(/^result\./) },
      { api_version: 'KADM5_API_VERSION_4' },
    ],
  ];
  test.each(cases)('%s', (_, options, malformed, kept) => {
    const records = exchange(options);
    const [record] = options.result === undefined ? records : records.slice(1);
    expect(record.malformed).toMatchObject(malformed);
    expect(record.args ?? record.result).toMatchObject(kept);
  });
});

test('kadmin: CREATE_ALIAS (MIT Kerberos 1.22), and the last of the errors', () => {
  const [KADM5, CREATE_ALIAS, API] = [2112, 27, 0x12345704];
  const principal = (name: string) => opaque(`${name}\0`);
  const [asked, answer] = exchange({
    program: KADM5,
    version: 2,
    procedure: CREATE_ALIAS,
    args: bytes(words(API), principal('alias@A'), principal('target@B')),
    result: words(API, 43787583),
  });
  expect(asked).toMatchObject({ procedure: 'CREATE_ALIAS', args: { alias: 'alias@A', target: 'target@B' } });
  expect(answer).toMatchObject({ status: 'KADM5_ALIAS_REALM', error: true });
});

test.each([
  ['MOUNT', 100005],
  ['MOUNT of IRIX', 391004],
])('%s names the root of an export', (_, program) => {
  const handle = Buffer.alloc(32, 7);
  const records = recordsOf([
    udp(client, server, call({ xid: 1, program, version: 1, procedure: 1, args: opaque('/usr') })),
    udp(server, client, reply({ xid: 1, result: bytes(words(0), handle) })),
    udp(client, server, call({ xid: 2, version: 2, procedure: 1, args: handle })),
  ]);
  expect(records[2].names).toEqual({ 'args.arg1': '/usr' });
});

test('CMSD version 5: attributes of an entry, of every type that has bytes, of one that has none, and one without a value', () => {
  const attribute = (number: number, name: string, ...value: Uint8Array[]) =>
    bytes(words(number), opaque(name), ...(value.length === 0 ? [words(0)] : [words(1), ...value]));
  const attributes = [
    attribute(23, 'Start Date', words(7), opaque('19960421T192156Z')),
    attribute(28, 'Type', words(1, -1)),
    attribute(0, 'Rights', words(10, 1), opaque('ada'), words(0x8002, 0)),
    attribute(9, 'Exceptions', words(12, 1), opaque('a'), words(1), opaque('b'), words(0)),
    attribute(16, 'Popup', words(13, 1), opaque('+P5M'), opaque(''), words(2), opaque(Buffer.of(1, 2))),
    attribute(35, 'Delimiter', words(14, 1), opaque(Buffer.of(3))),
    attribute(1, 'Attendees', words(11)),
    attribute(2, 'Nothing'),
  ];
  const [asked, answered] = exchange({
    program: 100068,
    version: 5,
    procedure: 16,
    args: bytes(opaque('ada@lab'), words(7, attributes.length), ...attributes),
    result: bytes(words(0x9010010), words(0)),
  });
  expect(asked.args.attrs.map(({ value }: { value: unknown }) => value)).toEqual([
    { type: 'CSA_VALUE_DATE_TIME', date_time_value: '19960421T192156Z' },
    { type: 'CSA_VALUE_ENUMERATED', enumerated_value: -1 },
    { type: 'CSA_VALUE_ACCESS_LIST', access_list_value: [{ user: 'ada', rights: 0x8002 }] },
    { type: 'CSA_VALUE_DATE_TIME_LIST', date_time_list_value: [{ date_time: 'a' }, { date_time: 'b' }] },
    {
      type: 'CSA_VALUE_REMINDER',
      reminder_value: { lead_time: '+P5M', snooze_time: '', repeat_count: 2, reminder_data: { data: '0102' } },
    },
    { type: 'CSA_VALUE_OPAQUE_DATA', opaque_data_value: { data: '03' } },
    { type: 'CSA_VALUE_ATTENDEE_LIST' },
    null,
  ]);
  expect([asked.summary, asked.malformed, asked.notes]).toEqual([
    'INSERT_ENTRY "ada@lab" 8 attributes',
    undefined,
    undefined,
  ]);
  expect(answered).toMatchObject({ status: 'CSA_X_DT_E_ENTRY_NOT_FOUND', error: true, result: { entry: [] } });
});

test("ToolTalk: a file's property added by CDE's own client, and an object's that is not there", () => {
  const access = words(1001, 100, 0o644);
  const ttdb = { program: 100083, version: 1 };
  const [asked] = exchange({
    ...ttdb,
    procedure: 110,
    args: bytes(opaque('/tmp/a'), opaque('Author'), words(2), opaque('ada'), opaque(Buffer.of(0xff)), words(1), access),
  });
  expect(asked.args).toEqual({
    file: '/tmp/a',
    property: { name: 'Author', values: ['616461', 'ff'] },
    unique: 1,
    access: { user: 1001, group: 100, mode: 0o644 },
  });
  expect(asked.summary).toBe('ADD_FILE_PROP "/tmp/a" "Author" unique');
  const [, answered] = exchange({
    ...ttdb,
    procedure: 121,
    args: bytes(opaque('0 1 2'), opaque('Author'), access, words(-1)),
    result: bytes(opaque(''), words(0), opaque(''), words(-1, 19)),
  });
  expect(answered).toMatchObject({ procedure: 'GET_OBJ_PROP', status: 'TT_DB_ERR_NO_SUCH_OBJECT', error: true });
  expect(answered.notes).toBeUndefined();
});

test('VXI-11: flags and reasons that are 0 write nothing', () => {
  const read = { program: 0x0607af, version: 1, procedure: 12, args: words(5, 1024, 10000, 0, 0, 0) };
  const timedOut = words(15, 0, 0);
  expect(exchange({ ...read, result: timedOut }).map(({ summary }) => summary)).toEqual([
    'device_read link 5 up to 1024 bytes',
    'device_read 0 bytes',
  ]);
});
