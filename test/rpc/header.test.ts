/** Message headers of RFC 5531 §9: every stat, every cut, and lengths that lie. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readAnyHeader, readHeader } from '../../src/rpc/header.js';
import { ACCEPT_STATS, AUTH_STATS, Message } from '../../src/rpc/message.js';
import { bytes, u32 } from '../helpers/capture-writer.js';
import { recordsOf } from '../helpers/inspect.js';
import { client, server, udp } from '../helpers/packets.js';
import { call, denied, reply, words } from '../helpers/rpc-writer.js';

/** Reads the header of what is there of a message of `length` bytes. */
function read(data: Uint8Array, length = data.length): Message | null {
  const message = new Message();
  message.bytes = bytes(Buffer.alloc(3, 0xff), data, Buffer.alloc(64, 0xff));
  message.start = 3;
  message.end = 3 + data.length;
  message.length = length;
  return readHeader(message) ? message : null;
}

/** What was read, without what was not. */
function shown(message: Message | null): Record<string, unknown> {
  if (message === null) return {};
  const {
    type,
    rpcVersion,
    program,
    version,
    procedure,
    replyStat,
    acceptStat,
    rejectStat,
    authStat,
    low,
    high,
    body,
  } = message;
  const all = { rpcVersion, program, version, procedure, replyStat, acceptStat, rejectStat, authStat, low, high };
  return {
    xid: message.xid,
    type,
    ...Object.fromEntries(Object.entries(all).filter(([, value]) => value >= 0)),
    ...(message.credential.flavor < 0 ? {} : { cred: authOf(message.credential) }),
    ...(message.verifier.flavor < 0 ? {} : { verf: authOf(message.verifier) }),
    ...(body < 0 ? {} : { body: body - 3 }),
    ...(message.headerFault === null ? {} : { fault: [message.headerFault.field, message.headerFault.offset] }),
  };
}

const authOf = ({ flavor, start, length }: { flavor: number; start: number; length: number }) => [
  flavor,
  start - 3,
  length,
];

const sys = { flavor: 1, body: Buffer.alloc(20) };
const fullCall = call({
  xid: 0xfffffffe,
  program: 0xffffffff,
  version: 4,
  procedure: 9,
  credential: sys,
  verifier: { flavor: 6, body: Buffer.alloc(5) },
  args: words(1, 2),
});

describe('calls', () => {
  const empty = { flavor: 0, body: new Uint8Array(0) };
  const cases: [name: string, data: Uint8Array, expected: Record<string, unknown>][] = [
    [
      'the least',
      call(),
      {
        xid: 1,
        type: 0,
        rpcVersion: 2,
        program: 100003,
        version: 3,
        procedure: 0,
        cred: [0, 32, 0],
        verf: [0, 40, 0],
        body: 40,
      },
    ],
    [
      'the largest numbers, and padding',
      fullCall,
      {
        xid: 0xfffffffe,
        type: 0,
        rpcVersion: 2,
        program: 0xffffffff,
        version: 4,
        procedure: 9,
        cred: [1, 32, 20],
        verf: [6, 60, 5],
        body: 68,
      },
    ],
    [
      'another RPC version',
      call({ rpcvers: 7 }),
      {
        xid: 1,
        type: 0,
        rpcVersion: 7,
        program: 100003,
        version: 3,
        procedure: 0,
        cred: [0, 32, 0],
        verf: [0, 40, 0],
        body: 40,
      },
    ],
    [
      'a flavor without a name',
      call({ credential: { ...empty, flavor: 390003 } }),
      {
        xid: 1,
        type: 0,
        rpcVersion: 2,
        program: 100003,
        version: 3,
        procedure: 0,
        cred: [390003, 32, 0],
        verf: [0, 40, 0],
        body: 40,
      },
    ],
  ];
  test.each(cases)('%s', (_, data, expected) => {
    expect(shown(read(data))).toEqual(expected);
  });

  test('cut at every byte: what is whole stays the same, and nothing is called malformed', () => {
    const whole = shown(read(fullCall));
    for (let end = 0; end < fullCall.length; end++) {
      const { cred, verf, ...rest } = shown(read(fullCall.subarray(0, end), fullCall.length));
      expect([end, rest]).toEqual([end, Object.fromEntries(Object.keys(rest).map((key) => [key, whole[key]]))]);
      expect([end, Object.keys(rest).length > 0]).toEqual([end, end >= 8]);
      if (cred) expect([end, cred]).toEqual([end, [1, 32, Math.min(20, end - 32)]]);
      if (verf) expect([end, verf]).toEqual([end, [6, 60, Math.min(5, end - 60)]]);
    }
  });

  test.each([
    ['a credential beyond the message', call({ credential: { flavor: 1, length: 5000 } }), ['credential', 28]],
    ['a credential of almost 4 GiB', call({ credential: { flavor: 1, length: 0xfffffffd } }), ['credential', 28]],
    ['a verifier beyond the message', call({ verifier: { flavor: 1, length: 400 } }), ['verifier', 36]],
  ] as [string, Uint8Array, [string, number]][])('%s is malformed', (_, data, expected) => {
    expect([read(data)?.headerFault?.field, read(data)?.headerFault?.offset]).toEqual(expected);
  });

  test('a credential over its bound is noted and read', () => {
    const message = read(call({ credential: { flavor: 1, body: Buffer.alloc(404) } }));
    expect(message?.notes).toEqual([expect.stringMatching(/credential.*404.*400/)]);
    expect(message?.headerFault).toBeNull();
  });
});

describe('replies', () => {
  const accepted = (stat: number) => ({ xid: 1, type: 1, replyStat: 0, acceptStat: stat, verf: [0, 20, 0] });
  const cases: [name: string, data: Uint8Array, expected: Record<string, unknown>][] = [
    ...ACCEPT_STATS.map((name, stat) => {
      const isMismatch = name === 'PROG_MISMATCH';
      const expected = { ...accepted(stat), ...(isMismatch ? { low: 2, high: 4, body: 32 } : { body: 24 }) };
      return [name, reply({ acceptStat: stat, result: isMismatch ? words(2, 4) : words() }), expected] as [
        string,
        Uint8Array,
        object & Record<string, unknown>,
      ];
    }),
    ['accept_stat 6', reply({ acceptStat: 6 }), { ...accepted(6), fault: ['accept_stat', 20] }],
    ['RPC_MISMATCH', denied(9, 0, 2, 2), { xid: 9, type: 1, replyStat: 1, rejectStat: 0, low: 2, high: 2, body: 24 }],
    ...AUTH_STATS.map(
      (name, stat) =>
        [name, denied(9, 1, stat), { xid: 9, type: 1, replyStat: 1, rejectStat: 1, authStat: stat, body: 20 }] as [
          string,
          Uint8Array,
          Record<string, unknown>,
        ],
    ),
    ['auth_stat 99', denied(9, 1, 99), { xid: 9, type: 1, replyStat: 1, rejectStat: 1, authStat: 99, body: 20 }],
    ['reject_stat 2', denied(9, 2, 0), { xid: 9, type: 1, replyStat: 1, rejectStat: 2, fault: ['reject_stat', 12] }],
    ['reply_stat 2', words(9, 1, 2, 0, 0), { xid: 9, type: 1, replyStat: 2, fault: ['reply_stat', 8] }],
    [
      'a GSS verifier',
      reply({ verifier: { flavor: 6, body: Buffer.alloc(37) }, result: words(0) }),
      { xid: 1, type: 1, replyStat: 0, acceptStat: 0, verf: [6, 20, 37], body: 64 },
    ],
  ];
  test.each(cases)('%s', (_, data, expected) => {
    expect(shown(read(data))).toEqual(expected);
  });

  test.each([['a verifier beyond the message', reply({ verifier: { length: 100 } }), ['verifier', 16]]] as [
    string,
    Uint8Array,
    [string, number],
  ][])('%s is malformed', (_, data, expected) => {
    expect([read(data)?.headerFault?.field, read(data)?.headerFault?.offset]).toEqual(expected);
  });

  test('cut at every byte', () => {
    const whole = reply({ verifier: { flavor: 6, body: Buffer.alloc(21) }, acceptStat: 2, result: words(2, 4) });
    const all = shown(read(whole));
    for (let end = 8; end < whole.length; end++) {
      const { verf, ...rest } = shown(read(whole.subarray(0, end), whole.length));
      expect([end, rest]).toEqual([end, Object.fromEntries(Object.keys(rest).map((key) => [key, all[key]]))]);
    }
  });

  test('neither call nor reply', () => {
    expect(read(words(1, 2, 3, 4, 5))).toBeNull();
    expect(read(words(1).subarray(0, 4))).toBeNull();
  });
});

/** Nothing is missing from the capture, and yet the header does not fit: that cannot be right. */
describe('a whole message that ends within its header is malformed', () => {
  test.each([
    [
      'a credential that leaves no room for the verifier',
      call({ credential: { flavor: 1, length: 8 } }),
      ['verifier', 40],
    ],
    ['a message that ends in its verifier', call().subarray(0, 36), ['verifier', 32]],
    ['a message that ends in its procedure', call().subarray(0, 22), ['procedure_number', 20]],
    ['a message that ends after its reply_stat', words(1, 1, 0), ['verifier', 12]],
    ['a message that ends before its accept_stat', words(1, 1, 0, 0, 0), ['accept_stat', 20]],
    ['a PROG_MISMATCH without its versions', reply({ acceptStat: 2 }), ['mismatch.low', 24]],
    ['a PROG_MISMATCH with one version', reply({ acceptStat: 2, result: words(2) }), ['mismatch.high', 28]],
    ['an AUTH_ERROR without its reason', denied(1, 1), ['auth_stat', 16]],
  ] as [string, Uint8Array, [string, number]][])('%s', (_, data, [field, offset]) => {
    const reason = expect.stringMatching(/^needs [48] bytes, only \d left$/);
    expect(read(data)?.headerFault).toEqual({ offset, field, reason });
    expect(read(data, data.length + 100)?.headerFault).toBeNull();
  });
});

test('the usual header and any header are read alike, whatever words are damaged and wherever it is cut', () => {
  const headers = [
    call({ credential: sys }),
    call(),
    reply(),
    reply({ acceptStat: 2, result: words(1, 2) }),
    denied(1, 1),
    reply({ verifier: sys }),
  ];
  const word = fc.oneof(fc.constantFrom(0, 1, 2, 3, 4, 6, 20, 24, 396, 400, 401, 0xffffffff), fc.nat());
  const damage = fc.array(fc.tuple(fc.nat(20), word), { maxLength: 3 });
  fc.assert(
    fc.property(fc.constantFrom(...headers), damage, fc.nat(120), fc.nat(8), (header, damaged, cut, missing) => {
      const data = Buffer.concat([header, Buffer.alloc(16)]);
      for (const [at, value] of damaged) data.writeUInt32BE(value, Math.min(4 * at, data.length - 4));
      const there = data.subarray(0, cut);
      expect(outcome(readHeader, there, there.length + missing)).toEqual(
        outcome(readAnyHeader, there, there.length + missing),
      );
    }),
    { numRuns: 3000 },
  );
});

/** All that is known of a message once its header was read. */
function outcome(reader: (message: Message) => boolean, data: Uint8Array, length: number): unknown {
  const message = Object.assign(new Message(), { bytes: data, start: 0, end: data.length, length });
  return { isRead: reader(message), ...message };
}

/** What records make of credentials and verifiers. */
describe('authentication in records', () => {
  const parms = bytes(u32(77), u32(3), Buffer.from('box\0'), u32(1000), u32(100), u32(2), u32(4), u32(24));
  const gss = bytes(words(1, 0, 9, 2), u32(3), Buffer.from([1, 2, 3, 0]));
  const name = bytes(u32(9), Buffer.from('unix.1@ab\0\0\0'));
  const cases: [name: string, flavor: number, body: Uint8Array, expected: Record<string, unknown>][] = [
    ['AUTH_NONE', 0, Buffer.alloc(0), { flavor: 'AUTH_NONE' }],
    ['AUTH_NONE with a body', 0, Buffer.from([0xab]), { flavor: 'AUTH_NONE', body: 'ab' }],
    ['AUTH_SYS', 1, parms, { flavor: 'AUTH_SYS', stamp: 77, machinename: 'box', uid: 1000, gid: 100, gids: [4, 24] }],
    ['AUTH_SHORT', 2, Buffer.from([1, 2, 3]), { flavor: 'AUTH_SHORT', handle: '010203' }],
    ['AUTH_DH, nickname', 3, words(1, 5), { flavor: 'AUTH_DH', adc_namekind: 'ADN_NICKNAME', adc_nickname: 5 }],
    [
      'AUTH_DH, full name',
      3,
      bytes(u32(0), name, Buffer.alloc(8, 0x11), Buffer.alloc(4, 0x22)),
      {
        flavor: 'AUTH_DH',
        adc_namekind: 'ADN_FULLNAME',
        adc_fullname: { name: 'unix.1@ab', key: '1111111111111111', w: '22222222' },
      },
    ],
    [
      'RPCSEC_GSS',
      6,
      gss,
      {
        flavor: 'RPCSEC_GSS',
        version: 1,
        gss_proc: 'RPCSEC_GSS_DATA',
        seq_num: 9,
        service: 'rpc_gss_svc_integrity',
        handle: '010203',
      },
    ],
    ['a flavor without a name', 390003, Buffer.from('ab'), { flavor: '390003', body: '6162' }],
  ];
  test.each(cases)('%s', (_, flavor, body, expected) => {
    const [record] = recordsOf([udp(client, server, call({ credential: { flavor, body } }))]);
    expect(record.credential).toEqual(expected);
    expect(record.malformed).toBeUndefined();
  });

  test('a lying body is a malformed credential; the call still decodes', () => {
    const lying = bytes(u32(77), u32(3), Buffer.from('box\0'), u32(0), u32(0), u32(900));
    const args = bytes(u32(4), Buffer.from('abcd'));
    const [record] = recordsOf([
      udp(client, server, call({ procedure: 1, credential: { flavor: 1, body: lying }, args })),
    ]);
    expect(record.credential).toEqual({ flavor: 'AUTH_SYS', stamp: 77, machinename: 'box', uid: 0, gid: 0, gids: [] });
    expect(record.malformed).toMatchObject({ offset: 52, field: 'credential.gids' });
    expect(record.args).toEqual({ object: { data: '61626364' } });
  });

  test.each([
    ['AUTH_SHORT', { flavor: 2, body: Buffer.alloc(40, 7) }],
    ['a flavor without a name', { flavor: 390003, body: Buffer.alloc(40, 7) }],
  ])('a cut body of %s is absent', (_, credential) => {
    const packet = udp(client, server, call({ credential, args: words(1) }));
    const [record] = recordsOf([{ data: packet.subarray(0, 28 + 50), wireLength: packet.length }]);
    expect(record.truncated).toBeDefined();
    expect(Object.keys(record.credential)).toEqual(['flavor']);
  });
});
