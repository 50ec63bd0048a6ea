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

/** Buckets of a new table, which doubles until there are MOST_BUCKETS. Powers of two. */
const FIRST_BUCKETS = 1 << 8;
const MOST_BUCKETS = 1 << 16;

/** A hash table with chains, because a `Map` would keep a text of address and port for each endpoint. */
export class Endpoints {
  private buckets: (Entry | null)[] = new Array(FIRST_BUCKETS).fill(null);
  private size = 0;
  private lastId = 0;

  get(words: Int32Array, port: number): Endpoint {
    const address = formatAddress(words);
    const hash = hashOf(words, port);
    for (let entry = this.buckets[this.bucketOf(hash)]; entry !== null; entry = entry.chain) {
      if (entry.port !== port || entry.address !== address) continue;
      entry.users++;
      return entry;
    }
    if (this.size === this.buckets.length && this.size < MOST_BUCKETS) this.grow();
    const bucket = this.bucketOf(hash);
    const entry = { id: ++this.lastId, address, port, hash, users: 1, chain: this.buckets[bucket] };
    this.buckets[bucket] = entry;
    this.size++;
    return entry;
  }

  /** To be called when one flow fewer uses the endpoint. */
  release(endpoint: Endpoint): void {
    const entry = endpoint as Entry;
    if (--entry.users > 0) return;
    this.size--;
    const bucket = this.bucketOf(entry.hash);
    const first = this.buckets[bucket];
    if (first === entry) {
      this.buckets[bucket] = entry.chain;
      return;
    }
    let before = first!;
    while (before.chain !== entry) before = before.chain!;
    before.chain = entry.chain;
  }

  private grow(): void {
    const { buckets } = this;
    this.buckets = new Array(2 * buckets.length).fill(null);
    for (const first of buckets) {
      for (let entry = first; entry !== null; ) {
        const { chain } = entry;
        const bucket = this.bucketOf(entry.hash);
        entry.chain = this.buckets[bucket];
        this.buckets[bucket] = entry;
        entry = chain;
      }
    }
  }

  private bucketOf(hash: number): number {
    return hash & (this.buckets.length - 1);
  }
}

function hashOf(words: Int32Array, port: number): number {
  let hash = Math.imul(port ^ OTHER_SECRET, SECRET);
  for (const word of words) hash = mix(hash, word);
  return hash & (MOST_BUCKETS - 1);
}
