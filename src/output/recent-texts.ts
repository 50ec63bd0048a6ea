/**
 * A cache of texts by consecutively assigned numbers: a ring in which each number has one
 * place, taken from the number that is the ring's size lower. So a lookup is one access,
 * and a cyclic use of slightly more numbers than places still finds most of them.
 */
export class RecentTexts<Texts> {
  private readonly keys: Int32Array;
  private readonly texts: (Texts | undefined)[];
  private readonly mask: number;

  /** @param bound The number of places: a power of two. */
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
