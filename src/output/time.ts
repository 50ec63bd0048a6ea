/** Times in text: UTC with nine digits for records, the forms of tshark's `-t` for lists, elapsed times in units people read. */
import type { ByteWriter } from '../xdr/byte-writer.js';

/** The forms of `-t`: time of day, with date, the same in UTC, relative, since the last message (shown), epoch seconds. */
export const TIME_FORMATS = ['a', 'ad', 'u', 'ud', 'r', 'd', 'dd', 'e'] as const;
export type TimeFormat = (typeof TIME_FORMATS)[number];

/** The end of year 9999, the last that has four digits; only a damaged time lies behind it. */
const LAST_SECOND = 253_402_300_799;

/** Remembers the text of the last whole second: a capture has thousands of messages in each. */
class SecondCache {
  private seconds = Number.NaN;
  private text = '';

  constructor(private readonly format: (date: Date) => string) {}

  get(seconds: number): string {
    if (seconds !== this.seconds) {
      this.seconds = seconds;
      this.text = this.format(new Date(Math.min(seconds, LAST_SECOND) * 1000));
    }
    return this.text;
  }
}

const utc = new SecondCache((date) => date.toISOString().slice(0, 19));

/** `2026-11-22T06:46:00.123456789Z`. */
export function writeUtc(out: ByteWriter, seconds: number, nanoseconds: number): void {
  out.ascii(utc.get(seconds));
  out.byte(0x2e);
  out.padded(nanoseconds, 9);
  out.byte(0x5a);
}

/** `1795329960.123456789`. */
export function writeEpoch(out: ByteWriter, seconds: number, nanoseconds: number): void {
  out.integer(seconds);
  out.byte(0x2e);
  out.padded(nanoseconds, 9);
}

/** Nanoseconds as seconds with all their digits, and no more: `0.00021`. */
export function writeSeconds(out: ByteWriter, nanoseconds: number): void {
  if (nanoseconds < 0) out.byte(0x2d);
  const value = Math.abs(nanoseconds);
  const whole = Math.floor(value / 1e9);
  let fraction = value - whole * 1e9;
  out.integer(whole);
  if (fraction === 0) return;
  let width = 9;
  while (fraction % 10 === 0) {
    fraction /= 10;
    width--;
  }
  out.byte(0x2e);
  out.padded(fraction, width);
}

/** An elapsed time in three digits and a unit: `210µs`, `1.23ms`, `34.5s`. */
export function elapsedText(nanoseconds: number): string {
  const sign = nanoseconds < 0 ? '-' : '';
  const value = Math.abs(nanoseconds);
  if (value < 1000) return `${sign}${value}ns`;
  if (value < 999_500) return `${sign}${threeDigits(value / 1000)}µs`;
  if (value < 999_500_000) return `${sign}${threeDigits(value / 1_000_000)}ms`;
  return `${sign}${threeDigits(value / 1_000_000_000)}s`;
}

function threeDigits(value: number): string {
  if (value >= 99.95) return String(Math.round(value));
  return value >= 9.995 ? value.toFixed(1) : value.toFixed(2);
}

const pad = (value: number) => String(value).padStart(2, '0');
const clock = new SecondCache((date) => `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`);
const dated = new SecondCache(
  (date) =>
    `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())} ` +
    `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`,
);

/** Writes the time column of lists. Differences start from `first`, the last message and the last one shown. */
export class TimeColumn {
  private lastSeconds = Number.NaN;
  private lastNanoseconds = 0;

  constructor(
    private readonly format: TimeFormat,
    private readonly first: () => { seconds: number; nanoseconds: number },
  ) {}

  write(out: ByteWriter, seconds: number, nanoseconds: number): void {
    switch (this.format) {
      case 'e':
        return writeEpoch(out, seconds, nanoseconds);
      case 'a':
        return this.dated(out, clock.get(seconds), nanoseconds);
      case 'ad':
        return this.dated(out, dated.get(seconds), nanoseconds);
      case 'u':
        return this.dated(out, utc.get(seconds).slice(11), nanoseconds);
      case 'ud':
        return this.dated(out, utc.get(seconds).replace('T', ' '), nanoseconds);
      case 'r': {
        const first = this.first();
        return this.difference(out, seconds - first.seconds, nanoseconds - first.nanoseconds);
      }
      default: {
        const isFirst = Number.isNaN(this.lastSeconds);
        this.difference(
          out,
          isFirst ? 0 : seconds - this.lastSeconds,
          isFirst ? 0 : nanoseconds - this.lastNanoseconds,
        );
        this.lastSeconds = seconds;
        this.lastNanoseconds = nanoseconds;
      }
    }
  }

  private dated(out: ByteWriter, text: string, nanoseconds: number): void {
    out.ascii(text);
    out.byte(0x2e);
    out.padded(Math.floor(nanoseconds / 1000), 6);
  }

  /** Seconds with microseconds, as tcpdump and tshark show them. */
  private difference(out: ByteWriter, seconds: number, nanoseconds: number): void {
    let whole = nanoseconds < 0 ? seconds - 1 : seconds;
    let rest = nanoseconds < 0 ? nanoseconds + 1_000_000_000 : nanoseconds;
    if (whole < 0) {
      out.byte(0x2d);
      whole = rest === 0 ? -whole : -whole - 1;
      rest = rest === 0 ? 0 : 1_000_000_000 - rest;
    }
    out.integer(whole);
    out.byte(0x2e);
    out.padded(Math.floor(rest / 1000), 6);
  }
}
