/**
 * Every kind of rule, passing and failing, in every report: `fixtures/check/KIND/rules.yaml` over the captures that it names, against the
 * files beside it. UPDATE_GOLDENS=1 writes them; their diff is to be read.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { beforeAll, describe, expect, test } from 'vitest';
import { RULE_KINDS } from '../../src/analysis/check/index.js';
import { REPORT_FORMATS } from '../../src/output/reports/index.js';
import type { Report } from '../../src/output/reports/report.js';
import { textReport } from '../../src/output/reports/text.js';
import { makeStyles } from '../../src/terminal/style.js';
import { checkCaptures } from '../helpers/check.js';
import { FIXTURES } from '../helpers/render.js';
import { checkJunit, checkSarif } from '../helpers/report-checks.js';

const FOLDER = join(FIXTURES, 'check');
const UPDATE = process.env.UPDATE_GOLDENS === '1';
/** Where there is nothing to look at is a rule that nobody writes. */
const KINDS = [...RULE_KINDS.keys(), 'not_empty'];

/** Where a format's file is not called like the format. */
const EXTENSIONS: Record<string, string> = { junit: 'xml', json: 'ndjson' };
const text = (report: Report) => textReport(report, makeStyles(false));

const schema = JSON.parse(readFileSync(join(FIXTURES, '../schemas/check.schema.json'), 'utf8'));
const isRecord = new Ajv2020({ strictTypes: false }).compile(schema);

const RULE = { rule: 'r', kind: 'none', expected: 'none', found: 'none', places: [], total: 0, source: null };

function rulesOf(kind: string): { rules: string; captures: string[] } {
  const rules = join(FOLDER, kind, 'rules.yaml');
  const [, names] = /^# captures: (.*)$/m.exec(readFileSync(rules, 'utf8'))!;
  return { rules, captures: names.split(' ').map((name) => join(FIXTURES, 'captures', name)) };
}

function expectGolden(kind: string, extension: string, actual: string): void {
  const golden = join(FOLDER, kind, `report.${extension}`);
  if (UPDATE) writeFileSync(golden, actual);
  expect(actual).toBe(existsSync(golden) ? readFileSync(golden, 'utf8') : 'no golden yet');
}

describe.each(KINDS)('%s', (kind) => {
  let report: Report;

  beforeAll(async () => {
    const { rules, captures } = rulesOf(kind);
    report = await checkCaptures(captures, { rules: [rules] });
    // Reports name the file as the one who runs the tests does.
    report = {
      ...report,
      rules: report.rules.map((rule) => ({ ...rule, source: rule.source && { ...rule.source, file: 'rules.yaml' } })),
    };
  });

  test('passes and fails', () => {
    const outcomes = new Set(report.rules.filter((rule) => rule.kind === kind).map((rule) => rule.ok));
    expect(outcomes).toEqual(kind === 'not_empty' ? new Set([false]) : new Set([true, false]));
  });

  test('text', () => expectGolden(kind, 'txt', text(report)));

  test.each([...REPORT_FORMATS])('%s', (format, write) => {
    const written = write(report);
    expectGolden(kind, EXTENSIONS[format] ?? format, written);
    if (format === 'junit') expect(checkJunit(written)).toEqual([]);
    if (format === 'sarif') expect(checkSarif(written)).toEqual([]);
    if (format === 'json') {
      for (const line of written.split('\n').slice(0, -1)) {
        const record = JSON.parse(line);
        expect(isRecord(record) ? [] : isRecord.errors).toEqual([]);
        const keys = Object.keys(schema.properties);
        expect(Object.keys(record)).toEqual(keys.filter((key) => key in record));
      }
    }
  });
});

test('every golden has its kind', () => {
  expect(readdirSync(FOLDER).sort()).toEqual([...KINDS].sort());
});

test.each<[results: boolean[], files: string[], expected: string]>([
  [[true], ['a.pcap'], '1 rule passed, in 1,234 messages'],
  [[true, true], ['a.pcap', 'b.pcap'], '2 rules passed, in 1,234 messages of 2 captures'],
  [[true, false], ['a.pcap'], '1 of 2 rules failed, in 1,234 messages'],
])('the last line of text, of rules that hold or not: %j of %j', (results, files, expected) => {
  const rules = results.map((ok) => ({ ...RULE, ok }));
  const report = { rules, files, problems: [], missing: [], messages: 1234, version: '0.0.0' };
  expect(text(report).split('\n').at(-2)).toBe(expected);
});
