/**
 * `-e`, `-E`, `--csv` and `--only`: which fields are written, and
 * how. A wrong value is a UsageError that lists the right ones.
 */
import type { FilterOptions } from '../filter/filter.js';
import { FilterError } from '../filter/filter-error.js';
import { SelectedFields } from '../filter/selected-fields.js';
import {
  CSV_EXCHANGE_FIELDS,
  CSV_FIELDS,
  CSV_LAYOUT,
  FIELDS_LAYOUT,
  type FieldsLayout,
  TIME_TEXTS,
} from '../output/fields.js';
import { EXCHANGE_KEYS, PART_KEYS, RECORD_KEYS } from '../output/only.js';
import { suggest } from '../xdr/suggestion.js';
import { UsageError } from './exit.js';

export interface FieldOptions {
  field?: string[];
  layout?: string[];
  csv?: true;
  only?: string;
  calls?: true;
}

/** The fields of `-e`; `--csv` has default fields. */
export function selectedFields({ field, csv, calls }: FieldOptions, options: FilterOptions): SelectedFields {
  const names = field ?? (csv ? (calls ? CSV_EXCHANGE_FIELDS : CSV_FIELDS) : []);
  if (names.length === 0) throw new UsageError("-T fields needs at least one '-e FIELD'");
  try {
    return new SelectedFields(names, options, TIME_TEXTS);
  } catch (error) {
    if (error instanceof FilterError) throw new UsageError(`-e: ${error.reason}`);
    throw error;
  }
}

/** The layout after all `-E key=value`. */
export function fieldsLayout({ layout = [], csv }: FieldOptions): FieldsLayout {
  const result = { ...(csv ? CSV_LAYOUT : FIELDS_LAYOUT) };
  for (const option of layout) {
    const at = option.indexOf('=');
    const [key, value] = at < 0 ? [option, ''] : [option.slice(0, at), option.slice(at + 1)];
    Object.assign(result, layoutPart(key, value, option));
  }
  return result;
}

function layoutPart(key: string, value: string, option: string): Partial<FieldsLayout> {
  switch (key) {
    case 'header':
      return { header: oneOf(option, value, { y: true, n: false }) };
    case 'separator':
      return { separator: character(option, value) };
    case 'aggregator':
      return { aggregator: character(option, value) };
    case 'quote':
      return { quote: oneOf(option, value, { d: '"', s: "'", n: '' }) };
    case 'occurrence':
      return { occurrence: oneOf(option, value, { f: 'f', l: 'l', a: 'a' }) };
    default:
      throw new UsageError(`-E ${option}: there are header, separator, quote, occurrence and aggregator`);
  }
}

function oneOf<T>(option: string, value: string, values: Record<string, T>): T {
  if (Object.hasOwn(values, value)) return values[value];
  throw new UsageError(`-E ${option}: the value is one of ${Object.keys(values).join(', ')}`);
}

/** One character; as in tshark, `/t` is a tab and `/s` a blank. */
function character(option: string, value: string): string {
  if (value === '/t' || value === '\\t') return '\t';
  if (value === '/s') return ' ';
  if ([...value].length !== 1) throw new UsageError(`-E ${option}: the value is one character, /t (tab) or /s (blank)`);
  return value;
}

/** The keys of `--only`, for records or exchanges. */
export function onlyKeys(only: string, calls: boolean): ReadonlySet<string> {
  const known = calls ? EXCHANGE_KEYS : RECORD_KEYS;
  const keys = only.split(',').map((key) => key.trim());
  const unknown = keys.find((key) => !known.includes(key));
  if (unknown !== undefined) {
    const rows = calls ? 'exchanges (--calls)' : 'records';
    throw new UsageError(`--only: ${rows} have no key '${unknown}'${keyHelp(unknown, known, calls)}`);
  }
  return new Set(keys);
}

function keyHelp(unknown: string, known: readonly string[], calls: boolean): string {
  if (calls && PART_KEYS.includes(unknown)) return "; it is a key of 'call' or 'reply'";
  return suggest(unknown, known) || `; ${calls ? 'schemas/exchange.schema.json' : 'docs/json.md'} lists the keys`;
}
