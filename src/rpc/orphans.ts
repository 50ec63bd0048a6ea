/**
 * Calls whose connection ended before their reply: clients send them again, with the same xid, on a new connection to the same
 * server. For that time they are known by an owner that stands for client address and server; after it their outcome is told.
 */
import { RECONNECT_SECONDS } from '../limits.js';
import type { Endpoint } from '../network/flow.js';
import type { ExchangeSlots } from './exchange-slots.js';

interface Orphan {
  slot: number;
  /** Tells the exchange from a later one in the same slot. */
  serial: number;
  seconds: number;
}

export class Orphans {
  private queue: Orphan[] = [];
  private first = 0;
  /** By the server, then by the client's address: owners are negative, apart from all others. */
  private readonly owners = new Map<Endpoint, Map<string, number>>();
  private lastOwner = 0;

  constructor(
    private readonly slots: ExchangeSlots,
    /** Is told of a call that nobody sent again. */
    private readonly onExpired: (slot: number) => void,
  ) {}

  get any(): boolean {
    return this.first < this.queue.length;
  }

  /** The owner of calls from this client to this server whose connection ended; undefined when there was none. */
  ownerOf(client: Endpoint, server: Endpoint): number | undefined {
    return this.owners.get(server)?.get(client.address);
  }

  add(slot: number, xid: number, client: Endpoint, server: Endpoint, seconds: number): void {
    const owner = this.ownerOf(client, server) ?? this.newOwner(client, server);
    this.slots.unlink(slot);
    this.slots.link(slot, owner, xid);
    this.queue.push({ slot, serial: this.slots.serialOf(slot), seconds });
    // More than there are slots: the oldest entries' exchanges have left.
    if (this.queue.length - this.first > this.slots.capacity) this.drop();
  }

  /** Drops those whose time is over at `seconds`. */
  expire(seconds: number): void {
    while (this.any && seconds - this.queue[this.first].seconds > RECONNECT_SECONDS) this.drop();
  }

  private newOwner(client: Endpoint, server: Endpoint): number {
    const clients = this.owners.get(server) ?? new Map<string, number>();
    this.owners.set(server, clients);
    clients.set(client.address, --this.lastOwner);
    return this.lastOwner;
  }

  private drop(): void {
    const { slot, serial } = this.queue[this.first++];
    if (this.slots.serialOf(slot) === serial) this.onExpired(slot);
    if (!this.any) {
      this.queue = [];
      this.first = 0;
      this.owners.clear();
    } else if (this.first > this.slots.capacity) {
      this.queue = this.queue.slice(this.first);
      this.first = 0;
    }
  }
}
