/**
 * Keyed substitutes for addresses. IPv4 addresses are permuted octet by octet, IPv6 addresses digit by digit, each
 * by a permutation that depends on the part before it. So addresses with a common prefix keep one, to within an
 * octet or digit. An octet keeps its number of decimal digits, and a group of IPv6 its number of hexadecimal
 * digits, because universal addresses (RFC 5665) contain them as text, whose length must not change. Addresses that
 * are not a host's stay: 0.0.0.0/8, loopback, multicast and above, `::`, `::1`, ff00::/8; and so do the prefix fe80,
 * and the first digit f of others. The last 32 bits of an IPv4-mapped address (RFC 4291 §2.5.5.2) become the
 * substitute of that IPv4 address.
 */
import { MAX_ANONYMIZED_ADDRESSES } from '../../limits/export.js';
import { read16, read32 } from '../../xdr/bytes.js';
import type { Scrambler } from './scrambler.js';

/** Ranges of octets with the same number of digits. */
const OCTETS: readonly (readonly [from: number, to: number])[] = [
  [0, 9],
  [10, 99],
  [100, 255],
];
const LOOPBACK = 127;
const MULTICAST = 224;

export class Addresses {
  /** Permutations, by the prefix that they follow. */
  private readonly tables = new Map<string, Uint8Array>();
  private readonly known = new Map<string | number, Uint8Array>();

  constructor(private readonly scrambler: Scrambler) {}

  /** The substitute of an address of 4 or 16 bytes. */
  ip(address: Uint8Array): Uint8Array {
    return this.remember(address, () => (address.length === 4 ? this.ipv4(address) : this.ipv6(address)));
  }

  /**
   * The substitute of a MAC address. Broadcast stays; others become
   * locally administered; group addresses stay group addresses.
   */
  mac(address: Uint8Array): Uint8Array {
    if (isBroadcast(address)) return address;
    return this.remember(address, () => {
      const mapped = this.scrambler.bytes(address);
      mapped[0] = (mapped[0] & 0xfc) | 2 | (address[0] & 1);
      return mapped;
    });
  }

  private ipv4(address: Uint8Array): Uint8Array {
    const [first] = address;
    const mapped = Uint8Array.from(address);
    if (first === 0 || first === LOOPBACK || first >= MULTICAST) return mapped;
    for (let i = 0; i < 4; i++) {
      mapped[i] = this.table(`4 ${address.subarray(0, i).join('.')}`, i === 0 ? firstOctets() : octets())[address[i]];
    }
    return mapped;
  }

  private ipv6(address: Uint8Array): Uint8Array {
    const mapped = Uint8Array.from(address);
    if (isZero(address.subarray(0, 10)) && address[10] === 0xff && address[11] === 0xff) {
      mapped.set(this.ip(address.subarray(12)), 12);
      return mapped;
    }
    if (address[0] === 0xff || (isZero(address.subarray(0, 15)) && address[15] <= 1)) return mapped;
    const isLinkLocal = address[0] === 0xfe && (address[1] & 0xc0) === 0x80;
    for (let digit = isLinkLocal ? 4 : 0; digit < 32; digit++) {
      const prefix = nibbles(address, digit);
      const isLeading = /^0*$/.test(prefix.slice(digit - (digit & 3)));
      const value = nibble(address, digit);
      // Leading zeros of a group are not written in text.
      if (isLeading && value === 0) continue;
      setNibble(mapped, digit, this.table(`6 ${isLeading} ${prefix}`, digits(prefix, isLeading))[value]);
    }
    return mapped;
  }

  /**
   * A permutation of the numbers in each of these ranges; within a range no number
   * keeps its place (Sattolo's algorithm). Numbers outside of the ranges stay.
   */
  private table(name: string, ranges: readonly (readonly [number, number])[]): Uint8Array {
    const known = this.tables.get(name);
    if (known !== undefined) return known;
    const table = Uint8Array.from({ length: 256 }, (_, i) => i);
    const chance = Buffer.from(this.scrambler.chance(name, 1024));
    for (const [from, to] of ranges) {
      for (let i = to - from; i > 0; i--) {
        const j = from + (chance.readUInt32LE(4 * (from + i)) % i);
        [table[from + i], table[j]] = [table[j], table[from + i]];
      }
    }
    return put(this.tables, name, table);
  }

  private remember(address: Uint8Array, make: () => Uint8Array): Uint8Array {
    const name = nameOf(address);
    return this.known.get(name) ?? put(this.known, name, make());
  }
}

/** A map key: a number for IPv4 and MAC addresses, because every frame has some. */
function nameOf(address: Uint8Array): string | number {
  if (address.length === 4) return read32(address, 0);
  if (address.length === 6) return (read16(address, 0) + 0x10000) * 2 ** 32 + read32(address, 2);
  return Buffer.from(address).toString('latin1');
}

function put<Name>(map: Map<Name, Uint8Array>, name: Name, value: Uint8Array): Uint8Array {
  if (map.size >= MAX_ANONYMIZED_ADDRESSES) map.clear();
  map.set(name, value);
  return value;
}

function octets(): readonly (readonly [number, number])[] {
  return OCTETS;
}

/** First octets of hosts: not 0, not loopback, below multicast. */
function firstOctets(): readonly (readonly [number, number])[] {
  return [
    [1, 9],
    [10, 99],
    [100, LOOPBACK - 1],
    [LOOPBACK + 1, MULTICAST - 1],
  ];
}

/**
 * Digits of IPv6 addresses that may replace each other behind these digits: no
 * host gets a multicast or link-local address. `isLeading`: 0 would not be written.
 */
function digits(prefix: string, isLeading: boolean): readonly (readonly [number, number])[] {
  switch (prefix) {
    case '':
      return [[1, 14]];
    case 'f':
      return [[0, 13]];
    case 'fe':
      return [
        [0, 7],
        [12, 15],
      ];
    default:
      return [isLeading ? [1, 15] : [0, 15]];
  }
}

/** True for ff:ff:ff:ff:ff:ff, and for an address of zeros. */
function isBroadcast(address: Uint8Array): boolean {
  const [first] = address;
  return (first === 0xff || first === 0) && address.every((byte) => byte === first);
}

function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}

function nibble(address: Uint8Array, digit: number): number {
  return (digit & 1) === 0 ? address[digit >> 1] >> 4 : address[digit >> 1] & 15;
}

function setNibble(address: Uint8Array, digit: number, value: number): void {
  const at = digit >> 1;
  address[at] = (digit & 1) === 0 ? (address[at] & 15) | (value << 4) : (address[at] & 0xf0) | value;
}

/** The first `count` hexadecimal digits. */
function nibbles(address: Uint8Array, count: number): string {
  return Buffer.from(address).toString('hex').slice(0, count);
}
