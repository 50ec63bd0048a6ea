/** Properties of TCP streams, whatever is swapped, lost, cut or sent again. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TcpConnection } from '../../../src/network/tcp.js';
import { ACK, cut, FIN, giveFrame, RST, SYN } from '../../helpers/packets.js';
import {
  c,
  ISN,
  idle,
  kept,
  logOf,
  none,
  open,
  type Packet,
  PEER,
  reassemblyOf,
  s,
  word,
} from '../../helpers/segments.js';
import { type Kept, keepAll, type Run } from '../../helpers/streams.js';

/** The client's bytes with zeros for holes, and which of them were there. */
function lay(run: Run): { bytes: Buffer; there: boolean[] } {
  const there = run.flatMap((part) =>
    new Array<boolean>(typeof part === 'number' ? part : part.length).fill(typeof part !== 'number'),
  );
  return { bytes: Buffer.concat(run.map((part) => (typeof part === 'number' ? Buffer.alloc(part) : part))), there };
}

const total = 3000;

const source = Buffer.from(Array.from({ length: total }, (_, i) => (i * 31 + (i >> 8) * 7) & 255));

interface Segmentation {
  /** Where segments begin and end, as sent: they may overlap and come again. */
  segments: [start: number, end: number][];
  /** How far each moves back or forth in time. */
  moves: number[];
}

const segmentation: fc.Arbitrary<Segmentation> = fc
  .record({
    cuts: fc.array(fc.integer({ min: 1, max: total - 1 }), { minLength: 1, maxLength: 40 }),
    again: fc.array(fc.tuple(fc.nat(total - 1), fc.integer({ min: 1, max: 200 })), { maxLength: 8 }),
    moves: fc.array(fc.integer({ min: -6, max: 6 }), { minLength: 50, maxLength: 50 }),
  })
  .map(({ cuts, again, moves }) => {
    const ends = [...new Set([...cuts, total])].sort((a, b) => a - b);
    const segments = ends.map((end, i): [number, number] => [i === 0 ? 0 : ends[i - 1], end]);
    for (const [start, length] of again) {
      const place = segments.findIndex(([from]) => from > start);
      segments.splice(place < 0 ? segments.length : place, 0, [start, Math.min(total, start + length)]);
    }
    return { segments, moves };
  });

function order<T>(items: readonly T[], moves: readonly number[]): T[] {
  return items
    .map((item, i) => [item, i + moves[i % moves.length]] as const)
    .sort((a, b) => a[1] - b[1])
    .map(([item]) => item);
}

const run = (kept: Kept): Run => kept.streams[0]?.runs[0] ?? [];

const bases = fc.constantFrom(ISN, -1, -1500, 0x7ffffff0, -0x80000000);

describe('properties', () => {
  test('cut anywhere, doubled, swapped within a window: the same bytes', () => {
    fc.assert(
      fc.property(segmentation, bases, ({ segments, moves }, base) => {
        const packets = order(segments, moves).map(([start, end]) => c(start, source.subarray(start, end), ACK, base));
        const kept = keepAll([...open(base), ...packets]);
        expect(kept.streams).toHaveLength(1);
        expect(run(kept).every((part) => typeof part !== 'number')).toBe(true);
        expect(lay(run(kept)).bytes.equals(source)).toBe(true);
        expect(kept.network.counts.holes).toBe(0);
      }),
      { seed: 21, numRuns: 200 },
    );
  });

  test('joined in mid-stream, cut anywhere, doubled, swapped: the same bytes, whether or not the peer acknowledges', () => {
    fc.assert(
      fc.property(segmentation, bases, fc.boolean(), ({ segments, moves }, base, acknowledges) => {
        const seen = new Array<boolean>(total).fill(false);
        const packets = order(segments, moves).flatMap(([start, end]) => {
          seen.fill(true, start, end);
          const acked = seen.includes(false) ? seen.indexOf(false) : total;
          const segment = c(start, source.subarray(start, end), ACK, base);
          return acknowledges ? [segment, s(0, none, acked, ACK, base)] : [segment];
        });
        const kept = keepAll(packets);
        expect(kept.streams[0].log[0]).toBe('join');
        expect(lay(run(kept)).bytes.equals(source)).toBe(true);
        expect(kept.network.counts.holes).toBe(0);
      }),
      { seed: 23, numRuns: 200 },
    );
  });

  test('with segments lost or cut: every byte that is handed on stands at its place, and holes make up the rest', () => {
    const losses = fc.array(fc.nat(48), { maxLength: 12 });
    const snaplens = fc.array(fc.tuple(fc.nat(48), fc.nat(60)), { maxLength: 5 });
    fc.assert(
      fc.property(segmentation, bases, losses, snaplens, fc.nat(3), ({ segments, moves }, base, lost, cuts, acks) => {
        const sent = order(segments, moves).flatMap(([start, end], i): Packet[] => {
          if (lost.includes(i)) return [];
          const packet = c(start, source.subarray(start, end), ACK, base);
          const snaplen = cuts.find(([index]) => index === i)?.[1];
          const acknowledged = acks === 0 ? [] : idle(acks, end).map((each) => rebased(each, base));
          return [snaplen === undefined ? packet : cut(packet, Math.min(packet.length, 40 + snaplen)), ...acknowledged];
        });
        const kept = keepAll([...open(base), ...sent]);
        const { bytes, there } = lay(run(kept));
        expect(there.findIndex((isThere, i) => isThere && bytes[i] !== source[i])).toBe(-1);
        const missing = there.filter((isThere) => !isThere).length;
        expect(kept.network.counts.missingBytes).toBe(missing);
        const last = Math.max(0, ...sent.map(endOf(base)));
        expect(bytes.length).toBe(last);
      }),
      { seed: 22, numRuns: 200 },
    );
  });
});

/** Calls and replies of so many bytes, up to the FINs; parts of the calls are sent again behind a reply, and acknowledge it. */
function dialogue(exchanges: readonly [asked: number, answered: number, again: number][]): Uint8Array[] {
  let [asked, answered] = [0, 0];
  const call = (at: number, data: string, flags = ACK) => c(at, data, flags, ISN, PEER + 1 + answered);
  const packets = exchanges.flatMap(([question, answer, again]) => {
    const sent = [call(asked, 'c'.repeat(question)), s(answered, 's'.repeat(answer), asked + question)];
    [asked, answered] = [asked + question, answered + answer];
    return again === 0 ? sent : [...sent, call(Math.max(0, asked - again), 'c'.repeat(again))];
  });
  return [
    ...packets,
    call(asked, '', FIN | ACK),
    s(answered, 's', asked + 1),
    s(answered + 1, none, asked + 1, FIN | ACK),
  ];
}

test('both directions, swapped, lost and sent again: nothing waits but for what is missing', () => {
  const arbitrary = fc.record({
    exchanges: fc.array(fc.tuple(fc.integer({ min: 1, max: 6 }), fc.nat(4), fc.nat(9)), {
      minLength: 1,
      maxLength: 12,
    }),
    moves: fc.array(fc.integer({ min: -6, max: 6 }), { minLength: 40, maxLength: 40 }),
    lost: fc.array(fc.nat(39), { maxLength: 4 }),
  });
  fc.assert(
    fc.property(arbitrary, ({ exchanges, moves, lost }) => {
      const packets = order(dialogue(exchanges), moves).filter((_, i) => !lost.includes(i));
      const { network } = kept(open());
      packets.forEach((data, i) => {
        giveFrame(network, { data, seconds: 0 }, i + 3);
        const { sides } = reassemblyOf(network);
        for (const [side, peer] of [sides, [...sides].reverse()]) {
          expect(side.gapPacket >= 0).toBe(side.waiting.length > 0 || side.acknowledgedGap > 0);
          expect(side.hasNext && (peer.hasNext || peer.acknowledgedGap <= 0)).toBe(false);
        }
      });
    }),
    { seed: 23, numRuns: 300 },
  );
});

/** An acknowledgement for a stream that began elsewhere. */
function rebased(packet: Uint8Array, base: number): Uint8Array {
  const moved = Buffer.from(packet);
  moved.writeUInt32BE(word(moved.readUInt32BE(28) - ISN + base), 28);
  return moved;
}

/** Where in the stream a packet says that it ends: its own bytes for the client, what it acknowledges for the server. */
function endOf(base: number): (packet: Packet) => number {
  return (packet) => {
    const data = Buffer.from(packet instanceof Uint8Array ? packet : packet.data);
    const wire = packet instanceof Uint8Array ? data.length : packet.wireLength!;
    const at = data[15] === 1 ? data.readUInt32BE(24) + wire - 40 : data.readUInt32BE(28);
    return (at - base - 1) | 0;
  };
}

const LETTERS = 'abcdefghijklmnop'.repeat(8);

test('segments in order are handed on as all segments are, whatever else comes between them', () => {
  /** `isNext`: at the sender's next byte, and acknowledges all of the peer's, whatever `at` and `acked` say. */
  const piece = fc.record({
    isClient: fc.boolean(),
    isNext: fc.oneof({ weight: 12, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
    at: fc.nat(9),
    length: fc.nat(4),
    acked: fc.nat(12),
    flags: fc.oneof(
      { weight: 12, arbitrary: fc.constantFrom(ACK, ACK | 8) },
      { weight: 1, arbitrary: fc.constantFrom(0, ACK | FIN, ACK | RST, SYN) },
    ),
  });
  const connections = TcpConnection.prototype as unknown as { isInOrder: (...parameters: unknown[]) => boolean };
  const { isInOrder } = connections;
  let inOrder = 0;
  const counted = function (this: unknown, ...parameters: unknown[]): boolean {
    const answer = isInOrder.apply(this, parameters);
    if (answer) inOrder++;
    return answer;
  };
  try {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 24 }), fc.boolean(), (pieces, isOpened) => {
        const sent = { client: 0, server: 0 };
        const packets = pieces.map(({ isClient, isNext, at, length, acked, flags }) => {
          const [own, peer] = isClient ? (['client', 'server'] as const) : (['server', 'client'] as const);
          const [from, to] = isNext ? [sent[own], sent[peer]] : [at, acked];
          const data = LETTERS.slice(from, from + length);
          sent[own] = Math.max(sent[own], from + data.length);
          return isClient ? c(from, data, flags, ISN, PEER + 1 + to) : s(from, data, to, flags);
        });
        const all = isOpened ? [...open(), ...packets] : packets;
        connections.isInOrder = () => false;
        const careful = logOf(all);
        connections.isInOrder = counted;
        expect(logOf(all)).toEqual(careful);
      }),
      { seed: 24, numRuns: 300 },
    );
  } finally {
    connections.isInOrder = isInOrder;
  }
  expect(inOrder).toBeGreaterThan(500);
});
