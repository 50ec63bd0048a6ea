/** Segments far from the numbers of their connection: strays, and connections with the same ports whose SYN was missed. */
import { describe, expect, test } from 'vitest';
import { GAP_GRACE_PACKETS, GAP_GRACE_SECONDS, MAX_SEQUENCE_JUMP } from '../../../src/limits/network.js';
import { ACK, client, cut, FIN, RST, server, tcp } from '../../helpers/packets.js';
import {
  at,
  begun,
  c,
  ISN,
  idle,
  later,
  logOf,
  none,
  open,
  PEER,
  s,
  text,
  waitingBytes,
  word,
} from '../../helpers/segments.js';
import { keepAll } from '../../helpers/streams.js';

describe('far jumps', () => {
  const far = MAX_SEQUENCE_JUMP + 500;
  test('one stray segment is not believed', () => {
    expect(logOf([...open(), c(0, 'abc'), c(far, 'stray'), c(3, 'def')])).toEqual([`${begun} abc def end input_end`]);
  });
  test('nor one that acknowledges missing bytes', () => {
    const acknowledging = (at: number, data: string | Uint8Array) => c(at, data, ACK, ISN, PEER + 7);
    const missing = [c(0, 'abc'), s(3, 'uvw', 3), acknowledging(3, none)];
    expect(
      logOf([...open(), ...missing, acknowledging(far, 'stray'), s(0, 'xyz', 3), acknowledging(3, 'def')]),
    ).toEqual([`${begun} abc <xyz> <uvw> def end input_end`]);
  });
  test('nor an acknowledgement', () => {
    expect(logOf([...open(), c(0, 'abc'), ...idle(GAP_GRACE_PACKETS * 2, far), c(3, 'def')])).toEqual([
      `${begun} abc def end input_end`,
    ]);
  });
  test('two that follow each other are', () => {
    const [log] = logOf([...open(), c(0, 'abc'), c(far, 'ghi'), c(far + 3, 'jkl'), c(far + 6, 'mno')]);
    expect(log).toBe(`${begun} abc skip ${MAX_SEQUENCE_JUMP} ghi jkl mno end input_end`);
  });
  test('one that the peer answers is', () => {
    expect(logOf([...open(), c(0, 'abc'), c(far, 'ghi'), s(0, 'xyz', far + 3)])).toEqual([
      `${begun} abc skip ${MAX_SEQUENCE_JUMP} ghi <xyz> end input_end`,
    ]);
    expect(logOf([...open(), c(0, 'abc'), c(far, 'ghi'), s(0, 'xyz', far + 2)])).toEqual([
      `${begun} abc <xyz> end input_end`,
    ]);
  });
  test('one that was cut, and the next', () => {
    const [log] = logOf([...open(), c(0, 'abc'), cut(c(far, 'ghi'), 41), c(far + 3, 'jkl')]);
    expect(log).toBe(`${begun} abc skip ${MAX_SEQUENCE_JUMP} g skip 2 jkl end input_end`);
  });
  test('two that follow each other, while the others go on, are of somebody else', () => {
    const [log] = logOf([...open(), c(0, 'abc'), c(far, 'ghi'), c(3, 'def'), c(far + 3, 'jkl'), c(6, 'ghi')]);
    expect(log).toBe(`${begun} abc def ghi end input_end`);
  });
  test('nor is believed what somebody out of the window acknowledges', () => {
    const stray = new Array<Uint8Array>(GAP_GRACE_PACKETS * 2).fill(s(far, none, 500));
    expect(logOf([...open(), c(0, 'abc'), s(0, 'xyz', 3), ...stray, c(3, 'def')])).toEqual([
      `${begun} abc <xyz> def end input_end`,
    ]);
  });
  test('they wait within the bound of all that waits', () => {
    const { network } = keepAll([...open(), c(0, 'abc'), c(far, 'ghi'), c(far + 9, 'ghi')]);
    expect(waitingBytes(network)).toBe(0);
  });
});

/** The ports are used again, and the new SYNs were not captured: numbers begin anywhere, but for some time ahead. */
describe('another connection without its beginning', () => {
  const jump = `skip ${MAX_SEQUENCE_JUMP}`;
  const bothJump = `${jump} aaa <${jump}> <bbb> ccc <ddd>`;
  const cases: [name: string, clientMoved: number, serverMoved: number, log: string][] = [
    ['far ahead', 0x60000000, 0x60000000, bothJump],
    ['far behind', -0x60000000, -0x60000000, bothJump],
    ['behind, where no copy can be', -500_000_000, -500_000_000, bothJump],
    ['ahead', 500_000_000, 500_000_000, 'skip 499999997 <skip 499999997> aaa <bbb> ccc <ddd>'],
    ['behind as a copy, but for what it acknowledges', -100_000_000, 0x60000000, bothJump],
    ['behind as a copy, and far behind', -100_000_000, -500_000_000, bothJump],
    ['far, and behind as a copy', 0x60000000, -100_000_000, bothJump],
    ['far behind, and behind as a copy', -500_000_000, -100_000_000, bothJump],
    ['ahead, and behind as a copy', 500_000_000, -100_000_000, `skip 499999997 aaa <${jump}> <bbb> ccc <ddd>`],
  ];
  const calls = (clientMoved: number, serverMoved: number) => {
    const call = (at: number, data: string) => c(at, data, ACK, ISN + clientMoved, PEER + serverMoved + 1 + at);
    const reply = (at: number, data: string) =>
      tcp(server, client, text(data), {
        sequence: word(PEER + serverMoved + 1 + at),
        acknowledgement: word(ISN + clientMoved + 1 + at + 3),
      });
    return [call(0, 'aaa'), reply(0, 'bbb'), call(3, 'ccc'), reply(3, 'ddd')];
  };
  test.each(cases)('%s', (_, clientMoved, serverMoved, log) => {
    const moved = calls(clientMoved, serverMoved).map((packet) => later(packet, GAP_GRACE_SECONDS + 1));
    expect(logOf([...open(), c(0, 'abc'), s(0, 'xyz', 3), ...moved])).toEqual([
      `${begun} abc <xyz> ${log} end input_end`,
    ]);
  });
  test.each(cases)('%s, after the end', (_, clientMoved, serverMoved) => {
    const ended = [c(0, 'abc', FIN | ACK), s(0, 'xyz', 4, FIN | ACK)];
    expect(logOf([...open(), ...ended, ...calls(clientMoved, serverMoved)])).toEqual([
      `${begun} abc <xyz> end closed`,
      'join aaa <join> <bbb> ccc <ddd> end input_end',
    ]);
  });
});

describe('a FIN that was sent on the old connection ends nothing of the new one', () => {
  const last = [c(3, none, FIN | ACK), s(0, 'xyz', 4), s(3, none, 4, FIN | ACK)];
  test.each([
    ['behind', -700_000_000],
    ['close behind', -3000],
    ['far', 2_000_000_000],
  ])('%s', (_, place) => {
    const stale = s(place, none, place, FIN | ACK);
    const [syn, answer] = open();
    expect(logOf([syn, stale, answer, c(0, 'abc'), ...last])).toEqual([`${begun} abc <xyz> end closed`]);
    expect(logOf([syn, answer, c(0, 'abc'), stale, ...last])).toEqual([`${begun} abc <xyz> end closed`]);
  });
});

// By then the numbers of its bytes lie before those of its SYNs, modulo 2^32.
test.each([
  ['within the grace of segments on their way', 0],
  ['and the clock was set back', 900],
])('behind 2 GiB, a segment that overtook another is of the connection: %s', (_, opened) => {
  const GiB = 2 ** 30;
  const acknowledged = [GiB, 2 * GiB - 1, 2 * GiB + 1000];
  const missing = acknowledged.flatMap((end) => idle(GAP_GRACE_PACKETS + 2, end));
  const overtaking = [c(2 * GiB + 1003, 'efg'), c(2 * GiB + 1000, 'bcd'), s(0, 'xyz', 2 * GiB + 1006)];
  const packets = [...at(open(), opened), c(0, 'a'), ...missing, ...overtaking];
  expect(logOf(packets)).toEqual([`${begun} a skip ${GiB - 1} skip ${GiB - 1} skip 1001 bcd efg <xyz> end input_end`]);
});

test('what a server still says on the old connection (RFC 5961 §4) does not count for the new one', () => {
  const old = 600_000_000;
  const challenge = s(old, none, old);
  const rest = [c(0, 'abc'), s(0, 'xyz', 3), ...idle(GAP_GRACE_PACKETS * 2, 3), c(3, 'def')];
  expect(logOf([open()[0], challenge, c(old, none, RST), ...open(), ...rest])).toEqual([
    `${begun} abc <xyz> def end input_end`,
  ]);
});
