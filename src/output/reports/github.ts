/**
 * Annotations for GitHub Actions: workflow commands in the output of a step, which the runner shows at the rule in the
 * file of rules. Text is escaped as in the runner's toolkit, so that nothing in it ends the command or begins another.
 */
import { escapeUnsafe } from '../../xdr/byte-writer.js';
import { failureLines, missingText, type Report, type ReportedRule } from './report.js';

export function githubReport(report: Report): string {
  const lines = [
    ...report.rules.filter((rule) => !rule.ok).map((rule) => annotation(rule, report)),
    ...report.problems.map((problem) => `::error title=rpcdump check::${data(problem)}`),
    ...report.missing.map((part) => `::notice title=rpcdump check::${data(missingText(part))}`),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function annotation(rule: ReportedRule, report: Report): string {
  const { source } = rule;
  const at = source === null ? [] : [`file=${property(source.file)}`, `line=${source.line}`, `col=${source.column}`];
  const properties = [...at, `title=${property(rule.rule)}`].join(',');
  return `::error ${properties}::${failureLines(rule, report).map(data).join('%0A')}`;
}

function data(text: string): string {
  return escapeUnsafe(text).replaceAll('%', '%25');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
