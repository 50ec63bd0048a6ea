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
  // The capture ends within its last part. Less than a quarter of a part belongs to the part before: its rate would
  // make a peak of a single call.
  const parts = Math.max(1, Math.round(seconds / width + 0.25));
  const endOf = (part: number) => (part < parts - 1 ? (part + 1) * width : seconds);
  const lengthOf = (part: number) => Math.max(width / 4, endOf(part) - part * width);
  const countsOf = (activity: Activity) => {
    const counts = new Array<number>(parts).fill(0);
    for (const [part, count] of activity.inParts(width).entries()) counts[Math.min(part, parts - 1)] += count;
    return counts;
  };
  const layers = palette.names.map(() => new Activity());
  for (const row of rows) layers[palette.of(row)].merge(row.activity);
  const totals = countsOf(all).map((count, part) => count / lengthOf(part));
  const frame = frameOf(HEIGHT);
  const x = timeScale(seconds, frame.left, frame.right);
  const highest = Math.max(...totals);
  const y = countScale(highest, frame.bottom, frame.top);
  const base = totals.map(() => 0);
  const content = layers.map((layer, i) => {
    const bars = countsOf(layer).map((count, part) => {
      if (count === 0) return '';
      const [from, to] = [base[part], base[part] + count / lengthOf(part)];
      base[part] = to;
      const [left, right] = [x.at(part * width), x.at(endOf(part))];
      return `M${number(left)} ${number(y.at(from))}V${number(y.at(to))}H${number(right)}V${number(y.at(from))}z`;
    });
    return html`<path class="bars s${i}" d="${bars.join('')}"/>`;
  });
  const length = elapsedText(width * 1e9);
  const plot = plotMarkup({
    id: 'rate',
    title: 'Calls a second by procedure',
    description: `Bars of ${length} each, the highest of ${Number(highest.toPrecision(3))} calls a second.`,
    height: HEIGHT,
    frame,
    x,
    y,
    content,
  });
  return html`<p>In parts of ${length}.</p>${plot}${legend(palette.names)}`;
}
