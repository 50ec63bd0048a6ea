/** The account of a capture, as text and as a record that its schema allows, of captures with and without damage. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Account, missingParts } from '../../src/analysis/account.js';
import { Inspection } from '../../src/index.js';
import { accountRecord, accountText } from '../../src/output/account.js';
import { grouped } from '../../src/xdr/plural.js';
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
  expect(record.first_time <= record.last_time).toBe(true);
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

  test('as text on a terminal of 80 columns', async () => {
    expect(accountText(await read(path), [path], 80)).toMatchInlineSnapshot(`
      "frames                              185  in 0.012594 s from
                                               2026-11-22T07:20:51.199964000Z
      messages                             42  22 calls, 20 replies
        truncated                           3
        resynchronisations                  1  where messages were found again, behind
                                               a hole or a start in mid-stream
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

describe('what is missing is named, and there are one or more of it', () => {
  const place = (file: number, frame: number) => ({ file, frame, order: frame });
  type Part = 'network' | 'rpc' | 'exchanges';
  type Change = { [Each in Part]?: object } & Partial<Omit<Account, Part>>;
  const cases: [change: Change, files: string[], phrases: string[]][] = [
    [{ droppedFrames: 1 }, [], ['1 frame dropped while recording, as the capture says']],
    [
      { network: { cutHeaders: 2, firstCut: { ...place(0, 3), captured: 40 } } },
      ['a'],
      ['2 frames cut within headers (to 40 bytes; first: frame 3)'],
    ],
    [
      { network: { cutHeaders: 1, firstCut: { ...place(0, 3), captured: 40 } } },
      [],
      ['1 frame cut within headers (to 40 bytes)'],
    ],
    [{ network: { holes: 1, missingBytes: 1, firstHole: place(0, 6) } }, ['a'], ['1 byte missing in 1 hole (frame 6)']],
    [
      { network: { holes: 2, missingBytes: 2000, firstHole: place(1, 6) } },
      ['a', 'b'],
      ['2,000 bytes missing in 2 holes (first: frame 6 of b)'],
    ],
    [{ lostDatagrams: 1, firstLostDatagram: place(0, 7) }, ['a'], ['1 datagram with lost fragments (frame 7)']],
    [{ network: { straySegments: 1 } }, ['a'], ['1 TCP segment far from the others of its connection']],
    [{ network: { straySegments: 2 } }, ['a'], ['2 TCP segments far from the others of their connection']],
    [
      { rpc: { truncated: 3, keptInPart: 1, firstTruncated: place(0, 1) } },
      ['a'],
      ['2 messages truncated (first: frame 1)', '1 message kept in part, to bound memory'],
    ],
    [{ rpc: { truncated: 1, keptInPart: 1 } }, ['a'], ['1 message kept in part, to bound memory']],
    [{ rpc: { headlessRecords: 1 } }, ['a'], ['1 record without its header']],
    [{ rpc: { headlessRecords: 2 } }, ['a'], ['2 records without their header']],
    [{ rpc: { startTls: 1, tlsConnections: 1 } }, ['a'], ['1 RPC connection that went on in TLS']],
    [{ exchanges: { evictedUnanswered: 2 } }, ['a'], ['2 unanswered calls forgotten']],
    [{ evictedFlows: 1 }, ['a'], ['1 flow forgotten']],
    [{ rpc: { rdmaErrors: 1 } }, ['a'], ['1 error of RPC-over-RDMA']],
    [{ network: { rdmaHoles: 1 } }, ['a'], ['packets missing in 1 place of RDMA connections']],
    [{ evictedNames: 1 }, ['a'], ['1 file name forgotten']],
    [{ evictedContexts: 3 }, ['a'], ['3 security contexts, session slots or locks forgotten']],
    [{ evictedContexts: 1 }, ['a'], ['1 security context, session slot or lock forgotten']],
  ];
  test.each(cases)('%j of %j', async (change, files, phrases) => {
    const account = await read(join(FIXTURES, 'captures/nsm/notify.pcap'));
    const { network, rpc, exchanges } = change;
    const changed = {
      ...account,
      ...change,
      network: { ...account.network, ...network },
      rpc: { ...account.rpc, ...rpc },
      exchanges: { ...account.exchanges, ...exchanges },
    } as Account;
    expect(missingParts(changed, files)).toEqual(phrases);
    // The table has a row for each of them.
    expect(accountText(changed, files).split('\n').length).toBeGreaterThan(
      accountText(account, files).split('\n').length,
    );
  });
});

test('frames and datagrams that are encrypted are one count', async () => {
  const { network, rpc, ...account } = await read(join(FIXTURES, 'captures/nsm/notify.pcap'));
  const changed = { ...account, network: { ...network, encrypted: 2 }, rpc: { ...rpc, encryptedDatagrams: 3 } };
  expect(JSON.parse(accountRecord(changed, ['a'])).encrypted).toBe(5);
  expect(accountText(changed, ['a'])).toMatch(/^ {2}encrypted +5 /m);
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
