/** What rules mean, kind by kind, over captures and over packets made for it; and that nothing is done that no rule needs. */
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { Check } from '../../src/analysis/check/check.js';
import { COMPARATORS, type Comparator, holds } from '../../src/analysis/check/comparison.js';
import { type Statistic, Tally } from '../../src/analysis/check/tally.js';
import { CheckPass } from '../../src/cli/check/check-pass.js';
import { loadRules, type RuleOptions } from '../../src/cli/check/rules.js';
import { Dissector } from '../../src/dissect/dissector.js';
import { Inspection } from '../../src/index.js';
import { MAX_FOUND_VALUES } from '../../src/limits/analysis.js';
import { sarifReport } from '../../src/output/reports/sarif.js';
import { checkCaptures, checkPackets, checkYaml } from '../helpers/check.js';
import { Conversation } from '../helpers/conversation.js';
import { capture } from '../helpers/fixtures.js';
import { client, server, udp } from '../helpers/packets.js';
import { library } from '../helpers/render.js';
import { checkSarif } from '../helpers/report-checks.js';
import { call, reply, words } from '../helpers/rpc-writer.js';

afterEach(() => void vi.restoreAllMocks());

const START = capture('nfs3/allprocs-start.pcap');
const LINUX = capture('nfs3/linux-client.pcap');
const LOSS = capture('nfs3/udp-loss.pcap');
const MERGED = capture('nfs3/merged.pcapng');

test('a rate compares exactly: 7 of 10,000 are 0.07 %', async () => {
  const packets = Array.from({ length: 10_000 }, (_, xid) => udp(client, server, call({ xid })));
  const bounds = ['>= 0.07%', '== 0.07%', '<= 0.07%', '== 0.0007', '> 0.07%', '< 0.07%'];
  const assertions = bounds.map((bound) => `{ assert: 'rate(xid < 7) ${bound}', of: messages }`);
  const { rules } = await checkPackets(packets, `rules: [${assertions.join(', ')}]`);
  expect(rules.slice(-bounds.length).map(({ ok }) => ok)).toEqual([true, true, true, true, false, false]);
});

describe('what a rule finds', () => {
  const cases: [rules: string, capture: string, ok: boolean, found: string][] = [
    ['none: procedure == MNT', LINUX, false, '2 messages'],
    ['none: procedure == MNT; of: exchanges', LINUX, false, '1 exchange'],
    ['some: procedure == RMDIR', LINUX, false, '0 messages'],
    ["count: '4 status == NFS3ERR_NOENT'", LINUX, true, '4 messages'],
    ["count: '!= 4 status == NFS3ERR_NOENT'", LINUX, false, '4 messages'],
    ["count: '> 3 status == NFS3ERR_NOENT'", LINUX, true, '4 messages'],
    ["count: '> 4 status == NFS3ERR_NOENT'", LINUX, false, '4 messages'],
    ["count: '<= 4 status == NFS3ERR_NOENT'", LINUX, true, '4 messages'],
    ["count: '>= 3 type == call'; where: procedure == LOOKUP", LINUX, true, '4 messages'],
    ['assert: count() == 4 where procedure == LOOKUP and type == call', LINUX, true, '4 messages'],
    ['assert: max(elapsed) < 20ms where procedure == MKDIR', LINUX, true, '19.292ms, of 2 exchanges'],
    ['assert: min(elapsed) > 10738us where procedure == MKDIR', LINUX, false, '10.738ms, of 2 exchanges'],
    ['assert: min(elapsed) >= 10738us where procedure == MKDIR', LINUX, true, '10.738ms, of 2 exchanges'],
    ['assert: p50(elapsed) == 10738us where procedure == MKDIR', LINUX, true, '10.738ms, of 2 exchanges'],
    ['assert: sum(args.count) == 12 where procedure == WRITE', LINUX, true, '12, of 2 messages'],
    ['assert: mean(elapsed) < 1s where procedure == MKDIR; of: messages', LINUX, true, '15.015ms, of 2 messages'],
    // Of exchanges: half of all messages are calls.
    ['assert: rate(error == true) == 100% where procedure == LOOKUP', LINUX, true, '100 %: 4 of 4 exchanges'],
    ['assert: rate(error == true) < 0.6 where procedure == LOOKUP; of: messages', LINUX, true, '50 %: 4 of 8 messages'],
    [
      'assert: rate(args.what.name == "a)(" || error == true) < 1% where procedure == MKDIR',
      LINUX,
      true,
      '0 %: 0 of 2 exchanges',
    ],
    [
      'assert: rate((error == true) or (xid == 0)) == 100% where procedure == LOOKUP',
      LINUX,
      true,
      '100 %: 4 of 4 exchanges',
    ],
    ['assert: MAX( elapsed ) < 20ms where procedure == MKDIR', LINUX, true, '19.292ms, of 2 exchanges'],
    ['assert: rate(args.what.name == "a\\")(") == 0% where procedure == MKDIR', LINUX, true, '0 %: 0 of 2 exchanges'],
    ['assert: max(elapsed) < 1s where procedure == RMDIR', LINUX, false, 'nothing to judge'],
    ['assert: rate(error == true) < 1% where procedure == RMDIR', LINUX, false, 'nothing to judge'],
    ['assert: rate(error == true) < 1% where procedure == RMDIR; allow_empty: true', LINUX, true, 'nothing to judge'],
    // What an exchange has counts once, whatever messages it has.
    ['assert: sum(retransmissions) == 5', LOSS, true, '5, of 6 exchanges'],
    ['none: retransmissions > 3', LOSS, true, '0 exchanges'],
    ['none: args.what.name == "missing" and status == NFS3ERR_NOENT', START, true, '0 messages'],
    ['none: args.what.name == "missing" and status == NFS3ERR_NOENT; of: exchanges', START, false, '1 exchange'],
    ['answered', START, true, 'no call without an answer, of 48 calls'],
    // Calls to CALLIT need no answer; the WRITE at the end of the capture is open.
    ['answered', MERGED, true, 'no call without an answer, of 70 calls'],
    ['count: "8 outcome == never_answered"', MERGED, true, '8 exchanges'],
    ['only_programs: [nfs, mount, portmap]', START, true, 'nothing else'],
    ['only_programs: NFS', START, false, 'PORTMAP (12 messages), MOUNT (34 messages)'],
    ['only_versions: [100005 3]', START, false, 'MOUNT v1 (16 messages)'],
    ['only_versions: [nfs v4, NFS v3, mount v3, 100005 v1]', START, true, 'nothing else'],
    ['only_versions: [NFS v4, 100003 v2]', START, false, 'NFS v3 (50 messages)'],
    ['only_flavors: [AUTH_SYS, AUTH_NONE]', START, true, 'nothing else'],
    ['only_flavors: [AUTH_UNIX, auth_null]', START, true, 'nothing else'],
    ['only_flavors: AUTH_NULL', LINUX, false, 'AUTH_SYS (47 messages)'],
    ['only_clients: [10.77.0.2]', START, true, 'nothing else'],
    ['only_servers: [10.77.0.0/31]', START, true, 'nothing else'],
    ['order: [procedure == MNT, procedure == MKDIR, procedure == LOOKUP]', START, true, 'in order'],
    [
      'order: [procedure == LOOKUP, procedure == MKDIR]',
      START,
      false,
      '1 message too early: procedure == MKDIR without procedure == LOOKUP before it',
    ],
    ['order: [procedure == RMDIR, procedure == COMMIT]', START, true, 'in order'],
  ];
  test.each(cases)('%s', async (rule, path, ok, found) => {
    const { rules } = await checkYaml([path], `rules:\n  - ${rule.split('; ').join('\n    ')}\n`);
    // A rule that holds points at nothing, whatever it found.
    expect(rules[1]).toMatchObject({ ok, found, ...(ok && { places: [], total: 0 }) });
  });
});

describe('what a rule finds in packets, and where it points', () => {
  const unknown = (xid: number) => udp(client, server, call({ xid, program: 400, version: 2, procedure: 7 }));
  const flavor = (xid: number, number: number) =>
    udp(client, server, call({ xid, credential: { flavor: number, body: words() } }));
  const answer = (xid: number) => udp(server, client, reply({ xid }));
  const asked = (xid: number, procedure: number) => udp(client, server, call({ xid, procedure }));
  const closed = new Conversation()
    .open(0)
    .call(call({ xid: 1 }), 0)
    .close(0)
    .packets.map(({ data }) => data);
  const cases: [rule: string, packets: Uint8Array[], found: string, places: string[]][] = [
    [
      'answered: true',
      [...closed, asked(2, 1), asked(2, 3), asked(3, 1), asked(3, 3), asked(4, 1), answer(4)],
      '3 calls without an answer, of 6 calls: 2 never answered, 1 whose connection ended',
      [
        '4 NFS v3 call NULL (connection ended)',
        '8 NFS v3 call GETATTR (never answered)',
        '10 NFS v3 call GETATTR (never answered)',
      ],
    ],
    [
      'answered: true',
      [asked(2, 1), asked(2, 3)],
      '1 call without an answer, of 2 calls: 1 never answered',
      ['1 NFS v3 call GETATTR (never answered)'],
    ],
    [
      'answered: true',
      closed,
      '1 call without an answer, of 1 call: 1 whose connection ended',
      ['4 NFS v3 call NULL (connection ended)'],
    ],
    [
      'only_programs: [NFS]',
      [asked(1, 0), unknown(2), unknown(3)],
      '400 (2 messages)',
      ['2 program 400 v2 call procedure 7', '3 program 400 v2 call procedure 7'],
    ],
    ['only_versions: [400 v3]', [asked(1, 0), unknown(2)], '400 v2 (1 message)', ['2 program 400 v2 call procedure 7']],
    [
      'only_flavors: [AUTH_SYS]',
      [flavor(1, 0), flavor(2, 1), flavor(3, 777)],
      'AUTH_NONE (1 message), 777 (1 message)',
      ['1 NFS v3 call NULL (AUTH_NONE)', '3 NFS v3 call NULL (777)'],
    ],
    [
      'only_clients: [10.0.0.9]',
      [asked(1, 0), answer(1)],
      '10.0.0.1 (2 messages)',
      ['1 NFS v3 call NULL (10.0.0.1)', '2 NFS v3 reply NULL (10.0.0.1)'],
    ],
    [
      'only_servers: [10.0.0.9]',
      [asked(1, 0), answer(1)],
      '10.0.0.2 (2 messages)',
      ['1 NFS v3 call NULL (10.0.0.2)', '2 NFS v3 reply NULL (10.0.0.2)'],
    ],
    [
      'no_retransmissions: true',
      [asked(1, 1), asked(1, 1), answer(1), answer(1)],
      '2 retransmissions',
      ['2 NFS v3 call GETATTR (rpc of frame 1)', '4 NFS v3 reply GETATTR (duplicate_reply of frame 3)'],
    ],
    [
      'none: error == true',
      [
        ...[asked(1, 1), udp(server, client, reply({ xid: 1, result: words(70) }))],
        ...[asked(2, 1), udp(server, client, reply({ xid: 2, acceptStat: 3 }))],
      ],
      '2 messages',
      ['2 NFS v3 reply GETATTR NFS3ERR_STALE', '4 NFS v3 reply GETATTR PROC_UNAVAIL'],
    ],
    [
      'assert: max(xid) < 5',
      [asked(1, 0), asked(7, 0), asked(5, 0)],
      '7, of 3 messages',
      ['2 NFS v3 call NULL (7)', '3 NFS v3 call NULL (5)'],
    ],
    [
      'assert: rate(procedure_number == 1) < 0.3',
      [asked(1, 1), asked(2, 0), asked(3, 0)],
      '33.33 %: 1 of 3 exchanges',
      ['1 NFS v3 call GETATTR'],
    ],
    [
      'order: [xid == 1, xid == 2, xid == 3]',
      [asked(3, 0), asked(2, 0), asked(1, 0)],
      '2 messages too early: xid == 3 without xid == 2 before it',
      ['1 NFS v3 call NULL', '2 NFS v3 call NULL'],
    ],
    ['{ order: [type == call, type == reply], per: client }', [asked(1, 0), answer(1)], 'in order', []],
    ['{ order: [type == call, type == reply], per: server }', [asked(1, 0), answer(1)], 'in order', []],
  ];
  test.each(cases)('%s', async (rule, packets, found, places) => {
    const { rules } = await checkPackets(packets, `rules: [${rule.startsWith('{') ? rule : `{ ${rule} }`}]`);
    expect([rules[1].found, rules[1].places.map(({ frame, what }) => `${frame} ${what}`)]).toEqual([found, places]);
  });
});

describe('numbers of floating point: infinities count, NaN is none', () => {
  const cases: [values: number[], assertion: string, ok: boolean, found: string][] = [
    [[1, Infinity, Infinity], 'p50(result) <= 5', false, 'Infinity, of 3 messages'],
    [[1, -Infinity, -Infinity], 'p50(result) <= 5', true, '-Infinity, of 3 messages'],
    [[1, Infinity], 'p50(result) <= 5', true, '1, of 2 messages'],
    [[Infinity, -Infinity], 'mean(result) <= 5', false, 'NaN, of 2 messages'],
    [[1, NaN, NaN], 'p99(result) <= 5', true, '1, of 1 message'],
    [[7, NaN], 'mean(result) <= 5', false, '7, of 1 message'],
    [[NaN], 'max(result) <= 5', false, 'nothing to judge'],
  ];
  test.each(cases)('%s: %s', async (values, assertion, ok, found) => {
    const sum = { xid: 1, program: 0x20000101, version: 2, procedure: 10 };
    const packets = values.flatMap((value, xid) => {
      const result = Buffer.alloc(8);
      result.writeDoubleBE(value);
      return [udp(client, server, call({ ...sum, xid })), udp(server, client, reply({ xid, result }))];
    });
    const { rules } = await checkPackets(packets, `rules: [{ assert: '${assertion}', of: messages }]`);
    expect(rules[1]).toMatchObject({ ok, found });
  });
});

test('one message is enough to look at', async () => {
  const packets = [udp(client, server, call({ xid: 1 }))];
  const { rules } = await checkPackets(packets, 'rules: [no_malformed]');
  expect(rules.map(({ ok, found }) => [ok, found])).toEqual([
    [true, '1 message'],
    [true, '0 malformed messages'],
  ]);
});

describe('order', () => {
  const other = { ...client, address: '10.0.0.9' };
  const nfs = (from: typeof client, xid: number, procedure: number) => udp(from, server, call({ xid, procedure }));
  const RULE = 'order: [procedure == LOOKUP, procedure == READ]';

  test('is that of the whole capture, or that of each client', async () => {
    const packets = [nfs(client, 1, 3), nfs(client, 2, 6), nfs(other, 3, 6), nfs(other, 4, 3)];
    const whole = await checkPackets(packets, `rules: [{ ${RULE} }]`);
    expect(whole.rules[1]).toMatchObject({ ok: true });
    const each = await checkPackets(packets, `rules: [{ ${RULE}, per: client }]`);
    expect(each.rules[1]).toMatchObject({ ok: false, places: [{ frame: 3 }], total: 1 });
  });

  test.each([
    ['client', true],
    ['server', false],
    ['connection', false],
  ])('of each %s, where a client asks two servers: %s', async (per, ok) => {
    const to = { ...server, address: '10.0.0.9' };
    const packets = [nfs(client, 1, 3), nfs(client, 2, 6), udp(client, to, call({ xid: 3, procedure: 6 }))];
    const { rules } = await checkPackets(packets, `rules: [{ ${RULE}, per: ${per} }]`);
    expect([rules[1].ok, rules[1].total]).toEqual([ok, ok ? 0 : 1]);
  });
});

test('calls that went to many hosts need no answer', async () => {
  const to = (address: string) => ({ ...server, address });
  const targets = ['255.255.255.255', '224.0.0.1', '239.1.2.3', '10.0.0.2', '10.0.0.255', '240.0.0.1'];
  const packets = targets.flatMap((address, xid) => [
    // Another call with the same xid: the first was given up.
    udp(client, to(address), call({ xid, procedure: 1 })),
    udp(client, to(address), call({ xid, procedure: 3 })),
  ]);
  const { rules } = await checkPackets(packets, 'rules: [answered]');
  expect(rules[1].places.map(({ frame }) => frame)).toEqual([7, 9, 11]);
});

test('a rule of what may occur tells the first few of others by name', async () => {
  const packets = Array.from({ length: 40 }, (_, i) =>
    udp({ ...client, address: `10.0.1.${i}` }, server, call({ xid: i })),
  );
  const { rules } = await checkPackets(packets, 'rules: [{ only_clients: [10.0.0.0/24] }]');
  expect(rules[1].found.split(', ')).toHaveLength(MAX_FOUND_VALUES + 1);
  expect(rules[1].found).toMatch(/^10\.0\.1\.0 \(1 message\), .*, others \(24 messages\)$/);
});

describe('-Y', () => {
  test('narrows messages and exchanges down, each as a whole', async () => {
    const rules = "rules: [{ count: '== 1 procedure == LOOKUP' }, { assert: 'count() == 1', of: exchanges }]";
    const { rules: results, messages } = await checkYaml([START], rules, 'status == NFS3ERR_NOENT');
    expect(messages).toBe(1);
    expect(results.map((result) => [result.ok, result.found])).toEqual([
      [true, '1 of 96 messages selected by -Y'],
      [true, '1 message'],
      [true, '1 exchange'],
    ]);
  });

  test('of what only exchanges have selects those', async () => {
    const { rules } = await checkYaml(
      [LOSS],
      "rules: [{ assert: 'count() == 1', of: exchanges }]",
      'retransmissions == 3',
    );
    expect(rules.map(({ ok, found }) => [ok, found])).toEqual([
      [true, '0 of 20 messages selected by -Y'],
      [true, '1 exchange'],
    ]);
  });

  test('that selects nothing leaves nothing to look at', async () => {
    const { rules } = await checkYaml([START], 'rules: [no_malformed]', 'procedure == SYMLINK');
    expect(rules.map(({ ok, found }) => [ok, found])).toEqual([
      [false, '0 of 96 messages selected by -Y'],
      [true, '0 malformed messages'],
    ]);
  });

  test('both numbers of messages have commas', () => {
    const check = Object.assign(new Check([], { allowsEmpty: false }), { all: 20_000, messages: 1234 });
    expect(check.results()).toMatchObject([{ ok: true, found: '1,234 of 20,000 messages selected by -Y' }]);
  });
});

test('with rules on headers, calls of exchanges are not cut off', async () => {
  const { rules } = await checkYaml([START], 'rules: [{ none: truncated, of: exchanges }]');
  expect(rules[1]).toMatchObject({ ok: true });
});

test('with several inputs a place has its file', async () => {
  const { rules } = await checkYaml([START, LINUX], 'rules: [{ none: procedure == MKDIR }]');
  expect(new Set(rules[1].places.map(({ file }) => file))).toEqual(
    new Set(['allprocs-start.pcap', 'linux-client.pcap']),
  );
});

test('an input that is named twice is one artifact of SARIF', async () => {
  const report = await checkYaml([START, START], 'rules: [answered]');
  expect(checkSarif(sarifReport(report))).toEqual([]);
});

test('frames are as many as the file of rules says', async () => {
  const counts = async (frames: string) => {
    const { rules } = await checkYaml([START], `${frames}rules: [{ none: nfs }]`);
    return [rules[1].places.length, rules[1].total];
  };
  expect(await counts('')).toEqual([10, 50]);
  expect(await counts('frames: 0\n')).toEqual([0, 50]);
  expect(await counts('frames: 1000\n')).toEqual([50, 50]);
});

describe('nothing is done that no rule needs', () => {
  const needsOf = (options: RuleOptions) => {
    const { rules, needs } = loadRules(options, { library });
    const check = new Check(rules, { allowsEmpty: false });
    const { headersOnly, wants } = new CheckPass(check, needs, null).inspectOptions;
    return { headersOnly, wants, exchanges: check.hasExchangeRules };
  };
  const cases: [option: keyof RuleOptions, text: string, expected: object][] = [
    ['failOn', 'retransmission', { headersOnly: true, wants: 'operations', exchanges: false }],
    ['failOn', 'not client in {10.0.0.0/8} or version == 2', { headersOnly: true, exchanges: false }],
    ['expect', '>= 1 credential.flavor == AUTH_SYS', { headersOnly: true }],
    ['assert', 'p99(elapsed) < 10ms', { headersOnly: true, exchanges: true }],
    ['failOn', 'outcome == never_answered', { headersOnly: true, exchanges: true }],
    // The names of transient programs, and of RPCSEC_GSS's procedures, are not in the header.
    ['failOn', 'procedure == LOOKUP', { headersOnly: false, wants: 'operations', exchanges: false }],
    ['failOn', 'nfs', { headersOnly: false }],
    ['failOn', 'error == true', { headersOnly: false, wants: 'operations' }],
    ['failOn', 'summary contains "x"', { headersOnly: false, wants: 'summaries' }],
    ['failOn', 'names contains "x"', { headersOnly: false, wants: 'summaries' }],
  ];
  test.each(cases)('%s %s', (option, text, expected) => {
    expect(needsOf({ [option]: [text] })).toMatchObject(expected);
  });

  test('rules on headers look into no body', async () => {
    const dissect = vi.spyOn(Dissector.prototype, 'dissect');
    const decode = vi.spyOn(Dissector.prototype, 'decode');
    const report = await checkYaml(
      [START],
      'rules: [answered, no_retransmissions, no_truncated, { only_servers: [10.77.0.1] }]',
    );
    expect(report.rules.every(({ ok }) => ok)).toBe(true);
    expect([dissect.mock.calls.length, decode.mock.calls.length]).toEqual([0, 0]);
    await checkYaml([START], 'rules: [{ none: procedure == LOOKUP and type == call }]');
    expect([dissect.mock.calls.length, decode.mock.calls.length]).toEqual([96, 0]);
  });
});

describe('statistics', () => {
  /** By the definition: the values in order, the one at the rank. */
  function exact(statistic: Statistic, values: number[]): number {
    const sorted = [...values].sort((a, b) => a - b);
    if (statistic.kind === 'percentile') return sorted[Math.max(1, Math.ceil(statistic.part * values.length)) - 1];
    const sum = values.reduce((total, value) => total + value, 0);
    return { min: sorted[0], max: sorted.at(-1)!, sum, mean: sum / values.length }[statistic.kind];
  }
  const statistic: fc.Arbitrary<Statistic> = fc.oneof(
    fc.constantFrom('min', 'max', 'mean', 'sum').map((kind) => ({ kind }) as Statistic),
    fc.constantFrom(0.5, 0.9, 0.99, 0.999, 1).map((part) => ({ kind: 'percentile', part }) as const),
  );
  const value = fc.oneof(fc.integer({ min: -50, max: 50 }), fc.integer({ min: -(2 ** 40), max: 2 ** 40 }));
  const numbers = fc.array(value, { minLength: 1, maxLength: 60 });

  test('are judged exactly, and shown on the right side of the bound', () => {
    const property = fc.property(
      statistic,
      numbers,
      value,
      fc.constantFrom<Comparator>(...COMPARATORS),
      (kind, values, bound, comparator) => {
        const tally = new Tally(kind, comparator, bound);
        for (const each of values) tally.add(each);
        const expected = exact(kind, values);
        expect(tally.holds()).toBe(holds(expected, comparator, bound));
        expect(Math.abs(tally.value - expected)).toBeLessThanOrEqual(Math.abs(expected) * 0.02 + 1);
        expect(Math.sign(tally.value - bound)).toBe(Math.sign(expected - bound));
      },
    );
    fc.assert(property, { numRuns: 500 });
  });

  test.each([
    [7, 100, 7],
    [55, 100, 55],
    [28, 25, 7],
    [99.9, 1000, 999],
    [99.9, 1001, 1000],
  ])('p%d of %d values is the value number %d, whatever the percentage is in binary', (percent, count, rank) => {
    const tally = new Tally({ kind: 'percentile', part: percent / 100 }, '==', rank);
    for (let each = 1; each <= count; each++) tally.add(each);
    expect([tally.holds(), tally.value]).toEqual([true, rank]);
  });

  test.each([
    ['<=', 1_730_999, 1_731_000],
    ['>=', 1_731_001, 1_730_000],
    ['<=', 1_709_999, 1_731_000],
  ] as const)('a percentile that fails is shown on the wrong side of its bound: %s %d', (comparator, bound, shown) => {
    const tally = new Tally({ kind: 'percentile', part: 0.5 }, comparator, bound);
    for (const each of [1_700_000, 1_731_000, 1_800_000]) tally.add(each);
    expect([tally.holds(), tally.value]).toEqual([false, shown]);
  });
});

test('one pass serves many rules', async () => {
  const open = vi.spyOn(Inspection, 'open');
  const many = Array.from({ length: 200 }, (_, i) => `- none: xid == ${i} and elapsed > 1s`);
  const report = await checkCaptures([START], { failOn: many.map((rule) => rule.slice(8)) });
  expect(report.rules).toHaveLength(201);
  expect(report.rules.every(({ ok }) => ok)).toBe(true);
  expect(open).toHaveBeenCalledOnce();
});

test.each([
  ['a connection that turned to TLS', 'rpc/tls.pcap', ['2 RPC connections that went on in TLS']],
  ['missing bytes', 'nfs3/dropped-packets.pcap', ['3,132 bytes missing in 3 holes', '3 messages truncated']],
  ['nothing', 'nsm/notify.pcap', []],
])('what the rules could not see is in the report: %s', async (_, name, missing) => {
  const report = await checkYaml([capture(name)], 'rules:\n  - none: status == NFS3ERR_STALE\n');
  expect(report.missing).toEqual(missing);
});
