/**
 * `assert: 'p99(elapsed) < 10ms where FILTER'`: a statistic compares with a bound. `min`, `max`, `mean`, `sum` and
 * percentiles (`p50` … `p99.9`, by nearest rank) are of the values of a field. `count()` is the number of messages or
 * exchanges, `rate(FILTER)` the part of them that a filter selects. A rate is of exchanges by default, because half
 * of all messages are calls, which have no result. Without any value the rule fails, unless it has `allow_empty`.
 */
import type { FieldSource } from '../../../dissect/field-source.js';
import { grouped, plural } from '../../../xdr/plural.js';
import { shareOf } from '../../histogram.js';
import { COMPARATORS, type Comparator, holds } from '../comparison.js';
import type { Places } from '../places.js';
import { type Judge, nounOf, RuleError, type RuleKind, type Terms, type Value, type Verdict } from '../rule.js';
import { type Statistic, Tally } from '../tally.js';

const SHAPE = "an assertion is 'STATISTIC(FIELD) < BOUND where FILTER', as in 'p99(elapsed) < 10ms'";
const STATISTICS = 'min, max, mean, sum, percentiles such as p50 and p99.9, count, rate';
const COMPARED = new RegExp(`^\\s*(${COMPARATORS.join('|')})\\s*(\\S+)(?:\\s+(\\S[\\s\\S]*?))?\\s*$`);

/** The parts of `NAME(OPERAND) COMPARATOR BOUND where FILTER`. */
interface Parts {
  name: string;
  operand: string;
  comparator: Comparator;
  bound: string;
  filter: string | undefined;
}

/** Counts or measures, and compares the result. */
interface Meter {
  take(source: FieldSource): void;
  /** null: there was nothing to judge. */
  result(): { ok: boolean; text: string } | null;
}

export const assertion: RuleKind = {
  name: 'assert',
  takes: 'text',
  about: 'a statistic of a field and its bound',
  options: { allow_empty: ['true', 'false'] },
  make([value], terms, options) {
    const parts = partsOf(value);
    const filter = parts.filter === undefined ? null : terms.filter({ ...value, text: parts.filter });
    const places = terms.places();
    const meter = meterOf(parts, value, terms, places);
    const where = filter === null ? '' : ` where ${filter.text}`;
    return {
      expected: `${parts.name}(${parts.operand}) ${parts.comparator} ${parts.bound}${where}`,
      take: (source) => {
        if (filter === null || filter.matches(source)) meter.take(source);
      },
      verdict: () => verdictOf(meter, places, options.get('allow_empty') === 'true'),
    } satisfies Judge;
  },
};

function verdictOf(meter: Meter, places: Places, allowsEmpty: boolean): Verdict {
  const result = meter.result();
  return result === null
    ? { ok: allowsEmpty, found: 'nothing to judge', places }
    : { ok: result.ok, found: result.text, places };
}

function partsOf({ text, at }: Value): Parts {
  const [head, name] = /^\s*([a-z][\w.]*)\s*\(/i.exec(text) ?? [];
  const end = head === undefined ? -1 : closingOf(text, head.length);
  const compared = end < 0 ? null : COMPARED.exec(text.slice(end + 1));
  if (head === undefined || compared === null) throw new RuleError(SHAPE, at);
  const [, comparator, bound, rest = ''] = compared;
  const filter = /^where\s+(\S[\s\S]*)$/.exec(rest)?.[1];
  if (rest !== '' && filter === undefined) {
    throw new RuleError(`behind the bound '${bound}' there can be 'where FILTER', not '${rest}'`, at);
  }
  const operand = text.slice(head.length, end).trim();
  return { name: name.toLowerCase(), operand, comparator: comparator as Comparator, bound, filter };
}

/** The index of the closing parenthesis for the one before `from`, ignoring those in strings; -1 when there is none. */
function closingOf(text: string, from: number): number {
  let depth = 1;
  for (let at = from; at < text.length; at++) {
    const character = text[at];
    if (character === '"') at = stringEnd(text, at);
    else if (character === '(') depth++;
    else if (character === ')' && --depth === 0) return at;
  }
  return -1;
}

function stringEnd(text: string, quote: number): number {
  let at = quote + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at;
}

function meterOf(parts: Parts, value: Value, terms: Terms, places: Places): Meter {
  if (parts.name === 'count') return countMeter(parts, value, terms, places);
  if (parts.name === 'rate') return rateMeter(parts, value, terms, places);
  const statistic = statisticOf(parts.name);
  if (statistic === null) throw new RuleError(`no statistic '${parts.name}'; there are ${STATISTICS}`, value.at);
  return fieldMeter(statistic, parts, value, terms, places);
}

function statisticOf(name: string): Statistic | null {
  if (name === 'min' || name === 'max' || name === 'mean' || name === 'sum') return { kind: name };
  const [, percent] = /^p(\d{1,2}(?:\.\d{1,6})?|100)$/.exec(name) ?? [];
  const part = Number(percent) / 100;
  return part > 0 ? { kind: 'percentile', part } : null;
}

/** A statistic of a field's values. Its places are the messages with a value on the wrong side of the bound. */
function fieldMeter(statistic: Statistic, parts: Parts, value: Value, terms: Terms, places: Places): Meter {
  const { comparator } = parts;
  const measure = terms.measure({ ...value, text: parts.operand });
  const bound = measure.parse(parts.bound);
  if (bound === undefined) {
    throw new RuleError(
      `'${parts.bound}' is no value of '${parts.operand}': 10ms for times, 64KiB for numbers`,
      value.at,
    );
  }
  const tally = new Tally(statistic, comparator, bound);
  const noun = nounOf(terms.scope);
  let sources = 0;
  return {
    take: (source) => {
      const before = tally.count;
      let wrong: number | null = null;
      measure.each(source, (each) => {
        tally.add(each);
        if (!holds(each, comparator, bound)) wrong = each;
      });
      if (tally.count > before) sources++;
      if (wrong !== null) places.add(source, () => measure.format(wrong!));
    },
    result: () =>
      tally.count === 0
        ? null
        : { ok: tally.holds(), text: `${measure.format(tally.value)}, of ${plural(sources, noun)}` },
  };
}

function countMeter({ operand, comparator, bound }: Parts, value: Value, terms: Terms, places: Places): Meter {
  if (operand !== '') throw new RuleError('count() takes no argument: count() >= 3 where FILTER', value.at);
  if (!/^\d{1,15}$/.test(bound)) throw new RuleError(`'${bound}' is no count: a whole number`, value.at);
  const noun = nounOf(terms.scope);
  return {
    take: (source) => places.add(source),
    result: () => ({ ok: holds(places.total, comparator, Number(bound)), text: plural(places.total, noun) }),
  };
}

function rateMeter(parts: Parts, value: Value, terms: Terms, places: Places): Meter {
  const selection = terms.filter({ ...value, text: parts.operand });
  terms.preferExchanges();
  const bound = partOf(parts.bound);
  if (bound === null) throw new RuleError(`'${parts.bound}' is no rate: 1%, or 0.01`, value.at);
  const noun = nounOf(terms.scope);
  let all = 0;
  return {
    take: (source) => {
      all++;
      if (selection.matches(source)) places.add(source);
    },
    result: () => {
      if (all === 0) return null;
      const percent = Number(((places.total / all) * 100).toPrecision(4));
      const text = `${percent} %: ${grouped(places.total)} of ${plural(all, noun)}`;
      // Multiplied, not divided: 3 of 300 is 1 %, although 0.01 is not exact in binary.
      return { ok: holds(places.total * 100, parts.comparator, shareOf(bound, all)), text };
    },
  };
}

/** `1%` or `0.01`, in percent; null for other texts. */
function partOf(text: string): number | null {
  const [, number, sign] = /^(\d+(?:\.\d+)?)(%?)$/.exec(text) ?? [];
  if (number === undefined) return null;
  const percent = sign === '%' ? Number(number) : Number((Number(number) * 100).toPrecision(12));
  return percent <= 100 ? percent : null;
}
