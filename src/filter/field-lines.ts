/** Constructors for the table of fields: each makes a field from its kind and a function that reads it. */
import type { Endpoint } from '../network/flow.js';
import type { Message } from '../rpc/message.js';
import { parseAddress } from './address-literal.js';
import type { Field, Kind, MessageTest, Tests } from './field.js';

/** A line of the table of fields. */
export interface HeaderField extends Field {
  readonly name: string;
  readonly about: string;
}

const addresses = new WeakMap<Endpoint, Uint8Array>();

export type Compile = (tests: Tests) => MessageTest;

/** A field whose names are looked up only when a filter uses it: they may require an index to be read. */
export function withNames(from: HeaderField, names: () => ReadonlySet<string>): HeaderField {
  return {
    ...from,
    get names() {
      return names();
    },
  };
}

export function field(name: string, kind: Kind, about: string, compile: Compile): HeaderField {
  return { name, about, kinds: new Set([kind]), names: null, isHeader: true, compile };
}

export function bodyField(name: string, kind: Kind, about: string, compile: Compile): HeaderField {
  return { ...field(name, kind, about, compile), isHeader: false };
}

/** `read` returns a negative number where the message has no value. */
export function number(name: string, about: string, read: (message: Message) => number): HeaderField {
  return field(name, 'number', about, (tests) => ({ message }) => {
    const value = read(message);
    return value >= 0 && tests.number(value);
  });
}

export function address(name: string, about: string, read: (message: Message) => Endpoint): HeaderField {
  return field(
    name,
    'address',
    about,
    (tests) =>
      ({ message }) =>
        tests.address(addressOf(read(message))),
  );
}

export function text(name: string, about: string, read: (message: Message) => string | undefined): HeaderField {
  return field(name, 'text', about, (tests) => ({ message }) => {
    const value = read(message);
    return value !== undefined && tests.text(value);
  });
}

export function time(name: string, about: string): HeaderField {
  return field(
    name,
    'time',
    about,
    (tests) =>
      ({ message }) =>
        tests.time(message.seconds, message.nanoseconds),
  );
}

export function structure(name: string, about: string, isThere: (message: Message) => boolean): HeaderField {
  return field(
    name,
    'structure',
    about,
    (tests) =>
      ({ message }) =>
        isThere(message) && tests.structure(),
  );
}

export function named(
  name: string,
  about: string,
  names: readonly string[],
  read: (message: Message, test: Tests['name']) => boolean,
): HeaderField {
  const compile: Compile =
    (tests) =>
    ({ message }) =>
      read(message, tests.name);
  return { ...field(name, 'name', about, compile), names: new Set(names) };
}

export function stat(
  name: string,
  about: string,
  names: readonly string[],
  read: (message: Message) => number,
): HeaderField {
  return named(name, about, names, (message, test) => {
    const value = read(message);
    return value >= 0 && test(names[value] ?? String(value), value);
  });
}

function addressOf(endpoint: Endpoint): Uint8Array {
  let bytes = addresses.get(endpoint);
  if (bytes === undefined) {
    bytes = parseAddress(endpoint.address) ?? new Uint8Array(0);
    addresses.set(endpoint, bytes);
  }
  return bytes;
}
