/** The language of filters for check rules: what analysis asks for as `Terms`, and what the rules need to be dissected. */
import { Places } from '../../analysis/check/places.js';
import {
  type Measure,
  RuleError,
  type Scope,
  type Selection,
  type Terms,
  type Value,
} from '../../analysis/check/rule.js';
import type { FieldSource } from '../../dissect/field-source.js';
import { exchangeFields } from '../../filter/exchange-fields.js';
import { Filter, type FilterOptions } from '../../filter/filter.js';
import { FilterError } from '../../filter/filter-error.js';
import { NumberField } from '../../filter/number-field.js';
import { SelectedFields } from '../../filter/selected-fields.js';
import { TIME_TEXTS } from '../../output/fields.js';
import { roundedElapsed } from '../../output/time.js';

/** What all rules together need of messages. */
export interface Needs {
  /** Names, statuses or bodies: more than the header. */
  dissection: boolean;
  /** Of exchanges more of their calls than the header. */
  bodies: boolean;
  summaries: boolean;
  /** The files that messages speak of. */
  names: boolean;
}

export const noNeeds = (): Needs => ({ dissection: false, bodies: false, summaries: false, names: false });

/** Fields that only exchanges have. */
const EXCHANGE_FIELDS = exchangeFields().map((field) => field.name);
/** Fields that tell of a call and its reply together: a rule that names one looks at exchanges. */
const OF_EXCHANGES = ['elapsed', ...EXCHANGE_FIELDS];
/** Names that the header alone may not tell: of transient programs, and of RPCSEC_GSS's control procedures. */
const NAMES = ['program', 'procedure'];

export class RuleTerms implements Terms {
  private isOfExchanges = false;

  /**
   * @param all What is known of all rules; this one adds to it.
   * @param given What the rule looks at, where that does not follow from its fields.
   */
  constructor(
    private readonly options: FilterOptions,
    private readonly all: { needs: Needs; filters: Filter[] },
    private readonly given: Scope | undefined,
    private readonly pointed: number,
  ) {}

  get library() {
    return this.options.library;
  }

  get scope(): Scope {
    return this.given ?? (this.isOfExchanges ? 'exchanges' : 'messages');
  }

  preferExchanges(): void {
    this.isOfExchanges = true;
  }

  filter(value: Value): Selection {
    const text = value.text.trim();
    return atValue(value, () => {
      const filter = new Filter(text, this.options);
      this.note(filter.mentioned, !filter.needsBody, value);
      this.all.filters.push(filter);
      return { text, matches: (source) => filter.matches(source) };
    });
  }

  measure(value: Value): Measure {
    return atValue(value, () => {
      const field = new NumberField(value.text.trim(), this.options);
      this.note(field.mentioned, field.isHeader, value);
      return {
        each: (source, take) => field.each(source, take),
        parse: (text) => field.parse(text),
        format: field.isDuration ? roundedElapsed : roundedNumber,
      };
    });
  }

  texts(fields: readonly string[]): (source: FieldSource) => string[] {
    const selected = new SelectedFields(fields, this.options, TIME_TEXTS);
    return (source) => fields.map((_, index) => selected.textsOf(index, source)[0] ?? '');
  }

  places(): Places {
    return new Places(this.pointed);
  }

  private note(mentioned: ReadonlySet<string>, isHeader: boolean, { at }: Value): void {
    if (OF_EXCHANGES.some((name) => mentioned.has(name))) this.preferExchanges();
    const strange = this.given === 'messages' ? EXCHANGE_FIELDS.find((name) => mentioned.has(name)) : undefined;
    if (strange !== undefined) throw new RuleError(`'${strange}' is of exchanges, and this rule looks at messages`, at);
    addNeeds(this.all.needs, mentioned, isHeader);
  }
}

/** Adds what a filter, or a field, needs that names these fields. */
export function addNeeds(needs: Needs, mentioned: ReadonlySet<string>, isHeader: boolean): void {
  if (!isHeader || NAMES.some((name) => mentioned.has(name))) needs.dissection = true;
  // A call of which only the header was kept looks truncated.
  if (!isHeader || [...mentioned].some((name) => name.startsWith('truncated'))) needs.bodies = true;
  if (mentioned.has('names')) needs.names = true;
  // Names are looked for with all that summaries take.
  if (needs.names || mentioned.has('summary')) needs.summaries = true;
}

/** What is wrong in a filter is wrong at its value. */
function atValue<T>({ at }: Value, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (error instanceof FilterError) throw new RuleError(error.message, at);
    throw error;
  }
}

/** Whole numbers with all their digits: one on the wrong side of a bound is to be seen there. */
function roundedNumber(number: number): string {
  return String(Number.isInteger(number) ? number : Number(number.toPrecision(6)));
}
