/**
 * Response times over the time of the capture: a dot for each exchange of the sample, coloured by procedure;
 * circles with a description for the slowest; and lines of the median and the 99th percentile over time.
 */
import type { Report, ReportPoint } from '../../analysis/report.js';
import { frameText } from '../endpoint.js';
import { nameOf } from '../stats-columns.js';
import { elapsedText } from '../time.js';
import { html, type Markup } from './markup.js';
import type { Palette } from './palette.js';
import { frameOf, legend, number, plotMarkup } from './plot.js';
import { elapsedScale, timeScale } from './scale.js';

const HEIGHT = 400;
/** At most one exchange in this many gets a ring as one of the slowest. */
const RINGED = 20;

type Files = readonly string[] | null;

/** The place of an exchange by the time of its call in seconds and its response time in nanoseconds: `x y`. */
type Place = (at: number, elapsed: number) => string;

/**
 * @param seconds Length of the capture.
 * @param files Names of the inputs, when there are several.
 */
export function latencyPlot({ sample, series }: Report, palette: Palette, seconds: number, files: Files): Markup {
  const frame = frameOf(HEIGHT);
  const parts = series.list();
  const least = Math.max(1, Math.min(...parts.map(({ elapsed }) => elapsed.min)));
  const most = Math.max(...parts.map(({ elapsed }) => elapsed.max));
  const x = timeScale(seconds, frame.left, frame.right);
  const y = elapsedScale(least, most, frame.bottom, frame.top);
  const place: Place = (at, elapsed) => `${number(x.at(at))} ${number(y.at(elapsed))}`;
  const line = (part: number, name: string) => {
    const path = parts.map(({ from, to, elapsed }, i) => {
      return `${i === 0 ? 'M' : 'L'}${place((from + Math.min(to, seconds)) / 2, elapsed.percentile(part))}`;
    });
    return html`<path class="line ${name}" d="${path.join('')}"/>`;
  };
  const drawn = `${elapsedText(least)} to ${elapsedText(most)}`;
  const slow = sample.slowest().slice(0, Math.ceil(sample.count / RINGED));
  const plot = plotMarkup({
    id: 'latency',
    title: 'Response times over time',
    description: `Each dot is an exchange: when it was called, and after how long it was answered, from ${drawn} on a logarithmic scale. Lines are the median and the 99th percentile.`,
    height: HEIGHT,
    frame,
    x,
    y,
    content: [
      ...dots(sample.sampled, palette, place),
      ...rings(slow, palette, place, files),
      line(0.5, 'p50'),
      line(0.99, 'p99'),
    ],
  });
  const lines = html`<ul class="legend"><li><span class="rule p50"></span>median</li><li><span class="rule p99"></span>99th percentile</li><li><span class="ring"></span>one of the slowest</li></ul>`;
  return html`${plot}${legend(palette.names)}${lines}`;
}

/** A path for each colour: a line of length 0 is drawn as a dot. */
function dots(points: readonly ReportPoint[], palette: Palette, place: Place): Markup[] {
  return palette.names.flatMap((_, i) => {
    const own = points.filter(({ procedure }) => palette.of(procedure) === i);
    if (own.length === 0) return [];
    const path = own.map(({ seconds, elapsed }) => `M${place(seconds, elapsed)}h0`);
    return [html`<path class="dots s${i}" d="${path.join('')}"/>`];
  });
}

function rings(points: readonly ReportPoint[], palette: Palette, place: Place, files: Files): Markup[] {
  return points.map((point) => {
    const [cx, cy] = place(point.seconds, point.elapsed).split(' ');
    const kind = `slow s${palette.of(point.procedure)}${point.isError ? ' failed' : ''}`;
    return html`<circle class="${kind}" cx="${cx}" cy="${cy}" r="4"><title>${pointText(point, files)}</title></circle>`;
  });
}

/** `NFS v3 READ /export/a: 12.3ms, 4.500 s after the first call, NFS3ERR_IO, frames 17 and 19`. */
function pointText(point: ReportPoint, files: Files): string {
  const { procedure, file, elapsed, seconds, isError, status, callFrame, callFile, frame, replyFile } = point;
  const what = [nameOf(procedure), file].filter((text) => text !== '').join(' ');
  const failure = isError && status !== '' ? `, ${status}` : '';
  return `${what}: ${elapsedText(elapsed)}, ${seconds.toFixed(3)} s after the first call${failure}, frames ${frameText(callFrame, files?.[callFile])} and ${frameText(frame, files?.[replyFile])}`;
}
