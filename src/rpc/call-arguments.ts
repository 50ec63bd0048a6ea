/**
 * The part of a call that is the same in all its transmissions: the arguments, never credential or verifier. RPCSEC_GSS
 * (RFC 2203 §5.3) renews sequence numbers and checksums each time: of rpc_gss_integ_data only the arguments inside
 * count, and of encrypted arguments only the context and the length.
 */
import { read32, viewOf } from '../xdr/bytes.js';
import { GSS_DATA, GSS_INTEGRITY, GSS_PRIVACY, GSS_VERSIONS, rpcsecGss } from './auth/rpcsec-gss.js';
import type { Message } from './message.js';

/** Bytes of rpc_gss_cred before its handle: version, procedure, sequence number and service. */
const GSS_FIXED = 16;

/** Procedure and service of a call's RPCSEC_GSS credential. */
export interface GssHeader {
  procedure: number;
  service: number;
}

/** Reads the credential's header; null: it is not RPCSEC_GSS of a known version, or too short. */
export function readGssHeader(message: Message): GssHeader | null {
  const { credential, bytes } = message;
  if (credential.flavor !== rpcsecGss.number || credential.length < GSS_FIXED) return null;
  const version = read32(bytes, credential.start);
  if (version < 1 || version > GSS_VERSIONS) return null;
  return { procedure: read32(bytes, credential.start + 4), service: read32(bytes, credential.start + 12) };
}

/** The arguments of the last call read, as numbers that can be compared. One object is reused. */
export class CallArguments {
  /** Length on the wire, how many bytes of that were captured, and their hash. */
  length = 0;
  captured = 0;
  hash = 0;

  read(message: Message): void {
    const { body, end, bytes } = message;
    this.length = 0;
    this.captured = 0;
    this.hash = 0;
    if (body < 0) return;
    const gss = message.credential.flavor === rpcsecGss.number ? readGssHeader(message) : null;
    const isProtected = gss !== null && (gss.service === GSS_INTEGRITY || gss.service === GSS_PRIVACY);
    if (isProtected && gss.procedure === GSS_DATA) this.readProtected(message, gss);
    else this.take(bytes, body, end, message.start + message.length - body);
  }

  private readProtected(message: Message, gss: GssHeader): void {
    const { bytes, body, end, credential } = message;
    const wire = message.start + message.length - body;
    if (gss.service === GSS_PRIVACY) {
      this.take(bytes, credential.start + GSS_FIXED, credential.start + credential.length, wire);
      return;
    }
    const length = end - body >= 4 ? read32(bytes, body) : -1;
    if (length < 4 || length > wire - 4) this.take(bytes, body, end, wire);
    else this.take(bytes, body + 8, Math.min(end, body + 4 + length), length - 4);
  }

  private take(bytes: Uint8Array, start: number, end: number, length: number): void {
    this.length = length;
    this.captured = Math.max(0, end - start);
    this.hash = hashBytes(bytes, start, end);
  }
}

/**
 * A hash that tells calls apart; two different ones with the same xid share it with a probability of 2^-32. The four
 * multiplications of a round do not wait for each other. Bytes behind the last whole word are ignored; XDR has none.
 */
export function hashBytes(bytes: Uint8Array, start: number, end: number): number {
  const view = viewOf(bytes);
  let hash = end - start;
  let at = start;
  for (; at + 16 <= end; at += 16) {
    hash =
      Math.imul(hash ^ view.getInt32(at), 0x9e3779b1) +
      Math.imul(view.getInt32(at + 4), 0x85ebca6b) +
      Math.imul(view.getInt32(at + 8), 0xc2b2ae35) +
      Math.imul(view.getInt32(at + 12), 0x27d4eb2f);
    hash ^= hash >>> 15;
  }
  for (; at + 4 <= end; at += 4) {
    hash = Math.imul(hash ^ view.getInt32(at), 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  return hash;
}
