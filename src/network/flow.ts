/**
 * Flows: one entry for each pair of endpoints and transport (TCP or UDP), found by the words of a packet's addresses
 * and ports. Both directions share an entry; direction 0 goes from the endpoint that was first seen to send.
 *
 * The table is bounded (`MAX_FLOWS`). When it is full, the flow that was silent longest leaves, give or take a few
 * packets, and its owner is told. The `MAX_AWAKE_FLOWS` flows last heard of are awake; when a flow leaves these, its
 * owner may put its state to rest, which means to keep it in less memory (`rest.ts`).
 */
import { MAX_AWAKE_FLOWS, MAX_FLOWS, MAX_PENDING_FLOWS } from '../limits/network.js';
import { readAddress } from '../xdr/address.js';
import { viewOf } from '../xdr/bytes.js';
import { type Endpoint, Endpoints } from './endpoints.js';
import { mix, OTHER_SECRET, SECRET } from './hash.js';
import type { IpPacket } from './ip.js';

export type { Endpoint } from './endpoints.js';
export type Direction = 0 | 1;

export function opposite(direction: Direction): Direction {
  return direction === 0 ? 1 : 0;
}

export class Flow {
  /**
   * Connection number of a UDP flow, in order of appearance; 0 before it carried a message. The incarnations of a TCP flow
   * have numbers of their own (rpc/rpc-stream.ts).
   */
  connection = 0;
  /** TCP: the connection, awake or at rest (transport.ts). UDP: null. */
  state: unknown = null;

  constructor(
    /** TCP, UDP or RDMA (protocols.ts). */
    readonly protocol: number,
    /** Direction 0 goes from the first endpoint to the second. */
    private readonly first: Endpoint,
    private readonly second: Endpoint,
  ) {}

  source(direction: number): Endpoint {
    return direction === 0 ? this.first : this.second;
  }

  destination(direction: number): Endpoint {
    return direction === 0 ? this.second : this.first;
  }
}

/** Is told when flows leave the table or the awake ones. */
export interface FlowOwner {
  /** The flow is forgotten, or at least what it keeps in `state`. */
  evict(flow: Flow): void;
  /** The flow was silent: puts its state to rest. False: something is pending, so it stays as it is. */
  rest(flow: Flow): boolean;
}

export interface FlowBounds {
  flows: number;
  awake: number;
  pending: number;
}

export const FLOW_BOUNDS: FlowBounds = { flows: MAX_FLOWS, awake: MAX_AWAKE_FLOWS, pending: MAX_PENDING_FLOWS };

const BUCKETS = 1 << 16;
/** Slots of a new table; most captures have few flows. */
const FIRST_SLOTS = 1024;
/**
 * Packets for which a flow keeps its place in the order of age: otherwise a few dozen busy flows
 * would change places with each.
 */
const PLACE_PACKETS = 256;

// Words of a slot. The first eight hold the two addresses, of one or four words each. A slot
// fills one cache line (64 bytes).
const SLOT_WORDS = 16;
const PORTS = 8;
const HASH = 9;
/** Protocol, and above it the length of an address in bytes (4 or 16). */
const KIND = 10;
/** Next slot of the bucket; neighbours by age; the packet counts when the flow was last seen and last placed by age. */
const CHAIN = 11;
const OLDER = 12;
const NEWER = 13;
const SEEN = 14;
const PLACED = 15;

const NONE = -1;

// How much is kept of a flow.
/** All: it is one of the `MAX_AWAKE_FLOWS` last heard of. */
const AWAKE = 0;
/** All, because something is pending. */
const PENDING = 1;
const RESTING = 2;

export class FlowTable {
  /** Direction of the packet that was last looked up. */
  direction: Direction = 0;
  size = 0;
  /** Flows that were forgotten, and flows whose state was dropped with something pending. */
  evicted = 0;
  private readonly buckets = new Int32Array(BUCKETS).fill(NONE);
  /** By slot. All that lookup and ageing need is kept in typed arrays, which the garbage collector does not scan. */
  private readonly flows: Flow[] = [];
  private words: Int32Array;
  private ranks: Uint8Array;
  readonly endpoints = new Endpoints();
  private oldest = NONE;
  private newest = NONE;
  private oldestAwake = NONE;
  /** All flows older than this one have nothing pending. */
  private oldestPending = NONE;
  private awake = 0;
  private pending = 0;
  private packets = 0;
  private readonly placePackets: number;

  constructor(
    private readonly owner: FlowOwner,
    private readonly bounds: FlowBounds = FLOW_BOUNDS,
  ) {
    // A flow at rest must move among the awake ones as soon as it is heard of.
    this.placePackets = Math.min(PLACE_PACKETS, bounds.flows >> 8, bounds.awake >> 1);
    const slots = Math.min(FIRST_SLOTS, bounds.flows);
    this.words = new Int32Array(slots * SLOT_WORDS);
    this.ranks = new Uint8Array(slots);
  }

  /** Finds or makes the flow of a packet, whose payload begins with the ports. */
  lookup(packet: IpPacket): Flow {
    const hash = hashPacket(packet);
    const slot = this.seek(packet, hash);
    if (slot === NONE) {
      this.direction = 0;
      return this.add(packet, hash);
    }
    const { words } = this;
    const at = slot * SLOT_WORDS;
    const seen = (this.packets + 1) | 0;
    this.packets = seen;
    words[at + SEEN] = seen;
    if (((seen - words[at + PLACED]) | 0) > this.placePackets) this.touch(slot);
    return this.flows[slot];
  }

  /** Finds the flow of a packet without making one or changing its age; null when it is not known. */
  find(packet: IpPacket): Flow | null {
    const slot = this.seek(packet, hashPacket(packet));
    return slot === NONE ? null : this.flows[slot];
  }

  /** The slot of a packet's flow, or NONE; sets `direction` when it finds one. */
  private seek(packet: IpPacket, hash: number): number {
    const { bytes, addresses: source, addressLength } = packet;
    const destination = source + addressLength;
    const view = viewOf(bytes);
    const forward = view.getInt32(packet.start);
    const backward = (forward << 16) | (forward >>> 16);
    const kind = kindOf(packet);
    if (addressLength === 4) {
      return this.seek4(view.getInt32(source), view.getInt32(destination), forward, backward, kind, hash);
    }
    const { words } = this;
    for (let slot = this.buckets[hash & (BUCKETS - 1)]; slot !== NONE; slot = words[slot * SLOT_WORDS + CHAIN]) {
      const at = slot * SLOT_WORDS;
      if (words[at + HASH] !== hash || words[at + KIND] !== kind) continue;
      if (words[at + PORTS] === forward && this.hasAddresses(at, view, source, destination)) {
        this.direction = 0;
      } else if (words[at + PORTS] === backward && this.hasAddresses(at, view, destination, source)) {
        this.direction = 1;
      } else continue;
      return slot;
    }
    return NONE;
  }

  /** The same for IPv4, whose addresses are one word each. */
  private seek4(
    source: number,
    destination: number,
    forward: number,
    backward: number,
    kind: number,
    hash: number,
  ): number {
    const { words } = this;
    for (let slot = this.buckets[hash & (BUCKETS - 1)]; slot !== NONE; slot = words[slot * SLOT_WORDS + CHAIN]) {
      const at = slot * SLOT_WORDS;
      if (words[at + HASH] !== hash || words[at + KIND] !== kind) continue;
      const ports = words[at + PORTS];
      const one = words[at];
      const other = words[at + 1];
      if (ports === forward && one === source && other === destination) this.direction = 0;
      else if (ports === backward && one === destination && other === source) this.direction = 1;
      else continue;
      return slot;
    }
    return NONE;
  }

  /** All flows, the one that was silent longest first. */
  values(): Flow[] {
    const slots: number[] = [];
    const { words, packets } = this;
    for (let slot = this.oldest; slot !== NONE; slot = words[slot * SLOT_WORDS + NEWER]) slots.push(slot);
    const silence = (slot: number) => (packets - words[slot * SLOT_WORDS + SEEN]) >>> 0;
    return slots.sort((a, b) => silence(b) - silence(a)).map((slot) => this.flows[slot]);
  }

  /** Compares two IPv6 addresses. */
  private hasAddresses(at: number, view: DataView, first: number, second: number): boolean {
    const { words } = this;
    for (let i = 0; i < 4; i++) {
      if (words[at + i] !== view.getInt32(first + 4 * i)) return false;
      if (words[at + 4 + i] !== view.getInt32(second + 4 * i)) return false;
    }
    return true;
  }

  private add(packet: IpPacket, hash: number): Flow {
    const { bytes, addresses, addressLength, protocol } = packet;
    const ports = viewOf(bytes).getInt32(packet.start);
    const slot = this.size < this.bounds.flows ? this.size : this.evict(this.oldest);
    if (slot === this.ranks.length) this.grow();
    const from = readAddress(bytes, addresses, addressLength);
    const to = readAddress(bytes, addresses + addressLength, addressLength);
    const [client, server] = [this.endpoints.get(from, ports >>> 16), this.endpoints.get(to, ports & 0xffff)];
    const flow = new Flow(protocol, client, server);
    this.flows[slot] = flow;
    const { words } = this;
    const at = slot * SLOT_WORDS;
    this.packets = (this.packets + 1) | 0;
    words.set(from, at);
    words.set(to, at + from.length);
    words[at + PORTS] = ports;
    words[at + HASH] = hash;
    words[at + KIND] = kindOf(packet);
    words[at + CHAIN] = this.buckets[hash & (BUCKETS - 1)];
    words[at + SEEN] = this.packets;
    words[at + PLACED] = this.packets;
    this.buckets[hash & (BUCKETS - 1)] = slot;
    this.append(slot);
    this.size++;
    return flow;
  }

  /** Doubles the number of slots, at most to the bound. */
  private grow(): void {
    const { words, ranks } = this;
    const slots = Math.min(2 * ranks.length, this.bounds.flows);
    this.words = new Int32Array(slots * SLOT_WORDS);
    this.words.set(words);
    this.ranks = new Uint8Array(slots);
    this.ranks.set(ranks);
  }

  /** Forgets the flow of a slot. @returns The slot, which is free now. */
  private evict(slot: number): number {
    const flow = this.flows[slot];
    this.owner.evict(flow);
    this.evicted++;
    this.size--;
    this.unlink(slot);
    const { words } = this;
    const next = words[slot * SLOT_WORDS + CHAIN];
    const bucket = words[slot * SLOT_WORDS + HASH] & (BUCKETS - 1);
    if (this.buckets[bucket] === slot) {
      this.buckets[bucket] = next;
    } else {
      let before = this.buckets[bucket];
      while (words[before * SLOT_WORDS + CHAIN] !== slot) before = words[before * SLOT_WORDS + CHAIN];
      words[before * SLOT_WORDS + CHAIN] = next;
    }
    for (const direction of [0, 1]) this.endpoints.release(flow.source(direction));
    return slot;
  }

  // Age

  private touch(slot: number): void {
    const { words } = this;
    words[slot * SLOT_WORDS + PLACED] = words[slot * SLOT_WORDS + SEEN];
    if (slot === this.newest) return;
    this.unlink(slot);
    this.append(slot);
  }

  private unlink(slot: number): void {
    const { words } = this;
    const older = words[slot * SLOT_WORDS + OLDER];
    const newer = words[slot * SLOT_WORDS + NEWER];
    if (older === NONE) this.oldest = newer;
    else words[older * SLOT_WORDS + NEWER] = newer;
    if (newer === NONE) this.newest = older;
    else words[newer * SLOT_WORDS + OLDER] = older;
    if (this.oldestAwake === slot) this.oldestAwake = newer;
    if (this.oldestPending === slot) this.oldestPending = newer;
    if (this.ranks[slot] === AWAKE) this.awake--;
    else if (this.ranks[slot] === PENDING) this.pending--;
  }

  private append(slot: number): void {
    const { words, newest } = this;
    words[slot * SLOT_WORDS + OLDER] = newest;
    words[slot * SLOT_WORDS + NEWER] = NONE;
    if (newest === NONE) this.oldest = slot;
    else words[newest * SLOT_WORDS + NEWER] = slot;
    this.newest = slot;
    this.ranks[slot] = AWAKE;
    if (this.oldestAwake === NONE) this.oldestAwake = slot;
    if (++this.awake > this.bounds.awake) this.retire(this.oldestAwake);
  }

  /** Puts the oldest awake flow to rest, unless something is pending. */
  private retire(slot: number): void {
    const flow = this.flows[slot];
    this.oldestAwake = this.words[slot * SLOT_WORDS + NEWER];
    this.awake--;
    this.ranks[slot] = RESTING;
    if (this.owner.rest(flow)) return;
    if (this.pending >= this.bounds.pending) this.retireOldestPending();
    this.ranks[slot] = PENDING;
    this.pending++;
    if (this.oldestPending === NONE) this.oldestPending = slot;
  }

  /**
   * Too many flows are kept because something is pending: puts the oldest of them to rest if nothing is by now, or else
   * drops its state.
   */
  private retireOldestPending(): void {
    const { words, ranks } = this;
    let slot = this.oldestPending;
    while (ranks[slot] !== PENDING) slot = words[slot * SLOT_WORDS + NEWER];
    this.oldestPending = words[slot * SLOT_WORDS + NEWER];
    ranks[slot] = RESTING;
    this.pending--;
    const flow = this.flows[slot];
    if (this.owner.rest(flow)) return;
    this.owner.evict(flow);
    this.evicted++;
  }
}

function kindOf({ protocol, addressLength }: IpPacket): number {
  return protocol | (addressLength << 8);
}

/** The same for both directions of a flow. */
function hashPacket({ bytes, addresses, addressLength, start, protocol }: IpPacket): number {
  const view = viewOf(bytes);
  const ports = view.getInt32(start);
  let a = Math.imul((ports >>> 16) ^ OTHER_SECRET, SECRET);
  let b = Math.imul((ports & 0xffff) ^ OTHER_SECRET, SECRET);
  const destination = addresses + addressLength;
  for (let i = 0; i < addressLength; i += 4) {
    a = mix(a, view.getInt32(addresses + i));
    b = mix(b, view.getInt32(destination + i));
  }
  const hash = (a + b) ^ protocol;
  return (hash ^ (hash >>> 15)) & 0x3fffffff;
}
