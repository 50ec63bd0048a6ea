/** Whom a credential stands for: the uid of AUTH_SYS (RFC 5531 appendix A), wherever it ends, and what other flavors have. */
import { expect, test } from 'vitest';
import { userOf } from '../../src/rpc/auth/index.js';
import { readHeader } from '../../src/rpc/header.js';
import { Message } from '../../src/rpc/message.js';
import { bytes, u32 } from '../helpers/capture-writer.js';
import { type Auth, call, opaque } from '../helpers/rpc-writer.js';

const STAMP = u32(7);
const sys = (...parts: Uint8Array[]): Auth => ({ flavor: 1, body: bytes(STAMP, ...parts) });

const gss = (...handle: Uint8Array[]): Auth => ({ flavor: 6, body: bytes(u32(1), u32(0), u32(1), u32(1), ...handle) });

test.each<[string, Auth, string]>([
  ['a name of whole words', sys(opaque('host'), u32(1000), u32(100), u32(0)), '1000'],
  ['a padded name', sys(opaque('hosts'), u32(0), u32(0), u32(0)), '0'],
  ['no name', sys(opaque(''), u32(65534), u32(0), u32(0)), '65534'],
  ['the largest uid', sys(opaque('a'), u32(0xffffffff), u32(0), u32(0)), '4294967295'],
  ['an end behind the uid', sys(opaque('host'), u32(5)), '5'],
  ['an end before the uid', sys(opaque('host')), ''],
  ['an end within the name', sys(u32(200), Buffer.from('host')), ''],
  ['a name longer than any credential', sys(u32(0xffffffff), u32(5)), ''],
  ['a stamp alone', { flavor: 1, body: STAMP }, ''],
  ['AUTH_NONE', { flavor: 0 }, ''],
  ['AUTH_SHORT', { flavor: 2, body: bytes([0xab, 1]) }, 'AUTH_SHORT ab01'],
  ['AUTH_DH, a name', { flavor: 3, body: bytes(u32(0), opaque('unix.7@example'), Buffer.alloc(12)) }, 'unix.7@example'],
  ['AUTH_DH, a nickname', { flavor: 3, body: bytes(u32(1), u32(9)) }, 'AUTH_DH nickname 9'],
  ['AUTH_DH, cut off', { flavor: 3, body: u32(1) }, ''],
  ['RPCSEC_GSS', gss(opaque(Buffer.from([1, 2, 3]))), 'RPCSEC_GSS 010203'],
  ['RPCSEC_GSS without a context', gss(u32(0)), 'RPCSEC_GSS'],
  ['RPCSEC_GSS, cut off', gss(), 'RPCSEC_GSS'],
  ['RPCSEC_GSS, a long handle', gss(opaque(Buffer.alloc(40, 7))), `RPCSEC_GSS ${'07'.repeat(32)}`],
  ['AUTH_GSSAPI', { flavor: 300001, body: bytes(u32(2), u32(0), opaque(Buffer.of(1, 2))) }, 'AUTH_GSSAPI 0102'],
  ['a number of GlusterFS in another program', { flavor: 390039, body: bytes(u32(1), u32(8)) }, ''],
])('%s', (_, credential, uid) => {
  const data = call({ credential });
  const message = Object.assign(new Message(), { bytes: data, end: data.length, length: data.length });
  expect(readHeader(message)).toBe(true);
  expect(userOf(message)).toBe(uid);
});
