/**
 * A bounded hash table over fingerprints, which forgets what was not used for longest. Entries carry their own chain,
 * so that finding one makes no object. Time is counted in turns, four for each filling of the table, so that using an
 * entry costs one store. The table grows with its entries, because most captures have few files.
 */

export interface Entry {
  low: number;
  high: number;
  /** The next entry of the bucket; the table's own. */
  chain: Entry | null;
  /** When it was last used; 0 when it is in no table. The table's own. */
  turn: number;
}

const TURNS = 4;
const NEVER = 0;
/** A power of two. */
const FIRST_BUCKETS = 1024;

export class RecencyTable<E extends Entry> {
  size = 0;
  evicted = 0;
  private buckets: (E | null)[];
  private mask: number;
  private turn = TURNS;
  private added = 0;

  constructor(
    private readonly capacity: number,
    private readonly onEvict: (entry: E) => void = () => {},
  ) {
    const count = 1 << (32 - Math.clz32(Math.min(capacity, FIRST_BUCKETS) - 1));
    this.mask = count - 1;
    this.buckets = new Array(count).fill(null);
  }

  find(low: number, high: number): E | null {
    for (let entry = this.buckets[low & this.mask]; entry !== null; entry = entry.chain as E | null) {
      if (entry.low === low && entry.high === high) {
        this.use(entry);
        return entry;
      }
    }
    return null;
  }

  /** True for an entry that was added, and neither removed nor forgotten. */
  has(entry: E): boolean {
    return entry.turn !== NEVER;
  }

  /** An entry that is used twice in a turn is stored to once: memory that is only read stays clean. */
  use(entry: E): void {
    if (entry.turn !== this.turn) entry.turn = this.turn;
  }

  /** Adds an entry whose fingerprint is not there yet; true when another turn began. */
  add(entry: E): boolean {
    if (this.size >= this.capacity) this.forget();
    if (this.size > this.mask) this.grow();
    const isNextTurn = ++this.added % Math.ceil(this.capacity / TURNS) === 0;
    if (isNextTurn) this.turn++;
    this.link(entry);
    entry.turn = this.turn;
    this.size++;
    return isNextTurn;
  }

  remove(entry: E): void {
    const bucket = entry.low & this.mask;
    let before: E | null = null;
    for (let at = this.buckets[bucket]; at !== null; at = at.chain as E | null) {
      if (at === entry) {
        if (before === null) this.buckets[bucket] = entry.chain as E | null;
        else before.chain = entry.chain;
        entry.turn = NEVER;
        this.size--;
        return;
      }
      before = at;
    }
  }

  /**
   * Doubles the buckets. The entries of each bucket stay there
   * or move to the bucket `count` further on, in the same order.
   */
  private grow(): void {
    const { buckets } = this;
    const count = buckets.length;
    this.mask = 2 * count - 1;
    this.buckets = buckets.concat(new Array(count).fill(null));
    for (let bucket = 0; bucket < count; bucket++) {
      const entries: E[] = [];
      for (let entry = buckets[bucket]; entry !== null; entry = entry.chain as E | null) entries.push(entry);
      this.buckets[bucket] = null;
      for (const entry of entries.reverse()) this.link(entry);
    }
  }

  private link(entry: E): void {
    const bucket = entry.low & this.mask;
    entry.chain = this.buckets[bucket];
    this.buckets[bucket] = entry;
  }

  /** Makes room for a quarter of the capacity: the entries that were not used for the most turns leave. */
  private forget(): void {
    const target = Math.floor((this.capacity * (TURNS - 1)) / TURNS);
    for (let oldest = this.turn - TURNS; this.size > target; oldest++) {
      for (let bucket = 0; bucket <= this.mask && this.size > target; bucket++) this.forgetBucket(bucket, oldest);
    }
  }

  private forgetBucket(bucket: number, oldest: number): void {
    for (let entry = this.buckets[bucket]; entry !== null; entry = entry.chain as E | null) {
      if (entry.turn > oldest) continue;
      this.remove(entry);
      this.evicted++;
      this.onEvict(entry);
    }
  }
}
