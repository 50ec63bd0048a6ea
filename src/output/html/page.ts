/**
 * A report of a capture as one self-contained page: it opens from disk, loads nothing
 * over the network and runs no script (its policy forbids both). Plots are SVG, and
 * all numbers are in tables; the rows of the first table are included as JSON too.
 */
import type { Account } from '../../analysis/account.js';
import type { Report } from '../../analysis/report.js';
import { sortRows } from '../../analysis/sort-rows.js';
import type { Statistics } from '../../analysis/statistics.js';
import type { StatisticsRow } from '../../analysis/statistics-row.js';
import { sumRows } from '../../analysis/sum-rows.js';
import { MAX_REPORT_HISTOGRAMS, MAX_REPORT_ROWS, MAX_REPORT_TOP } from '../../limits/output.js';
import { grouped, nounFor, plural } from '../../xdr/plural.js';
import { accountRows } from '../account.js';
import { statsRecord } from '../stats-record.js';
import { overflowText, remarksOf } from '../stats-remarks.js';
import { elapsedText } from '../time.js';
import { histograms } from './histogram-plot.js';
import { latencyPlot } from './latency-plot.js';
import { html, jsonMarkup, Markup } from './markup.js';
import { Palette } from './palette.js';
import { ratePlot } from './rate-plot.js';
import { STYLE } from './style.js';
import { accountTable, errorsTable, proceduresTable, slowestTable, topTable } from './tables.js';

export interface PageContext {
  account: Account;
  files: readonly string[];
  /** The filter of the counted exchanges; undefined: all were counted. */
  filter: string | undefined;
}

interface Section {
  id: string;
  title: string;
  content: Markup;
}

/** Nothing is loaded, and no script runs. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

export function reportPage(report: Report, { account, files, filter }: PageContext): string {
  const rows = sortRows(report.procedures.rows, 'calls');
  const sections = sectionsOf(report, rows, account, files);
  const title = `rpcdump: ${files.join(', ')}`;
  const page = html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${new Markup(STYLE)}</style>
</head>
<body>
<header>
<h1>${files.length === 1 ? files[0] : plural(files.length, 'capture')}</h1>
<p class="soft">${introduction(report, account)}${filter === undefined ? '' : html` Only exchanges that <code>${filter}</code> selects.`}</p>
${figures(rows)}
<nav aria-label="Contents"><ul>${sections.map(({ id, title: name }) => html`<li><a href="#${id}">${name}</a></li>`)}</ul></nav>
</header>
<main>
${sections.map(sectionMarkup)}</main>
<footer><p>Written by rpcdump. Percentiles are less than 1 % off. Times go from the call to its first complete reply.</p></footer>
<script type="application/json" id="rpcdump-stats">${jsonMarkup(recordsOf(rows))}</script>
</body>
</html>
`;
  return page.text;
}

function sectionMarkup({ id, title, content }: Section): Markup {
  return html`<section id="${id}" aria-labelledby="${id}-heading"><h2 id="${id}-heading">${title}</h2>
${content}</section>
`;
}

function sectionsOf(report: Report, rows: StatisticsRow[], account: Account, files: readonly string[]): Section[] {
  const timed = rows.filter(({ elapsed }) => elapsed.count > 0);
  const palette = new Palette(rows);
  const seconds = Math.max(report.procedures.seconds, 1e-6);
  const nothing = html`<p>There is nothing to show.</p>`;
  const several = files.length > 1 ? files : null;
  return [
    {
      id: 'latency-plot',
      title: 'Response times',
      content:
        timed.length === 0 ? nothing : html`${sampleText(report)}${latencyPlot(report, palette, seconds, several)}`,
    },
    { id: 'rates', title: 'Calls a second', content: rows.length === 0 ? nothing : ratePlot(rows, palette, seconds) },
    { id: 'by-procedure', title: 'Procedures', content: html`${proceduresTable(rows)}${remarks(report.procedures)}` },
    { id: 'distributions', title: 'Distributions', content: timed.length === 0 ? nothing : distributions(timed) },
    { id: 'failures', title: 'Errors', content: errorsTable(rows) },
    { id: 'slow', title: 'Slowest', content: slowestTable(report.sample.slowest().slice(0, MAX_REPORT_TOP), several) },
    { id: 'by-file', title: 'Files', content: tops('file', 'Files with most calls', report.files) },
    { id: 'by-client', title: 'Clients', content: tops('client', 'Clients with most calls', report.clients) },
    { id: 'capture', title: 'Capture', content: accountTable(accountRows(account, files)) },
  ];
}

function introduction({ procedures: { first, seconds } }: Report, { network }: Account): string {
  if (Number.isNaN(first)) return `${plural(network.frames, 'frame')} and no call.`;
  const start = new Date(Math.floor(first * 1000)).toISOString();
  return `${elapsedText(Math.round(seconds * 1e9))} of calls from ${start}, in ${plural(network.frames, 'frame')}.`;
}

/** The most important numbers. */
function figures(rows: readonly StatisticsRow[]): Markup {
  const [total] = sumRows(rows);
  if (total === undefined) return html``;
  const { calls, replies, retransmissions, unansweredTotal, errorTotal, elapsed } = total;
  const shown: [what: string, value: string, isBad: boolean][] = [
    ['calls', grouped(calls), false],
    ['replies', grouped(replies), false],
    ['resends', grouped(retransmissions), retransmissions > 0],
    ['unanswered', grouped(unansweredTotal), unansweredTotal > 0],
    ['errors', grouped(errorTotal), errorTotal > 0],
  ];
  if (elapsed.count > 0) {
    shown.push(['median', elapsedText(elapsed.percentile(0.5)), false]);
    shown.push(['99th percentile', elapsedText(elapsed.percentile(0.99)), false]);
    shown.push(['slowest', elapsedText(elapsed.max), false]);
  }
  return html`<ul class="figures">${shown.map(([what, value, isBad]) => html`<li class="${isBad ? 'bad' : ''}"><b>${value}</b>${what}</li>`)}</ul>`;
}

function sampleText({ sample }: Report): Markup | string {
  const { sampled, count } = sample;
  if (sampled.length >= count)
    return html`<p>${nounFor(count, 'The only response time is', `All ${grouped(count)} response times are`)} drawn.</p>`;
  const slowest = sample.slowest().length;
  return html`<p>Of ${grouped(count)} response times ${grouped(sampled.length)} are drawn, chosen by chance, and all of the ${slowest} slowest. Lines and tables count them all.</p>`;
}

function distributions(rows: readonly StatisticsRow[]): Markup {
  const left = rows.length - MAX_REPORT_HISTOGRAMS;
  const rest = left > 0 ? html`<p>Without ${plural(left, 'procedure')} that have fewer calls.</p>` : '';
  return html`<p>Bars are as high as the logarithm of their count. The line is the median, the dashed line the 99th percentile.</p>${histograms(rows.slice(0, MAX_REPORT_HISTOGRAMS))}${rest}`;
}

/** The table of files or clients; calls without one are left out. */
function tops(id: 'file' | 'client', caption: string, statistics: Statistics): Markup {
  const rows = sortRows(statistics.rows, 'calls').filter(({ key }) => key.by[0] !== '');
  return rows.length === 0
    ? html`<p>No call was about a ${id}.</p>`
    : html`${topTable(id, caption, rows, MAX_REPORT_TOP)}${kept(statistics)}`;
}

/** Says how many of its rows were not kept. */
function kept({ table: { overflow } }: Statistics): Markup | string {
  return overflow.rows === 0 ? '' : html`<p>${grouped(overflow.rows)} ${overflowText(overflow)}</p>`;
}

function remarks(statistics: Statistics): Markup {
  const lines = remarksOf(statistics).map(([count, text]) => html`<li>${grouped(count)} ${text}</li>`);
  return lines.length === 0 ? html`` : html`<ul>${lines}</ul>`;
}

function recordsOf(rows: readonly StatisticsRow[]): object[] {
  return rows.slice(0, MAX_REPORT_ROWS).map((row) => statsRecord(row, { by: [], operations: false }));
}
