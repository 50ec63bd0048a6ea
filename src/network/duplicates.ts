/**
 * Duplicate frames: one packet captured twice, on one interface (a SPAN port that copies both directions) or on
 * several. A duplicate has the same addresses, IP identification, length and first bytes of the IP payload, and comes
 * within a few milliseconds, or within a second where it was seen at another place (file, interface, direction, VLAN,
 * depth of tunnels). A resend has another identification. Packets with identification 0 are never duplicates: IPv6 has
 * none without a fragment header, and Linux writes 0 where fragmentation is forbidden and no socket counts.
 *
 * The table forgets: each slot holds the newest packet that fell into it. A duplicate that comes too late is shown as
 * what it looks like, and the table never takes a packet for a duplicate for want of room.
 */
import { DUPLICATE_ELSEWHERE_MICROSECONDS, DUPLICATE_MICROSECONDS, DUPLICATE_SLOTS } from '../limits/network.js';
import { viewOf } from '../xdr/bytes.js';
import { mixPair } from './hash.js';
import type { IpPacket } from './ip.js';
import { TCP } from './protocols.js';
import type { Stamp } from './stamp.js';

/**
 * Bytes of the IP payload that are compared: TCP's ports, sequence numbers and window; UDP's ports and
 * the first words behind its header.
 */
const COMPARED = 20;
/**
 * UDP's second word (length and checksum) is left out, and so is TCP's checksum: offload
 * fills them in between two copies.
 */
const UDP_CHECKSUM = 4;

/**
 * How far apart neighbouring source ports lie in the table; odd, so that the counters of
 * several ports do not stay in step.
 */
const PORTS_APART = (DUPLICATE_SLOTS >> 8) - 5;

export class Duplicates {
  /** In an array of its own, small enough for the nearest cache, because it alone tells most packets apart. */
  private readonly hashes = new Int32Array(DUPLICATE_SLOTS);
  /** By slot: how many bytes of the IP payload were captured. */
  private readonly captured = new Int32Array(DUPLICATE_SLOTS);
  private readonly places = new Int32Array(DUPLICATE_SLOTS);
  /** In microseconds modulo 2^32. */
  private readonly times = new Int32Array(DUPLICATE_SLOTS);
  /** The last duplicate found has more captured bytes than all copies before it, whose snaplen was shorter. */
  isFuller = false;

  /**
   * True when the packet was seen before; otherwise remembers it. `place` tells apart the
   * sources of frames within one file.
   */
  has(packet: IpPacket, now: Stamp, place: number): boolean {
    const identification = packet.identification | 0;
    if (identification === 0) return false;
    const hash = mixPair(hashPacket(packet), identification, 0);
    const captured = packet.end - packet.start;
    const slot = slotOf(packet, identification) & (DUPLICATE_SLOTS - 1);
    const time = (Math.imul(now.seconds, 1_000_000) + now.nanoseconds / 1000) | 0;
    const here = (Math.imul(place, 0x9e3779b1) + Math.imul(now.file, 65_537) + now.interfaceIndex) | 0;
    if (this.hashes[slot] === hash) {
      const bound = this.places[slot] === here ? DUPLICATE_MICROSECONDS : DUPLICATE_ELSEWHERE_MICROSECONDS;
      if (Math.abs((time - this.times[slot]) | 0) <= bound) {
        this.isFuller = captured > this.captured[slot];
        if (this.isFuller) this.captured[slot] = captured;
        return true;
      }
    }
    this.hashes[slot] = hash;
    this.captured[slot] = captured;
    this.places[slot] = here;
    this.times[slot] = time;
    return false;
  }
}

/**
 * Identifications count upwards, so the packets of one flow are neighbours, which the processor caches. Flows
 * of one host may share a counter, so their ports spread them; fragments of one datagram share an
 * identification, so their offsets do.
 */
function slotOf({ bytes, start, fragmentOffset }: IpPacket, identification: number): number {
  return identification + (fragmentOffset === 0 ? bytes[start + 1] * PORTS_APART : fragmentOffset >> 3);
}

/** A payload too short to compare counts by its length alone. */
function hashPacket(packet: IpPacket): number {
  const { bytes, addresses, start, fragmentOffset } = packet;
  const view = viewOf(bytes);
  let hash = (fragmentOffset << 16) ^ packet.length ^ packet.protocol;
  const addressesEnd = addresses + packet.addressLength * 2;
  for (let at = addresses; at < addressesEnd; at += 8) hash = mixPair(hash, view.getInt32(at), view.getInt32(at + 4));
  if (packet.end - start < COMPARED) return hash;
  const next = start + (fragmentOffset > 0 || packet.protocol === TCP ? 0 : UDP_CHECKSUM);
  hash = mixPair(hash, view.getInt32(start), view.getInt32(next + 4));
  return mixPair(hash, view.getInt32(next + 8), view.getInt32(next + 12));
}
