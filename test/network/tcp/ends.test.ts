/** Where a connection ends: FIN, RST, or another SYN for its ports; and what still comes behind that. */
import { describe, expect, test } from 'vitest';
import {
  GAP_GRACE_PACKETS,
  GAP_GRACE_SECONDS,
  MAX_SYN_SECONDS,
  MAX_WAITING_BYTES,
  RESET_GRACE_FRAMES,
} from '../../../src/limits/network.js';
import { ACK, client, FIN, RST, SYN, server, tcp } from '../../helpers/packets.js';
import {
  at,
  begun,
  c,
  ISN,
  idle,
  kept,
  later,
  logOf,
  none,
  open,
  type Packet,
  PEER,
  quiet,
  s,
  tcpOf,
  word,
} from '../../helpers/segments.js';

describe('ends', () => {
  const cases: [name: string, packets: Packet[], logs: string[]][] = [
    [
      'both sides are done',
      [c(0, 'abc'), c(3, none, FIN | ACK), s(0, none, 4, FIN | ACK), c(4, none, ACK, ISN, PEER + 2)],
      [`${begun} abc end closed`],
    ],
    ['data on the FIN', [c(0, 'abc', FIN | ACK), s(0, 'xyz', 4, FIN | ACK)], [`${begun} abc <xyz> end closed`]],
    [
      'a FIN before data that it overtook',
      [c(3, none, FIN | ACK), s(0, none, 0, FIN | ACK), c(0, 'abc')],
      [`${begun} abc end closed`],
    ],
    [
      'a FIN behind what acknowledges it',
      [c(0, 'abc'), ...idle(GAP_GRACE_PACKETS + 2, 4), s(0, none, 4, FIN | ACK), c(3, none, FIN | ACK, ISN, PEER + 2)],
      [`${begun} abc skip 1 end closed`],
    ],
    ['one side is done', [c(0, 'abc', FIN | ACK), s(0, 'xyz', 4)], [`${begun} abc <xyz> end input_end`]],
    ['reset', [c(0, 'abc'), c(3, none, RST | ACK), c(3, none, RST)], [`${begun} abc end reset`]],
    ['reset, and why', [c(0, 'abc'), c(3, 'No TCP', RST | ACK)], [`${begun} abc end reset`]],
    ['reset by the peer', [c(0, 'abc'), s(0, none, 3, RST | ACK)], [`${begun} abc end reset`]],
    [
      'the last acknowledgement of a FIN is no hole',
      [c(0, 'abc', FIN | ACK), ...idle(GAP_GRACE_PACKETS * 2, 4)],
      [`${begun} abc end input_end`],
    ],
    [
      'a new SYN takes the ports',
      [c(0, 'abc'), ...open(50_000), c(0, 'def', ACK, 50_000)],
      [`${begun} abc ending replaced end replaced`, `${begun} def end input_end`],
    ],
    [
      'bytes of the connection that had the ports before, behind the SYN and behind its answer',
      [
        c(0, 'abc'),
        open(50_000)[0],
        s(0, 'xyz', 3),
        open(50_000)[1],
        c(3, 'def'),
        s(3, 'uvw', 6),
        c(0, 'DEF', ACK, 50_000),
      ],
      [`${begun} abc ending replaced <xyz> def <uvw> end replaced`, `${begun} DEF end input_end`],
    ],
    [
      'for the grace in time; then it is over',
      [
        c(0, 'abc'),
        ...open(50_000),
        ...[c(0, 'def', ACK, 50_000), ...quiet(9)].map((packet) => later(packet, GAP_GRACE_SECONDS + 1)),
        later(c(3, 'ghi'), GAP_GRACE_SECONDS + 1),
      ],
      [`${begun} abc ending replaced end replaced`, `${begun} def again end input_end`],
    ],
    [
      'RSTs of that connection do not end the new one',
      [
        c(0, 'abc'),
        s(0, none, 3),
        ...open(50_000),
        c(0, 'def', ACK, 50_000),
        c(3, none, RST),
        s(-5000, none, 3, RST),
        ...quiet(9),
        c(3, 'ghi', ACK, 50_000),
      ],
      [`${begun} abc ending replaced end reset`, `${begun} def ghi end input_end`],
    ],
    [
      'nor does one without acknowledgement refuse its SYN',
      [c(0, 'abc'), open(50_000)[0], s(0, none, 0, RST), ...quiet(9), open(50_000)[1], c(0, 'def', ACK, 50_000)],
      [`${begun} abc ending replaced end replaced`, `${begun} def end input_end`],
    ],
    [
      'an RST before bytes that its receiver has',
      [c(0, 'abc'), s(0, none, 3), c(2, none, RST), ...quiet(9), c(3, 'def')],
      [`${begun} abc def end input_end`],
    ],
    [
      'a new SYN after the end',
      [c(0, 'abc'), c(3, none, RST), ...open(50_000), c(0, 'def', ACK, 50_000)],
      [`${begun} abc ending replaced end reset`, `${begun} def end input_end`],
    ],
    [
      'bytes far from an ended connection, without their SYN',
      [c(0, 'abc'), c(3, none, RST), c(0, 'def', ACK, 0x70000000)],
      [`${begun} abc end reset`, 'join def end input_end'],
    ],
    [
      'a copy of the last segment after the end',
      [c(0, 'abc'), c(3, none, RST), c(0, 'abc')],
      [`${begun} abc again end reset`],
    ],
    [
      'a reply that the RST overtook',
      [c(0, 'abc'), c(3, none, RST | ACK, ISN, PEER + 4), s(0, 'xyz', 3)],
      [`${begun} abc <xyz> end reset`],
    ],
    ['the last call, too', [c(3, none, RST), c(0, 'abc'), ...quiet(9)], [`${begun} abc ending reset end reset`]],
    [
      'a reply that is acknowledged and missing is waited for',
      [c(0, 'abc'), c(3, none, RST | ACK, ISN, PEER + 4), ...quiet(GAP_GRACE_PACKETS - 1), s(0, 'xyz', 3)],
      [`${begun} abc <xyz> end reset`],
    ],
    [
      'but not for ever',
      [c(0, 'abc'), c(3, none, RST | ACK, ISN, PEER + 4), ...quiet(GAP_GRACE_PACKETS + 1), s(0, 'xyz', 3)],
      [`${begun} abc <skip 3> ending reset <xyz> end reset`],
    ],
    [
      'where one side of the capture lags, in time alone',
      [
        ...[c(0, 'abc'), ...idle(GAP_GRACE_PACKETS + 2, 6), c(3, 'def'), s(0, none, 9, RST | ACK)],
        ...[...quiet(2 * GAP_GRACE_PACKETS), c(6, 'ghi')],
      ],
      [`${begun} abc skip 3 def ghi end reset`],
    ],
    [
      'behind its grace a reset connection has ended, and its bytes are listened to for the grace in time',
      [c(0, 'abc'), c(3, none, RST), ...quiet(RESET_GRACE_FRAMES + 1), s(0, 'xyz', 3), c(0, 'abc')],
      [`${begun} abc ending reset <xyz> again end reset`],
    ],
    [
      'and behind that they are of another connection',
      [
        ...[c(0, 'abc'), c(3, none, RST), ...quiet(RESET_GRACE_FRAMES + 1)],
        ...[...quiet(1), s(0, 'xyz', 3)].map((packet) => later(packet, GAP_GRACE_SECONDS + 1)),
      ],
      [`${begun} abc ending reset end reset`, '<join> <xyz> end input_end'],
    ],
    [
      'a reply that the RST overtook by far, where no connection begins',
      [...quiet(GAP_GRACE_PACKETS), c(0, 'abc'), c(3, none, RST), ...quiet(GAP_GRACE_PACKETS - 1), s(0, 'xyz', 3)],
      [`${begun} abc <xyz> end reset`],
    ],
    [
      'and behind that',
      [...quiet(GAP_GRACE_PACKETS), c(0, 'abc'), c(3, none, RST), ...quiet(GAP_GRACE_PACKETS + 1), s(0, 'xyz', 3)],
      [`${begun} abc ending reset <xyz> end reset`],
    ],
    [
      'who sends on behind its own RST was not reset',
      [c(0, 'abc'), c(3, none, RST), c(3, 'def'), ...quiet(9), s(0, 'xyz', 6)],
      [`${begun} abc def <xyz> end input_end`],
    ],
    [
      'an RST far from the window is not believed',
      [c(0, 'abc'), c(MAX_WAITING_BYTES + 9, none, RST), ...quiet(9), s(0, 'xyz', 3)],
      [`${begun} abc <xyz> end input_end`],
    ],
    [
      'a new SYN right behind the RST',
      [c(0, 'abc'), c(3, none, RST), ...open(50_000), c(0, 'def', ACK, 50_000), ...quiet(9)],
      [`${begun} abc ending replaced end reset`, `${begun} def end input_end`],
    ],
    [
      'both SYNs once more, captured elsewhere',
      [c(0, 'abc'), c(3, none, RST), ...quiet(9), ...open(), c(0, 'abc'), c(3, none, RST)],
      [`${begun} abc ending reset again end reset`],
    ],
    [
      'a SYN again behind the RST of a connection that carried nothing',
      [c(0, none, RST), ...quiet(9), ...open(), c(0, 'abc')],
      [`begin <begin> ending reset ending replaced end reset`, `${begun} abc end input_end`],
    ],
    [
      'a new SYN after both were done',
      [
        c(0, 'abc', FIN | ACK),
        s(0, none, 4, FIN | ACK),
        c(4, none, ACK, ISN, PEER + 2),
        ...open(50_000),
        c(0, 'def', ACK, 50_000),
      ],
      [`${begun} abc end closed`, `${begun} def end input_end`],
    ],
    [
      'a copy of the SYN is no new connection',
      [c(0, 'abc'), open()[0], open()[1], c(3, 'def')],
      [`${begun} abc def end input_end`],
    ],
    [
      'a copy of the answer to the SYN of the connection that had the ports before',
      [
        c(0, 'abc'),
        c(3, none, RST),
        ...open(50_000, 90_000),
        c(0, 'def', ACK, 50_000, 90_001),
        open()[1],
        open(50_000, 90_000)[1],
        c(3, 'ghi', ACK, 50_000, 90_001),
      ],
      [`${begun} abc ending replaced end reset`, `${begun} def ghi end input_end`],
    ],
    [
      'the same behind the end',
      [
        c(0, 'abc'),
        c(3, none, RST),
        ...open(50_000, 90_000),
        c(0, 'def', ACK, 50_000, 90_001),
        c(3, none, RST, 50_000),
        ...quiet(9),
        open()[1],
      ],
      [`${begun} abc ending replaced end reset`, `${begun} def ending reset end reset`],
    ],
    [
      'the same SYN as late as one is sent again',
      [c(0, 'abc'), ...at(open(), MAX_SYN_SECONDS), ...at([c(0, 'abc'), c(3, 'def')], MAX_SYN_SECONDS)],
      [`${begun} abc again def end input_end`],
    ],
    [
      'recorded traffic that is sent again later',
      [c(0, 'abc'), ...at(open(), MAX_SYN_SECONDS + 1), ...at([c(0, 'abc'), c(3, 'def')], MAX_SYN_SECONDS + 1)],
      [`${begun} abc ending replaced end replaced`, `${begun} abc def end input_end`],
    ],
    [
      'the same, of a connection that has ended',
      [c(0, 'abc', FIN | ACK), s(0, none, 4, FIN | ACK), ...at([...open(), c(0, 'abc')], MAX_SYN_SECONDS + 1)],
      [`${begun} abc end closed`, `${begun} abc end input_end`],
    ],
    [
      'the same, of a connection that was reset',
      [c(0, 'abc'), c(3, none, RST), ...quiet(9), ...at([...open(), c(0, 'abc')], MAX_SYN_SECONDS + 1)],
      [`${begun} abc ending reset end reset`, `${begun} abc end input_end`],
    ],
    ['what waits is handed on before the end', [c(3, 'def'), c(6, none, RST)], [`${begun} skip 3 def end reset`]],
  ];
  test.each(cases)('%s', (_, packets, logs) => {
    const ofConnection = logOf([...open(), ...packets]).filter((log) => log !== 'end input_end');
    expect(ofConnection).toEqual(logs);
  });
});

describe('connections that were reset are listened to', () => {
  test('once each, however many RSTs with data come', () => {
    const resets = Array.from({ length: 300 }, (_, i) => c(3 + i, 'x', RST | ACK));
    expect(tcpOf(kept([...open(), c(0, 'abc'), ...resets]).network).resets.size).toBe(1);
  });

  test('few at a time, also where one side of the capture lags', () => {
    const lagging = [c(0, 'abc'), ...idle(GAP_GRACE_PACKETS + 2, 6), c(3, 'def')];
    const others = Array.from({ length: 300 }, (_, i) => {
      const other = { ...client, port: 1000 + i };
      return [
        tcp(other, server, none, { sequence: word(ISN), flags: SYN }),
        tcp(server, other, none, { sequence: PEER, acknowledgement: word(ISN + 1), flags: SYN | ACK }),
        tcp(server, other, none, { sequence: PEER + 1, acknowledgement: word(ISN + 4), flags: RST | ACK }),
      ];
    });
    const { network, streams } = kept([...open(), ...lagging, ...others.flat()]);
    expect(tcpOf(network).lags).toBe(true);
    expect(tcpOf(network).resets.size).toBe(GAP_GRACE_PACKETS + 1);
    expect(streams[1].log).toEqual(['begin', '<begin>', 'skip 3', 'ending reset']);
  });
});
