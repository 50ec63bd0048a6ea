/** Segments between a client and a server for tests of TCP, and what the sinks of their connections were given. */
import type { Network } from '../../src/network/network.js';
import type { Reassembly } from '../../src/network/reassembly.js';
import type { TcpContext } from '../../src/network/tcp.js';
import { ACK, client, giveFrame, SYN, server, type TestPacket, tcp } from './packets.js';
import { keep, keepAll, type Run } from './streams.js';

export type Packet = Uint8Array | TestPacket;

/** Client's and server's first sequence numbers: their bytes begin one behind. */
export const ISN = 1000;
export const PEER = 9000;
export const none = new Uint8Array(0);

export const text = (data: string | Uint8Array) => (typeof data === 'string' ? Buffer.from(data, 'latin1') : data);
export const word = (value: number) => value >>> 0;

/** A segment of the client; `at` counts from its first byte. */
export const c = (at: number, data: string | Uint8Array, flags = ACK, base = ISN, acknowledgement = PEER + 1) =>
  tcp(client, server, text(data), { sequence: word(base + 1 + at), acknowledgement: word(acknowledgement), flags });
/** A segment of the server that acknowledges the client's first `acked` bytes. */
export const s = (at: number, data: string | Uint8Array, acked: number, flags = ACK, base = ISN) =>
  tcp(server, client, text(data), { sequence: word(PEER + 1 + at), acknowledgement: word(base + 1 + acked), flags });
export const open = (base = ISN, peer = PEER) => [
  tcp(client, server, none, { sequence: word(base), flags: SYN }),
  tcp(server, client, none, { sequence: peer, acknowledgement: word(base + 1), flags: SYN | ACK }),
];

/** Packets of the server that say nothing new: time goes by. */
export const idle = (count: number, acked: number) => new Array<Uint8Array>(count).fill(s(0, none, acked));

/** The same of another connection that says nothing. */
export const quiet = (count: number) =>
  new Array<Uint8Array>(count).fill(tcp({ ...client, port: 999 }, server, none, { sequence: 1, flags: ACK }));

/** Packets that come at a time. */
export const later = (packet: Uint8Array, seconds: number): TestPacket => ({ data: packet, seconds });
export const at = (packets: readonly Uint8Array[], seconds: number) => packets.map((packet) => later(packet, seconds));

/** What the sink of each connection was given, by the end of the input (`KeptStream.log`). */
export const logOf = (packets: readonly Packet[]) => keepAll(packets).streams.map((stream) => stream.log.join(' '));
/** What the SYNs of `open` give. */
export const begun = 'begin <begin>';

/** What was handed on when more may come. */
export const kept = (packets: readonly Uint8Array[]) => {
  const all = keep();
  packets.forEach((data, i) => {
    giveFrame(all.network, { data, seconds: 0 }, i + 1);
  });
  return all;
};

// What no test can see from outside: what waits, and which connections are looked after.

export function tcpOf(network: unknown): TcpContext {
  return (network as { transport: { tcp: TcpContext } }).transport.tcp;
}

export function reassemblyOf(network: Network): Reassembly {
  return ([...network.flows.values()][0].state as unknown as { reassembly: Reassembly }).reassembly;
}

export function waitingBytes(network: unknown): number {
  return tcpOf(network).waitingBytes;
}

/** Bytes of a run, and of its holes. */
export function sum(run: Run): number {
  return run.reduce<number>((total, part) => total + (typeof part === 'number' ? part : part.length), 0);
}
