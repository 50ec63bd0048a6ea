/**
 * The filter language for check rules: implements the `Terms` that
 * analysis needs, and notes what the rules require of dissection.
 */
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
  /** More than the header: names, statuses or bodies. */
  dissection: boolean;
  /** For exchanges: more of their calls than the header. */
  bodies: boolean;
  summaries: boolean;
  /** The files that messages are about. */
  names: boolean;
}

export const noNeeds = (): Needs => ({ dissection: false, bodies: false, summaries: false, names: false });

/** Fields that only exchanges have. */
const EXCHANGE_FIELDS = exchangeFields().map((field) => field.name);
/** Fields about a call and its reply together: a rule that names one looks at exchanges. */
const OF_EXCHANGES = ['elapsed', ...EXCHANGE_FIELDS];
/** Names that may need more than the header: those of transient programs, and of RPCSEC_GSS's control procedures. */
const NAMES = ['program', 'procedure'];

export class RuleTerms implements Terms {
  private isOfExchanges = false;

  /**
   * @param all The needs and filters of all rules, to which this rule adds.
   * @param given The scope, where it does not follow from the rule's fields.
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

/** Adds the needs of a filter, or a field, that names these fields. */
export function addNeeds(needs: Needs, mentioned: ReadonlySet<string>, isHeader: boolean): void {
  if (!isHeader || NAMES.some((name) => mentioned.has(name))) needs.dissection = true;
  // If only the header of a call is kept, the call looks truncated.
  if (!isHeader || [...mentioned].some((name) => name.startsWith('truncated'))) needs.bodies = true;
  if (mentioned.has('names')) needs.names = true;
  // Learning names takes the same work as summaries.
  if (needs.names || mentioned.has('summary')) needs.summaries = true;
}

/** Reports a mistake in a filter at the place of its value. */
function atValue<T>({ at }: Value, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (error instanceof FilterError) throw new RuleError(error.message, at);
    throw error;
  }
}

/** Whole numbers keep all digits, so that it shows on which side of a bound they are. */
function roundedNumber(number: number): string {
  return String(Number.isInteger(number) ? number : Number(number.toPrecision(6)));
}
