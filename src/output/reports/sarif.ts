/**
 * SARIF 2.1.0 (OASIS): all rules, and a result for each failed one. A result is located at the
 * rule in the file of rules, where code scanning shows it; for rules of the command line, at
 * the first capture with a place. Frames are related locations, because captures have no lines.
 */
import { escapeUnsafe } from '../../xdr/byte-writer.js';
import { failureLines, missingText, placeText, type Report, type ReportedRule } from './report.js';

const SCHEMA = 'https://json.schemastore.org/sarif-2.1.0.json';

export function sarifReport(report: Report): string {
  const { rules, files, problems, missing, version } = report;
  const run = {
    tool: {
      driver: { name: 'rpcdump check', version, semanticVersion: version, rules: rules.map(descriptor) },
    },
    columnKind: 'utf16CodeUnits',
    invocations: [
      {
        executionSuccessful: problems.length === 0,
        toolExecutionNotifications: [
          ...problems.map((problem) => notification('error', problem)),
          ...missing.map((part) => notification('note', missingText(part))),
        ],
      },
    ],
    artifacts: [...new Set(files)].map((file) => ({ location: { uri: uriOf(file) }, roles: ['analysisTarget'] })),
    results: rules.flatMap((rule, index) => (rule.ok ? [] : [resultOf(rule, index, report)])),
  };
  return `${JSON.stringify({ $schema: SCHEMA, version: '2.1.0', runs: [run] }, null, 2)}\n`;
}

function notification(level: 'error' | 'note', text: string) {
  return { level, message: { text: plain(text) } };
}

/** Rules are identified by their place in the list, because names and kinds may recur. */
function descriptor({ rule, kind, expected }: ReportedRule, index: number) {
  return {
    id: idOf(kind, index),
    name: kind,
    shortDescription: { text: plain(rule) },
    fullDescription: { text: plain(`expected: ${expected}`) },
    defaultConfiguration: { level: 'error' },
  };
}

function idOf(kind: string, index: number): string {
  return `${index + 1}-${kind}`;
}

function resultOf(rule: ReportedRule, index: number, report: Report) {
  const { places, total } = rule;
  const text = [plain(rule.rule), ...failureLines(rule, report).map(plain)].join('\n');
  return {
    ruleId: idOf(rule.kind, index),
    ruleIndex: index,
    level: 'error',
    message: { text },
    locations: locationsOf(rule, report),
    relatedLocations: places.map((place, number) => ({
      id: number + 1,
      message: { text: plain(`${placeText(place, report)}: ${place.what}`) },
      physicalLocation: { artifactLocation: { uri: uriOf(place.file) } },
      logicalLocations: [{ name: `frame ${place.frame}`, kind: 'frame' }],
    })),
    properties: { frames: places.map(({ frame }) => frame), total },
  };
}

function locationsOf({ source, places }: ReportedRule, { files }: Report) {
  if (source !== null) {
    const region = { startLine: source.line, startColumn: source.column };
    return [{ physicalLocation: { artifactLocation: { uri: uriOf(source.file) }, region } }];
  }
  const file = places[0]?.file ?? files[0];
  return file === undefined ? [] : [{ physicalLocation: { artifactLocation: { uri: uriOf(file) } } }];
}

/** A path as a URI reference (RFC 3986 §4.1). */
function uriOf(path: string): string {
  // Replaces lone surrogates, which encodeURIComponent refuses.
  const text = Buffer.from(path, 'utf8').toString('utf8');
  return text.split('/').map(encodeURIComponent).join('/');
}

function plain(text: string): string {
  return escapeUnsafe(text);
}
