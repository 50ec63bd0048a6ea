/** RPC-with-TLS traffic (RFC 9289), made up: the probe, the answer, and records of TLS and DTLS whose headers alone mean something. */
import { bytes, u16 } from './capture-writer.js';
import { client, type Host, SYN, server, tcp } from './packets.js';
import { call, record, reply } from './rpc-writer.js';

const AUTH_TLS = 7;
export const probe = call({ xid: 5, credential: { flavor: AUTH_TLS } });
export const startTls = { flavor: 0, body: Buffer.from('STARTTLS') };
export const accepted = reply({ xid: 5, verifier: startTls });

/** What is in records: nothing to be read, and, after STARTTLS, calls, to be sure that nobody looks. */
const sealed = Buffer.from(Array.from({ length: 61 }, (_, i) => (i * 167 + 91) & 0xff));
const decoy = record(call({ xid: 77 }));
export const tls = (type: number, body: Uint8Array = sealed, minor = 3) =>
  bytes([type, 3, minor], u16(body.length), body);
export const hello = tls(22, sealed, 1);
export const application = bytes(tls(20, Buffer.of(1)), ...new Array(6).fill(tls(23)));
const decoys = bytes(tls(20, Buffer.of(1)), ...new Array(6).fill(tls(23, decoy)));
export const dtls = (type: number, body: Uint8Array = sealed) =>
  bytes([type, 0xfe, 0xfd], Buffer.alloc(8), u16(body.length), body);

export interface Part {
  from: 'client' | 'server';
  data: Uint8Array;
}
export const up = (data: Uint8Array): Part => ({ from: 'client', data });
export const down = (data: Uint8Array): Part => ({ from: 'server', data });

/** The packets of one connection; without its SYN when it is joined. */
export function connection(
  parts: readonly Part[],
  { isJoined = false, from = client }: { isJoined?: boolean; from?: Host } = {},
): Uint8Array[] {
  const next = { client: 1000, server: 9000 };
  const packets = isJoined
    ? []
    : [
        tcp(from, server, Buffer.alloc(0), { sequence: 999, flags: SYN }),
        tcp(server, from, Buffer.alloc(0), { sequence: 8999, acknowledgement: 1000, flags: SYN | 16 }),
      ];
  for (const { from: side, data } of parts) {
    const isUp = side === 'client';
    const options = { sequence: next[side], acknowledgement: next[isUp ? 'server' : 'client'] };
    packets.push(isUp ? tcp(from, server, data, options) : tcp(server, from, data, options));
    next[side] += data.length;
  }
  return packets;
}

export const handshake = [up(hello), down(bytes(hello, application)), up(application), down(application)];
export const opened = [up(tls(22, decoy, 1)), down(decoys), up(decoys), down(decoys)];
