/**
 * Turns the text of a `.x` file into tokens (RFC 4506 §6.1, §6.2). Beyond the RFC it takes what real files contain:
 * `//` comments, `%` lines (text for the generated C, skipped), digit separators and character constants. A character
 * outside the language becomes a `bad` token and one diagnostic. The scanner does not follow directives: a `#` that
 * opens a line is a token, and the preprocessor reads on from there.
 */
import type { Diagnostics } from './diagnostics.js';
import type { Source, Span } from './model.js';
import type { Token, TokenKind } from './syntax.js';

const NEWLINE = 0x0a;
const QUOTE = 0x22;
const HASH = 0x23;
const PERCENT = 0x25;
const APOSTROPHE = 0x27;
const STAR = 0x2a;
const SLASH = 0x2f;
const AT = 0x40;
const BACKSLASH = 0x5c;
const UNDERSCORE = 0x5f;

/** Classes of characters; any other character is BAD. */
const BLANK = 1;
const LETTER = 2;
const DIGIT = 3;
const PUNCTUATION = 4;
const BAD = 0;

const classes = buildClasses();
const pairs = new Set(['<<', '>>', '==', '!=', '<=', '>=', '&&', '||', '::']);

/** Reads one source. */
export class Scanner {
  /**
   * The `%#` lines skipped so far, without the `%`. They are directives
   * for the C compiler, and may define a name that the `.x` uses.
   */
  readonly escapedDirectives: Span[] = [];
  private readonly text: string;
  private position: number;
  private lineStart = true;
  private hintComments: Span[] | null = null;
  private isCommentOpen = false;

  constructor(
    readonly source: Source,
    private readonly diagnostics: Diagnostics,
  ) {
    this.text = source.text;
    this.position = this.text.charCodeAt(0) === 0xfeff ? 1 : 0;
  }

  /** The next token. At the end of the text it is `end`, however often `next` is called. */
  next(): Token {
    this.skipBlank();
    const start = this.position;
    if (start >= this.text.length) return this.endToken(start);
    const code = this.text.charCodeAt(start);
    switch (classOf(code)) {
      case LETTER:
        return this.word(start);
      case DIGIT:
        return this.number(start);
      case PUNCTUATION:
        return this.punctuation(start, code);
      default:
        return this.bad(start);
    }
  }

  /** The next token if it is on the same line as the previous one, else null. */
  nextOnLine(): Token | null {
    this.skipBlank();
    return this.lineStart || this.position >= this.text.length ? null : this.next();
  }

  /** Reads the word behind a directive's `#` or name; '' where there is none. */
  directiveWord(): string {
    while (this.position < this.text.length && isSpace(this.text.charCodeAt(this.position))) this.position++;
    const start = this.position;
    this.position = this.endOfWord(start);
    return this.text.slice(start, this.position);
  }

  /** Skips to the end of the line. A block comment, or a backslash before the newline, extends the line. */
  skipLine(): void {
    if (this.lineStart) return;
    while (this.position < this.text.length) {
      const code = this.text.charCodeAt(this.position);
      if (code === NEWLINE) return;
      if (code === BACKSLASH) this.position = this.afterLineEnd(this.position + 1) ?? this.position + 1;
      else if (code === SLASH) this.skipSlash();
      else this.position++;
    }
  }

  /**
   * Skips to the next line that opens with `#`, and past that `#`;
   * null at the end of the text. For text that a condition leaves out.
   */
  nextDirective(): Span | null {
    for (;;) {
      this.skipLine();
      this.skipLineStarts();
      this.hintComments = null;
      this.lineStart = false;
      if (this.position >= this.text.length) return null;
      if (this.text.charCodeAt(this.position) !== HASH) continue;
      const start = this.position++;
      return this.span(start);
    }
  }

  private token(kind: TokenKind, start: number): Token {
    const { source, position: end, lineStart: firstOnLine, hintComments } = this;
    this.lineStart = false;
    this.hintComments = null;
    return { kind, text: this.text.slice(start, end), source, start, end, firstOnLine, hintComments };
  }

  /**
   * Behind an unterminated comment the token is `bad`, so that
   * no further error is reported for the text that it swallowed.
   */
  private endToken(start: number): Token {
    const kind = this.isCommentOpen ? 'bad' : 'end';
    this.isCommentOpen = false;
    return this.token(kind, start);
  }

  private word(start: number): Token {
    this.position = this.endOfWord(start + 1);
    return this.token('word', start);
  }

  /** A number includes letters: a radix, hex digits, a suffix, or a mistake, which the expression parser reports. */
  private number(start: number): Token {
    let end = this.endOfWord(start + 1);
    while (this.text.charCodeAt(end) === APOSTROPHE && isWordPart(this.text.charCodeAt(end + 1))) {
      end = this.endOfWord(end + 1);
    }
    this.position = end;
    return this.token('number', start);
  }

  private punctuation(start: number, code: number): Token {
    if (code === QUOTE) return this.quoted(start, code, 'string');
    if (code === APOSTROPHE) return this.quoted(start, code, 'character');
    if (code === HASH && !this.lineStart) return this.bad(start);
    this.position += pairs.has(this.text.slice(start, start + 2)) ? 2 : 1;
    return this.token('punctuation', start);
  }

  private quoted(start: number, quote: number, kind: TokenKind): Token {
    for (let at = start + 1; at < this.text.length; at++) {
      const code = this.text.charCodeAt(at);
      if (code === NEWLINE) break;
      if (code === BACKSLASH) at++;
      if (code !== quote) continue;
      this.position = at + 1;
      return this.token(kind, start);
    }
    this.position = this.lineEnd(start);
    this.diagnostics.report('unterminated-string', this.span(start));
    return this.token('bad', start);
  }

  /** Reports one diagnostic for a run of bad characters and the word that they are part of. */
  private bad(start: number): Token {
    let end = start + 1;
    while (end < this.text.length && isBadPart(this.text.charCodeAt(end))) end++;
    this.position = end;
    this.diagnostics.report('bad-character', this.span(start), { found: describeCharacter(this.text, start) });
    return this.token('bad', start);
  }

  /** Skips blanks, comments and `%` lines; keeps the hint comments. */
  private skipBlank(): void {
    for (; this.position < this.text.length; ) {
      const code = this.text.charCodeAt(this.position);
      if (code === NEWLINE) this.passNewline();
      else if (isSpace(code)) this.position++;
      else if (code === PERCENT && this.lineStart) this.skipPercentLine();
      else if (code === SLASH && this.isComment()) this.skipSlash();
      else if (code === BACKSLASH && this.afterLineEnd(this.position + 1) !== null) {
        this.position = this.afterLineEnd(this.position + 1)!;
      } else return;
    }
  }

  /** Like `skipBlank`, but stops at comments: in text that is left out, `skipLine` skips them. */
  private skipLineStarts(): void {
    for (; this.position < this.text.length; ) {
      const code = this.text.charCodeAt(this.position);
      if (code === NEWLINE) this.passNewline();
      else if (isSpace(code)) this.position++;
      else if (code === PERCENT && this.lineStart) this.skipPercentLine();
      else return;
    }
  }

  private passNewline(): void {
    this.position++;
    this.lineStart = true;
  }

  private skipPercentLine(): void {
    const start = this.position + 1;
    let end = this.lineEnd(start);
    while (end < this.text.length && this.isEscapedLineEnd(end)) end = this.lineEnd(end + 1);
    this.position = end;
    const at = this.firstVisible(start, end);
    if (this.text.charCodeAt(at) === HASH) this.escapedDirectives.push({ source: this.source, start: at, end });
  }

  private firstVisible(start: number, end: number): number {
    let at = start;
    while (at < end && isSpace(this.text.charCodeAt(at))) at++;
    return at;
  }

  private isComment(): boolean {
    const code = this.text.charCodeAt(this.position + 1);
    return code === SLASH || code === STAR;
  }

  /** At a slash: skips the comment that it opens, or the slash alone. */
  private skipSlash(): void {
    const code = this.text.charCodeAt(this.position + 1);
    if (code === SLASH) this.position = this.lineEnd(this.position);
    else if (code === STAR) this.skipComment();
    else this.position++;
  }

  private skipComment(): void {
    const start = this.position;
    const close = this.text.indexOf('*/', start + 2);
    this.position = close < 0 ? this.text.length : close + 2;
    if (close < 0) {
      this.isCommentOpen = true;
      this.diagnostics.report('unterminated-comment', { source: this.source, start, end: start + 2 });
    } else if (this.text.charCodeAt(start + 2) === AT) {
      this.hintComments ??= [];
      this.hintComments.push(this.span(start));
    }
  }

  private lineEnd(from: number): number {
    const at = this.text.indexOf('\n', from);
    return at < 0 ? this.text.length : at;
  }

  /** Whether the line end at `end` is escaped by a backslash. */
  private isEscapedLineEnd(end: number): boolean {
    const before = this.text[end - 1] === '\r' ? end - 2 : end - 1;
    return this.text.charCodeAt(before) === BACKSLASH;
  }

  /** The offset after the line end at `at`; null when there is none. */
  private afterLineEnd(at: number): number | null {
    const end = this.text[at] === '\r' ? at + 1 : at;
    return this.text.charCodeAt(end) === NEWLINE ? end + 1 : null;
  }

  private endOfWord(from: number): number {
    let end = from;
    while (isWordPart(this.text.charCodeAt(end))) end++;
    return end;
  }

  private span(start: number): Span {
    return { source: this.source, start, end: this.position };
  }
}

function classOf(code: number): number {
  return code < 128 ? classes[code] : BAD;
}

function isBadPart(code: number): boolean {
  return classOf(code) === BAD || isWordPart(code);
}

/** False for NaN, which `charCodeAt` gives beyond the end of the text. */
function isWordPart(code: number): boolean {
  return code < 128 && (classes[code] === LETTER || classes[code] === DIGIT);
}

/** Blank within a line. */
function isSpace(code: number): boolean {
  return code !== NEWLINE && code < 128 && classes[code] === BLANK;
}

function describeCharacter(text: string, at: number): string {
  const code = text.codePointAt(at)!;
  const name = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
  return code > 0x20 && code < 0x7f ? `'${String.fromCharCode(code)}'` : `the character ${name}`;
}

function buildClasses(): Uint8Array {
  const table = new Uint8Array(128);
  for (const character of ' \t\r\n\v\f') table[character.charCodeAt(0)] = BLANK;
  for (let code = 0x30; code <= 0x39; code++) table[code] = DIGIT;
  for (let code = 0x41; code <= 0x5a; code++) table[code] = table[code + 0x20] = LETTER;
  table[UNDERSCORE] = LETTER;
  for (const character of '{}()[]<>=;,:*+-/%|&^~!?#"\'') table[character.charCodeAt(0)] = PUNCTUATION;
  return table;
}
