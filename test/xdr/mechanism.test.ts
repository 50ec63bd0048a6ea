/** GSS-API mechanisms: tokens and object identifiers in DER, as they are and damaged. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readMechanism } from '../../src/xdr/mechanism.js';

const KRB5 = '2a864886f712010202';

test.each([
  ['an initial token', `600b0609${KRB5}`, 'krb5', '1.2.840.113554.1.2.2'],
  ['one with a long length', `60820200 0609${KRB5} 0100`, 'krb5', '1.2.840.113554.1.2.2'],
  ['an object identifier', `0609${KRB5}`, 'krb5', '1.2.840.113554.1.2.2'],
  ['one without tag and length, as Linux has it in SECINFO', KRB5, 'krb5', '1.2.840.113554.1.2.2'],
  ['SPNEGO', '06062b0601050502', 'SPNEGO', '1.3.6.1.5.5.2'],
  ['an answer to SPNEGO', 'a1073005a0030a0100', 'SPNEGO', ''],
  ['NTLM within an OID', '060a2b06010401823702020a', 'NTLM', '1.3.6.1.4.1.311.2.2.10'],
  ['NTLM, bare', '4e544c4d535350000100', 'NTLM', ''],
  ['LIPKEY', '06062b0601050509', 'LIPKEY', '1.3.6.1.5.5.9'],
  ['SPKM-3', '06072b060105050103', 'SPKM-3', '1.3.6.1.5.5.1.3'],
  ['IAKERB', '06062b0601050205', 'IAKERB', '1.3.6.1.5.2.5'],
  ['one that nobody named', '06032a0304', '1.2.3.4', '1.2.3.4'],
])('%s', (_, hex, name, identifier) => {
  const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex');
  expect(readMechanism(bytes, 0, bytes.length)).toEqual({ name, identifier });
});

test.each([
  ['nothing', ''],
  ['a tag alone', '60'],
  ['a length beyond the end', `060a${KRB5}`],
  ['an identifier whose last number is cut off', '06022a86'],
  ['a number beyond 32 bits', '06072affffffffff7f'],
  ['bytes', '0102030405'],
])('none: %s', (_, hex) => {
  const bytes = Buffer.from(hex, 'hex');
  expect(readMechanism(bytes, 0, bytes.length)).toBeNull();
});

test('any bytes: an answer or none, and nothing behind the end is read', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ maxLength: 8 }), (token, behind) => {
      const alone = readMechanism(token, 0, token.length);
      const all = Buffer.concat([token, behind]);
      expect(readMechanism(all, 0, token.length)).toEqual(alone);
    }),
  );
});
