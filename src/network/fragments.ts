/**
 * IP reassembly (RFC 791 §3.2, RFC 8200 §4.5). The fragments of a datagram, found by addresses, identification and, of
 * IPv4, protocol, are put together in one buffer. The first copy of a byte counts, so that an overlap cannot rewrite
 * what was read; but a different first fragment begins another datagram. Bounded in datagrams, bytes and time. A
 * datagram that stays incomplete is passed on up to its first missing byte, with its length if the last fragment told
 * it, so that a message in it is still shown, truncated.
 */
import { FRAGMENT_TIMEOUT_SECONDS, MAX_FRAGMENT_BYTES, MAX_FRAGMENT_DATAGRAMS } from '../limits/network.js';
import { MAX_CARRIERS } from '../limits/rpc.js';
import { copyBytes } from '../xdr/bytes.js';
import { addRange, missingRanges } from './byte-ranges.js';
import type { IpPacket } from './ip.js';
import type { Origins } from './origins.js';
import { copyStamp, firstPlace, newStamp, type Place, type Stamp } from './stamp.js';

/** IP's lengths have 16 bits. */
export const LONGEST_PAYLOAD = 65_535;

/** A datagram in reassembly. */
export interface Datagram {
  key: string;
  /** The source address, then the destination address. */
  addresses: Uint8Array;
  /** Of the first fragment, once it came. */
  protocol: number;
  bytes: Buffer;
  /** The bytes that were captured, as sorted, disjoint ranges (byte-ranges.ts). */
  ranges: number[];
  /** The bytes that were on the wire: more than `ranges` where a snaplen cut a fragment. */
  arrived: number[];
  /** Length of the IP payload; -1 while the last fragment is missing. */
  length: number;
  /** The frames that carried it: how many, the first one with its time, and (in `last`) the last one. */
  frames: number;
  firstFrame: number;
  firstFile: number;
  /** Places of these frames among the frames of all inputs. */
  orders: number[];
  seconds: number;
  nanoseconds: number;
  last: Stamp;
  /** All its fragments were captured before. */
  isDuplicate: boolean;
}

export class Fragments {
  /** Datagrams that left incomplete. */
  incomplete = 0;
  /** The frame of the first of them that was captured last. */
  firstLost: Place | null = null;
  private readonly datagrams = new Map<string, Datagram>();
  private bytes = 0;

  /**
   * @param onLost Receives each datagram that leaves incomplete.
   * @param origins Is told where copied bytes come from.
   */
  constructor(
    private readonly onLost: (datagram: Datagram) => void,
    private readonly origins: Origins | null = null,
  ) {}

  /**
   * Adds a packet that is a fragment, and ends within LONGEST_PAYLOAD. Returns the datagram if this fragment completed it;
   * else null.
   */
  add(packet: IpPacket, isDuplicate: boolean, now: Stamp): Datagram | null {
    // All at once: a datagram that is dropped below may be passed on as the same, reused packet.
    const { bytes: payload, start, end, length, fragmentOffset: offset, moreFragments, protocol } = packet;
    const addresses = Buffer.from(payload.buffer, payload.byteOffset + packet.addresses, 2 * packet.addressLength);
    const key = keyOf(packet, addresses);
    let datagram = this.datagrams.get(key);
    if (datagram !== undefined && (isExpired(datagram, now) || isAnother(datagram, offset, payload, start, end))) {
      this.drop(datagram);
      datagram = undefined;
    }
    datagram ??= this.open(key, addresses, protocol, now);
    if (offset === 0) datagram.protocol = protocol;
    datagram.frames++;
    datagram.isDuplicate &&= isDuplicate;
    if (datagram.orders.length < MAX_CARRIERS) datagram.orders.push(now.order);
    copyStamp(now, datagram.last);
    if (!moreFragments) datagram.length = offset + length;
    this.place(datagram, offset, payload, start, end);
    addRange(datagram.arrived, offset, offset + length);
    if (!isWhole(datagram)) return null;
    this.remove(datagram);
    return datagram;
  }

  /** Passes on all datagrams that are still incomplete. */
  finish(): void {
    for (const datagram of [...this.datagrams.values()]) this.drop(datagram);
  }

  private open(key: string, addresses: Uint8Array, protocol: number, now: Stamp): Datagram {
    for (const oldest of this.datagrams.values()) {
      if (!isExpired(oldest, now) && this.datagrams.size < MAX_FRAGMENT_DATAGRAMS && this.bytes < MAX_FRAGMENT_BYTES)
        break;
      this.drop(oldest);
    }
    const datagram: Datagram = {
      key,
      addresses: copyBytes(addresses),
      protocol,
      bytes: Buffer.alloc(0),
      ranges: [],
      arrived: [],
      length: -1,
      firstFrame: now.frame,
      firstFile: now.file,
      frames: 0,
      orders: [],
      seconds: now.seconds,
      nanoseconds: now.nanoseconds,
      last: newStamp(),
      isDuplicate: true,
    };
    this.datagrams.set(key, datagram);
    return datagram;
  }

  private place(datagram: Datagram, offset: number, payload: Uint8Array, start: number, end: number): void {
    const stop = offset + (end - start);
    if (stop > datagram.bytes.length) {
      const grown = Buffer.alloc(Math.min(LONGEST_PAYLOAD, Math.max(stop, datagram.bytes.length * 2)));
      datagram.bytes.copy(grown);
      this.bytes += grown.length - datagram.bytes.length;
      datagram.bytes = grown;
      if (this.bytes > MAX_FRAGMENT_BYTES) this.makeRoom(datagram);
    }
    for (const [from, to] of missingRanges(datagram.ranges, offset, stop)) {
      datagram.bytes.set(payload.subarray(start + from - offset, start + to - offset), from);
      this.origins?.copied(payload, start + from - offset, start + to - offset, datagram, from);
    }
    addRange(datagram.ranges, offset, stop);
  }

  /** Drops the oldest datagrams, except the growing one, until the bytes are within their bound. */
  private makeRoom(growing: Datagram): void {
    for (const oldest of this.datagrams.values()) {
      if (this.bytes <= MAX_FRAGMENT_BYTES) return;
      if (oldest !== growing) this.drop(oldest);
    }
  }

  private drop(datagram: Datagram): void {
    this.remove(datagram);
    this.incomplete++;
    this.firstLost = firstPlace(this.firstLost, datagram.last);
    this.onLost(datagram);
  }

  private remove(datagram: Datagram): void {
    this.datagrams.delete(datagram.key);
    this.bytes -= datagram.bytes.length;
  }
}

function keyOf({ addressLength, protocol, identification }: IpPacket, addresses: Buffer): string {
  const hosts = addresses.toString('latin1');
  return addressLength === 4 ? `${hosts}${protocol}.${identification}` : `${hosts}${identification}`;
}

function isExpired({ seconds }: Datagram, now: Stamp): boolean {
  return now.seconds - seconds > FRAGMENT_TIMEOUT_SECONDS;
}

/**
 * True for a first fragment that differs from the datagram's. At 2,000 datagrams a second the identification returns
 * within FRAGMENT_TIMEOUT_SECONDS (RFC 4963).
 */
function isAnother(
  { bytes, ranges }: Datagram,
  offset: number,
  payload: Uint8Array,
  start: number,
  end: number,
): boolean {
  if (offset > 0 || ranges[0] !== 0) return false;
  const length = Math.min(end - start, ranges[1]);
  return bytes.compare(payload, start, start + length, 0, length) !== 0;
}

/** How many bytes of the datagram were captured without a gap from its beginning. */
export function contiguousLength(datagram: Datagram): number {
  return datagram.ranges[0] === 0 ? datagram.ranges[1] : 0;
}

/** True when every byte of the datagram was on the wire. */
export function isWhole(datagram: Datagram): boolean {
  const { arrived, length } = datagram;
  return length >= 0 && arrived.length === 2 && arrived[0] === 0 && arrived[1] >= length;
}
