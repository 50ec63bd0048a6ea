/** Text that would end what it stands in, or begin something else: in names of rules, filters, files and problems, in every report. */
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { REPORT_FORMATS } from '../../src/output/reports/index.js';
import type { Report, ReportedRule } from '../../src/output/reports/report.js';
import { textReport } from '../../src/output/reports/text.js';
import { makeStyles } from '../../src/terminal/style.js';
import { escapeUnsafe } from '../../src/xdr/byte-writer.js';
import { checkJunit, checkSarif, parseXml, type XmlElement } from '../helpers/report-checks.js';

const HOSTILE: [name: string, text: string][] = [
  ['the end of CDATA', 'a ]]> b'],
  ['an element', '</failure><script>alert(1)</script>'],
  ['an attribute', `x" y='z' &amp; &lt; & <`],
  ['a workflow command', 'x\n::warning::owned'],
  ['its escapes', 'a%0A::error::b%25%0D,c:d'],
  ['properties of a command', 'a,file=/etc/passwd,line=1::b'],
  ['a directive of TAP', 'fine # SKIP not today'],
  ['lines of TAP', 'x\nok 2 - y\n  ---\n  ...\nBail out!'],
  ['escapes of TAP', 'a \\# b \\\\ c'],
  ['controls', 'a\u0000b\u001b[2Jc\u007f\u009b31md\ufffe\uffff'],
  ['directions and nothing', '\u202eevil\u200b\u2066x\u2029'],
  ['half a pair', 'a\ud800b'],
  ['JSON', '"},{"rule":"x"'],
  ['YAML', "- a: &b !c '…': | > #"],
  ['other scripts', 'Grüße 日本 🎉'],
];

function reportWith(text: string): Report {
  const rule = (ok: boolean): ReportedRule => ({
    rule: text,
    kind: 'none',
    ok,
    expected: text,
    found: text,
    places: [{ file: text, frame: 7, what: text }],
    total: 3,
    source: ok ? null : { file: text, line: 2, column: 5 },
  });
  return {
    rules: [rule(false), rule(true)],
    files: [text, 'b.pcap'],
    problems: [`${text}: damaged`],
    missing: [text],
    messages: 1,
    version: '0.0.0',
  };
}

const CONTROLS = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/;

describe.each(HOSTILE)('%s', (_, text) => {
  const report = reportWith(text);
  const safe = escapeUnsafe(text);
  const written = Object.fromEntries([...REPORT_FORMATS].map(([format, write]) => [format, write(report)]));
  const plain = textReport(report, makeStyles(false));

  test('no report has characters that a terminal acts on', () => {
    for (const output of [plain, ...Object.values(written)]) expect(CONTROLS.exec(output)).toBeNull();
  });

  test('text keeps its lines', () => {
    expect(plain.split('\n')).toHaveLength(9);
    expect(plain.split('\n').filter((line) => line.trimStart().startsWith('::'))).toEqual([]);
  });

  test('JUnit', () => {
    const xml = Buffer.from(written.junit, 'utf8').toString('utf8');
    expect(checkJunit(xml)).toEqual([]);
    const [suite] = parseXml(xml).children;
    expect(suite.children.map(({ name }) => name)).toEqual(['testcase', 'testcase', 'testcase', 'system-err']);
    expect(suite.attributes).toMatchObject({ tests: '3', failures: '1', errors: '1' });
    const [failed] = suite.children;
    const shown = wellFormed(safe).replaceAll(/[\ufffe\uffff]/g, '\ufffd');
    expect(failed.attributes.name).toBe(shown);
    expect((failed.children[0] as XmlElement).text.split('\n')[0]).toBe(`expected: ${shown}`);
    expect(suite.children[3].text).toBe(`incomplete: ${shown}`);
  });

  test('SARIF', () => {
    expect(checkSarif(written.sarif)).toEqual([]);
    const [run] = JSON.parse(written.sarif).runs;
    expect(run.results).toHaveLength(1);
    const [invocation] = run.invocations;
    expect(invocation.toolExecutionNotifications).toEqual([
      { level: 'error', message: { text: `${safe}: damaged` } },
      { level: 'note', message: { text: `incomplete: ${safe}` } },
    ]);
    expect(run.tool.driver.rules[0].shortDescription.text).toBe(safe);
    expect(decodeURIComponent(run.artifacts[0].location.uri)).toBe(wellFormed(text));
  });

  test('TAP', () => {
    const all = written.tap.split('\n').slice(0, -1);
    const lines = all.slice(0, -1);
    expect(all.at(-1)).toBe(`# incomplete: ${safe}`);
    expect(lines.slice(0, 3)).toEqual([
      'TAP version 13',
      '1..3',
      `not ok 1 - ${safe.replaceAll('\\', '\\\\').replaceAll('#', '\\#')}`,
    ]);
    expect(lines.filter((line) => /^(not )?ok /.test(line))).toHaveLength(3);
    expect(lines.filter((line) => /(^|[^\\])(\\\\)*#/.test(line) && !line.startsWith('  '))).toEqual([]);
    const block = lines.slice(lines.indexOf('  ---') + 1, lines.indexOf('  ...')).join('\n');
    expect(parse(block)).toMatchObject({ kind: 'none', total: 3, frames: [7] });
    expect(parse(block).files).toEqual([text]);
  });

  test('GitHub: a line a command, and nothing of it is read but as it was meant', () => {
    const lines = written.github.split('\n').slice(0, -1);
    expect(lines).toHaveLength(3);
    expect(decode(lines[2])).toBe(`::notice title=rpcdump check::incomplete: ${safe}`);
    const [, properties, data] = /^::error ([^\n]*?)::(.*)$/.exec(lines[0])!;
    const read = Object.fromEntries(
      properties
        .split(',')
        .map((part) => part.split('='))
        .map(([key, ...value]) => [key, decode(value.join('='))]),
    );
    expect(read).toEqual({ file: safe, line: '2', col: '5', title: safe });
    expect(decode(data).split('\n')[0]).toBe(`expected: ${safe}`);
  });

  test('JSON', () => {
    const lines = written.json.split('\n').slice(0, -1);
    expect(lines).toHaveLength(2);
    expect(JSON.parse(lines[0])).toMatchObject({ rule: text, files: [text], missing: [text] });
  });
});

/** As the runner does (actions/runner, ActionCommand). */
function decode(text: string): string {
  return text
    .replaceAll('%3A', ':')
    .replaceAll('%2C', ',')
    .replaceAll('%0D', '\r')
    .replaceAll('%0A', '\n')
    .replaceAll('%25', '%');
}

function wellFormed(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8');
}
