/** A field with numeric values, for statistics: plain numbers, or durations in nanoseconds. */
import type { FieldSource } from '../dissect/field-source.js';
import { exchangeFields } from './exchange-fields.js';
import type { MessageTest, Tests } from './field.js';
import type { FilterOptions } from './filter.js';
import { FilterError } from './filter-error.js';
import { durationOf, numberOf } from './literal.js';
import { Resolver } from './resolver.js';
import { fieldOf } from './selected-fields.js';
import type { Literal } from './syntax.js';
import { NEVER } from './tests.js';
import { Vocabulary } from './vocabulary.js';

export class NumberField {
  readonly isDuration: boolean;
  /** True when headers have the field. */
  readonly isHeader: boolean;
  /** The field itself, if it is one of `header-fields.ts`. */
  readonly mentioned: ReadonlySet<string>;
  private readonly isOfExchange: boolean;
  private readonly collect: MessageTest;
  private take: (value: number) => void = () => {};

  /** @throws FilterError when the name is not that of a field with numbers. */
  constructor(name: string, { library, inputs }: FilterOptions) {
    const resolver = new Resolver(Vocabulary.of(library), inputs);
    const field = fieldOf(name, resolver);
    this.isDuration = field.kinds.has('duration');
    if (!this.isDuration && !field.kinds.has('number')) {
      throw new FilterError(`'${name}' is no number`, { start: 0, end: name.length }, name);
    }
    this.isHeader = field.isHeader;
    this.mentioned = resolver.mentioned;
    this.isOfExchange = exchangeFields().some((each) => resolver.mentioned.has(each.name));
    this.collect = field.compile(collector((value) => this.take(value)));
  }

  /** Passes on each of the field's values. */
  each(source: FieldSource, take: (value: number) => void): void {
    const { messages } = source;
    this.take = take;
    // A value of the exchange is the same for both of its messages, so it is taken once.
    const asked = this.isOfExchange ? 1 : messages.length;
    for (let i = 0; i < asked; i++) this.collect(messages[i], source);
  }

  /** A value in the form of filters; undefined for other texts. */
  parse(text: string): number | undefined {
    const literal: Literal = { kind: 'word', text, span: { start: 0, end: text.length } };
    const value = this.isDuration ? durationOf(literal) : numberOf(literal);
    return value === undefined ? undefined : Number(value);
  }
}

/** Tests that collect numbers and pass none. NaN is no number. */
function collector(take: (value: number) => void): Tests {
  const keep = (value: number | bigint) => {
    if (!Number.isNaN(value)) take(Number(value));
    return false;
  };
  return { ...NEVER, number: keep, duration: keep };
}
