/**
 * A cache of texts by consecutively assigned numbers: a ring in which each number has one
 * place, taken from the number that is the ring's size lower. So a lookup is one access,
 * and a cyclic use of slightly more numbers than places still finds most of them.
 */

/** Places of a new ring; most captures have few connections. */
const FIRST_PLACES = 64;

export class RecentTexts<Texts> {
  private keys: Int32Array;
  private texts: (Texts | undefined)[];
  private mask: number;

  /** @param bound The most places: a power of two. A ring doubles until then rather than lose a text. */
  constructor(private readonly bound: number) {
    const places = Math.min(bound, FIRST_PLACES);
    this.mask = places - 1;
    this.keys = new Int32Array(places);
    this.texts = new Array(places).fill(undefined);
  }

  get(key: number): Texts | undefined {
    const place = key & this.mask;
    return this.keys[place] === key ? this.texts[place] : undefined;
  }

  set(key: number, texts: Texts): void {
    while (this.isTakenFrom(key) && this.mask + 1 < this.bound) this.double();
    this.put(key, texts);
  }

  private isTakenFrom(key: number): boolean {
    const place = key & this.mask;
    return this.texts[place] !== undefined && this.keys[place] !== key;
  }

  private put(key: number, texts: Texts): void {
    const place = key & this.mask;
    this.keys[place] = key;
    this.texts[place] = texts;
  }

  private double(): void {
    const { keys, texts } = this;
    const places = 2 * keys.length;
    this.mask = places - 1;
    this.keys = new Int32Array(places);
    this.texts = new Array(places).fill(undefined);
    for (let i = 0; i < keys.length; i++) {
      const text = texts[i];
      if (text !== undefined) this.put(keys[i], text);
    }
  }
}
