/** NFS over UDP as it is written: LOOKUP, READ and WRITE of version 3, compounds of version 4, each exchange a second after the other. */
import { bytes, u32 } from './capture-writer.js';
import { client, server, type TestPacket, udp } from './packets.js';
import { call, opaque, reply, words } from './rpc-writer.js';

const LOOKUP = 3;
const READ = 6;
const WRITE = 7;
const NO_ATTRIBUTES = words(0);

export class NfsTraffic {
  readonly packets: TestPacket[] = [];
  private xid = 0;

  /** A file that a directory has under a name. */
  lookup(dir: string, name: string | Uint8Array, file: string): this {
    const result = bytes(words(0), opaque(file), NO_ATTRIBUTES, NO_ATTRIBUTES);
    return this.exchange(LOOKUP, bytes(opaque(dir), opaque(name)), result);
  }

  read(file: string, offset: number | bigint, data: string | Uint8Array, eof = false): this {
    const result = bytes(words(0), NO_ATTRIBUTES, words(data.length, eof ? 1 : 0), opaque(data));
    return this.exchange(READ, bytes(opaque(file), u64(offset), words(65536)), result);
  }

  write(file: string, offset: number | bigint, data: string | Uint8Array, status = 0): this {
    const args = bytes(opaque(file), u64(offset), words(data.length, 2), opaque(data));
    const attributes = words(0, 0);
    const result =
      status === 0 ? bytes(words(0), attributes, words(data.length, 2, 0, 0)) : bytes(words(status), attributes);
    return this.exchange(WRITE, args, result);
  }

  /** A compound of version 4.2; an operation is its number and its arguments, a result its number, and what follows its status 0. */
  compound(operations: readonly [number, Uint8Array][], results: readonly [number, Uint8Array][]): this {
    const list = (parts: readonly [number, Uint8Array][], before: Uint8Array) =>
      bytes(u32(parts.length), ...parts.map(([number, part]) => bytes(u32(number), before, part)));
    const args = bytes(opaque(''), words(2), list(operations, words()));
    return this.exchange(1, args, bytes(words(0), opaque(''), list(results, words(0))), 4);
  }

  exchange(procedure: number, args: Uint8Array, result: Uint8Array | null, version = 3): this {
    const xid = ++this.xid;
    this.put(udp(client, server, call({ xid, version, procedure, args })));
    if (result !== null) this.put(udp(server, client, reply({ xid, result })));
    return this;
  }

  /** The last packet, of which only the first `length` bytes were captured. */
  cut(length: number): this {
    const last = this.packets.pop()!;
    this.packets.push({ ...last, data: last.data.subarray(0, length), wireLength: last.data.length });
    return this;
  }

  private put(data: Buffer): void {
    this.packets.push({ data, seconds: this.xid, wireLength: data.length });
  }
}

export function u64(value: number | bigint): Buffer {
  return bytes(u32(Number(BigInt(value) >> 32n)), u32(Number(BigInt(value) & 0xffffffffn)));
}
