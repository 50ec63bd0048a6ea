/**
 * Writes decimal digits of numbers, two at a time, at a given offset of a buffer and its view; each function returns
 * the next offset. Callers have made room. Numbers of 64 bits come as two words, and no BigInt is made for them.
 */

const ZERO = 48;
const MINUS = 45;
const BILLION = 1_000_000_000;
/** High words from here on make numbers beyond 2^53. */
const BEYOND_DOUBLE = 0x200000;

const PAIRS = new Uint16Array(100);
for (let i = 0; i < 100; i++) PAIRS[i] = ((ZERO + Math.floor(i / 10)) << 8) | (ZERO + (i % 10));

/**
 * An unsigned 32-bit number, which may come as a signed one: V8 never boxes those.
 * `>>> 0` and `| 0` tell the engine that these are integers, whose division by a
 * constant is a multiplication. The parts of four digits do not wait for each other.
 */
export function unsigned(w: Uint8Array, d: DataView, q: number, word: number): number {
  const value = word >>> 0;
  if (value < 10_000) return upToFour(w, d, q, value);
  const upper = (value / 10_000) >>> 0;
  if (upper < 10_000) {
    const end = upToFour(w, d, q, upper);
    fourDigits(d, end, value - upper * 10_000);
    return end + 4;
  }
  const first = (value / 100_000_000) >>> 0;
  const end = upToFour(w, d, q, first);
  fourDigits(d, end, upper - first * 10_000);
  fourDigits(d, end + 4, value - upper * 10_000);
  return end + 8;
}

/** A number below 10,000. */
function upToFour(w: Uint8Array, d: DataView, q: number, value: number): number {
  const small = value | 0;
  if (small < 10) {
    w[q] = ZERO + small;
    return q + 1;
  }
  if (small < 100) {
    d.setUint16(q, PAIRS[small]);
    return q + 2;
  }
  if (small >= 1000) {
    fourDigits(d, q, small);
    return q + 4;
  }
  const upper = (small / 100) | 0;
  w[q] = ZERO + upper;
  d.setUint16(q + 1, PAIRS[small - upper * 100]);
  return q + 3;
}

export function signed(w: Uint8Array, d: DataView, q: number, value: number): number {
  if (value >= 0) return unsigned(w, d, q, value);
  w[q] = MINUS;
  return unsigned(w, d, q + 1, -value);
}

/** A non-negative integer up to 2^53. */
export function unsigned53(w: Uint8Array, d: DataView, q: number, value: number): number {
  if (value <= 0xffffffff) return unsigned(w, d, q, value);
  const upper = Math.floor(value / BILLION);
  return nineDigits(w, d, unsigned(w, d, q, upper), value - upper * BILLION);
}

/** An unsigned 64-bit number, whose words may come as signed ones. */
export function unsigned64(w: Uint8Array, d: DataView, q: number, upperWord: number, lowerWord: number): number {
  if (upperWord === 0) return unsigned(w, d, q, lowerWord);
  const high = upperWord >>> 0;
  const low = lowerWord >>> 0;
  if (high < BEYOND_DOUBLE) return unsigned53(w, d, q, high * 0x100000000 + low);
  // Long division by a billion, 16 bits at a time: what is divided stays below 2^46.
  const first = Math.floor(high / BILLION);
  const middle = (high - first * BILLION) * 0x10000 + (low >>> 16);
  const second = Math.floor(middle / BILLION);
  const last = (middle - second * BILLION) * 0x10000 + (low & 0xffff);
  const third = Math.floor(last / BILLION);
  const upper = first * 0x100000000 + second * 0x10000 + third;
  return nineDigits(w, d, unsigned53(w, d, q, upper), last - third * BILLION);
}

export function signed64(w: Uint8Array, d: DataView, q: number, high: number, low: number): number {
  if ((high | 0) >= 0) return unsigned64(w, d, q, high, low);
  w[q] = MINUS;
  return unsigned64(w, d, q + 1, ~high + (low === 0 ? 1 : 0), -low | 0);
}

/** A number below 10^9 with leading zeros. */
export function nineDigits(w: Uint8Array, d: DataView, q: number, value: number): number {
  const whole = value | 0;
  const upper = (whole / 10_000) | 0;
  const first = (upper / 10_000) | 0;
  fourDigits(d, q + 1, upper - first * 10_000);
  fourDigits(d, q + 5, whole - upper * 10_000);
  w[q] = ZERO + first;
  return q + 9;
}

/** A number below 10^6 with leading zeros. */
export function sixDigits(d: DataView, q: number, value: number): number {
  const whole = value | 0;
  const upper = (whole / 10_000) | 0;
  d.setUint16(q, PAIRS[upper]);
  fourDigits(d, q + 2, whole - upper * 10_000);
  return q + 6;
}

function fourDigits(d: DataView, q: number, value: number): void {
  const whole = value | 0;
  const upper = (whole / 100) | 0;
  d.setInt32(q, (PAIRS[upper] << 16) | PAIRS[whole - upper * 100]);
}
