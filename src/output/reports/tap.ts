/**
 * TAP, version 13 (testanything.org): a line a rule, below a failed one a YAML block whose
 * values are JSON, which is YAML too. Comments say what the rules could not see.
 */
import { escapeUnsafe } from '../../xdr/byte-writer.js';
import { foundFacts, missingText, type Report, type ReportedRule } from './report.js';

export function tapReport(report: Report): string {
  const { rules, problems, missing } = report;
  const lines = [
    'TAP version 13',
    `1..${rules.length + problems.length}`,
    ...rules.flatMap((rule, index) => ruleLines(rule, index + 1, report)),
    ...problems.map((problem, index) => `not ok ${rules.length + index + 1} - ${description(problem)}`),
    ...missing.map((part) => `# ${escapeUnsafe(missingText(part))}`),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function ruleLines(rule: ReportedRule, number: number, report: Report): string[] {
  const line = `ok ${number} - ${description(rule.rule)}`;
  if (rule.ok) return [line];
  const details = { kind: rule.kind, ...foundFacts(rule, report) };
  const yaml = Object.entries(details).map(([key, value]) => `  ${key}: ${yamlText(value)}`);
  return [`not ${line}`, '  ---', ...yaml, '  ...'];
}

/** A `#` would begin a directive: `# SKIP` makes a failure pass. */
function description(text: string): string {
  return escapeUnsafe(text).replaceAll('\\', '\\\\').replaceAll('#', '\\#');
}

function yamlText(value: unknown): string {
  return escapeUnsafe(JSON.stringify(value));
}
