/** Files of rules, and rules as options, that are wrong: each is told with its place and what would be right. And that good ones are read. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RULE_KINDS } from '../../src/analysis/check/index.js';
import { makeRule } from '../../src/analysis/check/make-rule.js';
import { ReportTargets } from '../../src/cli/check/report-targets.js';
import { collectError, parseRuleFile, usageError } from '../../src/cli/check/rule-file.js';
import { loadRules, type RuleOptions } from '../../src/cli/check/rules.js';
import { noNeeds, RuleTerms } from '../../src/cli/check/terms.js';
import { UsageError } from '../../src/cli/exit.js';
import { MAX_RULES } from '../../src/limits/analysis.js';
import { REPORT_FORMATS } from '../../src/output/reports/index.js';
import { checkCaptures } from '../helpers/check.js';
import { capture } from '../helpers/fixtures.js';
import { FIXTURES, library } from '../helpers/render.js';

/** What is said of a file; '' when nothing is wrong. */
function complaint(text: string): string {
  try {
    const { rules, sourceOf, errors } = parseRuleFile('r.yaml', text);
    const all = { needs: noNeeds(), filters: [] };
    for (const rule of rules) {
      collectError(() => makeRule(rule, (scope) => new RuleTerms({ library }, all, scope, 1)), errors);
    }
    return errors.length === 0 ? '' : usageError(errors, sourceOf).message;
  } catch (error) {
    return (error as Error).message;
  }
}

const CHECK_MD = readFileSync(join(FIXTURES, '../docs/check.md'), 'utf8');

const rule = (text: string) => `rules:\n  - ${text}\n`;

describe('wrong', () => {
  const cases: [text: string, complaint: string | RegExp][] = [
    ['', "r.yaml:1:1: the file is empty; it needs 'rules', a list"],
    ['# nothing\n', "r.yaml:1:1: the file is empty; it needs 'rules', a list"],
    ['rules', "r.yaml:1:1: expected a mapping: a file of rules has 'rules', a list"],
    ['- answered\n', "r.yaml:1:1: expected a mapping: a file of rules has 'rules', a list"],
    ['allow_empty: true\n', "r.yaml:1:1: there is no 'rules' in this file"],
    ['rules: []\n', "r.yaml:1:1: 'rules' is empty"],
    ['rules: answered\n', "r.yaml:1:1: 'rules' is a list: each begins with '- '"],
    ['rule: [answered]\n', "r.yaml:1:1: no 'rule' here; did you mean 'rules'?"],
    ['answered: true\n', "r.yaml:1:1: no 'answered' here; rules stand in the list 'rules'"],
    ['rules: [answered]\nallow_empty: maybe\n', "r.yaml:2:14: 'allow_empty' is true or false"],
    ['rules: [answered]\nframes: few\n', "r.yaml:2:9: 'frames' is a number of frames"],
    ['rules: [answered]\nframes: 5000\n', "r.yaml:2:1: 'frames' is at most 1000"],
    ['rules: [answered]\nrules: [answered]\n', /^r\.yaml:2:1: map keys must be unique/],
    ['rules: [answered]\n---\nrules: [answered]\n', 'r.yaml:2:1: a file of rules is one YAML document'],
    ['rules: [answered\n', /^r\.yaml:\d:\d+: flow sequence/],
    ['rules:\n\t- answered\n', /^r\.yaml:2:1: tabs are not allowed as indentation/],
    [`rules:\n${'  - answered\n'.repeat(MAX_RULES + 1)}`, 'r.yaml:1:1: a file has at most 1000 rules'],
    [rule('no_malformd'), "r.yaml:2:5: no rule 'no_malformd'; did you mean 'no_malformed'?"],
    [rule('nome: x'), "r.yaml:2:5: no rule 'nome'; did you mean 'none'?"],
    [rule('xyzzy: x'), /^r\.yaml:2:5: no rule 'xyzzy'; there are none, some, count, assert, answered, /],
    [rule('name: x'), /^r\.yaml:2:5: this rule has no kind; the kinds are none, /],
    [rule('{ none: nfs, some: nfs }'), "r.yaml:2:18: a rule is of one kind, not both 'none' and 'some'"],
    [rule('{ none: nfs, naem: x }'), "r.yaml:2:18: 'none' has no 'naem'; did you mean 'name'?"],
    [rule('{ none: nfs, per: client }'), "r.yaml:2:18: 'none' has no 'per'"],
    [
      rule('{ order: [nfs, mount], per: clinet }'),
      "r.yaml:2:33: 'per' is client or server or connection; did you mean 'client'?",
    ],
    [rule('none'), "r.yaml:2:5: 'none' needs a value: 'none: …'"],
    [rule('none:'), 'r.yaml:2:10: a value is missing here'],
    [rule("none: ''"), "r.yaml:2:11: 'none' is empty"],
    [rule('none: [nfs, mount]'), "r.yaml:2:5: 'none' has one value, no list"],
    [rule('none: { nfs: 1 }'), 'r.yaml:2:11: expected a single value, not a list or a mapping'],
    [
      rule('answered: false'),
      "r.yaml:2:15: 'answered' takes no value but true (every call has a reply); 'where: FILTER' narrows it down",
    ],
    [rule('{ answered: true, of: messages }'), "r.yaml:2:27: 'of' is exchanges"],
    [rule('{ none: nfs, of: exchange }'), "r.yaml:2:22: 'of' is messages or exchanges; did you mean 'exchanges'?"],
    [
      rule('{ none: outcome == answered, of: messages }'),
      "r.yaml:2:13: 'outcome' is of exchanges, and this rule looks at messages",
    ],
    [
      rule('{ no_malformed: true, where: retransmissions > 1 }'),
      "r.yaml:2:34: 'retransmissions' is of exchanges, and this rule looks at messages",
    ],
    [
      rule('none: procedur == LOOKUP'),
      /^r\.yaml:2:11: filter: unknown field 'procedur'; did you mean 'procedure'\?\n {2}procedur == LOOKUP\n {2}\^{8}$/,
    ],
    [
      rule('{ answered: true, where: elapsd > 1s }'),
      /^r\.yaml:2:30: filter: unknown field 'elapsd'; did you mean 'elapsed'\?/,
    ],
    [rule('count: nfs'), "r.yaml:2:12: a count is a comparison and a filter: '>= 3 FILTER'"],
    [rule("count: '>= 3'"), "r.yaml:2:12: a count is a comparison and a filter: '>= 3 FILTER'"],
    [rule('count: >= 3 nfs'), /^r\.yaml:2:\d+: .*; a filter with such a sign stands in quotes: '…'$/],
    [rule('none: !nfs'), /^r\.yaml:2:11: .*; a filter with such a sign stands in quotes: '…'$/],
    [rule('none: &a nfs\n  - none: *a'), 'r.yaml:3:11: aliases (*name) are not known here'],
    [rule('assert: p99 < 10ms'), /^r\.yaml:2:13: an assertion is 'STATISTIC\(FIELD\) < BOUND where FILTER'/],
    [rule('assert: p99(elapsed < 10ms'), /^r\.yaml:2:13: an assertion is/],
    [
      rule('assert: p99(elapsed) < 10ms when nfs'),
      "r.yaml:2:13: behind the bound '10ms' there can be 'where FILTER', not 'when nfs'",
    ],
    [
      rule('assert: median(elapsed) < 10ms'),
      "r.yaml:2:13: no statistic 'median'; there are min, max, mean, sum, percentiles such as p50 and p99.9, count, rate",
    ],
    [rule('assert: p0(elapsed) < 10ms'), /no statistic 'p0'/],
    [rule('assert: p99(elapsed) < 10 ms'), "r.yaml:2:13: behind the bound '10' there can be 'where FILTER', not 'ms'"],
    [
      rule('assert: p99(elapsed) < 1s where'),
      "r.yaml:2:13: behind the bound '1s' there can be 'where FILTER', not 'where'",
    ],
    [
      rule('assert: p99(elapsed) < 10apples'),
      "r.yaml:2:13: '10apples' is no value of 'elapsed': 10ms for times, 64KiB for numbers",
    ],
    [rule('assert: p99(status) < 10'), /^r\.yaml:2:13: filter: 'status' is no number/],
    [rule('assert: p99(elapsd) < 10'), /^r\.yaml:2:13: filter: unknown field 'elapsd'; did you mean 'elapsed'\?/],
    [rule('assert: count(nfs) > 1'), 'r.yaml:2:13: count() takes no argument: count() >= 3 where FILTER'],
    [rule('assert: count() > few'), "r.yaml:2:13: 'few' is no count: a whole number"],
    [rule('assert: rate(nfs) < 100.5%'), "r.yaml:2:13: '100.5%' is no rate: 1%, or 0.01"],
    [rule('assert: rate(nfs) < few'), "r.yaml:2:13: 'few' is no rate: 1%, or 0.01"],
    [rule('only_programs: []'), "r.yaml:2:5: 'only_programs' has an empty list"],
    [rule('only_programs: [NSF]'), /^r\.yaml:2:21: filter: no value 'NSF'; did you mean 'NFS'\?/],
    [rule("only_programs: [NFS, 'a } or {']"), "r.yaml:2:26: 'a } or {' is no name, number or address"],
    [
      rule('only_clients: 10.0.0.0/8, 192.168.0.0/16'),
      "r.yaml:2:19: '10.0.0.0/8, 192.168.0.0/16' is no name, number or address; a list stands in brackets: [A, B]",
    ],
    [rule('only_versions: [NFS]'), "r.yaml:2:21: 'NFS' is no program and version: NFS v3"],
    [
      rule('only_clients: [localhost]'),
      /^r\.yaml:2:20: filter: 'localhost' is no value of this field, which is an address/,
    ],
    [rule('order: [nfs]'), 'r.yaml:2:13: an order has two filters or more'],
  ];
  test.each(cases)('%j', (text, expected) => {
    const said = complaint(text);
    if (typeof expected === 'string') expect(said).toBe(expected);
    else expect(said).toMatch(expected);
  });
});

test.each(['[', '{'])('nesting that the parser has no stack for: %s', (bracket) => {
  expect(complaint(`rules: ${bracket.repeat(20_000)}`)).toMatch(/^r\.yaml:1:\d+: brackets nest too deep$/);
});

test('all that is wrong in a file, in its order', () => {
  const rules = ['none: nfs', 'none: procedur == LOOKUP', 'nome: nfs', 'none: { nfs: 1 }', 'answered: false'];
  expect(complaint(`rules:\n${rules.map((each) => `  - ${each}\n`).join('')}`)).toMatchInlineSnapshot(`
    "r.yaml:3:11: filter: unknown field 'procedur'; did you mean 'procedure'?
      procedur == LOOKUP
      ^^^^^^^^
    r.yaml:4:5: no rule 'nome'; did you mean 'none'?
    r.yaml:5:11: expected a single value, not a list or a mapping
    r.yaml:6:15: 'answered' takes no value but true (every call has a reply); 'where: FILTER' narrows it down"
  `);
  expect(complaint('rules:\n  - none: !nfs\n  - count: >= 3 nfs\n')).toMatchInlineSnapshot(`
    "r.yaml:2:11: unresolved tag: !nfs; a filter with such a sign stands in quotes: '…'
    r.yaml:3:13: block scalar header includes extra characters: >=; a filter with such a sign stands in quotes: '…'"
  `);
});

test('good ones', () => {
  for (const text of [
    'none: "nfs"',
    'none: |\n      nfs\n      and mount',
    'only_programs: 100003',
    'answered: true',
    '"answered"',
  ])
    expect(complaint(rule(text))).toBe('');
});

test('any text is read, or complained of in one line with its place', () => {
  const words = [
    'rules',
    ':',
    '-',
    ' ',
    '\n',
    '  ',
    'none',
    'answered',
    'nfs',
    '[',
    ']',
    '{',
    '}',
    "'",
    '"',
    '|',
    '>',
    '!',
    '&',
    '*',
    '#',
    ',',
    '<<',
    '? ',
  ];
  const text = fc.array(fc.oneof(fc.constantFrom(...words), fc.string({ maxLength: 4 })), { maxLength: 24 });
  const property = fc.property(text, fc.boolean(), (parts, isRule) => {
    const said = complaint(isRule ? rule(parts.join('')) : parts.join(''));
    if (said !== '') expect(said.split('\n')[0]).toMatch(/^r\.yaml:\d+:\d+: \S/);
  });
  fc.assert(property, { numRuns: 300 });
});

describe('options', () => {
  const cases: [RuleOptions, string][] = [
    [{ failOn: ['procedur == X'] }, "--fail-on: filter: unknown field 'procedur'; did you mean 'procedure'?"],
    [{ expect: ['nfs'] }, "--expect: a count is a comparison and a filter: '>= 3 FILTER'"],
    [{ assert: ['p99(elapsed) < x'] }, "--assert: 'x' is no value of 'elapsed'"],
    [{ rules: ['/nosuch.yaml'] }, '/nosuch.yaml: no such file of rules'],
    [{ rules: [FIXTURES] }, 'cannot be read (EISDIR)'],
    [{ rules: [capture('nfs3/allprocs-start.pcap')] }, 'allprocs-start.pcap:1:'],
    [{}, 'no rules: there is no rpcdump.yaml here'],
  ];
  test.each(cases)('%j', (options, expected) => {
    expect(() => loadRules(options, { library })).toThrow(expected);
  });
});

describe('reports that cannot be', () => {
  const cases: [reports: string[], expected: string, isJson?: boolean][] = [
    [['junt=x'], "--report: no format 'junt'; did you mean 'junit'?"],
    [['xyz'], `--report: no format 'xyz'; there are ${[...REPORT_FORMATS.keys()].join(', ')}`],
    [['junit'], "--report junit=FILE needs a file, or '-' for standard output"],
    [['junit='], "--report junit=FILE needs a file, or '-' for standard output"],
    [['tap=-', 'github', 'junit=-'], '--report: tap and junit cannot share standard output'],
    [['tap=-'], '--report: tap and --json cannot share standard output', true],
    [['tap=x', 'junit=x'], '--report: x is named twice'],
    [['tap=/nosuch/x'], '/nosuch/x: cannot be written (no such file or directory)'],
  ];
  test.each(cases)('%j', (reports, expected, isJson = false) => {
    expect(() => new ReportTargets(reports, isJson)).toThrow(new UsageError(expected));
  });
});

test('docs/rpcdump.yaml has a rule of every kind, and they hold', async () => {
  const file = join(FIXTURES, '../docs/rpcdump.yaml');
  const { rules } = await checkCaptures([capture('nfs3/linux-client.pcap')], { rules: [file] });
  expect(new Set(rules.map(({ kind }) => kind))).toEqual(new Set(['not_empty', ...RULE_KINDS.keys()]));
  expect(rules.filter(({ ok }) => !ok)).toEqual([]);
});

test('docs/check.md tells of every report', () => {
  const reports = CHECK_MD.slice(CHECK_MD.indexOf('## Reports'));
  const rows = [...reports.matchAll(/^\| `(\w+)(?:=FILE)?` \|/gm)].map(([, name]) => name);
  expect(rows.slice(0, REPORT_FORMATS.size)).toEqual([...REPORT_FORMATS.keys()]);
});

test('docs/check.md and the schema tell of every kind', () => {
  const schema = JSON.parse(readFileSync(join(FIXTURES, '../schemas/check.schema.json'), 'utf8'));
  for (const kind of RULE_KINDS.keys())
    expect(CHECK_MD).toContain(`| \`${kind}\``.replace('`only_servers`', '`only_clients`, `only_servers`'));
  expect(schema.properties.kind.enum).toEqual(['not_empty', ...RULE_KINDS.keys()]);
});
