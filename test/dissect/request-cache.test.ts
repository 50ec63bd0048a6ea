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
