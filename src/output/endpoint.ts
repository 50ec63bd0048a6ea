/** Endpoints in text, in the usual notation: `10.0.0.2:2049`, `[fe80::1]:111`. */
import type { Endpoint } from '../network/flow.js';
import { cutStart } from './cut-text.js';

/**
 * Size of the cache of recently used texts, by the endpoint's number.
 * Keeping a text for every known endpoint would take megabytes.
 */
const PLACES = 1024;
const endpoints: (Endpoint | null)[] = new Array(PLACES).fill(null);
const texts: string[] = new Array(PLACES).fill('');

export function endpointText(endpoint: Endpoint): string {
  const place = endpoint.id & (PLACES - 1);
  if (endpoints[place] !== endpoint) {
    endpoints[place] = endpoint;
    texts[place] = textOf(endpoint);
  }
  return texts[place];
}

function textOf({ address, port }: Endpoint): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/**
 * `10.0.0.2:785 → 10.0.0.3:2049` in at most `most` cells. Where there is no room the ports are left out, because the
 * program column stands for them, and then the beginnings of addresses, which hosts of one network have in common.
 */
export function directionText(source: Endpoint, destination: Endpoint, most: number): string {
  const whole = `${endpointText(source)} → ${endpointText(destination)}`;
  if (whole.length <= most) return whole;
  const room = most - ' → '.length;
  // Each may take half of the room, and what the other one leaves.
  const beside = (other: Endpoint) => Math.max(room >> 1, room - other.address.length);
  return `${cutStart(source.address, beside(destination))} → ${cutStart(destination.address, beside(source))}`;
}

/** `7`, or `7 of b.pcap` where the file is not the one that the reader expects. */
export function frameText(frame: number, file: string | undefined): string {
  return file === undefined ? String(frame) : `${frame} of ${file}`;
}
