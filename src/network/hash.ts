/**
 * Hashes of addresses, ports and xids. Whoever makes a capture chooses these values, so each process has secret factors:
 * otherwise a capture could put all its flows, or all its calls, into one chain of a table. No output depends on the
 * factors, because no table is read in the order of its hashes.
 */

/** An odd number that no capture can know. */
function secretFactor(): number {
  return Math.floor(Math.random() * 2 ** 32) | 1;
}

export const SECRET = secretFactor();
export const OTHER_SECRET = secretFactor();

/** Adds a word to a hash. */
export function mix(hash: number, word: number): number {
  const mixed = Math.imul(hash ^ word, 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
}

/** Adds two words. */
export function mixPair(hash: number, one: number, other: number): number {
  const mixed = Math.imul(hash ^ one, 0x9e3779b1) + Math.imul(other, 0x85ebca6b);
  return mixed ^ (mixed >>> 15);
}
