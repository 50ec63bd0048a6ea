/**
 * Parses definitions (RFC 4506 §6.3, RFC 5531 §12) from tokens to the syntax tree, with what rpcgen and other compilers
 * allow beyond the RFCs: named arguments, `()`, `namespace` and `pragma`. At an error the parser gives up the
 * definition at hand and goes on at the next one.
 */
import { DeclarationParser, isPrefix } from './declaration-parser.js';
import { describeToken, SyntaxFailure } from './expression-parser.js';
import {
  type ConstantSyntax,
  type Declaration,
  type Expression,
  type ProcedureSyntax,
  type ProgramSyntax,
  type Specifier,
  spanOf,
  type Token,
  type VersionSyntax,
} from './syntax.js';

const definitionWords = new Set(['const', 'enum', 'struct', 'union', 'typedef', 'program', 'namespace', 'pragma']);

/** Parses the tokens of a file, the last of which is `end`. The public lists collect what it finds. */
export class Parser extends DeclarationParser {
  readonly constants: ConstantSyntax[] = [];
  readonly programs: ProgramSyntax[] = [];
  readonly lost = new Set<string>();
  private openNamespaces = 0;
  /** The previous definition was given up. */
  private isRecovering = false;

  /** Parses everything; reports what is wrong. */
  parse(): void {
    while (this.token.kind !== 'end' && !this.diagnostics.full) this.definitionOrSkip();
    if (this.openNamespaces > 0) this.report(() => this.failExpected("'}' to close the namespace"));
    this.reportUnattachedHints();
  }

  /** The type that all tokens together are, for the body of a macro; null where they are none. */
  parseType(): Specifier | null {
    let specifier: Specifier | null = null;
    this.report(() => {
      specifier = this.specifier();
    });
    return this.token.kind === 'end' ? specifier : null;
  }

  private definitionOrSkip(): void {
    const start = this.index;
    const depth = this.depth;
    const isParsed = this.report(() => this.definition());
    this.isRecovering = !isParsed;
    if (isParsed) return;
    this.depth = depth;
    this.skipDefinition(start);
  }

  /** Runs a step; false when it failed, which it has reported. */
  private report(step: () => void): boolean {
    try {
      step();
      return true;
    } catch (error) {
      if (error instanceof SyntaxFailure) return false;
      throw error;
    }
  }

  /** Skips to the next definition. All words of the skipped one, from its first token on, are remembered as lost. */
  private skipDefinition(start: number): void {
    let braces = 0;
    for (let index = start; this.tokens[index].kind !== 'end'; index++) {
      const token = this.tokens[index];
      const isPast = index > start && index >= this.index;
      if (isPast && this.isDefinitionStart(index, braces)) break;
      if (token.kind === 'word') this.lost.add(token.text);
      token.hintComments = null;
      if (token.text === '{') braces++;
      if (token.text === '}') braces--;
      this.index = Math.max(this.index, index + 1);
      if (isPast && braces <= 0 && token.text === ';') break;
    }
  }

  /** A keyword in the first column, or one that opens a line outside of all braces. */
  private isDefinitionStart(index: number, braces: number): boolean {
    const token = this.tokens[index];
    if (token.kind !== 'word' || !token.firstOnLine || !definitionWords.has(token.text)) return false;
    if (this.tokens[index + 1].kind !== 'word') return false;
    return braces <= 0 || token.start === 0 || token.source.text[token.start - 1] === '\n';
  }

  private definition(): void {
    const token = this.token;
    if (token.kind !== 'word') this.stray();
    else if (token.text === 'const') this.constant();
    else if (token.text === 'typedef') this.typedef();
    else if (token.text === 'program') this.program();
    else if (token.text === 'namespace') this.namespace();
    else if (token.text === 'pragma') this.pragma();
    else if (isPrefix(token.text)) this.typeDefinition();
    else this.failDefinitionExpected();
  }

  private failDefinitionExpected(): never {
    if (this.isRemains()) throw new SyntaxFailure();
    this.failExpected('a definition (const, enum, struct, union, typedef or program)');
  }

  /** True for what follows a reported error on the same line. */
  private isRemains(): boolean {
    return (this.isRecovering && !this.token.firstOnLine) || this.missedSemicolon === this.index;
  }

  /** Between definitions: extra semicolons, and the ends of namespaces. */
  private stray(): void {
    if (this.accept(';')) return;
    const closesNamespace = this.at('}') && this.openNamespaces > 0;
    if (!closesNamespace && (!this.at('}') || this.isRemains())) this.failDefinitionExpected();
    if (!closesNamespace) this.fail('stray-brace', this.token);
    this.advance();
    this.openNamespaces--;
  }

  private namespace(): void {
    this.advance();
    do this.expectWord('the name of a namespace');
    while (this.accept('::'));
    this.expect('{');
    this.openNamespaces++;
  }

  /** The Linux kernel's `pragma public NAME;`, which says nothing about the protocol. */
  private pragma(): void {
    this.advance();
    while (this.token.kind !== 'end' && !this.token.firstOnLine && !this.accept(';')) this.advance();
  }

  private constant(): void {
    this.advance();
    const name = this.expectWord('the name of a constant');
    this.expect('=');
    const value = this.expression();
    this.constants.push({ name: name.text, value, span: spanOf(name) });
    this.semicolon();
  }

  private typedef(): void {
    const hints = this.takeHints(this.advance());
    const declaration = this.declaration(true);
    const { hints: innerHints, span } = declaration;
    this.types.push({ name: declaration.name!, declaration, hints: hints.concat(innerHints), span });
    this.semicolon();
  }

  /** `struct`, `enum` or `union` at the top: a definition of that name. */
  private typeDefinition(): void {
    const hints = this.takeHints(this.token);
    const count = this.types.length;
    const opening = this.token;
    const specifier = this.specifier();
    const defined = this.types.at(-1);
    const isDefinition = this.types.length > count && specifier.kind === 'named' && defined?.name === specifier.name;
    if (!isDefinition) this.failDefinition(opening, specifier);
    defined!.hints = hints;
    this.semicolon();
  }

  private failDefinition(opening: Token, specifier: Specifier): never {
    if (specifier.kind === 'named') this.failExpected(opening.text === 'union' ? "'switch'" : "'{'");
    this.fail('missing-name', this.token, { found: describeToken(this.token) });
  }

  // Programs.

  private program(): void {
    const hints = this.takeHints(this.advance());
    const name = this.expectWord('the name of a program');
    const versions = this.block(() => this.version());
    this.programs.push({ name: name.text, hints, span: spanOf(name), versions, number: this.assignedNumber() });
  }

  private version(): VersionSyntax {
    const hints = this.takeHints(this.token);
    this.expect('version');
    const name = this.expectWord('the name of a version');
    const procedures = this.block(() => this.procedure());
    return { name: name.text, hints, span: spanOf(name), procedures, number: this.assignedNumber() };
  }

  private procedure(): ProcedureSyntax {
    const hints = this.takeHints(this.token);
    const result = this.result();
    const name = this.expectWord('the name of a procedure');
    result.suffix ??= this.suffix();
    const parameters = this.parameters();
    return { name: name.text, hints, span: spanOf(name), arguments: parameters, result, number: this.assignedNumber() };
  }

  /** The type that a procedure returns. The name behind it is the procedure's, and is not read here. */
  private result(): Declaration {
    const specifier = this.specifier();
    const pointer = this.accept('*');
    const suffix = this.suffix();
    if (specifier.kind === 'void' && (pointer || suffix)) this.fail('void-not-allowed', this.previous);
    return { specifier, pointer, suffix, name: null, hints: [], span: spanOf(specifier.span) };
  }

  private parameters(): Declaration[] {
    this.expect('(');
    if (this.accept(')')) return [];
    if (this.at('void') && this.tokens[this.index + 1].text === ')') {
      this.index += 2;
      return [];
    }
    const parameters: Declaration[] = [];
    do parameters.push(this.declaration(false));
    while (this.accept(','));
    if (!this.accept(')')) this.failExpected("',' or ')'");
    return parameters;
  }

  private block<T>(item: () => T): T[] {
    const items: T[] = [];
    this.expect('{');
    while (!this.isClosing()) if (!this.accept(';')) items.push(item());
    this.advance();
    return items;
  }

  /** `= NUMBER;` behind a program, version or procedure. */
  private assignedNumber(): Expression {
    this.expect('=');
    const value = this.expression();
    this.semicolon();
    return value;
  }

  private reportUnattachedHints(): void {
    for (const { hintComments } of this.tokens) {
      for (const span of hintComments ?? []) this.diagnostics.report('unattached-hint', span);
    }
  }
}
