/**
 * The text by which an exchange finds its counterpart: what is called with which arguments, and for each file handle the pair it belongs
 * to. One that belongs to none yet is one of many. Only where handles look as if they had outlived the time between the recordings,
 * one that is waited for on the other side is itself: else what is missing would take the next one's place.
 */
import { type Aliases, FILE_HANDLE, HANDLE, type Side } from './aliases.js';
import { argumentsOf, type ComparedExchange } from './exchange.js';
import type { Field } from './field.js';

const OTHER: Record<Side, Side> = { expected: 'actual', actual: 'expected' };

/** What a name is that belongs to no pair. */
const UNKNOWN = '\u0001';

/** True for a key that says all: no other exchange is meant by it. */
export function isExact(key: string): boolean {
  return !key.includes(UNKNOWN);
}

export class Keys {
  /** How many exchanges that wait have a file handle. */
  private readonly handles: Record<Side, Map<string, number>> = { expected: new Map(), actual: new Map() };

  constructor(private readonly aliases: Aliases) {}

  /** An exchange begins to wait for its counterpart. */
  enter(side: Side, exchange: ComparedExchange): void {
    const handles = this.handles[side];
    for (const value of exchange.handles) handles.set(value, (handles.get(value) ?? 0) + 1);
  }

  /** It waits no longer. */
  leave(side: Side, exchange: ComparedExchange): void {
    const handles = this.handles[side];
    for (const value of exchange.handles) {
      const count = handles.get(value) ?? 0;
      if (count > 1) handles.set(value, count - 1);
      else handles.delete(value);
    }
  }

  /**
   * The key of an exchange, by the handles that are known now: a line for each argument. Of names only handles count: they say what is done
   * on which file. A session or a stateid that is another one is a difference, but the call is still the same.
   */
  textOf(side: Side, { action, call }: ComparedExchange): string {
    let text = action;
    const add = (field: Field): void => {
      text += `\n${field.name}`;
      if (field.kind === 'value') text += `=${field.value}`;
      else if (field.kind === 'members') field.members.forEach(add);
      else if (field.kind === 'elements') field.elements.forEach(add);
      else if (field.kind === 'alias' && field.alias.name === HANDLE) text += this.nameOf(side, String(field.value));
    };
    const args = argumentsOf(call);
    if (args !== undefined) add(args);
    return text;
  }

  /** True where the handles of both can be of the same files: all that keys of calls with the same `print` can differ in. */
  haveSameFiles(expected: ComparedExchange, actual: ComparedExchange): boolean {
    return (
      expected.handles.length === actual.handles.length &&
      expected.handles.every(
        (handle, i) => this.nameOf('expected', handle) === this.nameOf('actual', actual.handles[i]),
      )
    );
  }

  private nameOf(side: Side, handle: string): string {
    const { aliases } = this;
    const place = { alias: FILE_HANDLE, value: handle, scope: '' };
    const pair = aliases.find(side, place);
    if (pair !== undefined) return `#${pair.id}`;
    if (!aliases.handlesPersist) return UNKNOWN;
    const other = OTHER[side];
    const isAwaited = this.handles[other].has(handle) && aliases.find(other, place) === undefined;
    return isAwaited ? `=${handle}` : UNKNOWN;
  }
}
