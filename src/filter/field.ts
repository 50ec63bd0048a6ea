/**
 * What a filter can ask of: fields. A field hands its values, one after the other, to the test for their kind and answers whether one
 * passed; so a field that is not there passes nothing, and nothing is built.
 */
import type { Dissection } from '../dissect/dissection.js';
import type { FieldSource } from '../dissect/field-source.js';

/**
 * How values compare, and how they are written in a filter. `text` is a string of rpcdump's own, `string` one of the message (UTF-8),
 * `name` a member of an enum or a program's name, with its number; `structure` has members only.
 */
export type Kind =
  | 'number'
  | 'duration'
  | 'time'
  | 'address'
  | 'bytes'
  | 'string'
  | 'text'
  | 'boolean'
  | 'name'
  | 'structure';

/** What is asked of a value, by its kind. */
export interface Tests {
  number(value: number | bigint): boolean;
  /** Nanoseconds. */
  duration(nanoseconds: number): boolean;
  time(seconds: number, nanoseconds: number): boolean;
  /** 4 or 16 bytes. */
  address(bytes: Uint8Array): boolean;
  bytes(bytes: Uint8Array): boolean;
  string(bytes: Uint8Array): boolean;
  text(text: string): boolean;
  boolean(value: boolean): boolean;
  /** `number` is NaN where the name has none. */
  name(text: string, number: number): boolean;
  structure(): boolean;
  /** A list or array itself, of which an empty one has nothing else; its elements come behind it, each by its kind. */
  sequence(): boolean;
}

export type MessageTest = (dissection: Dissection, source: FieldSource) => boolean;

export interface Field {
  readonly kinds: ReadonlySet<Kind>;
  /** Names that values of kind `name` have; null when any may occur. */
  readonly names: ReadonlySet<string> | null;
  /** True when the message's header has it: no body is read, no status looked for. */
  readonly isHeader: boolean;
  /** The test whether one of the field's values passes. */
  compile(tests: Tests): MessageTest;
}
