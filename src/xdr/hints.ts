/**
 * Parses hint comments by the grammar of dissectors/README.md: directives separated by `;`, each a word and its
 * arguments, which are words or strings in double quotes (with `\"` and `\\`). What the directives mean is not known
 * here. A malformed comment gives a warning and no directive at all.
 */
import type { Diagnostics } from './diagnostics.js';
import type { Hint, HintArgument, Source, Span } from './model.js';

/** The directives of the comment at `comment`, whose text opens with `/*@`. */
export function parseHints(comment: Span, diagnostics: Diagnostics): Hint[] {
  const reader = new HintReader(comment);
  const hints = reader.directives();
  if (typeof hints !== 'string') return hints;
  diagnostics.report('bad-hint', comment, { reason: hints });
  return [];
}

class HintReader {
  private readonly source: Source;
  private readonly text: string;
  private readonly end: number;
  private position: number;

  constructor(comment: Span) {
    this.source = comment.source;
    this.text = comment.source.text;
    this.position = comment.start + '/*@'.length;
    this.end = comment.end - '*/'.length;
  }

  /** The directives, or why there are none. */
  directives(): Hint[] | string {
    const hints: Hint[] = [];
    for (;;) {
      const parts = this.arguments();
      if (typeof parts === 'string') return parts;
      const [head, ...rest] = parts;
      if (head?.kind === 'string') return 'a directive opens with a word, not with a string';
      if (head)
        hints.push({ name: head.text, arguments: rest, span: this.span(head.span.start, parts.at(-1)!.span.end) });
      if (this.position >= this.end) return hints.length > 0 ? hints : 'it holds no directive';
      this.position++;
    }
  }

  /** Everything up to the next `;` or the end. */
  private arguments(): HintArgument[] | string {
    const parts: HintArgument[] = [];
    for (;;) {
      this.skipBlank();
      if (this.position >= this.end || this.text[this.position] === ';') return parts;
      const part = this.text[this.position] === '"' ? this.string() : this.word();
      if (!part) return 'a string is not closed';
      parts.push(part);
    }
  }

  private word(): HintArgument {
    const start = this.position;
    while (this.position < this.end && !isWordEnd(this.text.charCodeAt(this.position))) this.position++;
    return { kind: 'word', text: this.text.slice(start, this.position), span: this.span(start, this.position) };
  }

  private string(): HintArgument | null {
    const start = this.position++;
    const pieces: string[] = [];
    while (this.position < this.end) {
      const character = this.text[this.position++];
      if (character === '"') return { kind: 'string', text: pieces.join(''), span: this.span(start, this.position) };
      const escaped = character === '\\' && '"\\'.includes(this.text[this.position]);
      pieces.push(escaped ? this.text[this.position++] : character);
    }
    return null;
  }

  /** Skips blanks, and the star that opens a further line of the comment. */
  private skipBlank(): void {
    let lineStart = false;
    for (; this.position < this.end; this.position++) {
      const code = this.text.charCodeAt(this.position);
      if (code === 0x0a) lineStart = true;
      else if (code === 0x2a && lineStart) lineStart = false;
      else if (!isBlank(code)) return;
    }
  }

  private span(start: number, end: number): Span {
    return { source: this.source, start, end };
  }
}

function isBlank(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d);
}

/** Blank, `;` or `"`. */
function isWordEnd(code: number): boolean {
  return isBlank(code) || code === 0x3b || code === 0x22;
}

/** The first word of the last hint of a name: where there are several, the last one counts. */
export function lastWord(hints: readonly Hint[], name: string): string | undefined {
  return hints.findLast((hint) => hint.name === name)?.arguments[0]?.text;
}
