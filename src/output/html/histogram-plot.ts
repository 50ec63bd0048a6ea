/**
 * The distribution of response times of each procedure: a bar for each power of two, whose height is the logarithm of
 * its count, with the median and the 99th percentile. All procedures have the same axis, so that they can be compared.
 */
import type { StatisticsRow } from '../../analysis/statistics-row.js';
import { grouped } from '../../xdr/plural.js';
import { nameOf } from '../stats-columns.js';
import { elapsedText } from '../time.js';
import { html, type Markup } from './markup.js';
import { number } from './plot.js';
import { elapsedScale, type Scale } from './scale.js';

const WIDTH = 320;
const HEIGHT = 150;
const BOTTOM = HEIGHT - 26;
const TOP = 22;

/** @param rows Procedures with response times. */
export function histograms(rows: readonly StatisticsRow[]): Markup {
  const least = Math.max(1, Math.min(...rows.map(({ elapsed }) => elapsed.min)));
  const most = Math.max(...rows.map(({ elapsed }) => elapsed.max));
  const x = elapsedScale(least, most, 8, WIDTH - 8);
  return html`<div class="cards">${rows.map((row, i) => card(row, `h${i}`, x))}</div>`;
}

function card(row: StatisticsRow, id: string, x: Scale): Markup {
  const { elapsed } = row;
  const octaves = elapsed.octaves();
  const highest = Math.max(...octaves.map(([, count]) => count));
  const [p50, p99] = [elapsed.percentile(0.5), elapsed.percentile(0.99)];
  const bars = octaves.map(([from, count]) => {
    const height = Math.max(2, (Math.log2(1 + count) / Math.log2(1 + highest)) * (BOTTOM - TOP));
    const [left, right] = [x.at(from), x.at(2 * from)];
    const text = `${elapsedText(from)} to ${elapsedText(2 * from)}: ${grouped(count)}`;
    return html`<rect x="${number(left)}" y="${number(BOTTOM - height)}" width="${number(Math.max(1, right - left - 1))}" height="${number(height)}"><title>${text}</title></rect>`;
  });
  const mark = (value: number, name: string) =>
    html`<line class="${name}" x1="${number(x.at(value))}" x2="${number(x.at(value))}" y1="${TOP - 6}" y2="${BOTTOM}"/>`;
  const numbers = `median ${elapsedText(p50)}, 99th percentile ${elapsedText(p99)}, greatest ${elapsedText(elapsed.max)}`;
  return html`<figure><figcaption><b>${nameOf(row)}</b> ${numbers}</figcaption>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="${id}-title ${id}-desc">
<title id="${id}-title">Response times of ${nameOf(row)}</title>
<desc id="${id}-desc">${octaves.map(([from, count]) => `from ${elapsedText(from)}: ${count}`).join('; ')}</desc>
<g class="axis" aria-hidden="true">${labels(x)}</g><g class="histogram">${bars}</g>${mark(p50, 'p50')}${mark(p99, 'p99')}</svg></figure>`;
}

/** At most as many labels as there is room for. */
function labels({ ticks, at }: Scale): Markup[] {
  const step = Math.ceil(ticks.length / 5);
  return ticks.map(({ value, label }, i) => {
    const x = number(at(value));
    const anchor = i === 0 ? 'start' : i === ticks.length - 1 ? 'end' : 'middle';
    const text = i % step === 0 ? html`<text x="${x}" y="${HEIGHT - 6}" text-anchor="${anchor}">${label}</text>` : [];
    return html`<line x1="${x}" x2="${x}" y1="${TOP}" y2="${BOTTOM}"/>${text}`;
  });
}
