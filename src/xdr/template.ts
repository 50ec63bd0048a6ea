/**
 * Parses the summary templates of hints: literal text, `{path}`, `{path|format}`, and `[…]` for a part that is left out
 * unless all its fields are there. `dissect/summary.ts` makes lines of them.
 */

import { MAX_TEMPLATE_NESTING } from '../limits/dissect.js';

export type Piece =
  /**
   * `before`, `after`: the literal had blanks at that end. Between
   * parts they become one blank; a line has none at its ends.
   */
  | { kind: 'literal'; text: string; before: boolean; after: boolean }
  | { kind: 'field'; path: string; format: string }
  | { kind: 'group'; pieces: Piece[] };

export type Template = Piece[];

/** Parses a template. An unclosed bracket ends with the text. `error` says what is wrong, or is null. */
export function parseTemplate(text: string): { template: Template; error: string | null } {
  let at = 0;
  let depth = 0;
  let error: string | null = null;

  function pieces(closing: string): Piece[] {
    const list: Piece[] = [];
    let literal = '';
    const flush = () => {
      if (literal !== '') list.push(newLiteral(literal));
      literal = '';
    };
    while (at < text.length && text[at] !== closing) {
      const character = text[at++];
      if (character === '[' && depth === MAX_TEMPLATE_NESTING) {
        error ??= `'[' is nested deeper than ${MAX_TEMPLATE_NESTING} levels`;
      } else if (character === '[') {
        flush();
        depth++;
        list.push({ kind: 'group', pieces: pieces(']') });
        depth--;
      } else if (character === '{') {
        flush();
        list.push(field());
      } else {
        literal += character;
      }
    }
    flush();
    if (closing !== '' && at >= text.length) error ??= `missing '${closing}'`;
    at++;
    return list;
  }

  function field(): Piece {
    const end = text.indexOf('}', at);
    if (end < 0) error ??= "missing '}'";
    const inner = text.slice(at, end < 0 ? text.length : end);
    at = end < 0 ? text.length : end + 1;
    const [path, format = ''] = inner.split('|').map((part) => part.trim());
    if (path === '') error ??= 'an empty field';
    return { kind: 'field', path: path === '.' ? '' : path, format };
  }

  const template = pieces('');
  return { template, error };
}

function newLiteral(text: string): Piece {
  return { kind: 'literal', text: text.trim().replace(/\s+/g, ' '), before: /^\s/.test(text), after: /\s$/.test(text) };
}
