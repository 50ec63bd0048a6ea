/** Replays by session, slot and sequence number: what is one, and what only looks like it. */
import { describe, expect, test } from 'vitest';
import { exchangesOf } from '../helpers/exchanges.js';
import { recordsOf } from '../helpers/inspect.js';
import { compound, compoundReply, sequence, sequenceReply } from '../helpers/nfs4.js';
import { client, server, udp } from '../helpers/packets.js';
import { call } from '../helpers/rpc-writer.js';

const asked = (xid: number, ...of: Parameters<typeof sequence>) => udp(client, server, compound(xid, sequence(...of)));
const answered = (xid: number) => udp(server, client, compoundReply(xid, 0, sequenceReply(7, 1)));
const refused = (xid: number, status: number) =>
  udp(server, client, compoundReply(xid, status, new Uint8Array([0, 0, 0, 53, 0, 0, status >> 8, status & 255])));
const DELAY = 10008;

/** A call that belongs to no session. */
const other = (xid: number) => udp(client, server, call({ xid }));

describe('what a call repeats', () => {
  test.each<[string, Buffer[], (number | null)[]]>([
    ['the same with another xid', [asked(1, 7, 1), asked(2, 7, 1)], [null, 1]],
    ['also after its reply', [asked(1, 7, 1), answered(1), asked(2, 7, 1)], [null, 1]],
    ['twice', [asked(1, 7, 1), asked(2, 7, 1), asked(3, 7, 1)], [null, 1, 1]],
    ['the next number', [asked(1, 7, 1), asked(2, 7, 2)], [null, null]],
    ['another slot', [asked(1, 7, 1, 0), asked(2, 7, 1, 1)], [null, null]],
    ['another session', [asked(1, 7, 1), asked(2, 8, 1)], [null, null]],
    ['a resend: that is said already', [asked(1, 7, 1), asked(1, 7, 1)], [null, null]],
    ['what SEQUENCE refused counts not', [asked(1, 7, 1), refused(1, DELAY), asked(2, 7, 1)], [null, null]],
    ['a number that comes back later', [asked(1, 7, 1), asked(2, 7, 2), asked(3, 7, 1)], [null, null, null]],
  ])('%s', (_, packets, expected) => {
    const calls = recordsOf(packets).filter(({ type }) => type === 'call');
    expect(calls.map(({ related }) => related?.[0].frame ?? null)).toEqual(expected);
  });

  // Two exchanges are known at a time: the third takes the number of the first.
  test.each<[string, Buffer[], (number | null)[]]>([
    [
      'a slot is not forgotten with one whose exchange had the same number',
      [asked(1, 7, 1), other(2), asked(3, 8, 1), asked(4, 7, 2), refused(3, DELAY), asked(5, 8, 1)],
      [null, null, null, null, null],
    ],
    [
      'what was refused is not the request of an older exchange of the same number',
      [asked(1, 7, 1), asked(2, 8, 1), asked(3, 8, 1), refused(3, DELAY), asked(4, 7, 1)],
      [null, null, 2, 1],
    ],
  ])('%s', (_, packets, expected) => {
    const calls = recordsOf(packets, undefined, false, 2).filter(({ type }) => type === 'call');
    expect(calls.map(({ related }) => related?.[0].frame ?? null)).toEqual(expected);
  });

  test('the record of the exchange says it too', () => {
    const [, second] = exchangesOf([asked(1, 7, 1), answered(1), asked(2, 7, 1), answered(2)]);
    expect(second.call.related).toEqual([{ kind: 'replay', frame: 1 }]);
  });
});
