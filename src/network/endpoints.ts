/** Endpoints by address and port. Each has a number, which it keeps as long as a flow uses it. */
import { formatAddress } from '../xdr/address.js';
import { mix, OTHER_SECRET, SECRET } from './hash.js';

/**
 * An address and port. There is one object for each, so endpoints are compared by identity or by `id`; where the flows
 * of one of them may be forgotten, by `isSameEndpoint`.
 */
export interface Endpoint {
  readonly id: number;
  readonly address: string;
  readonly port: number;
}

export function isSameEndpoint(a: Endpoint, b: Endpoint): boolean {
  return a === b || (a.port === b.port && a.address === b.address);
}

interface Entry extends Endpoint {
  readonly hash: number;
  users: number;
  chain: Entry | null;
}

const BUCKETS = 1 << 16;

/** A hash table with chains, because a `Map` would keep a text of address and port for each endpoint. */
export class Endpoints {
  private readonly buckets: (Entry | null)[] = new Array(BUCKETS).fill(null);
  private lastId = 0;

  get(words: Int32Array, port: number): Endpoint {
    const address = formatAddress(words);
    const hash = hashOf(words, port);
    for (let entry = this.buckets[hash]; entry !== null; entry = entry.chain) {
      if (entry.port !== port || entry.address !== address) continue;
      entry.users++;
      return entry;
    }
    const entry = { id: ++this.lastId, address, port, hash, users: 1, chain: this.buckets[hash] };
    this.buckets[hash] = entry;
    return entry;
  }

  /** To be called when one flow fewer uses the endpoint. */
  release(endpoint: Endpoint): void {
    const entry = endpoint as Entry;
    if (--entry.users > 0) return;
    const first = this.buckets[entry.hash];
    if (first === entry) {
      this.buckets[entry.hash] = entry.chain;
      return;
    }
    let before = first!;
    while (before.chain !== entry) before = before.chain!;
    before.chain = entry.chain;
  }
}

function hashOf(words: Int32Array, port: number): number {
  let hash = Math.imul(port ^ OTHER_SECRET, SECRET);
  for (const word of words) hash = mix(hash, word);
  return hash & (BUCKETS - 1);
}
