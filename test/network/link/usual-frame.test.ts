/** The usual frame, read in a few words, against the decoders that read all frames, on damaged frames too. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { newIpPacket, readIpv4 } from '../../../src/network/ip.js';
import { decodeEthernet } from '../../../src/network/link/ethernet.js';
import { IPV4, newLinkResult } from '../../../src/network/link/link.js';
import { readUsualFrame } from '../../../src/network/link/usual-frame.js';
import { bytes, u16 } from '../../helpers/capture-writer.js';
import { ACK, client, server, tcp } from '../../helpers/packets.js';

/** What all frames are read by; null where that is no whole IPv4 packet of TCP. */
function readAny(data: Uint8Array, start: number, end: number) {
  const [link, packet] = [newLinkResult(), newIpPacket()];
  if (!decodeEthernet(data, start, end, link) || link.etherType !== IPV4 || link.vlan >= 0) return null;
  return readIpv4(data, link.offset, end, end, packet) ? packet : null;
}

function readUsual(data: Uint8Array, start: number, end: number) {
  const packet = newIpPacket();
  return readUsualFrame(data, start, end, packet) ? packet : null;
}

const frame = bytes(
  Buffer.alloc(12, 7),
  u16(IPV4),
  tcp(client, server, Buffer.alloc(20, 9), { sequence: 1, flags: ACK }),
);

test('a usual frame is read', () => {
  expect(readUsual(frame, 0, frame.length)).toMatchObject({ addresses: 26, protocol: 6, start: 34, end: frame.length });
});

test('what is read of a frame is what the decoders of all frames read, and never more', () => {
  const damage = fc.array(fc.tuple(fc.integer({ min: 12, max: 40 }), fc.integer({ min: 0, max: 255 })), {
    maxLength: 2,
  });
  let read = 0;
  fc.assert(
    fc.property(damage, fc.nat(frame.length), fc.nat(6), (damaged, cut, trailer) => {
      const data = Buffer.concat([Buffer.alloc(3), frame, Buffer.alloc(trailer)]);
      for (const [at, value] of damaged) data[3 + at] = value;
      const end = 3 + (cut < 10 ? frame.length + trailer : cut);
      const usual = readUsual(data, 3, end);
      if (usual === null) return;
      read++;
      expect(usual).toEqual(readAny(data, 3, end));
    }),
    { numRuns: 3000 },
  );
  expect(read).toBeGreaterThan(300);
});
