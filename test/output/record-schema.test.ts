/** record.schema.json against every record of every fixture capture, with and without their file contents; and key order. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { Inspection } from '../../src/index.js';
import { EXCHANGE_KEYS, PART_KEYS, RECORD_KEYS } from '../../src/output/only.js';
import { RecordWriter } from '../../src/output/record.js';
import type { AuthFlavor } from '../../src/rpc/auth/flavor.js';
import { AUTH_FLAVORS } from '../../src/rpc/auth/index.js';
import { ByteWriter } from '../../src/xdr/byte-writer.js';
import { bytes, u32 } from '../helpers/capture-writer.js';
import { fixtureCaptures } from '../helpers/fixtures.js';
import { recordsOf } from '../helpers/inspect.js';
import { client, cut, server, udp } from '../helpers/packets.js';
import { library } from '../helpers/render.js';
import { call, denied, opaque, reply } from '../helpers/rpc-writer.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const file = join(ROOT, 'record.schema.json');
const schema = JSON.parse(readFileSync(file, 'utf8'));
const validate: ValidateFunction = new Ajv2020({ allErrors: true, strictTypes: false, strictRequired: false }).compile(
  schema,
);
const order = Object.keys(schema.properties);

type JsonObject = Record<string, unknown>;

/** What is wrong with a record, in words. */
function complaints(record: JsonObject): string[] {
  const found = validate(record)
    ? []
    : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
  const places = Object.keys(record).map((key) => order.indexOf(key));
  if (places.some((place, i) => i > 0 && place <= places[i - 1]))
    found.push(`keys out of order: ${Object.keys(record)}`);
  return found;
}

async function linesOf(path: string, payload: boolean): Promise<string[]> {
  const out = new ByteWriter();
  let writer: RecordWriter;
  const inspection = await Inspection.open([path], { library }, (dissection) => {
    writer.write(dissection);
    out.byte(0x0a);
  });
  const hasInterfaces = (index: number) => inspection.hasInterfaces(index);
  writer = new RecordWriter(out, inspection.dissector, { files: null, hasInterfaces, int64Strings: false, payload });
  await inspection.run();
  return out.toString().trimEnd().split('\n');
}

describe('fixture captures', () => {
  const captures = fixtureCaptures();
  test('are found', () => expect(captures.length).toBeGreaterThan(20));
  const named = captures.flatMap((path) =>
    [false, true].map((payload) => [join(basename(dirname(path)), basename(path)), payload, path] as const),
  );
  test.each(named)('%s, contents: %s', async (_, payload, path) => {
    const found = new Map<string, string>();
    for (const line of await linesOf(path, payload)) {
      for (const complaint of complaints(JSON.parse(line))) if (!found.has(complaint)) found.set(complaint, line);
    }
    expect([...found]).toEqual([]);
  });
});

describe('messages of all kinds', () => {
  const gss = bytes(u32(1), u32(0), u32(9), u32(2), u32(4), u32(7));
  const cases: [name: string, packets: Parameters<typeof recordsOf>[0], count: number][] = [
    ['a call and its reply', [udp(client, server, call()), udp(server, client, reply())], 2],
    [
      'another transmission and another reply',
      [
        udp(client, server, call()),
        udp(client, server, call()),
        udp(server, client, reply()),
        udp(server, client, reply()),
      ],
      4,
    ],
    ['an unknown program', [udp(client, server, call({ program: 0x20000001, args: Buffer.alloc(8) }))], 1],
    ['a reply without its call', [udp(server, client, reply({ result: Buffer.alloc(8) }))], 1],
    ...[1, 2, 3, 4, 5].map(
      (stat) =>
        [
          `accept_stat ${stat}`,
          [
            udp(client, server, call()),
            udp(
              server,
              client,
              reply({ acceptStat: stat, result: stat === 2 ? bytes(u32(2), u32(3)) : Buffer.alloc(0) }),
            ),
          ],
          2,
        ] as [string, Uint8Array[], number],
    ),
    [
      'an accept_stat that there is not',
      [udp(client, server, call()), udp(server, client, reply({ acceptStat: 77 }))],
      2,
    ],
    ['RPC_MISMATCH', [udp(client, server, call()), udp(server, client, denied(1, 0, 2, 2))], 2],
    ['AUTH_ERROR', [udp(client, server, call()), udp(server, client, denied(1, 1, 5))], 2],
    ['an auth_stat without a name', [udp(client, server, call()), udp(server, client, denied(1, 1, 99))], 2],
    ['AUTH_SHORT', [udp(client, server, call({ credential: { flavor: 2, body: Buffer.from('abc') } }))], 1],
    [
      'a flavor without a name',
      [udp(client, server, call({ credential: { flavor: 390003, body: Buffer.from('abc') } }))],
      1,
    ],
    [
      'RPCSEC_GSS',
      [udp(client, server, call({ credential: { flavor: 6, body: gss }, verifier: { flavor: 6, body: gss } }))],
      1,
    ],
    [
      'AUTH_DH',
      [
        udp(
          client,
          server,
          call({
            credential: { flavor: 3, body: bytes(u32(1), u32(5)) },
            verifier: { flavor: 3, body: Buffer.alloc(12) },
          }),
        ),
      ],
      1,
    ],
    ['a credential that lies', [udp(client, server, call({ credential: { flavor: 1, length: 5000 } }))], 1],
    ['a cut header', [cut(udp(client, server, call({ args: Buffer.alloc(100) })), 28 + 30)], 1],
  ];
  test.each(cases)('%s', (_, packets, count) => {
    const records = recordsOf(packets);
    expect(records).toHaveLength(count);
    expect(records.flatMap(complaints)).toEqual([]);
  });
});

/** The schema must refuse what is wrong, or the tests above say nothing. */
describe('the schema refuses', () => {
  const [good, answer] = recordsOf([udp(client, server, call()), udp(server, client, reply())]);
  const cases: [name: string, record: JsonObject][] = [
    ['another key', { ...good, extra: 1 }],
    ['a missing key', { ...good, xid: undefined }],
    ['a call with a result', { ...good, result: {} }],
    ['a reply with arguments', { ...answer, args: {} }],
    ['another type', { ...good, type: 'CALL' }],
    ['a number as text', { ...good, program_number: '100003' }],
    ['a whole call without its credential', { ...good, credential: undefined }],
    ['a whole reply without its stat', { ...answer, accept_stat: undefined }],
    ['a failed reply that is no error', { ...answer, accept_stat: 'SYSTEM_ERR' }],
    ['a result of a failed reply', { ...answer, accept_stat: 'SYSTEM_ERR', error: true, result: 1 }],
    ['elapsed without its call', { ...answer, call_frame: undefined }],
    ['a kind that there is not', { ...good, retransmission: { kind: 'tcp', frame: 1 } }],
    ['a time without nanoseconds', { ...good, time: '2026-11-22T06:46:00Z' }],
    ['members of another flavor', { ...good, credential: { flavor: 'AUTH_NONE', uid: 0 } }],
  ];
  test.each(cases)('%s', (_, record) => {
    expect(complaints(good)).toEqual([]);
    expect(validate(JSON.parse(JSON.stringify(record)))).toBe(false);
  });
});

/** A flavor whose bodies have members needs one branch for each place where they stand. */
test.each([
  ['credential', ({ credential, bytesName }: AuthFlavor) => credential ?? bytesName],
  ['verifier', ({ callVerifier, replyVerifier, bytesName }: AuthFlavor) => callVerifier ?? replyVerifier ?? bytesName],
] as const)('the schema has the members of every %s', (place, bodyOf) => {
  const branches: { properties?: { flavor: { const?: string; enum?: string[] } } }[] = schema.$defs[place].anyOf;
  const described = branches.flatMap(({ properties }) => properties?.flavor.enum ?? properties?.flavor.const ?? []);
  const flavors = [...AUTH_FLAVORS.values()].filter((flavor) => bodyOf(flavor) !== undefined);
  expect(flavors.map(({ name }) => name).filter((name) => !described.includes(name))).toEqual([]);
});

const LATIN = Buffer.from('b\xe4rbel', 'latin1');
const UGID = { program: 0x2084e581, version: 1, procedure: 4, args: u32(7) };
const HCLNFSD = { program: 0x2f00dbad, version: 1, procedure: 7, args: u32(0) };

test.each([
  ['a string of UTF-8', UGID, opaque('bärbel'), 'bärbel', undefined],
  ['another string', UGID, opaque(LATIN), 'b\ufffdrbel', '62e47262656c'],
  ['an array', HCLNFSD, bytes(u32(2), opaque('a'), opaque(LATIN)), ['a', 'b\ufffdrbel'], ['61', '62e47262656c']],
])('a result that is %s: its bytes are kept', (_, asked, answer, result, hex) => {
  const [, record] = recordsOf([udp(client, server, call(asked)), udp(server, client, reply({ result: answer }))]);
  expect([record.result, record.result_hex]).toEqual([result, hex]);
  expect(complaints(record)).toEqual([]);
});

test.each(['record.schema.json', ...readdirSync(join(ROOT, 'schemas')).map((name) => `schemas/${name}`)])(
  'a validator with its usual settings has nothing to say about %s',
  (name) => {
    const said: unknown[] = [];
    const note = (...words: unknown[]) => said.push(words);
    const ajv = new Ajv2020({ logger: { log: note, warn: note, error: note } });
    if (name !== 'record.schema.json') ajv.addSchema(schema);
    ajv.compile(JSON.parse(readFileSync(join(ROOT, name), 'utf8')));
    expect(said).toEqual([]);
  },
);

test('the keys of --only are those of the schemas', () => {
  const { properties } = JSON.parse(readFileSync(join(ROOT, 'schemas/exchange.schema.json'), 'utf8'));
  const parts = [...Object.keys(properties.call.properties), ...Object.keys(properties.reply.properties)];
  expect(RECORD_KEYS).toEqual(order);
  expect(EXCHANGE_KEYS).toEqual(Object.keys(properties));
  expect(new Set(PART_KEYS)).toEqual(new Set(parts));
});
