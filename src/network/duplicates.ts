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
/** Bytes of the payload that are compared: TCP's ports, sequence numbers and window; UDP's ports and the first fields of an RPC header. */
const COMPARED = 20;

export class Duplicates {
  private readonly slots = new Int32Array(DUPLICATE_SLOTS * WORDS);

  /** True when the packet was seen before; it is remembered otherwise. `place` tells apart where in a file frames come from. */
  has(packet: IpPacket, now: Stamp, place: number): boolean {
    const { identification } = packet;
    if (identification === 0) return false;
    const addresses = hashAddresses(packet);
    const hash = hashPayload(packet, addresses);
    const { slots } = this;
    // Identifications count upwards: packets of one host lie side by side, and the processor's cache has them.
    const at = ((identification + addresses) & (DUPLICATE_SLOTS - 1)) * WORDS;
    const time = (Math.imul(now.seconds, 1_000_000) + ((now.nanoseconds / 1000) | 0)) | 0;
    const here = (Math.imul(place, 0x9e3779b1) + Math.imul(now.file, 65_537) + now.interfaceIndex) | 0;
    if (slots[at] === hash && slots[at + 1] === (identification | 0)) {
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

function hashAddresses({ bytes, addresses, addressLength }: IpPacket): number {
  let hash = 0;
  const end = addresses + addressLength * 2;
  for (let at = addresses; at < end; at += 4) hash = mix(hash, readInt32(bytes, at));
  return hash;
}

/** Checksums are left out: offload fills them in between two copies. */
function hashPayload({ bytes, start, end, length, protocol, fragmentOffset }: IpPacket, addresses: number): number {
  let hash = mix(addresses, (fragmentOffset << 16) ^ length);
  const stop = Math.min(end, start + COMPARED) - 3;
  const checksum = fragmentOffset > 0 ? -1 : start + (protocol === TCP ? 16 : 4);
  for (let at = start; at < stop; at += 4) if (at !== checksum) hash = mix(hash, readInt32(bytes, at));
  return hash;
}

function mix(hash: number, word: number): number {
  const mixed = Math.imul(hash ^ word, 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
}
