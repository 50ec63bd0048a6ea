/**
 * Tells which calls a server may leave without an answer: those of procedures whose definition allows it (the hint
 * `silent` in their `.x`), and those sent to a broadcast or multicast address, which servers answer only where they
 * have something to say (RFC 5531 §8.4.2). The broadcast address of a subnet cannot be told from a host's.
 */
import type { Message } from '../rpc/message.js';
import type { DissectorLibrary } from './library.js';

export function maySilenceAnswer(library: DissectorLibrary, call: Message): boolean {
  if (isToManyHosts(call)) return true;
  const { program, version, procedure } = call;
  const plan = library.find(program, version);
  return typeof plan !== 'string' && plan.procedures.get(procedure)?.isSilent === true;
}

/** True for a call to 255.255.255.255, 224.0.0.0/4 (RFC 1112 §4) or ff00::/8 (RFC 4291 §2.7). */
export function isToManyHosts({ destination: { address } }: Message): boolean {
  if (address.includes(':')) return /^ff[0-9a-f]{2}:/i.test(address);
  const first = Number.parseInt(address, 10);
  return address === '255.255.255.255' || (first >= 224 && first < 240);
}
