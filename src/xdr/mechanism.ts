/**
 * Names GSS-API mechanisms. A mechanism is an object identifier in DER: alone (NFSv4's
 * sec_oid4), or at the head of an initial context token (RFC 2743 §3.1). Tokens without
 * an identifier (answers of SPNEGO, bare NTLM) are recognised by their first bytes.
 */

const OBJECT_IDENTIFIER = 0x06;
/** [APPLICATION 0], constructed. */
const INITIAL_TOKEN = 0x60;
/** negTokenResp (RFC 4178 §4.2): the answer to an SPNEGO token, which carries no identifier of its own. */
const NEGOTIATION_RESPONSE = 0xa1;
const NTLM_SIGNATURE = Buffer.from('NTLMSSP\0', 'latin1');

/** RFCs 1964, 4121 (krb5), 4178 (SPNEGO), 2847 (LIPKEY, SPKM-3), 2025 (SPKM-1, -2), 7055 (EAP), 5802 (SCRAM); MS-NLMP, MS-KILE. */
const MECHANISMS: Readonly<Record<string, string>> = {
  '1.2.840.113554.1.2.2': 'krb5',
  '1.2.840.113554.1.2.2.3': 'krb5 user-to-user',
  '1.2.840.48018.1.2.2': 'krb5 (Microsoft)',
  '1.3.5.1.5.2': 'krb5 (before RFC 1964)',
  '1.3.6.1.5.2.5': 'IAKERB',
  '1.3.6.1.5.5.2': 'SPNEGO',
  '1.3.6.1.4.1.311.2.2.10': 'NTLM',
  '1.3.6.1.4.1.311.2.2.30': 'NEGOEX',
  '1.3.6.1.5.5.9': 'LIPKEY',
  '1.3.6.1.5.5.1.1': 'SPKM-1',
  '1.3.6.1.5.5.1.2': 'SPKM-2',
  '1.3.6.1.5.5.1.3': 'SPKM-3',
  '1.3.6.1.5.5.14': 'SCRAM-SHA-1',
  '1.3.6.1.5.5.15.1.1.17': 'EAP aes128',
  '1.3.6.1.5.5.15.1.1.18': 'EAP aes256',
};

/** The most bytes that are taken for an identifier without tag and length; the longest in the table has 10. */
const MAX_BARE = 16;

export interface Mechanism {
  /** Dotted decimal; '' for a token without an identifier. */
  identifier: string;
  /** The short name; the identifier where the table has none. */
  name: string;
}

/** The mechanism of a token or of a DER object identifier at `bytes[start..end)`; null where none is recognised. */
export function readMechanism(bytes: Uint8Array, start: number, end: number): Mechanism | null {
  const tag = start < end ? bytes[start] : -1;
  if (tag === NEGOTIATION_RESPONSE) return { identifier: '', name: 'SPNEGO' };
  if (NTLM_SIGNATURE.equals(bytes.subarray(start, Math.min(end, start + NTLM_SIGNATURE.length)))) {
    return { identifier: '', name: 'NTLM' };
  }
  const at = tag === INITIAL_TOKEN ? start + 1 + lengthSize(bytes, start + 1, end) : start;
  if (at + 2 <= end && bytes[at] === OBJECT_IDENTIFIER && bytes[at + 1] <= end - at - 2) {
    const identifier = dotted(bytes, at + 2, at + 2 + bytes[at + 1]);
    return identifier === null ? null : { identifier, name: MECHANISMS[identifier] ?? identifier };
  }
  // Linux omits tag and length in a sec_oid4. Any bytes would parse as some identifier, so only known ones count.
  const bare = end - start <= MAX_BARE ? dotted(bytes, start, end) : null;
  const name = bare === null ? undefined : MECHANISMS[bare];
  return bare === null || name === undefined ? null : { identifier: bare, name };
}

/** Bytes of a DER length: one, or a count byte and as many bytes as it says. */
function lengthSize(bytes: Uint8Array, at: number, end: number): number {
  return at < end && bytes[at] >= 0x80 ? 1 + (bytes[at] & 0x7f) : 1;
}

/**
 * The contents of an object identifier (X.690 §8.19) in dotted form: numbers in base 128, the first two combined in
 * one. null when the last number is cut off, or one is 2^32 or more.
 */
function dotted(bytes: Uint8Array, start: number, end: number): string | null {
  const numbers: number[] = [];
  let value = 0;
  for (let at = start; at < end; at++) {
    value = value * 128 + (bytes[at] & 0x7f);
    if (value > 0xffffffff) return null;
    if (bytes[at] >= 0x80) continue;
    const first = Math.min(2, Math.floor(value / 40));
    numbers.push(...(numbers.length === 0 ? [first, value - 40 * first] : [value]));
    value = 0;
  }
  return numbers.length === 0 || bytes[end - 1] >= 0x80 ? null : numbers.join('.');
}
