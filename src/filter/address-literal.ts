/** Parses IPv4 and IPv6 addresses (RFC 4291 §2.2) and networks (`10.0.0.0/8`) in text. */

/** An address, or the network of all addresses with the same first `bits` bits. */
export interface Network {
  bytes: Uint8Array;
  bits: number;
}

/** undefined: the text is not an address. */
export function parseNetwork(text: string): Network | undefined {
  const [address, length, ...more] = text.split('/');
  const bytes = parseAddress(address);
  if (bytes === undefined || more.length > 0) return undefined;
  if (length === undefined) return { bytes, bits: bytes.length * 8 };
  const bits = /^\d{1,3}$/.test(length) ? Number(length) : Number.POSITIVE_INFINITY;
  return bits <= bytes.length * 8 ? { bytes, bits } : undefined;
}

/** 4 or 16 bytes. */
export function parseAddress(text: string): Uint8Array | undefined {
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text);
}

function parseIpv4(text: string): Uint8Array | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || parts.some((part) => !/^\d{1,3}$/.test(part) || Number(part) > 255)) return undefined;
  return Uint8Array.from(parts, Number);
}

function parseIpv6(text: string): Uint8Array | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [front, back] = halves.map((half) => groupsOf(half));
  if (front === undefined || (halves.length === 2 && back === undefined)) return undefined;
  const missing = 16 - front.length - (back?.length ?? 0);
  if (halves.length === 1 ? missing !== 0 : missing < 2) return undefined;
  return Uint8Array.from([...front, ...new Array<number>(missing).fill(0), ...(back ?? [])]);
}

/** The bytes of groups between colons; the last group may be an IPv4 address. */
function groupsOf(text: string): number[] | undefined {
  const bytes: number[] = [];
  const groups = text === '' ? [] : text.split(':');
  for (const [index, group] of groups.entries()) {
    const isLast = index === groups.length - 1;
    const embedded = isLast && group.includes('.') ? parseIpv4(group) : undefined;
    if (embedded !== undefined) bytes.push(...embedded);
    else if (/^[0-9a-f]{1,4}$/i.test(group)) {
      const value = Number.parseInt(group, 16);
      bytes.push(value >> 8, value & 0xff);
    } else return undefined;
  }
  return bytes;
}

/** True when `address` is in the network; addresses of the other family are not. */
export function isIn(network: Network, address: Uint8Array): boolean {
  const { bytes, bits } = network;
  if (bytes.length !== address.length) return false;
  const whole = bits >> 3;
  for (let i = 0; i < whole; i++) if (bytes[i] !== address[i]) return false;
  const rest = bits & 7;
  return rest === 0 || (bytes[whole] ^ address[whole]) >> (8 - rest) === 0;
}
