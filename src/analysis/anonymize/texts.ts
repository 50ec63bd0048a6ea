/**
 * Keyed substitutes for strings. What a string's form means to a protocol stays: the components of a path, the parts
 * of `user@domain`, `.` and `..`. An address in text or a universal address (`10.0.0.1.8.1`) becomes the substitute of
 * that address. Each part has the same substitute alone and in a path; a part that is not UTF-8 gets one that is not.
 */
import { isUtf8 } from 'node:buffer';
import type { Addresses } from './addresses.js';
import type { Scrambler } from './scrambler.js';

const IPV4 = /^(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)){3}$/;
/** An address, and a port in two decimal octets. */
const UNIVERSAL_ADDRESS = /^(\d+(?:\.\d+){3}|[0-9a-f:.]*:[0-9a-f:.]*?)((?:\.\d{1,3}){2})$/i;
const SEPARATORS = new Set([0x2f, 0x40, 0]);
/** A byte that never occurs in UTF-8. */
const NOT_UTF8 = 0xff;

export class Texts {
  constructor(
    private readonly scrambler: Scrambler,
    private readonly addresses: Addresses,
  ) {}

  /** The substitute of a text, of the same length. */
  map(text: Uint8Array): Uint8Array {
    const result = Uint8Array.from(text);
    let start = 0;
    for (let at = 0; at <= text.length; at++) {
      if (at < text.length && !SEPARATORS.has(text[at])) continue;
      if (!isDots(text, start, at)) result.set(this.part(text.subarray(start, at)), start);
      start = at + 1;
    }
    return result;
  }

  private part(text: Uint8Array): Uint8Array {
    const address = this.addressText(Buffer.from(text).toString('latin1'));
    // If the text form of the address has another length than that of its substitute, the text is replaced as a word.
    if (address?.length === text.length) return address;
    const word = this.scrambler.word(text);
    if (!isUtf8(text)) word[text.findIndex((byte) => byte >= 0x80)] = NOT_UTF8;
    return word;
  }

  /** The substitute of an address in text, with or without a port in decimal octets; null for other texts. */
  private addressText(text: string): Uint8Array | null {
    const whole = this.mapAddress(text);
    if (whole !== null) return Buffer.from(whole, 'latin1');
    const [, address, port] = UNIVERSAL_ADDRESS.exec(text) ?? ['', '', ''];
    const mapped = this.mapAddress(address);
    return mapped === null ? null : Buffer.from(mapped + port, 'latin1');
  }

  private mapAddress(text: string): string | null {
    return this.ipv4Text(text) ?? this.ipv6Text(text);
  }

  private ipv4Text(text: string): string | null {
    return IPV4.test(text) ? [...this.addresses.ip(Uint8Array.from(text.split('.'), Number))].join('.') : null;
  }

  /** Keeps the same groups in the same places. */
  private ipv6Text(text: string): string | null {
    const mappedIpv4 = /^::ffff:(.+)$/i.exec(text);
    if (mappedIpv4 !== null && IPV4.test(mappedIpv4[1])) return text.slice(0, 7) + this.ipv4Text(mappedIpv4[1]);
    const groups = parseGroups(text);
    if (groups === null) return null;
    const mapped = this.addresses.ip(groups.bytes);
    let index = 0;
    return text.replace(/[0-9a-f]+/gi, (group) =>
      hex16(mapped, groups.places[index++] * 2).padStart(group.length, '0'),
    );
  }
}

function isDots(text: Uint8Array, start: number, end: number): boolean {
  return end - start <= 2 && text.subarray(start, end).every((byte) => byte === 0x2e);
}

function hex16(bytes: Uint8Array, at: number): string {
  return (bytes[at] * 256 + bytes[at + 1]).toString(16);
}

/**
 * Parses an IPv6 address of hexadecimal groups; `places` are
 * the indexes of the written groups. null for any other text.
 */
function parseGroups(text: string): { bytes: Uint8Array; places: number[] } | null {
  const [head, tail, ...more] = text.split('::');
  const before = head === '' ? [] : head.split(':');
  const behind = tail === undefined || tail === '' ? [] : tail.split(':');
  const written = [...before, ...behind];
  const isShort = tail !== undefined;
  if (more.length > 0 || written.length > (isShort ? 7 : 8) || (!isShort && written.length < 8)) return null;
  if (!written.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return null;
  const places = [...before.keys(), ...[...behind.keys()].map((i) => 8 - behind.length + i)];
  const bytes = Buffer.alloc(16);
  written.forEach((group, i) => {
    bytes.writeUInt16BE(Number.parseInt(group, 16), places[i] * 2);
  });
  return { bytes, places };
}
