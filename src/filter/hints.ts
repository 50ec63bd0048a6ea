/**
 * Hints about filters that are valid and yet surprise, written after a capture was read.
 *
 * - `procedure == LOOKUP` selects nothing of NFSv4, whose procedure is
 *   COMPOUND. It is not an error, because LOOKUP is a procedure of NFSv3.
 * - `error` alone selects all replies: as in Wireshark, a field alone tests whether it is present, also a Boolean one.
 * - `tcp.stream == 4` is another connection than Wireshark's.
 * - `outcome == open_at_end` selects no message: only a call and its reply together have an outcome.
 * - `file contains "log"` asks for the name of a capture, and not for that of a file whose handle a message has.
 * - `result.status == NFS3ERR_NOENTT` is no error, because another program has a text at that path.
 */
import type { FieldSource } from '../dissect/field-source.js';
import { CONNECTION_NUMBERS } from './aliases.js';
import type { Doubt, Predicate } from './compile.js';
import { exchangeFields } from './exchange-fields.js';
import { printField } from './print.js';
import type { Resolver } from './resolver.js';
import type { Expression, FieldReference, Literal } from './syntax.js';
import type { Vocabulary } from './vocabulary.js';

const STREAM = /^(tcp|udp)\.stream$/i;
const EXCHANGE_FIELDS: ReadonlySet<string> = new Set(exchangeFields().map(({ name }) => name));
const PROCEDURE = /^(procedure|rpc\.procedure|nfs\.procedure_v4)$/i;

export class FilterHints {
  /** The names of operations, in their own case, that the filter compares procedures with. */
  readonly operations: readonly string[];
  /** The names of Boolean fields that stand alone. */
  readonly booleans: readonly string[];
  /** Wireshark's names of connection numbers that are compared with something. */
  readonly streams: readonly string[];
  /** The fields that only exchanges have. */
  readonly ofExchanges: readonly string[];
  private readonly asksForInput: boolean;
  private sawMessages = false;
  private hasSelected = false;
  private hasCompounds = false;

  /**
   * @param resolver The one that has resolved the expression's fields.
   * @param doubts Words that may be misspelt names.
   */
  constructor(
    expression: Expression,
    private readonly text: string,
    resolver: Resolver,
    private readonly vocabulary: Vocabulary,
    private readonly doubts: readonly Doubt[],
  ) {
    const comparisons = [...proceduresAsked(expression)];
    // A filter that names a version can be expected to know its procedures.
    const words = resolver.mentioned.has('version') ? [] : comparisons.map((literal) => literal.text.toLowerCase());
    this.operations =
      words.length === 0 ? [] : [...vocabulary.operationNames].filter((name) => words.includes(name.toLowerCase()));
    const isBoolean = (reference: FieldReference) => {
      // null: the index at its end is a slice.
      const field = resolver.tryResolve(reference, text);
      return field !== null && reference.slices === null && !field.isFlag && [...field.kinds].join() === 'boolean';
    };
    const leaves = [...leavesOf(expression)];
    const [alone, compared] = [true, false].map((isAlone) =>
      leaves.filter(({ kind }) => (kind === 'presence') === isAlone).map(({ field }) => field),
    );
    this.booleans = namesOf(alone.filter(isBoolean));
    this.streams = namesOf(compared).filter((name) => STREAM.test(name));
    this.ofExchanges = [...resolver.mentioned].filter((name) => EXCHANGE_FIELDS.has(name));
    this.asksForInput = resolver.mentioned.has('file');
  }

  /** The same predicate; it watches what is selected where a hint depends on that. */
  watching(predicate: Predicate): Predicate {
    if (this.operations.length === 0 && this.ofExchanges.length === 0 && !this.asksForInput) return predicate;
    return (source) => {
      const isSelected = predicate(source);
      this.sawMessages ||= source.exchange === null;
      if (isSelected) this.hasSelected = true;
      else this.hasCompounds ||= this.hasCompound(source);
      return isSelected;
    };
  }

  /** The hints, a line each. */
  get lines(): string[] {
    const { text, operations, booleans, streams, ofExchanges, doubts, hasSelected, hasCompounds } = this;
    const lines = [
      ...booleans.map(
        (name) => `'${name}' alone selects every message that has it, true or false; did you mean '${name} == true'?`,
      ),
      ...doubts.filter(({ hasPassed }) => !hasPassed).map(({ line }) => line),
      ...streams.map((name) => `'${name}' is 'connection', ${CONNECTION_NUMBERS}: its numbers differ from Wireshark's`),
    ];
    if (this.sawMessages) {
      lines.push(...ofExchanges.map((name) => `only a call and its reply together have '${name}': add --calls`));
    }
    if (this.asksForInput && !hasSelected) {
      lines.push("'file' is the capture, where several are read; the paths of files are in 'names'");
    }
    const [name] = operations;
    if (hasSelected || !hasCompounds || name === undefined) return lines;
    return [
      ...lines,
      `'${text.trim()}' selected nothing: in NFSv4, ${name} is an operation of COMPOUND; did you mean 'operation == ${name}'?`,
    ];
  }

  /** True for a message of a program with operations. */
  private hasCompound({ messages }: FieldSource): boolean {
    return messages.some(({ message: { program, version } }) =>
      this.vocabulary.compounds.some((each) => each.number === program && each.version === version),
    );
  }
}

/** The values that procedures are compared with. */
function* proceduresAsked(expression: Expression): Generator<Literal> {
  if (expression.kind === 'and' || expression.kind === 'or') {
    for (const operand of expression.operands) yield* proceduresAsked(operand);
  } else if (expression.kind === 'comparison' || expression.kind === 'membership') {
    if (!PROCEDURE.test(printField(expression.field))) return;
    if (expression.kind === 'membership') for (const { low } of expression.elements) yield low;
    else if (expression.comparator === '==') yield expression.value;
  }
}

type Leaf = Exclude<Expression, { kind: 'and' | 'or' | 'not' }>;

function* leavesOf(expression: Expression): Generator<Leaf> {
  if (expression.kind === 'not') yield* leavesOf(expression.operand);
  else if ('operands' in expression) for (const operand of expression.operands) yield* leavesOf(operand);
  else yield expression;
}

/** Each name once. */
function namesOf(fields: readonly FieldReference[]): string[] {
  return [...new Set(fields.map(printField))];
}
