/**
 * The report as text: a line a rule; below a failed one what was expected, what was found, and the frames to look at.
 */
import { sanitize } from '../../terminal/sanitize.js';
import { type Styles, styled } from '../../terminal/style.js';
import { grouped, plural } from '../../xdr/plural.js';
import { failuresOf, type Report, type ReportedPlace, type ReportedRule } from './report.js';

export function textReport(report: Report, styles: Styles): string {
  const lines = report.rules.flatMap((rule) => (rule.ok ? [passed(rule, styles)] : failed(rule, report, styles)));
  lines.push(summary(report, styles));
  return lines.map((line) => `${line}\n`).join('');
}

function passed({ rule, found }: ReportedRule, styles: Styles): string {
  return `${styled('✓', styles.reply)} ${sanitize(rule)}  ${styled(sanitize(found), styles.dim)}`;
}

function failed(rule: ReportedRule, report: Report, styles: Styles): string[] {
  const { expected, found, places, total } = rule;
  const width = Math.max('expected'.length, ...places.map(({ frame }) => frameText(frame).length));
  const line = (label: string, text: string) =>
    `    ${styled(sanitize(label.padEnd(width)), styles.dim)}  ${sanitize(text)}`;
  const isNamed = (place: ReportedPlace, index: number) =>
    report.files.length > 1 && place.file !== places[index - 1]?.file;
  const rest = total - places.length;
  return [
    `${styled('✗', styles.error)} ${styled(sanitize(rule.rule), styles.heading)}`,
    line('expected', expected),
    line('found', found),
    ...places.flatMap((place, index) => [
      ...(isNamed(place, index) ? [line('in', place.file)] : []),
      line(frameText(place.frame), place.what),
    ]),
    ...(rest > 0 ? [line('', `and ${grouped(rest)} more`)] : []),
  ];
}

function frameText(frame: number): string {
  return `frame ${frame}`;
}

/** `2 of 9 rules failed, in 1,234 messages`. */
function summary(report: Report, styles: Styles): string {
  const failures = failuresOf(report);
  const all = plural(report.rules.length, 'rule');
  const files = report.files.length > 1 ? ` of ${plural(report.files.length, 'capture')}` : '';
  const where = ` in ${plural(report.messages, 'message')}${files}`;
  return failures > 0
    ? styled(`${failures} of ${all} failed,${where}`, styles.error)
    : styled(`${all} passed,${where}`, styles.reply);
}
