/** Duplicate request caches: what second replies show of them. */
import { expect, test } from 'vitest';
import { recordsOf } from '../helpers/inspect.js';
import { client, server, udp } from '../helpers/packets.js';
import { call, reply, words } from '../helpers/rpc-writer.js';

const REMOVE = 12;
const CREATE = 8;
const MKDIR = 9;
const GETATTR = 1;
/** Status, and wcc_data without attributes. */
const failed = (status: number) => words(status, 0, 0);
const made = words(0, 0, 0, 0, 0);
const name = words(4, 7, 1, 0x61000000);

test.each([
  ['REMOVE twice a success', REMOVE, failed(0), failed(0), 'hit'],
  ['REMOVE twice a success, of other attributes', REMOVE, failed(0), words(0, 0, 0, 0), 'hit'],
  ['REMOVE, and it is gone', REMOVE, failed(0), failed(2), 'miss'],
  ['REMOVE, and it is stale', REMOVE, failed(0), failed(70), undefined],
  ['REMOVE fails twice', REMOVE, failed(2), failed(2), undefined],
  ['MKDIR, and it exists', MKDIR, made, failed(17), 'miss'],
  ['MKDIR twice a success', MKDIR, made, made, 'hit'],
  ['CREATE, and the same bytes', CREATE, made, made, 'hit'],
  ['CREATE, which may have been done again', CREATE, made, words(0, 0, 0, 0, 0, 0), undefined],
  ['CREATE, and it exists', CREATE, made, failed(17), 'miss'],
  ['GETATTR can be done twice', GETATTR, words(70), words(70), undefined],
])('%s', (_, procedure, first, second, expected) => {
  const records = recordsOf([
    udp(client, server, call({ procedure, args: name })),
    udp(client, server, call({ procedure, args: name })),
    udp(server, client, reply({ result: first })),
    udp(server, client, reply({ result: second })),
  ]);
  expect(records[3].retransmission).toMatchObject({ kind: 'duplicate_reply', frame: 3 });
  expect(records[3].retransmission.request_cache).toBe(expected);
});

/** What cannot be done twice, as RFC 1094 §2.2 and RFC 1813 §3.3 number it, and the error of who does it again. */
test.each([
  [2, 9, 'CREATE', 17],
  [2, 10, 'REMOVE', 2],
  [2, 11, 'RENAME', 2],
  [2, 12, 'LINK', 17],
  [2, 13, 'SYMLINK', 17],
  [2, 14, 'MKDIR', 17],
  [2, 15, 'RMDIR', 2],
  [3, 8, 'CREATE', 17],
  [3, 9, 'MKDIR', 17],
  [3, 10, 'SYMLINK', 17],
  [3, 11, 'MKNOD', 17],
  [3, 12, 'REMOVE', 2],
  [3, 13, 'RMDIR', 2],
  [3, 14, 'RENAME', 2],
  [3, 15, 'LINK', 17],
])('NFSv%d procedure %d, %s: again %d is a miss, the other error shows nothing', (version, procedure, _, again) => {
  const secondOf = (status: number) => {
    const result = version === 2 ? words(0) : words(0, 0, 0, 0, 0, 0, 0);
    const failure = version === 2 ? words(status) : words(status, 0, 0, 0, 0, 0, 0);
    const records = recordsOf([
      udp(client, server, call({ version, procedure, args: name })),
      udp(client, server, call({ version, procedure, args: name })),
      udp(server, client, reply({ result })),
      udp(server, client, reply({ result: failure })),
    ]);
    return records[3].retransmission.request_cache;
  };
  expect([2, 17].map(secondOf)).toEqual([2, 17].map((status) => (status === again ? 'miss' : undefined)));
});

const asked = (xid: number) => udp(client, server, call({ xid, procedure: REMOVE, args: name }));
const answered = (xid: number, status: number) => udp(server, client, reply({ xid, result: failed(status) }));
/** The bytes of an answer from its status on. */
const RESULT = 12;

test('a first reply that was cut before its status shows nothing', () => {
  const first = answered(1, 2);
  const cut = { data: first.subarray(0, -RESULT), wireLength: first.length };
  const records = recordsOf([asked(1), asked(1), cut, answered(1, 0)]);
  expect(records[3].retransmission).toMatchObject({ kind: 'duplicate_reply' });
  expect(records[3].retransmission.request_cache).toBeUndefined();
});

test('nor does the reply to another call, whose place the call took', () => {
  const first = answered(9, 0);
  const cut = { data: first.subarray(0, -RESULT), wireLength: first.length };
  const others = [1, 2].flatMap((xid) => [asked(xid), answered(xid, 0)]);
  const records = recordsOf([...others, asked(9), asked(9), cut, answered(9, 0)], undefined, false, 2);
  expect(records.at(-1).retransmission).toMatchObject({ kind: 'duplicate_reply' });
  expect(records.at(-1).retransmission.request_cache).toBeUndefined();
});
