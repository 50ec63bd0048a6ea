/**
 * Timestamps of 64 bits, in any unit that pcapng's if_tsresol can express (draft-ietf-opsawg-pcapng §4.2), converted to
 * integer seconds and nanoseconds: exactly, rounded down, without BigInt.
 */

/** Receives the result of a conversion: a frame. */
export interface Instant {
  seconds: number;
  nanoseconds: number;
}

/** Converts a timestamp, given as its upper and lower 32 bits. */
export type TimeSplitter = (high: number, low: number, instant: Instant) => void;

const NANOSECONDS = 1e9;
/**
 * Long division by 16-bit digits is exact for divisors up to 2^37, because a remainder and one digit must fit in 2^53.
 */
const LARGEST_POWER = 10;

/** Carries nanoseconds of a second or more over into the seconds. */
export function normalizeTime(instant: Instant): void {
  const carry = Math.floor(instant.nanoseconds / NANOSECONDS);
  instant.seconds += carry;
  instant.nanoseconds -= carry * NANOSECONDS;
}

/** Makes the converter for a value of if_tsresol: a negative power of 10, or of 2 where the highest bit is set. */
export function timeSplitter(resolution: number): TimeSplitter {
  if ((resolution & 0x80) !== 0) return binarySplitter(resolution & 0x7f);
  return resolution <= 9 ? decimalSplitter(resolution) : fineSplitter(resolution - 9);
}

/** Units of one nanosecond or longer. */
function decimalSplitter(power: number): TimeSplitter {
  const perSecond = 10 ** power;
  const unit = 10 ** (9 - power);
  return (high, low, instant) => {
    const top = Math.floor(high / perSecond);
    const middle = (high - top * perSecond) * 0x10000 + (low >>> 16);
    const middleQuotient = Math.floor(middle / perSecond);
    const bottom = (middle - middleQuotient * perSecond) * 0x10000 + (low & 0xffff);
    const bottomQuotient = Math.floor(bottom / perSecond);
    instant.seconds = (top * 0x10000 + middleQuotient) * 0x10000 + bottomQuotient;
    instant.nanoseconds = (bottom - bottomQuotient * perSecond) * unit;
  };
}

/** Units finer than a nanosecond, by `power` decimal digits: the timestamp is divided down to nanoseconds first. */
function fineSplitter(power: number): TimeSplitter {
  const divisors: number[] = [];
  for (let left = power; left > 0; left -= LARGEST_POWER) divisors.push(10 ** Math.min(left, LARGEST_POWER));
  const splitNanoseconds = decimalSplitter(9);
  return (high, low, instant) => {
    let upper = high;
    let lower = low;
    for (const divisor of divisors) {
      const middle = (upper % divisor) * 0x10000 + (lower >>> 16);
      const bottom = (middle % divisor) * 0x10000 + (lower & 0xffff);
      upper = Math.floor(upper / divisor);
      lower = Math.floor(middle / divisor) * 0x10000 + Math.floor(bottom / divisor);
    }
    splitNanoseconds(upper, lower, instant);
  };
}

/** Units of 2^-`power` seconds. */
function binarySplitter(power: number): TimeSplitter {
  if (power >= 64) return (high, low, instant) => splitTiny(high, low, power, instant);
  return (high, low, instant) => {
    instant.seconds = Math.floor(high * 2 ** (32 - power) + (power >= 32 ? 0 : Math.floor(low / 2 ** power)));
    const shift = 64 - power;
    const upper =
      shift >= 32 ? shiftLeft(low, shift - 32) : shiftLeft(high, shift) + Math.floor(low / 2 ** (32 - shift));
    instant.nanoseconds = fractionNanoseconds(upper, shiftLeft(low, shift));
  };
}

/** From 2^-64 seconds down, all 64 bits are less than a second. No clock has such a unit, so rounding does no harm. */
function splitTiny(high: number, low: number, power: number, instant: Instant): void {
  instant.seconds = 0;
  instant.nanoseconds = Math.floor((high * 2 ** (32 - power) + low * 2 ** -power) * NANOSECONDS);
}

/** Bits shifted beyond 32 are dropped. */
function shiftLeft(value: number, bits: number): number {
  return bits >= 32 ? 0 : (value << bits) >>> 0;
}

/**
 * Nanoseconds of a 64-bit binary fraction of a second. Multiplies digit by digit from the
 * lowest, so that nothing is rounded.
 */
function fractionNanoseconds(upper: number, lower: number): number {
  let carry = 0;
  for (const digit of [lower & 0xffff, lower >>> 16, upper & 0xffff, upper >>> 16]) {
    carry = Math.floor((digit * NANOSECONDS + carry) / 0x10000);
  }
  return carry;
}
