/**
 * Calls whose connection ended before their reply: clients send them again, with the same xid, on a new connection to the same
 * server. For that time they are known by client address, server and xid; after it their outcome is told.
 */
import { RECONNECT_SECONDS } from '../limits.js';
import type { Endpoint } from '../network/flow.js';
import { type ExchangeSlots, NONE } from './exchange-slots.js';

interface Orphan {
  slot: number;
  /** Tells the exchange from a later one in the same slot. */
  serial: number;
  xid: number;
  seconds: number;
  /** The newest of its client and server by xid. */
  siblings: Map<number, Orphan>;
}

export class Orphans {
  private queue: Orphan[] = [];
  private first = 0;
  /** By the server, then by the client's address, then by the xid. */
  private readonly servers = new Map<Endpoint, Map<string, Map<number, Orphan>>>();

  constructor(
    private readonly slots: ExchangeSlots,
    /** Is told of a call that nobody sent again. */
    private readonly onExpired: (slot: number) => void,
  ) {}

  get any(): boolean {
    return this.first < this.queue.length;
  }

  /** The newest call with this xid from this client to this server whose connection ended; NONE when there is none. */
  find(client: Endpoint, server: Endpoint, xid: number): number {
    const orphan = this.servers.get(server)?.get(client.address)?.get(xid);
    return orphan !== undefined && this.isThere(orphan) ? orphan.slot : NONE;
  }

  add(slot: number, client: Endpoint, server: Endpoint, xid: number, seconds: number): void {
    const siblings = this.siblingsOf(client, server);
    const orphan = { slot, serial: this.slots.serialOf(slot), xid, seconds, siblings };
    this.slots.disown(slot);
    siblings.set(xid, orphan);
    this.queue.push(orphan);
    // More than there are slots: the oldest entries' exchanges have left.
    if (this.queue.length - this.first > this.slots.capacity) this.drop();
  }

  /** Drops those whose time is over at `seconds`. */
  expire(seconds: number): void {
    while (this.any && seconds - this.queue[this.first].seconds > RECONNECT_SECONDS) this.drop();
  }

  private isThere({ slot, serial }: Orphan): boolean {
    return this.slots.serialOf(slot) === serial;
  }

  private siblingsOf(client: Endpoint, server: Endpoint): Map<number, Orphan> {
    const clients = this.servers.get(server) ?? new Map<string, Map<number, Orphan>>();
    const siblings = clients.get(client.address) ?? new Map<number, Orphan>();
    this.servers.set(server, clients);
    clients.set(client.address, siblings);
    return siblings;
  }

  private drop(): void {
    const orphan = this.queue[this.first++];
    if (this.isThere(orphan)) this.onExpired(orphan.slot);
    if (orphan.siblings.get(orphan.xid) === orphan) orphan.siblings.delete(orphan.xid);
    if (!this.any) {
      this.queue = [];
      this.first = 0;
      this.servers.clear();
    } else if (this.first > this.slots.capacity) {
      this.queue = this.queue.slice(this.first);
      this.first = 0;
    }
  }
}
