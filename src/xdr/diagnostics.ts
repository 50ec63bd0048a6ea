/**
 * Every complaint about a `.x` file: one table of codes and messages, the collector that the stages report to, and the
 * rendering as `file:line:col: severity: message`, the source line and a caret. At most MAX_DIAGNOSTICS of each
 * severity are kept, so that a hostile file cannot fill memory with complaints.
 */
import type { Diagnostic, Severity, Source, Span } from './model.js';

const MAX_DIAGNOSTICS = 100;
/** Characters of the source line that are shown; a longer line is cut around the caret. */
const MAX_LINE_SHOWN = 120;

const table = {
  // Scanner.
  'bad-character': ['error', '{found} is not part of the XDR language'],
  'unterminated-comment': ['error', 'this comment is never closed by */'],
  'unterminated-string': ['error', 'unterminated string: it must end on its line'],
  'bad-number': ['error', "'{text}' is not a number"],
  'bad-hint': ['warning', 'this hint is ignored: {reason}'],
  'unattached-hint': ['warning', 'this hint is ignored: nothing follows that it could describe'],
  // Preprocessor.
  'unknown-directive': ['warning', "the directive '#{name}' is skipped"],
  'unclosed-conditional': ['error', 'this #{name} has no #endif'],
  'stray-directive': ['error', '#{name} without #if'],
  'bad-condition': ['warning', 'this condition is not understood and is taken as false'],
  'bad-define': ['error', '#define needs a name'],
  'macro-redefined': ['warning', "the macro '{name}' was defined otherwise before; what it is here counts everywhere"],
  'bad-include': ['error', '#include needs "file" or <file>'],
  'include-needed': ['error', "'{name}' cannot be included: {reason}"],
  'include-skipped': ['warning', "'{name}' is not included: {reason}"],
  // Parser.
  expected: ['error', 'expected {wanted}, found {found}'],
  'missing-semicolon': ['error', "missing ';'"],
  'keyword-as-type': ['error', "'{name}' cannot be used as a type"],
  'void-not-allowed': ['error', "'void' stands only for a whole arm, argument list or result"],
  'missing-name': ['error', 'expected a name for this declaration, found {found}'],
  'two-dimensions': ['error', 'an array has one pair of brackets; use a typedef for an array of arrays'],
  'empty-enum': ['error', 'an enum needs at least one member'],
  'empty-union': ['error', 'a union needs at least one case or a default'],
  'two-defaults': ['error', 'a union has one default'],
  'stray-brace': ['error', "this '}' closes nothing"],
  'too-deep': ['error', 'this is nested deeper than {limit} levels'],
  // Resolver: names.
  'unknown-type': ['error', "unknown type '{name}'{suggestion}"],
  'unknown-constant': ['error', "unknown constant '{name}'{suggestion}"],
  duplicate: ['error', "{what} '{name}' is already defined{where}"],
  'duplicate-number': ['error', "{what} '{name}' has the same number as '{other}': {number}"],
  'duplicate-version': ['error', "program {what} is already defined, in '{other}'"],
  // Resolver: constants.
  'not-a-constant': ['error', "'{name}' does not stand for a constant"],
  'constant-cycle': ['error', "constant '{name}' is defined by itself"],
  'constant-overflow': ['error', 'this constant does not fit in 64 bits'],
  'division-by-zero': ['error', 'division by zero'],
  'bad-shift': ['error', 'a shift is by 0 to 63 bits'],
  'text-constant': ['error', 'a number is needed here, not a text'],
  'size-range': ['error', 'a size is 0 to 4294967295, not {value}'],
  'enum-range': ['error', "the value of '{name}' does not fit in 32 bits: {value}"],
  'number-range': ['error', 'the number of a {what} is 0 to 4294967295, not {value}'],
  // Resolver: types.
  'bad-number-type': ['error', "'{spelling}' is not a type"],
  'opaque-alone': ['error', "'opaque' needs a length: [n] or <n>"],
  'string-fixed': ['error', "a string's length varies: <n>, not [n]"],
  'infinite-type': ['error', "'{name}' contains itself without end ({path}); use '*' or '<>' where it may stop"],
  'bare-cycle': ['error', "'{name}' stands only for itself ({path}); a struct, a union or '<>' has to stand between"],
  'types-too-deep': ['error', "the types within '{name}' are nested deeper than {limit} levels"],
  'discriminant-type': ['error', 'a union is switched by an int, unsigned int, enum or bool, not by {type}'],
  'case-not-in-enum': ['error', "{value} is not a value of the enum that '{name}' is"],
  'case-not-bool': ['error', "{value} is neither TRUE nor FALSE, and '{name}' is a bool"],
  'case-range': ['error', 'a case value fits in 32 bits, {value} does not'],
  'duplicate-case': ['error', 'the case {value} already has an arm{where}'],
  'too-many': ['error', 'more than {limit} errors; the others are not shown'],
} as const satisfies Record<string, readonly [Severity, string]>;

export type DiagnosticCode = keyof typeof table;

/** Collects what the stages report; `sorted` returns it by place. */
export class Diagnostics {
  private readonly reported: Diagnostic[] = [];
  private readonly counts = { error: 0, warning: 0 };
  /** Offsets that have an error: a second one would only follow from the first. */
  private readonly places = new Map<Source, Set<number>>();
  isQuiet = false;

  /** True when no more errors are kept: the stages may stop looking. */
  get full(): boolean {
    return this.counts.error > MAX_DIAGNOSTICS;
  }

  /** Runs a step whose complaints are dropped: the text that it looks at may mean something else. */
  quietly(step: () => void): void {
    this.isQuiet = true;
    step();
    this.isQuiet = false;
  }

  /** Adds a complaint about `span`, unless its place has one; `values` fill the places in the code's message. */
  report(code: DiagnosticCode, span: Span, values: Record<string, string | number | bigint> = {}): void {
    const severity: Severity = table[code][0];
    if (this.isQuiet || (severity === 'error' && !this.isNewPlace(span))) return;
    const count = ++this.counts[severity];
    if (count <= MAX_DIAGNOSTICS) this.reported.push(diagnostic(code, span, values));
    else if (count === MAX_DIAGNOSTICS + 1 && severity === 'error') {
      this.reported.push(diagnostic('too-many', span, { limit: MAX_DIAGNOSTICS }));
    }
  }

  private isNewPlace({ source, start }: Span): boolean {
    const places = this.places.get(source) ?? new Set();
    this.places.set(source, places);
    return places.size < places.add(start).size;
  }

  /** All of them: file by file as first complained about, then by place. */
  sorted(): Diagnostic[] {
    const order = new Map<Source, number>();
    for (const { span } of this.reported) if (!order.has(span.source)) order.set(span.source, order.size);
    const file = (d: Diagnostic) => order.get(d.span.source)!;
    return this.reported.toSorted((a, b) => file(a) - file(b) || a.span.start - b.span.start);
  }
}

function diagnostic(code: DiagnosticCode, span: Span, values: Record<string, string | number | bigint>): Diagnostic {
  const [severity, template] = table[code];
  const message = template.replace(/\{(\w+)\}/g, (_, key: string) => String(values[key]));
  return { code, severity, message, span: { source: span.source, start: span.start, end: span.end } };
}

/** Line and column of an offset, both counted from 1, and where that line starts and ends. */
export function positionOf(
  source: Source,
  offset: number,
): { line: number; column: number; start: number; end: number } {
  const { text } = source;
  let line = 1;
  let start = 0;
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', start)) {
    line++;
    start = at + 1;
  }
  const newline = text.indexOf('\n', start);
  const end = newline < 0 ? text.length : newline;
  return { line, column: offset - start + 1, start, end: text[end - 1] === '\r' && end > start ? end - 1 : end };
}

/** The complaint as printed: `file:line:col: error: message`, the source line, and carets under what is meant. */
export function renderDiagnostic(d: Diagnostic): string {
  const { source, start, end } = d.span;
  const position = positionOf(source, start);
  const head = `${source.name}:${position.line}:${position.column}: ${d.severity}: ${d.message}`;
  const from = Math.max(position.start, Math.min(start, position.end) - MAX_LINE_SHOWN / 2);
  const to = Math.min(position.end, from + MAX_LINE_SHOWN);
  const padding = printable(source.text.slice(from, Math.min(start, to))).replace(/./g, ' ');
  const carets = '^'.repeat(Math.max(1, Math.min(end, to) - start));
  return `${head}\n${printable(source.text.slice(from, to))}\n${padding}${carets}`;
}

/**
 * Shows each character that a terminal would act on as U+FFFD, and
 * tabs as two blanks, so that the caret stays below its place.
 */
function printable(text: string): string {
  return text
    .replaceAll('\t', '  ')
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g, '\ufffd');
}
