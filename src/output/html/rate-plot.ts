/** Calls a second over the time of the capture: a stack of procedures for each part of it. */
import { Activity } from '../../analysis/activity.js';
import type { StatisticsRow } from '../../analysis/statistics-row.js';
import { elapsedText } from '../time.js';
import { html, type Markup } from './markup.js';
import type { Palette } from './palette.js';
import { frameOf, legend, number, plotMarkup } from './plot.js';
import { countScale, timeScale } from './scale.js';

const HEIGHT = 300;

export function ratePlot(rows: readonly StatisticsRow[], palette: Palette, seconds: number): Markup {
  const all = new Activity();
  for (const row of rows) all.merge(row.activity);
  const { width } = all;
  const layers = palette.names.map((): number[] => []);
  for (const row of rows) {
    const layer = layers[palette.of(row)];
    for (const [part, count] of row.activity.inParts(width).entries()) layer[part] = (layer[part] ?? 0) + (count ?? 0);
  }
  // The last part is only as long as the capture lasts in it, but at
  // least a quarter, so that a single call does not become a peak.
  const lengthOf = (part: number) => Math.max(width / 4, Math.min(width, seconds - part * width));
  const totals = all.inParts(width).map((count, part) => (count ?? 0) / lengthOf(part));
  const frame = frameOf(HEIGHT);
  const x = timeScale(seconds, frame.left, frame.right);
  const y = countScale(Math.max(...totals), frame.bottom, frame.top);
  const base = totals.map(() => 0);
  const content = layers.map((layer, i) => {
    const bars = layer.map((count, part) => {
      if (!count) return '';
      const [from, to] = [base[part], base[part] + count / lengthOf(part)];
      base[part] = to;
      const [left, right] = [x.at(part * width), x.at(Math.min(seconds, (part + 1) * width))];
      return `M${number(left)} ${number(y.at(from))}V${number(y.at(to))}H${number(right)}V${number(y.at(from))}z`;
    });
    return html`<path class="bars s${i}" d="${bars.join('')}"/>`;
  });
  const length = elapsedText(width * 1e9);
  const plot = plotMarkup({
    id: 'rate',
    title: 'Calls a second by procedure',
    description: `Bars of ${length} each, the highest of ${number(Math.max(...totals))} calls a second.`,
    height: HEIGHT,
    frame,
    x,
    y,
    content,
  });
  return html`<p>In parts of ${length}.</p>${plot}${legend(palette.names)}`;
}
