/** The report as NDJSON: one object a rule (DESIGN §5, schemas/check.schema.json). */
import { escapeUnsafe } from '../../xdr/byte-writer.js';
import type { Report, ReportedRule } from './report.js';

export function jsonReport(report: Report): string {
  return report.rules.map((rule) => `${escapeUnsafe(JSON.stringify(recordOf(rule, report)))}\n`).join('');
}

function recordOf({ rule, kind, ok, expected, found, places, total, source }: ReportedRule, { files }: Report): object {
  return {
    rule,
    kind,
    ok,
    expected,
    found,
    frames: places.map(({ frame }) => frame),
    ...(files.length > 1 && { files: places.map(({ file }) => file) }),
    messages: places.map(({ what }) => what),
    total,
    ...(source !== null && { source }),
  };
}
