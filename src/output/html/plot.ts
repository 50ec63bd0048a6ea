/**
 * The common parts of plots: a drawing with a title and a description
 * for those who cannot see it, axes with round values, and a legend.
 */
import { element, html, type Markup } from './markup.js';
import type { Scale } from './scale.js';

/** Width of the drawing in its own units; the page scales it. */
const WIDTH = 960;

/** The area of the data. */
export interface Frame {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

export interface Plot {
  id: string;
  title: string;
  /** What the plot shows, in a sentence or two. */
  description: string;
  height: number;
  frame: Frame;
  x: Scale;
  y: Scale;
  content: readonly Markup[];
}

/** Leaves room for the large labels of small screens. */
export function frameOf(height: number): Frame {
  return { left: 112, right: WIDTH - 24, top: 20, bottom: height - 44 };
}

export function plotMarkup({ id, title, description, height, frame, x, y, content }: Plot): Markup {
  return html`<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="${id}-title ${id}-desc">
<title id="${id}-title">${title}</title><desc id="${id}-desc">${description}</desc>
<g class="axis" aria-hidden="true">${horizontal(x, frame)}${vertical(y, frame)}</g>
${content}</svg>`;
}

function horizontal({ ticks, at }: Scale, { top, bottom }: Frame): Markup[] {
  return ticks.map(({ value, label }) => {
    const x = number(at(value));
    const text = element('text', { x, y: bottom + 28, 'text-anchor': 'middle' }, label);
    return html`${element('line', { x1: x, x2: x, y1: top, y2: bottom })}${text}`;
  });
}

function vertical({ ticks, at }: Scale, { left, right }: Frame): Markup[] {
  return ticks.map(({ value, label }) => {
    const y = number(at(value));
    const text = element('text', { x: left - 10, y: y + 5, 'text-anchor': 'end' }, label);
    return html`${element('line', { x1: left, x2: right, y1: y, y2: y })}${text}`;
  });
}

/** The legend of the classes `s0`, `s1` …, in this order. */
export function legend(names: readonly string[]): Markup {
  return html`<ul class="legend">${names.map((name, i) => html`<li><span class="key s${i}"></span>${name}</li>`)}</ul>`;
}

/** A coordinate, rounded to a tenth of a unit, which is less than a pixel. */
export function number(value: number): number {
  return Math.round(value * 10) / 10;
}
