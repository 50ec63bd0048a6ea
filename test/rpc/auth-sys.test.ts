/** The uid that an AUTH_SYS credential claims (RFC 5531 appendix A), wherever it ends. */
import { expect, test } from 'vitest';
import { userOf } from '../../src/rpc/auth/sys.js';
import { readHeader } from '../../src/rpc/header.js';
import { Message } from '../../src/rpc/message.js';
import { bytes, u32 } from '../helpers/capture-writer.js';
import { type Auth, call, opaque } from '../helpers/rpc-writer.js';

const STAMP = u32(7);
const sys = (...parts: Uint8Array[]): Auth => ({ flavor: 1, body: bytes(STAMP, ...parts) });

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
  ['another flavor', { flavor: 0 }, ''],
])('%s', (_, credential, uid) => {
  const data = call({ credential });
  const message = Object.assign(new Message(), { bytes: data, end: data.length, length: data.length });
  expect(readHeader(message)).toBe(true);
  expect(userOf(message)).toBe(uid);
});
