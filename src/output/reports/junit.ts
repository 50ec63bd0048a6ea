/**
 * JUnit XML for Jenkins (its junit-10.xsd): a suite with a test case for each rule, and one with an error
 * for each input that could not be read; the suite's system-err is what the rules could not see.
 * Characters that XML 1.0 does not allow are written as \uXXXX.
 */
import { escapeUnsafe } from '../../xdr/byte-writer.js';
import { failureLines, failuresOf, missingText, type Report, type ReportedRule } from './report.js';

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };

export function junitReport(report: Report): string {
  const { problems, missing, rules, files } = report;
  const counts = { tests: rules.length + problems.length, failures: failuresOf(report), errors: problems.length };
  const attributes = Object.entries(counts).map(([name, count]) => ` ${name}="${count}"`);
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="rpcdump check"${attributes.join('')}>`,
    `  <testsuite name="${xml(files.join(' ') || 'rpcdump check')}"${attributes.join('')}>`,
    ...rules.flatMap((rule) => testCase(rule, report)),
    ...problems.flatMap((problem) => errorCase(problem)),
    ...(missing.length > 0 ? [`    <system-err>${missing.map(missingText).map(xml).join('\n')}</system-err>`] : []),
    '  </testsuite>',
    '</testsuites>',
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function testCase(rule: ReportedRule, report: Report): string[] {
  const { ok, kind, expected, found } = rule;
  const opening = `    <testcase name="${xml(rule.rule)}" classname="rpcdump.check"`;
  if (ok) return [`${opening}/>`];
  const message = xml(`expected ${expected}, found ${found}`);
  const text = failureLines(rule, report).map(xml).join('\n');
  return [
    `${opening}>`,
    `      <failure type="${xml(kind)}" message="${message}">${text}</failure>`,
    '    </testcase>',
  ];
}

function errorCase(problem: string): string[] {
  return [
    '    <testcase name="the capture can be read" classname="rpcdump.check">',
    `      <error type="input" message="${xml(problem)}"/>`,
    '    </testcase>',
  ];
}

function xml(text: string): string {
  const safe = escapeUnsafe(text).replaceAll(/[\ufffe\uffff]/g, '\ufffd');
  return safe.replaceAll(/[&<>"']/g, (character) => ENTITIES[character]);
}
