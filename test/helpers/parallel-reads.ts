/** READs of NFS version 3 by several clients at once: their replies come in segments that take turns. */
import { bytes } from './capture-writer.js';
import { ACK, type Host, SYN, server, type TestPacket, tcp } from './packets.js';
import { call, opaque, record, reply, words } from './rpc-writer.js';

const READ = 6;
const SEGMENT = 28_960;
const NOTHING = words();

/** @param last The last byte of the data that each READ gives. */
export function parallelReads(clients: number, length: number, last = 0): TestPacket[] {
  const hosts = Array.from({ length: clients }, (_, i): Host => ({ address: `10.0.1.${i + 1}`, port: 900 }));
  const args = bytes(opaque('a file'), words(0, 0, length));
  const asked = record(call({ xid: 1, procedure: READ, args }));
  const data = Buffer.alloc(length);
  data[length - 1] = last;
  const answered = record(reply({ xid: 1, result: bytes(words(0, 0, length, 1), opaque(data)) }));
  const packets: Buffer[] = [];
  const all = (packet: (host: Host) => Buffer) => packets.push(...hosts.map(packet));
  all((host) => tcp(host, server, NOTHING, { sequence: 999, flags: SYN }));
  all((host) => tcp(server, host, NOTHING, { sequence: 4999, acknowledgement: 1000, flags: SYN | ACK }));
  all((host) => tcp(host, server, asked, { sequence: 1000, acknowledgement: 5000 }));
  const acknowledgement = 1000 + asked.length;
  for (let at = 0; at < answered.length; at += SEGMENT) {
    const segment = answered.subarray(at, at + SEGMENT);
    all((host) => tcp(server, host, segment, { sequence: 5000 + at, acknowledgement }));
  }
  return packets.map((packet) => ({ data: packet, wireLength: packet.length }));
}
