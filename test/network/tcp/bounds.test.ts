/** Bounds of what waits, of one connection and of all. */
import { describe, expect, test } from 'vitest';
import { MAX_FLOWS, MAX_WAITING_BYTES, MAX_WAITING_SEGMENTS, MAX_WAITING_TOTAL } from '../../../src/limits/network.js';
import { ACK, client, frameOf, giveFrame, RST, SYN, server, tcp } from '../../helpers/packets.js';
import { begun, c, none, open, PEER, s, sum, tcpOf, waitingBytes } from '../../helpers/segments.js';
import { keep, keepAll } from '../../helpers/streams.js';

describe('bounds', () => {
  test('too many bytes wait', () => {
    const size = 60_000;
    const count = Math.ceil(MAX_WAITING_BYTES / size) + 1;
    const { streams } = keepAll([
      ...open(),
      ...Array.from({ length: count }, (_, i) => c(1 + i * size, Buffer.alloc(size))),
    ]);
    expect(streams[0].runs[0][0]).toBe(1);
    expect(sum(streams[0].runs[0])).toBe(1 + count * size);
  });

  test('too many segments wait', () => {
    const { streams, network } = keepAll([
      ...open(),
      ...Array.from({ length: MAX_WAITING_SEGMENTS + 1 }, (_, i) => c(1 + i, 'x')),
    ]);
    expect(sum(streams[0].runs[0])).toBe(MAX_WAITING_SEGMENTS + 2);
    expect(network.counts).toMatchObject({ holes: 1, missingBytes: 1 });
  });

  test('nothing is left waiting after the end', () => {
    const packets = [...open(), ...Array.from({ length: 50 }, (_, i) => c(1 + 2 * i, 'x')), c(200, none, RST)];
    const { network } = keepAll(packets);
    expect(waitingBytes(network)).toBe(0);
  });
});

describe('many connections', () => {
  /** The packet from as many ports. It is written over in place: making each one would take most of the time. */
  const feed = (count: number, packet: Uint8Array) => {
    const { network, streams } = keep();
    const frame = frameOf({ data: packet, seconds: 0 }, 1);
    const held = Buffer.from(frame.bytes.buffer, frame.bytes.byteOffset, frame.bytes.length);
    for (let i = 0; i < count; i++) {
      held[frame.start + 13] = i >> 14;
      held.writeUInt16BE((i & 0x3fff) + 1024, frame.start + 20);
      network.frame(frame, 0);
    }
    return { network, streams };
  };

  test('a flood of SYNs: the oldest leave, counted', () => {
    const { network } = feed(MAX_FLOWS + 1000, tcp(client, server, none, { flags: SYN }));
    expect([network.flows.size, network.flows.evicted]).toEqual([MAX_FLOWS, 1000]);
  });

  test('joined in mid-stream, what waits stays within its bound', () => {
    const data = Buffer.alloc(1400, 0x61);
    const count = Math.ceil(MAX_WAITING_TOTAL / data.length) + 100;
    const { network, streams } = feed(count, tcp(client, server, data));
    expect(waitingBytes(network)).toBeLessThanOrEqual(MAX_WAITING_TOTAL);
    expect(tcpOf(network).missing.size).toBeLessThanOrEqual(MAX_WAITING_TOTAL / data.length);
    network.finish();
    expect(waitingBytes(network)).toBe(0);
    expect(tcpOf(network).missing.size).toBe(0);
    expect(streams.filter(({ runs }) => sum(runs[0]) === data.length)).toHaveLength(count);
  });
});

test('too many bytes wait in all: those that have waited longest go first, not those of a swapped pair', () => {
  const { network, streams } = keep();
  let frames = 0;
  const give = (data: Uint8Array) => giveFrame(network, { data, seconds: 0 }, ++frames);
  const large = Buffer.alloc(60_000, 0xee);
  const perHost = Math.floor(MAX_WAITING_BYTES / large.length) - 1;
  const hosts = Math.ceil(MAX_WAITING_TOTAL / (perHost * large.length));
  for (let host = 0; host < hosts; host++) {
    const hog = { ...client, port: 2000 + host };
    give(tcp(hog, server, none, { sequence: 0, flags: SYN }));
    give(tcp(server, hog, none, { sequence: PEER, acknowledgement: 1, flags: SYN | ACK }));
    for (let i = 0; i < perHost; i++)
      give(tcp(hog, server, large, { sequence: 101 + i * large.length, acknowledgement: PEER + 1 }));
  }
  for (const packet of [...open(), c(3, 'def'), c(0, 'abc'), s(0, 'xyz', 6)]) give(packet);
  expect(streams.at(-1)!.log.join(' ')).toBe(`${begun} abc def <xyz>`);
  expect(streams[0].runs[0].slice(0, 2)).toEqual([100, large]);
  expect(waitingBytes(network)).toBeLessThanOrEqual(MAX_WAITING_TOTAL);
  network.finish();
  expect([waitingBytes(network), tcpOf(network).waiting.size]).toEqual([0, 0]);
});
