/** The account of a capture, as text and as a record that its schema allows, of captures with and without damage. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { grouped, missingParts } from '../../src/analysis/account.js';
import { Inspection } from '../../src/index.js';
import { accountRecord, accountText } from '../../src/output/account.js';
import { fixtureCaptures } from '../helpers/fixtures.js';
import { FIXTURES, library } from '../helpers/render.js';

const schema = fileURLToPath(new URL('../../schemas/account.schema.json', import.meta.url));
const validate = new Ajv2020({ allErrors: true, strictTypes: false, strictRequired: false }).compile(
  JSON.parse(readFileSync(schema, 'utf8')),
);

const read = async (path: string) => (await Inspection.open([path], { library }, () => {})).run();

test.each(fixtureCaptures())('the record of %s is as the schema says', async (path) => {
  const record = JSON.parse(accountRecord(await read(path), [path]));
  expect(validate(record) ? [] : validate.errors).toEqual([]);
  expect(record.calls + record.replies).toBe(record.messages);
  expect(record.frames).toBeGreaterThan(0);
});

test('the name of a file acts on no terminal', async () => {
  const [path] = fixtureCaptures();
  const name = 'a\u202eb\x7f\x9b31m.pcap';
  const text = accountRecord(await read(path), [name]);
  expect(text).toContain('"a\\u202eb\\u007f\\u009b31m.pcap"');
  expect(JSON.parse(text).files).toEqual([name]);
});

describe('a capture with holes', () => {
  const path = join(FIXTURES, 'captures/nfs3/dropped-packets.pcap');

  test('as text', async () => {
    expect(accountText(await read(path), [path])).toMatchInlineSnapshot(`
      "frames                              185  in 0.012594 s from 2026-11-22T07:20:51.199964000Z
      messages                             42  22 calls, 20 replies
        truncated                           3
        resynchronisations                  1  where messages were found again, behind a hole or a start in mid-stream
      missing bytes                     3,132  in 3 holes of TCP streams
      unanswered calls                      2
        reply lost to the capture           1
        open at the end                     1
      "
    `);
  });

  test('as the line on standard error', async () => {
    expect(missingParts(await read(path)).join(', ')).toMatch(
      /^[\d,]+ bytes missing in \d+ holes, \d+ messages truncated$/,
    );
  });
});

test('retransmissions and duplicate replies are shown: they explain why calls and replies differ in number', async () => {
  const path = join(FIXTURES, 'captures/nfs3/udp-retransmit.pcap');
  const account = await read(path);
  const { rpc, rpc_after_reply, rpc_reconnect, duplicate_reply } = account.exchanges.retransmissions;
  const text = accountText(account, [path]);
  expect(text).toMatch(new RegExp(`^  retransmissions +${rpc + rpc_after_reply + rpc_reconnect}  `, 'm'));
  expect(text).toMatch(new RegExp(`^  duplicate replies +${duplicate_reply}$`, 'm'));
});

test('a capture without damage misses nothing', async () => {
  const account = await read(join(FIXTURES, 'captures/nsm/notify.pcap'));
  expect(missingParts(account)).toEqual([]);
  expect(accountText(account, ['a'])).not.toMatch(/missing|truncated|forgotten/);
});

test('thousands are told apart as in English', () => {
  fc.assert(fc.property(fc.maxSafeNat(), (number) => grouped(number) === number.toLocaleString('en')));
  expect([0, 999, 1000, 123456, 1234567].map(grouped)).toEqual(['0', '999', '1,000', '123,456', '1,234,567']);
});
