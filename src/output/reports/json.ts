/** The report as NDJSON: one object a rule (schemas/check.schema.json). */
import { escapeUnsafe } from '../../xdr/byte-writer.js';
import { foundFacts, type Report, type ReportedRule } from './report.js';

export function jsonReport(report: Report): string {
  return report.rules.map((rule) => `${escapeUnsafe(JSON.stringify(recordOf(rule, report)))}\n`).join('');
}

function recordOf(reported: ReportedRule, report: Report): object {
  const { rule, kind, ok, source } = reported;
  const { missing } = report;
  const facts = { rule, kind, ok, ...foundFacts(reported, report) };
  return { ...facts, ...(source !== null && { source }), ...(missing.length > 0 && { missing }) };
}
