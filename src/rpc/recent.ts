/** A bounded map. When it is full, the entry that was set first leaves. */
export class Recent<Value> {
  private readonly entries = new Map<string, Value>();

  constructor(
    private readonly bound: number,
    private readonly onLeave: (value: Value) => void = () => {},
  ) {}

  has(key: string): boolean {
    return this.entries.has(key);
  }

  get(key: string): Value | undefined {
    return this.entries.get(key);
  }

  /** Reads a value that is in use. In a full map it becomes the newest, so that entries in use stay. */
  use(key: string): Value | undefined {
    const value = this.entries.get(key);
    if (value !== undefined && this.entries.size >= this.bound) {
      this.entries.delete(key);
      this.entries.set(key, value);
    }
    return value;
  }

  /** Enters a value as the newest. */
  set(key: string, value: Value): void {
    this.entries.delete(key);
    if (this.entries.size >= this.bound) {
      const [[oldest, left]] = this.entries;
      this.entries.delete(oldest);
      this.onLeave(left);
    }
    this.entries.set(key, value);
  }

  delete(key: string): void {
    this.entries.delete(key);
  }

  [Symbol.iterator](): Iterator<[string, Value]> {
    return this.entries[Symbol.iterator]();
  }
}
