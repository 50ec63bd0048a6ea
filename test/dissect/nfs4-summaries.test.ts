/** Lines of NFSv4 compounds: which operations they show, what each shows of its values, and the files that it works on. */
import { describe, expect, test } from 'vitest';
import { bytes } from '../helpers/capture-writer.js';
import { recordsOf } from '../helpers/inspect.js';
import { callback, compound, compoundReply, sequenceReply, stateid } from '../helpers/nfs4.js';
import { client, server, udp } from '../helpers/packets.js';
import { opaque, words } from '../helpers/rpc-writer.js';

const toServer = (message: Uint8Array) => udp(client, server, message);
const toClient = (message: Uint8Array) => udp(server, client, message);

const [PUTROOTFH, GETATTR, LOOKUP] = [24, 9, 15];
const getattr = (...bitmap: number[]) => words(GETATTR, bitmap.length, ...bitmap);

describe('summaries of compounds', () => {
  const [PUTFH, READLINK, OPEN, LOOKUPP, WRITE, CLOSE, SETATTR] = [22, 27, 18, 16, 38, 4, 34];
  const [SAVEFH, RESTOREFH, RENAME, VERIFY, LAYOUTRETURN] = [32, 31, 29, 37, 51];
  const handle = (name: string) => bytes(words(PUTFH), opaque(name));
  const lookup = (name: string) => bytes(words(LOOKUP), opaque(name));
  const anonymous = words(0, 0, 0, 0);
  const open = (name: string) => bytes(words(OPEN, 0, 1, 0, 0, 0), opaque('me'), words(0, 0), opaque(name));
  const write = (offset: number) => bytes(words(WRITE), anonymous, words(0, offset, 2), opaque('x'));
  const close = bytes(words(CLOSE, 0), anonymous);
  const acl = bytes(words(1, 0, 0, 0x1f01ff), opaque('EVERYONE@'));
  const sacl = bytes(words(2), acl);
  const mdsthreshold = bytes(words(1, 4, 1, 1), opaque(words(0, 4096)));
  const retention = words(0, 3600, 1, 0, 1_700_000_000, 0);
  const deviceError = words(1, 2, 3, 4, 5, 25);
  const flexErrors = bytes(words(1, 0, 0, 0, 4096), anonymous, words(1), deviceError, words(0));
  const objectErrors = bytes(words(2), ...[1, 6].map((error) => bytes(Buffer.alloc(48), words(1, error))));
  const layoutreturn = (type: number, body: Uint8Array) =>
    bytes(words(LAYOUTRETURN, 0, type, 3, 1, 0, 0, -1, -1), anonymous, opaque(body));
  const setAcl = bytes(words(SETATTR), anonymous, words(1, 1 << 12), opaque(acl));

  test.each<[name: string, operations: Uint8Array[], summary: string]>([
    ['one that matters', [words(PUTROOTFH), lookup('a'), getattr(2)], 'LOOKUP /a (PUTROOTFH, GETATTR)'],
    [
      'several names: each begins where the one before led to',
      [words(PUTROOTFH), lookup('a'), lookup('b'), getattr(2), open('c')],
      'LOOKUP /a | LOOKUP b | OPEN c READ (PUTROOTFH, GETATTR)',
    ],
    ['one without values among them', [lookup('a'), words(LOOKUPP), words(READLINK)], 'LOOKUP /a | LOOKUPP | READLINK'],
    [
      'on other files',
      [handle('first'), lookup('a'), handle('second'), lookup('b'), handle('third'), write(7)],
      'LOOKUP 0x9271ee57/a | LOOKUP 0xb61f1169/b | WRITE 0x24322064 offset 7 count 1 FILE_SYNC4 anonymous (PUTFH, PUTFH, PUTFH)',
    ],
    [
      'on the file that was saved',
      [handle('first'), words(SAVEFH), lookup('a'), words(RESTOREFH), open('b')],
      'LOOKUP 0x9271ee57/a | OPEN 0x9271ee57/b READ (PUTFH, SAVEFH, RESTOREFH)',
    ],
    [
      'on a saved file that only names led to',
      [handle('first'), lookup('a'), words(SAVEFH), lookup('b'), bytes(words(RENAME), opaque('old'), opaque('new'))],
      'LOOKUP 0x9271ee57/a | LOOKUP b | RENAME old → new (PUTFH, SAVEFH)',
    ],
    ['an access control list', [handle('first'), setAcl], 'SETATTR 0x9271ee57 acl 1 entry anonymous (PUTFH)'],
    [
      'a layout of flexible files, returned with what went wrong',
      [layoutreturn(4, flexErrors)],
      'LAYOUTRETURN LAYOUT4_FLEX_FILES LAYOUTIOMODE4_ANY LAYOUTRETURN4_FILE offset 0 1 error anonymous',
    ],
    [
      'one of objects',
      [layoutreturn(2, objectErrors)],
      'LAYOUTRETURN LAYOUT4_OSD2_OBJECTS LAYOUTIOMODE4_ANY LAYOUTRETURN4_FILE offset 0 2 errors anonymous',
    ],
    [
      'attributes with lists in them',
      [bytes(words(VERIFY, 3, 0, 1 << 27, 0b110000), opaque(bytes(sacl, mdsthreshold, retention)))],
      'VERIFY sacl PROTECTED 1 entry mdsthreshold LAYOUT4_FLEX_FILES read_size 4096 retention_get 1h from 2023-11-14T22:13:20Z',
    ],
    ['values, and no names', [handle('first'), close, close], 'CLOSE 0x9271ee57 anonymous | CLOSE anonymous (PUTFH)'],
    [
      'more than twelve: the rest by name',
      Array.from({ length: 15 }, (_, i) => lookup(String(i))),
      `LOOKUP /0${Array.from({ length: 11 }, (_, i) => ` | LOOKUP ${i + 1}`).join('')} (LOOKUP, LOOKUP, LOOKUP)`,
    ],
  ])('calls: %s', (_, operations, summary) => {
    expect(recordsOf([toServer(compound(1, ...operations))])[0].summary).toBe(summary);
  });

  const link = bytes(words(READLINK, 0), opaque('../target'));
  test.each<[name: string, status: number, results: Uint8Array[], summary: string]>([
    ['those that say their status only', 0, [words(LOOKUP, 0), words(LOOKUP, 0)], 'LOOKUP (LOOKUP)'],
    ['values behind them', 0, [words(LOOKUP, 0), words(LOOKUP, 0), link], 'LOOKUP | READLINK ../target (LOOKUP)'],
    ['one that failed', 2, [words(LOOKUP, 0), words(LOOKUP, 2)], 'LOOKUP (LOOKUP)'],
    ['a SEQUENCE with nothing to say', 0, [sequenceReply(1, 1), link], 'READLINK ../target (SEQUENCE)'],
    [
      'its status flags',
      0,
      [sequenceReply(1, 1, 0, 29, 0x81), words(PUTFH, 0), words(LOOKUP, 0)],
      'LOOKUP (SEQUENCE CB_PATH_DOWN|LEASE_MOVED, PUTFH)',
    ],
    [
      'its status flags, before one that failed',
      70,
      [sequenceReply(1, 1, 0, 29, 0x140), words(PUTFH, 70)],
      'PUTFH (SEQUENCE RECALLABLE_STATE_REVOKED|RESTART_RECLAIM_NEEDED)',
    ],
    ['its status flags alone', 0, [sequenceReply(1, 7, 2, 29, 0x2000)], 'SEQUENCE slot 2 seq 7 0x2000'],
  ])('replies: %s', (_, status, results, summary) => {
    const asked = compound(1, lookup('a'), lookup('b'), words(READLINK));
    const packets = [toServer(asked), toClient(compoundReply(1, status, ...results))];
    // Twice: what is remembered of the first is written like it.
    const replies = recordsOf([...packets, ...packets]).filter(({ type }) => type === 'reply');
    for (const reply of replies) expect(reply.summary).toBe(summary);
  });
});

test('status flags of one reply are not those of the next', () => {
  const replies = [0, 0x80, 0, 0x100].map((flags, i) =>
    toClient(compoundReply(i, 0, sequenceReply(1, i, 0, 29, flags), words(22, 0))),
  );
  const calls = replies.map((_, i) =>
    toServer(compound(i, words(53, 1, 1, 1, 1, i, 0, 0, 0), bytes(words(22), opaque('a')))),
  );
  const records = recordsOf(calls.flatMap((asked, i) => [asked, replies[i]])).filter(({ type }) => type === 'reply');
  expect(records.map(({ summary }) => summary)).toEqual([
    'PUTFH (SEQUENCE)',
    'PUTFH (SEQUENCE LEASE_MOVED)',
    'PUTFH (SEQUENCE)',
    'PUTFH (SEQUENCE RESTART_RECLAIM_NEEDED)',
  ]);
});

describe('the files that an operation works on', () => {
  const [LINK, RENAME, RESTOREFH, SAVEFH, PUTFH, COPY, CLONE] = [11, 29, 31, 32, 22, 60, 71];
  const putfh = (handle: string) => bytes(words(PUTFH), opaque(handle));
  const rename = bytes(words(RENAME), opaque('old'), opaque('new'));
  const link = bytes(words(LINK), opaque('new'));
  const [A, B] = [putfh('A'), putfh('B')];
  const [save, restore] = [words(SAVEFH), words(RESTOREFH)];
  const [whole, half] = [words(0, 0, 0, 0), words(0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff)];
  const clone = bytes(words(CLONE), whole, half, words(0, 1, 0, 2, 0, 3));
  const copy = bytes(words(COPY), whole, half, words(0, 1, 0, 2, 0, 3, 1, 1, 0));

  test.each([
    [
      'RENAME across directories',
      [A, save, B, rename],
      'RENAME 0xd3d99e8b/old → 0x4ad0cf31/new (PUTFH, SAVEFH, PUTFH)',
    ],
    ['RENAME within one', [A, save, rename], 'RENAME 0xd3d99e8b/old → 0xd3d99e8b/new (PUTFH, SAVEFH)'],
    [
      'RENAME behind RESTOREFH',
      [A, save, B, restore, rename],
      'RENAME 0xd3d99e8b/old → 0xd3d99e8b/new (PUTFH, SAVEFH, PUTFH, RESTOREFH)',
    ],
    ['RENAME of nothing saved', [B, rename], 'RENAME /old → 0x4ad0cf31/new (PUTFH)'],
    ['LINK', [A, save, B, link], 'LINK 0x4ad0cf31/new → 0xd3d99e8b (PUTFH, SAVEFH, PUTFH)'],
    ['LINK of nothing saved', [B, link], 'LINK 0x4ad0cf31/new (PUTFH)'],
    [
      'COPY',
      [A, save, B, copy],
      'COPY 0xd3d99e8b offset 1 anonymous → 0x4ad0cf31 offset 2 read bypass count 3 ca_consecutive ca_synchronous (PUTFH, SAVEFH, PUTFH)',
    ],
    [
      'CLONE',
      [A, save, B, clone],
      'CLONE 0xd3d99e8b offset 1 anonymous → 0x4ad0cf31 offset 2 read bypass count 3 (PUTFH, SAVEFH, PUTFH)',
    ],
    [
      'another operation',
      [A, save, B, restore, getattr(2)],
      'GETATTR 0xd3d99e8b type (PUTFH, SAVEFH, PUTFH, RESTOREFH)',
    ],
  ])('%s', (_, operations, summary) => {
    expect(recordsOf([toServer(compound(1, ...operations))])[0].summary).toBe(summary);
  });
});

describe('elements of lists', () => {
  const anonymous = words(0, 0, 0, 0);
  const errors = words(2, 1, 2, 3, 4, 5, 25, 1, 2, 3, 4, 10018, 38);
  const stateids = bytes(words(2), anonymous, stateid(1));
  const added = bytes(words(1, 0b1100), opaque(''));
  const flavors = bytes(words(3, 1, 390004, 6), opaque(Buffer.from('2a864886f712010202', 'hex')), words(0, 3));
  const extents = opaque(bytes(words(1), Buffer.alloc(44)));
  const layout = (iomode: number, type: number, body: Uint8Array) => bytes(words(0, 0, 0, 4096, iomode, type), body);
  const layouts = bytes(words(2), layout(2, 3, extents), layout(1, 1, opaque('')));
  const contents = bytes(words(2, 0, 0, 0), opaque('data'), words(1, 0, 4, 0, 8192));

  test.each<[name: string, message: Uint8Array, summary: string]>([
    [
      'errors of a layout',
      compound(1, bytes(words(64, 0, 0, 0, 9), anonymous, errors)),
      'LAYOUTERROR offset 0 length 9 OP_READ NFS4ERR_IO, OP_WRITE NFS4ERR_RESOURCE anonymous',
    ],
    ['stateids', compound(1, bytes(words(55), stateids)), 'TEST_STATEID anonymous, 0xfd34'],
    [
      'changes of a directory',
      callback(1, bytes(words(6), anonymous, opaque('dir'), words(1), added)),
      'CB_NOTIFY 0xbaab7a10 anonymous REMOVE_ENTRY, ADD_ENTRY',
    ],
  ])('of arguments: %s', (_, message, summary) => {
    expect(recordsOf([toServer(message)])[0].summary).toBe(summary);
  });

  test.each<[name: string, operation: Uint8Array, result: Uint8Array, summary: string]>([
    [
      'flavors',
      bytes(words(33), opaque('a')),
      bytes(words(33, 0), flavors),
      'SECINFO AUTH_SYS, RPCSEC_GSS_KRB5I, RPCSEC_GSS RPC_GSS_SVC_PRIVACY krb5',
    ],
    [
      'layouts',
      bytes(words(50, 0, 3, 2, 0, 0, 0, 1, 0, 1), anonymous, words(4096)),
      bytes(words(50, 0, 0), stateid(1), layouts),
      'LAYOUTGET LAYOUTIOMODE4_RW offset 0 length 4096 LAYOUT4_BLOCK_VOLUME 1 extent, LAYOUTIOMODE4_READ offset 0 length 4096 LAYOUT4_NFSV4_1_FILES 0xfd34',
    ],
    [
      'data and holes',
      bytes(words(68), anonymous, words(0, 0, 9000)),
      bytes(words(68, 0, 1), contents),
      'READ_PLUS data offset 0 count 4, hole offset 4 length 8192 rpr_eof',
    ],
    ['none', bytes(words(33), opaque('a')), words(33, 0, 0), 'SECINFO'],
  ])('of results: %s', (_, operation, result, summary) => {
    const packets = [toServer(compound(1, operation)), toClient(compoundReply(1, 0, result))];
    expect(recordsOf(packets)[1].summary).toBe(summary);
  });
});
