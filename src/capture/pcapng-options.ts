/** The options of pcapng blocks (draft-ietf-opsawg-pcapng §3.5): a code and a length of 16 bits each, and a padded value. */
import { byteCount } from '../xdr/plural.js';
import { uint16 } from './byte-order.js';

export const OPTION_END = 0;
const OPTION_HEADER = 4;
/** The highest code of an option of interfaces (if_iana_tzname). */
const LAST_OPTION = 18;
const CUSTOM_OPTIONS: ReadonlySet<number> = new Set([2988, 2989, 19372, 19373]);

/**
 * Calls `take` with each option between two indices. The end-of-options may be missing.
 * @returns What is wrong with an option that claims more bytes than there are, which ends the list; null: nothing.
 */
export function eachOption(
  bytes: Buffer,
  from: number,
  end: number,
  bigEndian: boolean,
  take: (code: number, value: Buffer) => void,
): string | null {
  let at = from;
  while (at + OPTION_HEADER <= end) {
    const code = uint16(bytes, at, bigEndian);
    const length = uint16(bytes, at + 2, bigEndian);
    if (code === OPTION_END) return null;
    at += OPTION_HEADER;
    if (length > end - at) return `option ${code} claims ${byteCount(length)}, only ${end - at} left`;
    take(code, bytes.subarray(at, at + length));
    at += (length + 3) & ~3;
  }
  return null;
}

/** Where the options end whose block does not say so: behind the end-of-options, or the last one of a known code. */
export function endOfOptions(bytes: Buffer, from: number, end: number, bigEndian: boolean): number {
  let at = from;
  while (at + OPTION_HEADER <= end) {
    const code = uint16(bytes, at, bigEndian);
    const next = at + OPTION_HEADER + ((uint16(bytes, at + 2, bigEndian) + 3) & ~3);
    if ((code > LAST_OPTION && !CUSTOM_OPTIONS.has(code)) || next > end) return at;
    at = next;
    if (code === OPTION_END) return at;
  }
  return at;
}

/** The value of a count of 64 bits; one that nobody can have counted to stands for an unknown number. */
export function optionCount(value: Buffer, bigEndian: boolean): number {
  if (value.length < 8) return 0;
  const count = Number(bigEndian ? value.readBigUInt64BE() : value.readBigUInt64LE());
  return Number.isSafeInteger(count) ? count : 0;
}
