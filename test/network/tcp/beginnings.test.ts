/** Where a connection begins, and its directions, with and without their SYNs. */
import { describe, expect, test } from 'vitest';
import { GAP_GRACE_PACKETS, MAX_SEQUENCE_JUMP, ONE_SIDED_GRACE_PACKETS } from '../../../src/limits/network.js';
import { ACK, client, FIN, SYN, server, tcp } from '../../helpers/packets.js';
import { c, ISN, later, logOf, none, open, type Packet, PEER, s, sum, text } from '../../helpers/segments.js';
import { keepAll } from '../../helpers/streams.js';

describe('beginnings', () => {
  const syn = (data: string, flags = SYN) => tcp(client, server, text(data), { sequence: ISN, flags });
  const [, answer] = open();
  const cases: [name: string, packets: Packet[], log: string][] = [
    ['data on the SYN (RFC 7413)', [syn('abc'), s(-1, none, 3, SYN | ACK), c(3, 'def')], 'begin abc <begin> def'],
    [
      'data on the SYN that is not taken',
      [syn('abc'), answer, c(0, 'abc'), c(3, 'def')],
      'begin abc <begin> again def',
    ],
    [
      'the SYN without its data, sent again',
      [syn('abc'), syn(''), answer, c(0, 'abcdef')],
      'begin abc <begin> again def',
    ],
    ['data on the SYN, behind what follows it', [c(3, 'def'), syn('abc')], 'begin abc def'],
    [
      'both open at once',
      [
        syn(''),
        tcp(server, client, none, { sequence: PEER, flags: SYN }),
        c(-1, none, SYN | ACK),
        s(-1, none, 0, SYN | ACK),
        c(0, 'abc'),
      ],
      'begin <begin> abc',
    ],
    ['a SYN alone', [syn('')], 'begin'],
  ];
  test.each(cases)('%s', (_, packets, log) => {
    expect(logOf(packets)).toEqual([`${log} end input_end`]);
  });

  test('only the FINs of a connection: it is closed', () => {
    expect(logOf([c(0, none, FIN | ACK), s(0, none, 1, FIN | ACK)])).toEqual(['end closed']);
  });
});

describe('without the beginning', () => {
  const first = (at: number, data: string | Uint8Array, acknowledged = 51) =>
    c(at, data, ACK, ISN, PEER + acknowledged);
  const cases: [name: string, packets: Packet[], log: string][] = [
    [
      'mid-stream: the peer has more than the first segment',
      [first(0, 'abc'), s(50, none, 3), first(3, 'def')],
      'join abc def',
    ],
    [
      'mid-stream: the peer was just there',
      [s(50, none, 0), first(0, 'abc'), s(50, 'xyz', 3)],
      '<join> <abc> join xyz',
    ],
    ['mid-stream: the sender was just there', [first(0, none), first(0, 'abc'), first(3, 'def')], 'join abc def'],
    [
      'mid-stream, the first swapped, then a reply',
      [c(3, 'def'), c(0, 'abc'), s(0, 'xyz', 6)],
      'join abc def <join> <xyz>',
    ],
    [
      'mid-stream, three segments reversed',
      [c(6, 'ghi'), c(3, 'def'), c(0, 'abc'), s(0, 'xyz', 9)],
      'join abc def ghi <join> <xyz>',
    ],
    [
      'mid-stream, the second comes two late',
      [c(3, 'def'), c(6, 'ghi'), c(0, 'abc'), s(0, 'x', 9)],
      'join abc def ghi <join> <x>',
    ],
    [
      'mid-stream, a late copy of what was before',
      [first(3, 'def'), s(50, 'x', 6), first(0, 'abc')],
      'join def <join> <x> again',
    ],
    [
      'mid-stream, a gap behind the first',
      [first(0, 'abc'), s(50, none, 3), first(6, 'ghi'), first(3, 'def')],
      'join abc def ghi',
    ],
    [
      'mid-stream, both directions swapped',
      [s(3, 'vw', 0), s(0, 'xyz', 0), c(3, 'def'), c(0, 'abc', ACK, ISN, PEER + 6)],
      'join xyz vw <join> <abc> <def>',
    ],
    [
      'mid-stream, nobody acknowledges: the grace in packets',
      [c(0, 'abc'), ...new Array<Uint8Array>(GAP_GRACE_PACKETS + 1).fill(c(0, none)), c(3, 'def')],
      'join abc def',
    ],
    [
      'mid-stream, nobody acknowledges: the grace in time',
      [later(c(0, 'abc'), 10), later(c(3, 'def'), 20)],
      'join abc def',
    ],
    [
      'mid-stream, a stray segment first',
      [c(0x60000000, 'stray'), c(0, 'abc'), c(3, 'def'), c(6, 'ghi')],
      `join stray skip ${MAX_SEQUENCE_JUMP} abc def ghi`,
    ],
    [
      'the SYN behind all that it began',
      [c(0, none), open()[1], c(0, 'abc'), c(3, 'def'), open()[0], s(0, 'xyz', 6)],
      '<begin> join abc def <xyz>',
    ],
    ['the SYN swapped with the first data', [c(0, 'abc'), open()[0], c(3, 'def')], 'begin abc <begin> def'],
    ['the answer to the SYN comes after the first data', [c(0, 'abc'), open()[1], c(3, 'def')], '<begin> join abc def'],
    ['mid-stream', [c(100, 'abc', ACK, ISN, PEER + 51), s(50, 'xyz', 103), c(103, 'def')], 'join abc <join> <xyz> def'],
    ['mid-stream, segments swapped at once', [c(103, 'def'), c(100, 'abc'), c(106, 'g')], 'join abc def g'],
    ['the SYN alone was lost', [open()[1], c(0, 'abc'), s(0, 'xyz', 3)], 'begin <begin> <abc> xyz'],
    ['the answer to the SYN was lost', [open()[0], c(0, 'abc'), s(0, 'xyz', 3)], 'begin <begin> abc <xyz>'],
    ['one side only: in order', [open()[0], c(0, 'abc'), c(3, 'def')], 'begin <begin> abc def'],
    ['one side only: swapped', [open()[0], c(3, 'def'), c(0, 'abc')], 'begin <begin> abc def'],
  ];
  test.each(cases)('%s', (_, packets, log) => {
    expect(logOf(packets)).toEqual([`${log} end input_end`]);
  });

  test('one side only: a hole after a window of segments', () => {
    const segments = Array.from({ length: ONE_SIDED_GRACE_PACKETS + 2 }, (_, i) => c(2 + i, 'x'));
    const { streams } = keepAll([open()[0], c(0, 'a'), ...segments, c(2 + segments.length, 'end')]);
    const run = streams[0].runs[0];
    expect(run.slice(0, 3)).toEqual([Buffer.from('a'), 1, Buffer.from('x')]);
    expect(sum(run)).toBe(2 + segments.length + 3);
  });
});
