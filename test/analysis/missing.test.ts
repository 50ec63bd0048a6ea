/** What is said of a capture at the end: what was missing, where it began, and what frames without any message are. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { missingPhrases } from '../../src/analysis/account.js';
import { RAW_IP } from '../../src/capture/link-types.js';
import { Inspection, type Problem } from '../../src/index.js';
import { MAX_SEQUENCE_JUMP } from '../../src/limits/network.js';
import { accountText } from '../../src/output/account.js';
import { bytes, type TestFrame, u32, writePcap } from '../helpers/capture-writer.js';
import { client, ethernet, ip, server, tcp, udp, udpFragments } from '../helpers/packets.js';
import { library } from '../helpers/render.js';
import { call, record, reply } from '../helpers/rpc-writer.js';
import { accepted, application, probe } from '../helpers/tls-traffic.js';
import { ownFolder } from '../helpers/with-folder.js';

const folder = ownFolder();

/** Of several captures, a, b …: their phrases, and the rows of the account. */
async function said(...captures: Uint8Array[]) {
  const paths = captures.map((_, index) => join(folder, String.fromCharCode(97 + index)));
  captures.forEach((capture, index) => {
    writeFileSync(paths[index], capture);
  });
  const problems: Problem[] = [];
  const inspection = await Inspection.open(
    paths,
    { library, onProblem: (problem) => problems.push(problem) },
    () => {},
  );
  const account = await inspection.run();
  const names = paths.map((path) => path.slice(folder.length + 1));
  const rows = accountText(account, names).split('\n');
  return { phrases: missingPhrases(account, names), rows, problems: problems.map(({ message }) => message) };
}

const raw = (...data: Uint8Array[]) => writePcap(frames(...data), { linkType: RAW_IP });
const frames = (...data: Uint8Array[]): TestFrame[] => data.map((each, index) => ({ data: each, seconds: 1 + index }));
/** A frame as a snaplen leaves it. */
const cut = (data: Uint8Array, length: number): TestFrame => ({
  data: data.subarray(0, length),
  wireLength: data.length,
  seconds: 1,
});
const nat = { address: '10.0.0.9', port: 4500 };
const ppi = (linkType: number) => bytes([0, 0, 8, 0], u32(linkType, false), Buffer.alloc(20));
const question = udp(client, server, call({ xid: 1 }));
const answer = udp(server, client, reply({ xid: 1 }));

describe('frames without a message', () => {
  test.each<[string, Uint8Array, string]>([
    ['none', writePcap([]), ''],
    ['IPsec', raw(ip(client, server, 50, Buffer.alloc(40, 7))), 'no messages in 1 frame: 1 encrypted'],
    ['IPsec in UDP', raw(udp(nat, server, Buffer.alloc(40, 7))), 'no messages in 1 frame: 1 encrypted'],
    ['TLS', raw(tcp(client, server, application, { sequence: 1 })), 'no messages in 1 frame: 1 TLS connection'],
    [
      'frames cut within the Ethernet, IP and UDP headers',
      writePcap([14, 30, 38].map((length) => cut(ethernet(question), length))),
      'no messages in 3 frames: 3 frames cut within headers (to 14 bytes; first: frame 1)',
    ],
    [
      'a frame cut within its TCP header',
      writePcap([cut(tcp(client, server, record(call())), 32)], { linkType: RAW_IP }),
      'no messages in 1 frame: 1 frame cut within headers (to 32 bytes; frame 1)',
    ],
    [
      'a header that contradicts itself',
      raw(bytes([0x41], Buffer.alloc(30))),
      'no messages in 1 frame: 1 with damaged headers',
    ],
    [
      'EtherTypes that nobody reads, the most frequent first',
      writePcap(frames(...[0x0806, 0x88b5, 0x88b5].map((etherType) => ethernet(Buffer.alloc(46), { etherType })))),
      'no messages in 3 frames: 3 not IP (EtherType 0x88b5, 0x0806)',
    ],
    [
      'other protocols',
      raw(ip(client, server, 89, Buffer.alloc(40))),
      'no messages in 1 frame: 1 of other protocols than UDP and TCP',
    ],
    [
      'an ICMP error, whose quoted call was sent elsewhere',
      raw(ip(server, client, 1, bytes([3, 3, 0, 0, 0, 0, 0, 0], question))),
      'no messages in 1 frame: 1 ICMP error',
    ],
    [
      'datagrams',
      raw(udp(client, server, Buffer.alloc(40))),
      'no messages in 1 frame: 1 datagram or connection without RPC',
    ],
    [
      'a connection without a byte',
      raw(tcp(client, server, Buffer.alloc(0))),
      'no messages in 1 frame: 1 datagram or connection without RPC',
    ],
  ])('%s', async (_, capture, phrase) => {
    const { phrases, problems } = await said(capture);
    expect([phrases, problems]).toEqual([phrase === '' ? [] : [phrase], []]);
  });

  test('a link type inside of another is a problem like any unknown one', async () => {
    const { phrases, problems } = await said(writePcap(frames(ppi(147), ppi(147)), { linkType: 192 }));
    expect([phrases, problems]).toEqual([[], ['frame 1 and 1 more: link type 147, which rpcdump does not know']]);
  });

  test('the account has a row for each', async () => {
    const capture = writePcap([
      cut(ethernet(question), 30),
      ...frames(ethernet(Buffer.alloc(46), { etherType: 0x88b5 })),
    ]);
    const { rows } = await said(capture);
    expect(rows.map((row) => row.replace(/ +/g, ' '))).toEqual(
      expect.arrayContaining([' cut within headers 1 by a snaplen', ' not IP 1 EtherType 0x88b5']),
    );
  });
});

describe('beside messages', () => {
  const other = ethernet(Buffer.alloc(46), { etherType: 0x88b5 });
  const stream = (from: typeof client, to: typeof client, sequence: number, data: Uint8Array) =>
    tcp(from, to, data, { sequence });
  const holed = raw(
    stream(client, server, 1, record(call({ xid: 1 }))),
    stream(client, server, 501, record(call({ xid: 2 }))),
    stream(client, server, 901, record(call({ xid: 3 }))),
  );

  test('other traffic is nothing to speak of', async () => {
    const esp = ethernet(ip(client, server, 50, Buffer.alloc(40, 7)));
    expect((await said(writePcap(frames(ethernet(question), ethernet(answer), other, esp)))).phrases).toEqual([]);
  });

  test('frames cut within headers may have been messages', async () => {
    const capture = writePcap([...frames(ethernet(question), ethernet(answer)), cut(ethernet(question), 30)]);
    expect((await said(capture)).phrases).toEqual(['1 frame cut within headers (to 30 bytes; frame 3)']);
  });

  test('a connection of RPC that goes on in TLS', async () => {
    const capture = raw(
      stream(client, server, 1, record(probe)),
      stream(server, client, 1, record(accepted)),
      stream(client, server, 1 + record(probe).length, application),
    );
    expect((await said(capture)).phrases).toEqual(['1 RPC connection that went on in TLS']);
  });

  test('a segment far from the others of its connection is left out', async () => {
    const capture = raw(
      stream(client, server, 1, record(call({ xid: 1 }))),
      stream(client, server, 1 + MAX_SEQUENCE_JUMP + 500, record(call({ xid: 2 }))),
      stream(client, server, 1 + record(call()).length, record(call({ xid: 3 }))),
    );
    const { phrases, rows } = await said(capture);
    expect(phrases).toEqual(['1 TCP segment far from the others of its connection (frame 2)']);
    expect(rows.join()).toMatch(/stray TCP segments +1 /);
  });

  test('several segments', async () => {
    const distances = [0, MAX_SEQUENCE_JUMP + 500, -MAX_SEQUENCE_JUMP - 500];
    const capture = raw(
      ...distances.map((distance) => stream(client, server, (1 + distance) >>> 0, record(call({ xid: 1 })))),
    );
    expect((await said(capture)).phrases).toEqual([
      '2 TCP segments far from the others of their connection (first: frame 2)',
    ]);
  });

  test.each<[string, Uint8Array[], string[]]>([
    ['holes', [holed], [expect.stringMatching(/^[\d,]+ bytes missing in 2 holes \(first: frame 2\)$/)]],
    [
      'holes of the second of two captures',
      [raw(question, answer), holed],
      [expect.stringMatching(/^[\d,]+ bytes missing in 2 holes \(first: frame 2 of b\)$/)],
    ],
    [
      'a message that is cut',
      [writePcap([cut(question, question.length - 4)], { linkType: RAW_IP })],
      ['1 message truncated (frame 1)'],
    ],
    [
      'a datagram that lost a fragment',
      [raw(...udpFragments(client, server, call({ args: Buffer.alloc(3000) }), 1480).slice(0, 1))],
      [expect.stringMatching(/^1 datagram with lost fragments \(frame 1\)$/), '1 message truncated (frame 1)'],
    ],
  ])('the place of %s', async (_, captures, phrases) => {
    expect((await said(...captures)).phrases).toEqual(phrases);
  });
});
