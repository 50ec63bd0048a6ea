/**
 * Parses declarations and types (RFC 4506 §6.3), with what rpcgen and other compilers allow beyond the RFC:
 * `unsigned long`, nested definitions with a name, `struct` before the name of a type, `string` without `<>`. A keyword
 * is one only where the grammar expects it; elsewhere it may be a name. Nesting beyond MAX_DEPTH is refused, because no
 * value so deep could be decoded.
 */
import { MAX_DEPTH } from '../limits/xdr.js';
import { afterSpan, describeToken, ExpressionParser, SyntaxFailure } from './expression-parser.js';
import { parseHints } from './hints.js';
import type { Hint } from './model.js';
import {
  type ArmSyntax,
  type Declaration,
  type EnumMemberSyntax,
  type Expression,
  type Specifier,
  spanOf,
  type Token,
  type TypePrefix,
  type TypeSyntax,
  type UnionSyntax,
} from './syntax.js';

const integerWords = new Set(['unsigned', 'signed', 'int', 'hyper', 'long', 'short', 'char']);
const otherNumbers = new Set(['float', 'double', 'quadruple']);
const notTypes = new Set(['case', 'default', 'switch', 'const', 'typedef']);

/** Parses types. Types with a name, and all enums, are collected in the public lists, wherever they are defined. */
export class DeclarationParser extends ExpressionParser {
  readonly enums: EnumMemberSyntax[][] = [];
  readonly types: TypeSyntax[] = [];
  protected depth = 0;
  /** Index of the token before which a semicolon was missing: an error there was already reported. */
  protected missedSemicolon = -1;

  /** A type, a name and what is written around it; `isNamed` where the name must be there. */
  protected declaration(isNamed: boolean): Declaration {
    const first = this.token;
    const hints = this.takeHints(first);
    const specifier = this.specifier();
    if (specifier.kind === 'void') this.fail('void-not-allowed', first);
    const pointer = this.accept('*');
    const early = isNamed ? null : this.suffix();
    const name = this.declaredName(isNamed);
    const suffix = early ?? this.suffix();
    if (suffix && this.at('[')) this.fail('two-dimensions', this.token);
    return { specifier, pointer, suffix, name: name?.text ?? null, hints, span: spanOf(name ?? specifier.span) };
  }

  private declaredName(isNamed: boolean): Token | null {
    if (this.token.kind === 'word') return this.advance();
    if (isNamed) this.fail('missing-name', this.token, { found: describeToken(this.token) });
    return null;
  }

  protected suffix(): Declaration['suffix'] {
    if (this.accept('[')) {
      const bound = this.expression();
      this.expect(']');
      return { kind: 'fixed', bound };
    }
    if (!this.accept('<')) return null;
    const bound = this.at('>') ? null : this.boundExpression();
    this.expect('>');
    return { kind: 'variable', bound };
  }

  protected specifier(): Specifier {
    const token = this.expectWord('a type');
    const { text } = token;
    if (text === 'void' || text === 'string' || text === 'opaque') return { kind: text, span: spanOf(token) };
    if (integerWords.has(text)) return this.integer(token);
    if (otherNumbers.has(text)) return { kind: 'number', spelling: text, span: spanOf(token) };
    if (isPrefix(text)) return this.nest(() => this.prefixed(token, text));
    if (notTypes.has(text)) this.fail('keyword-as-type', token, { name: text });
    return this.namedType(token);
  }

  /** Reads all words of an integer type of C: `unsigned long long int`. */
  private integer(first: Token): Specifier {
    const words = [first.text];
    while (this.token.kind === 'word' && integerWords.has(this.token.text)) words.push(this.advance().text);
    return { kind: 'number', spelling: words.join(' '), span: spanOf(first, this.previous) };
  }

  private namedType(first: Token): Specifier {
    let token = first;
    while (this.accept('::')) token = this.expectWord('the name of a type');
    return { kind: 'named', name: token.text, span: spanOf(token) };
  }

  private nest<T>(step: () => T): T {
    if (++this.depth > MAX_DEPTH) this.fail('too-deep', this.token, { limit: MAX_DEPTH });
    const result = step();
    this.depth--;
    return result;
  }

  /** After `struct`, `enum` or `union`: a definition, which may have a name, or the use of a type by its name. */
  private prefixed(keyword: Token, prefix: TypePrefix): Specifier {
    const name = this.isUnionBody(prefix) || this.token.kind !== 'word' ? null : this.advance();
    if (name && !this.at('{') && !this.isUnionBody(prefix)) return this.namedType(name);
    const specifier = this.body(keyword, prefix);
    return name ? this.hoist(name, specifier) : specifier;
  }

  private isUnionBody(prefix: TypePrefix): boolean {
    return prefix === 'union' && this.at('switch') && this.tokens[this.index + 1].text === '(';
  }

  private body(keyword: Token, prefix: TypePrefix): Specifier {
    if (prefix === 'enum') return { kind: 'enum', members: this.enumMembers(), span: spanOf(keyword) };
    if (prefix === 'struct') return { kind: 'struct', fields: this.structFields(), span: spanOf(keyword) };
    return this.union(keyword);
  }

  /** Makes a definition inside a declaration known everywhere, as in C. */
  private hoist(name: Token, specifier: Specifier): Specifier {
    const span = spanOf(name);
    const declaration = { specifier, pointer: false, suffix: null, name: name.text, hints: [], span };
    this.types.push({ name: name.text, declaration, hints: [], span });
    return { kind: 'named', name: name.text, span };
  }

  private enumMembers(): EnumMemberSyntax[] {
    const members: EnumMemberSyntax[] = [];
    const open = this.expect('{');
    while (!this.isClosing()) {
      members.push(this.enumMember());
      if (!this.accept(',') && !this.at('}')) this.failExpected("',' or '}'");
    }
    if (members.length === 0) this.diagnostics.report('empty-enum', open);
    this.advance();
    this.enums.push(members);
    return members;
  }

  private enumMember(): EnumMemberSyntax {
    const hints = this.takeHints(this.token);
    const name = this.expectWord('the name of an enum member');
    const value = this.accept('=') ? this.expression() : null;
    return { name: name.text, value, hints, span: spanOf(name) };
  }

  private structFields(): Declaration[] {
    const fields: Declaration[] = [];
    this.expect('{');
    while (!this.isClosing()) {
      if (this.accept(';')) continue;
      fields.push(this.declaration(true));
      this.semicolon();
    }
    this.advance();
    return fields;
  }

  private union(keyword: Token): UnionSyntax {
    this.expect('switch');
    this.expect('(');
    const discriminant = this.declaration(true);
    this.expect(')');
    const open = this.expect('{');
    const arms: ArmSyntax[] = [];
    while (!this.isClosing()) if (!this.accept(';')) arms.push(this.arm());
    this.advance();
    if (arms.length === 0) this.diagnostics.report('empty-union', open);
    this.checkDefaults(arms);
    return { kind: 'union', discriminant, arms, span: spanOf(keyword) };
  }

  private checkDefaults(arms: ArmSyntax[]): void {
    const [, second] = arms.filter((arm) => arm.isDefault);
    if (second) this.diagnostics.report('two-defaults', second.span);
  }

  /** One or more labels and their declaration; hints before a label are the declaration's. */
  private arm(): ArmSyntax {
    const first = this.token;
    const labels: Expression[] = [];
    let hints: Hint[] = [];
    let isDefault = false;
    while (this.at('case') || (this.at('default') && this.tokens[this.index + 1].text === ':')) {
      hints = hints.concat(this.takeHints(this.token));
      if (this.advance().text === 'default') isDefault = true;
      else labels.push(this.expression());
      this.expect(':');
    }
    if (this.token === first) this.failExpected("'case', 'default' or '}'");
    const span = spanOf(first, this.previous);
    return { labels, isDefault, declaration: this.armDeclaration(hints), span };
  }

  private armDeclaration(hints: Hint[]): Declaration | null {
    const first = this.token;
    const isVoid = this.at('void') && this.tokens[this.index + 1].kind !== 'word';
    const declaration = isVoid ? null : this.declaration(true);
    if (declaration) declaration.hints = [...hints, ...declaration.hints];
    else {
      for (const { span } of [...hints, ...this.takeHints(first)]) this.diagnostics.report('unattached-hint', span);
      this.advance();
    }
    this.semicolon();
    return declaration;
  }

  /** At the brace that ends a block. */
  protected isClosing(): boolean {
    if (this.token.kind === 'end') this.failExpected("'}'");
    return this.at('}');
  }

  /**
   * Expects a semicolon. Where one is missing at the end of a
   * line, parsing goes on; elsewhere the definition is given up.
   */
  protected semicolon(): void {
    if (this.accept(';')) return;
    const token = this.token;
    if (token.kind === 'bad') throw new SyntaxFailure();
    this.diagnostics.report('missing-semicolon', afterSpan(this.previous));
    this.missedSemicolon = this.index;
    if (!token.firstOnLine && token.kind !== 'end' && token.text !== '}') throw new SyntaxFailure();
  }

  protected takeHints(token: Token): Hint[] {
    if (!token.hintComments) return [];
    const hints = token.hintComments.flatMap((comment) => parseHints(comment, this.diagnostics));
    token.hintComments = null;
    return hints;
  }
}

/** Whether a word may stand before the name of a type. */
export function isPrefix(word: string): word is TypePrefix {
  return word === 'struct' || word === 'enum' || word === 'union';
}
