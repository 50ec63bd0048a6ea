/**
 * HTML and SVG as text that is safe by how it is made: what is put into a template is escaped, unless it is markup itself. Control, bidi
 * and zero-width characters are written as \uXXXX, as everywhere (DESIGN §7).
 */
import { sanitize } from '../../terminal/sanitize.js';

export class Markup {
  constructor(readonly text: string) {}
}

export type Content = Markup | string | number | readonly Content[];

/** Markup of a template; attributes that get values must stand in double quotes. */
export function html(strings: TemplateStringsArray, ...values: readonly Content[]): Markup {
  let text = strings[0];
  for (const [i, value] of values.entries()) text += textOf(value) + strings[i + 1];
  return new Markup(text);
}

/** Markup by name, for what is a list of attributes. */
export function element(name: string, attributes: Record<string, string | number>, ...content: Content[]): Markup {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${escapeMarkup(String(value))}"`);
  return new Markup(`<${name}${written.join('')}>${textOf(content)}</${name}>`);
}

/** JSON within a script element: nothing in it can end the element, or is a line end to JavaScript alone. */
export function jsonMarkup(value: unknown): Markup {
  const text = JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, (character) => {
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
