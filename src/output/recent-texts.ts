/**
 * Texts that were made for what was spoken of last, by numbers that are given in turn: each has its place in a ring, and takes it from the
 * number that many before. So one access tells, and who asks in turn for a few more than are kept still finds most of them.
 */
export class RecentTexts<Texts> {
  private readonly keys: Int32Array;
  private readonly texts: (Texts | undefined)[];
  private readonly mask: number;

  /** @param bound How many are kept: a power of two. */
  constructor(bound: number) {
    this.mask = bound - 1;
    this.keys = new Int32Array(bound).fill(-1);
    this.texts = new Array(bound).fill(undefined);
  }

  get(key: number): Texts | undefined {
    const place = key & this.mask;
    return this.keys[place] === key ? this.texts[place] : undefined;
  }

  set(key: number, texts: Texts): void {
    const place = key & this.mask;
    this.keys[place] = key;
    this.texts[place] = texts;
  }
}
