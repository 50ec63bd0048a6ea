/**
 * Does what rpcgen leaves to the C preprocessor: `#define`, conditions and `#include`, on the tokens of a file and of
 * those that it includes. RPC_HDR, RPC_XDR, RPC_CLNT, RPC_SVC and RPC_TBL count as not defined. Macros are not
 * expanded: a macro is kept under its name, as a constant or a type, and only the name of an empty one is dropped from
 * the text. Files come from the caller's callback, each once, at most MAX_FILES of them.
 */
import { applyBinary, applyUnary } from './arithmetic.js';
import { Diagnostics } from './diagnostics.js';
import { parseExpression } from './expression-parser.js';
import type { Source, Span } from './model.js';
import { Scanner } from './scanner.js';
import { type Expression, type Macro, spanOf, type Token } from './syntax.js';

const MAX_FILES = 256;
/** The most names that one condition looks up: macros that each use the next one twice would take for ever. */
const MAX_LOOKUPS = 1000;
/** The most tokens of a condition, or of a macro's body that is parsed as an expression. */
const MAX_EXPRESSION = 1000;

/** Returns an included file, or the reason why there is none. */
export type Include = (name: string, from: Source) => Source | string;

/** An `#include` that gave no file: an error only when names are missing. */
export interface FailedInclude {
  name: string;
  reason: string;
  span: Span;
}

export interface Preprocessed {
  tokens: Token[];
  macros: Map<string, Macro>;
  /** The names of all files read, including the first one. */
  files: Set<string>;
  failedIncludes: FailedInclude[];
  /** The `%#` lines of all files: see Scanner. */
  escapedDirectives: Span[];
}

interface Condition {
  name: string;
  span: Span;
  /** Whether one of its branches was taken. */
  taken: boolean;
}

interface OpenFile {
  scanner: Scanner;
  conditions: Condition[];
}

export function preprocess(source: Source, include: Include, diagnostics: Diagnostics): Preprocessed {
  const preprocessor = new Preprocessor(include, diagnostics);
  preprocessor.run(source);
  return preprocessor;
}

class Preprocessor implements Preprocessed {
  readonly tokens: Token[] = [];
  readonly macros = new Map<string, Macro>();
  readonly files = new Set<string>();
  readonly failedIncludes: FailedInclude[] = [];
  readonly escapedDirectives: Span[] = [];
  private readonly open: OpenFile[] = [];
  /** Hint comments before a directive belong to what comes after it. */
  private carriedHints: Span[] = [];

  constructor(
    private readonly include: Include,
    private readonly diagnostics: Diagnostics,
  ) {}

  run(source: Source): void {
    this.openFile(source);
    for (let file = this.open.at(-1); file; file = this.open.at(-1)) {
      const token = file.scanner.next();
      if (token.kind === 'end') this.closeFile(file, token);
      else if (token.text === '#') this.directive(file, token);
      else if (token.kind !== 'word' || !this.isEmptyMacro(token.text)) this.push(token);
      else this.carryHints(token);
    }
  }

  private openFile(source: Source): void {
    this.files.add(source.name);
    this.open.push({ scanner: new Scanner(source, this.diagnostics), conditions: [] });
  }

  private closeFile(file: OpenFile, end: Token): void {
    for (const { name, span } of file.conditions) this.diagnostics.report('unclosed-conditional', span, { name });
    for (const span of file.scanner.escapedDirectives) this.escapedDirectives.push(span);
    this.open.pop();
    if (this.open.length === 0) this.push(end);
  }

  private push(token: Token): void {
    if (this.carriedHints.length > 0) {
      token.hintComments = [...this.carriedHints, ...(token.hintComments ?? [])];
      this.carriedHints = [];
    }
    this.tokens.push(token);
  }

  private carryHints(token: Token): void {
    for (const comment of token.hintComments ?? []) this.carriedHints.push(comment);
  }

  private isEmptyMacro(name: string): boolean {
    return this.isDefined(name) && this.macros.get(name)!.body.length === 0;
  }

  private isDefined(name: string): boolean {
    return this.macros.get(name)?.isUndefined === false;
  }

  private directive(file: OpenFile, hash: Token): void {
    this.carryHints(hash);
    const name = file.scanner.directiveWord();
    if (name === 'define') this.define(file, hash);
    else if (name === 'undef') this.undefine(file.scanner.directiveWord());
    else if (name === 'include') this.includeFile(file, hash);
    else if (name === 'if' || name === 'ifdef' || name === 'ifndef') this.openCondition(file, name, spanOf(hash));
    else if (name === 'else' || name === 'elif') this.leaveBranch(file, name, spanOf(hash));
    else if (name === 'endif') this.closeCondition(file, spanOf(hash));
    else if (!isHarmless(name)) this.diagnostics.report('unknown-directive', hash, { name });
    if (this.open.at(-1) === file) file.scanner.skipLine();
  }

  private define(file: OpenFile, hash: Token): void {
    const name = file.scanner.nextOnLine();
    if (name?.kind !== 'word') {
      this.diagnostics.report('bad-define', name ?? hash);
      return;
    }
    const isFunction = name.source.text[name.end] === '(';
    if (isFunction) file.scanner.skipLine();
    else this.addMacro({ name: name.text, body: restOfLine(file.scanner), span: spanOf(name), isUndefined: false });
  }

  private addMacro(macro: Macro): void {
    const known = this.macros.get(macro.name);
    if (known && bodyOf(known) !== bodyOf(macro)) {
      this.diagnostics.report('macro-redefined', macro.span, { name: macro.name });
    }
    this.macros.set(macro.name, macro);
  }

  /** The macro stays known, for its uses before the `#undef`. */
  private undefine(name: string): void {
    const macro = this.macros.get(name);
    if (macro?.body.length === 0) this.macros.delete(name);
    else if (macro) this.macros.set(name, { ...macro, isUndefined: true });
  }

  private includeFile(file: OpenFile, hash: Token): void {
    const token = file.scanner.nextOnLine();
    // A header of the C library, or one of the program's own: neither is in this language.
    if (token?.text === '<' || token?.text.endsWith('.h"')) return;
    if (token?.kind !== 'string' || token.text.length === 2) {
      this.diagnostics.report('bad-include', token ?? hash);
      return;
    }
    file.scanner.skipLine();
    const name = token.text.slice(1, -1);
    const found = this.files.size < MAX_FILES ? this.include(name, token.source) : `more than ${MAX_FILES} files`;
    if (typeof found === 'string') this.failedIncludes.push({ name, reason: found, span: spanOf(token) });
    else if (!this.files.has(found.name)) this.openFile(found);
  }

  private openCondition(file: OpenFile, name: string, span: Span): void {
    const taken = this.holds(file.scanner, name);
    file.conditions.push({ name, span, taken });
    if (!taken) this.skipBranches(file);
  }

  /** At the `#else` or `#elif` that ends a branch just read. */
  private leaveBranch(file: OpenFile, name: string, span: Span): void {
    if (file.conditions.length === 0) this.diagnostics.report('stray-directive', span, { name });
    else this.skipBranches(file);
  }

  private closeCondition(file: OpenFile, span: Span): void {
    if (!file.conditions.pop()) this.diagnostics.report('stray-directive', span, { name: 'endif' });
  }

  /** Skips branches of the innermost condition up to one that is to be read, or up to the `#endif`. */
  private skipBranches(file: OpenFile): void {
    const condition = file.conditions.at(-1)!;
    for (let depth = 0; file.scanner.nextDirective(); ) {
      const name = file.scanner.directiveWord();
      if (name.startsWith('if')) depth++;
      else if (name === 'endif' && depth-- === 0) {
        file.conditions.pop();
        return;
      } else if (depth === 0 && !condition.taken && (name === 'else' || name === 'elif')) {
        condition.taken = name === 'else' || this.holds(file.scanner, 'if');
        if (condition.taken) return;
      }
    }
  }

  private holds(scanner: Scanner, name: string): boolean {
    if (name === 'if') return this.evaluateCondition(restOfLine(scanner));
    return this.isDefined(scanner.directiveWord()) === (name === 'ifdef');
  }

  private evaluateCondition(tokens: Token[]): boolean {
    const expression = tokens.length > 0 && parseWhole(this.replaceDefined(tokens));
    if (!expression) {
      if (tokens.length > 0) this.diagnostics.report('bad-condition', spanOf(tokens[0], tokens.at(-1)!));
      return false;
    }
    return new ConditionValue(this.macros).evaluate(expression) !== 0n;
  }

  /** `defined NAME` and `defined(NAME)` as 1 or 0. */
  private replaceDefined(tokens: Token[]): Token[] {
    const replaced: Token[] = [];
    for (let index = 0; index < tokens.length; index++) {
      const token = tokens[index];
      const parenthesized = tokens[index + 1]?.text === '(';
      const name = tokens[index + (parenthesized ? 2 : 1)];
      if (token.text !== 'defined' || name?.kind !== 'word') replaced.push(token);
      else {
        replaced.push({ ...token, kind: 'number', text: this.isDefined(name.text) ? '1' : '0' });
        index += parenthesized ? 3 : 1;
      }
    }
    return replaced;
  }
}

/** Evaluates a condition. A name that is not a macro is 0, and so is whatever cannot be computed. */
class ConditionValue {
  private lookups = 0;

  constructor(private readonly macros: Map<string, Macro>) {}

  evaluate(expression: Expression, depth = 0): bigint {
    switch (expression.kind) {
      case 'number':
        return expression.value;
      case 'text':
        return 0n;
      case 'name':
        return this.lookUp(expression.name, depth);
      case 'unary':
        return orZero(applyUnary(expression.operator, this.evaluate(expression.operand, depth)));
      case 'binary': {
        const left = this.evaluate(expression.left, depth);
        return orZero(applyBinary(expression.operator, left, this.evaluate(expression.right, depth)));
      }
    }
  }

  private lookUp(name: string, depth: number): bigint {
    const macro = this.macros.get(name);
    if (!macro || macro.isUndefined || depth > 20 || ++this.lookups > MAX_LOOKUPS) return 0n;
    const expression = macro.body.length > 0 && parseWhole(macro.body);
    return expression ? this.evaluate(expression, depth + 1) : 0n;
  }
}

function orZero(value: bigint | string): bigint {
  return typeof value === 'bigint' ? value : 0n;
}

/** Parses a macro's body or a condition as one expression; null when it is none. `tokens` must not be empty. */
export function parseWhole(tokens: Token[]): Expression | null {
  if (tokens.length > MAX_EXPRESSION) return null;
  return parseExpression([...tokens, endAfter(tokens.at(-1)!)], new Diagnostics());
}

/** An `end` token right after `token`. */
export function endAfter(token: Token): Token {
  return { ...token, kind: 'end', text: '', start: token.end, hintComments: null };
}

function restOfLine(scanner: Scanner): Token[] {
  const tokens: Token[] = [];
  for (let token = scanner.nextOnLine(); token; token = scanner.nextOnLine()) tokens.push(token);
  return tokens;
}

function bodyOf({ body }: Macro): string {
  return body.map(({ text }) => text).join(' ');
}

/** True for directives that do not concern types: line markers, `#pragma` and the like. */
function isHarmless(name: string): boolean {
  return name === '' || /^\d+$|^(pragma|ident|sccs|line|error|warning|import|assert)$/.test(name);
}
