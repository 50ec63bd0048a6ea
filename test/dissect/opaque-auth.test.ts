/** What is wrong with credentials and verifiers, seen at a glance where nothing is: the same as decoding each of them says. */
import { describe, expect, test } from 'vitest';
import { newDissection } from '../../src/dissect/dissection.js';
import { AUTH_PARTS, decodeAuth, findAuthFault } from '../../src/dissect/opaque-auth.js';
import { isSound } from '../../src/rpc/auth/sys.js';
import { readHeader } from '../../src/rpc/header.js';
import { Message } from '../../src/rpc/message.js';
import { bytes, u32 } from '../helpers/capture-writer.js';
import { Random } from '../helpers/random.js';
import { type Auth, call, opaque, words } from '../helpers/rpc-writer.js';

const sys = (...parts: Uint8Array[]): Auth => ({ flavor: 1, body: bytes(u32(7), ...parts) });
const gss = (...parts: Uint8Array[]): Auth => ({ flavor: 6, body: bytes(...parts) });
const groups = (count: number) => words(count, ...new Array(count).fill(100));

function dissectionOf(credential: Auth, verifier: Auth = {}, have?: number) {
  const data = call({ credential, verifier });
  const message = Object.assign(new Message(), { bytes: data, end: have ?? data.length, length: data.length });
  expect(readHeader(message)).toBe(true);
  return newDissection(message);
}

describe('the fault of a credential', () => {
  test.each<[string, Auth, string | null]>([
    ['none', {}, null],
    ['an identity', sys(opaque('client'), u32(0), u32(0), groups(0)), null],
    ['one of sixteen groups', sys(opaque('client'), u32(0), u32(0), groups(16)), null],
    ['a stamp cut short', { flavor: 1, body: Buffer.alloc(3) }, 'credential.stamp: needs 4 bytes, only 3 left'],
    [
      'a name longer than its body',
      sys(u32(5000), Buffer.alloc(12)),
      'credential.machinename: its length 5000 exceeds the 12 remaining bytes',
    ],
    ['no groups', sys(opaque('client'), u32(0), u32(0)), 'credential.gids: needs 4 bytes, only 0 left'],
    [
      'fewer groups than it counts',
      sys(opaque('client'), u32(0), u32(0), words(3, 100)),
      'credential.gids: its count 3 does not fit in the 4 remaining bytes',
    ],
    ['a context', gss(words(1, 0, 1, 1), opaque('h')), null],
    ['a context cut short', gss(words(1, 0, 1)), 'credential.service: needs 4 bytes, only 0 left'],
    ['a flavor that nobody defined', { flavor: 77, body: Buffer.alloc(4) }, null],
  ])('%s', (_, credential, expected) => {
    const fault = findAuthFault(dissectionOf(credential));
    expect(fault && `${fault.path}: ${fault.reason}`).toBe(expected);
  });

  test('bytes that were not captured are none', () => {
    const whole = sys(opaque('client'), u32(0), u32(0), groups(4));
    for (let have = 32; have < 72; have++) expect(findAuthFault(dissectionOf(whole, {}, have))).toBeNull();
  });

  test('what a verifier has stands behind what a credential has', () => {
    const broken = { flavor: 1, body: Buffer.alloc(3) };
    expect(findAuthFault(dissectionOf({}, broken))).toBeNull();
    expect(findAuthFault(dissectionOf(gss(words(1, 0, 1)), broken))?.path).toBe('credential.service');
  });
});

test('the glance and the decoder agree on bodies of random words', () => {
  const random = new Random(20261128);
  let sound = 0;
  for (let i = 0; i < 3000; i++) {
    const name = random.below(9);
    const count = random.below(18);
    const body = bytes(u32(1), opaque('x'.repeat(name)), u32(0), u32(0), groups(count));
    if (random.below(2) === 0) body[random.below(body.length)] = random.below(256);
    const credential = {
      flavor: 1,
      body: body.subarray(0, random.below(4) === 0 ? random.below(body.length + 1) : undefined),
    };
    const dissection = dissectionOf(credential);
    const faults = AUTH_PARTS.map((part) => decodeAuth(dissection, part)?.fault ?? null);
    expect(findAuthFault(dissection)).toEqual(faults.find((fault) => fault?.kind === 'malformed') ?? null);
    if (isSound(dissection.message.credential, dissection.message.bytes)) {
      sound++;
      expect(decodeAuth(dissection, 'credential')?.fault).toBeNull();
    }
  }
  expect(sound).toBeGreaterThan(500);
});
