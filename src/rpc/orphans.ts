/**
 * Orphans are calls whose connection ended before their reply. Clients send them again, with the same xid, on a new
 * connection to the same server. Until RECONNECT_SECONDS have passed they are found by client address, server and
 * xid; then their outcome is reported.
 */
import { RECONNECT_SECONDS } from '../limits/rpc.js';
import type { Endpoint } from '../network/flow.js';
import { type ExchangeSlots, NONE } from './exchange-slots.js';

interface Orphan {
  slot: number;
  /** Tells the exchange apart from a later one in the same slot. */
  serial: number;
  client: string;
  server: Endpoint;
  xid: number;
  seconds: number;
}

export class Orphans {
  private queue: Orphan[] = [];
  private first = 0;
  /**
   * Orphans in the queue by server, client address and xid, the newest of each. Empty maps are
   * removed with their last orphan.
   */
  private readonly servers = new Map<Endpoint, Map<string, Map<number, Orphan>>>();

  constructor(
    private readonly slots: ExchangeSlots,
    /** Receives each call that nobody sent again in time. */
    private readonly onExpired: (slot: number) => void,
  ) {}

  get any(): boolean {
    return this.first < this.queue.length;
  }

  /** The newest orphan with this xid from this client to this server; NONE: there is none. */
  find(client: Endpoint, server: Endpoint, xid: number): number {
    const orphan = this.servers.get(server)?.get(client.address)?.get(xid);
    return orphan !== undefined && this.isThere(orphan) ? orphan.slot : NONE;
  }

  add(slot: number, client: Endpoint, server: Endpoint, xid: number, seconds: number): void {
    const orphan = { slot, serial: this.slots.serialOf(slot), client: client.address, server, xid, seconds };
    this.slots.disown(slot);
    this.siblingsOf(orphan).set(xid, orphan);
    this.queue.push(orphan);
    // An exchange cannot be in the table any more if more entries than slots followed it.
    if (this.queue.length - this.first > this.slots.capacity) this.drop();
  }

  /** Drops the orphans whose time has passed at `seconds`. */
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
