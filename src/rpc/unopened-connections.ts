/**
 * TCP connections that did not open: a SYN that nobody answered, or that was refused by an RST. They carry no message,
 * but a client that mounts from behind a firewall, or whose server does not run, hangs in them. Those of the same client
 * and server are one row. Bounded: further rows are counted.
 */
import { MAX_UNOPENED_CONNECTIONS } from '../limits/rpc.js';
import type { Endpoint } from '../network/flow.js';
import type { Stamp } from '../network/stamp.js';

export interface UnopenedConnection {
  /** Address. */
  client: string;
  server: Endpoint;
  /** False: no answer came. */
  isRefused: boolean;
  /** Connections; a SYN that was sent again does not count. */
  count: number;
  /** The first SYN. */
  first: Stamp;
}

export class UnopenedConnections {
  /** Rows that found no room. */
  dropped = 0;
  private readonly known = new Map<string, UnopenedConnection>();

  add(client: string, server: Endpoint, isRefused: boolean, first: Stamp): void {
    const key = `${client} ${server.address} ${server.port} ${isRefused}`;
    const row = this.known.get(key);
    if (row !== undefined) {
      row.count++;
      // Connections end in another order than they began.
      if (first.order < row.first.order) row.first = first;
    } else if (this.known.size < MAX_UNOPENED_CONNECTIONS) {
      this.known.set(key, { client, server, isRefused, count: 1, first });
    } else this.dropped++;
  }

  /** Those that were tried first come first. */
  rows(): UnopenedConnection[] {
    return [...this.known.values()].sort((a, b) => a.first.order - b.first.order);
  }
}
