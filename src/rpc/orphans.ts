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
  client: string;
  server: Endpoint;
  xid: number;
  seconds: number;
}

export class Orphans {
  private queue: Orphan[] = [];
  private first = 0;
  /** The newest by its server, its client's address, and its xid: of those in the queue, so that who comes once is not kept. */
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
    const orphan = { slot, serial: this.slots.serialOf(slot), client: client.address, server, xid, seconds };
    this.slots.disown(slot);
    this.siblingsOf(orphan).set(xid, orphan);
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

  private siblingsOf({ client, server }: Orphan): Map<number, Orphan> {
    const clients = this.servers.get(server) ?? new Map<string, Map<number, Orphan>>();
    const siblings = clients.get(client) ?? new Map<number, Orphan>();
    this.servers.set(server, clients);
    clients.set(client, siblings);
    return siblings;
  }

  private drop(): void {
    const orphan = this.queue[this.first++];
    if (this.isThere(orphan)) this.onExpired(orphan.slot);
    this.forget(orphan);
    if (!this.any || this.first > this.slots.capacity) {
      this.queue = this.queue.slice(this.first);
      this.first = 0;
    }
  }

  private forget(orphan: Orphan): void {
    const { client, server, xid } = orphan;
    const clients = this.servers.get(server);
    const siblings = clients?.get(client);
    if (siblings?.get(xid) !== orphan) return;
    siblings.delete(xid);
    if (siblings.size === 0) clients!.delete(client);
    if (clients!.size === 0) this.servers.delete(server);
  }
}
