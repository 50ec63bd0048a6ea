/** Exchanges as records and lines: schemas/exchange.schema.json on every fixture capture, and what is known of some of them. */
import { deepStrictEqual } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { writeExchangeSummary } from '../../src/dissect/exchange-summary.js';
import { ByteWriter } from '../../src/xdr/byte-writer.js';
import { type ExchangeRecord, exchangeLinesOf, exchangesOf, exchangesOfCapture } from '../helpers/exchanges.js';
import { capture, fixtureCaptures } from '../helpers/fixtures.js';
import { client, server, udp } from '../helpers/packets.js';
import { records } from '../helpers/render.js';
import { call, reply, words } from '../helpers/rpc-writer.js';

const read = (path: string) => JSON.parse(readFileSync(fileURLToPath(new URL(path, import.meta.url)), 'utf8'));
const schema = read('../../schemas/exchange.schema.json');
const ajv = new Ajv2020({ allErrors: true, strictTypes: false, strictRequired: false });
ajv.addSchema(read('../../record.schema.json'));
const validate = ajv.compile(schema);

function complaints(record: ExchangeRecord): string[] {
  const found = validate(record) ? [] : (validate.errors ?? []).map((each) => `${each.instancePath} ${each.message}`);
  const isInOrder = (keys: string[], order: string[]) =>
    keys.every((key, i) => i === 0 || order.indexOf(keys[i - 1]) < order.indexOf(key));
  const objects: [ExchangeRecord, { properties: object }][] = [
    [record, schema],
    [record.call ?? {}, schema.properties.call],
    [record.reply ?? {}, schema.properties.reply],
  ];
  for (const [object, { properties }] of objects) {
    if (!isInOrder(Object.keys(object), Object.keys(properties))) found.push(`out of order: ${Object.keys(object)}`);
  }
  return found;
}

describe('every fixture capture', () => {
  test.each(fixtureCaptures())('%s', async (path) => {
    const [exchanges, messages] = await Promise.all([exchangesOfCapture(path), records(path)]);
    expect([...new Set(exchanges.flatMap(complaints))]).toEqual([]);
    // Each call is in one exchange, unless it was sent before; each reply in one at most.
    const calls = messages.filter(({ type, retransmission }) => type === 'call' && !retransmission);
    const numbers = (side: 'call' | 'reply') => exchanges.flatMap((each) => each[side]?.message ?? []);
    expect(numbers('call').sort((a, b) => a - b)).toEqual(calls.map(({ message }) => message));
    expect(new Set(numbers('reply')).size).toBe(numbers('reply').length);
    for (const each of exchanges) {
      if (each.call?.message && each.reply) {
        const answer = messages[each.reply.message - 1];
        expect([each.elapsed, each.status, each.xid]).toEqual([answer.elapsed, answer.status, answer.xid]);
        deepStrictEqual(each.call.args, messages[each.call.message - 1].args);
        deepStrictEqual(each.reply.result, answer.result);
      }
    }
  });
});

describe('a server slower than the client waits (nfs3/udp-retransmit)', () => {
  test('each call is sent twice, and took what its first transmission took', async () => {
    const exchanges = await exchangesOfCapture(capture('nfs3/udp-retransmit.pcap'));
    const messages = await records(capture('nfs3/udp-retransmit.pcap'));
    const calls = messages.filter(({ type }) => type === 'call').length;
    const resends = exchanges.reduce((sum, { retransmissions }) => sum + retransmissions, 0);
    expect(exchanges.length + resends).toBe(calls);
    // The fixture ends between the last call and its reply.
    expect(exchanges.slice(0, -1).filter(({ outcome }) => outcome !== 'answered')).toEqual([]);
    expect(exchanges.at(-1).outcome).toBe('open_at_end');
    expect(exchanges.find(({ xid }) => xid === 0x0e372ae3)).toMatchObject({
      elapsed: 0.120439,
      elapsed_last: 0.040055,
      retransmissions: 1,
    });
  });
});

describe('packets lost on the way (nfs3/udp-loss)', () => {
  test('replies that lost fragments close nothing', async () => {
    const exchanges = await exchangesOfCapture(capture('nfs3/udp-loss.pcap'));
    const one = exchanges.find(({ xid }) => xid === 0x5cb2d0bb);
    expect(one).toMatchObject({ procedure: 'READDIRPLUS', outcome: 'answered', elapsed: 0.479603, retransmissions: 3 });
    expect([one.call.frame, one.reply.frame, one.reply.frames]).toEqual([19, 31, { first: 29, last: 31, count: 3 }]);
    expect(exchanges.filter(({ outcome }) => outcome !== 'answered')).toEqual([]);
  });
});

describe('calls without a reply (rpc/errors-auth)', () => {
  test('one was passed over, two went to a server that closed', async () => {
    const exchanges = await exchangesOfCapture(capture('rpc/errors-auth.pcap'));
    const unanswered = exchanges.filter(({ outcome }) => outcome !== 'answered');
    expect(unanswered.map((each) => [each.call.frame, each.outcome])).toEqual([
      [30, 'never_answered'],
      [75, 'connection_ended'],
      [82, 'connection_ended'],
    ]);
  });

  test('as lines', async () => {
    const lines = (await exchangeLinesOf(capture('rpc/errors-auth.pcap'))).trimEnd().split('\n');
    expect(lines.slice(-3).join('\n')).toMatchInlineSnapshot(`
      "   30  0.013226  10.77.0.2:58876 → 10.77.0.1:40303  536871683 v1         procedure 21 [never answered]
         75  0.618385  10.77.0.2:58876 → 10.77.0.1:40303  536871683 v1         NULL [rpcvers is 3, not 2] [connection ended]
         82  0.618666  10.77.0.2:58878 → 10.77.0.1:40303  536871683 v1         NULL [rpcvers is 1, not 2] [connection ended]"
    `);
  });
});

describe('holes (nfs3/dropped-packets)', () => {
  test('replies that the capture missed are not the server’s fault', async () => {
    const exchanges = await exchangesOfCapture(capture('nfs3/dropped-packets.pcap'));
    const outcomes = new Set(exchanges.map(({ outcome }) => outcome));
    expect(outcomes.has('lost_to_capture')).toBe(true);
    expect(outcomes.has('never_answered')).toBe(false);
  });
});

describe('a start in mid-stream (nfs3/midstream)', () => {
  test('replies to calls before the capture have records without a call', async () => {
    const exchanges = await exchangesOfCapture(capture('nfs3/midstream.pcap'));
    const messages = await records(capture('nfs3/midstream.pcap'));
    const without = messages.filter(({ type, call_frame }) => type === 'reply' && call_frame === undefined);
    expect(exchanges.filter((each) => each.call === null).map((each) => each.reply.message)).toEqual(
      without.map(({ message }) => message),
    );
    expect(without.length).toBe(13);
  });
});

describe('one record', () => {
  const at = (data: Uint8Array, nanoseconds: number) => ({ data, seconds: 5, nanoseconds });
  const [exchange] = exchangesOf([
    at(udp(client, server, call({ xid: 9, procedure: 6, args: words(0, 0, 0, 0) })), 1000),
    at(udp(server, client, reply({ xid: 9, result: words(70, 0) })), 251_000),
  ]);

  test('has both sides', () => {
    expect(exchange).toMatchObject({
      exchange: 1,
      client: '10.0.0.1',
      client_port: 800,
      server: '10.0.0.2',
      server_port: 2049,
      transport: 'udp',
      xid: 9,
      outcome: 'answered',
      elapsed: 0.00025,
      server_time: 0.00025,
      status: 'NFS3ERR_STALE',
      error: true,
      call: { message: 1, frame: 1, length: 56 },
      reply: { message: 2, frame: 2, reply_stat: 'MSG_ACCEPTED', result: { status: 'NFS3ERR_STALE' } },
    });
  });

  test.each([
    ['another key', { extra: 1 }],
    ['an outcome that there is not', { outcome: 'lost' }],
    ['an answer without a reply', { reply: null }],
    ['no answer with a reply', { outcome: 'never_answered' }],
    ['a reply with arguments', { reply: { ...exchange.reply, args: {} } }],
  ])('the schema refuses %s', (_, change) => {
    expect(complaints(exchange)).toEqual([]);
    expect(validate({ ...exchange, ...change })).toBe(false);
  });
});

test('a lock that is blocked is told from one that is granted (nlm/blocked)', async () => {
  const path = capture('nlm/blocked.pcap');
  const summaries = (await exchangesOfCapture(path)).map(({ summary }) => summary);
  expect(summaries[0]).toBe('LOCK 0x28932928 offset 0 length 0 svid 1 "kcl"');
  expect(summaries[1]).toBe('LOCK 0x28932928 offset 0 length 0 svid 2 "kcl" exclusive block → NLM4_BLOCKED');
  const lines = (await exchangeLinesOf(path, 100)).split('\n');
  expect(lines[1]).toMatch(/ LOCK 0x\w+ .*… → NLM4_BLOCKED$/);
});

test.each([
  ['rpc/gss-krb5p.pcap', ' INV_FLAG (76 bytes, encrypted) → (72 bytes, encrypted)'],
  ['nfs3/udp-loss.pcap', ' LOOKUP 0xc1bbb702/nope4 → NFS3ERR_NOENT [2 retransmissions]'],
  ['rpc/errors-auth.pcap', ' NULL → AUTH_ERROR AUTH_BADCRED [malformed credential.stamp: needs 4 bytes, only 3 left]'],
  ['nfs3/dropped-packets.pcap', ' count 65536 → count 65536 eof [23164 of 65664 bytes captured]'],
  ['nlm/blocked.pcap', ' GRANTED_RES NLM4_GRANTED cookie 41120000 [answers 23]'],
  ['nfs4/callbacks-4.0.pcap', ' COMMIT 0xc4364abc offset 0 count 0 (PUTFH) [open at the end]'],
])('the line of an exchange says all of it: %s%s', async (path, expected) => {
  const lines = (await exchangeLinesOf(capture(path))).split('\n');
  expect(lines.filter((line) => line.endsWith(expected))).not.toEqual([]);
});

describe('summaries', () => {
  test.each([
    ['LOOKUP a/b', 'LOOKUP c', '', 'LOOKUP a/b → c'],
    ['LOOKUP a/b', 'LOOKUP', 'NFS3ERR_NOENT', 'LOOKUP a/b → NFS3ERR_NOENT'],
    ['OPEN a (PUTFH, GETATTR)', 'OPEN (PUTFH, GETATTR)', '', 'OPEN a (PUTFH, GETATTR)'],
    ['NULL', 'NULL', '', 'NULL'],
    ['READ a count 31', 'READ count 31', '', 'READ a count 31'],
    ['ISSTART file 1 mode 31', 'ISSTART 1', '', 'ISSTART file 1 mode 31 → 1'],
    ['ISSTART file 1 mode 1', 'ISSTART 1', '', 'ISSTART file 1 mode 1 → 1'],
    ['TADDR2UADDR [::1]:5', 'TADDR2UADDR [::1]:5', '', 'TADDR2UADDR [::1]:5 → [::1]:5'],
    ['ACCESS a READ (PUTFH)', 'ACCESS READ (PUTFH)', '', 'ACCESS a READ (PUTFH) → READ'],
    ['READ a count 31 (PUTFH)', 'READ count 31 (PUTFH)', '', 'READ a count 31 (PUTFH)'],
    ['READ a count 31 (PUTFH)', 'READ count 9 eof (PUTFH)', '', 'READ a count 31 (PUTFH) → count 9 eof'],
    ['READ (PUTFH)', 'READ (SEQUENCE LEASE_MOVED, PUTFH)', '', 'READ (PUTFH) → (SEQUENCE LEASE_MOVED, PUTFH)'],
    ['OPEN a (PUTFH, GETATTR)', 'PUTFH (PUTFH, GETATTR)', 'E', 'OPEN a (PUTFH, GETATTR) → PUTFH E'],
    ['READLINK /a/b', 'READLINK b', '', 'READLINK /a/b → b'],
    ['NULL', '', '', 'NULL'],
    ['', 'READ count 3', '', 'READ count 3'],
    ['READ x', 'READLINK y', '', 'READ x → READLINK y'],
    ['', '', 'AUTH_ERROR', 'AUTH_ERROR'],
  ])('%s + %s + %s', (asked, answered, failure, expected) => {
    const out = new ByteWriter(64);
    writeExchangeSummary(out, Buffer.from(asked), Buffer.from(answered), failure);
    expect(out.toString()).toBe(expected);
  });
});
