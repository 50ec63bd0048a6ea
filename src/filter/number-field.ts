/** A field whose values are numbers, for who adds them up: plain numbers, and durations in nanoseconds. */
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
  /** True when headers have it. */
  readonly isHeader: boolean;
  /** Itself, where it is a field that every message may have. */
  readonly mentioned: ReadonlySet<string>;
  private readonly isOfExchange: boolean;
  private readonly collect: MessageTest;
  private take: (value: number) => void = () => {};

  /** @throws FilterError when the name is none of a field with numbers. */
  constructor(name: string, { library, files = () => [] }: FilterOptions) {
    const resolver = new Resolver(Vocabulary.of(library), files);
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

  /** Hands on each of the field's values. */
  each(source: FieldSource, take: (value: number) => void): void {
    const { messages } = source;
    this.take = take;
    // What an exchange has is there once, whichever of its messages is asked.
    const asked = this.isOfExchange ? 1 : messages.length;
    for (let i = 0; i < asked; i++) this.collect(messages[i], source);
  }

  /** A value as filters write it; undefined when the text is none. */
  parse(text: string): number | undefined {
    const literal: Literal = { kind: 'word', text, span: { start: 0, end: text.length } };
    const value = this.isDuration ? durationOf(literal) : numberOf(literal);
    return value === undefined ? undefined : Number(value);
  }
}

/** Tests that pass nothing. */
function collector(take: (value: number) => void): Tests {
  const keep = (value: number | bigint) => {
    take(Number(value));
    return false;
  };
  return { ...NEVER, number: keep, duration: keep };
}
