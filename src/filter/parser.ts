/**
 * Parses tokens to a syntax tree. `or` binds weakest, then `and`, then `not`. A comparison is a field, an operator
 * and a value; a field alone tests whether it is present. The parser does not know the fields: any name parses.
 */
import { MAX_FILTER_DEPTH, MAX_FILTER_LENGTH } from '../limits/filter.js';
import { FilterError } from './filter-error.js';
import { scan, type Token } from './scanner.js';
import type {
  Comparator,
  Element,
  Expression,
  FieldReference,
  Literal,
  PathStep,
  Quantifier,
  Slice,
} from './syntax.js';

/** Wireshark's operators: how they compare, and whether for any or all values. */
const COMPARATORS: ReadonlyMap<string, [Comparator, Quantifier]> = new Map([
  ['==', ['==', null]],
  ['eq', ['==', null]],
  ['any_eq', ['==', 'any']],
  ['===', ['==', 'all']],
  ['all_eq', ['==', 'all']],
  ['!=', ['!=', null]],
  ['ne', ['!=', null]],
  ['all_ne', ['!=', 'all']],
  ['!==', ['!=', 'any']],
  ['~=', ['!=', 'any']],
  ['any_ne', ['!=', 'any']],
  ['>', ['>', null]],
  ['gt', ['>', null]],
  ['>=', ['>=', null]],
  ['ge', ['>=', null]],
  ['<', ['<', null]],
  ['lt', ['<', null]],
  ['<=', ['<=', null]],
  ['le', ['<=', null]],
  ['contains', ['contains', null]],
  ['matches', ['matches', null]],
  ['~', ['matches', null]],
] satisfies [string, [Comparator, Quantifier]][]);

/** Words that cannot begin a comparison. */
const RESERVED = new Set(['and', 'or', 'in']);
const NAME = /^[A-Za-z_]\w*$/;
const EXPECTED_OPERATOR = "an operator, 'and', 'or' or the end";

/** Parses a filter. @throws FilterError, and no other error, whatever the text. */
export function parseFilter(text: string): Expression {
  if (text.length > MAX_FILTER_LENGTH) {
    const span = { start: MAX_FILTER_LENGTH, end: text.length };
    throw new FilterError(`a filter has at most ${MAX_FILTER_LENGTH} characters`, span, text);
  }
  return new Parser(text, scan(text)).filter();
}

class Parser {
  private next = 0;
  private depth = 0;

  constructor(
    private readonly text: string,
    private readonly tokens: readonly Token[],
  ) {}

  filter(): Expression {
    if (this.token.kind === 'end') this.fail('the filter is empty', this.token);
    const expression = this.either();
    if ((this.token as Token).kind !== 'end') this.expected(EXPECTED_OPERATOR);
    return expression;
  }

  private either(): Expression {
    return this.chain('or', '||', () => this.both());
  }

  private both(): Expression {
    return this.chain('and', '&&', () => this.unary());
  }

  private chain(kind: 'and' | 'or', symbol: string, operand: () => Expression): Expression {
    const operands = [operand()];
    while (this.accept(kind) || this.accept(symbol)) operands.push(operand());
    return operands.length === 1 ? operands[0] : { kind, operands };
  }

  private unary(): Expression {
    if (++this.depth > MAX_FILTER_DEPTH) this.fail(`filters nest at most ${MAX_FILTER_DEPTH} deep`, this.token);
    const expression = this.unaryInside();
    this.depth--;
    return expression;
  }

  private unaryInside(): Expression {
    if (this.accept('not') || this.accept('!')) return { kind: 'not', operand: this.unary() };
    if (!this.accept('(')) return this.comparison();
    const inner = this.either();
    if (!this.accept(')')) this.expected("')'");
    return inner;
  }

  private comparison(): Expression {
    const quantifier = this.quantifier();
    const field = this.field();
    if (this.accept('in')) return this.membership(quantifier, field);
    if (this.isWord('not') && this.isWord('in', 1)) {
      this.next += 2;
      return { kind: 'not', operand: this.membership(quantifier, field) };
    }
    const operator = this.token.kind === 'string' ? undefined : COMPARATORS.get(this.token.text.toLowerCase());
    if (operator === undefined) {
      if (this.isSymbol('(') && this.follows())
        this.fail('there are no functions here, such as len() and lower()', this.token);
      if (quantifier !== null) this.expected('an operator');
      return { kind: 'presence', field };
    }
    this.next++;
    const [comparator, own] = operator;
    return { kind: 'comparison', comparator, quantifier: quantifier ?? own, field, value: this.literal() };
  }

  private quantifier(): Quantifier {
    const following = this.tokens[this.next + 1];
    if (following === undefined || (following.kind !== 'word' && following.text !== '..')) return null;
    if (COMPARATORS.has(following.text) || ['in', 'and', 'or', 'not'].includes(following.text)) return null;
    return this.accept('any') ? 'any' : this.accept('all') ? 'all' : null;
  }

  private membership(quantifier: Quantifier, field: FieldReference): Expression {
    const { start } = this.token.span;
    if (!this.accept('{')) this.expected("'{' and values");
    const elements: Element[] = [];
    do {
      const low = this.literal();
      elements.push({ low, high: this.accept('..') ? this.literal() : null });
      // Earlier versions of Wireshark allowed blanks between the values.
    } while (this.accept(',') || this.token.kind === 'word' || this.token.kind === 'string');
    if (!this.accept('}')) this.expected("',' or '}'");
    return {
      kind: 'membership',
      quantifier,
      field,
      elements,
      span: { start, end: this.tokens[this.next - 1].span.end },
    };
  }

  private literal(): Literal {
    const { token } = this;
    if (token.kind !== 'word' && token.kind !== 'string') this.expected('a value');
    this.next++;
    return token as Literal;
  }

  // Fields

  private field(): FieldReference {
    const { start } = this.token.span;
    const steps: PathStep[] = [];
    const isName = this.token.kind === 'word' && !RESERVED.has(this.token.text);
    if (!isName && !this.isSymbol('..')) this.expected("a field, 'not' or '('");
    let slices: Slice[] | null = null;
    for (;;) {
      if (this.isSymbol('..')) this.anywhere(steps);
      else if (this.token.kind === 'word' && (steps.length === 0 || this.continues())) this.names(steps);
      else if (this.token.kind !== 'bracket') break;
      else if (this.isIndex()) steps.push({ kind: 'index', index: Number(this.take().text) });
      else slices = this.slices(slices);
      if (slices !== null) break;
    }
    return { span: { start, end: this.tokens[this.next - 1].span.end }, steps, slices };
  }

  private anywhere(steps: PathStep[]): void {
    this.next++;
    if (this.token.kind !== 'word') this.expected("a name after '..'");
    const first = steps.length;
    this.names(steps);
    steps[first] = { kind: 'anywhere', name: (steps[first] as { name: string }).name };
  }

  private names(steps: PathStep[]): void {
    const token = this.take();
    const text = steps.length > 0 && token.text.startsWith('.') ? token.text.slice(1) : token.text;
    for (const name of text.split('.')) {
      if (!NAME.test(name)) this.fail(`'${token.text}' is not the name of a field`, token);
      steps.push({ kind: 'name', name });
    }
  }

  /** True for `.name` directly after the previous token. */
  private continues(): boolean {
    return this.token.text.startsWith('.') && this.follows();
  }

  /** True where nothing stands before the token. */
  private follows(): boolean {
    return this.token.span.start === this.tokens[this.next - 1].span.end;
  }

  /** `[3]` alone is an element of a list, or one byte: the resolver decides. */
  private isIndex(): boolean {
    return /^\s*\d{1,9}\s*$/.test(this.token.text);
  }

  private slices(before: Slice[] | null): Slice[] {
    const token = this.take();
    if (before !== null) this.fail('a slice has no slices', token);
    return token.text.split(',').map((part) => this.slice(part.trim(), token));
  }

  private slice(text: string, token: Token): Slice {
    const found = /^(-?\d{1,9})?(?:(:|-)(\d{1,9})?)?$/.exec(text);
    if (found === null || text === '' || text === '-') {
      return this.fail("a slice is '[from:length]', '[from-to]', '[:length]', '[from:]' or '[at]'", token);
    }
    const from = Number(found[1] ?? 0);
    if (found[2] === undefined) return { from, length: 1 };
    if (found[3] === undefined) return { from, length: null };
    const length = found[2] === ':' ? Number(found[3]) : Number(found[3]) - from + 1;
    if (length < 1 || (found[2] === '-' && from < 0)) return this.fail(`the slice '${text}' is empty`, token);
    return { from, length };
  }

  // Tokens

  private get token(): Token {
    return this.tokens[this.next];
  }

  private take(): Token {
    return this.tokens[this.next++];
  }

  private isWord(text: string, ahead = 0): boolean {
    const token = this.tokens[this.next + ahead];
    return token?.kind === 'word' && token.text === text;
  }

  private isSymbol(text: string): boolean {
    return this.token.kind === 'symbol' && this.token.text === text;
  }

  private accept(text: string): boolean {
    if (!this.isWord(text) && !this.isSymbol(text)) return false;
    this.next++;
    return true;
  }

  private expected(what: string): never {
    const { token } = this;
    return this.fail(`expected ${what}, found ${token.kind === 'end' ? 'the end' : `'${token.text}'`}`, token);
  }

  private fail(reason: string, token: Token): never {
    throw new FilterError(reason, token.span, this.text);
  }
}
