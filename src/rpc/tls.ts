/**
 * Detects TLS and DTLS by their record headers, in streams and datagrams that are not RPC. Nothing is decrypted.
 *
 * A TLS record (RFC 8446 §5.1, RFC 5246 §6.2) is a content type, a version, a length and that many bytes; the next
 * header follows. Any five bytes may look like a header, but hardly the bytes to which one header after another points.
 * So a stream is TLS once `TLS_CHAIN` headers follow each other, at whatever offset the first was found.
 */
import { MAX_TLS_RECORD, TLS_CHAIN } from '../limits/rpc.js';
import type { Rest } from '../network/rest.js';
import { read16 } from '../xdr/bytes.js';

const HEADER = 5;
const CHANGE_CIPHER_SPEC = 20;
const APPLICATION_DATA = 23;

/** Follows the record headers of one direction of a stream. */
export class TlsHeaders {
  /** Headers found in a row. */
  private chain = 0;
  /** Bytes from here to the next header; meaningful while there is a chain. */
  private distance = 0;

  /** Takes the next bytes of the stream. True: they are TLS. */
  take(bytes: Uint8Array, start: number, end: number): boolean {
    let at = start;
    while (at < end && this.chain < TLS_CHAIN) {
      if (this.chain === 0) at = findHeader(bytes, at, end);
      else at += this.distance;
      if (at >= end) break;
      // A header that is split between segments ends the chain; a new one may begin behind it.
      this.chain = isHeader(bytes, at, end) ? this.chain + 1 : 0;
      if (this.chain === 0) at++;
      else this.distance = HEADER + read16(bytes, at + 3);
    }
    if (this.chain < TLS_CHAIN) this.distance = at - end;
    return this.chain >= TLS_CHAIN;
  }

  /** Writes or reads what is kept at rest. */
  keepAtRest(rest: Rest): void {
    this.chain = rest.integer(this.chain);
    this.distance = rest.integer(this.distance);
  }

  /** Bytes are missing. The chain goes on behind them if they lie within one record. */
  skip(length: number): void {
    this.distance -= length;
    if (this.distance < 0) this.chain = 0;
  }
}

/** True for a datagram of DTLS (RFC 6347 §4.1): a content type, version 1.0 or 1.2, and a first record that fits. */
export function isDtls(bytes: Uint8Array, start: number, end: number, length: number): boolean {
  if (end - start < 13 || !isContentType(bytes[start]) || bytes[start + 1] !== 0xfe) return false;
  const minor = bytes[start + 2];
  return (minor === 0xff || minor === 0xfd) && 13 + read16(bytes, start + 11) <= length;
}

/** Offset in `bytes[start..end)` of the first likely header; `end`: there is none. */
function findHeader(bytes: Uint8Array, start: number, end: number): number {
  for (let at = start; at + HEADER <= end; at++) {
    if (bytes[at + 1] === 3 && isHeader(bytes, at, end)) return at;
  }
  return end;
}

function isHeader(bytes: Uint8Array, at: number, end: number): boolean {
  if (at + HEADER > end || !isContentType(bytes[at]) || bytes[at + 1] !== 3) return false;
  const length = read16(bytes, at + 3);
  return bytes[at + 2] >= 1 && bytes[at + 2] <= 4 && length > 0 && length <= MAX_TLS_RECORD;
}

function isContentType(type: number): boolean {
  return type >= CHANGE_CIPHER_SPEC && type <= APPLICATION_DATA;
}
