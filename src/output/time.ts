/**
 * Times in text: UTC with nine digits for records, the forms of
 * tshark's `-t` for lists, and elapsed times in readable units.
 */
import { ByteWriter } from '../xdr/byte-writer.js';
import { sixDigits, unsigned53 } from '../xdr/decimal.js';
import { PreparedText } from '../xdr/prepared-text.js';

/**
 * The forms of `-t`: time of day, with date, both in UTC, since the first
 * frame, since the previous message, since the previous one shown, seconds since 1970.
 */
export const TIME_FORMATS = ['a', 'ad', 'u', 'ud', 'r', 'd', 'dd', 'e'] as const;
export type TimeFormat = (typeof TIME_FORMATS)[number];

const ZERO = 0x30;
const BLANK = 0x20;
const POINT = 0x2e;
/** Bytes that a difference of two times may take, without its sign, including what is stored behind it. */
const MAX_DIFFERENCE = 32;

/** Buffer in which texts are made. */
const scratch = new ByteWriter(64);

/** Caches the text of the last whole second, up to its decimal point: a capture has thousands of messages in each. */
class SecondCache {
  private seconds = Number.NaN;
  private text = new PreparedText('');

  constructor(private readonly format: (date: Date, seconds: number) => string) {}

  get(seconds: number): PreparedText {
    if (seconds !== this.seconds) {
      this.seconds = seconds;
      this.text = new PreparedText(`${this.format(new Date(seconds * 1000), seconds)}.`);
    }
    return this.text;
  }
}

const utc = new SecondCache((date) => date.toISOString().slice(0, 19));
const utcClock = new SecondCache((date) => date.toISOString().slice(11, 19));
const utcDated = new SecondCache((date) => date.toISOString().slice(0, 19).replace('T', ' '));

/** `2026-11-22T06:46:00.123456789Z`. */
export function writeUtc(out: ByteWriter, seconds: number, nanoseconds: number): void {
  out.text(utc.get(seconds));
  out.padded(nanoseconds, 9);
  out.byte(0x5a);
}

/** The same as a string. */
export function utcText({ seconds, nanoseconds }: { seconds: number; nanoseconds: number }): string {
  scratch.length = 0;
  writeUtc(scratch, seconds, nanoseconds);
  return scratch.toString();
}

const utcToEpoch = new SecondCache((_, seconds) => `Z","time_epoch":${seconds}`);

/**
 * Both times of a record and the text between them:
 * `2026-11-22T06:46:00.123456789Z","time_epoch":1795329960.123456789`.
 */
export function writeTimes(out: ByteWriter, seconds: number, nanoseconds: number): void {
  out.text(utc.get(seconds));
  out.padded(nanoseconds, 9);
  out.text(utcToEpoch.get(seconds));
  out.padded(nanoseconds, 9);
}

/** `1795329960.123456789`. */
export function writeEpoch(out: ByteWriter, seconds: number, nanoseconds: number): void {
  out.integer(seconds);
  out.byte(0x2e);
  out.padded(nanoseconds, 9);
}

/** Nanoseconds as seconds, with all significant digits: `0.00021`. */
export function writeSeconds(out: ByteWriter, nanoseconds: number): void {
  if (nanoseconds < 0) out.byte(0x2d);
  const value = Math.abs(nanoseconds);
  const whole = Math.floor(value / 1e9);
  const fraction = (value - whole * 1e9) | 0;
  out.integer(whole);
  if (fraction === 0) return;
  out.byte(0x2e);
  out.padded(fraction, 9);
  while (out.bytes[out.length - 1] === ZERO) out.length--;
}

const MICRO = Buffer.from('µs', 'utf8');

/** An elapsed time in three digits and a unit: `210µs`, `1.23ms`, `34.5s`. */
function writeElapsed(out: ByteWriter, nanoseconds: number): void {
  if (nanoseconds < 0) out.byte(0x2d);
  const value = Math.abs(nanoseconds);
  if (value < 1000) {
    out.integer(value);
    out.ascii('ns');
  } else if (value < 999_500) {
    threeDigits(out, value, 1000);
    out.copy(MICRO, 0, MICRO.length);
  } else if (value < 999_500_000) {
    threeDigits(out, value, 1_000_000);
    out.ascii('ms');
  } else {
    threeDigits(out, value, 1_000_000_000);
    out.byte(0x73);
  }
}

/** `value` in `unit`s, rounded to three digits. */
function threeDigits(out: ByteWriter, value: number, unit: number): void {
  const hundredths = Math.round((value * 100) / unit);
  if (hundredths < 1000) return decimal(out, hundredths, 100, 2);
  const tenths = Math.round((value * 10) / unit);
  if (tenths < 1000) return decimal(out, tenths, 10, 1);
  out.integer(Math.round(value / unit));
}

function decimal(out: ByteWriter, value: number, scale: number, width: number): void {
  const whole = Math.floor(value / scale);
  out.integer(whole);
  out.byte(0x2e);
  out.padded(value - whole * scale, width);
}

/** Width of an elapsed time in a column: `186µs`, `1.23ms`. */
export const ELAPSED_WIDTH = 7;

/**
 * The same, aligned to the right of a column. Its digits are
 * stored in place, because a list has one in every second line.
 */
export function writeElapsedColumn(out: ByteWriter, nanoseconds: number): void {
  if (nanoseconds < 0 || nanoseconds >= 999_500_000_000) {
    const text = elapsedText(nanoseconds);
    // After the sign there is room for two digits and a point, or for a blank before it.
    const short = text.length < ELAPSED_WIDTH ? text : text.replace(/(\.\d)\d|\.\d/, '$1');
    out.utf8(short.padStart(ELAPSED_WIDTH));
    return;
  }
  out.reserve(ELAPSED_WIDTH + 1);
  out.byte(BLANK);
  if (nanoseconds < 1000) {
    fourCells(out, nanoseconds, 0);
    out.byte(0x6e);
  } else if (nanoseconds < 999_500) {
    digitCells(out, nanoseconds, 10);
    out.byte(0xc2);
    out.byte(0xb5);
  } else if (nanoseconds < 999_500_000) {
    digitCells(out, nanoseconds, 10_000);
    out.byte(0x6d);
  } else {
    out.byte(BLANK);
    digitCells(out, nanoseconds, 10_000_000);
  }
  out.byte(0x73);
}

/**
 * Three digits of a time in nanoseconds; `hundredth` is a hundredth of the
 * unit. Whole numbers, mostly below 2^31, so that no double is rounded.
 */
function digitCells(out: ByteWriter, value: number, hundredth: number): void {
  const hundredths = ((value + hundredth / 2) / hundredth) | 0;
  if (hundredths < 1000) return fourCells(out, hundredths, 2);
  const tenths = ((value + 5 * hundredth) / (10 * hundredth)) | 0;
  if (tenths < 1000) fourCells(out, tenths, 1);
  else fourCells(out, ((value + 50 * hundredth) / (100 * hundredth)) | 0, 0);
}

/**
 * Three digits with a point before the last `decimals` of them, or up to three digits without a point, in four cells.
 */
function fourCells(out: ByteWriter, value: number, decimals: number): void {
  const { bytes, length } = out;
  const tens = (value / 10) | 0;
  const hundreds = (value / 100) | 0;
  const [first, second, third] = [ZERO + hundreds, ZERO + tens - hundreds * 10, ZERO + value - tens * 10];
  bytes[length] = decimals > 0 ? first : BLANK;
  bytes[length + 1] = decimals === 2 ? POINT : decimals === 1 ? second : hundreds > 0 ? first : BLANK;
  bytes[length + 2] = decimals === 2 ? second : decimals === 1 ? POINT : tens > 0 ? second : BLANK;
  bytes[length + 3] = third;
  out.length = length + 4;
}

/** The same as `writeElapsed`, as a string. */
export function elapsedText(nanoseconds: number): string {
  scratch.length = 0;
  writeElapsed(scratch, nanoseconds);
  return scratch.toString();
}

const UNITS: readonly [least: number, unit: string][] = [
  [1_000_000_000, 's'],
  [1_000_000, 'ms'],
  [1000, 'µs'],
];

/**
 * An elapsed time in the form of filters: `1.2345ms`. Fractions of nanoseconds, as in means, are rounded to six digits.
 */
export function roundedElapsed(nanoseconds: number): string {
  const [scale, unit] = UNITS.find(([least]) => Math.abs(nanoseconds) >= least) ?? [1, 'ns'];
  const value = nanoseconds / scale;
  return `${Number.isInteger(nanoseconds) ? value : Number(value.toPrecision(6))}${unit}`;
}

const pad = (value: number) => String(value).padStart(2, '0');
const clock = new SecondCache((date) => `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`);
const dated = new SecondCache(
  (date) =>
    `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())} ` +
    `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`,
);

/** Writes the time column of lists. `r` counts from `first`; `d` and `dd` count from the last message written. */
export class TimeColumn {
  private lastSeconds = Number.NaN;
  private lastNanoseconds = 0;

  constructor(
    private readonly format: TimeFormat,
    private readonly first: () => { seconds: number; nanoseconds: number },
  ) {}

  write(out: ByteWriter, seconds: number, nanoseconds: number): void {
    switch (this.format) {
      // The default format is tested first.
      case 'r': {
        const first = this.first();
        return this.difference(out, seconds - first.seconds, nanoseconds - first.nanoseconds);
      }
      case 'e':
        return writeEpoch(out, seconds, nanoseconds);
      case 'a':
        return this.dated(out, clock.get(seconds), nanoseconds);
      case 'ad':
        return this.dated(out, dated.get(seconds), nanoseconds);
      case 'u':
        return this.dated(out, utcClock.get(seconds), nanoseconds);
      case 'ud':
        return this.dated(out, utcDated.get(seconds), nanoseconds);
      default: {
        const isFirst = Number.isNaN(this.lastSeconds);
        this.difference(
          out,
          isFirst ? 0 : seconds - this.lastSeconds,
          isFirst ? 0 : nanoseconds - this.lastNanoseconds,
        );
        this.keep(seconds, nanoseconds);
      }
    }
  }

  /** A message that is not shown: `d` counts from it, `dd` does not. */
  pass(seconds: number, nanoseconds: number): void {
    if (this.format === 'd') this.keep(seconds, nanoseconds);
  }

  private keep(seconds: number, nanoseconds: number): void {
    this.lastSeconds = seconds;
    this.lastNanoseconds = nanoseconds;
  }

  private dated(out: ByteWriter, text: PreparedText, nanoseconds: number): void {
    out.text(text);
    out.padded(Math.floor(nanoseconds / 1000), 6);
  }

  /** Seconds with microseconds, as in tcpdump and tshark. */
  private difference(out: ByteWriter, seconds: number, nanoseconds: number): void {
    let whole = nanoseconds < 0 ? seconds - 1 : seconds;
    let rest = nanoseconds < 0 ? nanoseconds + 1_000_000_000 : nanoseconds;
    if (whole < 0) {
      out.byte(0x2d);
      whole = rest === 0 ? -whole : -whole - 1;
      rest = rest === 0 ? 0 : 1_000_000_000 - rest;
    }
    out.reserve(MAX_DIFFERENCE);
    const { bytes, view } = out;
    const point = unsigned53(bytes, view, out.length, whole);
    bytes[point] = POINT;
    out.length = sixDigits(view, point + 1, (rest / 1000) | 0);
  }
}
