/** A bounded map. When it is full, the entry that was set first leaves. */
export class Recent<Value, Key = string> {
  private readonly entries = new Map<Key, Value>();
  /**
   * Stands before the entry that was set first. One iterator for all: a new one would step over all entries that V8
   * has deleted but not removed yet, up to as many as the map holds.
   */
  private readonly oldest = this.entries.keys();

  constructor(
    private readonly bound: number,
    private readonly onLeave: (value: Value) => void = () => {},
  ) {}

  has(key: Key): boolean {
    return this.entries.has(key);
  }

  get(key: Key): Value | undefined {
    return this.entries.get(key);
  }

  /** Reads a value that is in use. In a full map it becomes the newest, so that entries in use stay. */
  use(key: Key): Value | undefined {
    const value = this.entries.get(key);
    if (value !== undefined && this.entries.size >= this.bound) {
      this.entries.delete(key);
      this.entries.set(key, value);
    }
    return value;
  }

  /** Enters a value as the newest. */
  set(key: Key, value: Value): void {
    this.entries.delete(key);
    if (this.entries.size >= this.bound) {
      const oldest = this.oldest.next().value!;
      const left = this.entries.get(oldest)!;
      this.entries.delete(oldest);
      this.onLeave(left);
    }
    this.entries.set(key, value);
  }

  /** False: there was no such entry. */
  delete(key: Key): boolean {
    return this.entries.delete(key);
  }

  [Symbol.iterator](): Iterator<[Key, Value]> {
    return this.entries[Symbol.iterator]();
  }
}
