/**
 * Parses constant expressions. RFC 4506 §6.2 has only numbers and names; real files also write `(1 << 3)`, `A + 1` and
 * `A|B`, and `#if` needs comparisons. Precedence is C's. Inside `<…>` a bare `>` ends the expression. Refuses more than
 * MAX_OPERATORS operators and parentheses in one expression, which bounds the depth of the tree.
 */
import type { DiagnosticCode, Diagnostics } from './diagnostics.js';
import type { Source } from './model.js';
import { type Expression, spanOf, type Token } from './syntax.js';

const MAX_OPERATORS = 200;
/** A number longer than this cannot be written in 64 bits, whatever its radix. */
const MAX_DIGITS = 80;

const precedences = new Map([
  ['||', 1],
  ['&&', 2],
  ['|', 3],
  ['^', 4],
  ['&', 5],
  ['==', 6],
  ['!=', 6],
  ['<', 7],
  ['>', 7],
  ['<=', 7],
  ['>=', 7],
  ['<<', 8],
  ['>>', 8],
  ['+', 9],
  ['-', 9],
  ['*', 10],
  ['/', 10],
  ['%', 10],
]);

const escapes: Record<string, number> = { n: 10, t: 9, r: 13, b: 8, f: 12, v: 11, a: 7, '0': 0 };

/** Thrown after a syntax error was reported; caught where parsing can go on. */
export class SyntaxFailure extends Error {}

/** A position in a list of tokens, the last of which is `end`, with the basic steps of parsing. */
class TokenReader {
  protected index = 0;

  constructor(
    protected readonly tokens: Token[],
    protected readonly diagnostics: Diagnostics,
  ) {}

  protected get token(): Token {
    return this.tokens[this.index];
  }

  protected get previous(): Token {
    return this.tokens[Math.max(0, this.index - 1)];
  }

  protected advance(): Token {
    const token = this.tokens[this.index];
    if (token.kind !== 'end') this.index++;
    return token;
  }

  protected at(text: string): boolean {
    const token = this.tokens[this.index];
    return token.text === text && (token.kind === 'punctuation' || token.kind === 'word');
  }

  protected accept(text: string): boolean {
    if (!this.at(text)) return false;
    this.index++;
    return true;
  }

  protected expect(text: string): Token {
    return this.at(text) ? this.advance() : this.failExpected(`'${text}'`);
  }

  protected expectWord(wanted: string): Token {
    return this.token.kind === 'word' ? this.advance() : this.failExpected(wanted);
  }

  protected failExpected(wanted: string): never {
    this.fail('expected', this.token, { wanted, found: describeToken(this.token) });
  }

  /** Reports, unless the token itself was reported already, and gives up what is being parsed. */
  protected fail(code: DiagnosticCode, at: Token, values: Record<string, string | number> = {}): never {
    if (at.kind === 'end') this.diagnostics.report(code, afterSpan(this.previous), values);
    else if (at.kind !== 'bad') this.diagnostics.report(code, at, values);
    throw new SyntaxFailure();
  }
}

/** Parses expressions from where the reader stands. */
export class ExpressionParser extends TokenReader {
  private operators = 0;
  private insideAngles = false;

  protected expression(): Expression {
    this.operators = 0;
    this.insideAngles = false;
    return this.binary(0);
  }

  /** An expression that the next bare `>` ends. */
  protected boundExpression(): Expression {
    this.operators = 0;
    this.insideAngles = true;
    return this.binary(0);
  }

  private binary(above: number): Expression {
    let left = this.unary();
    for (;;) {
      const precedence = this.binaryPrecedence();
      if (precedence <= above) return left;
      const operator = this.advance().text;
      this.countOperator();
      const right = this.binary(precedence);
      left = { kind: 'binary', operator, left, right, span: spanOf(left.span, right.span) };
    }
  }

  /** 0 when no binary operator follows. */
  private binaryPrecedence(): number {
    const { kind, text } = this.token;
    if (kind !== 'punctuation' || (this.insideAngles && text.startsWith('>'))) return 0;
    return precedences.get(text) ?? 0;
  }

  private unary(): Expression {
    const token = this.token;
    if (token.kind !== 'punctuation' || !'-+~!'.includes(token.text)) return this.primary();
    this.advance();
    this.countOperator();
    const operand = this.unary();
    return { kind: 'unary', operator: token.text, operand, span: spanOf(token, operand.span) };
  }

  private primary(): Expression {
    const token = this.token;
    if (token.kind === 'number') return this.number(this.advance());
    if (token.kind === 'character') return this.character(this.advance());
    if (token.kind === 'word') return this.name();
    if (token.kind === 'string') {
      this.advance();
      return { kind: 'text', text: token.text.slice(1, -1), span: spanOf(token) };
    }
    return token.text === '(' ? this.parenthesized() : this.failExpected('a number or the name of a constant');
  }

  /** The qualifiers of Stellar's `a::b` are dropped, as its namespaces are. */
  private name(): Expression {
    let token = this.advance();
    while (this.accept('::')) token = this.expectWord('a name');
    return { kind: 'name', name: token.text, span: spanOf(token) };
  }

  private parenthesized(): Expression {
    const outside = this.insideAngles;
    this.insideAngles = false;
    this.expect('(');
    this.countOperator();
    const inner = this.binary(0);
    this.expect(')');
    this.insideAngles = outside;
    return inner;
  }

  private number(token: Token): Expression {
    const value = readNumber(token.text);
    if (token.text.length > MAX_DIGITS) this.diagnostics.report('constant-overflow', token);
    else if (value === null) this.diagnostics.report('bad-number', token, { text: token.text });
    return { kind: 'number', value: value ?? 0n, span: spanOf(token) };
  }

  private character(token: Token): Expression {
    const inner = token.text.slice(1, -1);
    const code = inner.startsWith('\\') ? (escapes[inner[1]] ?? inner.charCodeAt(1)) : inner.charCodeAt(0);
    const complete = inner.length === (inner.startsWith('\\') ? 2 : 1) && code < 256;
    if (!complete) this.diagnostics.report('bad-number', token, { text: inner.slice(0, 40) });
    return { kind: 'number', value: BigInt(complete ? code : 0), span: spanOf(token) };
  }

  private countOperator(): void {
    if (++this.operators > MAX_OPERATORS) this.fail('too-deep', this.token, { limit: MAX_OPERATORS });
  }
}

/** The value of a literal, or null: decimal, 0x, 0b or octal, with `'` and `_` between digits and U and L behind them. */
function readNumber(text: string): bigint | null {
  if (text.length > MAX_DIGITS) return null;
  const digits = text.replace(/['_]/g, '').replace(/[uUlL]+$/, '');
  if (/^(0[xX][0-9a-fA-F]+|0[bB][01]+|0|[1-9][0-9]*)$/.test(digits)) return BigInt(digits);
  return /^0[0-7]+$/.test(digits) ? BigInt(`0o${digits.slice(1)}`) : null;
}

/** A token as messages name it. */
export function describeToken(token: Token): string {
  if (token.kind === 'end') return 'the end of the file';
  return token.text.length > 40 ? `'${token.text.slice(0, 40)}…'` : `'${token.text}'`;
}

/** The place right after a token. */
export function afterSpan(token: Token): { source: Source; start: number; end: number } {
  return { source: token.source, start: token.end, end: token.end };
}

class WholeExpression extends ExpressionParser {
  parse(): Expression | null {
    try {
      const expression = this.expression();
      return this.token.kind === 'end' ? expression : null;
    } catch (error) {
      if (error instanceof SyntaxFailure) return null;
      throw error;
    }
  }
}

/** The expression that all of `tokens` make, or null; `tokens` ends with `end`. */
export function parseExpression(tokens: Token[], diagnostics: Diagnostics): Expression | null {
  return new WholeExpression(tokens, diagnostics).parse();
}
