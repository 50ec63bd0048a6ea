/** Substitutes for values, by their kind: the only place that uses the key. Recurring values are remembered. */
import { MAX_ANONYMIZED_TEXTS } from '../../limits/export.js';
import { Addresses } from './addresses.js';
import { Scrambler } from './scrambler.js';
import { Texts } from './texts.js';

/** Longer values are not remembered: they are file contents. */
const MAX_REMEMBERED = 256;
/** root, nobody, and "no user", which have a meaning in protocols and systems. */
const KEPT_USERS: ReadonlySet<number> = new Set([0, 65534, 0xfffffffe, 0xffffffff]);
/** Names of transports (RFC 5665 §4): words of the protocols, not of users. */
const TRANSPORTS: ReadonlySet<string> = new Set([
  ...['tcp', 'udp', 'tcp4', 'udp4', 'tcp6', 'udp6', 'sctp', 'sctp6', 'rdma', 'rdma6'],
  ...['ticlts', 'ticots', 'ticotsord', 'local', 'unix'],
]);
const AF_UNIX = 1;
const AF_INET = 2;

export class Substitutes {
  readonly addresses: Addresses;
  private readonly scrambler: Scrambler;
  private readonly texts: Texts;
  /** As latin1 strings, one character a byte: a Uint8Array takes 300 bytes more. */
  private readonly known = new Map<string, string>();

  /** @param key 32 bytes. */
  constructor(key: Uint8Array) {
    this.scrambler = new Scrambler(key);
    this.addresses = new Addresses(this.scrambler);
    this.texts = new Texts(this.scrambler, this.addresses);
  }

  /** For handles, verifiers, cookies and file contents. */
  bytes(value: Uint8Array): Uint8Array {
    return this.remember('b', value, () => this.scrambler.bytes(value));
  }

  /** For names and paths of files. */
  name(value: Uint8Array): Uint8Array {
    return this.remember('t', value, () => this.texts.map(value));
  }

  /** For other strings, which may name a transport. */
  text(value: Uint8Array): Uint8Array {
    return TRANSPORTS.has(textOf(value)) ? value : this.name(value);
  }

  /** For text in a field that is padded with zeros. */
  filledText(value: Uint8Array): Uint8Array {
    let end = value.length;
    while (end > 0 && value[end - 1] === 0) end--;
    const result = new Uint8Array(value.length);
    result.set(this.text(value.subarray(0, end)));
    return result;
  }

  /** For an IP address of 4 or 16 bytes. */
  address(value: Uint8Array): Uint8Array {
    return this.addresses.ip(value);
  }

  /** For the number of a user or group. */
  user(value: Uint8Array): Uint8Array {
    const number = Buffer.from(value).readUInt32BE();
    return KEPT_USERS.has(number) ? value : this.remember('u', value, () => this.scrambler.bytes(value));
  }

  /**
   * For a machine's socket address: family and port stay, the address
   * gets its substitute. Other families keep only the family.
   */
  socketAddress(value: Uint8Array): Uint8Array {
    if (value.length < 8) return this.bytes(value);
    const result = new Uint8Array(value.length);
    result.set(value.subarray(0, 2));
    // Read as in `xdr/socket-address.ts`.
    const family = value[1] === 0 ? value[0] : value[1];
    if (family === AF_INET) {
      result.set(value.subarray(2, 4), 2);
      result.set(this.address(value.subarray(4, 8)), 4);
    } else if (family !== AF_UNIX && value.length >= 24) {
      result.set(value.subarray(2, 4), 2);
      result.set(this.address(value.subarray(8, 24)), 8);
    } else result.set(this.text(value.subarray(2)), 2);
    return result;
  }

  private remember(kind: string, value: Uint8Array, make: () => Uint8Array): Uint8Array {
    if (value.length > MAX_REMEMBERED) return make();
    const name = kind + textOf(value);
    const known = this.known.get(name);
    if (known !== undefined) return Buffer.from(known, 'latin1');
    const made = make();
    if (this.known.size >= MAX_ANONYMIZED_TEXTS) this.known.clear();
    this.known.set(name, textOf(made));
    return made;
  }
}

/** A string of one character a byte. */
function textOf({ buffer, byteOffset, length }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, length).toString('latin1');
}
