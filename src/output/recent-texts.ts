/**
 * Texts that were made for what was spoken of last. When there are half of `bound` they become the older ones, and those older ones that
 * nobody asked for meanwhile go: who asks in turn for a few more than are kept still finds most of them.
 */
export class RecentTexts<Key, Texts> {
  private newer = new Map<Key, Texts>();
  private older = new Map<Key, Texts>();
  private readonly half: number;

  constructor(bound: number) {
    this.half = bound / 2;
  }

  get(key: Key): Texts | undefined {
    return this.newer.get(key) ?? this.renew(key);
  }

  set(key: Key, texts: Texts): void {
    if (this.newer.size >= this.half && !this.newer.has(key)) {
      this.older = this.newer;
      this.newer = new Map();
    }
    this.newer.set(key, texts);
  }

  private renew(key: Key): Texts | undefined {
    const texts = this.older.get(key);
    if (texts === undefined) return undefined;
    this.older.delete(key);
    this.set(key, texts);
    return texts;
  }
}
