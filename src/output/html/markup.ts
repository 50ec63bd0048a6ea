/**
 * HTML and SVG that are safe by construction: values in a template are escaped, unless they are markup.
 * Control, bidi and zero-width characters are written as \uXXXX, as in all outputs (terminal/sanitize.ts).
 */
import { sanitize } from '../../terminal/sanitize.js';

export class Markup {
  constructor(readonly text: string) {}
}

export type Content = Markup | string | number | readonly Content[];

/** The markup of a template; attributes with values must have double quotes. */
export function html(strings: TemplateStringsArray, ...values: readonly Content[]): Markup {
  let text = strings[0];
  for (const [i, value] of values.entries()) text += textOf(value) + strings[i + 1];
  return new Markup(text);
}

/** An element by its name, with a list of attributes. */
export function element(name: string, attributes: Record<string, string | number>, ...content: Content[]): Markup {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${escapeMarkup(String(value))}"`);
  return new Markup(`<${name}${written.join('')}>${textOf(content)}</${name}>`);
}

/** JSON for a script element: nothing in it can end the element, or is a line break only to JavaScript. */
export function jsonMarkup(value: unknown): Markup {
  const text = sanitize(JSON.stringify(value)).replace(/[<>&]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
  return new Markup(text);
}

function textOf(content: Content): string {
  if (content instanceof Markup) return content.text;
  if (typeof content === 'number') return String(content);
  return typeof content === 'string' ? escapeMarkup(content) : content.map(textOf).join('');
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escapeMarkup(text: string): string {
  return sanitize(text).replace(/[&<>"']/g, (character) => ENTITIES[character]);
}
