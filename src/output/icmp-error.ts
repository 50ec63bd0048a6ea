/** ICMP errors in words (RFC 792, RFC 1812 §5.2.7.1, RFC 4443 §3): those that say why a call got no reply. */
import type { Endpoint } from '../network/flow.js';
import type { IcmpNote } from '../rpc/exchange-facts.js';

/** By type and code. */
const ICMP: Readonly<Record<string, string>> = {
  '3 0': 'net unreachable',
  '3 1': 'host unreachable',
  '3 2': 'protocol unreachable',
  '3 3': 'port unreachable',
  '3 4': 'fragmentation needed',
  '3 9': 'network administratively prohibited',
  '3 10': 'host administratively prohibited',
  '3 13': 'administratively prohibited',
  '11 0': 'time to live exceeded',
  '11 1': 'fragment reassembly time exceeded',
};
const ICMPV6: Readonly<Record<string, string>> = {
  '1 0': 'no route to destination',
  '1 1': 'administratively prohibited',
  '1 3': 'address unreachable',
  '1 4': 'port unreachable',
  '2 0': 'packet too big',
  '3 0': 'hop limit exceeded',
  '3 1': 'fragment reassembly time exceeded',
};

/** @param server Who was called: its address tells ICMP from ICMPv6. */
export function icmpErrorText({ type, code }: IcmpNote, server: Endpoint): string {
  const words = (server.address.includes(':') ? ICMPV6 : ICMP)[`${type} ${code}`];
  return words === undefined ? `type ${type} code ${code}` : `${words} (type ${type} code ${code})`;
}
