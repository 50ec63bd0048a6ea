/**
 * Parses values in a filter by the kind of the field: numbers (decimal, hex, octal, binary, 1e-3, inf, sizes like 64KiB),
 * durations (10ms; a plain number is seconds), times (ISO 8601, in UTC unless it has a zone, or seconds since
 * 1970), bytes (aa:bb:cc, aabbcc, or text). Each function returns undefined for a text of another kind.
 */
import type { Literal } from './syntax.js';

const SIZES: ReadonlyMap<string, number> = new Map([
  ['b', 1],
  ['kb', 1e3],
  ['mb', 1e6],
  ['gb', 1e9],
  ['tb', 1e12],
  ['k', 2 ** 10],
  ['m', 2 ** 20],
  ['g', 2 ** 30],
  ['t', 2 ** 40],
  ['kib', 2 ** 10],
  ['mib', 2 ** 20],
  ['gib', 2 ** 30],
  ['tib', 2 ** 40],
]);
const DURATIONS: ReadonlyMap<string, bigint> = new Map([
  ['ns', 1n],
  ['us', 1_000n],
  ['µs', 1_000n],
  ['ms', 1_000_000n],
  ['', 1_000_000_000n],
  ['s', 1_000_000_000n],
  ['min', 60_000_000_000n],
  ['h', 3_600_000_000_000n],
  ['d', 86_400_000_000_000n],
]);
const TIME = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?)?\s*(Z|[+-]\d\d:?\d\d)?$/i;

/** As Wireshark shows times; the name of a zone other than UTC has no one meaning. */
const WIRESHARK_TIME = /^([A-Z][a-z]{2}) +(\d{1,2}), (\d{4}) (\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)(?: UTC)?$/;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** A point in time: whole seconds since 1970, and nanoseconds. */
export interface Instant {
  seconds: number;
  nanoseconds: number;
}

/** A number; whole numbers beyond 2^53 are bigint. */
export function numberOf({ text }: Literal): number | bigint | undefined {
  const size = /^(\d+(?:\.\d+)?)([A-Za-z]+)$/.exec(text);
  const unit = size === null ? undefined : SIZES.get(size[2].toLowerCase());
  if (size !== null && unit !== undefined) {
    const value = Number(size[1]) * unit;
    return Number.isSafeInteger(value) ? value : undefined;
  }
  const found = /^(-?)(0x[0-9a-f]+|0b[01]+|\d+)$/i.exec(text);
  if (found !== null) return plain(BigInt(octal(found[2])) * (found[1] === '-' ? -1n : 1n));
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return Number(text);
  const infinite = /^([+-]?)inf(inity)?$/i.exec(text);
  return infinite === null ? undefined : Number(`${infinite[1]}Infinity`);
}

/** A leading zero means octal, as in C and Wireshark. */
function octal(digits: string): string {
  return /^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits;
}

function plain(value: bigint): number | bigint {
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
}

/** In nanoseconds. */
export function durationOf({ text }: Literal): number | undefined {
  const found = /^(-?)(\d+)(?:\.(\d+))?(\p{L}*)$/u.exec(text);
  const unit = found === null ? undefined : DURATIONS.get(found[4]);
  if (found === null || unit === undefined) return undefined;
  const fraction = (found[3] ?? '').padEnd(18, '0').slice(0, 18);
  const nanoseconds = BigInt(found[2]) * unit + (BigInt(fraction) * unit) / 10n ** 18n;
  return Number(found[1] === '-' ? -nanoseconds : nanoseconds);
}

export function timeOf({ text }: Literal): Instant | undefined {
  const epoch = /^(\d{1,12})(?:\.(\d{1,9}))?$/.exec(text);
  if (epoch !== null) return { seconds: Number(epoch[1]), nanoseconds: Number((epoch[2] ?? '').padEnd(9, '0')) };
  const found = TIME.exec(iso(text));
  if (found === null) return undefined;
  const [, year, month, day, hour = '00', minute = '00', second = '00', fraction = '', zone = 'Z'] = found;
  const offset = /^[+-]\d{4}$/.test(zone) ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone.toUpperCase();
  const milliseconds = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}${offset}`);
  // JavaScript turns 31 February into a day in March.
  if (Number.isNaN(milliseconds) || new Date(`${year}-${month}-${day}`).getUTCDate() !== Number(day)) return undefined;
  return { seconds: milliseconds / 1000, nanoseconds: Number(fraction.padEnd(9, '0')) };
}

/** `Nov 22, 2026 06:46:00.5 UTC` as `2026-11-22 06:46:00.5`. */
function iso(text: string): string {
  const found = WIRESHARK_TIME.exec(text);
  if (found === null) return text.replace(/ UTC$/, '');
  const [, month, day, year, time] = found;
  return `${year}-${String(MONTHS.indexOf(month) + 1).padStart(2, '0')}-${day.padStart(2, '0')} ${time}`;
}

/** Bytes as hex digits, with or without separators; a quoted string is its bytes. */
export function bytesOf(literal: Literal): Uint8Array | undefined {
  if (literal.kind === 'string') return literal.bytes;
  const { text } = literal;
  const isSeparated = /^[0-9a-f]{2}([:.-][0-9a-f]{2})*$/i.test(text);
  const isPlain = /^(0x)?([0-9a-f]{2})+$/i.test(text);
  if (!isSeparated && !isPlain) return undefined;
  return Buffer.from(text.replace(/^0x/i, '').replaceAll(/[:.-]/g, ''), 'hex');
}

export function booleanOf({ text }: Literal): boolean | undefined {
  if (/^(true|1)$/i.test(text)) return true;
  return /^(false|0)$/i.test(text) ? false : undefined;
}

/** The text of a word or a string, as UTF-8. */
export function textOf(literal: Literal): Uint8Array {
  return literal.kind === 'string' ? literal.bytes : Buffer.from(literal.text, 'utf8');
}
