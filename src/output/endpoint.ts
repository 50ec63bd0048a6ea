/** Endpoints in text, as people paste them elsewhere: `10.0.0.2:2049`, `[fe80::1]:111`. */
import type { Endpoint } from '../network/flow.js';

const texts = new WeakMap<Endpoint, string>();

export function endpointText(endpoint: Endpoint): string {
  let text = texts.get(endpoint);
  if (text === undefined) {
    text = endpoint.address.includes(':')
      ? `[${endpoint.address}]:${endpoint.port}`
      : `${endpoint.address}:${endpoint.port}`;
    texts.set(endpoint, text);
  }
  return text;
}

export function transportText(protocol: number): string {
  return protocol === 6 ? 'tcp' : 'udp';
}
