/**
 * Evaluates the constants of a specification: `const`, `#define` and enum members. Each is evaluated when it is first
 * needed, because a file may use a name before its definition. Numbers of procedures, versions and programs are
 * constants too where nothing else has the name (rpcbind's own `.x` relies on it), and so are TRUE and FALSE. Refuses
 * constants that are defined by themselves or do not fit in 64 bits.
 */
import { applyBinary, applyUnary, bounded } from './arithmetic.js';
import type { DiagnosticCode, Diagnostics } from './diagnostics.js';
import type { Span } from './model.js';
import type { Names } from './names.js';
import { parseWhole } from './preprocessor.js';
import type { EnumMemberSyntax, Expression, Macro, SyntaxTree } from './syntax.js';

/** The deepest evaluation: each step into another constant, or into an operand, is one level. */
const MAX_EVALUATION_DEPTH = 1000;

/** undefined: it has no value, and that was reported. */
export type ConstantValue = bigint | string | undefined;

interface Entry {
  name: string;
  span: Span;
  /** null: an enum member without a value of its own, or a macro that is no expression. */
  expression: Expression | null;
  /** The member before an enum member. */
  previous: Entry | null;
  isMember: boolean;
  state: 'new' | 'busy' | 'done';
  value: ConstantValue;
}

export class Constants {
  private readonly entries = new Map<string, Entry>();
  private readonly numbers = new Map<string, Entry>();
  private readonly members = new Map<EnumMemberSyntax, Entry>();
  private depth = 0;

  constructor(
    private readonly names: Names,
    private readonly diagnostics: Diagnostics,
  ) {
    for (const [name, value] of [['TRUE', 1n] as const, ['FALSE', 0n] as const]) {
      this.numbers.set(name, { ...newEntry(name, noSpan, null), state: 'done', value });
    }
  }

  /** Adds what a tree defines; with `isFallback`, a name that is already defined keeps its meaning. */
  add(tree: SyntaxTree, isFallback: boolean): void {
    for (const { name, span, value } of tree.constants) this.define(newEntry(name, span, value), isFallback);
    for (const members of tree.enums) this.addEnum(members, isFallback);
    for (const macro of tree.macros.values()) {
      if (!isSelfNamed(macro)) this.define(macroEntry(macro), isFallback || macro.isUndefined);
    }
    for (const program of tree.programs) {
      this.addNumber(program);
      for (const version of program.versions) {
        this.addNumber(version);
        for (const procedure of version.procedures) this.addNumber(procedure);
      }
    }
  }

  /** The value of an expression. */
  evaluate(expression: Expression): ConstantValue {
    if (this.depth >= MAX_EVALUATION_DEPTH) {
      return this.complain('too-deep', expression.span, { limit: MAX_EVALUATION_DEPTH });
    }
    this.depth++;
    const value = this.compute(expression);
    this.depth--;
    return value;
  }

  /** The value of an expression that must be a number. */
  number(expression: Expression): bigint | undefined {
    const value = this.evaluate(expression);
    return typeof value === 'string' ? this.complain('text-constant', expression.span) : value;
  }

  /** The value of an enum member, as a signed 32-bit number. */
  member(member: EnumMemberSyntax): bigint | undefined {
    return this.valueOf(this.members.get(member)!) as bigint | undefined;
  }

  /** The value of the constant `name`; undefined where there is none. */
  named(name: string): ConstantValue {
    const entry = this.entries.get(name);
    return entry && this.valueOf(entry);
  }

  private define(entry: Entry, isFallback: boolean): void {
    const first = this.entries.get(entry.name);
    if (!first) this.entries.set(entry.name, entry);
    else if (!isFallback) this.names.reportDuplicate('constant', entry.name, entry.span, first.span);
  }

  private addEnum(members: EnumMemberSyntax[], isFallback: boolean): void {
    let previous: Entry | null = null;
    for (const member of members) {
      const entry: Entry = { ...newEntry(member.name, member.span, member.value), previous, isMember: true };
      this.members.set(member, entry);
      this.define(entry, isFallback);
      previous = entry;
    }
  }

  private addNumber({ name, span, number }: { name: string; span: Span; number: Expression }): void {
    if (!this.numbers.has(name)) this.numbers.set(name, newEntry(name, span, number));
  }

  private compute(expression: Expression): ConstantValue {
    switch (expression.kind) {
      case 'number':
        return this.checked(bounded(expression.value), expression);
      case 'text':
        return expression.text;
      case 'name':
        return this.lookUp(expression.name, expression.span);
      case 'unary': {
        const operand = this.number(expression.operand);
        return operand === undefined ? undefined : this.checked(applyUnary(expression.operator, operand), expression);
      }
      case 'binary': {
        const left = this.number(expression.left);
        const right = this.number(expression.right);
        if (left === undefined || right === undefined) return undefined;
        return this.checked(applyBinary(expression.operator, left, right), expression);
      }
    }
  }

  private checked(result: bigint | DiagnosticCode, { span }: Expression): ConstantValue {
    return typeof result === 'bigint' ? result : this.complain(result, span);
  }

  private lookUp(name: string, span: Span): ConstantValue {
    const entry = this.find(name) ?? (this.names.loadFallback() ? this.find(name) : undefined);
    if (entry) return this.valueOf(entry, span);
    this.names.reportUnknown('unknown-constant', name, span, () => [...this.entries.keys(), ...this.numbers.keys()]);
    return undefined;
  }

  private find(name: string): Entry | undefined {
    return this.entries.get(name) ?? this.numbers.get(name);
  }

  private valueOf(entry: Entry, use: Span = entry.span): ConstantValue {
    if (entry.state === 'busy') return this.complain('constant-cycle', use, { name: entry.name });
    if (entry.state === 'new') {
      entry.state = 'busy';
      entry.value = entry.isMember ? this.memberValue(entry) : this.plainValue(entry, use);
      entry.state = 'done';
    }
    return entry.value;
  }

  private plainValue({ name, expression }: Entry, use: Span): ConstantValue {
    return expression ? this.evaluate(expression) : this.complain('not-a-constant', use, { name });
  }

  /** Goes back to the nearest member whose value is written or known, and counts up from there. */
  private memberValue(entry: Entry): bigint | undefined {
    const uncounted: Entry[] = [];
    let base: Entry | null = entry;
    for (; base && !base.expression && (base === entry || base.state === 'new'); base = base.previous) {
      uncounted.push(base);
    }
    const start = base === entry ? this.writtenValue(entry) : base ? this.valueOf(base) : -1n;
    let value = start as bigint | undefined;
    for (const next of uncounted.reverse()) {
      value = this.inRange(value === undefined ? undefined : value + 1n, 2n ** 31n, next);
      next.value = value;
      next.state = 'done';
    }
    return value;
  }

  private writtenValue(entry: Entry): bigint | undefined {
    return this.inRange(this.number(entry.expression!), 2n ** 32n, entry);
  }

  /**
   * Checks the value of a member. Written values from 2³¹ to 2³²−1
   * mean negative ones, as in C; counting must not reach 2³¹.
   */
  private inRange(value: bigint | undefined, limit: bigint, { name, span }: Entry): bigint | undefined {
    if (value === undefined) return undefined;
    if (value < -(2n ** 31n) || value >= limit) return this.complain('enum-range', span, { name, value });
    return BigInt.asIntN(32, value);
  }

  private complain(code: DiagnosticCode, span: Span, values: Record<string, string | number | bigint> = {}): undefined {
    this.diagnostics.report(code, span, values);
    return undefined;
  }
}

const noSpan: Span = { source: { name: '', text: '' }, start: 0, end: 0 };

function newEntry(name: string, span: Span, expression: Expression | null): Entry {
  return { name, span, expression, previous: null, isMember: false, state: 'new', value: undefined };
}

function macroEntry({ name, body, span }: Macro): Entry {
  return newEntry(name, span, body.length > 0 ? parseWhole(body) : null);
}

/** True for C's `#define NAME NAME` beside an enum member of that name. */
export function isSelfNamed({ name, body }: Macro): boolean {
  return body.length === 1 && body[0].text === name;
}
