/** Writes RPC-over-RDMA (RFC 8166) in packets of reliable connections (InfiniBand Architecture, §9) for tests. */
import { bytes, u16, u32 } from './capture-writer.js';
import { client, type Host, server, type TestPacket, udp } from './packets.js';
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
    const [source, destination] = from === 0 ? [client, server] : [server, client];
    this.packets.push(
      this.carry(source, destination, transportPacket(opcode, this.queuePairs[1 - from], sequence, payload)),
    );
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
