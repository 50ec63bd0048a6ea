/** RPCSEC_GSS around calls and replies: control procedures, contexts, sequence numbers, integrity, privacy, and lies about them. */
import { describe, expect, test } from 'vitest';
import { GssContext, GssContexts } from '../../src/dissect/gss-contexts.js';
import { bytes, u32 } from '../helpers/capture-writer.js';
import { recordsOf } from '../helpers/inspect.js';
import { client, server, udp } from '../helpers/packets.js';
import { call, denied, opaque, reply, words } from '../helpers/rpc-writer.js';

const [DATA, INIT, CONTINUE_INIT, DESTROY, BIND_CHANNEL, CREATE, LIST] = [0, 1, 2, 3, 4, 5, 6];
const [NONE, INTEGRITY, PRIVACY, CHANNEL] = [1, 2, 3, 4];
const HANDLE = Buffer.from('0123456789abcdef', 'hex');
const KRB5 = Buffer.from('602006092a864886f712010202010003', 'hex');
const COMPLETE = bytes(opaque(HANDLE), words(0, 0, 5), opaque(Buffer.from('a1020304', 'hex')));
const CHECKSUM = Buffer.from('c0ffee00', 'hex');

function credential(procedure: number, { sequence = 0, service = INTEGRITY, handle = HANDLE, version = 1 } = {}) {
  return { flavor: 6, body: bytes(words(version, procedure, sequence, service), opaque(handle)) };
}

const toServer = (message: Uint8Array) => udp(client, server, message);
const toClient = (message: Uint8Array) => udp(server, client, message);

/** A body with its sequence number and checksum around it. */
function protectedBody(sequence: number, body: Uint8Array): Buffer {
  const inner = bytes(u32(sequence), body);
  return bytes(opaque(inner), opaque(CHECKSUM));
}

function init(xid: number, result = COMPLETE) {
  return [
    toServer(call({ xid, credential: credential(INIT, { handle: Buffer.alloc(0) }), args: opaque(KRB5) })),
    toClient(reply({ xid, result })),
  ];
}

/** A DATA call of NFSv3 GETATTR; the handle is four bytes. */
function getattr(xid: number, sequence: number, service = INTEGRITY) {
  const body = opaque(Buffer.from('f00dfeed', 'hex'));
  const args =
    service === INTEGRITY ? protectedBody(sequence, body) : service === PRIVACY ? opaque(Buffer.alloc(12)) : body;
  return toServer(call({ xid, procedure: 1, credential: credential(DATA, { sequence, service }), args }));
}

const noent = words(2);

describe('control procedures have names of their own', () => {
  const rgss3 = words(0, 0, 1, 1, 4, 0x72656164, 4, 7);
  test.each([
    ['RPCSEC_GSS_INIT', INIT, 1, opaque(KRB5), COMPLETE],
    ['RPCSEC_GSS_CONTINUE_INIT', CONTINUE_INIT, 1, opaque(KRB5), COMPLETE],
    ['RPCSEC_GSS_DESTROY', DESTROY, 1, words(), words()],
    ['RPCSEC_GSS_CREATE', CREATE, 3, protectedBody(0, rgss3), protectedBody(0, bytes(opaque(HANDLE), rgss3))],
    [
      'RPCSEC_GSS_LIST',
      LIST,
      3,
      protectedBody(0, words(2, 0, 1)),
      protectedBody(0, words(1, 0, 1, 3, 5, 1, 0x61000000)),
    ],
  ])('%s', (name, procedure, version, args, result) => {
    const records = recordsOf([
      toServer(call({ credential: credential(procedure, { version }), args })),
      toClient(reply({ result })),
    ]);
    expect(records.map((record) => [record.procedure, record.procedure_number])).toEqual([
      [name, 0],
      [name, 0],
    ]);
    expect(records[0].credential.gss_proc).toBe(name);
    expect(records.flatMap((record) => [record.malformed, record.undecoded, record.notes].filter(Boolean))).toEqual([]);
  });

  test('RPCSEC_GSS_BIND_CHANNEL keeps what it says in its verifiers', () => {
    const prefix = Buffer.from('tls-unique:');
    const records = recordsOf([
      toServer(
        call({
          credential: credential(BIND_CHANNEL, { version: 2, service: NONE }),
          verifier: { flavor: 6, body: bytes(opaque(prefix), opaque(KRB5.subarray(2, 13)), opaque(CHECKSUM)) },
        }),
      ),
      toClient(reply({ verifier: { flavor: 6, body: bytes(words(1, 1), opaque(prefix), opaque(CHECKSUM)) } })),
    ]);
    expect(records.map((record) => record.procedure)).toEqual(['RPCSEC_GSS_BIND_CHANNEL', 'RPCSEC_GSS_BIND_CHANNEL']);
    expect(records[0].verifier.rbcva_chan_bind_prefix).toBe(prefix.toString('hex'));
    expect(records[1].verifier).toEqual({
      flavor: 'RPCSEC_GSS',
      rbcvr_res: { rbcr_stat: 'RGSS2_BIND_CHAN_PREF_NOTSUPP', rbcr_pref_list: [prefix.toString('hex')] },
      rbcvr_mic: CHECKSUM.toString('hex'),
    });
  });

  test('a program that nobody knows', () => {
    const [record] = recordsOf([
      toServer(call({ program: 0x20000099, credential: credential(INIT), args: opaque(KRB5) })),
    ]);
    expect(record).toMatchObject({
      program_number: 0x20000099,
      procedure: 'RPCSEC_GSS_INIT',
      summary: 'RPCSEC_GSS_INIT krb5',
    });
  });

  test('a refused one', () => {
    const [, record] = recordsOf([
      toServer(call({ credential: credential(INIT), args: opaque(KRB5) })),
      toClient(denied(1, 1, 13)),
    ]);
    expect(record).toMatchObject({ procedure: 'RPCSEC_GSS_INIT', auth_stat: 'RPCSEC_GSS_CREDPROBLEM', error: true });
  });

  test('a failed one', () => {
    const failed = bytes(words(0, 0xd0000, 0x96c73a23, 0), opaque(Buffer.alloc(0)));
    expect(init(1, failed).length && recordsOf(init(1, failed))[1]).toMatchObject({
      status: 'GSS_S_FAILURE',
      error: true,
    });
  });
});

describe('contexts', () => {
  test('calls and replies know the reply that made theirs', () => {
    const records = recordsOf([
      ...init(1),
      getattr(2, 1),
      toClient(reply({ xid: 2, result: protectedBody(1, noent) })),
    ]);
    const related = [{ kind: 'gss_context', frame: 2, mechanism: 'krb5' }];
    expect(records.map((record) => record.related)).toEqual([undefined, undefined, related, related]);
  });

  test('one that took two calls is of the first answer', () => {
    const more = bytes(opaque(HANDLE), words(1, 0, 5), opaque(Buffer.from('a1020304', 'hex')));
    const records = recordsOf([
      ...init(1, more),
      toServer(call({ xid: 2, credential: credential(CONTINUE_INIT), args: opaque(Buffer.from('a1020304', 'hex')) })),
      toClient(reply({ xid: 2, result: COMPLETE })),
      getattr(3, 1),
    ]);
    expect(records[4].related).toEqual([{ kind: 'gss_context', frame: 2, mechanism: 'SPNEGO' }]);
  });

  test.each([
    ['that failed', bytes(opaque(HANDLE), words(0xd0000, 0, 5), opaque(''))],
    ['that ends within its status', bytes(opaque(HANDLE), words(0, 0))],
  ])('an INIT %s makes none', (_, result) => {
    expect(recordsOf([...init(1, result), getattr(2, 1)])[2].related).toBeUndefined();
  });

  test('made before the capture began, or ended: none', () => {
    const destroy = toServer(call({ xid: 3, credential: credential(DESTROY, { sequence: 2 }) }));
    const records = recordsOf([getattr(7, 9), ...init(1), destroy, toClient(reply({ xid: 3 })), getattr(4, 1)]);
    expect(records.map((record) => record.related?.[0].frame)).toEqual([
      undefined,
      undefined,
      undefined,
      3,
      3,
      undefined,
    ]);
  });
});

describe('sequence numbers', () => {
  test.each([
    ['in order', [1, 2, 3], []],
    ['out of order, within the window', [5, 3, 4, 1], []],
    ['with gaps', [1, 100, 1000], []],
    ['used twice', [1, 2, 1], ['credential.seq_num: 1 was used in frame 3 before: servers drop the call']],
    ['below the window', [9, 4], ['credential.seq_num: 4 is below the window of 5 before 9: servers drop the call']],
    ['at the window’s edge', [9, 5], []],
    [
      'beyond the greatest',
      [0x7fffffff, 0x80000000],
      ['credential.seq_num: 2147483648 is not below the greatest sequence number there is, 2147483648'],
    ],
  ])('%s', (_, sequence, notes) => {
    const records = recordsOf([...init(1), ...sequence.map((number, i) => getattr(10 + i, number))]);
    expect(records.flatMap((record) => record.notes ?? [])).toEqual(notes);
  });
});

describe('services: each call says its own', () => {
  const answers: Record<number, Uint8Array> = { [NONE]: noent, [INTEGRITY]: protectedBody(7, noent), [CHANNEL]: noent };
  test.each([
    ['none', NONE],
    ['integrity', INTEGRITY],
    ['channel_prot', CHANNEL],
  ])('%s', (name, service) => {
    const records = recordsOf([getattr(1, 7, service), toClient(reply({ result: answers[service] }))]);
    expect(records[0]).toMatchObject({
      credential: { service: `rpc_gss_svc_${name}` },
      args: { object: { data: 'f00dfeed' } },
    });
    expect(records[1]).toMatchObject({
      procedure: 'GETATTR',
      status: 'NFS3ERR_NOENT',
      result: { status: 'NFS3ERR_NOENT' },
    });
    expect(records.flatMap((record) => record.notes ?? [])).toEqual([]);
  });

  test('privacy: the procedure has its name, the body its length', () => {
    const records = recordsOf([getattr(1, 7, PRIVACY), toClient(reply({ result: opaque(Buffer.alloc(28)) }))]);
    expect(records.map(({ procedure, undecoded }) => [procedure, undecoded.reason, undecoded.length])).toEqual([
      ['GETATTR', 'encrypted', 16],
      ['GETATTR', 'encrypted', 32],
    ]);
  });

  test('an empty body is not encrypted', () => {
    const [record] = recordsOf([toServer(call({ credential: credential(DESTROY, { service: PRIVACY }) }))]);
    expect(record.undecoded).toBeUndefined();
  });
});

describe('lies', () => {
  const body = opaque(Buffer.from('f00dfeed', 'hex'));
  const data = credential(DATA, { sequence: 7 });
  const integrity = (args: Uint8Array) =>
    recordsOf([toServer(call({ procedure: 1, credential: data, args })), toServer(call({ xid: 9 }))]);

  test.each([
    [
      'the body’s length',
      bytes(words(400, 7), body, opaque(CHECKSUM)),
      68,
      'databody_integ: its length 400 exceeds the 20 remaining bytes',
    ],
    [
      'a body too short',
      bytes(words(0, 7), body, opaque(CHECKSUM)),
      68,
      'databody_integ: its length 0 has no room for its seq_num',
    ],
    [
      'the checksum’s length',
      bytes(words(12, 7), body, words(99, 1)),
      84,
      'checksum: its length 99 exceeds the 4 remaining bytes',
    ],
    ['no checksum', bytes(words(12, 7), body), 84, 'checksum: it is missing'],
  ])('%s: the arguments are read, and the next message', (_, args, offset, reason) => {
    const [record, next] = integrity(args);
    expect(record.malformed).toEqual({ offset, field: 'args', reason });
    expect(record.args).toEqual({ object: { data: 'f00dfeed' } });
    expect(next).toMatchObject({ xid: 9, procedure: 'NULL' });
  });

  test.each([
    ['the body’s length', bytes(words(400, 7, 2), opaque(CHECKSUM)), 'databody_integ', 24],
    ['a body too short', bytes(words(0, 7, 2), opaque(CHECKSUM)), 'databody_integ', 24],
    ['the checksum’s length', bytes(words(8, 7, 2), words(99, 1)), 'checksum', 36],
    ['no checksum', words(8, 7, 2), 'checksum', 36],
  ])('%s, of a reply: the result is read', (_, result, what, offset) => {
    const asked = call({ procedure: 1, credential: data, args: protectedBody(7, body) });
    const [, record] = recordsOf([toServer(asked), toClient(reply({ result }))]);
    const reason = expect.stringMatching(`^${what}: `);
    expect(record.malformed).toEqual({ offset, field: 'result', reason });
    expect(record.result).toMatchObject({ status: 'NFS3ERR_NOENT' });
  });

  test('a sequence number that is not the credential’s', () => {
    expect(integrity(protectedBody(8, body))[0].notes).toEqual([
      "databody_integ: its seq_num is 8, the credential's is 7",
    ]);
  });

  test.each([
    ['a credential of 2^31 bytes', { flavor: 6, body: Buffer.alloc(20), length: 0x80000000 }, 'credential', 28],
    ['a handle of 2^31 bytes', { flavor: 6, body: words(1, 0, 7, 1, 0x80000000) }, 'credential.handle', 48],
    ['an AUTH_SYS name of 2^31 bytes', { flavor: 1, body: words(0, 0x80000000) }, 'credential.machinename', 36],
    ['2^32-1 groups', { flavor: 1, body: words(0, 0, 0, 0, 0xffffffff) }, 'credential.gids', 48],
    ['an AUTH_DH name of 2^31 bytes', { flavor: 3, body: words(0, 0x80000000) }, 'credential.adc_fullname.name', 36],
  ])('%s', (_, lying, field, offset) => {
    const [record, next] = recordsOf([
      toServer(call({ procedure: 1, credential: lying, args: body })),
      toServer(call({ xid: 9 })),
    ]);
    expect(record.malformed).toMatchObject({ field, offset });
    expect(record.procedure).toBe('GETATTR');
    // Where the credential ends is known unless its own length lies.
    if (field !== 'credential') expect(record.args).toEqual({ object: { data: 'f00dfeed' } });
    expect(next).toMatchObject({ xid: 9, procedure: 'NULL' });
  });
});

describe('flavors', () => {
  test.each([
    [
      'AUTH_DH full name',
      3,
      bytes(words(0), opaque('unix.1@x'), words(1, 2, 3)),
      100003,
      { adc_namekind: 'ADN_FULLNAME', adc_fullname: { name: 'unix.1@x', key: '0000000100000002', w: '00000003' } },
    ],
    ['AUTH_DH nickname', 3, words(1, 0xcafe), 100003, { adc_namekind: 'ADN_NICKNAME', adc_nickname: 0xcafe }],
    [
      'AUTH_GLUSTERFS_v3',
      390040,
      words(7, 8, 9, 0, 5, 0, 6, 1, 10, 2, 0x61620000),
      1298437,
      { pid: 7, uid: 8, gid: 9, groups: [10], lk_owner: '6162' },
    ],
    ['AUTH_GLUSTERFS_v2', 390039, words(7, 8, 9, 1, 10, 0), 14398633, { pid: 7, uid: 8, groups: [10], lk_owner: '' }],
    ['Gluster’s number in another program', 390040, words(1), 100003, { flavor: '390040', body: '00000001' }],
  ])('%s', (_, flavor, body, program, expected) => {
    const [record] = recordsOf([toServer(call({ program, credential: { flavor, body } }))]);
    expect(record.credential).toMatchObject(expected);
    expect(record.malformed).toBeUndefined();
  });
});

describe('AUTH_GSSAPI, as kadmin has it', () => {
  const KADM5 = { program: 2112, version: 2 };
  const gssapi = (isControl: number, handle = HANDLE) => ({
    flavor: 300001,
    body: bytes(words(2, isControl), opaque(handle)),
  });
  const sealed = opaque(Buffer.alloc(120, 0x53));
  const noHandle = Buffer.alloc(0);
  const made = bytes(words(4), opaque(HANDLE), words(0, 0), opaque(KRB5), opaque(CHECKSUM));

  test.each([
    [
      'AUTH_GSSAPI_INIT',
      1,
      noHandle,
      bytes(words(4), opaque(KRB5)),
      made,
      ['AUTH_GSSAPI_INIT krb5', 'AUTH_GSSAPI_INIT context 0123456789abcdef'],
    ],
    [
      'AUTH_GSSAPI_CONTINUE_INIT',
      2,
      HANDLE,
      bytes(words(4), opaque(KRB5)),
      made,
      ['AUTH_GSSAPI_CONTINUE_INIT krb5', 'AUTH_GSSAPI_CONTINUE_INIT context 0123456789abcdef'],
    ],
    ['AUTH_GSSAPI_DESTROY', 4, HANDLE, words(), words(), ['AUTH_GSSAPI_DESTROY', 'AUTH_GSSAPI_DESTROY']],
  ])('%s', (name, procedure, handle, args, result, summaries) => {
    const records = recordsOf([
      toServer(call({ ...KADM5, procedure, credential: gssapi(1, handle), args })),
      toClient(reply({ result })),
    ]);
    expect(records.map((record) => [record.program, record.procedure])).toEqual([
      ['KADM5', name],
      ['KADM5', name],
    ]);
    expect(records.map(({ summary }) => summary)).toEqual(summaries);
    expect(records.flatMap((record) => [record.malformed, record.undecoded, record.notes].filter(Boolean))).toEqual([]);
  });

  test('a context that was refused', () => {
    const records = recordsOf([
      toServer(call({ ...KADM5, procedure: 1, credential: gssapi(1, noHandle), args: bytes(words(4), opaque(KRB5)) })),
      toClient(reply({ result: bytes(words(4), opaque(''), words(0xd0000, 7), opaque(''), opaque('')) })),
    ]);
    expect(records[1]).toMatchObject({ status: 'GSS_S_FAILURE', error: true });
  });

  test.each([
    ['GET_PRINCIPAL', 5, 0],
    // As kadmin -O of MIT Kerberos 1.20 ends a context.
    ['AUTH_GSSAPI_DESTROY', 4, 1],
  ])('%s: sealed', (name, procedure, isControl) => {
    const verifier = { flavor: 300001, body: Buffer.alloc(12) };
    const records = recordsOf([
      toServer(call({ ...KADM5, procedure, credential: gssapi(isControl), verifier, args: sealed })),
      toClient(reply({ verifier, result: sealed })),
    ]);
    expect(records.map((record) => [record.procedure, record.undecoded.reason, record.malformed])).toEqual([
      [name, 'encrypted', undefined],
      [name, 'encrypted', undefined],
    ]);
    expect(records[0].credential).toEqual({
      flavor: 'AUTH_GSSAPI',
      version: 2,
      auth_msg: isControl === 1,
      client_handle: HANDLE.toString('hex'),
    });
  });

  test('a reply without its call', () => {
    const [record] = recordsOf([
      toClient(reply({ verifier: { flavor: 300001, body: Buffer.alloc(12) }, result: sealed })),
    ]);
    expect(record).toMatchObject({ verifier: { flavor: 'AUTH_GSSAPI' }, undecoded: { reason: 'no_call' } });
  });
});

test('of too many contexts those in use stay, and the others are counted', () => {
  const contexts = new GssContexts(2);
  const at = { id: 1, address: '10.0.0.2', port: 2049 };
  const use = (name: number, sequence: number) =>
    contexts.find(at, Buffer.of(name)).use(sequence, { frame: sequence, file: 0 }) === null ? 'new' : 'used before';
  expect([use(1, 5), use(2, 5), use(1, 6), use(3, 5), use(1, 6)]).toEqual(['new', 'new', 'new', 'new', 'used before']);
  expect([contexts.evicted, use(2, 5)]).toEqual([1, 'new']);
});

test.each([
  [
    'a window as wide as the numbers that are watched',
    512,
    [1, 512, 1],
    '1 was used in frame 1 before: servers drop the call',
  ],
  [
    'a wider one, and a number among the last that are watched',
    1000,
    [1, 512, 1],
    '1 was used in frame 1 before: servers drop the call',
  ],
  ['a number before those: nothing is said', 1000, [1, 513, 1], null],
  [
    'a number below the window',
    1000,
    [1, 513, 1001, 1],
    '1 is below the window of 1000 before 1001: servers drop the call',
  ],
])('%s', (_, window, numbers, expected) => {
  const context = new GssContext('', { frame: 1, file: 0 }, null, window);
  expect(numbers.map((number, index) => context.use(number, { frame: index + 1, file: 0 })).at(-1)).toBe(expected);
});

test('a number that was used in an earlier file', () => {
  const context = new GssContext('', null, null, 8);
  context.use(5, { frame: 9, file: 0 });
  expect(context.use(5, { frame: 2, file: 1 })).toBe(
    '5 was used in frame 9 of another file before: servers drop the call',
  );
});
