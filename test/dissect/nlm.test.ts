/** The lock manager: RES answers MSG by cookie, hosts and direction; GRANTED ends BLOCKED by handle, owner and range. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DISSECTORS, readSpecification } from '../../src/dissect/library.js';
import { bytes, u32 } from '../helpers/capture-writer.js';
import { recordsOf } from '../helpers/inspect.js';
import { client, type Host, server, udp } from '../helpers/packets.js';
import { FIXTURES, records } from '../helpers/render.js';
import { call, opaque, reply, words } from '../helpers/rpc-writer.js';

const [LOCK, UNLOCK, GRANTED, LOCK_MSG, UNLOCK_MSG, GRANTED_MSG, LOCK_RES, GRANTED_RES, NM_LOCK] = [
  2, 4, 5, 7, 9, 10, 12, 15, 22,
];
const [GRANTED_OK, DENIED, BLOCKED] = [0, 1, 3];
const other: Host = { address: '10.0.0.3', port: 700 };

let xid = 0;

function lock(
  version: number,
  { handle = 'fhfh', owner = 'me', svid = 7, offset = 0, length = 0, name = 'kcl' } = {},
): Buffer {
  const range = version === 4 ? words(svid, 0, offset, 0, length) : words(svid, offset, length);
  return bytes(opaque(name), opaque(handle), opaque(owner), range);
}

function nlm(from: Host, to: Host, procedure: number, version: number, args: Uint8Array): Buffer {
  return udp(from, to, call({ xid: ++xid, program: 100021, version, procedure, args }));
}

const cookie = (name: string) => opaque(name);
const lockCall = (version: number, name: string, options = {}, procedure = LOCK) =>
  nlm(client, server, procedure, version, bytes(cookie(name), words(1, 1), lock(version, options), words(0, 5)));
const lockReply = (name: string, status: number) =>
  udp(server, client, reply({ xid, result: bytes(cookie(name), u32(status)) }));
const granted = (version: number, options = {}, procedure = GRANTED_MSG) =>
  nlm(server, client, procedure, version, bytes(cookie('g'), words(1), lock(version, { name: 'srv', ...options })));

test('known answer: the lock refused BLOCKED is granted later, and the GRANTED_RES answers it', async () => {
  const all = await records(join(FIXTURES, 'captures/nlm/blocked.pcap'));
  const found = all
    .filter(({ related }) => related)
    .map(({ frame, procedure, related }) => [frame, procedure, related]);
  // Frames 1160, 1178 and 1196 of the recording.
  expect(found).toEqual([
    [23, 'GRANTED_MSG', [{ kind: 'blocked', frame: 5 }]],
    [41, 'GRANTED_RES', [{ kind: 'request', frame: 23 }]],
  ]);
  expect(all.find(({ frame }) => frame === 5)).toMatchObject({ status: 'NLM4_BLOCKED', error: false });
  expect(all.find(({ frame }) => frame === 41)).toMatchObject({ type: 'call', status: 'NLM4_GRANTED', error: false });
});

describe.each([1, 2, 3, 4])('version %i', (version) => {
  const related = (packets: Buffer[]) => recordsOf(packets).at(-1).related;

  test.each([
    ['GRANTED_MSG', {}, GRANTED_MSG, 2],
    ['GRANTED', {}, GRANTED, 2],
    ['another handle', { handle: 'xxxx' }, GRANTED_MSG, null],
    ['another owner', { owner: 'you' }, GRANTED_MSG, null],
    ['another process', { svid: 8 }, GRANTED_MSG, null],
    ['another offset', { offset: 100 }, GRANTED_MSG, null],
    ['another length', { length: 1 }, GRANTED_MSG, null],
  ])('%s', (_, options, procedure, frame) => {
    const packets = [lockCall(version, 'c'), lockReply('c', BLOCKED), granted(version, options, procedure)];
    expect(related(packets)).toEqual(frame === null ? undefined : [{ kind: 'blocked', frame }]);
  });

  test('a GRANTED that is sent again', () => {
    const packets = [lockCall(version, 'c'), lockReply('c', BLOCKED), granted(version), granted(version)];
    expect(related(packets)).toEqual([{ kind: 'blocked', frame: 2 }]);
  });

  test('a lock that was denied is not waited for', () => {
    expect(related([lockCall(version, 'c'), lockReply('c', DENIED), granted(version)])).toBeUndefined();
  });

  test('the lock was refused again after it was granted: the newest refusal is named', () => {
    const refused = () => [lockCall(version, 'c'), lockReply('c', BLOCKED)];
    const packets = [...refused(), granted(version), ...refused(), granted(version), granted(version)];
    expect(recordsOf(packets).flatMap((record) => record.related?.[0].frame ?? [])).toEqual([2, 5, 5]);
  });

  test('a reply to UNLOCK is no refused lock', () => {
    const unlock = nlm(client, server, UNLOCK, version, bytes(cookie('c'), lock(version)));
    expect(related([unlock, lockReply('c', BLOCKED), granted(version)])).toBeUndefined();
  });

  test('a LOCK_RES that says BLOCKED', () => {
    const result = nlm(server, client, LOCK_RES, version, bytes(cookie('c'), u32(BLOCKED)));
    const all = recordsOf([lockCall(version, 'c', {}, LOCK_MSG), result, granted(version)]);
    expect(all.map((record) => record.related)).toEqual([
      undefined,
      [{ kind: 'request', frame: 1 }],
      [{ kind: 'blocked', frame: 2 }],
    ]);
  });

  test.each([
    ['its MSG', server, client, LOCK_RES, 'c', true],
    ['another cookie', server, client, LOCK_RES, 'd', false],
    ['another procedure', server, client, GRANTED_RES, 'c', false],
    ['the same direction', client, server, LOCK_RES, 'c', false],
    ['another host', other, client, LOCK_RES, 'c', false],
  ])('a RES: %s', (_, from, to, procedure, name, isKnown) => {
    const result = nlm(from, to, procedure, version, bytes(cookie(name), u32(GRANTED_OK)));
    expect(related([lockCall(version, 'c', {}, LOCK_MSG), result])).toEqual(
      isKnown ? [{ kind: 'request', frame: 1 }] : undefined,
    );
  });

  test('a RES has a status, a MSG has none', () => {
    const unlock = nlm(client, server, UNLOCK_MSG, version, bytes(cookie('c'), lock(version)));
    const result = nlm(server, client, LOCK_RES, version, bytes(cookie('c'), u32(DENIED)));
    const [message, answer] = recordsOf([unlock, result]);
    expect(message.status).toBeUndefined();
    expect(answer).toMatchObject({
      type: 'call',
      status: version === 4 ? 'NLM4_DENIED' : 'LCK_DENIED',
      status_number: 1,
      error: true,
    });
  });
});

test('a lock without monitoring (NM_LOCK) is granted as others are', () => {
  const args = bytes(cookie('c'), words(1, 1), lock(3), words(0, 5));
  const [, , record] = recordsOf([nlm(client, server, NM_LOCK, 3, args), lockReply('c', BLOCKED), granted(3)]);
  expect(record.related).toEqual([{ kind: 'blocked', frame: 2 }]);
});

test('the types of version 4 have the hints of those before it', () => {
  const { types } = readSpecification(join(DISSECTORS, 'nlm/nlm.x'));
  const hintsOf = (name: string) => {
    const type = types.get(name)?.type;
    const fields = type?.kind === 'struct' ? type.fields : [];
    return fields.map(({ hints }) => hints.map((hint) => [hint.name, ...hint.arguments.map(({ text }) => text)]));
  };
  const names = [...types.keys()].filter((name) => types.has(name.replace('nlm_', 'nlm4_')) && name.startsWith('nlm_'));
  expect(names).toContain('nlm_notify');
  for (const name of names) expect([name, hintsOf(name.replace('nlm_', 'nlm4_'))]).toEqual([name, hintsOf(name)]);
});
