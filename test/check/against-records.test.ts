/** What check counts, against the records of the same captures: messages and exchanges as JSON has them, counted here. */
import { describe, expect, test } from 'vitest';
import { checkYaml } from '../helpers/check.js';
import { type ExchangeRecord, exchangesOfCapture } from '../helpers/exchanges.js';
import { capture } from '../helpers/fixtures.js';
import { records } from '../helpers/render.js';

const CAPTURES = [
  'custom/inventory-fragments.pcap',
  'gluster/lo.pcap',
  'nfs3/dropped-packets.pcap',
  'nfs3/locks-quota.pcap',
  'nfs3/midstream.pcap',
  'nfs3/snaplen256.pcap',
  'nfs3/udp-loss.pcap',
  'nfs3/udp-retransmit.pcap',
  'nfs4/callbacks-4.1.pcap',
  'nfs4/client-4.2.pcap',
  'rpc/errors-auth.pcap',
  'rpc/gss-krb5i.pcap',
  'rpc/gss-krb5p.pcap',
  'rusers/rusers-rstat-rwall.pcap',
];

/** On headers, and on more: a pass of the first does not dissect. */
const HEADER_RULES = `
  - no_retransmissions
  - no_truncated
  - none: outcome != answered
  - none: retransmissions > 0
  - { none: elapsed >= 0, of: messages }
  - none: elapsed >= 0
  - answered
`;
const BODY_RULES = `
  - no_malformed
  - no_undecoded
  - none: error == true
  - none: procedure == NULL
  - none: operation == OPEN
  - { none: status, of: exchanges }
`;

async function find(path: string, rules: string): Promise<number[][]> {
  const report = await checkYaml([path], `frames: 1000\nrules:${rules}`);
  return report.rules.slice(1).map(({ places }) => sorted(places.map(({ frame }) => frame)));
}

// biome-ignore lint/suspicious/noExplicitAny: records are open objects.
type Test = (record: any) => boolean;

/** Frames of what should be found; of an exchange that of its reply, where it has one. */
const frames = (all: { frame: number }[], test: Test) => all.filter(test).map(({ frame }) => frame);
const framesOf = (all: ExchangeRecord[], test: Test) =>
  all.filter(test).map(({ call, reply }) => (reply ?? call).frame);

const hasNoAnswer: Test = ({ outcome }) => outcome === 'never_answered' || outcome === 'connection_ended';

/** How often each rule of both lists found something, over all captures. */
const found: number[] = [];

describe.each(CAPTURES)('%s', (name) => {
  test('finds what is in its records', async () => {
    const path = capture(name);
    const messages = await records(path);
    const exchanges = await exchangesOfCapture(path);
    const ofHeaders = [
      frames(messages, ({ retransmission }) => retransmission !== undefined),
      frames(messages, ({ truncated }) => truncated !== undefined),
      framesOf(exchanges, ({ outcome }) => outcome !== 'answered'),
      framesOf(exchanges, ({ retransmissions }) => retransmissions > 0),
      frames(messages, ({ elapsed }) => elapsed >= 0),
      framesOf(exchanges, ({ elapsed }) => elapsed >= 0),
      framesOf(exchanges, (exchange) => hasNoAnswer(exchange) && !/^(CALLIT|BCAST)$/.test(exchange.procedure)),
    ];
    const ofBodies = [
      frames(messages, ({ malformed }) => malformed !== undefined),
      frames(messages, ({ undecoded }) => undecoded !== undefined),
      frames(messages, ({ error }) => error === true),
      frames(messages, ({ procedure }) => procedure === 'NULL'),
      frames(messages, ({ operation }) => operation === 'OPEN'),
      framesOf(exchanges, ({ status }) => status !== undefined),
    ];
    const expected = [...ofHeaders, ...ofBodies].map(sorted);
    expect(await find(path, HEADER_RULES)).toEqual(expected.slice(0, ofHeaders.length));
    expect(await find(path, HEADER_RULES + BODY_RULES.slice(1))).toEqual(expected);
    for (const [i, { length }] of expected.entries()) found[i] = (found[i] ?? 0) + length;
  });
});

test('each rule found something', () => {
  expect(found.length).toBe(13);
  expect(found).not.toContain(0);
});

function sorted(numbers: number[]): number[] {
  return numbers.sort((a, b) => a - b);
}
