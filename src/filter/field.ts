/**
 * The fields that a filter can test. A field passes its values one by one to the test for their kind
 * and returns whether one passed. So an absent field passes nothing, and no list of values is built.
 */
import type { Dissection } from '../dissect/dissection.js';
import type { FieldSource } from '../dissect/field-source.js';

/**
 * How values compare, and how they are written in a filter. `text` is a string of rpcdump's own, `string` one of the
 * message (UTF-8), `name` a member of an enum or the name of a program, with its number. `structure` has members only.
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

/** The XDR types of numbers that literals are adapted to: signed ones, and those of single precision. */
export type NumberType = 'int' | 'hyper' | 'float';

/** A test for each kind of value. */
export interface Tests {
  number(value: number | bigint, type?: NumberType): boolean;
  /** In nanoseconds. */
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
  /** `stateid` has the bytes of the structure if it is one. */
  structure(stateid?: Uint8Array): boolean;
  /** A list or array itself, which matters if it is empty; its elements follow, each by its kind. */
  sequence(): boolean;
}

export type MessageTest = (dissection: Dissection, source: FieldSource) => boolean;

export interface Field {
  readonly kinds: ReadonlySet<Kind>;
  /** The possible names of values of kind `name`; null when any may occur. */
  readonly names: ReadonlySet<string> | null;
  /** True when the message's header has the field: no body is read, and no status. */
  readonly isHeader: boolean;
  /** A Boolean field that is never false: it is there only where it is true. */
  readonly isFlag?: true;
  /** Compiles the test whether one of the field's values passes. */
  compile(tests: Tests): MessageTest;
}
