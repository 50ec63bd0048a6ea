/**
 * NFSv4 in messages: what the fixture captures are known to hold, callbacks told from other transient programs, compounds with
 * operations and attributes that nobody defined, and compounds that lie.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DissectorLibrary } from '../../src/dissect/library.js';
import { bytes, u32 } from '../helpers/capture-writer.js';
import { recordsOf } from '../helpers/inspect.js';
import { client, cut, type Host, SYN, server, tcp, udp } from '../helpers/packets.js';
import { FIXTURES, INVENTORY, records, render } from '../helpers/render.js';
import { call, opaque, record, reply, words } from '../helpers/rpc-writer.js';
import { statisticsOfPackets } from '../helpers/statistics.js';
import { withCapture } from '../helpers/with-folder.js';

const capture = (name: string) => join(FIXTURES, `captures/nfs4/${name}.pcap`);
const toServer = (message: Uint8Array) => udp(client, server, message);
const toClient = (message: Uint8Array) => udp(server, client, message);

const [PUTROOTFH, GETATTR, LOOKUP, SEQUENCE] = [24, 9, 15, 53];
const TAG = opaque('');
const SEGMENT = 30_000;

/** A COMPOUND of minor version 2; `count` as it is claimed. */
function compound(operations: Uint8Array[], count = operations.length, xid = 1): Buffer {
  return call({ xid, version: 4, procedure: 1, args: bytes(TAG, words(2, count), ...operations) });
}

const getattr = (...bitmap: number[]) => words(GETATTR, bitmap.length, ...bitmap);

describe('known answers', () => {
  test('frame 81 of the 4.1 capture: five operations, of which the reply executed three', async () => {
    const [asked, answered] = (await records(capture('callbacks-4.1'))).slice(2);
    expect(asked.operations.map(({ op }: { op: string }) => op)).toEqual([
      'SEQUENCE',
      'PUTFH',
      'LOOKUP',
      'GETFH',
      'GETATTR',
    ]);
    expect(answered).toMatchObject({
      operations: [{ status: 'NFS4_OK' }, { status: 'NFS4_OK' }, { status: 'NFS4ERR_NOENT' }],
      failed_operation: { index: 2, op: 'LOOKUP' },
      error: true,
    });
  });

  test.each([
    ['callbacks-4.1', [18, 'CB_LAYOUTRECALL'], [32, 'CB_NOTIFY_LOCK'], [44, 'CB_RECALL']],
    ['backchannel-4.1', [1, 'CB_LAYOUTRECALL'], [13, 'CB_LAYOUTRECALL']],
    ['callbacks-4.0', [17, 'CB_NULL'], [30, 'CB_NULL'], [38, 'CB_RECALL']],
  ])('callbacks of %s', async (name, ...expected) => {
    const calls = (await records(capture(name))).filter(({ program, type }) => program === 'NFS_CB' && type === 'call');
    expect(calls.map(({ frame, operation, procedure }) => [frame, operation ?? procedure])).toEqual(expected);
    // Of 4.1 on the client's own connection.
    if (name !== 'callbacks-4.0') expect(calls.map(({ src_port }) => src_port)).toEqual(calls.map(() => 2049));
  });

  test('SEQUENCE tells of the back channel by name', async () => {
    const all = await records(capture('backchannel-4.1'));
    const flags = all
      .filter(({ operations, type }) => operations?.[0].op === 'SEQUENCE' && type === 'reply')
      .map(({ result }) => result.resarray[0].opsequence.sr_resok4.sr_status_flags);
    expect(flags).toEqual([0x400, 0x400]);
    expect(await render(capture('backchannel-4.1'), 'tree')).toContain('sr_status_flags: BACKCHANNEL_FAULT');
  });
});

describe('callbacks', () => {
  const PROGRAM = 0x40001234;
  const callback = (program = PROGRAM, procedure = 1, xid = 77) =>
    udp(
      server,
      client,
      call({
        xid,
        program,
        version: 1,
        procedure,
        args: procedure === 1 ? bytes(TAG, words(0, 0, 1, 10044)) : words(),
      }),
    );
  const programs = (packets: Parameters<typeof recordsOf>[0], library?: DissectorLibrary) =>
    recordsOf(packets, library)
      .filter(({ program_number }) => program_number >= 0x40000000)
      .map(({ program, procedure }) => [program, procedure]);

  const session = words(43, 0, 1, 1, 0, ...new Array(14).fill(0), PROGRAM, 0);
  const setclientid = bytes(
    words(35, 0, 0),
    opaque('me'),
    words(PROGRAM),
    opaque('tcp'),
    opaque('10.9.8.7.1.2'),
    u32(1),
  );
  const control = words(40, PROGRAM, 0);

  test.each([
    ['CREATE_SESSION', session],
    ['SETCLIENTID', setclientid],
    ['BACKCHANNEL_CTL', control],
  ])('announced by %s: CB_NULL is one too', (_, operation) => {
    expect(programs([toServer(compound([operation])), callback(PROGRAM, 0)])).toEqual([['NFS_CB', 'CB_NULL']]);
  });

  test('announced for another address', () => {
    const elsewhere = { ...client, address: '10.9.8.7' };
    const packets = [toServer(compound([setclientid])), udp(server, elsewhere, call({ program: PROGRAM, version: 1 }))];
    expect(programs(packets)).toEqual([['NFS_CB', 'CB_NULL']]);
  });

  test('not announced: a CB_COMPOUND to its last byte, and what follows it', () => {
    const packets = [
      callback(),
      udp(client, server, reply({ xid: 77, result: bytes(words(0), TAG, words(0)) })),
      callback(PROGRAM, 0, 78),
    ];
    expect(programs(packets)).toEqual([
      ['NFS_CB', 'CB_COMPOUND'],
      ['NFS_CB', 'CB_COMPOUND'],
      ['NFS_CB', 'CB_NULL'],
    ]);
  });

  test('lines have the name from then on', async () => {
    const lines = await withCapture([callback(PROGRAM, 0), callback(), callback(PROGRAM, 0, 78)], (file) =>
      render(file, 'list'),
    );
    expect(lines.match(/\S+ v1/g)).toEqual([`${PROGRAM} v1`, 'NFS_CB v1', 'NFS_CB v1']);
  });

  test.each([
    ['NULL of it', callback(PROGRAM, 0), 'NULL'],
    ['the number that stands for all, NULL', callback(0x40000000, 0), 'NULL'],
    [
      'a byte too many',
      udp(server, client, call({ program: PROGRAM, version: 1, procedure: 1, args: bytes(TAG, words(0, 0, 0, 9)) })),
      undefined,
    ],
    [
      'another version',
      udp(server, client, call({ program: PROGRAM, version: 2, procedure: 1, args: bytes(TAG, words(0, 0, 0)) })),
      undefined,
    ],
    [
      'not transient',
      udp(server, client, call({ program: 0x60000000, version: 1, procedure: 1, args: bytes(TAG, words(0, 0, 0)) })),
      undefined,
    ],
  ])('not announced, and not one: %s', (_, packet, name) => {
    expect(programs([packet])).toEqual([[undefined, name]]);
  });

  test('two clients may use one number for different things', () => {
    const other = { ...client, address: '10.0.0.77' };
    const packets = [callback(), udp(server, other, call({ program: PROGRAM, version: 1 })), callback(PROGRAM, 0, 79)];
    expect(programs(packets).map(([program]) => program)).toEqual(['NFS_CB', undefined, 'NFS_CB']);
  });

  test('a program that the user defined stays theirs', () => {
    const library = new DissectorLibrary([INVENTORY]);
    const [entry] = library.list().filter(({ file }) => file === INVENTORY);
    expect(library.isUserDefined(entry.programNumber)).toBe(true);
    expect(library.isUserDefined(0x40000000)).toBe(false);
  });

  test.each([
    ['a CB_COMPOUND to its last byte', []],
    ['announced', [toServer(compound([session]))]],
  ])('also where it is called as callbacks are: %s', (_, before) => {
    const folder = mkdtempSync(join(tmpdir(), 'rpcdump-nfs4-'));
    try {
      const file = join(folder, 'mine.x');
      writeFileSync(file, `program MINE { version V { void P(void) = 1; } = 1; } = ${PROGRAM};`);
      expect(programs([...before, callback()], new DissectorLibrary([file]))).toEqual([['MINE', 'P']]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('LAYOUT_WCC (RFC 9766)', () => {
  const [LAYOUT_WCC, FLEX_FILES] = [77, 4];
  const stateid = words(1, 2, 3, 4);
  const attributes = bytes(words(1, 1 << 4, 8), words(0, 4096));
  const body = bytes(words(1, 1, 0, 0, 0, 9), stateid, words(1), opaque('handle'), attributes);

  test('what a client saw at a data server; an operation follows', () => {
    const operation = bytes(words(LAYOUT_WCC), stateid, words(FLEX_FILES, body.length), body);
    const [call, result] = recordsOf([
      toServer(compound([operation, words(PUTROOTFH)])),
      toClient(reply({ result: bytes(words(0), TAG, words(2, LAYOUT_WCC, 0, PUTROOTFH, 0)) })),
    ]);
    const { oplayout_wcc } = call.args.argarray[0];
    expect(oplayout_wcc.lowa_type).toBe('LAYOUT4_FLEX_FILES');
    expect(oplayout_wcc.lowa_body.fflw_mirrors[0].ffmw_data_servers[0]).toMatchObject({
      ffdsw_fh_vers: [Buffer.from('handle').toString('hex')],
      ffdsw_attributes: { attrmask: ['size'], attr_vals: { size: 4096 } },
    });
    expect(call.summary).toBe('LAYOUT_WCC LAYOUT4_FLEX_FILES 1 mirror 0x6a16 (PUTROOTFH)');
    expect(result.result.resarray[1]).toEqual({ resop: 'OP_PUTROOTFH', opputrootfh: { status: 'NFS4_OK' } });
    expect([call.notes, call.malformed, call.undecoded]).toEqual([undefined, undefined, undefined]);
  });
});

describe('attributes of drafts that Linux sends', () => {
  test('POSIX ACLs and what must not be cached; an operation follows', () => {
    const third = [87, 89, 90, 91, 92].reduce((word, number) => word | (1 << (number - 64)), 0);
    const values = bytes(
      words(1, 2, 2, 1, 1, 7),
      opaque(''),
      words(2, 2, 5),
      opaque('ada@example.org'),
      words(6, 4),
      opaque('EVERYONE@'),
    );
    const attributes = bytes(words(3, 0, 0, third), opaque(values));
    const result = bytes(words(0), TAG, words(2, GETATTR, 0), attributes, words(PUTROOTFH, 0));
    const [, record] = recordsOf([toServer(compound([getattr(2)])), toClient(reply({ result }))]);
    const { attrmask, attr_vals } = record.result.resarray[0].opgetattr.resok4.obj_attributes;
    expect(attr_vals).toEqual({
      uncacheable_file_data: true,
      acl_trueform: 'ACL_MODEL_POSIX_DRAFT',
      acl_trueform_scope: 'ACL_SCOPE_FILE_SYSTEM',
      posix_default_acl: [{ tag: 'POSIXACE4_TAG_USER_OBJ', perm: 7, who: '' }],
      posix_access_acl: [
        { tag: 'POSIXACE4_TAG_USER', perm: 5, who: 'ada@example.org' },
        { tag: 'POSIXACE4_TAG_OTHER', perm: 4, who: 'EVERYONE@' },
      ],
    });
    expect(attrmask).toEqual(Object.keys(attr_vals));
    expect(record.result.resarray[1]).toEqual({ resop: 'OP_PUTROOTFH', opputrootfh: { status: 'NFS4_OK' } });
    expect([record.notes, record.malformed]).toEqual([undefined, undefined]);
  });
});

describe('a compound that a snaplen cut', () => {
  const lookup = bytes(words(LOOKUP), opaque('name'));
  const whole = toServer(compound([words(PUTROOTFH), lookup, getattr(2)]));
  const answer = (status: number) =>
    toClient(reply({ result: bytes(words(status), TAG, words(3, PUTROOTFH, 0, LOOKUP, status, GETATTR, status)) }));

  test.each([
    ['behind the operation that matters', 8, 'LOOKUP'],
    ['within it', 20, 'LOOKUP'],
    ['before it', 24, undefined],
  ])('%s', (_, missing, operation) => {
    const packets = [cut(whole, whole.length - missing)];
    expect(recordsOf(packets)[0].operation).toBe(operation);
    expect(statisticsOfPackets(packets).rows.map(({ key }) => [key.procedure, key.operation])).toEqual([
      ['COMPOUND', operation],
    ]);
  });

  test.each([
    ['that succeeded', 0, 8, 'LOOKUP'],
    ['that failed: the last operation is missing', 2, 8, undefined],
  ])('a reply %s', (_, status, missing, operation) => {
    const packet = answer(status);
    const [, record] = recordsOf([whole, cut(packet, packet.length - missing)]);
    expect([record.truncated === undefined, record.operation, record.failed_operation]).toEqual([
      false,
      operation,
      undefined,
    ]);
  });
});

describe('what nobody defined', () => {
  test('an operation: the ones before it stay, the rest is undecoded', () => {
    const [record] = recordsOf([toServer(compound([words(PUTROOTFH), getattr(2), words(99, 1, 2), words(PUTROOTFH)]))]);
    expect(record.args.argarray).toEqual([
      { argop: 'OP_PUTROOTFH' },
      { argop: 'OP_GETATTR', opgetattr: { attr_request: ['type'] } },
      { argop: '99' },
    ]);
    expect(record.undecoded).toEqual({
      reason: 'unknown_operation',
      operation: 99,
      index: 2,
      length: 16,
      data: '00000063000000010000000200000018',
    });
    expect(record.malformed).toBeUndefined();
    expect(record.operations.map(({ op }: { op: string }) => op)).toEqual(['PUTROOTFH', 'GETATTR', '99']);
  });

  test('an operation of a reply', () => {
    const result = bytes(words(0), TAG, words(2, PUTROOTFH, 0, 4711, 0));
    const [, record] = recordsOf([toServer(compound([words(PUTROOTFH)])), toClient(reply({ result }))]);
    expect(record.undecoded).toMatchObject({ operation: 4711, index: 1, length: 8 });
    expect(record.result.resarray[0]).toEqual({ resop: 'OP_PUTROOTFH', opputrootfh: { status: 'NFS4_OK' } });
  });

  test('an attribute: its own list ends there, the operations go on', () => {
    // type, and bit 100.
    const attributes = bytes(words(4, 2, 0, 0, 1 << 4), opaque(words(1, 0xabcdef01)));
    const result = bytes(words(0), TAG, words(2, GETATTR, 0), attributes, words(PUTROOTFH, 0));
    const [, record] = recordsOf([toServer(compound([getattr(2, 0, 0, 16)])), toClient(reply({ result }))]);
    const [first, second] = record.result.resarray;
    expect(first.opgetattr.resok4.obj_attributes).toEqual({
      attrmask: ['type', '100'],
      attr_vals: { type: 'NF4REG', 100: 'abcdef01' },
    });
    expect(second).toEqual({ resop: 'OP_PUTROOTFH', opputrootfh: { status: 'NFS4_OK' } });
    expect(record.malformed).toBeUndefined();
  });
});

describe('lies: the fields before the fault, and the next message', () => {
  test.each([
    ['2^32-1 operations', compound([words(PUTROOTFH)], 0xffffffff), 'args.argarray', 1],
    [
      'a bitmap of 2^32-1 words',
      compound([words(PUTROOTFH), words(GETATTR, 0xffffffff, 1)]),
      'args.argarray[1].opgetattr.attr_request',
      2,
    ],
    ['a tag of 2^31 bytes', call({ version: 4, procedure: 1, args: words(0x80000000, 2, 0) }), 'args.tag', 0],
    [
      'an attribute list that is too long',
      compound([words(PUTROOTFH), words(34, 0, 0, 0, 0, 1, 2, 400, 1)]),
      'args.argarray[1].opsetattr.obj_attributes.attr_vals',
      2,
    ],
    [
      'an attribute list of no bytes, with a value behind it',
      compound([bytes(words(34, 0, 0, 0, 0, 1, 2), opaque(Buffer.alloc(0)), words(7))]),
      undefined,
      1,
      ['args: 4 bytes follow the last field'],
    ],
  ] as [string, Buffer, string | undefined, number, string[]?][])('%s', (_, message, field, kept, notes) => {
    const [record, next] = recordsOf([toServer(message), toServer(compound([words(PUTROOTFH)], 1, 9))]);
    expect([record.malformed?.field, record.notes]).toEqual([field, notes]);
    expect((record.args?.argarray ?? []).length).toBe(kept);
    expect(next).toMatchObject({ xid: 9, operation: 'PUTROOTFH' });
  });
});

describe('large ones stay one line', () => {
  test('a compound of 64 operations', () => {
    const operations = [words(SEQUENCE, 0, 0, 0, 0, 1, 0, 0, 0), ...new Array(63).fill(getattr(2))];
    const [record] = recordsOf([toServer(compound(operations))]);
    expect(record.operations).toHaveLength(64);
    expect(record.args.argarray).toHaveLength(64);
    expect(record.summary).toMatch(/^GETATTR type \(SEQUENCE, .* 63 in all\)$/);
    expect(record.summary.length).toBeLessThan(200);
  });

  test('a READDIR of 10,000 entries', () => {
    const entry = (i: number) => bytes(words(1, 0, i + 3), opaque(`file-${i}`), words(1, 2), opaque(words(1)));
    const entries = Array.from({ length: 10_000 }, (_, i) => entry(i));
    const result = bytes(words(0), TAG, words(1, 26, 0, 0, 0), ...entries, words(0, 1));
    const asked = compound([words(26, 0, 0, 0, 0, 8192, 65536, 1, 2)]);
    const [, record] = recordsOf([...stream(client, server, asked), ...stream(server, client, reply({ result }))]);
    expect(record.result.resarray[0].opreaddir.resok4.reply.entries).toHaveLength(10_000);
    expect(record.summary).toMatch(/10000/);
    expect(record.summary.length).toBeLessThan(200);
  });
});

/** A message as one record, in segments. */
function stream(from: Host, to: Host, message: Uint8Array): Buffer[] {
  const data = record(message);
  const segments: Buffer[] = [tcp(from, to, Buffer.alloc(0), { flags: SYN, sequence: 0xffffffff })];
  for (let at = 0; at < data.length; at += SEGMENT) {
    segments.push(tcp(from, to, data.subarray(at, at + SEGMENT), { sequence: at }));
  }
  return segments;
}

describe('more than anybody sends', () => {
  const [GETFH, LOOKUP] = [10, 15];
  const MOST_OPERATIONS = 1024;
  const named = (operations: number) =>
    compound([...Array(operations - 1).fill(words(GETFH)), bytes(words(LOOKUP), opaque('a'))]);

  test('1024 operations are all looked at', () => {
    const [asked] = recordsOf([toServer(named(MOST_OPERATIONS))]);
    expect(asked).toMatchObject({ operation: 'LOOKUP' });
    expect(asked.notes).toBeUndefined();
  });

  test('of more operations, none is said to be the one that matters', () => {
    const [asked] = recordsOf([toServer(named(MOST_OPERATIONS + 1))]);
    expect(asked.operation).toBeUndefined();
    expect(asked.operations).toHaveLength(MOST_OPERATIONS);
    expect(asked.args.argarray).toHaveLength(MOST_OPERATIONS + 1);
    expect(asked.notes).toEqual(['the operations beyond the first 1024 were not looked at']);
  });

  test('a bitmap of 32 words', () => {
    const [asked] = recordsOf([toServer(compound([getattr(...Array(31).fill(0), 1)]))]);
    expect(asked.args.argarray[0].opgetattr.attr_request).toEqual(['992']);
  });

  test('a longer bitmap is malformed', () => {
    const [asked] = recordsOf([toServer(compound([getattr(...Array(32).fill(0), 1)]))]);
    expect(asked.malformed).toMatchObject({
      field: 'args.argarray[0].opgetattr.attr_request',
      reason: 'its count 33 is more than the 32 words of any known bitmap',
    });
  });
});
