/** What stands for a value: its length and form, the same for the same key, and never the same for two that differ. */
import { describe, expect, test } from 'vitest';
import { addWords, writeChecksum, writeUdpChecksum } from '../../src/analysis/anonymize/checksums.js';
import { Substitutes } from '../../src/analysis/anonymize/substitutes.js';
import { addressBytes } from '../helpers/packets.js';

const substitutes = new Substitutes(Buffer.alloc(32, 1));
const text = (value: string) => Buffer.from(substitutes.text(Buffer.from(value, 'utf8'))).toString('latin1');
const name = (value: string) => Buffer.from(substitutes.name(Buffer.from(value, 'latin1'))).toString('latin1');
const ip = (...octets: number[]) => [...substitutes.address(Uint8Array.from(octets))];

const user = (number: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(number);
  return Buffer.from(substitutes.user(bytes)).readUInt32BE();
};

describe('strings', () => {
  test.each([
    ['a path', '/export/home/me', /^\/[\w-]{6}\/[\w-]{4}\/[\w-]{2}$/],
    ['a user', 'me@example.org', /^[\w-]{2}@[\w-]{11}$/],
    ['a directory and its parent', './../x', /^\.\/\.\.\/[\w-]$/],
    ['more than ASCII', 'ab日本', /^[\w-]{8}$/],
    ['an IPv4 address', '10.20.200.7', /^\d\d\.\d\d\.\d\d\d\.\d$/],
    ['a universal address', '10.20.200.7.8.1', /^\d\d\.\d\d\.\d\d\d\.\d\.8\.1$/],
    ['one of IPv6', 'fd00:12::a5.8.1', /^[1-9a-f][\da-f]{3}:[1-9a-f][\da-f]::[1-9a-f][\da-f]\.8\.1$/],
    ['an IPv4-mapped one', '::ffff:10.20.200.7', /^::ffff:\d\d\.\d\d\.\d\d\d\.\d$/],
    ['one in another form', '::ffff:a00:1', /^[\w-]{12}$|^::ffff:[\da-f:]{5}$/],
    ['no address', '300.20.200.7', /^[\w-]{12}$/],
  ])('%s', (_, original, form) => {
    const mapped = text(original);
    expect(mapped).toMatch(form);
    expect(mapped).not.toBe(original);
    expect(text(original)).toBe(mapped);
  });

  test.each(['', '.', '..', '/', 'tcp6', 'udp', '127.0.0.1.0.111', '0.0.0.0.8.1', '::.8.1', '::1', 'fe80::'])(
    "'%s' stays",
    (original) => {
      expect(text(original)).toBe(original);
    },
  );

  test.each([
    ['a name', 'home', '/export/home'],
    ['an address', '10.20.200.7', '/export/10.20.200.7'],
    ['a name in Latin-1', 'a\xe9', 'b\xe9/a\xe9'],
    ['a name of a transport', 'local', '/usr/local'],
  ])('%s is the same in a path and alone', (_, alone, path) => {
    expect(name(path).split('/').at(-1)).toBe(name(alone));
    expect(name(alone)).not.toBe(alone);
  });

  test('an address is the same in text and in bytes', () => {
    expect(text('10.20.200.7')).toBe(ip(10, 20, 200, 7).join('.'));
  });

  test('bytes that are no UTF-8 do not become UTF-8', () => {
    expect(substitutes.text(Buffer.from('61e962', 'hex'))[1]).toBe(0xff);
  });

  test('short names stay different', () => {
    const names = [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_'];
    expect(new Set(names.map(text)).size).toBe(names.length);
    const pairs = names.flatMap((a) => names.map((b) => a + b));
    expect(new Set(pairs.map(text)).size).toBe(pairs.length);
  });

  test.each([
    ['punctuation', ['foo~', 'foo.', 'foo#', 'foo ', 'fooA']],
    ['letters beyond ASCII', [...'абвгде']],
    ['characters of three bytes', [...'日旦旧早旨旬']],
  ])('so do those that differ in %s at the end', (_, names) => {
    expect(new Set(names.map(text)).size).toBe(names.length);
  });
});

describe('addresses', () => {
  test('begin alike where the originals do', () => {
    const [a, b, c] = [ip(10, 1, 2, 3), ip(10, 1, 2, 4), ip(10, 1, 77, 3)];
    expect(b.slice(0, 3)).toEqual(a.slice(0, 3));
    expect(c.slice(0, 2)).toEqual(a.slice(0, 2));
    expect(b[3]).not.toBe(a[3]);
    expect(c[2]).not.toBe(a[2]);
  });

  test('no octet stays, none becomes another digit count, and no two hosts become one', () => {
    const hosts = Array.from({ length: 256 }, (_, i) => ip(192, 168, 10, i)[3]);
    expect(new Set(hosts).size).toBe(256);
    expect(hosts.filter((octet, i) => octet === i || String(octet).length !== String(i).length)).toEqual([]);
  });

  test.each([[[127, 0, 0, 1]], [[224, 0, 0, 1]], [[255, 255, 255, 255]], [[0, 0, 0, 0]]])(
    '%s means no host',
    (octets) => {
      expect(ip(...octets)).toEqual(octets);
    },
  );

  test('no host of IPv6 gets a multicast or link-local address, whatever the key', () => {
    const hosts = Array.from({ length: 14 }, (_, i) => `${(i + 1).toString(16)}001:db8::1`);
    const special = [...hosts, 'fc00::1', 'fd00::1', 'fe00::1', 'fe70::1', 'fec0::1', 'feff::1'];
    const found: string[] = [];
    for (let byte = 0; byte < 50; byte++) {
      const { addresses } = new Substitutes(Buffer.alloc(32, byte));
      const mapped = special.map((host) => Buffer.from(addresses.ip(addressBytes(host))).toString('hex'));
      expect(new Set(mapped).size).toBe(special.length);
      found.push(...mapped.filter((hex) => /^(ff|fe[89ab]|0)/.test(hex)));
    }
    expect(found).toEqual([]);
  });

  test('MAC addresses: broadcast and groups stay what they are', () => {
    const mac = (hex: string) => Buffer.from(substitutes.addresses.mac(Buffer.from(hex, 'hex'))).toString('hex');
    expect(mac('ffffffffffff')).toBe('ffffffffffff');
    expect(Number.parseInt(mac('01005e000001').slice(0, 2), 16) & 3).toBe(3);
    expect(Number.parseInt(mac('001122334455').slice(0, 2), 16) & 3).toBe(2);
  });

  test.each([
    ['sockaddr_in of Linux', '0200 006f 0a000001 0000000000000000', /^0200006f(?!0a000001)\w{8}0{16}$/],
    ['sockaddr_in of BSD', '1002 006f 0a000001 0000000000000000', /^1002006f(?!0a000001)\w{8}0{16}$/],
    ['sockaddr_in6', '0a00006f00000000fd000000000000000000000000000a0100000000', /^0a00006f0{8}(?!fd00)\w{32}0{8}$/],
    ['sockaddr_un', `0100${Buffer.from('/run/rpc').toString('hex')}00`, /^01002f\w{6}2f\w{6}00$/],
  ])('%s', (_, hex, form) => {
    const mapped = substitutes.socketAddress(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
    expect(Buffer.from(mapped).toString('hex')).toMatch(form);
  });
});

describe('opaques and numbers', () => {
  test.each(['00000000', 'ffffffffffffffff', ''])('%s stays', (hex) => {
    expect(Buffer.from(substitutes.bytes(Buffer.from(hex, 'hex'))).toString('hex')).toBe(hex);
  });

  test.each([1, 4, 8, 9, 32, 33, 5000])('%i bytes become as many others, each time the same', (length) => {
    const original = Uint8Array.from({ length }, (_, i) => i + 1);
    const mapped = substitutes.bytes(original);
    expect(mapped).toHaveLength(length);
    expect(mapped).not.toEqual(original);
    expect(new Substitutes(Buffer.alloc(32, 1)).bytes(original)).toEqual(mapped);
    expect(new Substitutes(Buffer.alloc(32, 2)).bytes(original)).not.toEqual(mapped);
  });

  test('root and nobody stay', () => {
    expect([0, 65534, 4294967294].map(user)).toEqual([0, 65534, 4294967294]);
    expect(user(1000)).not.toBe(1000);
  });
});

// What is known of one value must not tell the next one.
describe('the last character does not keep its distance from that of a neighbour', () => {
  const WORDS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const digits = [...'0123456789'];
  const last = (word: string) => WORDS.indexOf(word.at(-1)!);
  const numbers = (first: number) => digits.map((digit) => first + Number(digit));

  test.each<[string, number[], number]>([
    ['names of one character', digits.map((digit) => last(text(digit))), 64],
    ['names of two', digits.map((digit) => last(text(`x${digit}`))), 64],
    ['names of eight', digits.map((digit) => last(text(`file-00${digit}`))), 64],
    ['users', numbers(1000).map((number) => user(number) & 0xff), 256],
    ['one byte', numbers(40).map((byte) => substitutes.bytes(Uint8Array.of(byte))[0]), 256],
    ['eight bytes', numbers(40).map((byte) => substitutes.bytes(Uint8Array.of(9, 9, 9, 9, 9, 9, 9, byte))[7]), 256],
  ])('%s', (_, mapped, size) => {
    const shifts = mapped.map((each, i) => (each - i + size) % size);
    expect(new Set(shifts).size).toBeGreaterThan(5);
  });
});

test('bytes of one length all get different substitutes', () => {
  const all = Array.from({ length: 256 }, (_, byte) => substitutes.bytes(Uint8Array.of(byte))[0]);
  expect(new Set(all).size).toBe(256);
});

// RFC 1071 §3: its example sums to ddf2.
test('checksums', () => {
  const bytes = Buffer.from('0001f203f4f5f6f70000', 'hex');
  const sum = addWords(bytes, 0, 8);
  writeChecksum(bytes, 8, sum);
  expect(bytes.readUInt16BE(8)).toBe(~0xddf2 & 0xffff);
  writeUdpChecksum(bytes, 8, 0xffff);
  expect(bytes.readUInt16BE(8)).toBe(0xffff);
});
