/** Writes RPC-over-RDMA (RFC 8166) in packets of reliable connections (InfiniBand Architecture, §9) for tests. */
import { bytes, u16, u32 } from './capture-writer.js';
import { addressBytes, client, ethernet, type Host, server, type TestPacket, udp } from './packets.js';
import { words } from './rpc-writer.js';

const SEND_FIRST = 0x00;
const SEND_MIDDLE = 0x01;
const SEND_LAST = 0x02;
const SEND_ONLY = 0x04;
const WRITE_FIRST = 0x06;
const WRITE_MIDDLE = 0x07;
const WRITE_LAST = 0x08;
const WRITE_ONLY = 0x0a;
const READ_REQUEST = 0x0c;
const READ_RESPONSE_FIRST = 0x0d;
const READ_RESPONSE_MIDDLE = 0x0e;
const READ_RESPONSE_LAST = 0x0f;
const READ_RESPONSE_ONLY = 0x10;
const ACKNOWLEDGE = 0x11;

/** A packet from its base transport header to its invariant checksum. */
function transportPacket(opcode: number, queuePair: number, sequence: number, payload: Uint8Array): Buffer {
  const padding = (4 - (payload.length & 3)) & 3;
  const header = bytes([opcode, 0x40 | (padding << 4)], u16(0xffff), u32(queuePair), u32(sequence & 0xffffff));
  return bytes(header, payload, Buffer.alloc(padding), u32(0xabadc0de));
}

/** A run of remote memory. */
export interface Memory {
  key: number;
  length: number;
  address?: number;
}

function segment({ key, length, address = 0 }: Memory): Buffer {
  return words(key, length, 0, address);
}

export interface RdmaOptions {
  version?: number;
  credit?: number;
  procedure?: number;
  /** Segments of read chunks, with their position. */
  reads?: (Memory & { position: number })[];
  writes?: Memory[][];
  reply?: Memory[];
}

/** The header of RPC-over-RDMA for the message with this xid. */
export function rdmaHeader(xid: number, options: RdmaOptions = {}): Buffer {
  const { version = 1, credit = 32, procedure = 0, reads = [], writes = [], reply } = options;
  const chunk = (segments: Memory[]) => bytes(u32(1), u32(segments.length), ...segments.map(segment));
  return bytes(
    words(xid, version, credit, procedure),
    ...reads.map((read) => bytes(words(1, read.position), segment(read))),
    u32(0),
    ...writes.map(chunk),
    u32(0),
    reply === undefined ? u32(0) : chunk(reply),
  );
}

/** An RPC message behind its header. */
export function inline(message: Uint8Array, options?: RdmaOptions): Buffer {
  return bytes(rdmaHeader(Buffer.from(message).readUInt32BE(), options), message);
}

/** How a packet of RDMA becomes a frame. */
export type Carry = (from: Host, to: Host, packet: Uint8Array) => TestPacket;

const roceV2: Carry = (from, to, packet) => ({
  data: udp({ ...from, port: 0xc000 }, { ...to, port: 4791 }, packet),
});

/** The global routing header, with IPv4 addresses. */
function globalRoute(from: Host, to: Host, packet: Uint8Array): Buffer {
  const addresses = words(...globalIdentifier(from), ...globalIdentifier(to));
  return bytes(u32(0x60000000), u16(packet.length), [0x1b, 64], addresses, packet);
}

/** The local routing header: what follows it, and the lengths of all in words; local identifiers are ports. */
function localRoute(next: number, from: Host, to: Host, packet: Uint8Array): Buffer {
  return bytes([0, next], u16(to.port), u16((8 + packet.length) / 4), u16(from.port), packet, u16(0xcccc));
}

export const roceV1: Carry = (from, to, packet) => ({
  linkType: 1,
  data: ethernet(globalRoute(from, to, packet), { etherType: 0x8915 }),
});

export const infiniBand: Carry = (from, to, packet) => ({
  linkType: 247,
  data: localRoute(3, from, to, globalRoute(from, to, packet)),
});

export const localInfiniBand: Carry = (from, to, packet) => ({
  linkType: 247,
  data: localRoute(2, from, to, packet),
});

/** The words of an IPv4 address as a global identifier. */
function globalIdentifier({ address }: Host): number[] {
  return [0, 0, 0xffff, addressBytes(address).readUInt32BE()];
}

/** A reliable connection as it is written: packets with the right sequence numbers. Side 0 is the client. */
export class RdmaConversation {
  readonly packets: TestPacket[] = [];
  /** Sequence numbers of what each side sends. */
  readonly next: [number, number];

  /** @param queuePairs That of the client, and that of the server. */
  constructor(
    private readonly queuePairs: readonly [number, number] = [0x11, 0x22],
    private readonly carry: Carry = roceV2,
    /** Most bytes of a packet's payload. */
    private readonly packetLength = 1024,
    first: [number, number] = [0x100, 0x9000],
  ) {
    this.next = [...first];
  }

  /** Connection management (InfiniBand Architecture, §12.6): a request, its reply, and that the connection is ready. */
  open(): this {
    const [clientPair, serverPair] = this.queuePairs;
    return this.manage(0, 0x10, [
      words(1, 0, 0, 0x0106_4e51, 0, 0, 0, 0, clientPair << 8, 0, 0, this.next[0] << 8),
      u16(0xffff),
      [0x30, 0],
      words(0, ...[client, server].flatMap(globalIdentifier)),
    ])
      .manage(1, 0x13, [words(2, 1, 0, serverPair << 8, 0, this.next[1] << 8)])
      .manage(0, 0x14, [words(1, 2)]);
  }

  private manage(from: 0 | 1, attribute: number, fields: (Uint8Array | number[])[]): this {
    const header = bytes([1, 7, 2, 3], u32(0), words(0, 7), u16(attribute), u16(0), u32(0));
    const body = Buffer.alloc(232);
    bytes(...fields).copy(body);
    return this.putTo(1, from, 0x64, 0, bytes(words(0x80010000, 1), header, body));
  }

  /** A SEND, in as many packets as it takes. */
  send(from: 0 | 1, data: Uint8Array): this {
    return this.message(from, data, [SEND_FIRST, SEND_MIDDLE, SEND_LAST, SEND_ONLY], Buffer.alloc(0));
  }

  /** The other side has all requests so far. */
  acknowledge(from: 0 | 1): this {
    return this.put(from, ACKNOWLEDGE, this.next[1 - from] - 1, words(0x1f000000));
  }

  /** The last packets once more. */
  again(packets = 1): this {
    this.packets.push(...this.packets.slice(-packets));
    return this;
  }

  /** An RDMA WRITE to the other side's memory. */
  write(from: 0 | 1, { key, address = 0 }: Omit<Memory, 'length'>, data: Uint8Array): this {
    const header = words(0, address, key, data.length);
    return this.message(from, data, [WRITE_FIRST, WRITE_MIDDLE, WRITE_LAST, WRITE_ONLY], header);
  }

  /** An RDMA READ of the other side's memory, and its response. */
  read(from: 0 | 1, memory: Omit<Memory, 'length'>, data: Uint8Array): this {
    const first = this.next[from];
    this.request(from, { ...memory, length: data.length });
    return this.respond((1 - from) as 0 | 1, first, data);
  }

  request(from: 0 | 1, { key, address = 0, length }: Memory): this {
    this.put(from, READ_REQUEST, this.next[from], words(0, address, key, length));
    this.next[from] += Math.max(1, Math.ceil(length / this.packetLength));
    return this;
  }

  /** The response to the READ request with the sequence number `first`. */
  respond(from: 0 | 1, first: number, data: Uint8Array): this {
    const parts = this.parts(data);
    parts.forEach((part, i) => {
      const [opcode] = place(parts.length, i, [
        READ_RESPONSE_FIRST,
        READ_RESPONSE_MIDDLE,
        READ_RESPONSE_LAST,
        READ_RESPONSE_ONLY,
      ]);
      const header = opcode === READ_RESPONSE_MIDDLE ? Buffer.alloc(0) : words(0x1f000000);
      this.put(from, opcode, first + i, bytes(header, part));
    });
    return this;
  }

  /** One packet as it is. */
  put(from: 0 | 1, opcode: number, sequence: number, payload: Uint8Array): this {
    return this.putTo(this.queuePairs[1 - from], from, opcode, sequence, payload);
  }

  private putTo(queuePair: number, from: 0 | 1, opcode: number, sequence: number, payload: Uint8Array): this {
    const [source, destination] = from === 0 ? [client, server] : [server, client];
    this.packets.push(this.carry(source, destination, transportPacket(opcode, queuePair, sequence, payload)));
    return this;
  }

  private message(from: 0 | 1, data: Uint8Array, opcodes: readonly number[], header: Uint8Array): this {
    const parts = this.parts(data);
    parts.forEach((part, i) => {
      const [opcode, isFirst] = place(parts.length, i, opcodes);
      this.put(from, opcode, this.next[from]++, isFirst ? bytes(header, part) : part);
    });
    return this;
  }

  private parts(data: Uint8Array): Uint8Array[] {
    const count = Math.max(1, Math.ceil(data.length / this.packetLength));
    return Array.from({ length: count }, (_, i) => data.subarray(i * this.packetLength, (i + 1) * this.packetLength));
  }
}

/** The opcode of packet `i` of so many, and whether it is the first. */
function place(count: number, i: number, [first, middle, last, only]: readonly number[]): [number, boolean] {
  if (count === 1) return [only, true];
  if (i === 0) return [first, true];
  return [i === count - 1 ? last : middle, false];
}
