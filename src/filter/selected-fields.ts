/** Fields selected by name (`-e`), with the texts of their values: as in JSON, but without quotes. */
import type { FieldSource } from '../dissect/field-source.js';
import { formatAddress, readAddress } from '../xdr/address.js';
import type { Field, MessageTest, Tests } from './field.js';
import type { FilterOptions } from './filter.js';
import { FilterError } from './filter-error.js';
import { parseFilter } from './parser.js';
import { Resolver } from './resolver.js';
import { Vocabulary } from './vocabulary.js';

/** Texts of times and durations, which have several forms. */
export interface TimeTexts {
  /** `2026-11-22T06:46:00.123456789Z` */
  utc(seconds: number, nanoseconds: number): string;
  /** `1795329960.123456789` */
  epoch(seconds: number, nanoseconds: number): string;
  /** Seconds, exact to the nanosecond. */
  duration(nanoseconds: number): string;
}

export class SelectedFields {
  private readonly collect: MessageTest[];
  private values: string[] = [];

  /** @throws FilterError for a name that is not a field. */
  constructor(
    readonly names: readonly string[],
    { library, inputs }: FilterOptions,
    times: TimeTexts,
  ) {
    const resolver = new Resolver(Vocabulary.of(library), inputs);
    this.collect = names.map((name) => {
      const tests = collector((text) => this.values.push(text), times, name.endsWith('time_epoch'));
      return fieldOf(name, resolver).compile(tests);
    });
  }

  /**
   * The texts of the values of field number `index`; none where the messages do not have it.
   * Values that call and reply of an exchange share are listed once. Valid until the next call.
   */
  textsOf(index: number, source: FieldSource): readonly string[] {
    this.values = [];
    let before: string[] = [];
    for (const message of source.messages) {
      this.collect[index](message, source);
      if (before.length > 0 && isTwice(this.values, before)) this.values = before;
      before = [...this.values];
    }
    return this.values;
  }
}

function isTwice(values: readonly string[], half: readonly string[]): boolean {
  return values.length === 2 * half.length && half.every((value, i) => values[half.length + i] === value);
}

/** The field of a name. @throws FilterError when there is none. */
export function fieldOf(name: string, resolver: Resolver): Field {
  const parsed = parseFilter(name);
  if (parsed.kind !== 'presence' || parsed.field.slices !== null) {
    throw new FilterError('this is not the name of a field', { start: 0, end: name.length }, name);
  }
  return resolver.resolve(parsed.field, name);
}

/** Tests that collect the texts of values and pass none. */
function collector(keep: (text: string) => void, times: TimeTexts, isEpoch: boolean): Tests {
  const take = (text: string) => {
    keep(text);
    return false;
  };
  const time = isEpoch ? times.epoch : times.utc;
  return {
    number: (value) => take(String(value)),
    duration: (nanoseconds) => take(times.duration(nanoseconds)),
    time: (seconds, nanoseconds) => take(time(seconds, nanoseconds)),
    address: (bytes) => take(formatAddress(readAddress(bytes, 0, bytes.length))),
    bytes: (bytes) => take(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')),
    string: (bytes) => take(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8')),
    text: take,
    boolean: (value) => take(String(value)),
    name: take,
    // A structure has no text of its own; it is shown as 1, as in tshark.
    structure: () => take('1'),
    // Its elements are shown.
    sequence: () => false,
  };
}
