/**
 * Flows: one entry a pair of endpoints and transport (TCP or UDP), found by the words of a packet's addresses and ports.
 * Both directions share an entry; direction 0 goes from the endpoint that was seen to send first.
 * The table is bounded (`MAX_FLOWS`); the flow that was silent longest leaves first, give or take a few packets, and its owner is told.
 */
import { MAX_FLOWS } from '../limits.js';
import { formatAddress, readAddress } from '../xdr/address.js';
import { viewOf } from '../xdr/bytes.js';

export type Direction = 0 | 1;

export function opposite(direction: Direction): Direction {
  return direction === 0 ? 1 : 0;
}

/** An address and port; one object each, so that endpoints compare by identity or `id`. */
export interface Endpoint {
  readonly id: number;
  readonly address: string;
  readonly port: number;
}

export interface Flow {
  /** 6 (TCP) or 17 (UDP). */
  readonly protocol: number;
  /** The endpoints: direction 0 goes from `endpoints[0]` to `endpoints[1]`. */
  readonly endpoints: readonly [Endpoint, Endpoint];
  /** Number of the connection (TCP incarnation, UDP pair) in order of appearance; 0 before it carried anything. */
  connection: number;
  /** What the transport layer keeps here. */
  state: unknown;
  /** Length of an address in bytes, 4 or 16, and where the table keeps the words of both. */
  readonly addressLength: number;
  readonly slot: number;
  readonly ports: number;
  readonly hash: number;
  chain: Flow | null;
  /** Its place among all by when a packet of it was last seen, as of the packet `placed`; the newest was `seen`. */
  older: Flow | null;
  newer: Flow | null;
  seen: number;
  placed: number;
}

const BUCKETS = 1 << 16;
/** Of two IPv6 addresses. */
const SLOT_WORDS = 8;
/** Packets for which a flow keeps its place: a few dozen busy flows take turns, and would change places with each. */
const PLACE_PACKETS = 256;

export class FlowTable {
  /** Direction of the packet last looked up. */
  direction: Direction = 0;
  size = 0;
  evicted = 0;
  private readonly buckets: (Flow | null)[] = new Array(BUCKETS).fill(null);
  /** The addresses of all flows: an array for each would cost more than all else that is known of it. */
  private readonly words: Int32Array;
  private readonly endpoints = new Endpoints();
  private oldest: Flow | null = null;
  private newest: Flow | null = null;
  private packets = 0;
  private readonly placePackets: number;

  constructor(
    private readonly onEvict: (flow: Flow) => void,
    private readonly capacity = MAX_FLOWS,
  ) {
    this.placePackets = Math.min(PLACE_PACKETS, capacity >> 8);
    this.words = new Int32Array(capacity * SLOT_WORDS);
  }

  /** Finds or makes the flow of a packet; `length` is 4 or 16, the offsets are those of the addresses. */
  lookup(
    bytes: Uint8Array,
    source: number,
    destination: number,
    length: number,
    sourcePort: number,
    destinationPort: number,
    protocol: number,
  ): Flow {
    const hash = hashPacket(bytes, source, destination, length, sourcePort, destinationPort, protocol);
    const flow = this.seek(bytes, source, destination, length, sourcePort, destinationPort, protocol, hash);
    if (flow === null) {
      this.direction = 0;
      return this.add(bytes, source, destination, length, sourcePort, destinationPort, protocol, hash);
    }
    flow.seen = ++this.packets;
    if (flow.seen - flow.placed > this.placePackets) this.touch(flow);
    return flow;
  }

  /** The same where no flow shall be made and none kept: null when it is not known. */
  find(
    bytes: Uint8Array,
    source: number,
    destination: number,
    length: number,
    sourcePort: number,
    destinationPort: number,
    protocol: number,
  ): Flow | null {
    const hash = hashPacket(bytes, source, destination, length, sourcePort, destinationPort, protocol);
    return this.seek(bytes, source, destination, length, sourcePort, destinationPort, protocol, hash);
  }

  /** Sets `direction` when it finds the flow. */
  private seek(
    bytes: Uint8Array,
    source: number,
    destination: number,
    length: number,
    sourcePort: number,
    destinationPort: number,
    protocol: number,
    hash: number,
  ): Flow | null {
    const forward = (sourcePort << 16) | destinationPort;
    const backward = (destinationPort << 16) | sourcePort;
    if (length === 4) {
      const view = viewOf(bytes);
      return this.seek4(view.getInt32(source), view.getInt32(destination), forward, backward, protocol, hash);
    }
    for (let flow = this.buckets[hash & (BUCKETS - 1)]; flow !== null; flow = flow.chain) {
      if (flow.hash !== hash || flow.protocol !== protocol || flow.addressLength !== length) continue;
      if (flow.ports === forward && this.hasAddresses(flow, bytes, source, destination, length)) {
        this.direction = 0;
      } else if (flow.ports === backward && this.hasAddresses(flow, bytes, destination, source, length)) {
        this.direction = 1;
      } else continue;
      return flow;
    }
    return null;
  }

  /** The same for the words of IPv4 addresses. */
  private seek4(
    source: number,
    destination: number,
    forward: number,
    backward: number,
    protocol: number,
    hash: number,
  ): Flow | null {
    const { words } = this;
    for (let flow = this.buckets[hash & (BUCKETS - 1)]; flow !== null; flow = flow.chain) {
      if (flow.hash !== hash || flow.protocol !== protocol || flow.addressLength !== 4) continue;
      const one = words[flow.slot * SLOT_WORDS];
      const other = words[flow.slot * SLOT_WORDS + 1];
      if (flow.ports === forward && one === source && other === destination) this.direction = 0;
      else if (flow.ports === backward && one === destination && other === source) this.direction = 1;
      else continue;
      return flow;
    }
    return null;
  }

  /** All flows, the one that was silent longest first. */
  values(): Flow[] {
    const flows: Flow[] = [];
    for (let flow = this.oldest; flow !== null; flow = flow.newer) flows.push(flow);
    return flows.sort((a, b) => a.seen - b.seen);
  }

  private hasAddresses({ slot }: Flow, bytes: Uint8Array, first: number, second: number, length: number): boolean {
    const { words } = this;
    const view = viewOf(bytes);
    const half = length >> 2;
    const at = slot * SLOT_WORDS;
    for (let i = 0; i < half; i++) {
      if (words[at + i] !== view.getInt32(first + 4 * i)) return false;
      if (words[at + half + i] !== view.getInt32(second + 4 * i)) return false;
    }
    return true;
  }

  private add(
    bytes: Uint8Array,
    source: number,
    destination: number,
    length: number,
    sourcePort: number,
    destinationPort: number,
    protocol: number,
    hash: number,
  ): Flow {
    const slot = this.size < this.capacity ? this.size : this.evict(this.oldest!);
    const from = readAddress(bytes, source, length);
    const to = readAddress(bytes, destination, length);
    this.words.set(from, slot * SLOT_WORDS);
    this.words.set(to, slot * SLOT_WORDS + from.length);
    const flow: Flow = {
      protocol,
      endpoints: [this.endpoints.get(from, sourcePort), this.endpoints.get(to, destinationPort)],
      connection: 0,
      state: null,
      addressLength: length,
      slot,
      ports: (sourcePort << 16) | destinationPort,
      hash,
      chain: this.buckets[hash & (BUCKETS - 1)],
      older: null,
      newer: null,
      seen: ++this.packets,
      placed: this.packets,
    };
    this.buckets[hash & (BUCKETS - 1)] = flow;
    this.append(flow);
    this.size++;
    return flow;
  }

  /** @returns The slot that is free now. */
  private evict(flow: Flow): number {
    this.onEvict(flow);
    this.evicted++;
    this.size--;
    this.unlink(flow);
    const bucket = flow.hash & (BUCKETS - 1);
    if (this.buckets[bucket] === flow) {
      this.buckets[bucket] = flow.chain;
    } else {
      let before = this.buckets[bucket]!;
      while (before.chain !== flow) before = before.chain!;
      before.chain = flow.chain;
    }
    for (const endpoint of flow.endpoints) this.endpoints.release(endpoint);
    return flow.slot;
  }

  private touch(flow: Flow): void {
    flow.placed = flow.seen;
    if (flow === this.newest) return;
    this.unlink(flow);
    this.append(flow);
  }

  private unlink(flow: Flow): void {
    if (flow.older === null) this.oldest = flow.newer;
    else flow.older.newer = flow.newer;
    if (flow.newer === null) this.newest = flow.older;
    else flow.newer.older = flow.older;
  }

  private append(flow: Flow): void {
    flow.older = this.newest;
    flow.newer = null;
    if (this.newest === null) this.oldest = flow;
    else this.newest.newer = flow;
    this.newest = flow;
  }
}

/** Endpoints by address and port, each with a number of its own for as long as a flow uses it. */
class Endpoints {
  private readonly byName = new Map<string, Endpoint & { users: number }>();
  private lastId = 0;

  get(words: Int32Array, port: number): Endpoint {
    const address = formatAddress(words);
    const name = `${address} ${port}`;
    let endpoint = this.byName.get(name);
    if (endpoint === undefined) {
      endpoint = { id: ++this.lastId, address, port, users: 0 };
      this.byName.set(name, endpoint);
    }
    endpoint.users++;
    return endpoint;
  }

  release(endpoint: Endpoint): void {
    const name = `${endpoint.address} ${endpoint.port}`;
    const entry = this.byName.get(name);
    if (entry !== undefined && --entry.users === 0) this.byName.delete(name);
  }
}

/** The same for both directions of a flow. */
function hashPacket(
  bytes: Uint8Array,
  source: number,
  destination: number,
  length: number,
  sourcePort: number,
  destinationPort: number,
  protocol: number,
): number {
  const view = viewOf(bytes);
  let a = sourcePort;
  let b = destinationPort;
  for (let i = 0; i < length; i += 4) {
    a = mix(a, view.getInt32(source + i));
    b = mix(b, view.getInt32(destination + i));
  }
  const hash = (a + b) ^ protocol;
  return (hash ^ (hash >>> 15)) & 0x3fffffff;
}

function mix(hash: number, word: number): number {
  const mixed = Math.imul(hash ^ word, 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
}
