/** Numbers with what they count, for messages and remarks: `1 reply`, `1,234 replies`. */

/** `1 call`, `1,234 calls`. */
export function plural(count: number, noun: string, nouns?: string): string {
  return `${grouped(count)} ${nounFor(count, noun, nouns)}`;
}

/** `1 byte`, `65536 bytes`: what messages say of lengths, which are without commas in records. */
export function byteCount(count: number): string {
  return `${count} ${nounFor(count, 'byte')}`;
}

/** `1 remaining byte`, `20 remaining bytes`: what a length or count in a message exceeds. */
export function remainingBytes(count: number): string {
  return `${count} remaining ${nounFor(count, 'byte')}`;
}

/** `1 byte follows`, `4 bytes follow`: what a body has beyond its type. */
export function bytesFollow(count: number): string {
  return `${count} ${nounFor(count, 'byte follows', 'bytes follow')}`;
}

/** `2 elements exceed the bound of 1`. */
export function exceedsBound(count: number, noun: string, bound: number): string {
  return `${count} ${nounFor(count, noun)} ${nounFor(count, 'exceeds', 'exceed')} the bound of ${bound}`;
}

/** The noun behind a number: `byte` for 1, else `bytes`; `entry` and `entries`, `address` and `addresses`. */
export function nounFor(count: number, noun: string, nouns = pluralOf(noun)): string {
  return count === 1 ? noun : nouns;
}

function pluralOf(noun: string): string {
  if (/[^aeiou]y$/.test(noun)) return `${noun.slice(0, -1)}ies`;
  return /(s|x|ch|sh)$/.test(noun) ? `${noun}es` : `${noun}s`;
}

/**
 * A whole number with commas between thousands: `1,234,567`.
 * `toLocaleString` would first load its language's rules, for 15 ms.
 */
export function grouped(number: number): string {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ',');
}
