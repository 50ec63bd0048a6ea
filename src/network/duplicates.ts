/**
 * Duplicate frames: the same packet captured twice, on one interface (a SPAN port that copies both directions) or on several. Its
 * addresses, IP identification, length and the beginning of its payload are the same, within a few milliseconds, or within a second
 * where it was seen at another place (file, interface, VLAN, depth of tunnels). A resend has another identification. Packets of
 * identification 0 can never be told: IPv6 without a fragment header has none, and Linux writes 0 where fragmentation is forbidden and
 * no socket counts.
 *
 * The table forgets: every slot holds the newest packet that fell into it. A duplicate that comes too late is shown as what it looks
 * like; nothing that is not a duplicate is ever dropped for want of room.
 */
import { DUPLICATE_ELSEWHERE_MICROSECONDS, DUPLICATE_MICROSECONDS, DUPLICATE_SLOTS } from '../limits.js';
import { readInt32 } from '../xdr/bytes.js';
import type { IpPacket } from './ip.js';
import type { Stamp } from './stamp.js';

const TCP = 6;
/** A slot: hash, identification, place, and the time in microseconds modulo 2^32. */
const WORDS = 4;
/** Bytes of the payload that are compared: TCP's ports, sequence numbers and window; UDP's ports and the first words of a message. */
const COMPARED = 20;
/** UDP's second word, length and checksum, is left out, as TCP's checksum is: offload fills them in between two copies. */
const UDP_CHECKSUM = 4;

export class Duplicates {
  private readonly slots = new Int32Array(DUPLICATE_SLOTS * WORDS);

  /** True when the packet was seen before; it is remembered otherwise. `place` tells apart where in a file frames come from. */
  has(packet: IpPacket, now: Stamp, place: number): boolean {
    const identification = packet.identification | 0;
    if (identification === 0) return false;
    const { slots } = this;
    const hash = hashPacket(packet);
    // Identifications count upwards: packets of one host lie side by side, and the processor's cache has them.
    const at = ((identification + packet.protocol + packet.bytes[packet.start + 1]) & (DUPLICATE_SLOTS - 1)) * WORDS;
    const time = (Math.imul(now.seconds, 1_000_000) + now.nanoseconds / 1000) | 0;
    const here = (Math.imul(place, 0x9e3779b1) + Math.imul(now.file, 65_537) + now.interfaceIndex) | 0;
    if (slots[at] === hash && slots[at + 1] === identification) {
      const bound = slots[at + 2] === here ? DUPLICATE_MICROSECONDS : DUPLICATE_ELSEWHERE_MICROSECONDS;
      if (Math.abs((time - slots[at + 3]) | 0) <= bound) return true;
    }
    slots[at] = hash;
    slots[at + 1] = identification;
    slots[at + 2] = here;
    slots[at + 3] = time;
    return false;
  }
}

/** Of a payload that is too short for a message, its length has to do. */
function hashPacket(packet: IpPacket): number {
  const { bytes, addresses, start, fragmentOffset } = packet;
  let hash = (fragmentOffset << 16) ^ packet.length ^ packet.protocol;
  const addressesEnd = addresses + packet.addressLength * 2;
  for (let at = addresses; at < addressesEnd; at += 4) hash = mix(hash, readInt32(bytes, at));
  if (packet.end - start < COMPARED) return hash;
  const next = start + (fragmentOffset > 0 || packet.protocol === TCP ? 0 : UDP_CHECKSUM);
  hash = mix(hash, readInt32(bytes, start));
  hash = mix(hash, readInt32(bytes, next + 4));
  hash = mix(hash, readInt32(bytes, next + 8));
  return mix(hash, readInt32(bytes, next + 12));
}

function mix(hash: number, word: number): number {
  const mixed = Math.imul(hash ^ word, 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
}
