/**
 * Tables of a report, with captions and headers of columns and rows. Wide tables scroll on their own, also by keyboard.
 */
import type { ReportPoint } from '../../analysis/report.js';
import type { StatisticsRow } from '../../analysis/statistics-row.js';
import { MAX_REPORT_ROWS } from '../../limits/output.js';
import { grouped, nounFor, plural } from '../../xdr/plural.js';
import type { AccountRow } from '../account.js';
import { frameText } from '../endpoint.js';
import { nameOf, procedureText, programText } from '../stats-columns.js';
import { elapsedText } from '../time.js';
import { bytesText } from '../units.js';
import { html, type Markup } from './markup.js';

interface Column<Row> {
  title: string;
  /** Text is aligned left, numbers right. */
  isText?: boolean;
  /** The header of its row. */
  isHead?: boolean;
  text: (row: Row) => string;
}

function table<Row>(id: string, caption: string, columns: readonly Column<Row>[], rows: readonly Row[]): Markup {
  const shown = columns.filter(({ isHead, text }) => isHead || rows.some((row) => text(row) !== ''));
  const head = shown.map(({ title, isText }) => html`<th scope="col" class="${isText ? 'text' : ''}">${title}</th>`);
  const body = rows.map(
    (row) => html`<tr>${shown.map(({ isText, isHead, text }) => {
      const kind = isText ? 'text' : '';
      return isHead
        ? html`<th scope="row" class="${kind}">${text(row)}</th>`
        : html`<td class="${kind}">${text(row)}</td>`;
    })}</tr>
`,
  );
  return html`<div class="scroll" role="region" aria-label="${caption}" tabindex="0"><table id="${id}"><caption>${caption}</caption>
<thead><tr>${head}</tr></thead><tbody>
${body}</tbody></table></div>`;
}

const count = (value: number) => (value === 0 ? '' : grouped(value));
const time = (pick: (row: StatisticsRow) => number) => (row: StatisticsRow) =>
  row.elapsed.count === 0 ? '' : elapsedText(Math.round(pick(row)));

/** The counts of a row. */
const COUNTS: Column<StatisticsRow>[] = [
  { title: 'calls', text: ({ calls }) => grouped(calls) },
  { title: 'resends', text: ({ retransmissions }) => count(retransmissions) },
  { title: 'unanswered', text: (row) => count(row.unansweredTotal) },
  { title: 'errors', text: (row) => count(row.errorTotal) },
  { title: 'unreadable', text: ({ unreadable }) => count(unreadable) },
  { title: 'mean', text: time(({ elapsed }) => elapsed.mean) },
  { title: 'p50', text: time(({ elapsed }) => elapsed.percentile(0.5)) },
  { title: 'p90', text: time(({ elapsed }) => elapsed.percentile(0.9)) },
  { title: 'p99', text: time(({ elapsed }) => elapsed.percentile(0.99)) },
  { title: 'p99.9', text: time(({ elapsed }) => elapsed.percentile(0.999)) },
  { title: 'max', text: time(({ elapsed }) => elapsed.max) },
  { title: 'sent', text: ({ callBytes }) => bytesText(callBytes) },
  { title: 'received', text: ({ replyBytes }) => bytesText(replyBytes) },
];

export function proceduresTable(rows: readonly StatisticsRow[]): Markup {
  const columns: Column<StatisticsRow>[] = [
    { title: 'program', isText: true, text: programText },
    { title: 'procedure', isText: true, isHead: true, text: procedureText },
    ...COUNTS,
  ];
  return html`${table('procedures', 'Exchanges by program and procedure', columns, rows.slice(0, MAX_REPORT_ROWS))}${more(rows, MAX_REPORT_ROWS, 'procedure')}`;
}

/** Rows of one key of `--by`: those with the most calls. */
export function topTable(id: string, caption: string, rows: readonly StatisticsRow[], most: number): Markup {
  const columns: Column<StatisticsRow>[] = [
    { title: id, isText: true, isHead: true, text: ({ key }) => key.by[0] },
    ...COUNTS,
  ];
  return html`${table(`${id}s`, caption, columns, rows.slice(0, most))}${more(rows, most, id)}`;
}

/** Tells how many rows are not in a table. */
function more(rows: readonly StatisticsRow[], shown: number, what: string): Markup | string {
  const rest = rows.slice(shown);
  if (rest.length === 0) return '';
  const calls = rest.reduce((sum, row) => sum + row.calls, 0);
  const left = `${plural(calls, 'call')} by ${what} ${nounFor(calls, 'is', 'are')} not in this table`;
  return html`<p>and ${grouped(rest.length)} more: ${left}.</p>`;
}

interface ErrorRow {
  row: StatisticsRow;
  name: string;
  times: number;
}

export function errorsTable(rows: readonly StatisticsRow[]): Markup {
  const errors = rows
    .flatMap((row) => [...row.rpcErrors, ...row.errors].map(([name, times]): ErrorRow => ({ row, name, times })))
    .sort((a, b) => b.times - a.times);
  if (errors.length === 0) return html`<p>No reply said that its call failed.</p>`;
  const columns: Column<ErrorRow>[] = [
    { title: 'program', isText: true, text: ({ row }) => programText(row) },
    { title: 'procedure', isText: true, text: ({ row }) => procedureText(row) },
    { title: 'error', isText: true, isHead: true, text: ({ name }) => name },
    { title: 'replies', text: ({ times }) => grouped(times) },
    { title: 'of the calls', text: ({ row, times }) => `${((100 * times) / row.calls).toPrecision(3)} %` },
  ];
  const shown = errors.slice(0, MAX_REPORT_ROWS);
  const rest = errors.slice(MAX_REPORT_ROWS);
  const replies = rest.reduce((sum, { times }) => sum + times, 0);
  const remark =
    rest.length === 0 ? '' : html`<p>and ${grouped(rest.length)} more, with ${plural(replies, 'reply')}.</p>`;
  return html`${table('errors', 'Errors by procedure, of RPC and of programs', columns, shown)}${remark}`;
}

/** @param files Names of the inputs, when there are several. */
export function slowestTable(points: readonly ReportPoint[], files: readonly string[] | null): Markup {
  const columns: Column<ReportPoint>[] = [
    { title: 'exchange', isText: true, isHead: true, text: ({ procedure }) => nameOf(procedure) },
    { title: 'elapsed', text: ({ elapsed }) => elapsedText(elapsed) },
    { title: 'file', isText: true, text: ({ file }) => file },
    { title: 'client', isText: true, text: ({ client }) => client },
    { title: 'status', isText: true, text: ({ status }) => status },
    { title: 'after', text: ({ seconds }) => `${seconds.toFixed(3)} s` },
    { title: 'call frame', text: ({ callFrame, callFile }) => frameText(callFrame, files?.[callFile]) },
    { title: 'reply frame', text: ({ frame, replyFile }) => frameText(frame, files?.[replyFile]) },
  ];
  return table('slowest', 'The slowest exchanges', columns, points);
}

export function accountTable(rows: readonly AccountRow[]): Markup {
  const columns: Column<AccountRow>[] = [
    { title: 'what', isText: true, isHead: true, text: ([label]) => label.replace(/^ +/, '– ') },
    { title: 'count', text: ([, number]) => grouped(number) },
    { title: '', isText: true, text: ([, , detail]) => detail },
  ];
  return table('account', 'What was read of the capture', columns, rows);
}
