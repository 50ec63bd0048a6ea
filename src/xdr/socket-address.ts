/**
 * Text of socket addresses as machines keep them (sockaddr_in, sockaddr_in6, sockaddr_un), which TI-RPC sends as the
 * bytes of a netbuf. The family is a number of two bytes in the machine's own order; on BSD it is one byte behind a
 * length of one byte. Other families than these three give no text. Port and address are in network order everywhere.
 */
import { formatAddress, readAddress } from './address.js';

const AF_UNIX = 1;
const AF_INET = 2;
/** Linux, Solaris, FreeBSD, macOS, NetBSD and OpenBSD. */
const AF_INET6 = [10, 26, 28, 30, 24];
const SOCKADDR_IN = 8;
const SOCKADDR_IN6 = 24;

/** `10.0.0.2:2049`, `[::1]:2049`, or a path; null where the bytes are no address of a known family. */
export function socketAddressText(bytes: Uint8Array): string | null {
  if (bytes.length < 3) return null;
  const family = familyOf(bytes);
  if (family === AF_UNIX) return pathText(bytes);
  if (bytes.length < SOCKADDR_IN) return null;
  const port = bytes[2] * 256 + bytes[3];
  if (family === AF_INET) return `${formatAddress(readAddress(bytes, 4, 4))}:${port}`;
  if (!AF_INET6.includes(family) || bytes.length < SOCKADDR_IN6) return null;
  return `[${formatAddress(readAddress(bytes, 8, 16))}]:${port}`;
}

/** The family in either byte order, or behind BSD's length. */
function familyOf(bytes: Uint8Array): number {
  const [first, second] = bytes;
  return second === 0 ? first : second;
}

function pathText(bytes: Uint8Array): string | null {
  const end = bytes.indexOf(0, 2);
  const path = bytes.subarray(2, end < 0 ? bytes.length : end);
  return path.length > 0 && path.every((byte) => byte >= 0x20 && byte < 0x7f)
    ? Buffer.from(path).toString('latin1')
    : null;
}
